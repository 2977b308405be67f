#!/usr/bin/env python3
"""Make optim.safetensors: weights after each of some steps of other people's optimisers.

Needs torch 2.5.1, transformers 4.48.3 and lion-pytorch 0.2.5. All in float64, stored as float32:
grad[STEPS,ROWS,COLS], and for each optimiser NAME matrix.NAME[1 + STEPS,ROWS,COLS] and
vector.NAME[1 + STEPS,COLS], the weights before the first step and after each; a vector's
gradients are the first rows of the matrix's.
"""
import pathlib

import torch
from lion_pytorch import Lion
from safetensors.torch import save_file
from transformers.optimization import Adafactor

STEPS, ROWS, COLS = 6, 5, 7
OPTIMISERS = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1),
    "lion": lambda p: Lion(p, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.1),
    # the defaults: relative steps, scaled by the weights' root mean square
    "adafactor": lambda p: Adafactor(p),
    # the other settings of each option; steps large enough to be clipped
    "adafactor_fixed": lambda p: Adafactor(
        p, lr=3e-2, eps=(1e-30, 1e-3), clip_threshold=0.7, decay_rate=-0.8, beta1=0.9,
        weight_decay=0.1, scale_parameter=False, relative_step=False),
}


def weights(make, start, grads):
    """Those before the first step and after each."""
    w = torch.nn.Parameter(start.clone())
    optimiser = make([w])
    seen = [start]
    for g in grads:
        w.grad = g.clone()
        optimiser.step()
        seen.append(w.detach().clone())
    return torch.stack(seen)


def main():
    torch.manual_seed(1)
    scale = torch.tensor([1, 0.1, 10, 1, 1e-3, 1], dtype=torch.float64)
    grad = (torch.randn(STEPS, ROWS, COLS, dtype=torch.float64) * scale[:, None, None]).float().double()
    start = (torch.randn(ROWS, COLS, dtype=torch.float64) * 0.3).float().double()
    out = {"grad": grad}
    for name, make in OPTIMISERS.items():
        out["matrix." + name] = weights(make, start, grad)
        out["vector." + name] = weights(make, start[0].clone(), grad[:, 0])
    save_file({k: v.float().contiguous() for k, v in out.items()},
              pathlib.Path(__file__).parent / "optim.safetensors")


main()
