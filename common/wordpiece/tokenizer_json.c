#include "wordpiece/tokenizer_json.h"

#include "base/json_put.h"

static const char *name_of(bool yes)
{
    return yes ? "true" : "false";
}

/* `room` is a buffer that all strings share. */
static int put_string(struct buf *room, const char *s, size_t len, FILE *to)
{
    buf_clear(room);
    if (json_put_string(room, s, len, JSON_LETTERS) != RF_OK)
        return RF_ENOMEM;
    fwrite(room->data, 1, room->len, to);
    return RF_OK;
}

static int put_special(const struct vocab *v, struct buf *room, FILE *to)
{
    const struct special_ids s = vocab_special(v);
    const int32_t ids[] = {s.pad, s.unk, s.cls, s.sep, s.mask};
    const char *comma = "";

    fputs("  \"added_tokens\": [", to);
    for (int i = 0; i < 5; i++) {
        size_t len;
        const char *token;

        if (ids[i] < 0)
            continue;
        token = vocab_token(v, ids[i], &len);
        fprintf(to, "%s\n    {\"id\": %d, \"content\": ", comma, ids[i]);
        if (put_string(room, token, len, to) != RF_OK)
            return RF_ENOMEM;
        fputs(", \"single_word\": false, \"lstrip\": false, \"rstrip\": false,"
              " \"normalized\": false, \"special\": true}",
              to);
        comma = ",";
    }
    fputs("\n  ],\n", to);
    return RF_OK;
}

static void put_steps(const struct vocab *v, const struct wordpiece_cfg *cfg, FILE *to)
{
    const struct special_ids s = vocab_special(v);

    fprintf(to,
            "  \"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": true,"
            " \"handle_chinese_chars\": true, \"strip_accents\": %s, \"lowercase\": %s},\n"
            "  \"pre_tokenizer\": {\"type\": \"BertPreTokenizer\"},\n",
            name_of(cfg->strip_accents), name_of(cfg->lower_case));
    if (s.cls >= 0 && s.sep >= 0)
        fprintf(to,
                "  \"post_processor\": {\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", %d],"
                " \"cls\": [\"[CLS]\", %d]},\n",
                s.sep, s.cls);
    else
        fputs("  \"post_processor\": null,\n", to);
    fputs("  \"decoder\": {\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": true},\n",
          to);
}

static int put_vocab(const struct vocab *v, struct buf *room, FILE *to)
{
    const char *comma = "";

    for (int32_t id = 0; (size_t)id < vocab_size(v); id++) {
        size_t len;
        const char *token = vocab_token(v, id, &len);

        if (vocab_find(v, token, len) != id) /* a repeated token has its last id */
            continue;
        fprintf(to, "%s\n      ", comma);
        if (put_string(room, token, len, to) != RF_OK)
            return RF_ENOMEM;
        fprintf(to, ": %d", id);
        comma = ",";
    }
    return RF_OK;
}

int tokenizer_json_write(const struct vocab *v, const struct wordpiece_cfg *cfg, FILE *to,
                         struct errbuf *eb)
{
    struct buf room = {0};
    int rc;

    fputs("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n", to);
    if ((rc = put_special(v, &room, to)) == RF_OK) {
        put_steps(v, cfg, to);
        fputs("  \"model\": {\n    \"type\": \"WordPiece\",\n    \"unk_token\": \"[UNK]\",\n"
              "    \"continuing_subword_prefix\": \"##\",\n"
              "    \"max_input_chars_per_word\": 100,\n    \"vocab\": {",
              to);
        rc = put_vocab(v, &room, to);
    }
    buf_free(&room);
    if (rc != RF_OK)
        return err_nomem(eb);
    fputs("\n    }\n  }\n}\n", to);
    return RF_OK;
}
