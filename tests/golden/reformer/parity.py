"""Random models of reformer-pytorch, whichever of 1.1.3 and 1.4.4 is installed, beside ours: logits, loss
and gradients.

Run: python3 parity.py [--version VERSION] [--first SEED] [--models N] [--folder FOLDER]

Needs what make_models.py needs, and rf-convert and model_numbers on the PATH; tests/parity-model has both.  Each seed draws every
option of the model, its sizes, and a batch, which is padded in most cases; torch computes in double.  Its
state_dict goes through rf-convert, with all settings or with those alone that shapes do not tell, and
back.  Prints how far ours are off, option by option, as a share of the largest number of an array; exit
status 1, and the seeds, where one is off by more than its bound.

A number may be off by LIMIT of make_models.py, and by 6 times what rounding does to its array in SHAKES
random draws: of residual streams, and of what goes into a branch and comes out, which is float32 and
matters where streams are large.  A batch is drawn again where rounding could
decide the result (make_models.Tie), and the seed is passed over where TRIES of them are not enough.
"""
import argparse
import collections
import contextlib
import functools
import pathlib
import random
import subprocess
import sys
import tempfile
from unittest import mock

import torch
import torch.nn.functional as F
import make_models
from make_models import IGNORE, LIMIT, GRADIENT_LIMIT, LEAST_LIMIT, OLD, LSHAttention, Tie, build, case, flat, \
    hash_vectors, parameters, rotations, rp, run, shaken
from safetensors.torch import load_file, save_file

SHAKES, TRIES = 4, 12
FLOAT = 2.0**-22        # relative, either way: sums of float32 are off by a few of its units of 2^-24
ILL = 1e-3              # a number that rounding moves by more of the largest is not looked at
STREAM = 256            # of a residual stream; ours end at 8192, but long before a softmax of such queries
                        # takes the difference of numbers that float32 no longer tells apart
VERSION = "1.1.3" if OLD else "1.4.4"


class ReLU2(torch.nn.Module):
    def forward(self, x):
        return F.relu(x) ** 2


ACTS = {"gelu": torch.nn.GELU, "relu": torch.nn.ReLU, "relu2": ReLU2, "silu": torch.nn.SiLU,
        "leaky_relu": torch.nn.LeakyReLU, "elu": torch.nn.ELU, "tanh": torch.nn.Tanh,
        "sigmoid": torch.nn.Sigmoid}


# ---- a case of a seed ----------------------------------------------------------------------------

class Options:
    """Draws options and keeps both programs' words for them."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.ours, self.rp, self.inner, self.tags = {}, {}, {}, {}

    def often(self, share):
        return self.draw.random() < share

    def say(self, key, value, theirs=None, their_value=None):
        self.tags[key] = self.ours[key] = value
        if theirs:
            self.rp[theirs] = value if their_value is None else their_value

    def flag(self, share, key, theirs):
        on = self.often(share)
        self.say(key, on, theirs)
        return on


def sizes(o):
    dim = o.draw.choice((8, 12, 13, 16, 24, 32, 48))
    chunk = o.draw.choice((1, 2, 3, 4, 4, 5, 8, 8, 16))
    heads = o.draw.randint(1, 5)
    o.say("dim", dim, "dim")
    o.say("depth", o.draw.randint(1, 4), "depth")
    o.say("heads", heads, "heads")
    o.say("dim_head", o.draw.choice((2, 4, 6, 8, 16)), "dim_head")
    o.say("chunk", chunk, "bucket_size")
    o.say("rounds", o.draw.randint(1, 5), "n_hashes")
    o.rp["num_tokens"] = o.draw.randint(5, 60)
    if o.often(0.5):
        o.say("local_heads", o.draw.randint(0, heads - 1), "n_local_attn_heads")
    if o.often(0.3):
        # local attention takes whole windows of the tokens alone
        mem = 2 * chunk * o.draw.randint(1, 2) if o.ours.get("local_heads") else o.draw.randint(1, 12)
        o.say("mem_kv", mem, "num_mem_kv")
        o.tags["mem_kv"] = "some"
    if o.often(0.3):
        o.say("emb_dim", o.draw.choice((6, 10, 12)), "emb_dim")
    if o.often(0.3):
        o.say("attn_heads", o.draw.randint(1, heads))
    if o.often(0.2):
        o.say("ff_rows", o.draw.randint(1, 40))
        o.tags["ff_rows"] = "some"
        o.rp["ff_chunks"] = o.draw.randint(1, 7)


def lengths(o):
    """Tokens of the longest sequence; most end in padding up to whole pairs of chunks."""
    chunk, mem = o.ours["chunk"], o.ours.get("mem_kv", 0)
    T = o.draw.randint(1, min(90, 24 * chunk))
    padded = -(-(T + mem) // (2 * chunk)) * 2 * chunk
    if o.often(0.1):
        o.say("full_attn", True, "use_full_attn")
    elif o.often(0.25):
        thres = max(1, T + mem + o.draw.randint(-2, 2))
        o.say("full_attn_thres", thres, "full_attn_thres")
        o.tags["full_attn_thres"] = "reached" if T + mem <= thres else "passed"
        if o.ours.get("local_heads") and T + mem <= thres:
            T = -(-T // (2 * chunk)) * 2 * chunk        # the Autopadder leaves it as it is
            padded = T + mem
            if padded > thres:
                padded = -(-padded // (2 * chunk)) * 2 * chunk
    max_len = -(-max(T, padded) // chunk) * chunk + chunk * o.draw.randint(0, 3)
    o.ours["max_len"] = max_len
    return T, max_len


def attention(o):
    o.flag(0.35, "causal", "causal")
    o.flag(0.25, "one_value_head", "one_value_head")
    o.flag(0.25, "rotations_per_head", "random_rotations_per_head")
    for key, name in ("across_buckets", "_attend_across_buckets"), ("duplicates", "_allow_duplicate_attention"):
        value = not o.often(0.3)
        o.say(key, value)
        o.inner[name] = value


def layers(o):
    norm = o.draw.choice(("layer", "layer", "scale", "rezero"))
    o.say("norm", norm)
    o.rp |= {"use_scale_norm": norm == "scale", "use_rezero": norm == "rezero"}
    act = o.draw.choice(list(ACTS))
    o.say("ff_act", act, "ff_activation", ACTS[act])
    o.flag(0.35, "ff_glu", "ff_glu")
    o.say("ff_mult", o.draw.randint(1, 4), "ff_mult")
    o.flag(0.25, "tied_layers", "weight_tie")
    o.flag(0.3, "tied_embedding", "weight_tie_embedding")
    if OLD and o.often(0.25):
        o.say("twin", True, "twin_attention")
    if not OLD and o.often(0.3):
        depth, keys = o.ours["depth"], o.draw.randint(2, 8)
        which = sorted(o.draw.sample(range(1, depth + 1), o.draw.randint(1, depth)))
        o.say("pkm_layers", ",".join(map(str, which)), "pkm_layers", tuple(which))
        o.tags["pkm_layers"] = "some"
        o.say("pkm_keys", keys, "pkm_num_keys")
        for key, value in (("pkm_heads", o.draw.randint(1, 3)), ("pkm_topk", o.draw.randint(1, keys)),
                           ("pkm_dim", o.draw.choice((2, 4, 6)))):
            o.say(key, value)


def positions(o, max_len):
    kinds = ("axial", "axial", "absolute", "fixed") if OLD else ("rotary", "rotary", "axial", "absolute", "fixed")
    kind = o.draw.choice(kinds)
    if kind == "fixed" and o.ours.get("emb_dim", o.ours["dim"]) % 2:
        kind = kinds[0]
    o.say("position", kind)
    if kind in ("absolute", "fixed"):
        o.rp[f"{kind}_position_emb"] = True
    if kind == "axial" and not OLD:
        o.rp["axial_position_emb"] = True
    if kind == "axial" and o.often(0.4):
        rows = o.draw.randint(1, max_len)
        shape = rows, -(-max_len // rows)
        o.say("axial_shape", "%dx%d" % shape, "axial_position_shape", shape)
        o.tags["axial_shape"] = "some"


def case_of(seed):
    o = Options(f"{seed} {VERSION}")
    sizes(o)
    T, max_len = lengths(o)
    attention(o)
    layers(o)
    positions(o, max_len)
    batch = 1 if OLD and o.ours.get("mem_kv") else o.draw.randint(1, 3)   # more, and 1.1.3 breaks
    c = case(o.ours, o.rp, o.inner, depth=o.ours["depth"], batch=batch, length=T, max_len=max_len,
             pkm=dict(heads=o.ours.get("pkm_heads", 1), topk=o.ours.get("pkm_topk", 1),
                      dim_head=o.ours.get("pkm_dim", 2)))
    c.padding = o.draw.choice(("none", "ends", "ends", "ends", "anywhere"))
    c.kind = o.draw.choice(("ref", "plain", "avx2", "avx512", "cpu"))
    c.told = o.often(0.5)
    c.tags = o.tags | {"padding": c.padding, "kernels": c.kind, "settings": "all" if c.told else "few"}
    c.axial_shape = o.ours.get("axial_shape")
    return c


# ---- weights and a batch -------------------------------------------------------------------------

def weigh(model):
    """Normal numbers large enough that every parameter matters."""
    with torch.no_grad():
        for name, p in parameters(model).items():
            x = torch.randn(flat(name, p).shape)
            if name.endswith("norm.weight") or name.endswith("gate"):
                x = 1 + 0.25 * x
            elif x.dim() == 1:
                x *= 0.1
            elif name not in ("token.weight", "pos.weight", "pos.axial0.weight", "pos.axial1.weight"):
                x *= (2 if name.endswith("qk.weight") else 1) / x.shape[-1] ** 0.5
            p.copy_(x.reshape(p.shape))


def draw_batch(c, draw):
    V, shape = c.rp["num_tokens"], (c.batch, c.length)
    ids, mask = torch.randint(0, V, shape), None
    if c.padding != "none":
        mask = torch.ones(shape, dtype=torch.bool)
        for row in mask:
            if c.padding == "ends":
                row[draw.randint(1, c.length):] = False
            else:
                row[torch.rand(c.length) < draw.random()] = False
                row[draw.randrange(c.length)] = True
    places = (torch.ones(shape, dtype=torch.bool) if mask is None else mask).flatten().nonzero()[:, 0]
    places = places[torch.randperm(len(places))][:20]
    labels = torch.full(shape, IGNORE)
    labels.view(-1)[places] = torch.randint(0, V, places.shape)
    return ids, labels, mask


@contextlib.contextmanager
def apart():
    """Raise Tie where a product-key memory could take another vector."""
    topk = torch.Tensor.topk

    def checked(x, k, dim=-1, **how):
        got = topk(x, k, dim=dim, **how)
        if not getattr(checked, "quiet", False) and k < x.shape[dim]:
            more = topk(x, k + 1, dim=dim).values
            if (more[..., -2] - more[..., -1]).min() < 1e-4 * x.abs().max():
                raise Tie
        return got

    def forward(self, *args, **how):
        with mock.patch.object(torch.Tensor, "topk", checked):
            return pkm(self, *args, **how)

    pkm = rp.PKM.forward
    with mock.patch.object(rp.PKM, "forward", forward):
        yield


@contextlib.contextmanager
def small_streams(model):
    """Raise Tie where a residual stream becomes larger than ours may be."""
    def check(module, args, y):
        if not y.abs().max() < STREAM:
            raise Tie

    hooks = [b.register_forward_hook(check) for b in model.reformer.layers.irrev_blocks]
    try:
        yield
    finally:
        for h in hooks:
            h.remove()


@contextlib.contextmanager
def rounded(model, c, noise):
    """Residual streams are rounded as ours are, and branches compute in float32, about."""
    def off(x):
        return x * (1 + FLOAT * (2 * torch.rand(x.shape, dtype=x.dtype, generator=noise) - 1))

    branches = [branch for b in model.reformer.layers.irrev_blocks for branch in (b.f, b.g)]
    hooks = [b.register_forward_pre_hook(lambda module, args: (off(args[0]), *args[1:])) for b in branches]
    hooks += [b.register_forward_hook(lambda module, args, y: off(y)) for b in branches]
    try:
        with shaken(model, c, noise):
            yield
    finally:
        for h in hooks:
            h.remove()


def numbers(model, c, batch):
    """Logits of real tokens, loss and gradients."""
    r, (ids, _, mask) = run(model, c, *batch, False), batch
    real = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
    return {"logits": r.logits[real].detach(), "loss": r.loss.detach()} | {
        "g." + n: flat(n, g) for n, g in r.grads.items()}


def bounds(model, c, batch, want):
    """How far each array may be off."""
    noise, worst = torch.Generator().manual_seed(1), dict.fromkeys(want, 0.0)
    with rounded(model, c, noise):
        for _ in range(SHAKES):
            for name, x in numbers(model, c, batch).items():
                worst[name] = max(worst[name], float((x - want[name]).abs().max()))
    limits = {}
    for name, x in want.items():
        largest = float(x.abs().max())
        if worst[name] > ILL * largest + LEAST_LIMIT:
            raise Tie
        limits[name] = LIMIT.get(name, GRADIENT_LIMIT) * largest + LEAST_LIMIT + 6 * worst[name]
    return limits


def draw_model(c, seed):
    """The model, its rotations, a batch, what it gives and how far ours may be off; Tie."""
    torch.manual_seed(seed)
    model = build(c, 1)
    weigh(model.float())
    model = model.double()
    for m in model.modules():
        if isinstance(m, rp.FixedPositionalEmbedding):
            n = 2 * len(m.inv_freq)
            m.inv_freq = 10000.0 ** (-torch.arange(0, n, 2).double() / n)
    rot = rotations(model, c)
    batch = draw_batch(c, random.Random(seed))
    with small_streams(model):
        want = numbers(model, c, batch)
    return model, rot, batch, want, bounds(model, c, batch, want)


# ---- ours ----------------------------------------------------------------------------------------

def untold(c):
    """Settings that rf-convert finds in the shapes, and with them in its defaults."""
    known = {"dim", "depth", "mem_kv", "emb_dim", "one_value_head", "twin", "tied_layers", "norm",
             "tied_embedding", "ff_glu", "ff_mult", "position", "axial_shape", "pkm_layers", "pkm_keys",
             "pkm_heads", "pkm_dim", "compat"}
    if c.ours["position"] == "rotary" or (c.ours["one_value_head"] and c.ours["heads"] > 1):
        known |= {"heads", "dim_head"}
    if c.ours["position"] in ("axial", "absolute"):
        known |= {"max_len"}
    if c.ours["position"] == "axial" and not c.axial_shape:
        known |= {"chunk"}
    return known


def yaml(c):
    ours = {"compat": "reformer-pytorch-" + VERSION} | c.ours
    if not c.told:
        ours = {k: v for k, v in ours.items() if k not in untold(c)}
    words = {True: "true", False: "false"}
    return "model:\n" + "".join(f"  {k}: '{words.get(v, v) if isinstance(v, bool) else v}'\n" for k, v in ours.items())


def call(*args):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{args[0]}: status {done.returncode}: {done.stderr.strip()}")


def ours(c, model, rot, batch, folder):
    ids, labels, mask = batch
    state = {k: v.detach().float().clone() for k, v in model.state_dict().items()}
    save_file(state, folder / "m.safetensors", {"format": "pt"})
    file = {"in.ids": ids.int(), "in.labels": labels.int()} | {f"rot.{k}": r.clone() for k, r in enumerate(rot)}
    if mask is not None:
        file["in.mask"] = mask.to(torch.uint8)
    save_file(file, folder / "batch.safetensors")
    (folder / "model.yaml").write_text(yaml(c))
    call("rf-convert", "-q", "-c", folder / "model.yaml", "-o", folder / "run", folder / "m.safetensors")
    call("rf-convert", "-q", "-o", folder / "back.safetensors", folder / "run")
    back = load_file(folder / "back.safetensors")
    assert back.keys() == state.keys(), f"rf-convert: {back.keys() ^ state.keys()}"
    for k, x in back.items():
        near = k.endswith("inv_freq")
        assert x.shape == state[k].shape and (torch.allclose(x, state[k], rtol=1e-6) if near
                                              else torch.equal(x, state[k])), f"rf-convert: {k}"
    call("model_numbers", folder / "run", folder / "batch.safetensors", c.kind, folder / "out.safetensors")
    got = load_file(folder / "out.safetensors")
    logits = got["logits"].view(*ids.shape, -1)
    real = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
    return {"logits": logits[real], "loss": got["loss"][0]} | {
        "g." + k: flat(k, x) for k, x in got.items() if k not in ("logits", "loss")}


def compare(c, model, rot, batch, want, limits, folder):
    """(the largest difference as a share of the largest number, what is off by more than it may be)"""
    try:
        got = ours(c, model, rot, batch, folder)
    except AssertionError as e:
        return 0, [str(e)]
    worst, bad = 0, []
    if got.keys() != want.keys():
        bad.append(f"other arrays: {sorted(got.keys() ^ want.keys())}")
    for name in want.keys() & got.keys():
        off = float((got[name].double() - want[name]).abs().max())
        largest = float(want[name].abs().max())
        if name in ("logits", "loss"):
            worst = max(worst, off / largest)
        if not off <= limits[name]:
            bad.append(f"{name} is {off:.2g} off, largest {largest:.3g}, bound {limits[name]:.2g}")
    return worst, bad


# ---- all of them ---------------------------------------------------------------------------------

def one(seed, folder, kernels):
    """(case, worst, what is bad), or None: rounding decides."""
    c = case_of(seed)
    c.kind = kernels or c.kind
    for attempt in range(TRIES):
        try:
            drawn = draw_model(c, seed * 1000 + attempt)
        except Tie:
            continue
        with tempfile.TemporaryDirectory(dir=folder) as place:
            return c, *compare(c, *drawn, pathlib.Path(place))
    return None


def report(worst):
    """A line an option: its values, how many models had each, and the largest difference."""
    for option in sorted(worst):
        values = sorted(worst[option].items(), key=lambda v: str(v[0]))
        print(f"{option:18}", "  ".join(f"{v}: {len(x)}, {max(x):.1e}" for v, x in values))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--version", choices=[VERSION], help="fail where another is installed")
    p.add_argument("--first", type=int, default=1, help="first seed")
    p.add_argument("--models", type=int, default=1000, help="how many")
    p.add_argument("--kernels", help="these for all models: ref, plain, avx2, avx512, cpu")
    p.add_argument("--folder", help="where to put files")
    o = p.parse_args()
    torch.set_num_threads(1)
    worst, bad, done, ties = collections.defaultdict(lambda: collections.defaultdict(list)), [], 0, []
    with mock.patch.object(LSHAttention, "hash_vectors", hash_vectors), apart():
        for seed in range(o.first, o.first + o.models):
            result = one(seed, o.folder, o.kernels)
            if result is None:
                ties.append(seed)
                continue
            c, off, wrong = result
            done += 1
            for option, value in c.tags.items():
                worst[option][value].append(off)
            if wrong:
                bad.append(seed)
                print(f"{VERSION}: seed {seed}: {'; '.join(wrong[:4])}", *c.tags.items(), flush=True)
    report(worst)
    largest = max((max(x) for option in worst.values() for x in option.values()), default=0)
    print(f"{VERSION}: {done} models, {len(bad)} off; the largest difference of logits is {largest:.1e} of the largest;",
          f"{len(ties)} passed over, as rounding decides" + ": " * bool(ties) + " ".join(map(str, ties)))
    if bad:
        print(f"{VERSION}: seeds {' '.join(map(str, bad))}; one of them alone:",
              f"make parity-model VERSIONS={VERSION} MODELS=1 FIRST={bad[0]}")
    sys.exit(1 if bad or not done else 0)


if __name__ == "__main__":
    main()
