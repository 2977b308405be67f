/*
 * mpi.c: the plugin reformer-mpi.so: messages between ranks by MPI, of version 3 or later.
 *
 * Two communicators: one whose ranks are those of the run, and one for sums that MPI makes,
 * where the rank that has part p is number p.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ranks/wire.h"

struct mpi_wire {
    struct wire wire; /* first: the callers have a pointer to it */
    MPI_Comm all, by_part;
};

_Static_assert(sizeof(MPI_Request) <= sizeof(struct wire_request), "a request has room");

static struct mpi_wire *mpi_of(struct wire *w)
{
    return (struct mpi_wire *)(void *)w;
}

static int checked(struct wire *w, const char *what, int code)
{
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int n = 0;

    if (code == MPI_SUCCESS)
        return RF_OK;
    (void)MPI_Error_string(code, text, &n);
    return err_set(&w->why, RF_EIO, "%s failed: %s", what, text);
}

static void keep(struct wire_request *q, MPI_Request request)
{
    memcpy(q->handle, &request, sizeof request);
}

static int mpi_send(struct wire *w, struct wire_request *q, int to, int tag, const void *bytes,
                    size_t n)
{
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Isend(bytes, (int)n, MPI_BYTE, to, tag, mpi_of(w)->all, &request);

    keep(q, request);
    return checked(w, "MPI_Isend()", code);
}

static int mpi_receive(struct wire *w, struct wire_request *q, int from, int tag, void *bytes,
                       size_t n)
{
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Irecv(bytes, (int)n, MPI_BYTE, from, tag, mpi_of(w)->all, &request);

    keep(q, request);
    return checked(w, "MPI_Irecv()", code);
}

/* MPI_Ireduce_scatter() would not wait, but Open MPI's adds all blocks up on one rank. */
static int mpi_add(struct wire *w, float *x, const int *count)
{
    return checked(
        w, "MPI_Reduce_scatter()",
        MPI_Reduce_scatter(MPI_IN_PLACE, x, count, MPI_FLOAT, MPI_SUM, mpi_of(w)->by_part));
}

static int mpi_done(struct wire *w, struct wire_request *q, bool *done)
{
    MPI_Request request;
    int over = 0, code;

    memcpy(&request, q->handle, sizeof request);
    code = MPI_Test(&request, &over, MPI_STATUS_IGNORE);
    keep(q, request);
    *done = over != 0;
    return checked(w, "MPI_Test()", code);
}

static void mpi_close(struct wire *w)
{
    (void)MPI_Comm_free(&mpi_of(w)->by_part);
    (void)MPI_Comm_free(&mpi_of(w)->all);
    (void)MPI_Finalize();
    free(w);
}

/* Without MPI_Finalize(), which would wait for the others. */
static void mpi_abandon(struct wire *w)
{
    free(w);
}

static const struct wire_ops ops = {mpi_send, mpi_receive, mpi_add,
                                    mpi_done, mpi_close,   mpi_abandon};

/* The number of the part that a rank has: ranks_part(). */
static int part_of(int rank, int size)
{
    int part = 0;

    for (int bit = 1; bit < size; bit *= 2)
        part = part * 2 + (rank / bit & 1);
    return part;
}

static int join(struct mpi_wire *m)
{
    struct wire *w = &m->wire;
    MPI_Comm machine = MPI_COMM_NULL;
    int rc;

    if ((rc = checked(w, "MPI_Comm_dup()", MPI_Comm_dup(MPI_COMM_WORLD, &m->all))) != RF_OK)
        return rc;
    (void)MPI_Comm_set_errhandler(m->all, MPI_ERRORS_RETURN);
    (void)MPI_Comm_rank(m->all, &w->rank);
    (void)MPI_Comm_size(m->all, &w->size);
    rc = checked(w, "MPI_Comm_split_type()",
                 MPI_Comm_split_type(m->all, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine));
    if (rc != RF_OK)
        return rc;
    (void)MPI_Comm_rank(machine, &w->local);
    (void)MPI_Comm_size(machine, &w->locals);
    (void)MPI_Comm_free(&machine);
    rc = checked(w, "MPI_Comm_split()",
                 MPI_Comm_split(m->all, 0, part_of(w->rank, w->size), &m->by_part));
    if (rc == RF_OK)
        (void)MPI_Comm_set_errhandler(m->by_part, MPI_ERRORS_RETURN);
    return rc;
}

static int mpi_open(struct wire **w, struct errbuf *eb)
{
    struct mpi_wire *m = calloc(1, sizeof *m);
    int got, rc;

    if (!m)
        return err_nomem(eb);
    m->wire.ops = &ops;
    rc = checked(&m->wire, "MPI_Init_thread()",
                 MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &got));
    if (rc == RF_OK && got < MPI_THREAD_FUNNELED)
        rc = err_set(&m->wire.why, RF_EIO, "this MPI allows no threads beside it");
    if (rc == RF_OK)
        rc = join(m);
    if (rc != RF_OK) {
        (void)err_set(eb, rc, "%s", m->wire.why.text);
        free(m);
        return rc;
    }
    *w = &m->wire;
    return RF_OK;
}

const struct wire_plugin *wire_plugin(void)
{
    static const struct wire_plugin plugin = {WIRE_PLUGIN_VERSION, sizeof(struct wire),
                                              mpi_open};

    return &plugin;
}
