#!/usr/bin/env python3
"""Make optim.safetensors: weights after each of some steps of other people's optimisers.

Needs torch 2.5.1, transformers 4.48.3 and lion-pytorch 0.2.5. All in float64, stored as float32:
grad[STEPS,ROWS,COLS], and for each optimiser NAME matrix.NAME[1 + STEPS,ROWS,COLS] and
vector.NAME[1 + STEPS,COLS], the weights before the first step and after each; a vector's
gradients are the first rows of the matrix's.
"""
import steps
import torch
from lion_pytorch import Lion
from transformers.optimization import Adafactor

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

steps.write("optim.safetensors", 1, [1, 0.1, 10, 1, 1e-3, 1], OPTIMISERS)
