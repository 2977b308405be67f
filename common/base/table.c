#include "base/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *table_new(size_t n, size_t size)
{
    char *table = calloc(n, size);
    size_t bytes = n * size, skip = -(uintptr_t)table % HUGE_PAGE;

    /* This is advice only: if the system does not take it, nothing is lost. */
    if (table && bytes >= (size_t)2 * HUGE_PAGE)
        (void)madvise(table + skip, (bytes - skip) / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    return table;
}
