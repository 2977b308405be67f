/* shard_file.c: shards as files with names, which are written whole or not at all. */
#include <string.h>

#include "shard/shard.h"

int shard_file_open(struct shard_file *f, const char *name, const struct shard_info *info,
                    struct errbuf *eb)
{
    struct output *out = NULL;
    int rc = output_open(&out, name, OUTPUT_BINARY, eb);

    if (rc != RF_OK)
        return rc;
    if ((rc = shard_writer_open(&f->writer, output_file(out), info, eb)) != RF_OK)
        return output_end(out, rc, eb);
    f->out = out;
    return RF_OK;
}

int shard_info_sign(struct shard_info *info, struct buf *chain, const struct shard_maker *by)
{
    int rc = by->provenance
                 ? shard_chain_add(chain, info->chain, by->tool, by->opts, by->cfg, by->more)
                 : RF_OK;

    info->chain = chain->data;
    info->coding = by->coding;
    return rc;
}

int shard_file_make(struct shard_file *f, const char *name, const struct shard_info *from,
                    const struct shard_maker *by, struct errbuf *eb)
{
    struct shard_info info = *from;
    struct buf chain = {0};
    int rc = shard_info_sign(&info, &chain, by);

    rc = rc == RF_OK ? shard_file_open(f, name, &info, eb) : err_nomem(eb);
    buf_free(&chain);
    return rc;
}

int shard_name(struct buf *to, const char *name, uint64_t i, uint64_t n)
{
    static const char suffix[] = ".rfs";
    size_t len = strlen(name), tail = sizeof suffix - 1;

    if (len < tail || strcmp(name + len - tail, suffix) != 0)
        tail = 0;
    return buf_printf(to, "%.*s-%05llu-of-%05llu%s", (int)(len - tail), name,
                      (unsigned long long)i, (unsigned long long)n, name + len - tail);
}

int shard_files_close(struct shard_file *files, size_t n, int rc, struct errbuf *eb)
{
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        if (files[i].writer)
            rc = shard_writer_finish(files[i].writer, eb);
        files[i].writer = NULL;
    }
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = output_settle(files[i].out, eb);
    for (size_t i = 0; i < n; i++) {
        shard_writer_abort(files[i].writer);
        rc = output_end(files[i].out, rc, eb);
        files[i] = (struct shard_file){0};
    }
    return rc;
}
