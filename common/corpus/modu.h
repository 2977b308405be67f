/*
 * modu.h: converts the corpora of the National Institute of Korean Language (모두의 말뭉치:
 * newspapers, written, spoken, messenger, web) to plain text. They are JSON files of documents.
 */
#ifndef CORPUS_MODU_H
#define CORPUS_MODU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "base/progress.h"

/** What happens to the transcribers' marks. The names are for a table row of
 * type OPT_CHOICE. */
enum modu_marks {
    MODU_DROP_MARKERS, /* {laughing} and {share:photo} are removed */
    MODU_CLEAN, /* also -cut off- words are; ((guess)) becomes the guess, 음~ becomes 음 */
    MODU_KEEP   /* all marks stay */
};
extern const char *const modu_marks_names[];

enum {
    MODU_MAX_BYTES = 64 << 20, /* held of a document: metadata may come last */
    MODU_MAX_NEST = 4          /* how deep documents may be nested */
};

struct modu_cfg {
    int marks;   /* a modu_marks */
    int invalid; /* an invalid_mode */
};

struct modu_counts {
    uint64_t files, documents, without_text; /* documents without text are not printed */
    uint64_t paragraphs, utterances;         /* all of them; those below are not printed: */
    uint64_t empty, only_marks;
    uint64_t marks;       /* marks that were taken out */
    uint64_t anonymised;  /* &name& and the like, which are printed as they stand */
    uint64_t private_use; /* printed characters of private use, which code old Hangul; WordPiece
                             drops them */
    uint64_t nul, surrogates, replaced; /* removed U+0000; U+FFFD put in for lone surrogates,
                                           and for bytes that are not UTF-8 */
    uint64_t bytes, consumed;           /* of JSON; of files as they lie */
};

/**
 * Read one file and write its documents: the title as a line, or an empty line where there
 * is none, each paragraph, turn or message as a line, an empty line. `name` NULL or "-" is
 * standard input, where several files may follow one another.
 *
 * Text is only document.paragraph[].form and document.utterance[].form, where `document` is an
 * array, an object, or one inside the other. The kind of a document comes from its id, the
 * file's id or the file's name. `progress` (may be NULL) shows counts->consumed.
 *
 * RF_OK; RF_EFORMAT: bad JSON, documents without any text, or a CSV file (the message names
 * the file and the byte or the layout); RF_ERANGE: a limit above; or the errors of json_next()
 * and text_out_line(). *counts is added to, also before an error, and documents before an
 * error are written.
 */
MUST_CHECK int modu_text(struct text_out *out, const char *name, const struct modu_cfg *cfg,
                         struct modu_counts *counts, struct progress *progress,
                         struct errbuf *eb);

/** True if the next file can be read after this error, because the file was at fault. */
bool modu_may_go_on(int rc);

#endif
