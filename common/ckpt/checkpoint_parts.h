/* checkpoint_parts.h: the parts that checkpoint.c is made of. Only
 * common/ckpt/checkpoint*.c may use it. */
#ifndef CKPT_CHECKPOINT_PARTS_H
#define CKPT_CHECKPOINT_PARTS_H

#include "base/opt.h"
#include "ckpt/checkpoint.h"
#include "ckpt/safetensors.h"

/* The files of a checkpoint, in the order of the manifest. */
enum ckpt_part { PART_WEIGHTS, PART_OPTIM, PART_CONFIG, PART_STATE, PARTS };
extern const char *const ckpt_part_names[PARTS];

/* The configuration holds what the command line said, which may be up to 2 MB. */
enum { CONFIG_MAX_BYTES = 8 << 20, STATE_MAX_BYTES = 512 << 10, MANIFEST_MAX_BYTES = 4 << 10 };

/* --- checkpoint_files.c: the contents of state and MANIFEST */

/** Append `s` as text. RF_OK or RF_ENOMEM. */
MUST_CHECK int ckpt_format_state(struct buf *to, const struct ckpt_state *s);
/** Read the text of a state, whose own texts lie in `keep` from then on; `path` is for
 * messages. Each id must be -1 or below vocab_size. RF_OK, RF_EFORMAT, RF_ENOMEM. */
MUST_CHECK int ckpt_parse_state(struct ckpt_state *s, struct opt_strings *keep,
                                const struct buf *text, const char *path, struct errbuf *eb);

/** Returns the size and digest of n bytes. */
struct st_sum sum_bytes(const void *p, size_t n);

/** Append the text of MANIFEST. RF_OK or RF_ENOMEM. */
MUST_CHECK int ckpt_format_manifest(struct buf *to, const struct st_sum sums[PARTS]);
/**
 * Check a folder against its MANIFEST: it must be whole, and the size and digest of every file
 * must be right, but for one that is not read: of `unread` (PARTS: none) the size is enough.
 * They are written to sums. RF_OK; RF_EIO (a file cannot be read), RF_ENOMEM,
 * RF_EINVAL (a version that is not known); what ckpt_is_damage() knows: RF_EFORMAT, RF_ETRUNC
 * (also: a file is missing), RF_ECHECK.
 */
MUST_CHECK int ckpt_check(const char *folder, enum ckpt_part unread, struct st_sum sums[PARTS],
                          struct errbuf *eb);

/* --- checkpoint.c */

/** Check whether a folder without step-* folders is a checkpoint itself. RF_OK,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int ckpt_find_alone(const char *path, struct errbuf *eb);

/* --- checkpoint_run.c: the folders of a run */

/** Returns "run/step-NNNNNNNN" and the suffix, which the caller frees; NULL: no memory. */
char *step_path(const char *run, uint64_t step, const char *suffix);
/** Remove a checkpoint. It is renamed first, so no reader ever sees a part of it. */
MUST_CHECK int step_drop(const char *run, uint64_t step, const char *suffix, struct errbuf *eb);
/** Remove a .tmp folder that failed. If that is not possible, the next save removes it. */
void discard_tmp(const char *path);
/** Remove all *.tmp folders that killed runs left. */
MUST_CHECK int run_sweep(const char *run, struct errbuf *eb);
/** Remove all *.old folders, and all steps before that of `state` except its best_step and
 * decay_step and the keep - 1 newest whole ones; broken ones that are newer than the last of
 * these also stay. */
MUST_CHECK int run_thin(const char *run, const struct ckpt_state *state, uint64_t keep,
                        struct errbuf *eb);

#endif
