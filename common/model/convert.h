/*
 * convert.h: a model's weights as reformer-pytorch's state_dict names them, in safetensors.
 *
 * A state_dict has each block twice, as blocks.K.f.net and as irrev_blocks.K.f: both are
 * written, one is enough to read. Tables of frequencies, which are no weights, are written, and
 * passed over when read.
 */
#ifndef MODEL_CONVERT_H
#define MODEL_CONVERT_H

#include "model/params.h"
#include "ckpt/safetensors.h"

/** What the shapes in a file say of its model beside struct model_cfg, whose axial_shape and
 * pkm_layers point to the texts here. */
struct convert_shapes {
    size_t vocab_size, queries; /* queries: heads times their width */
    char axial[32], pkm[8192];
};

/**
 * Set in *c what the file's shapes tell, and tied_layers where all attentions have equal
 * numbers. Nothing else: settings without weights (causal, rounds, ...) stay as they are.
 * heads, dim_head and max_len become 0 where the shapes do not tell them: heads follow only
 * from a known width. *s must live as long as *c. RF_OK, RF_EFORMAT (it is no Reformer's).
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
 * version has no such model; or the errors of st_write(). */
MUST_CHECK int convert_write(const struct params *p, const struct model_cfg *c, float *block,
                             enum model_compat to, const char *path, struct errbuf *eb);

#endif
