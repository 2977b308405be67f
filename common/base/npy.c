#include "base/npy.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* A dictionary as text, padded with spaces to a multiple of 64 bytes. */
void npy_head(uint8_t head[NPY_HEAD_BYTES], const char *type, const char *shape)
{
    static const uint8_t magic[8] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    char text[NPY_HEAD_BYTES - 10 + 1];
    int n = snprintf(text, sizeof text,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);

    memcpy(head, magic, sizeof magic);
    put_le16(head + 8, NPY_HEAD_BYTES - 10);
    memset(head + 10, ' ', NPY_HEAD_BYTES - 10);
    memcpy(head + 10, text, (size_t)n);
    head[NPY_HEAD_BYTES - 1] = '\n';
}
