#include "config.h"

#include "tui/conf_doc.h"

#include <string.h>

#include "actions/action.h"
#include "actions/peek.h"
#include "base/buf.h"
#include "base/opt.h"
#include "datasrc/flag_type.h"
#include "datasrc/source.h"
#include "model/depend_def.h"
#include "model/platform.h"
#include "model/signal_def.h"
#include "tui/roff.h"

enum {
	CONF_DOC_LINE_MAX = 1024 /* of opt_describe(); the longest has 200 */
};

static bool
print_row(void *ctx, const char *path, const struct opt *opt)
{
	struct buf what = BUF_INIT(CONF_DOC_LINE_MAX);

	opt_describe(opt, &what);
	fprintf(ctx, "  %-18s %s\n  %-18s   %s\n", path, buf_cstr(&what), "",
	    opt->help);
	buf_release(&what);
	return true;
}

/* What a kind of configured action has beside the keys of all. */
static void
conf_doc_action(FILE *out, const struct action_ops *ops,
    bool (*row)(void *ctx, const char *path, const struct opt *opt))
{
	fprintf(out, "%s: %s\n", ops->name, ops->help);
	if (ops->config != NULL)
		opt_visit(ops->config, row, out);
}

bool
conf_doc_print(FILE *out, const char *topic)
{
	const struct source_ops *ops = source_find(topic);
	struct platform_type type;

	if (strcmp(topic, "platform") == 0) {
		fputs("platform: the file's own keys\n", out);
		opt_visit(&platform_opts, print_row, out);
	} else if (strcmp(topic, "source") == 0) {
		fputs("source: keys of every source\n", out);
		opt_visit(&platform_source_opts, print_row, out);
	} else if (strcmp(topic, "service") == 0) {
		fputs("service: keys of each of services\n", out);
		opt_visit(&depend_service_opts, print_row, out);
	} else if (strcmp(topic, "action") == 0) {
		fputs("action: keys of every action\n", out);
		opt_visit(&platform_action_opts, print_row, out);
		fputs("input: keys of each of its inputs\n", out);
		opt_visit(&platform_input_opts, print_row, out);
		fputs("look: keys of each of its reads, of verify, "
		      "targets_from and from\n",
		    out);
		opt_visit(&peek_table, print_row, out);
	} else if (strcmp(topic, "flag") == 0) {
		fputs("flag: keys of every flag, then those of each backend\n",
		    out);
		opt_visit(&platform_flag_opts, print_row, out);
		for (size_t i = 0; flag_types.at(flag_types.ctx, i, &type);
		     i++) {
			fprintf(out, "%s: %s\n", type.name, type.help);
			opt_visit(&type.opts, print_row, out);
		}
	} else if (action_find(action_types, topic) != NULL) {
		conf_doc_action(
		    out, action_find(action_types, topic), print_row);
	} else if (strcmp(topic, "signal") == 0) {
		fputs("signal: keys of every signal\n", out);
		opt_visit(&signal_def_opts, print_row, out);
	} else if (ops != NULL) {
		fprintf(out, "%s: %s\n", ops->name, ops->help);
		if (ops->options != NULL)
			opt_visit(ops->options, print_row, out);
	} else {
		return false;
	}
	return true;
}

static bool
manual_row(void *ctx, const char *path, const struct opt *opt)
{
	struct buf what = BUF_INIT(CONF_DOC_LINE_MAX);

	opt_describe(opt, &what);
	fputs(".TP\n\\fB", ctx);
	roff_text(ctx, path);
	fputs("\\fR: ", ctx);
	roff_text(ctx, buf_cstr(&what));
	fputc('\n', ctx);
	roff_text(ctx, opt->help);
	fputs(".\n", ctx);
	buf_release(&what);
	return true;
}

static void
manual_text(FILE *out)
{
	fputs(".TH SEVTOP.YAML 5 \"\" \"sevtop " PACKAGE_VERSION "\"\n"
	      ".SH NAME\nsevtop.yaml \\- what sevtop watches\n"
	      ".SH DESCRIPTION\n"
	      "A platform is a YAML file: sources that are polled, signals\n"
	      "with thresholds, who needs whom, keys and named log searches.\n"
	      "\\fBsevtop check\\fR tells everything that is wrong with one,\n"
	      "with line and column.\n"
	      ".PP\nAnchors, aliases, tags, duplicate keys and unknown keys "
	      "are errors.\n"
	      "\\fB${NAME}\\fR stands for a variable of the environment, "
	      "or else of the file\n"
	      "\\&.env beside the configuration,\n"
	      "\\fB${NAME:\\-default}\\fR for the default when it is unset "
	      "or empty, which may have variables of its own;\n"
	      "inside brackets such a text needs quotes.\n"
	      "\\fB${SEVTOP_ENV}\\fR is the environment that "
	      "\\fB\\-\\-env\\fR names.\n"
	      ".PP\nA secret is \\fBenv:NAME\\fR, \\fBfile:PATH\\fR or\n"
	      "\\fBcmd:[word, ...]\\fR; one in plain text is warned about.\n"
	      "Durations are written \\fB500ms\\fR, \\fB5s\\fR, "
	      "\\fB1h30m\\fR; sizes \\fB64KiB\\fR, \\fB10MB\\fR.\n"
	      ".PP\nThe file must be a regular one that belongs to its reader\n"
	      "or to root and that nobody else can write.\n"
	      ".PP\nEditors with a YAML server complete and check it with "
	      "this line at its top,\n.PP\n.nf\n"
	      "# yaml\\-language\\-server: $schema=" SEV_DATADIR
	      "/sevtop.schema.json\n.fi\n"
	      ".PP\n\\fBsevtop schema\\fR prints that file.\n",
	    out);
}

void
conf_doc_manual(FILE *out)
{
	struct platform_type type;

	manual_text(out);
	fputs(".SH KEYS OF THE FILE\n", out);
	opt_visit(&platform_opts, manual_row, out);
	fputs(".SH KEYS OF EVERY SOURCE\n", out);
	opt_visit(&platform_source_opts, manual_row, out);
	for (size_t i = 0; source_table[i] != NULL; i++) {
		fprintf(out, ".SH SOURCE TYPE %s\n", source_table[i]->name);
		roff_text(out, source_table[i]->help);
		fputs(".\n", out);
		if (source_table[i]->options != NULL)
			opt_visit(source_table[i]->options, manual_row, out);
	}
	fputs(".SH KEYS OF A SIGNAL\nA signal has one of value, rate, "
	      "growth, ratio, share and quantile.\n"
	      "A threshold is a comparison with a value: \\fB> 5%\\fR, "
	      "\\fB>= 2s\\fR, \\fB> 64MiB\\fR, \\fB> 3/s\\fR, "
	      "\\fB== 0\\fR.\n",
	    out);
	opt_visit(&signal_def_opts, manual_row, out);
	fputs(".SH KEYS OF A SERVICE\nA service is as well as the worst of "
	      "what its health lists.\n"
	      "Under \\fBdependencies\\fR a name is one of services, a "
	      "source or a signal, in this order;\n"
	      "\\fBsignal:NAME\\fR and \\fBSOURCE/TARGET\\fR, a health row, "
	      "say so outright.\n"
	      "A circle of needs is an error.\n",
	    out);
	opt_visit(&depend_service_opts, manual_row, out);
	fputs(".SH KEYS OF AN ACTION\n", out);
	opt_visit(&platform_action_opts, manual_row, out);
	fputs(".SH KEYS OF AN INPUT OF AN ACTION\n", out);
	opt_visit(&platform_input_opts, manual_row, out);
	fputs(".SH KEYS OF A LOOK\nOf each of the \\fBreads\\fR of an action, "
	      "of its \\fBverify\\fR and \\fBtargets_from\\fR,\n"
	      "and of the \\fBfrom\\fR of an input. One of argv, url and "
	      "health says at what.\n",
	    out);
	opt_visit(&peek_table, manual_row, out);
	for (size_t i = 0; action_types[i] != NULL; i++) {
		fprintf(out, ".SH ACTION TYPE %s\n", action_types[i]->name);
		roff_text(out, action_types[i]->help);
		fputs(".\n", out);
		if (action_types[i]->config != NULL)
			opt_visit(action_types[i]->config, manual_row, out);
	}
	fputs(".SH KEYS OF A FLAG\n", out);
	opt_visit(&platform_flag_opts, manual_row, out);
	for (size_t i = 0; flag_types.at(flag_types.ctx, i, &type); i++) {
		fprintf(out, ".SH FLAG TYPE %s\n", type.name);
		roff_text(out, type.help);
		fputs(".\n", out);
		opt_visit(&type.opts, manual_row, out);
	}
	fputs(".SH EXAMPLE\n.nf\nplatform: shop\nsources:\n"
	      "  api: {type: http, url: \"${API_URL}/healthz\", every: 5s}\n"
	      "  metrics: {type: prometheus.scrape, "
	      "url: \"${API_URL}/metrics\"}\n"
	      "signals:\n  error_rate:\n"
	      "    ratio: {of: \\(aqhttp_requests_total{status=~\"5..\"}"
	      "\\(aq, to: http_requests_total}\n"
	      "    crit: \"> 5%\"\n"
	      "dependencies: {error_rate: [api]}\n.fi\n"
	      ".SH FILES\n\\&./sevtop.yaml, $XDG_CONFIG_HOME/sevtop/NAME.yaml, "
	      "/etc/sevtop/NAME.yaml\n"
	      ".SH SEE ALSO\nsevtop(1)\n",
	    out);
}
