#!/usr/bin/env python3
"""Make muon.safetensors: matrices after some of 20 steps of torch's Muon.

Needs torch 2.9 or later. All in float64, stored as float32; for each case NAME grad.NAME[STEPS,rows,cols] and
weight.NAME[len(SEEN),rows,cols]. Torch rounds the matrix to bfloat16 before it makes it orthogonal; here that one
rounding is left out of torch's own function, so that its numbers are exact.
"""
import inspect
import pathlib

import torch
from safetensors.torch import save_file
from torch.optim import _muon

STEPS, SEEN = 20, (0, 1, 2, 5, 10, 20)
# name, rows, cols, the arguments of torch.optim.Muon; tests/unit/test_muon.c has the same
CASES = [
    ("wide", 6, 20, dict(lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")),
    ("tall", 20, 6, dict(lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")),
    ("square", 9, 9, dict(lr=0.05, weight_decay=0, adjust_lr_fn="original")),
    ("row", 1, 9, dict(lr=0.05, weight_decay=0.3, adjust_lr_fn="original")),
    ("tall_original", 13, 4, dict(lr=0.05, weight_decay=0.1, adjust_lr_fn="original", momentum=0.8, ns_steps=3)),
    ("wide_plain", 3, 11, dict(lr=0.05, weight_decay=0.1, adjust_lr_fn="original", nesterov=False)),
]


def without_bfloat16():
    """Torch's Newton-Schulz iteration in the type of what it is given."""
    text = inspect.getsource(_muon._zeropower_via_newtonschulz)
    exact = text.replace("torch.bfloat16", "grad.dtype").replace("grad.bfloat16()", "grad.clone()")
    assert exact != text and "bfloat16" not in exact.split('"""')[2]
    exec(compile(exact, _muon.__file__, "exec"), _muon.__dict__)


def main():
    without_bfloat16()
    torch.manual_seed(3)
    out = {}
    for name, rows, cols, arguments in CASES:
        grad = torch.randn(STEPS, rows, cols, dtype=torch.float64) * torch.rand(STEPS, 1, 1, dtype=torch.float64)
        grad = grad.float().double()
        w = torch.nn.Parameter((torch.randn(rows, cols, dtype=torch.float64) * 0.3).float().double())
        optimiser = torch.optim.Muon([w], **arguments)
        seen = [w.detach().clone()]
        for step in range(STEPS):
            w.grad = grad[step].clone()
            optimiser.step()
            if step + 1 in SEEN:
                seen.append(w.detach().clone())
        out["grad." + name], out["weight." + name] = grad, torch.stack(seen)
    save_file({k: v.float().contiguous() for k, v in out.items()},
              pathlib.Path(__file__).parent / "muon.safetensors")


main()
