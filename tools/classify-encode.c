/* classify-encode: encodes sentences, or pairs of them, with their classes. */
#include <string.h>

#include "base/tool.h"
#include "base/words.h"
#include "data/examples.h"
#include "shard/shard_text.h"

struct cfg {
    const char *vocab, *output, *classes, *classes_of;
    uint64_t max_len;
    struct wordpiece_cfg wordpiece;
    struct examples_cfg examples;
    int coding;
    bool provenance;
};

static const struct opt opts[] = {
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output, "shard to write (standard output)"),
    OPT_COUNT('l', "max-len", struct cfg, max_len, 3, SHARD_RECORD_MAX_TOKENS, "n",
              "most tokens of a sequence, with [CLS] and [SEP]"),
    OPT_FILE(0, "classes", struct cfg, classes,
             "file with the name of a class a line; else they are found in the input"),
    OPT_FILE(0, "classes-of", struct cfg, classes_of,
             "shard whose classes these are, so that they are numbered alike"),
    EXAMPLES_ROWS(struct cfg, examples),
    OPT_FLAG(0, "lower-case", struct cfg, wordpiece.lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, wordpiece.strip_accents,
             "decompose text and drop accents"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "classify-encode",
                                 .brief = "Encode sentences with their classes to a shard.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* *count becomes the number of examples, where they were read for their classes. */
static int find_classes(struct buf *to, uint64_t *count, const struct cfg *cfg,
                        struct tool_run *run)
{
    struct errbuf *eb = &run->eb;

    if (cfg->classes && cfg->classes_of)
        return err_set(eb, RF_EUSAGE, "--classes and --classes-of do not go together");
    if (cfg->classes_of)
        return classes_of_shard(to, cfg->classes_of, eb);
    if (cfg->classes)
        return classes_of_file(to, cfg->classes, eb);
    for (int i = 0; i < run->n_operands || i == 0; i++)
        if (run->n_operands == 0 || strcmp(run->operands[i], "-") == 0)
            return err_set(eb, RF_EUSAGE,
                           "standard input can be read only once: it needs "
                           "--classes or --classes-of");
    return examples_classes(to, count, run->operands, run->n_operands, &cfg->examples, eb);
}

static int encode(const struct cfg *cfg, const struct vocab *v, const char *classes,
                  uint64_t count, struct wordpiece *w, struct tool_run *run)
{
    const struct shard_maker by = {.tool = "classify-encode " RF_VERSION,
                                   .opts = opts,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    struct shard_info info = shard_vocab_info(SHARD_CLASSES, v);
    struct examples_totals t = {0};
    struct shard_file to = {0};
    struct examples *e = NULL;
    struct progress p;
    int rc;

    info.max_len = (uint32_t)cfg->max_len;
    info.classes = classes;
    if (info.special.cls < 0 || info.special.sep < 0)
        return err_set(&run->eb, RF_EINVAL, "the vocabulary lacks [CLS] or [SEP]");
    rc = examples_open(&e, run->operands, run->n_operands, &cfg->examples, &run->eb);
    if (rc == RF_OK)
        rc = shard_file_make(&to, cfg->output, &info, &by, &run->eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(examples_lines(e)), !run->quiet);
        rc = examples_to_shard(e, classes, w, &info, to.writer, &t, &p, &run->eb);
        progress_clear(&p);
        if (rc == RF_OK && count != UINT64_MAX && count != t.examples)
            rc = err_set(&run->eb, RF_EFORMAT,
                         "the input can be read only once: it needs "
                         "--classes or --classes-of");
        rc = shard_files_close(&to, 1, rc, &run->eb);
    }
    tool_summary(run, 0, "%llu %s (%llu cut), %llu %s, %zu %s", (unsigned long long)t.examples,
                 plural(t.examples, "example", "examples"), (unsigned long long)t.cut,
                 (unsigned long long)t.tokens, plural(t.tokens, "token", "tokens"),
                 lines_in(info.classes), plural(lines_in(info.classes), "class", "classes"));
    examples_close(e);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.vocab = "vocab.txt",
                      .max_len = 128,
                      .examples = EXAMPLES_CFG_DEFAULT,
                      .coding = SHARD_PLAIN,
                      .provenance = true};
    struct wordpiece *w = NULL;
    struct vocab *v = NULL;
    struct buf classes = {0};
    uint64_t count = UINT64_MAX;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    cfg.examples.labelled = true;
    rc = vocab_read(&v, cfg.vocab, NULL, &run.eb);
    if (rc == RF_OK)
        rc = wordpiece_new(&w, v, &cfg.wordpiece, &run.eb);
    if (rc == RF_OK)
        rc = find_classes(&classes, &count, &cfg, &run);
    if (rc == RF_OK)
        rc = encode(&cfg, v, classes.data ? classes.data : "", count, w, &run);
    wordpiece_free(w);
    vocab_free(v);
    buf_free(&classes);
    return tool_finish(&run, rc);
}
