/* fuzz_wordpiece: a line's ids do not depend on how it is read or asked for. fuzz: -max_len=512
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/cut.h"
#include "wordpiece/wordpiece.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

static const char tokens[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nab\n##a\n##b\n##ab\n[\n]\n.\n"
    "\xEA\xB0\x80\n##\xEA\xB0\x80\n\xE1\x84\x80\n##\xE1\x85\xA1\n"
    "MASK\n\xE4\xB8\x80\ni\n##\xCC\x87\n1\n##1\n";

/* Each id has a place inside the text, none before that of the id before it. */
static void check_spans(const struct buf *spans, size_t n, const struct buf *text)
{
    const struct span *s = (const struct span *)(const void *)spans->data;
    size_t characters = 0;

    for (size_t i = 0; i < text->len; i++)
        characters += (text->data[i] & 0xC0) != 0x80;
    must(spans->len == n * sizeof *s);
    for (size_t i = 0; i < n; i++)
        must(s[i].a < s[i].b && s[i].b <= characters);
}

static void must_be(const struct ids *got, const struct ids *want)
{
    must(got->n == want->n);
    must(!got->n || memcmp(got->ids, want->ids, got->n * sizeof *got->ids) == 0);
}

/* The text again through a file, in parts. */
static void check_parts(const struct buf *text, size_t part, struct wordpiece *w, bool strip,
                        const struct ids *want)
{
    const struct text_cfg read = {.part = part};
    struct cutter c = {.strip = strip};
    struct ids got = {0};
    char name[64], *names[] = {name};
    const char *piece;
    size_t len;
    bool more;
    FILE *f = NULL;

    must(temp_open(&f, NULL, NULL) == RF_OK);
    must(putc(' ', f) == ' '); /* so that nothing looks compressed */
    must(fwrite(text->data, 1, text->len, f) == text->len && fflush(f) == 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(f));
    must(lines_open(&c.lines, names, 1, &read, NULL) == RF_OK);
    while (cutter_next(&c, &piece, &len, &more, NULL) == 1)
        must(wordpiece_encode(w, &got, piece, len) == RF_OK);
    must_be(&got, want);
    free(got.ids);
    lines_close(c.lines);
    cutter_free(&c);
    fclose(f);
}

/* The text again, as both lines of a batch. */
static void check_lines(const struct buf *text, struct wordpiece *w, const struct ids *want)
{
    struct batched_line line[2];
    struct line_batch b = {.line = line, .n = 2};
    struct ids got = {0};
    size_t end[2];

    for (int i = 0; i < 2; i++) {
        must(buf_put(&b.text, text->data, text->len) == RF_OK);
        must(buf_put(&b.text, " ", 1) == RF_OK);
        line[i] = (struct batched_line){b.text.len, false};
    }
    must(buf_reserve(&b.text, LINE_BATCH_SLACK) == RF_OK);
    must(wordpiece_encode_lines(w, &got, end, &b) == RF_OK);
    must(end[0] == want->n && end[1] == got.n);
    for (size_t i = 0; i < got.n; i++)
        must(got.ids[i] == want->ids[i % want->n]);
    must(got.n == 2 * want->n);
    free(got.ids);
    buf_free(&b.text);
}

/* Encoders are slow to make and forget nothing that matters: one for each setting, once. */
static struct wordpiece *encoder_for(unsigned setting)
{
    static struct vocab *v;
    static struct wordpiece *all[4];
    struct wordpiece_cfg cfg = {.lower_case = setting & 1, .strip_accents = setting & 2};

    if (!v)
        must(vocab_parse(&v, tokens, sizeof tokens - 1, "tokens", NULL, NULL) == RF_OK);
    if (!all[setting])
        must(wordpiece_new(&all[setting], v, &cfg, NULL) == RF_OK);
    return all[setting];
}

/* One line of what the bytes say. */
static void make_line(struct buf *text, const uint8_t *data, size_t size)
{
    uint64_t replaced = 0;

    must(utf8_repair(text, (const char *)data, size, &replaced) == RF_OK);
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] == '\n' || (text->data[i] == '\r' && i + 1 == text->len))
            text->data[i] = ' ';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0}, spans = {0};
    struct ids ids = {0}, again = {0};
    struct wordpiece *w;

    if (size < 2)
        return 0;
    w = encoder_for(data[0] & 3);
    make_line(&text, data + 1, size - 1);
    must(wordpiece_encode(w, &ids, text.data, text.len) == RF_OK);
    must(wordpiece_encode(w, &again, text.data, text.len) == RF_OK); /* from the cache */
    must_be(&again, &ids);
    again.n = 0;
    must(wordpiece_encode_spans(w, &again, &spans, text.data, text.len) == RF_OK);
    must_be(&again, &ids);
    check_spans(&spans, ids.n, &text);
    check_lines(&text, w, &ids);
    if (data[0] & 4)
        check_parts(&text, 16 + (data[0] >> 3), w, data[0] & 2, &ids);
    free(ids.ids);
    free(again.ids);
    buf_free(&spans);
    buf_free(&text);
    return 0;
}
