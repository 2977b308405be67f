/* table.h: memory for tables that are read and written all over. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>

/** Returns n items of `size` bytes that are 0, which free() takes back; NULL: no memory. A
 * large table is put on huge pages where the system has them: then it takes one page fault
 * where it took hundreds, and the places of its pages fit into the processor's tables. All of
 * it will be touched, so this takes no more memory. */
void *table_new(size_t n, size_t size);

#endif
