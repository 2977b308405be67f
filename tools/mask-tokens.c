/* mask-tokens: hide a share of the tokens of sequences, for a masked language model. */
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "data/mask.h"

struct cfg {
    struct mask_cfg mask;
    const char *output, *vocab;
    int coding;
    bool provenance, whole_word, electra;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "masked sequences (standard output)"),
    OPT_SHARE(0, "rate", struct cfg, mask.rate, "ordinary tokens that get a label"),
    OPT_SHARE(0, "mask-part", struct cfg, mask.mask_part, "of these, those that become [MASK]"),
    OPT_SHARE(0, "random-part", struct cfg, mask.random_part,
              "of these, those that become a random token"),
    OPT_FLAG(0, "electra", struct cfg, electra, "parts as ELECTRA has them: 85% and 0"),
    OPT_FLAG(0, "whole-word", struct cfg, whole_word, "choose words, with all their pieces"),
    OPT_COUNT(0, "span", struct cfg, mask.span, 1, MASK_SPAN_MAX, "n",
              "choose up to n tokens or words in a row"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, for --whole-word"),
    OPT_COUNT('s', "seed", struct cfg, mask.seed, 0, 0x1p64, "n", "seed of the choice"),
    OPT_COUNT(0, "epoch", struct cfg, mask.epoch, 0, UINT32_MAX, "n",
              "another epoch, another choice"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "mask-tokens",
                                 .brief = "Hide a share of the tokens of sequence shards.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* A sequence that may be changed and what mask_apply() says of it; max_len of each. */
struct room {
    int32_t *ids, *labels;
    uint32_t *positions;
};

static int read_pieces(struct cfg *cfg, bool **piece, const struct shard_info *info,
                       struct errbuf *eb)
{
    int rc = RF_OK;

    if (cfg->whole_word && (rc = mask_pieces_read(piece, cfg->vocab, info, eb)) == RF_OK)
        cfg->mask.piece = *piece;
    return rc;
}

static int open_output(struct shard_file *to, const struct cfg *cfg,
                       const struct shard_info *from, struct errbuf *eb)
{
    struct shard_info info = *from;
    struct buf chain = {0};
    int rc = RF_OK;

    info.kind = SHARD_MASKED;
    if (cfg->provenance)
        rc = shard_chain_add(&chain, from->chain, "mask-tokens " RF_VERSION, opts, cfg, NULL);
    info.chain = chain.data;
    info.coding = cfg->coding;
    if (rc == RF_OK)
        rc = shard_file_open(to, cfg->output, &info, eb);
    if (rc == RF_OK)
        shard_writer_thread(to->writer);
    buf_free(&chain);
    return rc;
}

static int mask_record(const struct cfg *cfg, const struct shard_info *info, uint64_t number,
                       struct shard_record *r, struct room *room, struct shard_writer *to,
                       struct errbuf *eb)
{
    int rc;

    memcpy(room->ids, r->ids, r->n_ids * sizeof *r->ids);
    r->ids = room->ids;
    r->positions = room->positions;
    r->labels = room->labels;
    rc = mask_apply(&cfg->mask, info, number, room->ids, r->n_ids, room->positions,
                    room->labels, &r->n_labels, eb);
    return rc == RF_OK ? shard_write(to, r, eb) : rc;
}

static int mask_all(const struct cfg *cfg, struct shard_reader *from, struct shard_writer *to,
                    struct tool_run *run)
{
    const struct shard_info *info = shard_reader_info(from);
    struct room room = {malloc(info->max_len * sizeof *room.ids),
                        malloc(info->max_len * sizeof *room.labels),
                        malloc(info->max_len * sizeof *room.positions)};
    struct shard_record r;
    struct progress progress;
    uint64_t number = 0, tokens = 0, labels = 0;
    int rc = room.ids && room.labels && room.positions ? RF_OK : err_nomem(&run->eb);

    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
    while (rc == RF_OK && (rc = shard_next(from, &r, &run->eb)) == 1) {
        rc = mask_record(cfg, info, number++, &r, &room, to, &run->eb);
        tokens += r.n_ids;
        labels += r.n_labels;
        progress_show(&progress, shard_reader_consumed(from), NULL);
    }
    progress_clear(&progress);
    tool_summary(run, 0, "%llu sequences, %llu tokens, %llu labels (%.1f %%)",
                 (unsigned long long)number, (unsigned long long)tokens,
                 (unsigned long long)labels,
                 tokens ? 100.0 * (double)labels / (double)tokens : 0.0);
    free(room.ids);
    free(room.labels);
    free(room.positions);
    return rc;
}

/* Settles what --electra means, so that provenance tells it. */
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

int main(int argc, char **argv)
{
    struct cfg cfg = {.mask = MASK_CFG_DEFAULT,
                      .vocab = "vocab.txt",
                      .coding = SHARD_PACKED,
                      .provenance = true};
    struct shard_reader *from = NULL;
    struct shard_file to = {0};
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
    if (rc == RF_OK)
        rc = read_pieces(&cfg, &piece, shard_reader_info(from), &run.eb);
    if (rc == RF_OK)
        rc = open_output(&to, &cfg, shard_reader_info(from), &run.eb);
    if (rc == RF_OK) {
        shard_reader_thread(from);
        rc = mask_all(&cfg, from, to.writer, &run);
        rc = shard_files_close(&to, 1, rc, &run.eb);
    }
    free(piece);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
