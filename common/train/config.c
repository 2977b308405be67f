#include "train/config.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/words.h"
#include "nn/ops.h"
#include "ranks/ranks.h"
#include "train/ramp.h"
#include "train/task.h"

enum { SLOTS_MAX = 1 << (SLOT_LEVELS_MAX - 1) };

const char *const gemm_names[] = {"fast", "exact", "onednn", NULL};
const char *const dtype_names[] = {"fp32", "bf16", "tf32", "bf16x3", NULL};
const char *const optim_names[] = {"adamw", "adafactor", "lion", "muon", NULL};
const char *const adjust_names[] = {"match_rms_adamw", "original", NULL};
const char *const schedule_names[] = {"constant", "linear", "cosine", "restarts", "wsd", NULL};
const char *const best_names[] = {"loss", "score", NULL};
const char *const decay_names[] = {"linear", "sqrt", NULL};
const char *const reduce_names[] = {"tree", "fast", NULL};

static const char *const read_names[] = {"whole", "blocks", NULL};

const struct rf_config rf_config_default = {
    .model = {.dim = 256,
              .depth = 4,
              .heads = 4,
              .chunk = 64,
              .local_back = 1,
              .rounds = 4,
              .hash_factor = 128,
              .across_buckets = true,
              .duplicates = true,
              .ff_mult = 4,
              .ff_rows = 1024,
              .axial_shape = "",
              .pkm_layers = "",
              .layers = "",
              .pkm_keys = 128,
              .pkm_heads = 4,
              .pkm_topk = 32,
              .pkm_dim = 128},
    .generator = {.temperature = 1, .weight = 1, .discriminator_weight = 50},
    .data = {.train = "train.rfs",
             .eval = "eval.rfs",
             .vocab = "vocab.txt",
             .window = 64 << 20,
             .mask_rate = 0.15,
             .mask_part = 0.8,
             .random_part = 0.1,
             .span = 1},
    .optim = {.lr = 1e-3,
              .beta1 = 0.9,
              .beta2 = 0.98,
              .eps = 1e-8,
              .decay = 0.01,
              .clip = 1,
              .muon_lr = 1e-3,
              .momentum = 0.95,
              .nesterov = true,
              .ns_steps = 5,
              .no_decay = "",
              .schedule = SCHEDULE_LINEAR,
              .warmup = 100,
              .cycles = 1,
              .decay_share = 0.2,
              .scale_parameter = true,
              .layer_decay = 1,
              .value_factor = 1},
    .train = {.run = "run",
              .from = "",
              .stop_after = "0",
              .eval_ema = true,
              .device = "cpu",
              .batch = 16,
              .slots = 1,
              .lengths = "",
              .steps = 1000,
              .log_every = 10,
              .eval_every = 200,
              .save_every = 200,
              .keep = 2,
              .seed = 1},
    .start = {.ranks = 1, .heartbeat = 20},
};

#define ROW(kind, letter, name, field, ...)                                                    \
    OPT_##kind(letter, name, struct rf_config, field, __VA_ARGS__)

#define ONCE(name_, field, ...)                                                                \
    OPT_ROW_(OPT_TYPE_FLAG, 0, name_, struct rf_config, field, bool,                           \
             .flags = OPT_LOCAL | OPT_ONCE, .help = __VA_ARGS__)

const struct opt rf_config_rows[] = {
    ROW(CHOICE, 0, "model.compat", model.compat, compat_names, "name",
        "another program, whose model this one reproduces exactly", .heading = "The model"),
    ROW(COUNT, 0, "model.dim", model.dim, 1, MODEL_WIDTH_MAX, "n", "width of the model"),
    ROW(COUNT, 0, "model.depth", model.depth, 1, MODEL_DEPTH_MAX, "n", "number of layers"),
    ROW(COUNT, 0, "model.heads", model.heads, 1, MODEL_HEADS_MAX, "n",
        "attention heads of a layer"),
    ROW(COUNT, 0, "model.dim_head", model.dim_head, 0, MODEL_WIDTH_MAX, "n",
        "width of a head; 0: dim / heads, or as model.compat has it"),
    ROW(COUNT, 0, "model.max_len", model.max_len, 0, MODEL_LEN_MAX, "tokens",
        "longest sequence that the model takes; 0: that of the data"),
    ROW(FLAG, 0, "model.causal", model.causal, "let no position attend to a later one"),
    ROW(COUNT, 0, "model.chunk", model.chunk, 1, MODEL_CHUNK_MAX, "tokens",
        "tokens of a chunk, which LSH attention compares with each other",
        .heading = "Attention"),
    ROW(COUNT, 0, "model.rounds", model.rounds, 1, MODEL_ROUNDS_MAX, "n",
        "how often LSH attention hashes the tokens"),
    ROW(CHOICE, 0, "model.lsh_layout", model.lsh_layout, layout_names, "name",
        "where chunks of LSH attention begin"),
    ROW(FLAG, 0, "model.across_buckets", model.across_buckets,
        "let a token attend to tokens of its chunk that hashing put into another bucket"),
    ROW(FLAG, 0, "model.duplicates", model.duplicates,
        "count a pair of tokens once for each round in which they meet"),
    ROW(FLAG, 0, "model.rotations_per_head", model.rotations_per_head,
        "hash each head by random rotations of its own"),
    ROW(COUNT, 0, "model.hash_factor", model.hash_factor, 0, 1 << 24, "n",
        "hash in two factors if there are more buckets than this; 0: never"),
    ROW(TEXT, 0, "model.layers", model.layers, "list",
        "how the layers attend, each lsh, local or full, over and over, as in local,lsh; '': "
        "alike"),
    ROW(FLAG, 0, "model.full_attn", model.full_attn, "attend to every token, without hashing"),
    ROW(COUNT, 0, "model.full_attn_thres", model.full_attn_thres, 0, 1 << 24, "tokens",
        "attend to every token in sequences up to this length"),
    ROW(COUNT, 0, "model.local_heads", model.local_heads, 0, MODEL_HEADS_MAX, "n",
        "heads that attend only to tokens nearby"),
    ROW(COUNT, 0, "model.local_chunk", model.local_chunk, 0, MODEL_CHUNK_MAX, "tokens",
        "tokens of half a window of local attention; 0: as model.chunk"),
    ROW(COUNT, 0, "model.local_back", model.local_back, 0, MODEL_BACK_MAX, "n",
        "windows before a token's own that local attention sees"),
    ROW(FLAG, 0, "model.one_value_head", model.one_value_head,
        "give all heads the same values"),
    ROW(COUNT, 0, "model.mem_kv", model.mem_kv, 0, 65536, "n",
        "learned keys and values that each attention has besides the tokens"),
    ROW(FLAG, 0, "model.twin", model.twin,
        "put a second attention in the place of each feed-forward layer"),
    ROW(COUNT, 0, "model.attn_heads", model.attn_heads, 0, 1024, "n",
        "heads that are computed at a time; 0: all"),
    ROW(COUNT, 0, "model.ff_mult", model.ff_mult, 1, MODEL_FF_MULT_MAX, "n",
        "width of the feed-forward layer, as a multiple of model.dim",
        .heading = "Feed-forward layers, norms, positions, embedding"),
    ROW(COUNT, 0, "model.ff_rows", model.ff_rows, 0, 1e9, "tokens",
        "tokens that are computed at a time; 0: as many as suit the device"),
    ROW(CHOICE, 0, "model.ff_act", model.ff_act, act_names, "name",
        "activation of the feed-forward layer"),
    ROW(FLAG, 0, "model.ff_glu", model.ff_glu, "multiply that activation by a gate"),
    ROW(CHOICE, 0, "model.norm", model.norm, norm_names, "name",
        "norm before each attention and feed-forward layer"),
    ROW(CHOICE, 0, "model.final_norm", model.final_norm, choice_names, "when",
        "whether a layer norm comes before the head: true, false, or auto, as model.compat has "
        "it"),
    ROW(CHOICE, 0, "model.position", model.position, position_names, "kind",
        "how the model is told positions; auto is as model.compat has it"),
    ROW(TEXT, 0, "model.axial_shape", model.axial_shape, "AxB",
        "sides of the tables of axial positions; '': B is the chunk"),
    ROW(COUNT, 0, "model.emb_dim", model.emb_dim, 0, MODEL_WIDTH_MAX, "n",
        "width of the embedding; 0: that of the model"),
    ROW(FLAG, 0, "model.tied_embedding", model.tied_embedding,
        "use the embedding, its rows brought to length 1, as the head"),
    ROW(REAL, 0, "model.emb_std", model.emb_std, 0, 100, "x",
        "standard deviation that the embedding begins with; 0: 0.2, or as model.compat has it"),
    ROW(REAL, 0, "model.head_std", model.head_std, 0, 100, "x",
        "standard deviation that the head's matrix begins with; 0: 1 / root of its width, or "
        "as model.compat has it"),
    ROW(FLAG, 0, "model.head_zero", model.head_zero,
        "let the head's matrix begin with zeros, so that all tokens are as likely at first"),
    ROW(FLAG, 0, "model.tied_layers", model.tied_layers, "give all layers the same weights"),
    ROW(TEXT, 0, "model.pkm_layers", model.pkm_layers, "list",
        "layers with a product-key memory in place of feed-forward, as in 2,4; '': none",
        .heading = "Product-key memory"),
    ROW(COUNT, 0, "model.pkm_keys", model.pkm_keys, 1, PKM_KEYS_MAX, "n",
        "keys of each of the two sets"),
    ROW(COUNT, 0, "model.pkm_heads", model.pkm_heads, 1, 1024, "n", "heads of the memory"),
    ROW(COUNT, 0, "model.pkm_topk", model.pkm_topk, 1, PKM_TOPK_MAX, "n",
        "values that a head takes for a token"),
    ROW(COUNT, 0, "model.pkm_dim", model.pkm_dim, 1, 65536, "n", "width of the keys"),
    ROW(SHARE, 0, "model.lsh_dropout", model.lsh_dropout,
        "share of the attention probabilities that is set to 0", .heading = "Dropout"),
    ROW(SHARE, 0, "model.post_attn_dropout", model.post_attn_dropout,
        "share of the numbers behind attention that is set to 0"),
    ROW(SHARE, 0, "model.ff_dropout", model.ff_dropout,
        "share of the numbers inside feed-forward layers that is set to 0"),
    ROW(SHARE, 0, "model.layer_dropout", model.layer_dropout,
        "share of the layers that a step leaves out"),
    ROW(SHARE, 0, "model.head_dropout", model.head_dropout,
        "share of the numbers before and inside the outputs of qa and classify that is set to "
        "0"),
    ROW(COUNT, 0, "model.reverse_thres", model.reverse_thres, 0, 1 << 24, "tokens",
        "keep what was computed for sequences up to this length instead of computing it again; "
        "changes memory and time, not the result",
        .heading = "Memory of the model"),
    ROW(COUNT, 0, "generator.dim", generator.dim, 0, MODEL_WIDTH_MAX, "n",
        "width of the generator; 0: model.dim, and so for the next four",
        .heading = "The generator, for data.task electra"),
    ROW(COUNT, 0, "generator.depth", generator.depth, 0, MODEL_DEPTH_MAX, "n",
        "number of its layers"),
    ROW(COUNT, 0, "generator.heads", generator.heads, 0, MODEL_HEADS_MAX, "n",
        "attention heads of each"),
    ROW(COUNT, 0, "generator.dim_head", generator.dim_head, 0, MODEL_WIDTH_MAX, "n",
        "width of a head"),
    ROW(COUNT, 0, "generator.ff_mult", generator.ff_mult, 0, MODEL_FF_MULT_MAX, "n",
        "width of its feed-forward layer, as a multiple of generator.dim"),
    ROW(REAL, 0, "generator.temperature", generator.temperature, 0.01, 100, "x",
        "temperature at which its words are drawn"),
    ROW(REAL, 0, "generator.weight", generator.weight, 0, 1e6, "x",
        "weight of its loss in what is minimised"),
    ROW(REAL, 0, "generator.discriminator_weight", generator.discriminator_weight, 0, 1e6, "x",
        "weight of the other model's loss, which tells replaced tokens from others"),
    ROW(FILE, 0, "data.train", data.train,
        "shards to train on, with weights if you like: 'a.rfs=3 b.rfs=1'; -: standard input",
        .heading = "Data"),
    ROW(FILE, 0, "data.eval", data.eval,
        "shards to evaluate on, with names if you like: 'wiki=a.rfs bills=b.rfs'; '': none"),
    ROW(FILE, 'V', "data.vocab", data.vocab,
        "vocabulary, by which a sample is printed as text; '': none"),
    ROW(COUNT, 0, "data.label_from", data.label_from, 0, 1 << 24, "tokens",
        "first position that the next-token task predicts"),
    ROW(FLAG, 0, "data.in_order", data.in_order,
        "take the sequences in the order in which the shards hold them"),
    ROW(COUNT, 0, "data.group_by_length", data.group_by_length, 0, 65536, "n",
        "so many batches are sorted by length together, so that little is padded; 0: none"),
    ROW(CHOICE, 0, "data.read", data.read, read_names, "how",
        "how shards are read: whole, into memory; or blocks, from files as they are needed"),
    ROW(SIZE, 0, "data.window", data.window, 1, 0x1p60, "size",
        "how much of shards read by blocks is mixed at a time"),
    OPT_ROW_(OPT_TYPE_SIZE, 0, "data.memory", struct rf_config, data.memory, uint64_t, .min = 0,
             .max = 0x1p60, .arg = "size", .flags = OPT_LOCAL,
             .help = "memory that shards may take; 0: what they need"),
    ROW(CHOICE, 0, "data.task", data.task, task_names, "name",
        "what to learn: mlm, the masked tokens; clm, the next token; qa, where an answer "
        "stands; classify, a class; or electra, which tokens a generator replaced"),
    ROW(SHARE, 0, "data.mask_rate", data.mask_rate,
        "share of a sequence's tokens that get a label"),
    ROW(SHARE, 0, "data.mask_part", data.mask_part, "share of these that becomes [MASK]"),
    ROW(SHARE, 0, "data.random_part", data.random_part,
        "share of these that becomes a random token"),
    ROW(FLAG, 0, "data.whole_word", data.whole_word, "mask words, with all their pieces"),
    ROW(COUNT, 0, "data.span", data.span, 1, 64, "n",
        "longest run of tokens or words that is masked at once"),
    ROW(FLAG, 0, "data.match", data.match,
        "mark for task qa which tokens of question and passage the other one has too"),
    ROW(CHOICE, 0, "optim.name", optim.kind, optim_names, "name", "optimiser",
        .heading = "Optimiser and learning rate"),
    ROW(REAL, 0, "optim.lr", optim.lr, 0, 10, "rate", "highest learning rate"),
    ROW(REAL, 0, "optim.beta1", optim.beta1, 0, 0.999999, "x",
        "decay of the mean of the gradients"),
    ROW(REAL, 0, "optim.beta2", optim.beta2, 0, 0.999999, "x",
        "decay of the mean of the squared gradients"),
    ROW(REAL, 0, "optim.eps", optim.eps, 1e-30, 1, "x",
        "what AdamW adds to the root by which it divides"),
    ROW(REAL, 0, "optim.decay", optim.decay, 0, 10, "x", "weight decay of the matrices"),
    ROW(TEXT, 0, "optim.no_decay", optim.no_decay, "patterns",
        "names of matrices that do not decay, as in 'token.* pos.*'"),
    ROW(REAL, 0, "optim.clip", optim.clip, 0, 1e9, "norm",
        "shorten gradients that are longer than this; 0: never"),
    ROW(CHOICE, 0, "optim.schedule", optim.schedule, schedule_names, "name",
        "how the learning rate goes after the warm-up"),
    ROW(COUNT, 0, "optim.warmup", optim.warmup, 0, 1e12, "steps",
        "steps in which the learning rate rises to its highest"),
    ROW(SHARE, 0, "optim.warmup_share", optim.warmup_share,
        "share of the run in which it rises, in place of optim.warmup; 0: that says it"),
    ROW(COUNT, 0, "optim.cycles", optim.cycles, 1, 1e6, "n",
        "cycles of the cosine, for the schedule restarts"),
    ROW(SHARE, 0, "optim.decay_share", optim.decay_share,
        "share of the run in which the learning rate falls, for the schedule wsd"),
    ROW(CHOICE, 0, "optim.decay_shape", optim.decay_shape, decay_names, "name",
        "how it falls then"),
    ROW(FLAG, 0, "optim.relative_step", optim.relative_step,
        "derive the rate of Adafactor from the step alone"),
    ROW(FLAG, 0, "optim.scale_parameter", optim.scale_parameter,
        "multiply the rate of Adafactor by the size of the weights"),
    ROW(FLAG, 0, "optim.first_moment", optim.first_moment,
        "let Adafactor keep a mean of its updates, with the decay beta1"),
    ROW(FLAG, 0, "optim.clip_update", optim.clip_update,
        "let AdamW make smaller steps where gradients are larger than their mean squares say"),
    ROW(REAL, 0, "optim.muon_lr", optim.muon_lr, 0, 10, "rate",
        "highest learning rate of the matrices that Muon updates"),
    ROW(REAL, 0, "optim.momentum", optim.momentum, 0, 0.999999, "x",
        "decay of Muon's mean of the gradients"),
    ROW(FLAG, 0, "optim.nesterov", optim.nesterov,
        "let Muon look ahead: its mean counts each gradient once more"),
    ROW(COUNT, 0, "optim.ns_steps", optim.ns_steps, 1, 99, "n",
        "steps of the iteration that makes Muon's updates orthogonal"),
    ROW(CHOICE, 0, "optim.adjust", optim.adjust, adjust_names, "name",
        "what Muon's rate is multiplied by, by a matrix's shape"),
    ROW(REAL, 0, "optim.value_factor", optim.value_factor, 0, 1e6, "x",
        "learning rate of the values of product-key memories, as a multiple of optim.lr"),
    ROW(REAL, 0, "optim.layer_decay", optim.layer_decay, 1e-6, 1, "x",
        "learning rate of each layer, as a multiple of that of the layer behind it"),
    ROW(REAL, 0, "optim.ema", optim.ema, 0, 0.9999999, "x",
        "decay of a mean of the weights that the run keeps; 0: it keeps none"),
    OPT_ROW_(OPT_TYPE_FLAG, 0, "optim.in_backward", struct rf_config, optim.in_backward, bool,
             .flags = OPT_LOCAL,
             .help = "update weights during the backward pass and keep no gradients; changes "
                     "memory, not the result"),
    ROW(FOLDER, 'o', "train.run", train.run,
        "folder of the run, for its checkpoints and log.tsv", .heading = "The run"),
    ROW(COUNT, 0, "train.batch", train.batch, 1, 65536, "n", "sequences of one slot"),
    ROW(COUNT, 0, "train.slots", train.slots, 1, SLOTS_MAX, "n",
        "slots whose gradients are summed into one update; a power of two"),
    ROW(COUNT, 0, "train.slots_start", train.slots_start, 0, SLOTS_MAX, "n",
        "slots of the first updates, which double up to train.slots; 0: there is no such ramp"),
    ROW(COUNT, 0, "train.slots_ramp", train.slots_ramp, 0, 1e9, "steps",
        "steps after which all slots are there"),
    ROW(TEXT, 0, "train.lengths", train.lengths, "list",
        "cut sequences at first: 256@1000,512@3000 is into pieces of up to 256 tokens up to "
        "step 1000, then of 512 up to step 3000; '': never"),
    ROW(FOLDER, 0, "train.from", train.from,
        "checkpoint or run that a new run takes its first weights from; '': none"),
    ROW(FLAG, 0, "train.from_optim", train.from_optim,
        "take the optimiser's states from there too"),
    ROW(COUNT, 0, "train.steps", train.steps, 1, UINT32_MAX, "n", "updates of the whole run"),
    ROW(REAL, 0, "train.epochs", train.epochs, 0, 1e6, "n",
        "passes over the training data, in place of train.steps; 0: that says it"),
    OPT_ROW_(OPT_TYPE_TEXT, 0, "train.stop_after", struct rf_config, train.stop_after,
             const char *, .arg = "amount", .flags = OPT_LOCAL,
             .help = "save and stop after so much: 45m, 10Mtok, 3ep or 500steps; 0: never"),
    ROW(COUNT, 0, "train.log_every", train.log_every, 1, 1e9, "steps",
        "steps between rows of the log"),
    ROW(COUNT, 0, "train.eval_every", train.eval_every, 0, 1e9, "steps",
        "steps between evaluations; 0: one, at the end"),
    ROW(COUNT, 0, "train.save_every", train.save_every, 0, 1e9, "steps",
        "steps between checkpoints; 0: one, at the end"),
    ROW(TIME, 0, "train.save_time", train.save_time,
        "save a checkpoint also when so much time has passed; 0: never"),
    ROW(COUNT, 0, "train.keep", train.keep, 1, 1e9, "n", "newest checkpoints that are kept"),
    ROW(COUNT, 0, "train.patience", train.patience, 0, 1e9, "n",
        "end the run after n evaluations in a row without a new best one; 0: never"),
    ROW(FLAG, 0, "train.keep_best", train.keep_best,
        "keep the checkpoint of the best evaluation"),
    ROW(CHOICE, 0, "train.best", train.best, best_names, "name",
        "what makes an evaluation the best: loss, or score, that of the task"),
    ROW(REAL, 0, "train.z_loss", train.z_loss, 0, 1, "x",
        "weight of the squared logarithm of the softmax's sum in what is minimised"),
    ROW(SHARE, 0, "train.label_smoothing", train.label_smoothing,
        "share of each label that is spread over all that there are, in what is minimised"),
    ROW(FLAG, 0, "train.eval_ema", train.eval_ema,
        "evaluate the mean of the weights, if optim.ema keeps one"),
    OPT_ROW_(OPT_TYPE_SIZE, 0, "train.memory", struct rf_config, train.memory, uint64_t,
             .min = 0, .max = 0x1p60, .arg = "size", .flags = OPT_LOCAL,
             .help = "memory that the run may take; 0: half of the machine's",
             .heading = "How it computes"),
    ROW(TEXT, 0, "train.device", train.device, "name",
        "device to compute on: cpu; cuda, a GPU, or another plugin's name, with "
        ":size for no more of its memory; or auto, cuda if there is one, else cpu"),
    ROW(CHOICE, 0, "train.gemm", train.gemm, gemm_names, "name",
        "how matrices are multiplied: fast; exact, where no row of a batch changes another; or "
        "onednn, by that library"),
    ROW(CHOICE, 0, "train.dtype", train.dtype, dtype_names, "name",
        "type of the numbers that are multiplied"),
    OPT_ROW_(OPT_TYPE_FLAG, 0, "train.graphs", struct rf_config, train.graphs, bool,
             .flags = OPT_LOCAL,
             .help =
                 "a GPU gets its work by the graph rather than by the call; no bit changes"),
    ROW(CHOICE, 0, "train.reduce", train.reduce, reduce_names, "name",
        "how gradients of several ranks are added: tree, the same bits at any number of ranks; "
        "or fast, as MPI likes"),
    ROW(COUNT, 's', "train.seed", train.seed, 0, 0x1p63, "n", "seed of all random numbers"),
    OPT_ROW_(OPT_TYPE_COUNT, 'j', "train.threads", struct rf_config, train.threads, uint64_t,
             .min = 0, .max = 1023, .arg = "n", .flags = OPT_LOCAL,
             .help = "threads to use; 0: one a core"),
    OPT_ROW_(OPT_TYPE_TEXT, 0, "device", struct rf_config, train.device, const char *,
             .arg = "name", .flags = OPT_LOCAL | OPT_ONCE, .help = "short for --train.device",
             .heading = "What to do this time"),
    OPT_ROW_(OPT_TYPE_COUNT, 0, "ranks", struct rf_config, start.ranks, uint64_t, .min = 0,
             .max = RANKS_MAX, .arg = "n", .flags = OPT_LOCAL | OPT_ONCE,
             .help = "processes that mpirun or srun started to share the work; 0: as many as "
                     "they say"),
    OPT_ROW_(OPT_TYPE_TIME, 0, "heartbeat", struct rf_config, start.heartbeat, double, .min = 0,
             .max = 1e9, .arg = "time", .flags = OPT_LOCAL | OPT_ONCE,
             .help = "silence of a rank after which the others end; 0: they wait for ever"),
    ONCE("dry-run", start.dry_run, "print what a run would take, and the time of a step"),
    OPT_ROW_(OPT_TYPE_COUNT, 0, "needs", struct rf_config, start.needs, uint64_t, .min = 0,
             .max = 1 << 24, .arg = "n", .flags = OPT_LOCAL | OPT_ONCE,
             .help =
                 "print what a run with n tokens in its vocabulary would take, without data"),
    ONCE("overfit", start.overfit, "train on the first batch, again and again"),
    ONCE("json", start.json, "write each row of the log to standard output, as JSON"),
    OPT_END};

int rf_config_stop(struct stop *s, const char *text, struct errbuf *eb)
{
    static const struct {
        const char *ending;
        enum stop_unit unit;
        enum opt_type type;
    } units[] = {{"tok", STOP_TOKENS, OPT_TYPE_COUNT},
                 {"ep", STOP_EPOCHS, OPT_TYPE_REAL},
                 {"steps", STOP_STEPS, OPT_TYPE_COUNT},
                 {"", STOP_SECONDS, OPT_TYPE_TIME}};
    struct opt row = {.name = "train.stop_after", .max = 1e18};
    char number[64];
    size_t i = 0, n = text ? strlen(text) : 0;
    union {
        uint64_t count;
        double real;
    } value = {0};
    int rc;

    *s = (struct stop){.unit = STOP_NEVER};
    if (!n || strcmp(text, "0") == 0)
        return RF_OK;
    while (n < strlen(units[i].ending) ||
           strcmp(text + n - strlen(units[i].ending), units[i].ending) != 0)
        i++;
    row.type = units[i].type;
    snprintf(number, sizeof number, "%.*s", (int)(n - strlen(units[i].ending)), text);
    if ((rc = opt_set(&row, &value, number, NULL, eb)) != RF_OK)
        return rc;
    s->amount = row.type == OPT_TYPE_COUNT ? (double)value.count : value.real;
    if (s->amount > 0)
        s->unit = units[i].unit;
    return RF_OK;
}

int rf_config_device(struct device_choice *d, const char *text, struct errbuf *eb)
{
    static const struct opt row = {
        .type = OPT_TYPE_SIZE, .name = "train.device", .min = 1, .max = 0x1p60};
    size_t n = text ? strcspn(text, ":") : 0;
    bool sized = n && text[n], built_in;

    if (n >= sizeof d->name)
        return err_set(eb, RF_EUSAGE, "train.device '%s' is too long for a name", text);
    *d = (struct device_choice){.memory = 0};
    memcpy(d->name, text ? text : "", n);
    built_in = strcmp(d->name, "cpu") == 0 || strcmp(d->name, "auto") == 0;
    if (sized && built_in)
        return err_set(eb, RF_EUSAGE, "train.device '%s': a size is for the name of a plugin",
                       text);
    return sized ? opt_set(&row, &d->memory, text + n + 1, NULL, eb) : RF_OK;
}

void rf_config_epochs(struct rf_config *c, uint64_t records)
{
    double each = (double)(c->train.batch * c->train.slots);
    double steps = ceil(c->train.epochs * (double)records / each);

    if (c->train.epochs > 0)
        c->train.steps = steps < 1 ? 1 : steps < UINT32_MAX ? (uint64_t)steps : UINT32_MAX;
    if (c->optim.warmup_share > 0)
        c->optim.warmup = (uint64_t)llround(c->optim.warmup_share * (double)c->train.steps);
}

static bool is_power_of_two(uint64_t n, const void *of)
{
    (void)of;
    return (n & (n - 1)) == 0;
}

/* Whether n slots may be the first ones of a ramp to *slots. */
static bool is_start(uint64_t n, const void *slots)
{
    return is_power_of_two(n, NULL) && n <= *(const uint64_t *)slots;
}

static int check_ramps(const struct rf_config *c, struct errbuf *eb)
{
    const struct train_cfg *t = &c->train;
    struct ramp_lengths lengths;
    char near[NEAREST_NUMBERS_BYTES];
    int rc = ramp_lengths_read(&lengths, t->lengths, eb);

    if (rc != RF_OK)
        return rc;
    if (!is_power_of_two(t->slots, NULL))
        return err_set(eb, RF_EUSAGE, "train.slots %llu is no power of two: say %s",
                       (unsigned long long)t->slots,
                       nearest_numbers(near, t->slots, 1, SLOTS_MAX, is_power_of_two, NULL));
    if (!t->slots_start != !t->slots_ramp)
        return err_set(eb, RF_EUSAGE, "train.slots_start and train.slots_ramp need each other");
    if (t->slots_start && !is_start(t->slots_start, &t->slots))
        return err_set(eb, RF_EUSAGE,
                       "train.slots_start %llu is no power of two up to train.slots: say %s",
                       (unsigned long long)t->slots_start,
                       nearest_numbers(near, t->slots_start, 1, t->slots, is_start, &t->slots));
    if (lengths.n && !task_of(c)->of_tokens)
        return err_set(eb, RF_EUSAGE, "train.lengths is not for data.task %s",
                       task_names[c->data.task]);
    return RF_OK;
}

static int check_data(const struct rf_config *c, struct errbuf *eb)
{
    if (c->data.mask_part + c->data.random_part > 1 + 1e-9)
        return err_set(eb, RF_EUSAGE,
                       "data.mask_part %g and data.random_part %g are more than 1: say %g for "
                       "the one or %g for the other",
                       c->data.mask_part, c->data.random_part, 1 - c->data.random_part,
                       1 - c->data.mask_part);
    if (c->data.group_by_length && c->data.read == READ_BLOCKS)
        return err_set(eb, RF_EUSAGE, "data.group_by_length needs data.read whole");
    if (c->data.match && !task_of(c)->marks)
        return err_set(eb, RF_EUSAGE, "data.match is not for data.task %s",
                       task_names[c->data.task]);
    if (c->data.whole_word && (!c->data.vocab || !*c->data.vocab))
        return err_set(eb, RF_EUSAGE, "data.whole_word needs data.vocab");
    if (!c->data.train || !*c->data.train)
        return err_set(eb, RF_EUSAGE, "data.train names no shard");
    return RF_OK;
}

int rf_config_check(const struct rf_config *c, struct errbuf *eb)
{
    struct device_choice device;
    struct stop stop;
    int rc = opt_check_text(rf_config_rows, c, true, eb);

    if (rc == RF_OK)
        rc = rf_config_stop(&stop, c->train.stop_after, eb);
    if (rc == RF_OK)
        rc = rf_config_device(&device, c->train.device, eb);
    if (rc == RF_OK)
        rc = model_cfg_check(&c->model, eb);
    if (rc != RF_OK)
        return rc;
    if ((rc = check_ramps(c, eb)) != RF_OK)
        return rc;
    if (c->train.label_smoothing >= 1)
        return err_set(eb, RF_EUSAGE,
                       "train.label_smoothing must be below 1: nothing of the label is left");
    if ((rc = check_data(c, eb)) != RF_OK)
        return rc;
    if (task_of(c)->check && (rc = task_of(c)->check(c, eb)) != RF_OK)
        return rc;
    if (c->optim.in_backward && !task_of(c)->in_backward)
        return err_set(eb, RF_EUSAGE, "optim.in_backward is not for data.task %s",
                       task_names[c->data.task]);
    if (c->optim.in_backward &&
        (c->train.slots > 1 || c->optim.clip > 0 || c->model.tied_layers))
        return err_set(eb, RF_EUSAGE,
                       "optim.in_backward needs train.slots 1, optim.clip 0 and "
                       "model.tied_layers false");
    if (c->optim.relative_step && c->optim.kind != OPTIM_ADAFACTOR)
        return err_set(eb, RF_EUSAGE, "optim.relative_step is for optim.name adafactor");
    if (c->optim.clip_update && c->optim.kind != OPTIM_ADAMW && c->optim.kind != OPTIM_MUON)
        return err_set(eb, RF_EUSAGE, "optim.clip_update is for optim.name adamw or muon");
    if (c->optim.kind == OPTIM_MUON && c->optim.lr <= 0)
        return err_set(eb, RF_EUSAGE, "optim.name muon needs an optim.lr above 0");
    if (c->train.from_optim && (!c->train.from || !*c->train.from))
        return err_set(eb, RF_EUSAGE, "train.from_optim needs train.from");
    if (c->train.best == BEST_SCORE && !task_of(c)->score)
        return err_set(eb, RF_EUSAGE, "train.best score is not for data.task %s",
                       task_names[c->data.task]);
    if (c->train.eval_every == 0 && c->train.patience)
        return err_set(eb, RF_EUSAGE, "train.patience needs train.eval_every");
    if (c->train.patience && c->optim.schedule == SCHEDULE_WSD)
        return err_set(eb, RF_EUSAGE,
                       "train.patience would end the run before the decay of optim.schedule "
                       "wsd: say train.patience 0 or optim.schedule constant");
    if (!c->train.run || !*c->train.run)
        return err_set(eb, RF_EUSAGE, "train.run names no folder");
    return RF_OK;
}
