/*
 * model_cfg.h: what a model is made of: section `model` of rf-config(5), and what follows from
 * it.
 *
 * A model may be that of reformer-pytorch, number for number: `compat` picks what that version
 * does where the configuration leaves a choice open.
 */
#ifndef MODEL_MODEL_CFG_H
#define MODEL_MODEL_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum model_compat { COMPAT_NONE, COMPAT_1_1_3, COMPAT_1_4_4 };
enum model_norm { NORM_LAYER, NORM_SCALE, NORM_REZERO };
enum model_choice { CHOICE_AUTO, CHOICE_TRUE, CHOICE_FALSE };
enum model_layout {
    LAYOUT_CHUNKED, /* chunks of all positions in the order of their buckets */
    LAYOUT_ALIGNED  /* chunks begin anew at each bucket */
};
enum model_position {
    POSITION_AUTO,
    POSITION_AXIAL,
    POSITION_ABSOLUTE,
    POSITION_FIXED,
    POSITION_ROTARY,
    POSITION_NONE
};

/** Names of these values, each list with NULL at its end; act_names are those of enum act. */
extern const char *const compat_names[],
    *const norm_names[], *const choice_names[], *const layout_names[], *const position_names[],
                                                                           *const act_names[];

/** Parameters that a task has beside the model's own, for outputs other than tokens. */
struct model_output {
    const char *name;  /* in checkpoints */
    size_t rows, cols; /* cols 0: a vector of `rows`; either may be one of those below */
    char init;         /* as struct param has it: '0' zeros, 'w' weights */
};
enum {
    MODEL_DIM = -1,     /* the model's width */
    MODEL_DIM_4 = -2,   /* four times that */
    MODEL_CLASSES = -3, /* model_cfg.classes */
    MODEL_OUTPUTS_MAX = 8,
    MODEL_PIECES_MAX = 8
};

/** A second model beside the main one, whose words the main one learns to tell from those of
 * the text (ELECTRA: Clark et al. 2020). Both have one embedding, with its positions. A size
 * that is 0 is the main model's. */
struct generator_cfg {
    uint64_t dim, depth, heads, dim_head, ff_mult;
    double temperature;                  /* that its words are drawn at */
    double weight, discriminator_weight; /* of both losses in what is minimised */
};

/** Meanings: rf-config(5). */
struct model_cfg {
    uint64_t dim, depth, heads;
    uint64_t dim_head; /* 0: compat's */
    uint64_t max_len;  /* 0: the data's */
    uint64_t chunk, rounds;
    uint64_t local_chunk; /* 0: chunk */
    uint64_t local_back;  /* windows of local attention before a query's own */
    uint64_t hash_factor; /* more buckets than this are hashed in two factors; 0: never */
    uint64_t full_attn_thres, local_heads, mem_kv;
    uint64_t attn_heads; /* heads computed at a time; 0: all */
    uint64_t ff_mult;
    uint64_t ff_rows; /* rows computed at a time; 0: as many as the device likes */
    uint64_t emb_dim; /* 0: dim */
    uint64_t pkm_keys, pkm_heads, pkm_topk, pkm_dim;
    uint64_t reverse_thres;
    double lsh_dropout, post_attn_dropout, ff_dropout, layer_dropout;
    double head_dropout;                /* of a task's own outputs */
    double emb_std, head_std;           /* of first values; 0: as params.c has them */
    double z_loss, label_smoothing;     /* of training: cross_entropy() */
    const struct model_output *outputs; /* of the task, up to MODEL_OUTPUTS_MAX */
    size_t n_outputs;
    struct generator_cfg generator;  /* where has_generator is set */
    size_t classes;                  /* of the task's data; 0: they have none */
    bool headless;                   /* the model has no output of tokens */
    size_t pieces[MODEL_PIECES_MAX]; /* up to the first 0: of training, lengths of pieces that
                                        a batch's sequences may be cut into: model_rows() */
    const char *axial_shape;         /* "128x40"; NULL or "": by chunk */
    const char *pkm_layers;          /* "3,6"; NULL or "": none */
    const char *layers; /* "local,lsh"; NULL or "": all as full_attn and local_heads say */
    int compat, norm, final_norm, position;
    int lsh_layout; /* enum model_layout */
    int ff_act;     /* enum act */
    bool causal, across_buckets, duplicates, rotations_per_head, full_attn, one_value_head;
    bool twin, ff_glu, tied_embedding, tied_layers;
    bool has_generator;
    bool marks;     /* batches have model_batch.marks */
    bool head_zero; /* the head's matrix begins as zeros */
};

/** The largest values that numbers of a configuration may have. */
enum {
    MODEL_WIDTH_MAX = 65536,
    MODEL_DEPTH_MAX = 1024,
    MODEL_HEADS_MAX = 1024,
    MODEL_LEN_MAX = 1 << 24,
    MODEL_CHUNK_MAX = 65536,
    MODEL_ROUNDS_MAX = 256,
    MODEL_BACK_MAX = 1024,
    MODEL_FF_MULT_MAX = 64
};

/** What follows from a configuration: no choice is open any more. */
struct model_shape {
    size_t dim, depth, heads, vocab, max_len;
    size_t emb;            /* width of the embedding */
    size_t D, QK, VD;      /* widths: of a head, of all heads' queries, of all their values */
    size_t ff, ff_in;      /* widths behind and before feed-forward's activation: ff_in is twice
                              ff with glu */
    size_t axial0, axial1; /* sides of the position tables; 0: none */
    size_t group;          /* heads computed at a time */
    int position;          /* enum model_position, not AUTO */
    bool final_norm;
    bool compat;                     /* the model is one of reformer-pytorch */
    bool pkm[MODEL_DEPTH_MAX];       /* which layers have product-key memory */
    uint16_t local[MODEL_DEPTH_MAX]; /* of each layer, how many heads are local: the first */
    bool full[MODEL_DEPTH_MAX];      /* whether its others see every key, or else hash */
    bool hashes;                     /* heads of some layer do */
};

/**
 * Refuse settings that contradict each other, whatever the data. RF_OK, or RF_EUSAGE with a
 * line that names the keys and, of a number that cannot be, the nearest ones that can.
 */
MUST_CHECK int model_cfg_check(const struct model_cfg *c, struct errbuf *eb);

/** Name, in words, what the model has and that version of reformer-pytorch has not; NULL: there
 * is no such thing. *setting (may be NULL) becomes the key and value that ask for it. */
const char *model_cfg_lacks(enum model_compat version, const struct model_cfg *c,
                            const char **setting);

/** The generator's configuration, of a model that has one. */
void model_cfg_generator(struct model_cfg *to, const struct model_cfg *c);

/** Work out the shape for sequences of up to max_len tokens and V ids. RF_OK, or RF_EUSAGE as
 * above. */
MUST_CHECK int model_cfg_shape(struct model_shape *s, const struct model_cfg *c, size_t max_len,
                               size_t vocab_size, struct errbuf *eb);

/** Find two even numbers whose product is about N: the factors of factorised hashing. */
void model_factor(size_t N, size_t *n1, size_t *n2);

#endif
