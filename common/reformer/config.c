#include "reformer/config.h"

#include <stddef.h>
#include <string.h>

const char *const schedule_names[] = {"constant", "linear", NULL};

const struct rf_config rf_config_default = {
    .model = {.dim = 256,
              .depth = 4,
              .heads = 4,
              .chunk = 64,
              .rounds = 4,
              .hash_factor = 128,
              .across_buckets = true,
              .duplicates = true,
              .ff_mult = 4,
              .ff_rows = 1024,
              .axial_shape = "",
              .pkm_layers = "",
              .pkm_keys = 128,
              .pkm_heads = 4,
              .pkm_topk = 32,
              .pkm_dim = 128},
    .data = {.train = "train.rfs",
             .eval = "eval.rfs",
             .vocab = "vocab.txt",
             .mask_rate = 0.15,
             .mask_part = 0.8,
             .random_part = 0.1},
    .optim = {.lr = 1e-3,
              .beta1 = 0.9,
              .beta2 = 0.98,
              .eps = 1e-8,
              .decay = 0.01,
              .clip = 1,
              .schedule = SCHEDULE_LINEAR,
              .warmup = 100},
    .train = {.run = "run",
              .batch = 16,
              .slots = 1,
              .steps = 1000,
              .log_every = 10,
              .eval_every = 200,
              .save_every = 200,
              .keep = 2,
              .seed = 1},
};

#define ROW(kind, letter, name, field, ...)                                                    \
    OPT_##kind(letter, name, struct rf_config, field, __VA_ARGS__)

const struct opt rf_config_rows[] = {
    ROW(CHOICE, 0, "model.compat", model.compat, compat_names, "name",
        "numbers of another program's model"),
    ROW(COUNT, 0, "model.dim", model.dim, 1, 65536, "n", "width of the model"),
    ROW(COUNT, 0, "model.depth", model.depth, 1, MODEL_DEPTH_MAX, "n", "layers"),
    ROW(COUNT, 0, "model.heads", model.heads, 1, 1024, "n", "attention heads"),
    ROW(COUNT, 0, "model.dim_head", model.dim_head, 0, 65536, "n",
        "width of a head; 0: dim / heads, or compat's"),
    ROW(COUNT, 0, "model.max_len", model.max_len, 0, 1 << 24, "tokens",
        "longest sequence; 0: the data's"),
    ROW(FLAG, 0, "model.causal", model.causal, "a position sees no later one"),
    ROW(COUNT, 0, "model.chunk", model.chunk, 1, 65536, "tokens", "chunk of LSH attention"),
    ROW(COUNT, 0, "model.rounds", model.rounds, 1, 256, "n", "hash rounds of LSH attention"),
    ROW(FLAG, 0, "model.across_buckets", model.across_buckets,
        "a chunk's tokens of other buckets are seen too"),
    ROW(FLAG, 0, "model.duplicates", model.duplicates,
        "a pair that meets in several rounds counts each time"),
    ROW(FLAG, 0, "model.rotations_per_head", model.rotations_per_head,
        "each head hashes by rotations of its own"),
    ROW(COUNT, 0, "model.hash_factor", model.hash_factor, 0, 1 << 24, "n",
        "more buckets than this are hashed in two factors; 0: never"),
    ROW(FLAG, 0, "model.full_attn", model.full_attn, "every key is seen: no hashing"),
    ROW(COUNT, 0, "model.full_attn_thres", model.full_attn_thres, 0, 1 << 24, "tokens",
        "the same for sequences up to this length"),
    ROW(COUNT, 0, "model.local_heads", model.local_heads, 0, 1024, "n",
        "heads that see the neighbourhood alone"),
    ROW(FLAG, 0, "model.one_value_head", model.one_value_head, "all heads share their values"),
    ROW(COUNT, 0, "model.mem_kv", model.mem_kv, 0, 65536, "n",
        "learned keys of each attention besides the tokens"),
    ROW(FLAG, 0, "model.twin", model.twin, "a second attention in place of feed-forward"),
    ROW(COUNT, 0, "model.attn_heads", model.attn_heads, 0, 1024, "n",
        "heads computed at a time; 0: all"),
    ROW(COUNT, 0, "model.ff_mult", model.ff_mult, 1, 64, "n",
        "width of the feed-forward layer / dim"),
    ROW(COUNT, 0, "model.ff_rows", model.ff_rows, 1, 1e9, "tokens", "rows computed at a time"),
    ROW(CHOICE, 0, "model.ff_act", model.ff_act, act_names, "name",
        "activation of the feed-forward layer"),
    ROW(FLAG, 0, "model.ff_glu", model.ff_glu, "a gate beside that activation"),
    ROW(CHOICE, 0, "model.norm", model.norm, norm_names, "name", "norm before each branch"),
    ROW(CHOICE, 0, "model.final_norm", model.final_norm, choice_names, "when",
        "layer norm before the head; auto: compat's"),
    ROW(CHOICE, 0, "model.position", model.position, position_names, "kind",
        "how positions come in; auto: compat's"),
    ROW(TEXT, 0, "model.axial_shape", model.axial_shape, "AxB",
        "sides of the axial tables; '': by chunk"),
    ROW(COUNT, 0, "model.emb_dim", model.emb_dim, 0, 65536, "n",
        "width of the embedding; 0: dim"),
    ROW(FLAG, 0, "model.tied_embedding", model.tied_embedding,
        "the head is the embedding, rows of length 1"),
    ROW(FLAG, 0, "model.tied_layers", model.tied_layers, "all layers share their weights"),
    ROW(TEXT, 0, "model.pkm_layers", model.pkm_layers, "list",
        "layers with product-key memory in place of feed-forward; '': none"),
    ROW(COUNT, 0, "model.pkm_keys", model.pkm_keys, 1, 4096, "n", "its keys of a set"),
    ROW(COUNT, 0, "model.pkm_heads", model.pkm_heads, 1, 1024, "n", "its heads"),
    ROW(COUNT, 0, "model.pkm_topk", model.pkm_topk, 1, 4096, "n", "rows a head takes"),
    ROW(COUNT, 0, "model.pkm_dim", model.pkm_dim, 1, 65536, "n", "width of its keys"),
    ROW(SHARE, 0, "model.lsh_dropout", model.lsh_dropout, "attention probabilities dropped"),
    ROW(SHARE, 0, "model.post_attn_dropout", model.post_attn_dropout,
        "numbers dropped behind attention"),
    ROW(SHARE, 0, "model.ff_dropout", model.ff_dropout,
        "numbers dropped inside feed-forward layers"),
    ROW(SHARE, 0, "model.layer_dropout", model.layer_dropout, "layers left out in a step"),
    ROW(COUNT, 0, "model.reverse_thres", model.reverse_thres, 0, 1 << 24, "tokens",
        "sequences up to this length are computed once: memory, not the result"),
    ROW(FILE, 0, "data.train", data.train, "shard to train on: sequences or masked"),
    ROW(FILE, 0, "data.eval", data.eval, "shard to evaluate on; '': none"),
    ROW(FILE, 'V', "data.vocab", data.vocab, "vocabulary, for the sample; '': none"),
    ROW(SHARE, 0, "data.mask_rate", data.mask_rate, "tokens of a sequence that get a label"),
    ROW(SHARE, 0, "data.mask_part", data.mask_part, "of those: become [MASK]"),
    ROW(SHARE, 0, "data.random_part", data.random_part, "of those: become a random token"),
    ROW(REAL, 0, "optim.lr", optim.lr, 0, 10, "rate", "highest learning rate"),
    ROW(REAL, 0, "optim.beta1", optim.beta1, 0, 0.999999, "x", "AdamW: decay of the mean"),
    ROW(REAL, 0, "optim.beta2", optim.beta2, 0, 0.999999, "x", "AdamW: decay of the square"),
    ROW(REAL, 0, "optim.eps", optim.eps, 1e-30, 1, "x", "AdamW: added to the root"),
    ROW(REAL, 0, "optim.decay", optim.decay, 0, 10, "x", "weight decay, on matrices alone"),
    ROW(REAL, 0, "optim.clip", optim.clip, 0, 1e9, "norm",
        "gradients longer than this are shortened to it; 0: none"),
    ROW(CHOICE, 0, "optim.schedule", optim.schedule, schedule_names, "name",
        "learning rate after the warm-up"),
    ROW(COUNT, 0, "optim.warmup", optim.warmup, 0, 1e12, "steps", "steps to the highest rate"),
    ROW(FILE, 'o', "train.run", train.run, "folder of the run: checkpoints and log.tsv"),
    ROW(COUNT, 0, "train.batch", train.batch, 1, 65536, "n", "sequences of one slot"),
    ROW(COUNT, 0, "train.slots", train.slots, 1, 65536, "n",
        "slots summed into one update; a power of two"),
    ROW(COUNT, 0, "train.steps", train.steps, 1, UINT32_MAX, "n", "updates in all"),
    OPT_ROW_(OPT_TYPE_TIME, 0, "train.stop_after", struct rf_config, train.stop_after, double,
             .min = 0, .max = 1e9, .arg = "time", .flags = OPT_LOCAL,
             .help = "save and stop after this time; 0: never"),
    ROW(COUNT, 0, "train.log_every", train.log_every, 1, 1e9, "steps", "steps of a log row"),
    ROW(COUNT, 0, "train.eval_every", train.eval_every, 0, 1e9, "steps",
        "steps between evaluations; 0: one, at the end"),
    ROW(COUNT, 0, "train.save_every", train.save_every, 0, 1e9, "steps",
        "steps between checkpoints; 0: one, at the end"),
    ROW(COUNT, 0, "train.keep", train.keep, 1, 1e9, "n", "checkpoints kept"),
    ROW(COUNT, 's', "train.seed", train.seed, 0, 0x1p63, "n", "seed of all random numbers"),
    OPT_ROW_(OPT_TYPE_COUNT, 'j', "train.threads", struct rf_config, train.threads, uint64_t,
             .min = 0, .max = 1023, .arg = "n", .flags = OPT_LOCAL,
             .help = "threads to use; 0: one a core"),
    OPT_END};

int rf_config_check(const struct rf_config *c, struct errbuf *eb)
{
    int rc = model_cfg_check(&c->model, eb);

    if (rc != RF_OK)
        return rc;
    if (c->train.slots & (c->train.slots - 1))
        return err_set(eb, RF_EUSAGE, "train.slots %llu is no power of two",
                       (unsigned long long)c->train.slots);
    if (c->data.mask_part + c->data.random_part > 1 + 1e-9)
        return err_set(eb, RF_EUSAGE, "data.mask_part and data.random_part are more than 1");
    if (!c->data.train || !*c->data.train)
        return err_set(eb, RF_EUSAGE, "data.train names no shard");
    if (!c->train.run || !*c->train.run)
        return err_set(eb, RF_EUSAGE, "train.run names no folder");
    return RF_OK;
}

/* What a checkpoint is bound to: its shapes, and which data come in which order. */
static bool is_bound(const struct opt *o)
{
    static const char *const bound[] = {"train.batch", "train.slots", "train.seed"};

    if (o->flags & OPT_LOCAL)
        return false;
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        if (strcmp(o->name, bound[i]) == 0)
            return true;
    return strncmp(o->name, "model.", 6) == 0 || strncmp(o->name, "data.", 5) == 0;
}

int rf_config_same_run(const struct rf_config *was, const struct rf_config *is,
                       struct errbuf *eb)
{
    struct buf a = {0}, b = {0};
    int rc = RF_OK;

    for (const struct opt *o = rf_config_rows; rc == RF_OK && o->type != OPT_TYPE_END; o++) {
        if (!is_bound(o))
            continue;
        buf_clear(&a);
        buf_clear(&b);
        if (opt_format(o, was, &a) != RF_OK || opt_format(o, is, &b) != RF_OK)
            rc = err_nomem(eb);
        else if (strcmp(a.data, b.data) != 0)
            rc = err_set(eb, RF_EINVAL, "the run has %s %s, not %s: choose another train.run",
                         o->name, a.data, b.data);
    }
    buf_free(&a);
    buf_free(&b);
    return rc;
}
