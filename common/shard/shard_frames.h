/* shard_frames.h: files, parts and frames of a shard, checked, one frame after the other. */
#ifndef SHARD_SHARD_FRAMES_H
#define SHARD_SHARD_FRAMES_H

#include <stdbool.h>

#include "shard/shard_payload.h"

/** A frame that was read, its records not yet taken; {0} is empty. */
struct shard_frame {
    struct shard_payload records; /* lie over one of the two */
    struct buf payload, plain;    /* plain: a payload that was packed */
    const char *name;             /* of its file, for messages */
    uint64_t consumed;            /* file bytes, behind it */
    uint64_t frames, parts;       /* so far, this one included */
};

struct shard_frames;

/** Start with `in` (may be NULL), which is borrowed, then the files of these names, which must
 * live as long. *size: their bytes in all, 0 if not known. Errors of shard_files_open(). */
MUST_CHECK int shard_frames_open(struct shard_frames **f, struct input *in, char *const *names,
                                 int n, uint64_t *size, struct errbuf *eb);

/** The first part's header; its chain lives as long as f. */
const struct shard_info *shard_frames_info(const struct shard_frames *f);

/** The name of the file at hand. */
const char *shard_frames_name(const struct shard_frames *f);

/** The next frame into *to, in place of what was there: 1, 0 at the checked end, or an error of
 * shard_next(). */
MUST_CHECK int shard_frames_next(struct shard_frames *f, struct shard_frame *to,
                                 struct errbuf *eb);

/**
 * Before the first frame: pass over what lies before a record without reading it, as far as
 * there are plain files that are named. *record becomes how many are still to be passed over by
 * reading, *passed how many were. 1, 0 where the end is reached, or an error.
 */
MUST_CHECK int shard_frames_seek(struct shard_frames *f, uint64_t *record, uint64_t *passed,
                                 struct errbuf *eb);

/** Free; NULL is fine. */
void shard_frames_close(struct shard_frames *f);
void shard_frame_free(struct shard_frame *f);

#endif
