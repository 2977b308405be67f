/* ptx_entry.c: which entry of CUH_PTX's files a kernel of the plugin is. */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ptx.h"

enum { FILES_MAX = 64, KERNELS_MAX = 256 };

static struct ptx_file *files[FILES_MAX];
static int n_files;

/* --- the plugin's own symbols: kernels are local, so dladdr() does not know them */

static const char *image;
static size_t base;

static void map_image(const void *inside)
{
    struct stat st;
    Dl_info info;
    int fd;

    if (!dladdr(inside, &info) || (fd = open(info.dli_fname, O_RDONLY)) < 0 ||
        fstat(fd, &st) != 0)
        cuh_die("PTX: the plugin's own file is not found");
    image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (image == MAP_FAILED)
        cuh_die("PTX: '%s' cannot be read", info.dli_fname);
    close(fd);
    base = (size_t)info.dli_fbase;
}

/* The symbol of the function there, of the file's table; it begins at 0 in what is loaded. */
static const char *symbol_of(const void *function)
{
    const ElfW(Ehdr) *head = (const void *)image;
    const ElfW(Shdr) *sections = (const void *)(image + head->e_shoff);

    for (int s = 0; s < head->e_shnum; s++) {
        const ElfW(Sym) *symbols = (const void *)(image + sections[s].sh_offset);
        size_t n = sections[s].sh_size / sizeof *symbols;

        for (size_t i = 0; sections[s].sh_type == SHT_SYMTAB && i < n; i++)
            if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
                base + symbols[i].st_value == (size_t)function)
                return image + sections[sections[s].sh_link].sh_offset + symbols[i].st_name;
    }
    cuh_die("PTX: a kernel has no symbol: the plugin is stripped");
}

/* --- entries */

static void read_files(void)
{
    char pattern[4200];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/*.ptx", cuh_settings()->ptx);
    if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc > FILES_MAX)
        cuh_die("no PTX in '%s', or more than %d files", cuh_settings()->ptx, FILES_MAX);
    for (size_t i = 0; i < found.gl_pathc; i++)
        files[n_files++] = ptx_read(found.gl_pathv[i]);
    globfree(&found);
}

/* Of a static function g++ writes _ZL, nvcc _Z. */
static struct ptx_entry *find_entry(const char *symbol, const char *kernel)
{
    struct ptx_entry *found = NULL;
    char name[1024];

    snprintf(name, sizeof name, "_Z%s", symbol + (strncmp(symbol, "_ZL", 3) == 0 ? 3 : 2));
    for (int f = 0; f < n_files; f++)
        for (int i = 0; i < files[f]->n_entries; i++)
            if (strcmp(files[f]->entries[i].name, name) == 0) {
                if (found)
                    cuh_die("PTX: kernel '%s' stands in two files", kernel);
                found = &files[f]->entries[i];
            }
    if (!found)
        cuh_die("PTX: kernel '%s', '%s', stands in no file", kernel, name);
    ptx_parse(found);
    return found;
}

static void run_thread(const void *unused)
{
    const struct kernel *k = kernel_now();

    (void)unused;
    ptx_run(k->entry, k->parameters);
}

void ptx_choose(struct kernel *k, const void *kernel, const char *name)
{
    static struct {
        const void *kernel;
        struct ptx_entry *entry;
    } known[KERNELS_MAX];
    int i = 0;

    if (!n_files) {
        read_files();
        map_image(kernel);
    }
    while (i < KERNELS_MAX && known[i].kernel && known[i].kernel != kernel)
        i++;
    if (i == KERNELS_MAX)
        cuh_die("PTX: more than %d kernels", KERNELS_MAX);
    if (!known[i].kernel) {
        known[i].kernel = kernel;
        known[i].entry = find_entry(symbol_of(kernel), name);
    }
    k->entry = known[i].entry;
    k->run = run_thread;
    k->shared_static = k->entry->file->shared_bytes;
    if (k->entry->maxntid && k->block.x * k->block.y * k->block.z > k->entry->maxntid)
        cuh_report(NULL, "%s is launched with %u threads, more than its __launch_bounds__, %u",
                   name, k->block.x * k->block.y * k->block.z, k->entry->maxntid);
}
