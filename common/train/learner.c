#include "train/task.h"

#include <stdlib.h>

static int take_gradients(struct learner *l, size_t levels, struct errbuf *eb)
{
    l->grad_bytes = params_gradients(model_params(l->model)) * sizeof(float);
    for (; l->levels < levels; l->levels++)
        if (!(l->grad[l->levels] = l->nn->ops->mem_new(l->nn, l->grad_bytes)))
            return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for gradients",
                           1e-6 * (double)l->grad_bytes);
    return RF_OK;
}

/* --- the room of a task */

/* What the largest batch takes, as the peaks of both arenas. */
static struct task_room count_room(const struct task *task, const struct params *p,
                                   size_t batch, bool train)
{
    struct task_room room = {.train = train};

    arena_count(&room.device);
    arena_count(&room.host);
    task->carve(&room, p, batch, train);
    return room;
}

size_t learner_room_bytes(const struct task *task, const struct params *p, size_t batch,
                          bool train)
{
    return task && task->carve ? count_room(task, p, batch, train).device.peak : 0;
}

static int take_tally(struct task_room *room, size_t n, struct errbuf *eb)
{
    room->n_tally = n;
    room->tally = calloc(n, sizeof *room->tally);
    return room->tally ? RF_OK : err_nomem(eb);
}

static int take_room(struct learner *l, const struct task *task, size_t batch, bool train,
                     struct errbuf *eb)
{
    const struct params *p = model_params(l->model);
    struct task_room *room = &l->room;
    struct task_room needs;
    size_t device, host;

    if (!task || !task->carve)
        return RF_OK;
    needs = count_room(task, p, batch, train);
    device = needs.device.peak;
    host = needs.host.peak;
    room->train = train;
    room->device_memory = l->nn->ops->mem_new(l->nn, device);
    room->host_memory = l->nn->ops->host_new(l->nn, host);
    arena_wrap(&room->device, room->device_memory, device);
    if (room->host_memory)
        arena_init(&room->host, room->host_memory, host);
    if (!room->device_memory || !room->host_memory)
        return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for the task's outputs",
                       1e-6 * (double)(device + host));
    return task->tally ? take_tally(room, task->tally(p), eb) : RF_OK;
}

static void free_room(struct learner *l)
{
    struct task_room *room = &l->room;
    size_t device = room->device.size, host = room->host.size;

    if (room->device_memory)
        l->nn->ops->mem_free(l->nn, room->device_memory, device);
    if (room->host_memory) {
        arena_free(&room->host);
        l->nn->ops->host_free(l->nn, room->host_memory, host);
    }
    free(room->tally);
    *room = (struct task_room){.train = false};
}

static void take_settings(struct learner *l, const struct rf_config *c)
{
    l->head_dropout = (float)c->model.head_dropout;
    l->z_loss = (float)c->train.z_loss;
    l->smoothing = (float)c->train.label_smoothing;
    l->temperature = c->generator.temperature;
}

int learner_open(struct learner *l, const struct task *task, const struct rf_config *c,
                 size_t batch, struct errbuf *eb)
{
    take_settings(l, c);
    return take_room(l, task, batch, false, eb);
}

void learner_close(struct learner *l)
{
    free_room(l);
}

/* --- a learner */

static int take_optimiser(struct learner *l, const struct rf_config *c,
                          const struct learner_size *size, struct errbuf *eb)
{
    const struct params *p = model_params(l->model);
    struct params_part part;
    int rc = pieces_new(&l->pieces, p, &c->optim, size->parts ? size->parts : 1, eb);

    if (rc != RF_OK)
        return rc;
    part = pieces_part(&l->pieces, size->part);
    return optim_new_part(&l->optim, l->nn, p, &c->optim, &part, eb);
}

int learner_new(struct learner *l, struct nn *nn, const struct rf_config *c,
                const struct learner_size *size, struct errbuf *eb)
{
    int rc;

    *l = (struct learner){.nn = nn};
    take_settings(l, c);
    rc = model_new(&l->model, nn, &size->model, c->train.batch, size->max_len, size->vocab_size,
                   size->use, size->budget, eb);
    if (rc == RF_OK)
        rc = take_optimiser(l, c, size, eb);
    if (rc == RF_OK)
        rc = take_gradients(l, size->levels, eb);
    if (rc == RF_OK)
        rc = take_room(l, size->task, c->train.batch,
                       size->use == MODEL_BACKWARD || size->use == MODEL_SPANS, eb);
    if (rc == RF_OK)
        params_init(model_params(l->model), nn, model_weights(l->model), c->train.seed);
    return rc;
}

void learner_free(struct learner *l)
{
    for (size_t i = 0; i < l->levels; i++)
        l->nn->ops->mem_free(l->nn, l->grad[i], l->grad_bytes);
    free_room(l);
    optim_free(&l->optim);
    pieces_free(&l->pieces);
    model_free(l->model);
    *l = (struct learner){.nn = NULL};
}
