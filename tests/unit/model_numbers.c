/* model_numbers RUN BATCH KIND OUT: what a run's model makes of a batch, for
 * tests/parity-model.
 *
 * BATCH is safetensors as in tests/golden/reformer (in.ids, in.labels, in.mask, rot.K); KIND is
 * ref, plain, avx2, avx512 or cpu: the kernels, cpu the widest, as are those that the processor
 * lacks. OUT becomes safetensors: logits [B T, V], loss [1], and the loss's gradients by their
 * parameters' names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckpt/safetensors.h"
#include "run/run.h"
#include "train/task.h"
#include "train/trained.h"

enum { NO_LABEL = -100, BRANCHES_MAX = 64 };

struct batch {
    struct st_file *f;
    struct model_batch all, labelled; /* every row; those with a label */
    struct model_draw draw;
    const float *rot[BRANCHES_MAX];
    int32_t *rows, *some, *labels;
};

static int open_batch(struct batch *b, const char *path, struct errbuf *eb)
{
    const struct st_view *ids, *labels, *mask;
    size_t n;
    int rc = st_open(&b->f, path, eb);

    if (rc != RF_OK)
        return rc;
    ids = st_find(b->f, "in.ids");
    labels = st_find(b->f, "in.labels");
    mask = st_find(b->f, "in.mask");
    if (!ids || !labels || ids->dims != 2 || labels->bytes != ids->bytes)
        return err_set(eb, RF_EFORMAT, "'%s' holds no batch", path);
    n = ids->shape[0] * ids->shape[1];
    b->rows = calloc(n, sizeof *b->rows);
    b->some = calloc(n, sizeof *b->some);
    b->labels = calloc(n, sizeof *b->labels);
    if (!b->rows || !b->some || !b->labels)
        return err_nomem(eb);
    b->all = (struct model_batch){.B = ids->shape[0],
                                  .T = ids->shape[1],
                                  .ids = ids->data,
                                  .real = mask ? mask->data : NULL,
                                  .rows = b->rows,
                                  .n = n};
    b->labelled = b->all;
    b->labelled.rows = b->some;
    b->labelled.labels = b->labels;
    b->labelled.n = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t label = ((const int32_t *)labels->data)[i];

        b->rows[i] = (int32_t)i;
        if (label == NO_LABEL)
            continue;
        b->some[b->labelled.n] = (int32_t)i;
        b->labels[b->labelled.n++] = label;
    }
    for (size_t k = 0; k < BRANCHES_MAX; k++) {
        char name[32];

        snprintf(name, sizeof name, "rot.%zu", k);
        b->rot[k] = st_find(b->f, name) ? st_find(b->f, name)->data : NULL;
    }
    b->draw = (struct model_draw){.given = b->rot, .train = true};
    return RF_OK;
}

static void close_batch(struct batch *b)
{
    st_close(b->f);
    free(b->rows);
    free(b->some);
    free(b->labels);
}

static int open_device(struct nn **nn, const char *kind, struct errbuf *eb)
{
    static const char *const names[] = {"ref", "plain", "avx2", "avx512"};
    static const enum nn_kind kinds[] = {NN_REF, NN_PLAIN, NN_AVX2, NN_AVX512};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, names[i]) == 0 && nn_open(nn, kinds[i], 1, NULL) == RF_OK)
            return RF_OK;
    return nn_open(nn, NN_CPU, 1, eb);
}

static int open_model(struct run_model *m, const struct batch *b, const char *kind,
                      struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    const struct model_cfg cfg = task_model(task_of(&m->cfg), &m->cfg, NULL);
    int rc = open_device(&m->nn, kind, eb);

    if (rc == RF_OK)
        rc = model_new(&m->model, m->nn, &cfg, b->all.B, s->max_len, s->vocab_size,
                       MODEL_BACKWARD, 0, eb);
    return rc == RF_OK ? trained_weights(m->model, m->nn, m->ckpt, false, eb) : rc;
}

static int save(const struct params *p, float *grad, float *logits, size_t rows, size_t vocab,
                float *loss, const char *path, struct errbuf *eb)
{
    struct tensor *t = calloc(p->present + 2, sizeof *t);
    int rc = t ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        t[0] = (struct tensor){
            .name = "logits", .dims = 2, .shape = {rows, vocab}, .data = logits};
        t[1] = (struct tensor){.name = "loss", .dims = 1, .shape = {1}, .data = loss};
        params_tensors(p, t + 2, "", grad);
        rc = st_write(path, t, p->present + 2, NULL, NULL, eb);
    }
    free(t);
    return rc;
}

/* Compute all of it and write it to `path`. */
static int compute(struct run_model *m, const struct batch *b, const char *path,
                   struct errbuf *eb)
{
    const struct params *p = model_params(m->model);
    const struct nn_ops *op = m->nn->ops;
    size_t bytes = p->floats * sizeof(float), V = p->shape.vocab;
    float *logits = calloc(b->all.n * V, sizeof *logits), *host = calloc(1, bytes);
    float *grad = op->mem_new(m->nn, bytes), loss = 0;
    struct model_sum sum = {0};
    int rc = logits && host && grad ? RF_OK : err_nomem(eb);

    if (rc == RF_OK)
        rc = model_logits(m->model, &b->all, &b->draw, NULL, logits, eb);
    if (rc == RF_OK)
        rc = model_loss(m->model, &b->labelled, &b->draw, grad, 1 / (float)b->labelled.n, &sum,
                        eb);
    if (rc == RF_OK) {
        op->download(m->nn, host, grad, bytes);
        loss = (float)(sum.loss / (double)sum.labels);
        rc = save(p, host, logits, b->all.n, V, &loss, path, eb);
    }
    op->mem_free(m->nn, grad, bytes);
    free(logits);
    free(host);
    return rc;
}

int main(int argc, char **argv)
{
    struct run_model m = {0};
    struct batch b = {0};
    struct errbuf eb = {0};
    int rc;

    if (argc != 5) {
        fprintf(stderr, "usage: model_numbers RUN BATCH KIND OUT\n");
        return 2;
    }
    rc = open_batch(&b, argv[2], &eb);
    if (rc == RF_OK)
        rc = run_open_settings(&m, &(struct run_use){.path = argv[1]}, &eb);
    if (rc == RF_OK)
        rc = open_model(&m, &b, argv[3], &eb);
    if (rc == RF_OK)
        rc = compute(&m, &b, argv[4], &eb);
    if (rc != RF_OK)
        fprintf(stderr, "model_numbers: %s\n", eb.text);
    run_close(&m);
    close_batch(&b);
    return rc == RF_OK ? 0 : 1;
}
