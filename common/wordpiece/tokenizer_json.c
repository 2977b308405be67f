#include "wordpiece/tokenizer_json.h"

#include <string.h>

#include "base/json_put.h"

static const char *name_of(bool yes)
{
    return yes ? "true" : "false";
}

/* The special tokens under their names in transformers. */
struct special {
    const char *name, *token;
    int32_t id; /* -1: the vocabulary lacks it */
};
enum { SPECIALS = 5 };

static void find_specials(struct special to[SPECIALS], const struct vocab *v)
{
    const struct special_ids s = vocab_special(v);
    const struct special found[SPECIALS] = {{"cls_token", "[CLS]", s.cls},
                                            {"mask_token", "[MASK]", s.mask},
                                            {"pad_token", "[PAD]", s.pad},
                                            {"sep_token", "[SEP]", s.sep},
                                            {"unk_token", "[UNK]", s.unk}};

    memcpy(to, found, sizeof found);
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

void tokenizer_config_write(const struct vocab *v, const struct wordpiece_cfg *cfg, FILE *to)
{
    struct special special[SPECIALS];

    find_specials(special, v);
    fprintf(to,
            "{\n  \"tokenizer_class\": \"BertTokenizer\",\n  \"do_lower_case\": %s,\n"
            "  \"strip_accents\": %s,\n  \"tokenize_chinese_chars\": true,\n"
            "  \"clean_up_tokenization_spaces\": true",
            name_of(cfg->lower_case), name_of(cfg->strip_accents));
    for (int i = 0; i < SPECIALS; i++)
        if (special[i].id < 0)
            fprintf(to, ",\n  \"%s\": null", special[i].name);
        else
            fprintf(to, ",\n  \"%s\": \"%s\"", special[i].name, special[i].token);
    fputs("\n}\n", to);
}

void special_tokens_map_write(const struct vocab *v, FILE *to)
{
    struct special special[SPECIALS];
    const char *comma = "";

    find_specials(special, v);
    putc('{', to);
    for (int i = 0; i < SPECIALS; i++) {
        if (special[i].id < 0)
            continue;
        fprintf(to, "%s\n  \"%s\": \"%s\"", comma, special[i].name, special[i].token);
        comma = ",";
    }
    fputs("\n}\n", to);
}
