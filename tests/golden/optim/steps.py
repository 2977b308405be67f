"""The weights after each of some steps of an optimiser, for make.py and make_stable.py."""
import pathlib

import torch
from safetensors.torch import save_file

STEPS, ROWS, COLS = 6, 5, 7


def weights(make, start, grads):
    """Those before the first step and after each; make([w]) is an optimiser of w."""
    w = torch.nn.Parameter(start.clone())
    optimiser = make([w])
    seen = [start]
    for g in grads:
        w.grad = g.clone()
        optimiser.step()
        seen.append(w.detach().clone())
    return torch.stack(seen)


def write(name, seed, scale, optimisers):
    """Write the file: drawn gradients, times scale[STEPS], and what each of the optimisers makes of drawn weights."""
    torch.manual_seed(seed)
    scale = torch.tensor(scale, dtype=torch.float64)
    grad = (torch.randn(STEPS, ROWS, COLS, dtype=torch.float64) * scale[:, None, None]).float().double()
    start = (torch.randn(ROWS, COLS, dtype=torch.float64) * 0.3).float().double()
    out = {"grad": grad}
    for key, make in optimisers.items():
        out["matrix." + key] = weights(make, start, grad)
        out["vector." + key] = weights(make, start[0].clone(), grad[:, 0])
    save_file({k: v.float().contiguous() for k, v in out.items()}, pathlib.Path(__file__).parent / name)
