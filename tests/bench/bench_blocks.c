/*
 * bench_blocks.c: what training on shards that are read by blocks waits for, without the
 * training. `bench_blocks WINDOW RECORDS SHARD[=WEIGHT]...` opens the shards (WINDOW in MB),
 * gives RECORDS of them in order, and enters the order at places far apart, each time until a
 * batch is there; CPU times of all threads are told besides, which say more on a busy machine.
 * It also says how far the order of the first shard is from that of its file: the rank
 * correlation of the places of records before and after, and how far apart two neighbours of
 * the file come, in records. A full shuffle of n records has 0 and n / 3.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/progress.h"
#include "base/rng.h"
#include "shard/mix.h"

enum { SOURCES_MAX = 1024, BATCH = 512, ENTRIES = 5, LOOKED_AT = 4000000 };

static void fail_if(int rc, const struct errbuf *eb)
{
    if (rc == RF_OK)
        return;
    fprintf(stderr, "bench_blocks: %s\n", eb->text);
    exit(1);
}

static void read_on(struct mix *m, uint64_t n)
{
    struct errbuf eb = {0};
    struct shard_record r;

    for (uint64_t i = 0; i < n; i++)
        fail_if(mix_next(m, &r, &eb), &eb);
}

static double since(double start)
{
    return now_s() - start;
}

struct moved {
    uint64_t from; /* the place of a record in the file */
    uint64_t to;   /* and in the order */
};

static int by_from(const void *a, const void *b)
{
    const struct moved *p = a, *q = b;

    return p->from < q->from ? -1 : p->from > q->from;
}

/* Look at a pass of the first source, or at as much of it as is looked at. */
static void look_at_order(struct mix *m)
{
    uint64_t records = mix_source_count(m, 0), n = 0, pairs = 0;
    uint64_t most = records < LOOKED_AT ? records : LOOKED_AT;
    struct moved *moved = malloc(most * sizeof *moved);
    double mean[2] = {0}, square[2] = {0}, both = 0, apart = 0;

    if (!moved)
        exit(1);
    mix_seek(m, 0);
    while (n < most) {
        struct mix_place at = mix_draw(m);

        if (at.source == 0) {
            moved[n] = (struct moved){at.record, n};
            n++;
        }
    }
    for (uint64_t i = 0; i < n; i++) {
        double x = (double)moved[i].from, y = (double)moved[i].to;

        mean[0] += x / (double)n;
        mean[1] += y / (double)n;
    }
    for (uint64_t i = 0; i < n; i++) {
        double x = (double)moved[i].from - mean[0], y = (double)moved[i].to - mean[1];

        square[0] += x * x;
        square[1] += y * y;
        both += x * y;
    }
    qsort(moved, n, sizeof *moved, by_from);
    for (uint64_t i = 1; i < n; i++)
        if (moved[i].from == moved[i - 1].from + 1) {
            apart += fabs((double)moved[i].to - (double)moved[i - 1].to);
            pairs++;
        }
    printf("correlation %.4f\n", both / sqrt(square[0] * square[1]));
    printf("apart %.0f\nrecords %llu\nlooked_at %llu\n", apart / (double)pairs,
           (unsigned long long)records, (unsigned long long)n);
    free(moved);
}

int main(int argc, char **argv)
{
    struct mix_cfg cfg = {.seed = 1, .by_blocks = true};
    static struct mix_source sources[SOURCES_MAX];
    struct errbuf eb = {0};
    struct mix *m = NULL;
    double start, slowest = 0;
    clock_t began;
    uint64_t n;

    if (argc < 4 || argc - 3 > SOURCES_MAX) {
        fputs("usage: bench_blocks WINDOW RECORDS SHARD[=WEIGHT]...\n", stderr);
        return 2;
    }
    cfg.window = strtoull(argv[1], NULL, 10) << 20;
    n = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++)
        fail_if(mix_source_read(&sources[i - 3], argv[i], &eb), &eb);
    start = now_s();
    fail_if(mix_open(&m, sources, (size_t)argc - 3, &cfg, &eb), &eb);
    printf("open %.3f\n", since(start));
    read_on(m, BATCH);
    printf("first_batch %.3f\n", since(start));
    start = now_s();
    read_on(m, n);
    printf("records_per_s %.0f\n", (double)n / since(start));
    began = clock();
    for (uint64_t i = 0; i < ENTRIES; i++) {
        start = now_s();
        mix_seek(m, rng_below(rng_stream(7, 0, 0, RNG_TEST), i, 100 * mix_count(m)));
        read_on(m, BATCH);
        slowest = fmax(slowest, since(start));
    }
    printf("slowest_entry %.3f\n", slowest);
    printf("cpu_of_entry %.3f\n", (double)(clock() - began) / CLOCKS_PER_SEC / ENTRIES);
    printf("peak_mb %.0f\n", peak_memory() / 1e6);
    look_at_order(m);
    mix_free(m);
    return 0;
}
