#!/usr/bin/env python3
"""Make stable.safetensors: weights after each of some steps of StableAdamW, as optimi has it.

Needs torch 2.9 or later and torch-optimi 0.3.3. Laid out as optim.safetensors, make.py: grad, and for each
setting matrix.NAME and vector.NAME; all in float64, stored as float32.
"""
import pathlib

import torch
from optimi import StableAdamW
from safetensors.torch import save_file

STEPS, ROWS, COLS = 6, 5, 7
SETTINGS = {
    "adamw_clipped": {"eps": 1e-6},
    "adamw_clipped_by_eps": {"eps": 0.3},  # more than the root of many a mean of squares
}


def weights(setting, start, grads):
    """Those before the first step and after each."""
    w = torch.nn.Parameter(start.clone())
    optimiser = StableAdamW([w], lr=1e-2, betas=(0.9, 0.99), weight_decay=0.1, triton=False, **setting)
    seen = [start]
    for g in grads:
        w.grad = g.clone()
        optimiser.step()
        seen.append(w.detach().clone())
    return torch.stack(seen)


def main():
    torch.manual_seed(2)
    scale = torch.tensor([1, 0.1, 10, 1, 1e-3, 30], dtype=torch.float64)
    grad = (torch.randn(STEPS, ROWS, COLS, dtype=torch.float64) * scale[:, None, None]).float().double()
    start = (torch.randn(ROWS, COLS, dtype=torch.float64) * 0.3).float().double()
    out = {"grad": grad}
    for name, setting in SETTINGS.items():
        out["matrix." + name] = weights(setting, start, grad)
        out["vector." + name] = weights(setting, start[0].clone(), grad[:, 0])
    save_file({k: v.float().contiguous() for k, v in out.items()},
              pathlib.Path(__file__).parent / "stable.safetensors")


main()
