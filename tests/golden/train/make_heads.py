#!/usr/bin/env python3
"""Make qa.safetensors, qa-match.safetensors and classify.safetensors: losses and gradients of tasks' outputs, by torch.

Needs torch and safetensors. All in float64, stored as float32. The outputs see the embedding of each token, whose
numbers are multiples of 2^-10: our streams hold these exactly. A file has the weights under the names of a
checkpoint, the gradient of each with "d." in front, and the sum of all losses; what is differentiated is that and
0.01 times the squares of the logarithms of the sums in the softmaxes. Batch and labels are those of test_task.c.
"""
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

V, T, E, C = 24, 12, 8, 4
IDS = torch.tensor([[2, 7, 9, 3, 11, 12, 13, 14, 15, 16, 17, 3],
                    [2, 8, 3, 18, 19, 20, 3, 0, 0, 0, 0, 0],
                    [2, 5, 6, 3, 21, 22, 23, 10, 3, 0, 0, 0]])
# Where question and passage share tokens; their marks, worked out by hand: 1 in both, 2 with the same neighbour too.
MATCH_IDS = torch.tensor([[2, 7, 9, 3, 9, 12, 7, 9, 15, 7, 17, 3],
                          [2, 8, 3, 18, 8, 8, 3, 0, 0, 0, 0, 0],
                          [2, 5, 6, 3, 6, 5, 23, 10, 3, 0, 0, 0]])
MARKS = torch.tensor([[0, 2, 2, 0, 1, 0, 2, 2, 0, 1, 0, 0],
                      [0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0],
                      [0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0]])
PASSAGES, ANSWERS, CLASSES = [(4, 10), (3, 5), (4, 7)], [(5, 8), (0, 0), (7, 7)], [3, 0, 1]
HERE = pathlib.Path(__file__).parent


def weight(*shape):
    return (torch.randn(*shape, dtype=torch.float64) * 0.4).float().double().requires_grad_()


def qa(w):
    match = w.get("qa.match.weight")
    x = w["token.weight"][IDS] if match is None else w["token.weight"][MATCH_IDS] + match[MARKS]
    h = F.gelu(F.linear(x, w["qa.in.weight"], w["qa.in.bias"]))
    logits = F.linear(h, w["qa.out.weight"])  # [B,T,2]
    allowed = torch.zeros(IDS.shape, dtype=torch.bool)
    allowed[:, 0] = True
    for b, (first, last) in enumerate(PASSAGES):
        allowed[b, first:last + 1] = True
    logits = logits.masked_fill(~allowed[:, :, None], -1e9)
    return logits.transpose(1, 2).reshape(-1, T), torch.tensor(ANSWERS).reshape(-1)


def classify(w):
    h = torch.tanh(F.linear(w["token.weight"][IDS[:, 0]], w["classify.in.weight"], w["classify.in.bias"]))
    return F.linear(h, w["classify.out.weight"], w["classify.out.bias"]), torch.tensor(CLASSES)


def exact(*shape):
    return (torch.randint(-900, 900, shape).double() / 1024).requires_grad_()


def make(name, model, shapes, embedded=()):
    w = {"token.weight": exact(V, E), **{k: exact(*s) for k, s in embedded}}
    w.update({k: weight(*s) for k, s in shapes.items()})
    logits, labels = model(w)
    loss = F.cross_entropy(logits, labels, reduction="sum")
    (loss + 0.01 * torch.logsumexp(logits, 1).square().sum()).backward()
    out = {"loss": loss.detach()[None], **w, **{"d." + k: v.grad for k, v in w.items()}}
    save_file({k: v.detach().float().contiguous() for k, v in out.items()}, HERE / (name + ".safetensors"))


torch.manual_seed(1)
QA = {"qa.in.weight": (4 * E, E), "qa.in.bias": (4 * E,), "qa.out.weight": (2, 4 * E)}
make("qa", qa, QA)
make("classify", classify, {"classify.in.weight": (E, E), "classify.in.bias": (E,),
                            "classify.out.weight": (C, E), "classify.out.bias": (C,)})
make("qa-match", qa, QA, [("qa.match.weight", (3, E))])
