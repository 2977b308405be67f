/* fuzz_signatures: bytes as the signatures of a text's documents. fuzz: -max_len=4096
 *
 * Records are handed out before the checksum behind them is known; all of them, and what stands
 * around them where that is accepted, are in the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "text/signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t settings = size >= 16 ? get_le64(data + 8) : 0;
    struct signature_reader *r = NULL;
    struct signature s;
    uint64_t bytes = 0;
    char name[32];
    int fd = memfd_create("signatures", 0), rc;

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    must(signatures_open(&r, name, settings, NULL) == RF_OK);
    while ((rc = signatures_next(r, &s, NULL)) == 1)
        bytes += 1 + (s.has_hash ? 8 : 0) + (s.has_minhash ? 4 * MINHASH_N : 0);
    must(bytes <= size && (rc != 0 || size == 0 || bytes + 33 <= size));
    signatures_close(r);
    close(fd);
    return 0;
}
