/* shard_frames.h: reads the files, parts and frames of a shard, one frame after the other, and
 * checks them. */
#ifndef SHARD_SHARD_FRAMES_H
#define SHARD_SHARD_FRAMES_H

#include <stdbool.h>

#include "shard/shard_payload.h"

/** A frame that was read and whose records are not yet taken. {0} is empty. */
struct shard_frame {
    struct shard_payload records; /* they lie in `plain` if packed, else in `payload` */
    struct buf payload, plain;    /* plain: the unpacked payload */
    const char *name;             /* the name of its file, for messages */
    uint64_t consumed;            /* how many bytes of all files were read when it ended */
    uint64_t frames, parts;       /* their numbers so far, including this one */
};

struct shard_frames;

/** Start with `in`, which may be NULL and is borrowed; then the files with these names follow.
 * The names must live as long as *f. *size is the size of these files in bytes, 0 if it is not
 * known. Errors of shard_files_open(). */
MUST_CHECK int shard_frames_open(struct shard_frames **f, struct input *in, char *const *names,
                                 int n, uint64_t *size, struct errbuf *eb);

/** Returns the header of the first part; its chain lives as long as f. */
const struct shard_info *shard_frames_info(const struct shard_frames *f);

/** Returns the name of the current file. */
const char *shard_frames_name(const struct shard_frames *f);

/** Read the next frame into *to in place of the old one: 1, 0 at the checked end, or an error
 * of shard_next(). */
MUST_CHECK int shard_frames_next(struct shard_frames *f, struct shard_frame *to,
                                 struct errbuf *eb);

/**
 * Skip the frames before a record without reading them, as far as the files are plain and have
 * names. Call this before the first frame. Afterwards *record is the number of records that
 * must still be skipped by reading, and *passed the number that were skipped. Returns 1, 0 if
 * the end was reached, or an error.
 */
MUST_CHECK int shard_frames_seek(struct shard_frames *f, uint64_t *record, uint64_t *passed,
                                 struct errbuf *eb);

/** Where a frame lies. */
struct shard_place {
    uint64_t start;         /* the first byte of its part in the file */
    uint64_t offset;        /* of its lead frame in the part */
    uint64_t frame, record; /* its number, and that of its first record, in the part */
    uint64_t file_frame;    /* its number in the file, for messages */
};

/**
 * These two go to a place in the one file of `f`, a plain file, at any time and however often:
 * to the header of the part that starts at byte `start`, which is read and checked, and to a
 * frame of the part in hand, which begins a group if the part is packed. Frames are checked
 * from there on; the end frame behind them is not meant to be reached. Errors of shard_next().
 */
MUST_CHECK int shard_frames_enter(struct shard_frames *f, uint64_t start, struct errbuf *eb);
MUST_CHECK int shard_frames_goto(struct shard_frames *f, const struct shard_place *at,
                                 struct errbuf *eb);

/** Returns the coding of the part in hand, a shard_coding. */
int shard_frames_coding(const struct shard_frames *f);

/** Free; NULL is fine. */
void shard_frames_close(struct shard_frames *f);
void shard_frame_free(struct shard_frame *f);

#endif
