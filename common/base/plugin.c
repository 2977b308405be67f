#include "base/plugin.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `path` becomes FOLDER/reformer-NAME.so, FOLDER the n bytes there. *found: there is such a
 * file. */
static int look_in(struct buf *path, const char *folder, size_t n, const char *name,
                   bool *found)
{
    buf_clear(path);
    if (buf_printf(path, "%.*s/reformer-%s.so", (int)n, folder, name) != RF_OK)
        return RF_ENOMEM;
    *found = access(path->data, F_OK) == 0;
    return RF_OK;
}

/* Folders with ":" between. */
static int look_in_all(struct buf *path, const char *folders, const char *name, bool *found)
{
    int rc = RF_OK;

    for (size_t n; rc == RF_OK && !*found && *folders; folders += n + (folders[n] == ':')) {
        n = strcspn(folders, ":");
        if (n)
            rc = look_in(path, folders, n, name, found);
    }
    return rc;
}

/* The folder of the program, and the one of libraries beside it. */
static int look_beside(struct buf *path, const char *name, bool *found)
{
    char program[4096], *end;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    struct buf library = {0};
    int rc;

    if (n < 0)
        return RF_OK;
    program[n] = '\0';
    if (!(end = strrchr(program, '/')))
        return RF_OK;
    *end = '\0';
    rc = look_in(path, program, strlen(program), name, found);
    if (rc == RF_OK && !*found)
        rc = buf_printf(&library, "%s/../lib/reformer-tools", program);
    if (rc == RF_OK && !*found)
        rc = look_in(path, library.data, library.len, name, found);
    buf_free(&library);
    return rc;
}

int plugin_find(struct buf *path, const char *name, struct errbuf *eb)
{
    const char *folders = getenv("RF_PLUGIN_PATH");
    bool found = false;
    int rc = folders && *folders ? look_in_all(path, folders, name, &found)
                                 : look_beside(path, name, &found);

    if (rc != RF_OK)
        return err_nomem(eb);
    return found ? RF_OK : err_set(eb, RF_EINVAL, "reformer-%s.so is not there", name);
}

int plugin_load(void (**function)(void), const char *path, const char *entry, struct errbuf *eb)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;

    if (!library)
        return err_set(eb, RF_EINVAL, "%s", dlerror());
    if (!(symbol = dlsym(library, entry)))
        return err_set(eb, RF_EINVAL, "'%s' has no %s()", path, entry);
    memcpy(function, &symbol, sizeof symbol); /* C knows no other way from one to the other */
    return RF_OK;
}
