/* fuzz_safetensors: bytes as a safetensors file. fuzz: -max_len=1024
 *
 * What is accepted must keep its promises: printable unique names, tensors that cover the data
 * without a hole, sizes that fit the shapes. What the writer can write must read back.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ckpt/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

static void check_view(const struct st_file *f, const struct st_view *v, const void *end)
{
    size_t elements = 1;

    must(v->data == end && v->dims <= TENSOR_DIMS_MAX && *v->name);
    must(st_find(f, v->name) == v); /* no other has the name */
    for (const char *p = v->name; *p; p++)
        must((unsigned char)*p >= 0x20);
    for (size_t i = 0; i < v->dims; i++)
        elements *= v->shape[i];
    must(v->bytes == elements * (v->type == ST_U8 ? 1 : 4));
    must(v->type == ST_U8 || (uintptr_t)v->data % 4 == 0);
}

/* As a model would: into tensors of these names and shapes. */
static void read_and_write(const struct st_file *f)
{
    size_t n = st_count(f);
    struct tensor *t = calloc(n + 1, sizeof *t);
    struct st_file *again = NULL;
    char path[64];
    int rc = RF_OK;

    snprintf(path, sizeof path, "/dev/shm/fuzz_safetensors.%ld", (long)getpid());
    must(t != NULL);
    for (size_t i = 0; i < n; i++) {
        const struct st_view *v = st_at(f, i);

        snprintf(t[i].name, sizeof t[i].name, "%.63s", v->name);
        t[i].dims = v->dims;
        memcpy(t[i].shape, v->shape, sizeof t[i].shape);
        must((t[i].data = malloc(4 * v->bytes + 1)) != NULL);
        if (v->type != ST_F32 || strlen(v->name) >= TENSOR_NAME_MAX)
            rc = RF_EFORMAT;
    }
    if (rc == RF_OK && st_read_into(f, t, n, "x", NULL) == RF_OK) {
        must(st_write(path, t, n, NULL, NULL, NULL) == RF_OK);
        must(st_open(&again, path, NULL) == RF_OK);
        must(st_count(again) == n && st_read_into(again, t, n, "x", NULL) == RF_OK);
        st_close(again);
        unlink(path);
    }
    for (size_t i = 0; i < n; i++)
        free(t[i].data);
    free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("safetensors", 0);
    struct st_file *f = NULL;
    struct errbuf eb = {0};
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    must(write(fd, data, size) == (ssize_t)size);
    if (st_open(&f, path, &eb) == RF_OK) {
        const char *end = st_count(f) ? st_at(f, 0)->data : NULL;

        for (size_t i = 0; i < st_count(f); i++) {
            check_view(f, st_at(f, i), end);
            end += st_at(f, i)->bytes;
        }
        (void)st_metadata(f, "format");
        read_and_write(f);
    } else {
        must(*eb.text && !strchr(eb.text, '\n'));
    }
    st_close(f);
    close(fd);
    return 0;
}
