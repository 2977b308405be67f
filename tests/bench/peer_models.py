"""Models of transformers in the shape that a peer's options name: vocab, dim, depth, heads, len. `more` is of their configuration."""


def bert(o, **more):
    from transformers import BertConfig, BertForMaskedLM
    return BertForMaskedLM(BertConfig(
        vocab_size=o.vocab, hidden_size=o.dim, num_hidden_layers=o.depth, num_attention_heads=o.heads,
        intermediate_size=4 * o.dim, max_position_embeddings=o.len, **more))


def gpt2(o, **more):
    """Without dropout."""
    from transformers import GPT2Config, GPT2LMHeadModel
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=o.vocab, n_embd=o.dim, n_layer=o.depth, n_head=o.heads, n_positions=o.len, attn_pdrop=0.0,
        embd_pdrop=0.0, resid_pdrop=0.0, **more))
