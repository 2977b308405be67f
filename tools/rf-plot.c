/* rf-plot: draws the curves of training runs as a picture. */
#include <string.h>

#include "base/io.h"
#include "base/tool.h"
#include "plot/plot.h"

enum { FORMAT_AUTO, FORMAT_SVG, FORMAT_PNG };
static const char *const format_names[] = {"auto", "svg", "png", NULL};

struct cfg {
    const char *output;
    int format;
    struct plot_cfg plot;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the picture to (standard output)"),
    OPT_CHOICE('w', "what", struct cfg, plot.what, plot_what_names, "what", "curve to draw"),
    OPT_CHOICE('b', "by", struct cfg, plot.by, plot_by_names, "what",
               "what it is drawn against"),
    OPT_CHOICE('f', "format", struct cfg, format, format_names, "format",
               "format of the picture: svg, png, or auto, which goes by the ending of the "
               "file's name"),
    OPT_END};

static const struct tool tool = {.name = "rf-plot",
                                 .brief = "Draw the curves of training runs.",
                                 .operands = "log.tsv ...",
                                 .min_operands = 1,
                                 .max_operands = PLOT_LOGS_MAX,
                                 .opts = opts};

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);

    return n >= e && strcmp(name + n - e, ending) == 0;
}

static int choose_format(struct cfg *cfg, struct errbuf *eb)
{
    const char *name = cfg->output;

    if (cfg->format != FORMAT_AUTO)
        cfg->plot.format = cfg->format == FORMAT_SVG ? PLOT_SVG : PLOT_PNG;
    else if (!name || strcmp(name, "-") == 0 || ends_in(name, ".svg"))
        cfg->plot.format = PLOT_SVG;
    else if (ends_in(name, ".png"))
        cfg->plot.format = PLOT_PNG;
    else
        return err_set(eb, RF_EUSAGE, "'%s' ends neither in .svg nor in .png: use --format",
                       name);
    return RF_OK;
}

static int draw(const struct cfg *cfg, struct tool_run *run, struct buf *picture)
{
    struct buf script = {0};
    int rc = plot_script(&script, &cfg->plot, run->operands, run->n_operands, &run->eb);

    if (rc == RF_OK)
        rc = plot_draw(picture, &script, (enum plot_format)cfg->plot.format, &run->eb);
    buf_free(&script);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct buf picture = {0};
    struct output *to = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if ((rc = choose_format(&cfg, &run.eb)) == RF_OK &&
        (rc = output_open(&to, cfg.output,
                          cfg.plot.format == PLOT_PNG ? OUTPUT_BINARY : OUTPUT_TEXT,
                          &run.eb)) == RF_OK) {
        if ((rc = draw(&cfg, &run, &picture)) == RF_OK) {
            fwrite(picture.data, 1, picture.len, output_file(to));
            rc = output_commit(to, &run.eb); /* this finds a failed write */
            to = NULL;
        }
        output_abort(to);
    }
    tool_summary(&run, 0, "%d %s", run.n_operands,
                 plural((uint64_t)run.n_operands, "log", "logs"));
    buf_free(&picture);
    return tool_finish(&run, rc);
}
