#include "datasrc/prom_conf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/prom_target.h"
#include "model/limits.h"
#include "model/platform.h"
#include "model/selector.h"

/* Reports selectors that don't parse, each at its own place. */
static void
check_selectors(const struct opt_list *list, struct conf_errors *errors)
{
	const struct conf_node *node =
	    list->node != NULL && list->node->kind == CONF_LIST
		? list->node->first
		: list->node;
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct selector *selector = NULL;
		struct err err = ERR_INIT;

		if (selector_parse(list->items[i], &selector, &err) != ERR_OK &&
		    node != NULL)
			conf_errors_add(
			    errors, node->pos, NULL, "%s", err_text(&err));
		selector_free(selector);
		if (node != NULL)
			node = node->next;
	}
}

void
prom_conf_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct prom_conf *conf = config;
	int given = (conf->http.url != NULL) + (conf->targets.count != 0) +
		    (conf->targets_file != NULL);
	struct prom_targets targets = PROM_TARGETS_INIT;
	const struct conf_node *list = conf_get(node, "targets");
	struct err err = ERR_INIT;

	(void)env;
	if (given != 1)
		conf_errors_add(errors, node->key_pos,
		    "url: http://localhost:3000/metrics",
		    given == 0 ? "a prometheus.scrape source needs a url, "
				 "targets or a targets_file"
			       : "only one of url, targets and targets_file "
				 "can be given");
	else if (conf->targets_file == NULL &&
		 prom_targets_load(&targets, conf, &err) != ERR_OK)
		conf_errors_add(errors, list != NULL ? list->pos : node->pos,
		    NULL, "%s", err_text(&err));
	http_conf_check(&conf->http, node, errors);
	prom_targets_release(&targets);
	check_selectors(&conf->keep, errors);
	check_selectors(&conf->per_target, errors);
}

static enum err_code
selector_add(
    struct selector **list, size_t *count, const char *text, struct err *err)
{
	enum err_code code = selector_parse(text, &list[*count], err);

	*count += code == ERR_OK;
	return code;
}

/* name{...} to name_bucket{...}: where the counts of a histogram are. */
static enum err_code
bucket_add(
    struct selector **list, size_t *count, const char *text, struct err *err)
{
	struct buf name = BUF_INIT(SELECTOR_TEXT_MAX);
	size_t len = strcspn(text, "{");
	enum err_code code;

	while (len > 0 && text[len - 1] == ' ')
		len--;
	buf_add(&name, text, len);
	buf_str(&name, "_bucket");
	code = buf_str(&name, text + len)
		   ? selector_add(list, count, buf_cstr(&name), err)
		   : err_set(err, ERR_NOMEM, "prometheus",
			 "no memory for a selector");
	buf_release(&name);
	return code;
}

/* The series that the signals of the platform look at. */
static enum err_code
signals_add(
    struct prom_rules *rules, const struct source_env *env, struct err *err)
{
	const struct platform *platform = env->platform;
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; platform != NULL && i < platform->signal_count; i++) {
		const struct signal_def *def = &platform->signals[i];

		if (def->source != NULL && strcmp(def->source, env->name) != 0)
			continue;
		if (def->kind == SIGNAL_QUANTILE)
			code = bucket_add(
			    rules->keep, &rules->keep_count, def->of.text, err);
		else
			code = selector_add(
			    rules->keep, &rules->keep_count, def->of.text, err);
		if (code == ERR_OK && def->to.text != NULL)
			code = selector_add(
			    rules->keep, &rules->keep_count, def->to.text, err);
		if (code != ERR_OK)
			return code;
	}
	return ERR_OK;
}

enum err_code
prom_rules_init(struct prom_rules *rules, const struct prom_conf *conf,
    const struct source_env *env, struct err *err)
{
	size_t i, room = conf->keep.count;
	enum err_code code = ERR_OK;

	*rules = (struct prom_rules) { .keep = NULL };
	if (env->platform != NULL)
		room += 2 * env->platform->signal_count;
	rules->keep = mem_calloc(room, sizeof(struct selector *));
	rules->per_target =
	    mem_calloc(conf->per_target.count, sizeof(struct selector *));
	if (rules->keep == NULL || rules->per_target == NULL)
		return err_set(
		    err, ERR_NOMEM, "prometheus", "no memory for selectors");
	for (i = 0; code == ERR_OK && i < conf->keep.count; i++)
		code = selector_add(
		    rules->keep, &rules->keep_count, conf->keep.items[i], err);
	for (i = 0; code == ERR_OK && i < conf->per_target.count; i++)
		code = selector_add(rules->per_target, &rules->per_target_count,
		    conf->per_target.items[i], err);
	if (code == ERR_OK)
		code = signals_add(rules, env, err);
	if (code != ERR_OK)
		return code;
	rules->rules = (struct series_rules) {
		.keep = rules->keep,
		.keep_count = rules->keep_count,
		.per_target = rules->per_target,
		.per_target_count = rules->per_target_count,
		.without = conf->without.items,
		.without_count = conf->without.count,
		.gauges = (enum series_gauges)conf->gauges,
		.redactor = env->redactor,
	};
	return ERR_OK;
}

void
prom_rules_release(struct prom_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->keep_count; i++)
		selector_free(rules->keep[i]);
	for (i = 0; i < rules->per_target_count; i++)
		selector_free(rules->per_target[i]);
	mem_free(rules->keep);
	mem_free(rules->per_target);
	*rules = (struct prom_rules) { .keep = NULL };
}

/* In the order of enum series_gauges. */
static const char *const gauge_words[] = { "sum", "avg", "max", "min", NULL };

static const struct opt prom_opts[] = {
	{
	    OPT_FIELD(struct http_conf, url, "url", OPT_URL),
	    .choices = http_schemes,
	    .help = "the page of one target",
	},
	{
	    OPT_FIELD(struct prom_conf, targets, "targets", OPT_LIST),
	    .min = 1,
	    .max = PROM_TARGETS_MAX,
	    .help = "many targets, host:port or URL",
	},
	{
	    OPT_FIELD(struct prom_conf, targets_file, "targets_file", OPT_PATH),
	    .help = "file with one target a line, read again when it changes",
	},
	{
	    OPT_FIELD(struct prom_conf, path, "path", OPT_STRING),
	    .preset = "/metrics",
	    .help = "path for targets without one",
	},
	{
	    OPT_FIELD(struct prom_conf, keep, "keep", OPT_LIST),
	    .max = PROM_SELECTORS_MAX,
	    .help = "selectors of the series to keep, beside those of the "
		    "signals; one target alone keeps all",
	},
	{
	    OPT_FIELD(struct prom_conf, per_target, "per_target", OPT_LIST),
	    .max = PROM_SELECTORS_MAX,
	    .help = "selectors of the series to keep for each target, with a "
		    "label target; others are added up",
	},
	{
	    OPT_FIELD(struct prom_conf, without, "without", OPT_LIST),
	    .max = PROM_SELECTORS_MAX,
	    .help = "labels to leave out; series that differ in nothing else "
		    "are added up",
	},
	{
	    OPT_FIELD(struct prom_conf, gauges, "gauges", OPT_CHOICE),
	    .choices = gauge_words,
	    .preset = "sum",
	    .help = "how gauges of several targets become one number",
	},
	{
	    OPT_FIELD(struct prom_conf, compressed, "compressed", OPT_BOOL),
	    .preset = "false",
	    .help = "ask for gzip: less traffic, more CPU time",
	},
	HTTP_CONF_MORE_ROWS,
};

const struct opt_table prom_conf_table = OPT_TABLE(prom_opts);
