"""Golden numbers of electra-pytorch 0.1.2 over reformer-pytorch 1.1.3: electra*.safetensors.

Run: python3 make_electra.py
Made with the packages that make_models.py names for 1.1.3, and electra-pytorch 0.1.2.

Weights are the formula of make_models.py; the generator's names begin with "generator.".  Which
tokens are masked, which of these are shown as [MASK] and which words are drawn is given, and so are
the rotations; losses and gradients are the program's own, in float64.  README lists the names.

In two things the program is not left as it is.  It hands no mask of padding to the models, so that
real tokens attend to padding: here both models are wrapped so that they get one.  And its accuracy
of the discriminator counts padding; that number is not taken.
"""
import pathlib
from importlib.metadata import version
from unittest import mock

import torch
import electra_pytorch.electra_pytorch as ep
from reformer_pytorch import LSHAttention, ReformerLM
from safetensors.torch import save

import make_models as mm

HERE = pathlib.Path(__file__).resolve().parent
assert mm.OLD and version("electra-pytorch") == "0.1.2"
VOCAB, LENGTH, BATCH, PADS = 20, 24, 2, 5
PAD, MASK, FIRST = 0, 2, 3
BOTH = dict(num_tokens=VOCAB, dim_head=8, max_seq_len=32, bucket_size=4, n_hashes=2, ff_chunks=1)
DISCRIMINATOR = dict(dim=16, depth=2, heads=2, ff_mult=2)
GENERATOR = dict(dim=8, depth=1, heads=3, ff_mult=3)
CONFIG = """model:
  compat: reformer-pytorch-1.1.3
  dim: 16
  depth: 2
  heads: 2
  dim_head: 8
  chunk: 4
  rounds: 2
  ff_mult: 2
  max_len: 32
%sgenerator:
  dim: 8
  depth: 1
  heads: 3
  ff_mult: 3
data:
  task: electra
"""
# What both models have besides, theirs and ours: an embedding with a width of its own; one of the
# generator's width, which says words, too.
CASES = {
    "electra": (dict(emb_dim=12), "  emb_dim: 12\n"),
    "electra-tied": (dict(emb_dim=8, weight_tie_embedding=True, absolute_position_emb=True),
                     "  emb_dim: 8\n  tied_embedding: true\n  position: absolute\n"),
}


class Masked(torch.nn.Module):
    """A model that is handed which tokens are real."""

    def __init__(self, net, real):
        super().__init__()
        self.net, self.real = net, real

    def forward(self, ids):
        return self.net(ids, input_mask=self.real)


class Hidden(ep.HiddenLayerExtractor):
    """What the layer `reformer` gives, of a model that is wrapped."""

    def _find_layer(self):
        return self.net.net.reformer


def build(how, prefix, shared=None):
    model = ReformerLM(**BOTH, **how).double().train()
    if shared is not None:
        model.token_emb, model.pos_emb = shared.token_emb, shared.pos_emb
        if how.get("weight_tie_embedding"):         # it has kept the one that it was made with
            model.out[1].tensor = shared.token_emb.weight
    named = {}
    for name, p in mm.parameters(model).items():
        own = shared is None or not name.startswith(("token.", "pos."))
        if own:
            named[prefix + name] = p
    for block in mm.attentions(model):
        block.lsh_attn.rotations = torch.randn(1, 8, 2, LENGTH // 4 // 2)
    return model, named


def fill(named, seed):
    with torch.no_grad():
        for name, p in named.items():
            p.copy_(mm.given(name, seed, tuple(mm.flat(name, p).shape)).reshape(p.shape))


def make(seed, how):
    torch.manual_seed(seed)
    discriminator, named = build(DISCRIMINATOR | how, "")
    generator, more = build(GENERATOR | how, "generator.", discriminator)
    real = torch.ones(BATCH, LENGTH, dtype=torch.bool)
    real[-1, -PADS:] = False
    ids = torch.randint(FIRST, VOCAB, (BATCH, LENGTH)).masked_fill(~real, PAD)
    places = real.flatten().nonzero()[:, 0]
    places = places[torch.randperm(len(places))][:9].sort().values
    mask = torch.zeros(BATCH * LENGTH, dtype=torch.bool)
    mask[places] = True
    mask = mask.view(BATCH, LENGTH)
    shown = torch.rand(BATCH, LENGTH) < 0.85
    drawn = torch.randint(FIRST, VOCAB, places.shape)
    drawn[::4] = ids.flatten()[places[::4]]         # words that are the text's own

    trainer = ep.Electra(Masked(generator, real), Masked(discriminator, real),
                         mask_token_id=MASK, pad_token_id=PAD)
    head = torch.nn.Linear(DISCRIMINATOR["dim"], 1).double()
    trainer.discriminator = torch.nn.Sequential(Hidden(trainer.discriminator, "reformer"), head)
    named |= more | {"replaced.weight": head.weight, "replaced.bias": head.bias}
    fill(named, seed)
    with mock.patch.multiple(ep, get_mask_subset_with_prob=lambda *_: mask,
                             prob_mask_like=lambda *_: shown,
                             gumbel_sample=lambda *_, temperature: drawn):
        got = trainer(ids)
    got.loss.backward()

    masked = ids.masked_fill(mask & shown, MASK)
    file = {"in.ids": masked.int(), "in.mask": real.to(torch.uint8), "in.rows": places.int(),
            "in.labels": ids.flatten()[places].int(), "in.drawn": drawn.int(),
            "out.losses": torch.stack([got.loss, got.mlm_loss, got.disc_loss]),
            "out.replaced": got.disc_labels.to(torch.uint8),
            "out.said": got.disc_predictions.to(torch.uint8),
            "out.acc": got.gen_acc.view(1)}
    for name, p in named.items():
        if p.grad is not None:                      # the discriminator says no words
            file["g." + name] = mm.flat(name, p.grad)
    for prefix, model in ("", discriminator), ("generator.", generator):
        for k, a in enumerate(mm.attentions(model)):
            file[f"{prefix}rot.{k}"] = a.lsh_attn.rotations.clone()
    return file


def write(name, how, yaml):
    for seed in range(1, 100):
        try:
            with mock.patch.object(LSHAttention, "hash_vectors", mm.hash_vectors):
                file = make(seed, how)
            break
        except mm.Tie:
            continue
    file = {k: (x.detach().float() if x.is_floating_point() else x).contiguous()
            for k, x in file.items()}
    assert all(torch.isfinite(x).all() for x in file.values())
    about = {"config": CONFIG % yaml, "vocab": str(VOCAB), "seed": str(seed)}
    path = HERE / f"{name}.safetensors"
    path.write_bytes(mm.stable(save(file, about)))
    print(f"{path.name}: {len(file)} tensors, {path.stat().st_size} bytes, seed {seed}")


def main():
    torch.set_num_threads(1)
    for name, case in CASES.items():
        write(name, *case)


if __name__ == "__main__":
    main()
