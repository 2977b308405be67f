#include "shard/shard_cat.h"

#include "shard/shard_text.h"

int shard_cat_totals(struct shard_totals *t, struct shard_reader *from, char *const *names,
                     int n, bool check, struct progress *p, struct errbuf *eb)
{
    int known = check ? 0 : shard_files_totals(t, names, n, eb), rc;
    struct shard_record r;

    if (known)
        return known < 0 ? known : RF_OK;
    while ((rc = shard_next(from, &r, eb)) == 1)
        progress_show(p, shard_reader_consumed(from), NULL);
    *t = shard_reader_totals(from);
    return rc;
}

/* Set *count to the number of records that will be printed, from the end frames;
 * UINT64_MAX: not known. */
static int count_ahead(uint64_t *count, const struct shard_cat_cfg *cfg, char *const *names,
                       int n, struct errbuf *eb)
{
    struct shard_totals t;
    int rc = RF_OK;

    *count = UINT64_MAX;
    if (cfg->format != PRINT_NPY)
        return RF_OK;
    if ((rc = shard_files_totals(&t, names, n, eb)) == 1) {
        *count = t.records > cfg->first ? t.records - cfg->first : 0;
        *count = *count < cfg->count ? *count : cfg->count;
    }
    return rc < 0 ? rc : RF_OK;
}

static int print_records(struct shard_print *to, struct shard_reader *from,
                         const struct shard_cat_cfg *cfg, struct progress *p, struct errbuf *eb)
{
    struct shard_record r;
    int rc = shard_reader_seek(from, cfg->first, eb);

    for (uint64_t n = cfg->count; rc == RF_OK && n > 0; n--) {
        if ((rc = shard_next(from, &r, eb)) != 1)
            break;
        rc = shard_print(to, &r, eb);
        progress_show(p, shard_reader_consumed(from), NULL);
    }
    return rc;
}

int shard_cat(struct shard_reader *from, char *const *names, int n, FILE *file,
              const struct shard_cat_cfg *cfg, const struct shard_maker *by, struct progress *p,
              struct errbuf *eb)
{
    struct shard_info info = *shard_reader_info(from);
    struct shard_print *to = NULL;
    struct buf chain = {0};
    struct vocab *v = NULL;
    uint64_t count;
    int rc = shard_info_sign(&info, &chain, by) == RF_OK ? RF_OK : err_nomem(eb);

    if (rc == RF_OK && cfg->vocab)
        rc = shard_vocab_read(&v, cfg->vocab, &info, eb);
    if (rc == RF_OK)
        rc = count_ahead(&count, cfg, names, n, eb);
    if (rc == RF_OK)
        rc = shard_print_open(&to, file, (enum print_format)cfg->format, &info, v, count, eb);
    if (rc == RF_OK)
        rc = print_records(to, from, cfg, p, eb);
    rc = shard_print_close(to, rc, eb);
    vocab_free(v);
    buf_free(&chain);
    return rc;
}
