#include "wordpiece/wpbuild.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/par.h"
#include "text/cut.h"
#include "wordpiece/counts_read.h"
#include "wordpiece/normalize.h"
#include "wordpiece/tokenizer_json.h"
#include "wordpiece/wpreport.h"

/* What is trained, and what came of it. */
struct work {
    const struct wpbuild_cfg *cfg;
    struct wpbuild_totals *totals;
    struct progress *p;
    bool shown;            /* the user wants progress */
    uint64_t merge_memory; /* bytes */
    int threads;
    struct lines *lines;         /* of the text, */
    struct counts_read *counted; /* or the words of the files of counts */
    struct word_counts words;
    struct strtab tokens;
    struct vocab *vocab; /* made of the tokens */
    struct buf file;     /* the bytes of the vocabulary file */
    char *near;          /* where temporary files lie, if in the folder `hf` */
    struct errbuf *eb;
};

/* How the memory is shared. First comes what the rest of the program takes, then what a
 * token and a thread take. The rest is for counting, whose tables double when they grow, or
 * for merging. */
enum {
    OWN_BYTES = 24 << 20,
    TOKEN_BYTES = 256,
    THREAD_BYTES = 4 << 20,
    LEAST_BYTES = 16 << 20
};
/* Limits of the longest word, of which each thread holds copies. */
enum { WORD_BYTES = 1 << 20, WORDS_IN_MEMORY = 1024 };

static int share_memory(struct work *w)
{
    const struct wpbuild_cfg *cfg = w->cfg;
    uint64_t own = OWN_BYTES + cfg->train.size * TOKEN_BYTES, left;

    if (cfg->memory < own + LEAST_BYTES)
        return err_set(w->eb, RF_EUSAGE, "--memory must be %lluM at least for --size %llu",
                       (unsigned long long)((own + LEAST_BYTES) >> 20) + 1,
                       (unsigned long long)cfg->train.size);
    left = cfg->memory - own;
    w->threads = par_threads(cfg->threads);
    if ((uint64_t)w->threads > left / LEAST_BYTES)
        w->threads = (int)(left / LEAST_BYTES);
    w->merge_memory = left;
    w->words.longest = cfg->memory / WORDS_IN_MEMORY;
    if (w->words.longest < WORD_BYTES)
        w->words.longest = WORD_BYTES;
    if (w->words.longest > LINE_MAX_BYTES)
        w->words.longest = LINE_MAX_BYTES;
    w->words.memory = (left - (uint64_t)w->threads * THREAD_BYTES) / 2;
    return RF_OK;
}

/* Add the first tokens: those of the given vocabulary under their ids, then the
 * special ones. */
static int first_tokens(struct work *w)
{
    struct vocab *v = NULL;
    uint64_t odd = 0;
    int rc = w->cfg->vocab ? vocab_read(&v, w->cfg->vocab, &odd, w->eb) : RF_OK;

    if (odd)
        rc = err_set(w->eb, RF_EFORMAT, "'%s' has %llu empty, repeated or blank-ended lines",
                     w->cfg->vocab, (unsigned long long)odd);
    for (int32_t id = 0; rc == RF_OK && v && (size_t)id < vocab_size(v); id++) {
        size_t len, i;
        const char *token = vocab_token(v, id, &len);

        if (strtab_add(&w->tokens, token, len, &i) != RF_OK)
            rc = err_nomem(w->eb);
    }
    vocab_free(v);
    return rc == RF_OK ? wptrain_special(&w->tokens, &w->cfg->train, w->eb) : rc;
}

static unsigned normal_flags(const struct work *w)
{
    const struct wordpiece_cfg *normal = &w->cfg->normal;

    return (normal->lower_case ? NORMAL_LOWER : 0) | (normal->strip_accents ? NORMAL_STRIP : 0);
}

/* --- passes */

static int count_text(struct work *w, char *const *names, int n)
{
    struct text_cfg text = w->cfg->text;
    int rc;

    text.part = CUT_PART_BYTES;
    if ((rc = lines_open(&w->lines, names, n, &text, w->eb)) != RF_OK)
        return rc;
    progress_start(w->p, "counting words", "B", 0, lines_size(w->lines), w->shown);
    rc = word_counts_lines(&w->words, w->lines, normal_flags(w), w->threads, w->p, w->eb);
    progress_clear(w->p);
    w->totals->bytes = lines_bytes(w->lines);
    return rc;
}

/* Add up the files of counts. Where the sums are only to be written, they stay out of memory:
 * write_counts() then reads them. */
static int add_counts(struct work *w, char *const *names, int n)
{
    const struct counts_cfg cfg = {normal_flags(w), w->cfg->text.invalid, w->words.longest};
    uint64_t size = 0;
    int rc = inputs_try(names, n, &size, w->eb);

    progress_start(w->p, "adding counts", "B", 0, size, w->shown);
    if (rc == RF_OK)
        rc = counts_read_open(&w->counted, names, n, &cfg, w->words.memory, w->words.near, w->p,
                              w->eb);
    if (rc == RF_OK && !w->cfg->counts_out) {
        rc = counts_read_all(w->counted, &w->words, w->eb);
        w->totals->bytes = counts_read_bytes(w->counted);
        counts_read_close(w->counted);
        w->counted = NULL;
    }
    progress_clear(w->p);
    return rc;
}

static int count_words(struct work *w, char *const *names, int n)
{
    int rc = w->cfg->counts ? add_counts(w, names, n) : count_text(w, names, n);

    w->totals->words = w->words.total;
    if (rc == RF_OK && !w->words.total && !w->cfg->counts_out)
        return err_set(w->eb, RF_EFORMAT, "there is no word in the text");
    return rc;
}

static int merge(struct work *w)
{
    const struct wptrain_cfg *cfg = &w->cfg->train;
    struct wptrain *t = NULL;
    int rc = wptrain_new(&t, &w->tokens, &w->words, w->merge_memory, w->eb);

    if (rc != RF_OK)
        return rc;
    if (!w->cfg->report)
        word_counts_free(&w->words);
    progress_start(w->p, "merging", "tokens", w->tokens.n, cfg->size, w->shown);
    rc = wptrain_merge(t, cfg, w->p, w->eb);
    progress_clear(w->p);
    wptrain_free(t);
    return rc;
}

static int make_vocab(struct work *w)
{
    for (size_t i = 0; i < w->tokens.n; i++)
        if (buf_printf(&w->file, "%s\n", strtab_get(&w->tokens, i, NULL)) != RF_OK)
            return err_nomem(w->eb);
    return vocab_parse(&w->vocab, w->file.data, w->file.len, "the vocabulary", NULL, w->eb);
}

static int train(struct work *w)
{
    int rc =
        wptrain_alphabet(&w->tokens, &w->words, &w->cfg->train, &w->totals->alphabet, w->eb);

    if (rc == RF_OK)
        rc = merge(w);
    if (rc != RF_OK)
        return rc;
    w->totals->tokens = w->tokens.n;
    return make_vocab(w);
}

/* --- files */

static int write_vocab(struct work *w, FILE *to)
{
    fwrite(w->file.data, 1, w->file.len, to);
    return RF_OK;
}

static int write_json(struct work *w, FILE *to)
{
    return tokenizer_json_write(w->vocab, &w->cfg->normal, to, w->eb);
}

static int write_report(struct work *w, FILE *to)
{
    return wpreport_write(w->vocab, &w->words, &w->totals->alphabet, to, w->eb);
}

/* Give the next word of what was counted or is being added up. */
static int next_count(struct work *w, const char **word, size_t *len, uint64_t *count)
{
    return w->counted ? counts_read_next(w->counted, word, len, count, w->eb)
                      : word_counts_next(&w->words, word, len, count, w->eb);
}

static int write_counts(struct work *w, FILE *to)
{
    struct counts_writer out = {0};
    const char *word;
    uint64_t count;
    size_t len;
    int rc = counts_writer_start(&out, to, normal_flags(w), w->eb);

    if (rc == RF_OK)
        rc = word_counts_rewind(&w->words, WORDS_SORTED, w->eb);
    while (rc == RF_OK && (rc = next_count(w, &word, &len, &count)) == 1)
        rc = counts_writer_put(&out, word, len, count, w->eb);
    if (rc == RF_OK)
        rc = counts_writer_end(&out, w->eb);
    w->totals->words = out.sum.total;
    if (w->counted)
        w->totals->bytes = counts_read_bytes(w->counted);
    counts_writer_free(&out);
    return rc;
}

static int write_config(struct work *w, FILE *to)
{
    tokenizer_config_write(w->vocab, &w->cfg->normal, to);
    return RF_OK;
}

static int write_special(struct work *w, FILE *to)
{
    special_tokens_map_write(w->vocab, to);
    return RF_OK;
}

/* A file to write with `put`. */
struct file {
    const char *folder, *name; /* folder NULL: the name is whole; name NULL: standard output */
    bool wanted;
    int (*put)(struct work *, FILE *);
    struct output *out;
};

enum { FILES = 8 };

static void list_files(struct file files[FILES], const struct wpbuild_cfg *cfg)
{
    const struct file all[FILES] = {
        {NULL, cfg->counts_out, cfg->counts_out, write_counts, NULL},
        {NULL, cfg->tokenizer_json, cfg->tokenizer_json, write_json, NULL},
        {NULL, cfg->report, cfg->report, write_report, NULL},
        {NULL, cfg->output, cfg->output || !(cfg->hf || cfg->counts_out), write_vocab, NULL},
        {cfg->hf, "tokenizer.json", cfg->hf, write_json, NULL},
        {cfg->hf, "tokenizer_config.json", cfg->hf, write_config, NULL},
        {cfg->hf, "special_tokens_map.json", cfg->hf, write_special, NULL},
        {cfg->hf, "vocab.txt", cfg->hf, write_vocab, NULL},
    };

    memcpy(files, all, sizeof all);
}

/* Open all files that are wanted, so that one that cannot be is an error before any work. */
static int open_files(struct file files[FILES], struct errbuf *eb)
{
    int rc = RF_OK;

    for (struct file *f = files; rc == RF_OK && f < files + FILES; f++) {
        char *path = f->wanted && f->folder ? path_join(f->folder, f->name) : NULL;

        if (f->wanted && f->folder && !path)
            rc = err_nomem(eb);
        else if (f->wanted)
            rc = output_open(&f->out, path ? path : f->name, OUTPUT_TEXT, eb);
        free(path);
    }
    return rc;
}

/* Write all files and settle them; none is under its name yet. */
static int write_files(struct file files[FILES], struct work *w)
{
    int rc = RF_OK;

    for (struct file *f = files; rc == RF_OK && f < files + FILES; f++)
        if (f->out && (rc = f->put(w, output_file(f->out))) == RF_OK)
            rc = output_settle(f->out, w->eb);
    return rc;
}

/* Give all files their names, or none if rc is a failure. Returns it, or what committing failed
 * with. */
static int close_files(struct file files[FILES], int rc, struct errbuf *eb)
{
    for (struct file *f = files; f < files + FILES; f++) {
        if (rc == RF_OK && f->out)
            rc = output_commit(f->out, eb);
        else
            output_abort(f->out);
    }
    return rc;
}

/* Make the folder, so that one that cannot be made is an error before any work. */
static int make_folder(const char *name, bool *made, struct errbuf *eb)
{
    struct stat st;

    *made = mkdir(name, 0777) == 0;
    if (*made || (errno == EEXIST && stat(name, &st) == 0 && S_ISDIR(st.st_mode)))
        return RF_OK;
    return err_set(eb, RF_EIO, "cannot make the folder '%s': %s", name,
                   strerror(errno == EEXIST ? ENOTDIR : errno));
}

int wpbuild(const struct wpbuild_cfg *cfg, char *const *names, int n, struct wpbuild_totals *t,
            struct progress *p, struct errbuf *eb)
{
    struct work w = {.cfg = cfg, .totals = t, .p = p, .shown = p->on, .eb = eb};
    struct file files[FILES];
    bool made = false;
    int rc = share_memory(&w);

    *t = (struct wpbuild_totals){0};
    list_files(files, cfg);
    w.words.near = cfg->counts_out ? cfg->counts_out : cfg->output;
    if (rc == RF_OK)
        rc = first_tokens(&w);
    if (rc == RF_OK && cfg->hf)
        rc = make_folder(cfg->hf, &made, eb);
    if (rc == RF_OK && cfg->hf && !cfg->output) {
        w.words.near = w.near = path_join(cfg->hf, "vocab.txt");
        rc = w.near ? RF_OK : err_nomem(eb);
    }
    if (rc == RF_OK)
        rc = open_files(files, eb);
    if (rc == RF_OK)
        rc = count_words(&w, names, n);
    if (rc == RF_OK && !cfg->counts_out)
        rc = train(&w);
    if (rc == RF_OK)
        rc = write_files(files, &w);
    rc = close_files(files, rc, eb);
    if (rc != RF_OK && made)
        (void)rmdir(cfg->hf);
    strtab_free(&w.tokens);
    word_counts_free(&w.words);
    buf_free(&w.file);
    free(w.near);
    vocab_free(w.vocab);
    lines_close(w.lines);
    counts_read_close(w.counted);
    return rc;
}
