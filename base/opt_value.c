#include "base/opt_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "base/num.h"

/* Longest piece of the file that a message repeats. */
#define OPT_SHOWN "%.60s"

static const struct {
	const char *wants;
	enum opt_type type;
} opt_kinds[] = {
#define X(kind, ctype, text) { text, OPT_TYPE((ctype) { 0 }) },
	OPT_KINDS(X)
#undef X
};

const char *
opt_kind_wants(enum opt_kind kind)
{
	if ((unsigned)kind >= ARRAY_LEN(opt_kinds))
		return "something else";
	return opt_kinds[kind].wants;
}

enum opt_type
opt_kind_type(enum opt_kind kind)
{
	if ((unsigned)kind >= ARRAY_LEN(opt_kinds))
		return OPT_TYPE_OTHER;
	return opt_kinds[kind].type;
}

/* A number and the largest unit that divides it: "10m", "64KiB". */
struct opt_unit {
	const char *name;
	int64_t size;
};

static void
opt_exact_text(const struct opt_unit *units, size_t count, int64_t value,
    char out[OPT_BOUND_LEN])
{
	size_t i = 0;

	while (i + 1 < count && (value == 0 || value % units[i].size != 0))
		i++;
	snprintf(out, OPT_BOUND_LEN, "%" PRId64 "%s", value / units[i].size,
	    units[i].name);
}

char *
opt_bound_text(const struct opt *opt, int64_t bound, char out[OPT_BOUND_LEN])
{
	static const struct opt_unit times[] = {
		{ "d", 24 * 60 * 60 * NS_PER_SEC },
		{ "h", 60 * 60 * NS_PER_SEC },
		{ "m", 60 * NS_PER_SEC },
		{ "s", NS_PER_SEC },
		{ "ms", NS_PER_MS },
		{ "us", 1000 },
		{ "ns", 1 },
	};
	static const struct opt_unit sizes[] = {
		{ "GiB", 1024 * 1024 * 1024 },
		{ "MiB", 1024 * 1024 },
		{ "KiB", 1024 },
		{ " bytes", 1 },
	};

	switch (opt->kind) {
	case OPT_DURATION:
		opt_exact_text(times, ARRAY_LEN(times), bound, out);
		break;
	case OPT_SIZE:
		opt_exact_text(sizes, ARRAY_LEN(sizes), bound, out);
		break;
	default:
		snprintf(out, OPT_BOUND_LEN, "%" PRId64 "%s%s", bound,
		    opt->unit != NULL ? " " : "",
		    opt->unit != NULL ? opt->unit : "");
		break;
	}
	return out;
}

/* Values of secrets, and of URLs that may hold one, are never repeated. */
static bool
opt_may_show(const struct opt *opt, const char *raw)
{
	return opt->kind != OPT_SECRET && strchr(raw, '@') == NULL;
}

enum err_code
opt_wrong_kind(const struct opt *opt, const struct conf_node *node,
    struct conf_errors *errors)
{
	const char *wants = opt_kind_wants(opt->kind);

	if (node->kind != CONF_SCALAR)
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" wants %s, not %s", opt->name, wants,
		    conf_kind_text(node));
	else if (node->raw[0] == '\0' || node->text[0] == '\0')
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" wants %s, not an empty text", opt->name, wants);
	else if (opt_may_show(opt, node->raw))
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" wants %s, not \"" OPT_SHOWN "\"", opt->name, wants,
		    node->raw);
	else
		conf_errors_add(errors, node->pos, NULL, "\"%s\" wants %s",
		    opt->name, wants);
	return ERR_CONFIG;
}

static enum err_code
opt_check_bounds(const struct opt *opt, const struct conf_node *node,
    int64_t value, const char *what, struct conf_errors *errors)
{
	char shown[OPT_BOUND_LEN], bound[OPT_BOUND_LEN];
	bool low = value < opt->min;

	if (opt->min == 0 && opt->max == 0)
		return ERR_OK;
	if (!low && value <= opt->max)
		return ERR_OK;
	conf_errors_add(errors, node->pos, NULL, "\"%s\"%s is %s, the %s is %s",
	    opt->name, what, opt_bound_text(opt, value, shown),
	    low ? "least" : "most",
	    opt_bound_text(opt, low ? opt->min : opt->max, bound));
	return ERR_CONFIG;
}

/* The arena lives as long as the tree, so texts are not copied. */
static enum err_code
opt_read_text(const struct opt *opt, const struct conf_node *node, void *field,
    struct conf_errors *errors)
{
	enum err_code code;

	if (node->text[0] == '\0')
		return opt_wrong_kind(opt, node, errors);
	code = opt_check_bounds(
	    opt, node, (int64_t)strlen(node->text), "'s length", errors);
	if (code == ERR_OK)
		*(const char **)field = node->text;
	return code;
}

static enum err_code
opt_read_bool(const struct opt *opt, const struct conf_node *node, void *field,
    struct conf_errors *errors)
{
	bool yes = strcmp(node->text, "true") == 0;

	if (!yes && strcmp(node->text, "false") != 0)
		return opt_wrong_kind(opt, node, errors);
	*(bool *)field = yes;
	return ERR_OK;
}

/* YAML 1.1 reads 010 as 8, people read it as 10: neither is taken. */
static bool
opt_has_octal_look(const char *text)
{
	if (*text == '-' || *text == '+')
		text++;
	return text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

static enum err_code
opt_read_whole(const struct opt *opt, const struct conf_node *node, void *field,
    struct conf_errors *errors)
{
	const char *text = node->text;
	size_t len = strlen(text);
	enum err_code code;
	int64_t value = 0;
	uint64_t size = 0;
	bool good;

	if (opt->kind == OPT_DURATION) {
		good = num_parse_duration(text, len, &value);
	} else if (opt->kind == OPT_SIZE) {
		good = num_parse_size(text, len, &size) && size <= INT64_MAX;
		value = (int64_t)size;
	} else {
		good = num_parse_i64(text, len, &value);
	}
	if (!good || opt_has_octal_look(text))
		return opt_wrong_kind(opt, node, errors);
	code = opt_check_bounds(opt, node, value, "", errors);
	if (code == ERR_OK)
		*(int64_t *)field = value;
	return code;
}

static enum err_code
opt_read_number(const struct opt *opt, const struct conf_node *node,
    void *field, struct conf_errors *errors)
{
	double value;

	if (!num_parse_double(node->text, strlen(node->text), &value) ||
	    opt_has_octal_look(node->text) || value - value != 0)
		return opt_wrong_kind(opt, node, errors);
	if ((opt->min != 0 || opt->max != 0) &&
	    (value < (double)opt->min || value > (double)opt->max)) {
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" is " OPT_SHOWN ", it goes from %" PRId64
		    " to %" PRId64,
		    opt->name, node->raw, opt->min, opt->max);
		return ERR_CONFIG;
	}
	*(double *)field = value;
	return ERR_OK;
}

/* Index in choices; -1: none of them. */
int
opt_choice_index(const struct opt *opt, const char *text, size_t len)
{
	int i;

	for (i = 0; opt->choices[i] != NULL; i++) {
		if (strlen(opt->choices[i]) == len &&
		    memcmp(opt->choices[i], text, len) == 0)
			return i;
	}
	return -1;
}

static enum err_code
opt_wrong_choice(const struct opt *opt, const struct conf_node *node,
    const char *text, struct conf_errors *errors)
{
	struct nearest near = NEAREST_INIT(text);
	struct buf all = BUF_INIT(CONF_HINT_MAX);
	int i;

	for (i = 0; opt->choices[i] != NULL; i++) {
		nearest_offer(&near, opt->choices[i]);
		buf_fmt(
		    &all, "%s%s", i > 0 ? ", " : "one of: ", opt->choices[i]);
	}
	if (near.best != NULL)
		conf_errors_add_near(errors, node->pos, near.best,
		    "\"%s\" can't be \"" OPT_SHOWN "\"", opt->name, node->raw);
	else
		conf_errors_add(errors, node->pos, buf_cstr(&all),
		    "\"%s\" can't be \"" OPT_SHOWN "\"", opt->name, node->raw);
	buf_release(&all);
	return ERR_CONFIG;
}

static enum err_code
opt_read_choice(const struct opt *opt, const struct conf_node *node,
    void *field, struct conf_errors *errors)
{
	int index = opt_choice_index(opt, node->text, strlen(node->text));

	if (index < 0)
		return opt_wrong_choice(opt, node, node->text, errors);
	*(int *)field = index;
	return ERR_OK;
}

/* Whether node is what one item of a list may be; says so when not. */
static bool
opt_is_item(const struct opt *opt, const struct conf_node *node,
    struct conf_errors *errors)
{
	if (node->kind == CONF_BROKEN)
		return false;
	if (node->kind != CONF_SCALAR || node->text[0] == '\0') {
		conf_errors_add(errors, node->pos, NULL,
		    "\"%s\" wants texts in its list, not %s", opt->name,
		    node->kind == CONF_SCALAR ? "an empty one"
					      : conf_kind_text(node));
		return false;
	}
	if (opt->choices != NULL &&
	    opt_choice_index(opt, node->text, strlen(node->text)) < 0) {
		opt_wrong_choice(opt, node, node->text, errors);
		return false;
	}
	return true;
}

static enum err_code
opt_read_list(const struct opt *opt, const struct conf_node *node, void *field,
    struct arena *arena, struct conf_errors *errors)
{
	bool single = node->kind == CONF_SCALAR, good = true;
	size_t count = single ? 1 : node->count, i = 0;
	const struct conf_node *item = single ? node : node->first;
	const char **items;

	if (node->kind == CONF_MAP)
		return opt_wrong_kind(opt, node, errors);
	if (opt_check_bounds(opt, node, (int64_t)count, "'s length", errors) !=
	    ERR_OK)
		return ERR_CONFIG;
	items = arena_array(arena, count + 1, sizeof(*items));
	if (items == NULL)
		return ERR_NOMEM;
	for (; i < count; i++, item = item->next) {
		if (!opt_is_item(opt, item, errors))
			good = false;
		items[i] = item->text;
	}
	if (!good)
		return ERR_CONFIG;
	*(struct opt_list *)field = (struct opt_list) {
		.items = items,
		.count = count,
		.node = node,
	};
	return ERR_OK;
}

static enum err_code
opt_read_pairs(const struct opt *opt, const struct conf_node *node, void *field,
    struct arena *arena, struct conf_errors *errors)
{
	const struct conf_node *child;
	struct opt_pair *items;
	bool good = true;
	size_t i = 0;

	if (node->kind != CONF_MAP && node->kind != CONF_NULL)
		return opt_wrong_kind(opt, node, errors);
	if (opt_check_bounds(
		opt, node, (int64_t)node->count, "'s length", errors) != ERR_OK)
		return ERR_CONFIG;
	items = arena_array(arena, node->count + 1, sizeof(*items));
	if (items == NULL)
		return ERR_NOMEM;
	for (child = node->first; child != NULL; child = child->next) {
		items[i].key = child->key;
		items[i++].value = child->text;
		if (child->kind == CONF_SCALAR)
			continue;
		good = false;
		if (child->kind != CONF_BROKEN)
			conf_errors_add(errors, child->pos,
			    child->kind == CONF_NULL
				? "quote it if it is meant as text"
				: NULL,
			    "\"%.40s\" in \"%s\" wants text, not %s",
			    child->key, opt->name, conf_kind_text(child));
	}
	if (!good)
		return ERR_CONFIG;
	*(struct opt_pairs *)field = (struct opt_pairs) {
		.items = items,
		.count = node->count,
		.node = node,
	};
	return ERR_OK;
}

static enum err_code
opt_read_scalar(const struct opt *opt, const struct conf_node *node,
    void *field, struct conf_errors *errors)
{
	if (node->kind != CONF_SCALAR)
		return opt_wrong_kind(opt, node, errors);
	switch (opt->kind) {
	case OPT_BOOL:
		return opt_read_bool(opt, node, field, errors);
	case OPT_INT:
	case OPT_DURATION:
	case OPT_SIZE:
		return opt_read_whole(opt, node, field, errors);
	case OPT_NUMBER:
		return opt_read_number(opt, node, field, errors);
	case OPT_CHOICE:
		return opt_read_choice(opt, node, field, errors);
	case OPT_URL:
		return opt_read_url(opt, node, field, errors);
	default:
		return opt_read_text(opt, node, field, errors);
	}
}

/* The first text that only a template may hold; NULL: none. */
static const struct conf_node *
opt_find_open(const struct conf_node *node)
{
	if (node->open)
		return node;
	for (const struct conf_node *child = node->first; child != NULL;
	     child = child->next)
		if (child->open)
			return child;
	return NULL;
}

enum err_code
opt_value_read(const struct opt *opt, const struct conf_node *node, void *field,
    struct arena *arena, struct conf_errors *errors)
{
	const struct conf_node *open;

	if (node->kind == CONF_BROKEN)
		return ERR_CONFIG;
	open =
	    opt->template || opt->kind == OPT_NODE ? NULL : opt_find_open(node);
	if (open != NULL) {
		conf_errors_add(errors, open->pos, NULL,
		    "\"%s\" is no template: \"" OPT_SHOWN
		    "\" would stay as it is",
		    opt->name, open->raw);
		return ERR_CONFIG;
	}
	switch (opt->kind) {
	case OPT_SECRET:
		return opt_read_secret(opt, node, field, arena, errors);
	case OPT_LIST:
		return opt_read_list(opt, node, field, arena, errors);
	case OPT_PAIRS:
		return opt_read_pairs(opt, node, field, arena, errors);
	case OPT_NODE:
		if (node->kind == CONF_NULL)
			return opt_wrong_kind(opt, node, errors);
		*(const struct conf_node **)field = node;
		return ERR_OK;
	default:
		return opt_read_scalar(opt, node, field, errors);
	}
}

/* "a, b" of a preset as a list of texts. */
static struct conf_node *
opt_preset_list(const char *text, struct arena *arena)
{
	struct conf_node *list = arena_alloc(arena, sizeof(*list)),
			 *last = NULL;

	if (list == NULL)
		return NULL;
	list->kind = CONF_LIST;
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		struct conf_node *item = arena_alloc(arena, sizeof(*item));

		if (item == NULL)
			return NULL;
		item->kind = CONF_SCALAR;
		item->raw = item->text = arena_copy(arena, text, len);
		if (item->text == NULL)
			return NULL;
		if (last != NULL)
			last->next = item;
		else
			list->first = item;
		last = item;
		list->count++;
		text += len;
		text += strspn(text, ", ");
	}
	return list;
}

enum err_code
opt_value_preset(const struct opt *opt, void *field, struct arena *arena,
    struct conf_errors *errors)
{
	const struct conf_node node = {
		.kind = CONF_SCALAR,
		.pos = { .file = "preset" },
		.text = opt->preset,
		.raw = opt->preset,
	};
	const struct conf_node *list;
	enum err_code code;

	if (opt->kind != OPT_LIST)
		return opt_value_read(opt, &node, field, arena, errors);
	list = opt_preset_list(opt->preset, arena);
	if (list == NULL)
		return ERR_NOMEM;
	code = opt_value_read(opt, list, field, arena, errors);
	/* No place in a file to point at. */
	if (code == ERR_OK)
		((struct opt_list *)field)->node = NULL;
	return code;
}
