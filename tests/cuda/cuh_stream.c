/*
 * cuh_stream.c: streams, events, copies.
 *
 * What a stream is asked for is put aside and done when somebody waits for it; on the way, at
 * random, other streams go on too. So a wait or an event that is missing shows: the work that
 * it should have waited for is not done yet.
 */
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime.h>

#include "cuh.h"

/* A stream that nobody waits for does its oldest work when it has more than this. */
enum { PENDING_MAX = 4096 };

struct job {
    struct job *next;
    void (*work)(void *data);
    _Alignas(16) char data[];
};

struct CUstream_st {
    struct CUstream_st *next;
    struct job *first, **end;
    bool blocking; /* in order with the default stream */
    uint64_t asked, done;
    struct CUgraph_st *recording; /* its work goes there; NULL: it is done */
    bool lost;                    /* its work never ends */
    bool works; /* at a job: while that waits for other streams this one goes no further */
};

struct CUevent_st {
    struct CUevent_st *next;
    struct CUstream_st *stream; /* NULL: not recorded */
    uint64_t at;                /* it has come when so much of the stream is done */
};

static struct CUstream_st default_stream = {.blocking = true}, *streams;
static struct CUevent_st *events;

static struct CUstream_st *stream_of(cudaStream_t s)
{
    return s && s != cudaStreamLegacy && s != cudaStreamPerThread ? s : &default_stream;
}

static bool reach(struct CUstream_st *s, uint64_t at);
static void wait_for_event(void *data);

/* Whether what the next job waits for has come. The other stream may be unable to go on: it is
 * at a job that waits for a third one, farther down on this very stack. */
static bool may_begin(struct CUstream_st *s)
{
    const struct CUevent_st *e = (const void *)s->first->data;
    bool may;

    if (s->first->work != wait_for_event)
        return true;
    s->works = true;
    may = reach(e->stream, e->at);
    s->works = false;
    return may;
}

/* Do the next job; false: the stream cannot go on now. */
static bool step(struct CUstream_st *s)
{
    struct job *j = s->first;

    if (!j || s->works || s->lost || !may_begin(s))
        return false;
    s->first = j->next;
    if (!s->first)
        s->end = NULL;
    s->works = true;
    j->work(j->data);
    s->works = false;
    if (!s->lost)
        s->done++;
    free(j);
    return true;
}

/* Any stream goes on, or none does. */
static void wander(void)
{
    if (cuh_settings()->order != ORDER_RANDOM)
        return;
    for (struct CUstream_st *s = streams; s; s = s->next)
        if (cuh_random() % 4 == 0)
            (void)step(s);
}

/* Until so much of a stream is done; false: it cannot go on now. */
static bool reach(struct CUstream_st *s, uint64_t at)
{
    bool goes = true;

    device_enter();
    while (goes && s->done < at) {
        wander();
        goes = s->done >= at || step(s);
    }
    device_leave();
    return goes;
}

/* The same for the host, which would wait for ever. */
static void await(struct CUstream_st *s, uint64_t at)
{
    if (!reach(s, at))
        cuh_die("a wait for a stream whose work never ends");
}

static void reach_all(bool blocking)
{
    for (struct CUstream_st *s = streams; s; s = s->next)
        if (!blocking || s->blocking)
            await(s, s->asked);
    await(&default_stream, default_stream.asked);
}

void stream_finish(cudaStream_t stream)
{
    struct CUstream_st *s = stream_of(stream);

    await(s, s->asked);
}

void stream_finish_all(void)
{
    device_open();
    reach_all(false);
}

void stream_add(cudaStream_t stream, void (*work)(void *data), const void *data, size_t n)
{
    struct CUstream_st *s = stream_of(stream);
    struct job *j = malloc(sizeof *j + n);

    if (!j)
        cuh_die("out of memory");
    device_open();
    if (s->recording) {
        graph_add(s->recording, work, data, n);
        return;
    }
    if (s == &default_stream)
        reach_all(true);
    else if (s->blocking)
        await(&default_stream, default_stream.asked);
    j->next = NULL;
    j->work = work;
    memcpy(j->data, data, n);
    if (s->first)
        *s->end = j;
    else
        s->first = j;
    s->end = &j->next;
    s->asked++;
    if (cuh_settings()->eager)
        await(s, s->asked);
    else if (s->asked - s->done > PENDING_MAX)
        await(s, s->done + 1);
}

void stream_lose(cudaStream_t s)
{
    stream_of(s)->lost = true;
}

void stream_drop(cudaStream_t stream)
{
    struct CUstream_st *s = stream_of(stream);

    for (struct job *j = s->first, *next; j; j = next) {
        next = j->next;
        free(j);
    }
    s->first = NULL;
    s->end = NULL;
    s->done = s->asked;
    s->lost = false;
}

/* --- streams */

struct CUgraph_st *stream_recording(cudaStream_t s)
{
    return stream_of(s)->recording;
}

void stream_record(cudaStream_t s, struct CUgraph_st *to)
{
    stream_of(s)->recording = to;
}

/* Whether nobody may wait for it now: a call that does is wrong, and fails. */
static bool is_recorded(const struct CUstream_st *s, const void *caller, const char *call)
{
    if (s && s->recording)
        cuh_report(caller, "%s of a stream that is being recorded", call);
    return s && s->recording;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    struct CUstream_st *s;

    if (cuh_injected("cudaStreamCreate"))
        return cuda_error(cudaErrorMemoryAllocation);
    if (!(s = calloc(1, sizeof *s)))
        cuh_die("out of memory");
    s->blocking = !(flags & cudaStreamNonBlocking);
    s->next = streams;
    streams = s;
    *out = s;
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *out)
{
    return cudaStreamCreateWithFlags(out, cudaStreamDefault);
}

cudaError_t cudaStreamSynchronize(cudaStream_t s)
{
    if (is_recorded(stream_of(s), __builtin_return_address(0), "cudaStreamSynchronize()"))
        return cuda_error(cudaErrorStreamCaptureUnsupported);
    stream_finish(s);
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
    stream_finish_all();
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    for (struct CUstream_st **s = &streams; *s; s = &(*s)->next)
        if (*s == stream) {
            stream_finish(stream);
            *s = stream->next;
            for (struct CUevent_st *e = events; e; e = e->next)
                if (e->stream == stream)
                    e->stream = NULL; /* it has come */
            free(stream);
            return cudaSuccess;
        }
    cuh_report(__builtin_return_address(0), "cudaStreamDestroy() of no stream");
    return cuda_error(cudaErrorInvalidResourceHandle);
}

size_t streams_left(void)
{
    size_t n = 0;

    for (const struct CUstream_st *s = streams; s; s = s->next)
        n++;
    return n;
}

/* --- events */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned flags)
{
    struct CUevent_st *e = calloc(1, sizeof *e);

    (void)flags;
    if (!e)
        cuh_die("out of memory");
    e->next = events;
    events = e;
    *out = e;
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *out)
{
    return cudaEventCreateWithFlags(out, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    for (struct CUevent_st **e = &events; *e; e = &(*e)->next)
        if (*e == event) {
            *e = event->next;
            free(event);
            return cudaSuccess;
        }
    cuh_report(__builtin_return_address(0), "cudaEventDestroy() of no event");
    return cuda_error(cudaErrorInvalidResourceHandle);
}

size_t events_left(void)
{
    size_t n = 0;

    for (const struct CUevent_st *e = events; e; e = e->next)
        n++;
    return n;
}

/* A card could record the event too; no one here does. */
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s)
{
    if (is_recorded(stream_of(s), __builtin_return_address(0), "cudaEventRecord()"))
        return cuda_error(cudaErrorStreamCaptureUnsupported);
    e->stream = stream_of(s);
    e->at = e->stream->asked;
    return cudaSuccess;
}

static void wait_for_event(void *data)
{
    const struct CUevent_st *e = data;

    await(e->stream, e->at);
}

/* The wait is for what was recorded before this call. */
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned flags)
{
    (void)flags;
    if (e->stream)
        stream_add(s, wait_for_event, e, sizeof *e);
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t e)
{
    if (e->stream)
        await(e->stream, e->at);
    return cudaSuccess;
}

/* Who asks lets the stream go on by a piece of work, so that asking again and again is enough.
 */
cudaError_t cudaEventQuery(cudaEvent_t e)
{
    device_open();
    device_enter();
    wander();
    if (e->stream && e->stream->done < e->at)
        (void)step(e->stream);
    device_leave();
    return e->stream && e->stream->done < e->at ? cuda_error(cudaErrorNotReady) : cudaSuccess;
}

/* --- copies */

struct copy {
    void *to;
    const void *from; /* NULL: the bytes lie behind this */
    size_t bytes;
};

static void do_copy(void *data)
{
    const struct copy *c = data;
    const void *from = c->from ? c->from : c + 1;

    device_enter();
    if (is_device(from) && (!is_allocated(from, c->bytes) || !was_written(from, c->bytes)))
        cuh_report(NULL, "a copy of %zu bytes from %p, not all of which were written", c->bytes,
                   from);
    memmove(c->to, from, c->bytes);
    if (is_device(c->to))
        note_written(c->to, c->bytes);
    device_leave();
}

/* Whether the pointers are of the kinds that the call says, and their bytes allocated. */
static bool copy_is_right(const void *to, const void *from, size_t n, enum cudaMemcpyKind kind)
{
    bool to_device = is_device(to), from_device = is_device(from);

    if (kind != cudaMemcpyDefault &&
        (to_device != (kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice) ||
         from_device != (kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice)))
        return false;
    return (!to_device || is_allocated(to, n)) && (!from_device || is_allocated(from, n));
}

/* From pageable memory the driver may copy at once, to it only when all is done. */
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t n, enum cudaMemcpyKind kind,
                            cudaStream_t s)
{
    bool aside = !is_device(from) && !is_pinned(from, n);
    struct copy *c;

    device_open();
    if (cuh_injected("cudaMemcpy"))
        return cuda_error(cudaErrorUnknown);
    if (!n)
        return cudaSuccess;
    if (!copy_is_right(to, from, n, kind)) {
        cuh_report(__builtin_return_address(0),
                   "cudaMemcpyAsync(%p, %p, %zu) is of other kinds "
                   "of memory than it says, or outside of an allocation",
                   to, from, n);
        return cuda_error(cudaErrorInvalidValue);
    }
    if (!(c = malloc(sizeof *c + (aside ? n : 0))))
        cuh_die("out of memory");
    *c = (struct copy){to, aside ? NULL : from, n};
    if (aside)
        memcpy(c + 1, from, n);
    stream_add(s, do_copy, c, sizeof *c + (aside ? n : 0));
    free(c);
    if (!is_device(to) && !is_pinned(to, n))
        stream_finish(s);
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t n, enum cudaMemcpyKind kind)
{
    cudaError_t e = cudaMemcpyAsync(to, from, n, kind, NULL);

    stream_finish(NULL);
    return e;
}

struct set {
    void *p;
    int value;
    size_t bytes;
};

static void do_set(void *data)
{
    const struct set *s = data;

    device_enter();
    memset(s->p, s->value, s->bytes);
    note_written(s->p, s->bytes);
    device_leave();
}

cudaError_t cudaMemsetAsync(void *p, int value, size_t n, cudaStream_t stream)
{
    struct set s = {p, value, n};

    device_open();
    if (!n)
        return cudaSuccess;
    if (!is_device(p) || !is_allocated(p, n)) {
        cuh_report(__builtin_return_address(0),
                   "cudaMemsetAsync(%p, %d, %zu) is outside of an "
                   "allocation",
                   p, value, n);
        return cuda_error(cudaErrorInvalidValue);
    }
    stream_add(stream, do_set, &s, sizeof s);
    return cudaSuccess;
}

cudaError_t cudaMemset(void *p, int value, size_t n)
{
    return cudaMemsetAsync(p, value, n, NULL);
}
