#!/usr/bin/env python3
"""Write schedules.tsv and updates.tsv: learning rates and updates as transformers and torch have
them. `make.py FOLDER`; made with torch 2.5.1, transformers 4.46.3."""
import math
import sys

import torch
from transformers import (Adafactor, get_constant_schedule_with_warmup,
                          get_cosine_schedule_with_warmup,
                          get_cosine_with_hard_restarts_schedule_with_warmup,
                          get_linear_schedule_with_warmup)

to = sys.argv[1]


def rates(make):
    """Rates by step; what transformers calls step s is our update s: the first has a rate above 0."""
    p = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([p], lr=0.5)
    s = make(opt)
    out = []
    for _ in range(31):
        out.append(opt.param_groups[0]['lr'])
        opt.step()
        s.step()
    return out[1:]


with open(f'{to}/schedules.tsv', 'w') as f:
    for warmup in (0, 1, 7):
        for name, cycles, make in (
                ('constant', 1, lambda o: get_constant_schedule_with_warmup(o, warmup)),
                ('linear', 1, lambda o: get_linear_schedule_with_warmup(o, warmup, 31)),
                ('cosine', 1, lambda o: get_cosine_schedule_with_warmup(o, warmup, 31)),
                ('restarts', 1, lambda o: get_cosine_with_hard_restarts_schedule_with_warmup(o, warmup, 31, 1)),
                ('restarts', 3, lambda o: get_cosine_with_hard_restarts_schedule_with_warmup(o, warmup, 31, 3))):
            for step, lr in enumerate(rates(make), 1):
                f.write(f'{name}\t{cycles}\t{warmup}\t{step}\t{lr:.9g}\n')


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2, as their program: google/automl, lion_pytorch.py."""

    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            for p in g['params']:
                m = self.state[p].setdefault('m', torch.zeros_like(p))
                b1, b2 = g['betas']
                p.mul_(1 - g['lr'] * g['weight_decay'])
                p.add_(torch.sign(m * b1 + p.grad * (1 - b1)), alpha=-g['lr'])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


def value(i, k):
    return 0.1 * math.sin(1 + 0.7 * i + 1.3 * k)


def updates(name, make):
    """Weights of a matrix (6,4) and a vector of 6 after each of three updates."""
    w = torch.nn.Parameter(torch.tensor([value(i, 0) for i in range(24)], dtype=torch.float64).reshape(6, 4))
    b = torch.nn.Parameter(torch.tensor([value(i, 5) for i in range(6)], dtype=torch.float64))
    opt = make(w, b)
    for t in range(1, 4):
        w.grad = torch.tensor([value(i, t) for i in range(24)], dtype=torch.float64).reshape(6, 4)
        b.grad = torch.tensor([value(i, 5 + t) for i in range(6)], dtype=torch.float64)
        opt.step()
        row = [f'{x:.9g}' for x in w.detach().flatten().tolist() + b.detach().tolist()]
        f.write('\t'.join([name, str(t)] + row) + '\n')


def groups(w, b):
    return [dict(params=[w], weight_decay=0.1), dict(params=[b], weight_decay=0.0)]


with open(f'{to}/updates.tsv', 'w') as f:
    updates('adamw', lambda w, b: torch.optim.AdamW(groups(w, b), lr=0.01, betas=(0.9, 0.98), eps=1e-8))
    common = dict(eps=(1e-30, 1e-3), clip_threshold=1.0, decay_rate=-0.8, warmup_init=False)
    updates('adafactor', lambda w, b: Adafactor(groups(w, b), lr=0.01, relative_step=False, scale_parameter=False,
                                                **common))
    updates('adafactor+scale', lambda w, b: Adafactor(groups(w, b), lr=0.01, relative_step=False,
                                                      scale_parameter=True, **common))
    updates('adafactor+moment', lambda w, b: Adafactor(groups(w, b), lr=0.01, relative_step=False,
                                                       scale_parameter=False, beta1=0.9, **common))
    updates('adafactor+relative', lambda w, b: Adafactor(groups(w, b), lr=None, relative_step=True,
                                                         scale_parameter=True, **common))
    updates('lion', lambda w, b: Lion(groups(w, b), lr=0.01, betas=(0.9, 0.98), weight_decay=0.1))
