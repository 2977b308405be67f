/* wp-encode: encodes plain text to WordPiece ids. */
#include "base/par.h"
#include "base/tool.h"
#include "text/cut.h"
#include "data/encode.h"
#include "shard/shard_text.h"

/* The text formats stand in the order of encode_form. */
enum format { FORMAT_SHARD, FORMAT_IDS, FORMAT_PIECES, FORMAT_JSONL };
enum normal_form { NORMAL_NONE, NORMAL_NFC };

struct cfg {
    const char *vocab, *output;
    struct wordpiece_cfg wordpiece;
    struct text_cfg text;
    struct encode_cfg encode;
    int format, normal, coding;
    bool provenance;
    uint64_t threads;
};

static const char *const format_names[] = {"shard", "ids", "pieces", "jsonl", NULL};
static const char *const normal_names[] = {"none", "nfc", NULL};

static const struct opt opts[] = {
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the tokens to (standard output)"),
    OPT_CHOICE('f', "format", struct cfg, format, format_names, "form",
               "form of the output: shard; or text with ids, pieces, or jsonl, JSON lines with "
               "both and where they stand"),
    OPT_FLAG(0, "cls-sep", struct cfg, encode.cls_sep,
             "put [CLS] and [SEP] around each sentence, in a form of text"),
    OPT_COUNT(0, "max-words", struct cfg, encode.max_words, 0, 1e15, "n",
              "leave out what a line has behind its first n words; 0: nothing"),
    OPT_CHOICE(0, "normalize", struct cfg, normal, normal_names, "form",
               "Unicode form to bring the text into first: nfc, or none to leave it as it is"),
    OPT_FLAG(0, "lower-case", struct cfg, wordpiece.lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, wordpiece.strip_accents,
             "decompose text and drop accents"),
    TEXT_ROWS(struct cfg, text),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_THREADS(struct cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "wp-encode",
                                 .brief = "Turn plain text into WordPiece token ids.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int to_shard(const struct cfg *cfg, struct encoder *e, struct encode_totals *t,
                    struct progress *p, struct errbuf *eb)
{
    const struct shard_info info = shard_vocab_info(SHARD_TOKENS, encoder_vocab(e));
    const struct shard_maker by = {.tool = "wp-encode " RF_VERSION,
                                   .opts = opts,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    struct shard_file to = {0};
    int rc = shard_file_make(&to, cfg->output, &info, &by, eb);

    if (rc != RF_OK)
        return rc;
    if (par_threads(cfg->threads) > 1)
        shard_writer_thread(to.writer);
    rc = encode_to_shard(e, to.writer, &cfg->encode, t, p, eb);
    return shard_files_close(&to, 1, rc, eb);
}

static int to_text(const struct cfg *cfg, struct encoder *e, struct encode_totals *t,
                   struct progress *p, struct errbuf *eb)
{
    struct output *out = NULL;
    int rc = output_open(&out, cfg->output, OUTPUT_TEXT, eb);

    if (rc == RF_OK)
        rc = encode_to_text(e, output_file(out), &cfg->encode, t, p, eb);
    return output_end(out, rc, eb);
}

static void say_totals(struct tool_run *run, const struct encode_totals *t,
                       const struct lines *l)
{
    struct buf text = {0};

    if (t->decomposed)
        tool_note(run, "Hangul syllables are decomposed into letters here: "
                       "--normalize nfc composes them");
    if (encode_summary(&text, t, lines_replaced(l)) == RF_OK)
        tool_summary(run, (double)lines_bytes(l), "%s", text.data);
    buf_free(&text);
}

static int check_use(struct cfg *cfg, struct errbuf *eb)
{
    if (cfg->encode.cls_sep && cfg->format == FORMAT_SHARD)
        return err_set(eb, RF_EUSAGE,
                       "a shard takes no --cls-sep: shard-wiki adds [CLS] and [SEP]");
    if (cfg->format == FORMAT_JSONL && cfg->normal != NORMAL_NONE)
        return err_set(eb, RF_EUSAGE,
                       "--format jsonl gives places in the text as it was read, so it does not "
                       "go with --normalize: compose the text first");
    cfg->encode.form = cfg->format - FORMAT_IDS;
    cfg->wordpiece.compose = cfg->normal == NORMAL_NFC;
    cfg->text.part = cfg->format == FORMAT_JSONL ? 0 : CUT_PART_BYTES;
    return RF_OK;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.vocab = "vocab.txt", .coding = SHARD_PLAIN, .provenance = true};
    struct vocab *v = NULL;
    struct lines *l = NULL;
    struct encoder *e = NULL;
    struct encode_totals t = {0};
    struct progress p = {0};
    struct tool_run run;
    uint64_t odd = 0;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = vocab_read(&v, cfg.vocab, &odd, &run.eb);
    if (rc == RF_OK)
        rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK)
        rc = encoder_open(&e, v, l, &cfg.wordpiece, cfg.format == FORMAT_JSONL,
                          par_threads(cfg.threads), &run.eb);
    if (rc == RF_OK) {
        if (odd)
            tool_note(&run, "empty, repeated or blank-ended lines in '%s': %llu", cfg.vocab,
                      (unsigned long long)odd);
        progress_start(&p, tool.name, "B", 0, lines_size(l), !run.quiet);
        rc = cfg.format == FORMAT_SHARD ? to_shard(&cfg, e, &t, &p, &run.eb)
                                        : to_text(&cfg, e, &t, &p, &run.eb);
        progress_clear(&p);
        say_totals(&run, &t, l);
    }
    encoder_close(e);
    lines_close(l);
    vocab_free(v);
    return tool_finish(&run, rc);
}
