/*
 * convert.h: a model's weights as reformer-pytorch's state_dict names them, in safetensors.
 *
 * Its blocks stand in it twice, as blocks.K.f.net and as irrev_blocks.K.f: both are written,
 * one is needed. What is no weight (tables of frequencies) is written and passed over.
 */
#ifndef MODEL_CONVERT_H
#define MODEL_CONVERT_H

#include "model/params.h"
#include "ckpt/safetensors.h"

/** What the shapes in a file say of its model; the texts are what model.axial_shape and
 * model.pkm_layers point to. */
struct convert_shapes {
    size_t vocab_size, queries; /* queries: heads times their width */
    char axial[32], pkm[8192];
};

/**
 * Set in *c what the file's shapes tell, and nothing else: not what has no weights (causal,
 * rounds, ...), nor heads unless their width is known; where heads, dim_head or max_len are
 * not, they become 0. *s must live as long as *c. RF_OK, RF_EFORMAT (it is no Reformer's).
 */
MUST_CHECK int convert_shapes(struct model_cfg *c, struct convert_shapes *s,
                              const struct st_file *f, const char *path, struct errbuf *eb);

/**
 * Fill a block of parameters in host memory. Every parameter must be there, and the file may
 * hold nothing that has no place. RF_OK, RF_EFORMAT, RF_ENAN, RF_ENOMEM; `path` is for
 * messages.
 */
MUST_CHECK int convert_read(const struct params *p, float *block, const struct st_file *f,
                            const char *path, struct errbuf *eb);

/** Write a block of parameters for `to`, which is not COMPAT_NONE. RF_OK; RF_EINVAL: that
 * version has no such model; what st_write() gives. */
MUST_CHECK int convert_write(const struct params *p, const struct model_cfg *c, float *block,
                             enum model_compat to, const char *path, struct errbuf *eb);

#endif
