#include "train/ramp.h"

#include <stdio.h>
#include <string.h>

#include "base/opt.h"

/* --- slots */

/* How often they double. */
static uint64_t doublings(const struct train_cfg *c)
{
    uint64_t n = 0;

    while (c->slots_start && c->slots_start << n < c->slots)
        n++;
    return n;
}

/* After how many updates part i of n begins. */
static uint64_t part_begins(const struct train_cfg *c, uint64_t i, uint64_t n)
{
    return n ? (i * c->slots_ramp + n - 1) / n : 0;
}

uint64_t ramp_slots(const struct train_cfg *c, uint64_t step)
{
    uint64_t n = doublings(c), i = 0;

    while (i < n && step >= part_begins(c, i + 1, n))
        i++;
    return c->slots >> (n - i);
}

uint64_t ramp_slots_before(const struct train_cfg *c, uint64_t step)
{
    uint64_t n = doublings(c), sum = 0, i = 0;

    for (; i < n && step > part_begins(c, i + 1, n); i++)
        sum += (part_begins(c, i + 1, n) - part_begins(c, i, n)) * (c->slots >> (n - i));
    return sum + (step - part_begins(c, i, n)) * (c->slots >> (n - i));
}

double ramp_share(const struct train_cfg *c, uint64_t step)
{
    return (double)ramp_slots_before(c, step) / (double)ramp_slots_before(c, c->steps);
}

/* --- lengths */

/* Read a number of n characters; *at goes behind it. */
static int read_number(uint64_t *to, const char **at, size_t n, uint64_t max, struct errbuf *eb)
{
    const struct opt row = {
        .name = "train.lengths", .type = OPT_TYPE_COUNT, .min = 1, .max = (double)max};
    char number[32];

    snprintf(number, sizeof number, "%.*s", (int)n, *at);
    *at += n;
    return opt_set(&row, to, number, NULL, eb);
}

static int read_stage(struct ramp_lengths *r, const char **at, const char *text,
                      struct errbuf *eb)
{
    struct ramp_length *s = &r->of[r->n];
    size_t n = strcspn(*at, "@,");
    int rc;

    if ((*at)[n] != '@')
        return err_set(eb, RF_EUSAGE, "train.lengths '%s' is no list like 256@1000,512@3000",
                       text);
    if (r->n == MODEL_PIECES_MAX)
        return err_set(eb, RF_EUSAGE, "train.lengths '%s' has more than %d lengths", text,
                       MODEL_PIECES_MAX);
    if ((rc = read_number(&s->length, at, n, MODEL_LEN_MAX, eb)) != RF_OK)
        return rc;
    ++*at;
    if ((rc = read_number(&s->until, at, strcspn(*at, ","), UINT32_MAX, eb)) != RF_OK)
        return rc;
    if (r->n && (s->length <= s[-1].length || s->until <= s[-1].until))
        return err_set(eb, RF_EUSAGE,
                       "train.lengths '%s' does not ascend: lengths and updates both must",
                       text);
    r->n++;
    return RF_OK;
}

int ramp_lengths_read(struct ramp_lengths *r, const char *text, struct errbuf *eb)
{
    const char *at = text ? text : "";
    int rc = RF_OK;

    *r = (struct ramp_lengths){.n = 0};
    while (*at && rc == RF_OK) {
        if (r->n && *at++ != ',')
            break;
        rc = read_stage(r, &at, text, eb);
    }
    return rc;
}

void ramp_pieces(size_t pieces[MODEL_PIECES_MAX], const char *text)
{
    struct ramp_lengths r;
    int rc = ramp_lengths_read(&r, text, NULL);

    for (size_t i = 0; i < MODEL_PIECES_MAX; i++)
        pieces[i] = rc == RF_OK && i < r.n ? r.of[i].length : 0;
}

size_t ramp_stage(const struct ramp_lengths *r, uint64_t step)
{
    size_t i = 0;

    while (i < r->n && step >= r->of[i].until)
        i++;
    return i < r->n ? i + 1 : 0;
}

size_t ramp_length(const struct ramp_lengths *r, uint64_t step)
{
    size_t stage = ramp_stage(r, step);

    return stage ? r->of[stage - 1].length : 0;
}
