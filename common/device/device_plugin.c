/* device_plugin.c: where reformer-NAME.so lies, and whether this program can use it. */
#include "device/device_plugin.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { NAME_MAX_BYTES = 64 };

/* A name is part of a file's name. */
static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n && n < NAME_MAX_BYTES && !s[n];
}

/* --- where it lies */

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

static int find(struct buf *path, const char *name, struct errbuf *eb)
{
    const char *folders = getenv("RF_PLUGIN_PATH");
    bool found = false;
    int rc = folders && *folders ? look_in_all(path, folders, name, &found)
                                 : look_beside(path, name, &found);

    if (rc != RF_OK)
        return err_nomem(eb);
    return found ? RF_OK
                 : err_set(eb, RF_EINVAL, "no device '%s': reformer-%s.so is not there", name,
                           name);
}

/* --- whether it can be used */

static int check(const struct nn_plugin *p, const char *name, const char *path,
                 struct errbuf *eb)
{
    if (p->version != NN_PLUGIN_VERSION)
        return err_set(eb, RF_EINVAL, "no device '%s': '%s' is a plugin of version %u, not %u",
                       name, path, p->version, NN_PLUGIN_VERSION);
    if (p->ops_bytes != sizeof(struct nn_ops))
        return err_set(
            eb, RF_EINVAL,
            "no device '%s': '%s' has a table of %zu bytes, not %zu: it was made for "
            "another version of the tools",
            name, path, p->ops_bytes, sizeof(struct nn_ops));
    if (strcmp(p->name, name) != 0)
        return err_set(eb, RF_EINVAL, "no device '%s': '%s' is the plugin '%s'", name, path,
                       p->name);
    return RF_OK;
}

static int load(const struct nn_plugin **plugin, const char *name, const char *path,
                struct errbuf *eb)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;
    const struct nn_plugin *(*entry)(void);

    if (!library)
        return err_set(eb, RF_EINVAL, "no device '%s': %s", name, dlerror());
    if (!(symbol = dlsym(library, "nn_plugin")))
        return err_set(eb, RF_EINVAL, "no device '%s': '%s' has no nn_plugin()", name, path);
    memcpy(&entry, &symbol, sizeof entry); /* C knows no other way from one to the other */
    *plugin = entry();
    return check(*plugin, name, path, eb);
}

int device_plugin_open(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    const struct nn_plugin *plugin;
    struct errbuf why = {0};
    struct buf path = {0};
    int rc;

    if (!is_name(o->device))
        return err_set(eb, RF_EINVAL,
                       "no device '%s': a name is of small letters, digits, '-' and '_'",
                       o->device);
    rc = find(&path, o->device, eb);
    if (rc == RF_OK)
        rc = load(&plugin, o->device, path.data, eb);
    buf_free(&path);
    if (rc != RF_OK)
        return rc;
    rc = plugin->open(nn, o, &why);
    if (rc != RF_OK)
        (void)err_set(eb, rc, "device '%s': %s", o->device,
                      *why.text ? why.text : rf_strerror(rc));
    return rc;
}
