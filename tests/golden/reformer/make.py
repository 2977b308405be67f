"""Golden numbers of the attention of reformer-pytorch 1.1.3: attn.safetensors beside this script.

Run: python3 make.py
Made with Python 3.11, torch 2.5.1, reformer-pytorch 1.1.3, axial-positional-embedding 0.2.1,
local-attention 1.0.2, product-key-memory 0.1.10, safetensors 0.8.0, numpy 2.4.6.

The reference draws its hash rotations anew in every call.  Here they are drawn once, stored, and
handed in.  Everything given is a float32 number; everything computed is computed in float64 and
stored as float32.  README lists the names inside the file.
"""
import json
import pathlib
from importlib.metadata import version
from types import SimpleNamespace
from unittest import mock

import torch
from reformer_pytorch import LSHAttention
from safetensors.torch import save

HERE = pathlib.Path(__file__).resolve().parent
PINNED = {"reformer-pytorch": "1.1.3", "axial-positional-embedding": "0.2.1",
          "local-attention": "1.0.2", "product-key-memory": "0.1.10"}
BUCKET = 8
MIN_GAP = 1e-4          # best minus second best hash value, relative to |q|: no rounding flips an id


class Tie(Exception):
    """Two hash values lie too close; the case is drawn again with another seed."""


# ---- rotations: ours in, ids out -----------------------------------------------------------------

reference_hash = LSHAttention.hash_vectors


def hash_vectors(self, n_buckets, vecs, **how):
    """LSHAttention.hash_vectors with self.rotations (e, R, nb/2) in place of its torch.randn."""
    def given(shape, dtype, device):
        assert tuple(shape) == (1, *self.rotations.shape)
        return self.rotations[None].to(dtype)

    with mock.patch.object(torch, "randn", given):
        ids = reference_hash(self, n_buckets, vecs, **how)

    values = torch.einsum("btf,fhi->bhti", vecs.detach(), self.rotations.to(vecs.dtype))
    best = torch.cat([values, -values], dim=-1).topk(2, dim=-1).values
    gap = (best[..., 0] - best[..., 1]) / vecs.detach().norm(dim=-1)[:, None, :]
    if gap.min() < MIN_GAP:
        raise Tie
    rounds = torch.arange(self.n_hashes)[None, :, None]
    self.buckets = ids.view(len(vecs), self.n_hashes, -1) - rounds * n_buckets
    return ids


# ---- attention alone -----------------------------------------------------------------------------

def attn_case(cfg):
    """LSHAttention with its defaults: duplicates count, keys of other buckets are seen."""
    shape = cfg.rows, cfg.length, cfg.head_dim
    qk, v, dout = 4 * torch.randn(shape), torch.randn(shape), torch.randn(shape)
    rot = torch.randn(cfg.head_dim, cfg.n_hashes, cfg.length // BUCKET // 2)
    file = {"qk": qk, "v": v, "dout": dout, "rot": rot}
    for kind in "full", "causal":
        lsh = LSHAttention(bucket_size=BUCKET, n_hashes=cfg.n_hashes, causal=kind == "causal")
        lsh.rotations = rot
        leaves = [x.double().requires_grad_() for x in (qk, v)]
        out, _, _ = lsh(*leaves)
        dqk, dv = torch.autograd.grad(out, leaves, dout.double())
        file |= {"buckets": lsh.buckets.int(), f"out.{kind}": out, f"dqk.{kind}": dqk,
                 f"dv.{kind}": dv}
    about = {"rows": cfg.rows, "len": cfg.length, "head_dim": cfg.head_dim,
             "bucket_size": BUCKET, "n_hashes": cfg.n_hashes}
    return file, about


# ---- the cases -----------------------------------------------------------------------------------

CASES = {
    "attn": SimpleNamespace(make=attn_case, rows=3, length=48, head_dim=16, n_hashes=4),
}


def stable(blob):
    """The same safetensors bytes with the metadata sorted: the library's order changes every run."""
    end = 8 + int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return blob[:8] + json.dumps(header, separators=(",", ":")).encode().ljust(end - 8) + blob[end:]


def write(name, cfg):
    """Draw the case until no hash value ties, then store it."""
    for seed in range(1, 100):
        torch.manual_seed(seed)
        try:
            file, about = cfg.make(cfg)
            break
        except Tie:
            continue
    else:
        raise SystemExit(f"{name}: no seed without a tie")
    file = {k: (x.detach().float() if x.is_floating_point() else x).contiguous()
            for k, x in file.items()}
    assert all(torch.isfinite(x).all() for x in file.values())
    about |= {"source": f"reformer-pytorch {PINNED['reformer-pytorch']}", "seed": seed}
    path = HERE / f"{name}.safetensors"
    path.write_bytes(stable(save(file, {k: str(x) for k, x in about.items()})))
    print(f"{path.name}: {len(file)} tensors, {path.stat().st_size} bytes, seed {seed}")


def main():
    for package, want in PINNED.items():
        assert version(package) == want, f"{package} {version(package)}, want {want}"
    torch.set_num_threads(1)
    with mock.patch.object(LSHAttention, "hash_vectors", hash_vectors):
        for name, cfg in CASES.items():
            write(name, cfg)


if __name__ == "__main__":
    main()
