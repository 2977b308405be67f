#!/usr/bin/env python3
"""Make stable.safetensors: weights after each of some steps of StableAdamW, as optimi has it.

Needs torch 2.9 or later and torch-optimi 0.3.3. Laid out as optim.safetensors, make.py: grad, and for each
setting matrix.NAME and vector.NAME; all in float64, stored as float32.
"""
import steps
from optimi import StableAdamW


def stable(eps):
    return lambda p: StableAdamW(p, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.1, triton=False, eps=eps)


steps.write("stable.safetensors", 2, [1, 0.1, 10, 1, 1e-3, 30], {
    "adamw_clipped": stable(1e-6),
    "adamw_clipped_by_eps": stable(0.3),  # more than the root of many a mean of squares
})
