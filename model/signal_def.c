#include "model/signal_def.h"

#include <string.h>

#include "base/clock.h"
#include "model/limits.h"

/* A signal as its rows read it, before it is checked as a whole. */
struct signal_raw {
	const char *title;
	const char *source;
	const char *value;
	const char *rate;
	const char *growth;
	const char *ratio_of;
	const char *ratio_to;
	const char *share_of;
	const char *share_to;
	const char *quantile_of;
	double q;
	int agg;
	int unit;
	int64_t window_ns;
	const char *warn;
	const char *crit;
	const char *recover;
	int64_t for_ns;
	int64_t recover_for_ns;
	bool optional;
};

static const struct {
	const char *key;
	const char *help;
} signal_kinds[] = {
#define X(kind, key, help) { key, help },
	SIGNAL_KINDS(X)
#undef X
};

static const char *const signal_aggs[] = { "sum", "max", "min", "avg", NULL };

const char *
signal_kind_name(enum signal_kind kind)
{
	if ((unsigned)kind >= SIGNAL_KIND_COUNT)
		return "unknown";
	return signal_kinds[kind].key;
}

/* Where an expression's text stands: under key, or under group and key. */
static struct conf_pos
signal_pos(const struct conf_node *node, const char *group, const char *key)
{
	const struct conf_node *at = node;

	if (group != NULL && conf_get(at, group) != NULL)
		at = conf_get(at, group);
	if (conf_get(at, key) != NULL)
		at = conf_get(at, key);
	return at->pos;
}

/* Takes one kind of expression if it is there; returns how many are. */
static size_t
signal_take(struct signal_def *def, enum signal_kind kind,
    const struct conf_node *node, const char *of, const char *to)
{
	const char *key = signal_kinds[kind].key;
	bool grouped = kind >= SIGNAL_RATIO;

	if (conf_get(node, key) == NULL)
		return 0;
	def->kind = kind;
	def->of.text = of;
	def->of.pos =
	    signal_pos(node, grouped ? key : NULL, grouped ? "of" : key);
	def->to.text = to;
	if (to != NULL)
		def->to.pos = signal_pos(node, key, "to");
	return 1;
}

static enum err_code
signal_read_expression(struct signal_def *def, const struct signal_raw *raw,
    const struct conf_node *node, struct conf_errors *errors)
{
	size_t found = 0;

	found += signal_take(def, SIGNAL_VALUE, node, raw->value, NULL);
	found += signal_take(def, SIGNAL_RATE, node, raw->rate, NULL);
	found += signal_take(def, SIGNAL_GROWTH, node, raw->growth, NULL);
	found +=
	    signal_take(def, SIGNAL_RATIO, node, raw->ratio_of, raw->ratio_to);
	found +=
	    signal_take(def, SIGNAL_SHARE, node, raw->share_of, raw->share_to);
	found +=
	    signal_take(def, SIGNAL_QUANTILE, node, raw->quantile_of, NULL);
	def->q = raw->q;
	if (found == 1)
		return ERR_OK;
	conf_errors_add(errors, node->key_pos,
	    "one of: value, rate, growth, ratio, share, quantile",
	    found == 0 ? "\"%.64s\" says nothing to look at"
		       : "\"%.64s\" looks at more than one thing",
	    node->key);
	return ERR_CONFIG;
}

/* One threshold; its unit has to be the signal's once that is known. */
static enum err_code
signal_read_threshold(struct signal_def *def, const char *text, const char *key,
    const struct conf_node *node, struct threshold *ret,
    struct conf_errors *errors)
{
	struct conf_pos pos = signal_pos(node, NULL, key);
	enum num_unit unit = NUM_NONE;

	if (text == NULL)
		return ERR_OK;
	if (!signal_threshold_parse(text, ret, &unit)) {
		conf_errors_add(errors, pos,
		    "such as \"> 5%\", \">= 2s\", \"> 64MiB\", \"< 1\", "
		    "\"== 0\"",
		    "\"%s\" wants a comparison, not \"%.60s\"", key, text);
		return ERR_CONFIG;
	}
	if (unit == NUM_NONE)
		return ERR_OK;
	if (def->unit == NUM_NONE)
		def->unit = unit;
	if (def->unit == unit)
		return ERR_OK;
	conf_errors_add(errors, pos, NULL,
	    "\"%s\" is in %s, but \"%.64s\" is in %s", key, num_unit_name(unit),
	    def->name, num_unit_name(def->unit));
	return ERR_CONFIG;
}

static bool
signal_is_upper(const struct threshold *t)
{
	return t->compare == COMPARE_GT || t->compare == COMPARE_GE;
}

static bool
signal_is_lower(const struct threshold *t)
{
	return t->compare == COMPARE_LT || t->compare == COMPARE_LE;
}

static enum err_code
signal_check_order(const struct signal_def *def, const struct conf_node *node,
    struct conf_errors *errors)
{
	bool upper = signal_is_upper(&def->warn) && signal_is_upper(&def->crit);
	bool lower = signal_is_lower(&def->warn) && signal_is_lower(&def->crit);

	if (!def->warn.set || !def->crit.set)
		return ERR_OK;
	if (!(upper && def->crit.value < def->warn.value) &&
	    !(lower && def->crit.value > def->warn.value))
		return ERR_OK;
	conf_errors_add(errors, signal_pos(node, NULL, "crit"), "swap the two",
	    "\"crit\" of \"%.64s\" is reached before \"warn\"", def->name);
	return ERR_CONFIG;
}

static void
signal_check_share(const struct signal_def *def, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct threshold *t = def->crit.set ? &def->crit : &def->warn;

	if (def->kind != SIGNAL_RATIO && def->kind != SIGNAL_SHARE)
		return;
	if (def->unit != NUM_NONE || !t->set || t->value < 1.5)
		return;
	conf_errors_warn(errors,
	    signal_pos(node, NULL, def->crit.set ? "crit" : "warn"),
	    "write \"> 5%\" if you mean percent",
	    "a %s of \"%.64s\" is seldom above 1", signal_kind_name(def->kind),
	    def->name);
}

static enum err_code
signal_read_thresholds(struct signal_def *def, const struct signal_raw *raw,
    const struct conf_node *node, struct conf_errors *errors)
{
	enum err_code code;

	code = signal_read_threshold(
	    def, raw->crit, "crit", node, &def->crit, errors);
	if (code == ERR_OK)
		code = signal_read_threshold(
		    def, raw->warn, "warn", node, &def->warn, errors);
	if (code == ERR_OK)
		code = signal_read_threshold(
		    def, raw->recover, "recover", node, &def->recover, errors);
	if (code != ERR_OK)
		return code;
	if (def->recover.set && !def->warn.set && !def->crit.set) {
		conf_errors_add(errors, signal_pos(node, NULL, "recover"), NULL,
		    "\"recover\" of \"%.64s\" without warn or crit", def->name);
		return ERR_CONFIG;
	}
	signal_check_share(def, node, errors);
	return signal_check_order(def, node, errors);
}

/* What a value is in when nobody said it. */
static enum num_unit
signal_default_unit(enum signal_kind kind)
{
	switch (kind) {
	case SIGNAL_RATE:
		return NUM_PER_SECOND;
	case SIGNAL_RATIO:
	case SIGNAL_SHARE:
		return NUM_PERCENT;
	default:
		return NUM_NONE;
	}
}

enum err_code
signal_def_read(const struct conf_node *node, struct arena *arena,
    struct conf_errors *errors, struct signal_def *ret)
{
	struct signal_raw raw = { .title = NULL };
	struct signal_def def = { .name = node->key, .pos = node->key_pos };
	enum err_code code;

	code = opt_bind(&signal_def_opts, node, &raw, arena, errors);
	if (code != ERR_OK)
		return code;
	code = signal_read_expression(&def, &raw, node, errors);
	if (code != ERR_OK)
		return code;
	def.title = raw.title != NULL ? raw.title : def.name;
	def.source = raw.source;
	def.agg = (enum signal_agg)raw.agg;
	def.unit = (enum num_unit)raw.unit;
	def.window_ns = raw.window_ns;
	if (def.kind == SIGNAL_VALUE || def.kind == SIGNAL_SHARE)
		def.window_ns = 0;
	def.for_ns = raw.for_ns;
	def.recover_for_ns = raw.recover_for_ns;
	def.optional = raw.optional;
	code = signal_read_thresholds(&def, &raw, node, errors);
	if (code != ERR_OK)
		return code;
	if (def.unit == NUM_NONE)
		def.unit = signal_default_unit(def.kind);
	*ret = def;
	return ERR_OK;
}

static const struct opt signal_ratio_rows[] = {
	{
	    OPT_FIELD(struct signal_raw, ratio_of, "of", OPT_STRING),
	    .required = true,
	    .help = "selector of the counter above the line",
	},
	{
	    OPT_FIELD(struct signal_raw, ratio_to, "to", OPT_STRING),
	    .required = true,
	    .help = "selector of the counter below the line",
	},
};
static const struct opt_table signal_ratio_opts = OPT_TABLE(signal_ratio_rows);

static const struct opt signal_share_rows[] = {
	{
	    OPT_FIELD(struct signal_raw, share_of, "of", OPT_STRING),
	    .required = true,
	    .help = "selector of the gauge above the line",
	},
	{
	    OPT_FIELD(struct signal_raw, share_to, "to", OPT_STRING),
	    .required = true,
	    .help = "selector of the gauge below the line",
	},
};
static const struct opt_table signal_share_opts = OPT_TABLE(signal_share_rows);

static const struct opt signal_quantile_rows[] = {
	{
	    OPT_FIELD(struct signal_raw, q, "q", OPT_NUMBER),
	    .min = 0,
	    .max = 1,
	    .required = true,
	    .help = "which quantile, such as 0.95",
	},
	{
	    OPT_FIELD(struct signal_raw, quantile_of, "of", OPT_STRING),
	    .required = true,
	    .help = "selector of the histogram, without _bucket",
	},
};
static const struct opt_table signal_quantile_opts =
    OPT_TABLE(signal_quantile_rows);

static const struct opt signal_rows[] = {
	{
	    OPT_FIELD(struct signal_raw, value, "value", OPT_STRING),
	    .help = "the newest value of a gauge",
	},
	{
	    OPT_FIELD(struct signal_raw, rate, "rate", OPT_STRING),
	    .help = "increase per second of a counter in the window",
	},
	{
	    OPT_FIELD(struct signal_raw, growth, "growth", OPT_STRING),
	    .help = "newest minus oldest value in the window",
	},
	{
	    OPT_GROUP_ROW("ratio", &signal_ratio_opts),
	    .help = "rate of one counter by the rate of another",
	},
	{
	    OPT_GROUP_ROW("share", &signal_share_opts),
	    .help = "value of one gauge by the value of another",
	},
	{
	    OPT_GROUP_ROW("quantile", &signal_quantile_opts),
	    .help = "quantile of a histogram in the window",
	},
	{
	    OPT_FIELD(struct signal_raw, title, "title", OPT_STRING),
	    .max = NAME_MAX_LEN,
	    .min = 1,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct signal_raw, source, "source", OPT_REF),
	    .help = "only series of this source",
	},
	{
	    OPT_FIELD(struct signal_raw, agg, "agg", OPT_CHOICE),
	    .choices = signal_aggs,
	    .preset = "sum",
	    .help = "how several series become one",
	},
	{
	    OPT_FIELD(struct signal_raw, unit, "unit", OPT_CHOICE),
	    .choices = num_unit_names,
	    .help = "unit of the value, unless a threshold tells it",
	},
	{
	    OPT_FIELD(struct signal_raw, window_ns, "window", OPT_DURATION),
	    .min = SIGNAL_WINDOW_MIN_S * NS_PER_SEC,
	    .max = SIGNAL_WINDOW_MAX_S * NS_PER_SEC,
	    .preset = "5m",
	    .help = "how far back a rate, growth or quantile looks",
	},
	{
	    OPT_FIELD(struct signal_raw, warn, "warn", OPT_STRING),
	    .help = "warning when true, such as \"> 1%\"",
	},
	{
	    OPT_FIELD(struct signal_raw, crit, "crit", OPT_STRING),
	    .help = "critical when true, such as \"> 5%\"",
	},
	{
	    OPT_FIELD(struct signal_raw, recover, "recover", OPT_STRING),
	    .help = "good again only when true, such as \"< 4%\"",
	},
	{
	    OPT_FIELD(struct signal_raw, for_ns, "for", OPT_DURATION),
	    .min = 0,
	    .max = SIGNAL_FOR_MAX_S * NS_PER_SEC,
	    .help = "how long it has to be true before it counts",
	},
	{
	    OPT_FIELD(
		struct signal_raw, recover_for_ns, "recover_for", OPT_DURATION),
	    .min = 0,
	    .max = SIGNAL_FOR_MAX_S * NS_PER_SEC,
	    .help = "how long it has to be good before it is over",
	},
	{
	    OPT_FIELD(struct signal_raw, optional, "optional", OPT_BOOL),
	    .preset = "false",
	    .help = "true: not shown before a series has matched",
	},
};
const struct opt_table signal_def_opts = OPT_TABLE(signal_rows);
