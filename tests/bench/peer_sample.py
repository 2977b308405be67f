"""Speed of writing of the peers of rf-sample: random weights, 12 layers of width 768, 12 heads, 5,120 positions.

`peer_sample.py PEER TYPE FOLDER` prints lines of a name and a value:
  called       the model, the package and its version
  start        seconds from --started until a first token after 8
  prefill-N    seconds that N tokens of prompt take, with the first token after them
  rate-N       tokens/s of those that follow
  peak         resident MiB until then
  rate-8x512   tokens/s of 8 sequences together, where the peer can do that, after 512 tokens
FOLDER keeps the weights, which --write makes.

reformer-pytorch and hf-reformer are Reformers, gpt2 (of transformers) and llama.cpp attend to every token.
Needs torch with reformer-pytorch or transformers; for llama.cpp llama-cpp-python, gguf and numpy.
"""
import argparse
import importlib.metadata
import os
import resource
import time

VOCAB, DIM, DEPTH, HEADS, LEN = 22000, 768, 12, 12, 5120
CHUNK, ROUNDS = 64, 4
FIRST = 256  # ids from here on are words in any vocabulary here


class Torch:
    """What the peers on torch share. Each of their forward passes ends with a stamp."""

    def __init__(self, o):
        import torch
        self.torch, self.type = torch, {"fp32": torch.float32, "bf16": torch.bfloat16}[o.type]
        torch.set_num_threads(o.threads)
        torch.manual_seed(1)

    def stamp_with(self, net):
        net.register_forward_hook(lambda *_: self.stamp())

    def generate(self, rows, tokens, stamp):
        self.stamp = stamp
        with self.torch.inference_mode():
            self.write_on(self.torch.tensor(rows), tokens)


class ReformerPytorch(Torch):
    """It computes all tokens again for each, so one that follows takes as long as the prompt."""
    model_name, package = "Reformer", "reformer-pytorch"
    tokens, together = 1, False

    def net(self):
        from reformer_pytorch import ReformerLM
        return ReformerLM(num_tokens=VOCAB, dim=DIM, depth=DEPTH, max_seq_len=LEN, heads=HEADS, bucket_size=CHUNK,
                          n_hashes=ROUNDS, ff_chunks=1, causal=True, axial_position_emb=True)

    def write(self, path):
        self.torch.save(self.net().state_dict(), path)

    def load(self, path):
        from reformer_pytorch.generative_tools import TrainingWrapper
        net = self.net()
        net.load_state_dict(self.torch.load(path, mmap=True, weights_only=True))
        self.model = TrainingWrapper(net).eval()
        self.stamp_with(net)

    def write_on(self, rows, tokens):
        self.model.generate(rows, tokens)


class Transformers(Torch):
    package = "transformers"

    def write(self, path):
        self.model_class()(self.config()).save_pretrained(path)

    def load(self, path):
        self.model = self.model_class().from_pretrained(path, dtype=self.type).eval()
        self.stamp_with(self.model)

    def write_on(self, rows, tokens):
        self.model.generate(rows, attention_mask=self.torch.ones_like(rows), max_new_tokens=tokens,
                            min_new_tokens=tokens, do_sample=True, top_k=0, use_cache=True)


class HfReformer(Transformers):
    """LSH attention alone. Its sequences do not share what was computed for a prompt: one at a time."""
    model_name, tokens, together = "Reformer", 12, False

    def model_class(self):
        from transformers import ReformerModelWithLMHead
        return ReformerModelWithLMHead

    def config(self):
        from transformers import ReformerConfig
        return ReformerConfig(attn_layers=["lsh"] * DEPTH, hidden_size=DIM, feed_forward_size=4 * DIM,
                              num_attention_heads=HEADS, attention_head_size=DIM // HEADS, vocab_size=VOCAB,
                              axial_pos_shape=(LEN // CHUNK, CHUNK), axial_pos_embds_dim=(DIM // 3, DIM - DIM // 3),
                              max_position_embeddings=LEN, lsh_attn_chunk_length=CHUNK, num_hashes=ROUNDS,
                              num_buckets=LEN // CHUNK, hash_seed=None, is_decoder=True, eos_token_id=None, pad_token_id=0)


class Gpt2(Transformers):
    model_name, tokens, together = "GPT-2", 32, True

    def model_class(self):
        from transformers import GPT2LMHeadModel
        return GPT2LMHeadModel

    def config(self):
        from transformers import GPT2Config
        return GPT2Config(vocab_size=VOCAB, n_positions=LEN, n_embd=DIM, n_layer=DEPTH, n_head=HEADS,
                          bos_token_id=None, eos_token_id=None)


class LlamaCpp:
    """GPT-2 with the likeliest token taken always. Its loop calls the library itself, not the class Llama."""
    model_name, package = "GPT-2", "llama-cpp-python"
    tokens, together = 64, True
    TYPES = {"fp32": "F32", "bf16": "BF16", "int8": "Q8_0"}

    def __init__(self, o):
        self.type, self.threads = self.TYPES[o.type], o.threads

    def write(self, path):
        import gguf
        import numpy as np
        random = np.random.default_rng(1)
        w = gguf.GGUFWriter(path, "gpt2")
        w.add_context_length(LEN)
        w.add_embedding_length(DIM)
        w.add_block_count(DEPTH)
        w.add_feed_forward_length(4 * DIM)
        w.add_head_count(HEADS)
        w.add_layer_norm_eps(1e-5)
        w.add_tokenizer_model("gpt2")
        w.add_tokenizer_pre("gpt-2")
        # the bytes as this kind of vocabulary writes them, then words that it does not matter what they are
        letters = [b for b in range(256) if 33 <= b < 127 or 161 <= b != 173]
        letters = [chr(b) for b in letters] + [chr(256 + i) for i in range(256 - len(letters))]
        w.add_token_list(letters + [f"word{i}" for i in range(VOCAB - len(letters))])
        w.add_token_types([gguf.TokenType.NORMAL] * VOCAB)
        w.add_token_merges(["w o"])

        def add(name, *shape, kind="F32"):
            x = random.standard_normal(shape, np.float32) * 0.02 if len(shape) > 1 else np.zeros(shape, np.float32)
            x += name.endswith("norm.weight")
            kind = gguf.GGMLQuantizationType[kind]
            w.add_tensor(name, gguf.quants.quantize(x, kind), raw_dtype=kind)

        def add_linear(name, n_out, n_in):
            add(name + ".weight", n_out, n_in, kind=self.type)
            add(name + ".bias", n_out)

        def add_norm(name):
            add(name + ".weight", DIM)
            add(name + ".bias", DIM)

        add("token_embd.weight", VOCAB, DIM, kind=self.type)
        add("position_embd.weight", LEN, DIM)
        for i in range(DEPTH):
            add_norm(f"blk.{i}.attn_norm")
            add_linear(f"blk.{i}.attn_qkv", 3 * DIM, DIM)
            add_linear(f"blk.{i}.attn_output", DIM, DIM)
            add_norm(f"blk.{i}.ffn_norm")
            add_linear(f"blk.{i}.ffn_up", 4 * DIM, DIM)
            add_linear(f"blk.{i}.ffn_down", DIM, 4 * DIM)
        add_norm("output_norm")
        add("output.weight", VOCAB, DIM, kind=self.type)
        w.write_header_to_file()
        w.write_kv_data_to_file()
        w.write_tensors_to_file()
        w.close()

    def load(self, path):
        import llama_cpp as L
        import numpy as np
        self.lib, self.numpy = L, np
        self.silent = L.llama_log_callback(lambda *_: None)
        L.llama_log_set(self.silent, None)
        L.llama_backend_init()
        self.model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self.context, self.sequences = None, 0

    def open_for(self, sequences):
        """Each number of sequences has a context of its own, with room for LEN tokens in all."""
        if sequences == self.sequences:
            self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), True)
            return
        if self.context:
            self.lib.llama_free(self.context)
        p = self.lib.llama_context_default_params()
        p.n_ctx, p.n_seq_max = LEN, sequences
        p.n_threads = p.n_threads_batch = self.threads
        self.context, self.sequences = self.lib.llama_init_from_model(self.model, p), sequences

    def decode(self, tokens):
        """(id, position, sequence), of which each sequence's last is asked for; returns the likeliest next ones."""
        last = {s: i for i, (_, _, s) in enumerate(tokens)}
        batch = self.lib.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence) in enumerate(tokens):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = last[sequence] == i
        if self.lib.llama_decode(self.context, batch):
            raise SystemExit("llama_decode failed")
        best = [int(self.numpy.ctypeslib.as_array(self.lib.llama_get_logits_ith(self.context, i), (VOCAB,)).argmax())
                for i in last.values()]
        self.lib.llama_batch_free(batch)
        return best

    def generate(self, rows, tokens, stamp):
        self.open_for(len(rows))
        for s, row in enumerate(rows):
            for i in range(0, len(row), 512):
                last = self.decode([(row[k], k, s) for k in range(i, min(i + 512, len(row)))])
            rows[s] = last
        stamp()
        n = len(row)
        now = [r[0] for r in rows]
        for i in range(tokens - 1):
            now = self.decode([(token, n + i, s) for s, token in enumerate(now)])
            stamp()


PEERS = {"reformer-pytorch": ReformerPytorch, "hf-reformer": HfReformer, "gpt2": Gpt2, "llama.cpp": LlamaCpp}


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("peer", choices=PEERS)
    p.add_argument("type", choices=LlamaCpp.TYPES)
    p.add_argument("folder", help="where its weights are")
    p.add_argument("--prompts", default="512,2048,4900", help="tokens before those that are timed (%(default)s)")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--started", type=float, default=time.time(), help="when this was called, in seconds since 1970")
    p.add_argument("--write", action="store_true", help="only write the weights, if they are not there")
    return p.parse_args()


def prompt(tokens):
    return [FIRST + (i * i * 7919 + i * 104729) % (VOCAB - FIRST) for i in range(tokens)]


def timed(peer, rows, tokens):
    """Seconds until the first token of each row, tokens/s of those that follow."""
    n, stamps, start = len(rows), [], time.perf_counter()
    peer.generate(rows, tokens + 1, lambda: stamps.append(time.perf_counter()))
    return stamps[0] - start, n * (len(stamps) - 1) / (stamps[-1] - stamps[0])


def main():
    o = options()
    peer = PEERS[o.peer](o)
    path = os.path.join(o.folder, o.peer if isinstance(peer, Torch) else f"{o.peer}-{o.type}")
    if o.write:
        if not os.path.exists(path):
            peer.write(path + ".new")
            os.rename(path + ".new", path)
        return
    print(f"called\t{peer.model_name} of {peer.package} {importlib.metadata.version(peer.package)}")
    peer.load(path)
    timed(peer, [prompt(8)], 1)
    print(f"start\t{time.time() - o.started:.2f}", flush=True)
    for n in map(int, o.prompts.split(",")):
        seconds, rate = timed(peer, [prompt(n)], peer.tokens)
        print(f"prefill-{n}\t{seconds:.2f}\nrate-{n}\t{rate:.3g}", flush=True)
    print(f"peak\t{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    if peer.together:
        print(f"rate-8x512\t{timed(peer, [prompt(512) for _ in range(8)], peer.tokens)[1]:.3g}")


if __name__ == "__main__":
    main()
