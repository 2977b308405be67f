/* reformer-empty.c: a shared object that is no plugin. */
int reformer_empty(void);

int reformer_empty(void)
{
    return 0;
}
