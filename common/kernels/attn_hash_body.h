/*
 * attn_hash_body.h: buckets of vectors by random rotations; part of attn_body.h.
 *
 * Scores are products of rotations (rows, packed in tiles of MR) and vectors (columns, in
 * panels); the largest and least so far are kept by column, so that no score is stored. A
 * score is one chain of sums over D: it depends on that vector and the rotation alone.
 */

/* The best scores so far of HASH_ROWS vectors, and where they were. */
struct best {
    float high[HASH_ROWS], low[HASH_ROWS];
    int32_t at_high[HASH_ROWS], at_low[HASH_ROWS];
};

static size_t factor_floats(size_t n, size_t D)
{
    return round_up(n / 2, MR) * D;
}

static size_t hash_floats(const struct hash_dims *s)
{
    return s->R * (factor_floats(s->n1, s->D) + factor_floats(s->n2, s->D));
}

static size_t hash_work(const struct hash_dims *s)
{
    return (HASH_ROWS + 8) * round_up(s->D, 8) + round_up(sizeof(struct best) / 4, 16);
}

/* `half` columns of rot[D,step] in tiles [half / MR][D][MR]; returns their end. */
static float *pack_factor(float *to, const float *rot, size_t half, size_t step, size_t D)
{
    for (size_t k = 0; k < half; k += MR)
        for (size_t d = 0; d < D; d++)
            for (size_t i = 0; i < MR; i++)
                *to++ = k + i < half ? rot[d * step + k + i] : 0;
    return to;
}

static void hash_pack(float *packed, const float *rot, const struct hash_dims *s)
{
    size_t step = s->R * (s->n1 + s->n2) / 2;

    for (size_t r = 0; r < s->R; r++) {
        const float *from = rot + r * (s->n1 + s->n2) / 2;

        packed = pack_factor(packed, from, s->n1 / 2, step, s->D);
        packed = pack_factor(packed, from + s->n1 / 2, s->n2 / 2, step, s->D);
    }
}

/* Scores k to k + live of one vector's width of columns. */
INLINE void keep_best(struct best *b, size_t at, const float *scores, size_t k, size_t live)
{
    vec high = *(vec *)(b->high + at), low = *(vec *)(b->low + at);
    ivec at_high = *(ivec *)(b->at_high + at), at_low = *(ivec *)(b->at_low + at);

    for (size_t i = 0; i < live; i++) {
        vec v = *(const vec *)(scores + i * NP);
        ivec more = v > high, less = v < low, number = (ivec){0} + (int32_t)(k + i);

        high = (vec)choose(more, (ivec)v, (ivec)high);
        low = (vec)choose(less, (ivec)v, (ivec)low);
        at_high = choose(more, number, at_high);
        at_low = choose(less, number, at_low);
    }
    *(vec *)(b->high + at) = high;
    *(vec *)(b->low + at) = low;
    *(ivec *)(b->at_high + at) = at_high;
    *(ivec *)(b->at_low + at) = at_low;
}

static void find_best(struct best *b, const float *panels, size_t columns, const float *packed,
                      size_t half, const struct hash_dims *s)
{
    float scores[MR * NP];

    for (size_t j = 0; j < columns; j++) {
        b->high[j] = -FLT_MAX;
        b->low[j] = FLT_MAX;
        b->at_high[j] = b->at_low[j] = 0;
    }
    for (size_t k = 0; k < half; k += MR, packed += MR * s->D)
        for (size_t j = 0; j < columns; j += NP) {
            size_t live = half - k < MR ? half - k : MR;

            const float *column = panels + j * round_up(s->D, 8);

            if (live <= MR / 2)
                tile(MR / 2, s->D, packed, 1, MR, column, scores, NP, false, false);
            else
                tile(MR, s->D, packed, 1, MR, column, scores, NP, false, false);
            keep_best(b, j, scores, k, live);
            keep_best(b, j + VL, scores + VL, k, live);
        }
}

static void hash(float *work, int32_t *bucket, const float *qk, const float *packed,
                 const struct hash_dims *s, size_t t0, size_t t1)
{
    size_t D8 = round_up(s->D, 8), n = t1 - t0, columns = round_up(n, NP);
    float *panels = work, *rows = work + HASH_ROWS * D8;
    struct best *b = (struct best *)(rows + 8 * D8);

    memset(rows, 0, 8 * D8 * sizeof *rows);
    for (size_t j = 0; j < columns; j += 8) {
        for (size_t i = 0; i < 8; i++)
            if (j + i < n)
                memcpy(rows + i * D8, qk + (t0 + j + i) * s->D, s->D * sizeof *qk);
        put_transposed(panels, rows, D8, 8, D8, j);
    }
    for (size_t r = 0; r < s->R; r++) {
        int32_t *to = bucket + r * s->T + t0, half = (int32_t)(s->n1 / 2);

        find_best(b, panels, columns, packed, s->n1 / 2, s);
        packed += factor_floats(s->n1, s->D);
        for (size_t j = 0; j < n; j++)
            to[j] = b->high[j] >= -b->low[j] ? b->at_high[j] : half + b->at_low[j];
        if (!s->n2)
            continue;
        half = (int32_t)(s->n2 / 2);
        find_best(b, panels, columns, packed, s->n2 / 2, s);
        packed += factor_floats(s->n2, s->D);
        for (size_t j = 0; j < n; j++)
            to[j] += (int32_t)s->n1 *
                     (b->high[j] >= -b->low[j] ? b->at_high[j] : half + b->at_low[j]);
    }
}
