/*
 * modu.h: the corpora of the National Institute of Korean Language (모두의 말뭉치: newspapers,
 * written, spoken, messenger, web), JSON files of documents, to plain text.
 */
#ifndef CORPUS_MODU_H
#define CORPUS_MODU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "base/progress.h"

/** What becomes of the transcribers' marks; names for a table row of type OPT_CHOICE. */
enum modu_marks {
    MODU_DROP_MARKERS, /* {laughing}, {share:photo} go */
    MODU_CLEAN,        /* and -cut off- words; ((guess)) becomes the guess, 음~ becomes 음 */
    MODU_KEEP          /* all stays */
};
extern const char *const modu_marks_names[];

enum {
    MODU_MAX_BYTES = 64 << 20, /* held of a document: metadata may come after the text */
    MODU_MAX_NEST = 4          /* documents inside each other */
};

struct modu_cfg {
    int marks;   /* a modu_marks */
    int invalid; /* an invalid_mode */
};

struct modu_counts {
    uint64_t files, documents, without_text; /* documents without text are not printed */
    uint64_t paragraphs, utterances;         /* also those that are not printed: */
    uint64_t empty, only_marks;
    uint64_t marks;      /* taken out */
    uint64_t anonymised; /* &name&, printed as they stand */
    uint64_t
        private_use; /* characters printed that WordPiece will drop, as old Hangul is coded */
    uint64_t nul, surrogates, replaced; /* characters removed; U+FFFD for lone surrogates and
                                           for bytes that are not UTF-8 */
    uint64_t bytes, consumed;           /* of JSON, of files as they lie */
};

/**
 * Read one file (NULL or "-": standard input, where several may follow one another) and write
 * its documents: a title line where there is one, a paragraph, turn or message a line, an empty
 * line.
 *
 * Text is document.paragraph[].form and document.utterance[].form alone, `document` being an
 * array, an object or one inside the other; the kind is told by the document's id, the file's
 * or the file's name. `progress` (may be NULL) is shown counts->consumed.
 *
 * RF_OK; RF_EFORMAT: bad JSON, no text where there are documents, or a CSV file (file and byte
 * or layout are named); RF_ERANGE: a limit above; or the errors of json_next() and
 * text_out_line(). *counts is added to, also before an error; documents before it are written.
 */
MUST_CHECK int modu_text(struct text_out *out, const char *name, const struct modu_cfg *cfg,
                         struct modu_counts *counts, struct progress *progress,
                         struct errbuf *eb);

/** Can the next file be read after this error: was it the file's fault? */
bool modu_may_go_on(int rc);

#endif
