#include "wordpiece/counts_file.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/opt.h"
#include "wordpiece/normalize.h"

/* The first line is HEAD and the settings, the last one is END and three numbers. No line of a
 * word begins like them, since neither a word nor a count has a space. */
#define HEAD    "wp-counts "
#define VERSION "1 "
#define END     "end "

enum { HASH_DIGITS = 16 };
enum { COUNT_ROOM = 64 }; /* room behind the longest word, also for the last line */

static const char *yes_no(unsigned flags, unsigned flag)
{
    return flags & flag ? "yes" : "no";
}

/* Add a line and its end to the hash. */
static int add_line(struct counts_sum *sum, const char *line, size_t len, struct errbuf *eb)
{
    if (!sum->hash) {
        if (!(sum->hash = XXH3_createState()))
            return err_nomem(eb);
        XXH3_64bits_reset(sum->hash);
    }
    XXH3_64bits_update(sum->hash, line, len);
    XXH3_64bits_update(sum->hash, "\n", 1);
    return RF_OK;
}

static int add_count(struct counts_sum *sum, uint64_t count, struct errbuf *eb)
{
    if (__builtin_add_overflow(sum->total, count, &sum->total))
        return err_set(eb, RF_ERANGE, "there are 2^64 words or more");
    sum->words++;
    return RF_OK;
}

/* --- writing */

/* Write the line that w->line holds, and its end. */
static void put_line(struct counts_writer *w)
{
    fwrite_unlocked(w->line.data, 1, w->line.len, w->to);
    putc_unlocked('\n', w->to);
}

static int put_hashed(struct counts_writer *w, struct errbuf *eb)
{
    put_line(w);
    return add_line(&w->sum, w->line.data, w->line.len, eb);
}

static int print_head(struct buf *to, unsigned flags)
{
    buf_clear(to);
    return buf_printf(to, HEAD VERSION "lower-case=%s strip-accents=%s",
                      yes_no(flags, NORMAL_LOWER), yes_no(flags, NORMAL_STRIP));
}

static int print_end(struct buf *to, const struct counts_sum *sum)
{
    buf_clear(to);
    return buf_printf(to, END "%llu %llu %0*llx", (unsigned long long)sum->words,
                      (unsigned long long)sum->total, HASH_DIGITS,
                      (unsigned long long)XXH3_64bits_digest(sum->hash));
}

int counts_writer_start(struct counts_writer *w, FILE *to, unsigned flags, struct errbuf *eb)
{
    w->to = to;
    return print_head(&w->line, flags) == RF_OK ? put_hashed(w, eb) : err_nomem(eb);
}

int counts_writer_put(struct counts_writer *w, const char *word, size_t len, uint64_t count,
                      struct errbuf *eb)
{
    int rc = add_count(&w->sum, count, eb);

    if (rc != RF_OK)
        return rc;
    buf_clear(&w->line);
    if (buf_put(&w->line, word, len) != RF_OK || buf_put(&w->line, "\t", 1) != RF_OK ||
        buf_put_uint(&w->line, count) != RF_OK)
        return err_nomem(eb);
    return put_hashed(w, eb);
}

int counts_writer_end(struct counts_writer *w, struct errbuf *eb)
{
    if (print_end(&w->line, &w->sum) != RF_OK)
        return err_nomem(eb);
    put_line(w);
    return RF_OK;
}

void counts_writer_free(struct counts_writer *w)
{
    XXH3_freeState(w->sum.hash);
    buf_free(&w->line);
    *w = (struct counts_writer){0};
}

/* --- reading */

static bool begins(const char *line, size_t len, const char *with)
{
    size_t n = strlen(with);

    return len >= n && memcmp(line, with, n) == 0;
}

static int next_line(struct counts_file *f, const char **line, size_t *len, struct errbuf *eb)
{
    int rc = lines_next(f->lines, line, len, eb);
    const char *tab = rc == 1 ? memchr(*line, '\t', *len) : NULL;

    if (rc == 1 && (lines_more(f->lines) || (tab && (size_t)(tab - *line) >= f->cfg.longest)))
        return err_set(eb, RF_EFORMAT, "a word of %zu bytes or more in '%s', up to line %llu",
                       f->cfg.longest, lines_name(f->lines),
                       (unsigned long long)lines_number(f->lines));
    return rc;
}

/* Split a line "word TAB count". */
static int parse_word(struct counts_file *f, const char *line, size_t len, struct errbuf *eb)
{
    const char *tab = memchr(line, '\t', len);
    size_t n = tab ? (size_t)(tab - line) : 0;

    if (!n || memchr(line, ' ', n) || memchr(line, '\0', n) || strlen(tab) != len - n ||
        opt_parse_u64(&f->source.count, tab + 1) != RF_OK)
        return err_set(eb, RF_EFORMAT, "not a word, a tab and its count in '%s', line %llu",
                       lines_name(f->lines), (unsigned long long)lines_number(f->lines));
    f->source.word = line;
    f->source.len = n;
    return 1;
}

/* Words must ascend by their bytes. */
static int check_order(struct counts_file *f, struct errbuf *eb)
{
    const struct word_source *s = &f->source;
    size_t common = s->len < f->last.len ? s->len : f->last.len;
    int order = common ? memcmp(s->word, f->last.data, common) : 0;

    if (order < 0 || (order == 0 && s->len <= f->last.len))
        return err_set(eb, RF_EFORMAT, "the word is out of order in '%s', line %llu",
                       lines_name(f->lines), (unsigned long long)lines_number(f->lines));
    buf_clear(&f->last);
    return buf_put(&f->last, s->word, s->len) == RF_OK ? RF_OK : err_nomem(eb);
}

/* The last line must be the one that a writer of the same words puts there, and really the
 * last. Returns 0. */
static int check_end(struct counts_file *f, const char *line, size_t len, struct errbuf *eb)
{
    struct buf want = {0};
    int rc = print_end(&want, &f->sum) == RF_OK ? RF_OK : err_nomem(eb);

    if (rc == RF_OK && (len != want.len || memcmp(line, want.data, len) != 0))
        rc = err_set(eb, RF_ECHECK, "'%s' is damaged: line %llu does not fit those before it",
                     lines_name(f->lines), (unsigned long long)lines_number(f->lines));
    buf_free(&want);
    if (rc == RF_OK && (rc = lines_next(f->lines, &line, &len, eb)) == 1)
        rc = err_set(eb, RF_EFORMAT, "'%s' goes on behind its last line, in line %llu",
                     lines_name(f->lines), (unsigned long long)lines_number(f->lines));
    return rc;
}

static int next_word(struct word_source *s, struct errbuf *eb)
{
    struct counts_file *f = (struct counts_file *)s;
    const char *line;
    size_t len;
    int rc = next_line(f, &line, &len, eb);

    if (rc == 0)
        return err_set(eb, RF_ETRUNC, "'%s' ends too early, behind line %llu",
                       lines_name(f->lines), (unsigned long long)lines_number(f->lines));
    if (rc == 1 && begins(line, len, END))
        return check_end(f, line, len, eb);
    if (rc != 1 || (rc = parse_word(f, line, len, eb)) != 1)
        return rc;
    if ((rc = check_order(f, eb)) != RF_OK ||
        (rc = add_line(&f->sum, line, len, eb)) != RF_OK ||
        (rc = add_count(&f->sum, s->count, eb)) != RF_OK)
        return rc;
    return 1;
}

static int next_plain(struct word_source *s, struct errbuf *eb)
{
    struct counts_file *f = (struct counts_file *)s;
    const char *line;
    size_t len;
    int rc;

    if (f->waits) {
        f->waits = false;
        return 1;
    }
    rc = next_line(f, &line, &len, eb);
    return rc == 1 ? parse_word(f, line, len, eb) : rc;
}

/* Refuse a first line that is not the one a writer of this run's settings puts there. */
static int check_head(struct counts_file *f, const char *line, size_t len, struct errbuf *eb)
{
    struct buf want = {0};

    for (unsigned flags = 0; flags <= (NORMAL_LOWER | NORMAL_STRIP); flags++) {
        bool found;

        if (print_head(&want, flags) != RF_OK)
            return err_nomem(eb);
        found = len == want.len && memcmp(line, want.data, len) == 0;
        buf_free(&want);
        if (found && flags != f->cfg.flags)
            return err_set(eb, RF_EINVAL,
                           "'%s' was counted with lower-case=%s strip-accents=%s, and this run "
                           "has lower-case=%s strip-accents=%s",
                           lines_name(f->lines), yes_no(flags, NORMAL_LOWER),
                           yes_no(flags, NORMAL_STRIP), yes_no(f->cfg.flags, NORMAL_LOWER),
                           yes_no(f->cfg.flags, NORMAL_STRIP));
        if (found)
            return add_line(&f->sum, line, len, eb);
    }
    if (begins(line, len, HEAD VERSION))
        return err_set(eb, RF_EFORMAT, "settings that are unknown in '%s', line 1",
                       lines_name(f->lines));
    return err_set(eb, RF_EINVAL, "'%s' has a version of word counts other than 1",
                   lines_name(f->lines));
}

int counts_file_open(struct counts_file *f, char *name, const struct counts_cfg *cfg,
                     struct errbuf *eb)
{
    const struct text_cfg text = {.invalid = cfg->invalid, .part = cfg->longest + COUNT_ROOM};
    const char *line;
    size_t len;
    int rc;

    *f = (struct counts_file){.cfg = *cfg, .name = name};
    if ((rc = lines_open(&f->lines, &f->name, name != NULL, &text, eb)) != RF_OK)
        return rc;
    if ((rc = next_line(f, &line, &len, eb)) != 1)
        return rc ? rc : err_set(eb, RF_ETRUNC, "'%s' is empty", lines_name(f->lines));
    if (begins(line, len, HEAD)) {
        f->source.next = next_word;
        return check_head(f, line, len, eb);
    }
    f->plain = f->waits = true;
    f->source.next = next_plain;
    rc = parse_word(f, line, len, eb);
    return rc == 1 ? RF_OK : rc;
}

void counts_file_close(struct counts_file *f)
{
    lines_close(f->lines);
    XXH3_freeState(f->sum.hash);
    buf_free(&f->last);
    *f = (struct counts_file){0};
}
