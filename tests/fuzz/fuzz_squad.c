/* fuzz_squad: any bytes as questions on texts. fuzz: -max_len=2048 -dict=tests/fuzz/squad.dict
 *
 * Texts must be UTF-8, and reading for scores alone must come to the end wherever the whole
 * reading does.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "data/squad_features.h"
#include "data/squad_score.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tools {
    struct vocab *v;
    struct wordpiece *w;
    struct squad_features *f;
    struct squad_scorer *scorer;
};

static void open_tools(struct tools *t, enum squad_metric metric)
{
    static const char pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n##b\n가\n##나\n";
    static const struct squad_feature_cfg cfg = {.max_len = 12, .stride = 3, .max_query = 4};

    if (vocab_parse(&t->v, pieces, sizeof pieces - 1, "pieces", NULL, NULL) != RF_OK ||
        wordpiece_new(&t->w, t->v, &(struct wordpiece_cfg){0}, NULL) != RF_OK ||
        squad_features_new(&t->f, t->w, t->v, &cfg, NULL) != RF_OK ||
        squad_scorer_new(&t->scorer, metric, NULL) != RF_OK)
        abort();
}

static void close_tools(struct tools *t)
{
    squad_scorer_free(t->scorer);
    squad_features_free(t->f);
    wordpiece_free(t->w);
    vocab_free(t->v);
}

static void check_text(const char *text, size_t n)
{
    if (utf8_check(text, n) != n || text[n] != '\0')
        abort();
}

/* The text of an answer's tokens, which a window shows whole, and the score of the answer. */
static void check_answer(struct tools *t, const struct squad_context *c,
                         const struct squad_answer *a)
{
    struct squad_score score;
    struct squad_span span, window;
    const char *text;
    size_t len;

    check_text(a->text, a->len);
    if (squad_score(t->scorer, a->text, a->len, a, 1, &score) != RF_OK || !score.exact)
        abort();
    if (!squad_features_answer(t->f, a->start, a->text, a->len, &span))
        return;
    text = squad_features_text(t->f, span, &len);
    if (text < c->text || text + len > c->text + c->len || utf8_check(text, len) != len)
        abort();
    window = squad_features_window(t->f, squad_features_best_window(t->f, span.first));
    if (span.first < window.first || span.first > window.last)
        abort();
}

static void check_context(struct tools *t, const struct squad_context *c)
{
    const int32_t *ids;
    size_t n, passage;
    bool cut;

    check_text(c->text, c->len);
    if (squad_features_context(t->f, c) != RF_OK)
        abort();
    for (size_t i = 0; i < c->n; i++) {
        const struct squad_question *q = &c->questions[i];

        check_text(q->id, q->id_len);
        check_text(q->text, q->len);
        if (squad_features_question(t->f, q->text, q->len, &cut) != RF_OK)
            abort();
        for (size_t k = 0; k < squad_features_windows(t->f); k++)
            if (squad_features_sequence(t->f, k, &ids, &n, &passage) != RF_OK || n > 12)
                abort();
        for (size_t k = 0; k < q->n_answers; k++)
            check_answer(t, c, &q->answers[k]);
    }
}

static int read_all(struct tools *t, char *name, const struct squad_cfg *cfg)
{
    struct squad *s = NULL;
    struct squad_context c;
    struct errbuf eb = {0};
    int rc = squad_open(&s, &name, 1, cfg, &eb);

    while (rc == RF_OK && (rc = squad_next(s, &c, &eb)) == 1) {
        if (!cfg->answers)
            check_context(t, &c);
        rc = RF_OK;
    }
    if (rc < 0 && !*eb.text)
        abort();
    squad_close(s);
    return rc;
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct squad_cfg cfg = {.join = size && data[0] & 1};
    struct tools t = {0};
    char name[32];
    int fd;

    if (size == 0 || (fd = memfd_create("questions", 0)) < 0)
        return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (write(fd, data + 1, size - 1) == (ssize_t)(size - 1)) {
        open_tools(&t, data[0] & 2 ? METRIC_SQUAD : METRIC_KORQUAD);
        if (read_all(&t, name, &cfg) == RF_OK &&
            read_all(&t, name, &(struct squad_cfg){.answers = true}) != RF_OK)
            abort();
        close_tools(&t);
    }
    close(fd);
    return 0;
}
