/* mask-tokens: hides a share of the tokens of sequences, for a masked language model. */
#include <stdlib.h>

#include "base/tool.h"
#include "data/mask.h"

struct cfg {
    struct mask_cfg mask;
    const char *output, *vocab;
    int coding;
    bool provenance, whole_word, electra;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "shard to write (standard output)"),
    OPT_SHARE(0, "rate", struct cfg, mask.rate,
              "share of the ordinary tokens that get a label"),
    OPT_SHARE(0, "mask-part", struct cfg, mask.mask_part, "share of these that becomes [MASK]"),
    OPT_SHARE(0, "random-part", struct cfg, mask.random_part,
              "share of these that becomes a random token"),
    OPT_FLAG(0, "electra", struct cfg, electra,
             "take ELECTRA's two parts: 85% [MASK], 0 random"),
    OPT_FLAG(0, "whole-word", struct cfg, whole_word, "choose words, with all their pieces"),
    OPT_COUNT(0, "span", struct cfg, mask.span, 1, MASK_SPAN_MAX, "n",
              "longest run of tokens or words that is chosen at once"),
    OPT_FILE('V', "vocab", struct cfg, vocab,
             "vocabulary of the shard; only --whole-word needs it"),
    OPT_COUNT('s', "seed", struct cfg, mask.seed, 0, 0x1p64, "n", "seed of the choice"),
    OPT_COUNT(0, "epoch", struct cfg, mask.epoch, 0, UINT32_MAX, "n",
              "another number makes another choice, for another epoch"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "mask-tokens",
                                 .brief = "Hide a share of the tokens of sequence shards.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* Check the options, and set what --electra means, so that the provenance tells it. */
static int check_use(struct cfg *cfg, struct errbuf *eb)
{
    const struct mask_cfg usual = MASK_CFG_DEFAULT;

    if (cfg->electra &&
        (cfg->mask.mask_part != usual.mask_part || cfg->mask.random_part != usual.random_part))
        return err_set(eb, RF_EUSAGE, "--electra says --mask-part and --random-part");
    if (cfg->electra) {
        cfg->mask.mask_part = 0.85;
        cfg->mask.random_part = 0;
    }
    if (cfg->mask.mask_part + cfg->mask.random_part > 1)
        return err_set(eb, RF_EUSAGE, "--mask-part and --random-part are over 100%% together");
    return RF_OK;
}

static int mask(struct cfg *cfg, struct shard_reader *from, struct tool_run *run)
{
    const struct shard_maker by = {.tool = "mask-tokens " RF_VERSION,
                                   .opts = opts,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    struct shard_info info = *shard_reader_info(from);
    struct mask_totals t = {0};
    struct shard_file to = {0};
    struct progress p;
    int rc;

    info.kind = SHARD_MASKED;
    if ((rc = shard_file_make(&to, cfg->output, &info, &by, &run->eb)) != RF_OK)
        return rc;
    shard_writer_thread(to.writer);
    shard_reader_thread(from);
    progress_start(&p, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
    rc = mask_shard(from, to.writer, &cfg->mask, &t, &p, &run->eb);
    progress_clear(&p);
    tool_summary(run, 0, "%llu %s, %llu %s, %llu %s (%.1f %%)", (unsigned long long)t.sequences,
                 plural(t.sequences, "sequence", "sequences"), (unsigned long long)t.tokens,
                 plural(t.tokens, "token", "tokens"), (unsigned long long)t.labels,
                 plural(t.labels, "label", "labels"),
                 t.tokens ? 100.0 * (double)t.labels / (double)t.tokens : 0.0);
    return shard_files_close(&to, 1, rc, &run->eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.mask = MASK_CFG_DEFAULT,
                      .vocab = "vocab.txt",
                      .coding = SHARD_PACKED,
                      .provenance = true};
    struct shard_reader *from = NULL;
    struct tool_run run;
    bool *piece = NULL;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = shard_files_open(&from, run.operands, run.n_operands, &run.eb);
    if (rc == RF_OK)
        rc = shard_reader_want(from, SHARD_SEQUENCES, &run.eb);
    if (rc == RF_OK && cfg.whole_word)
        rc = mask_pieces_read(&piece, cfg.vocab, shard_reader_info(from), &run.eb);
    cfg.mask.piece = piece;
    if (rc == RF_OK)
        rc = mask(&cfg, from, &run);
    free(piece);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
