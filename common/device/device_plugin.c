/* device_plugin.c: whether this program can use reformer-NAME.so. */
#include "device/device_plugin.h"

#include <string.h>

#include "base/plugin.h"

enum { NAME_MAX_BYTES = 64 };

/* A name is part of a file's name. */
static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n && n < NAME_MAX_BYTES && !s[n];
}

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

static int load(const struct nn_plugin **plugin, const char *name, struct errbuf *eb)
{
    const struct nn_plugin *(*entry)(void);
    struct errbuf why = {0};
    struct buf path = {0};
    void (*function)(void);
    int rc = plugin_find(&path, name, &why);

    if (rc == RF_OK)
        rc = plugin_load(&function, path.data, "nn_plugin", &why);
    if (rc == RF_EINVAL)
        (void)err_set(eb, rc, "no device '%s': %s", name, why.text);
    if (rc == RF_ENOMEM)
        (void)err_nomem(eb);
    if (rc == RF_OK) {
        entry = (const struct nn_plugin *(*)(void))function;
        *plugin = entry();
        rc = check(*plugin, name, path.data, eb);
    }
    buf_free(&path);
    return rc;
}

int device_plugin_open(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    const struct nn_plugin *plugin;
    struct errbuf why = {0};
    int rc;

    if (!is_name(o->device))
        return err_set(eb, RF_EINVAL,
                       "no device '%s': a name is of small letters, digits, '-' and '_'",
                       o->device);
    if ((rc = load(&plugin, o->device, eb)) != RF_OK)
        return rc;
    rc = plugin->open(nn, o, &why);
    if (rc != RF_OK)
        (void)err_set(eb, rc, "device '%s': %s", o->device,
                      *why.text ? why.text : rf_strerror(rc));
    return rc;
}
