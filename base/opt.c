#include "base/opt.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/opt_value.h"

/* Groups in groups: more would be no configuration that people write. */
enum {
	OPT_GROUPS_DEEP = 4,
	OPT_PATH_LEN = OPT_GROUPS_DEEP * (NAME_MAX_LEN + 6), /* ".NAME" */
};

bool
opt_list_has(const struct opt_list *list, int64_t number)
{
	int64_t one;

	for (size_t i = 0; i < list->count; i++)
		if (num_parse_i64(
			list->items[i], strlen(list->items[i]), &one) &&
		    one == number)
			return true;
	return false;
}

const struct opt *
opt_find(const struct opt_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	}
	return NULL;
}

/* "duration" and the like; never NULL. */
static const char *
opt_kind_name(enum opt_kind kind)
{
	static const char *const names[] = {
		[OPT_STRING] = "text",
		[OPT_BOOL] = "true or false",
		[OPT_INT] = "whole number",
		[OPT_NUMBER] = "number",
		[OPT_DURATION] = "duration",
		[OPT_SIZE] = "size",
		[OPT_URL] = "URL",
		[OPT_SECRET] = "secret",
		[OPT_CHOICE] = "choice",
		[OPT_LIST] = "list",
		[OPT_PAIRS] = "map of texts",
		[OPT_PATH] = "path",
		[OPT_REF] = "source",
		[OPT_NODE] = "value",
		[OPT_GROUP] = "map",
	};

	if ((unsigned)kind >= ARRAY_LEN(names))
		return "unknown";
	return names[kind];
}

static void
opt_describe_kind(const struct opt *opt, struct buf *out)
{
	const char *before;
	size_t i;

	if (opt->kind == OPT_REF && opt->refers != NULL) {
		buf_fmt(out, "name of a source of type %s", opt->refers);
		return;
	}
	if (opt->kind == OPT_NODE && opt->group != NULL)
		buf_str(out, "map of names");
	else if (opt->kind != OPT_CHOICE || opt->choices == NULL)
		buf_str(out, opt_kind_name(opt->kind));
	if (opt->choices == NULL)
		return;
	before = opt->kind == OPT_CHOICE ? "one of " : " of ";
	for (i = 0; opt->choices[i] != NULL; i++) {
		if (opt->choices[i][0] == '\0')
			continue; /* no unit: nobody writes that */
		buf_fmt(out, "%s%s", before, opt->choices[i]);
		before = ", ";
	}
}

static void
opt_describe_bounds(const struct opt *opt, struct buf *out)
{
	struct opt bare = *opt;
	char low[OPT_BOUND_LEN], high[OPT_BOUND_LEN];
	const char *what = "";

	/* The unit stands once, behind the upper bound. */
	bare.unit = NULL;
	opt_bound_text(&bare, opt->min, low);
	opt_bound_text(opt, opt->max, high);
	if (opt->kind == OPT_LIST || opt->kind == OPT_PAIRS)
		what = " entries";
	else if (opt_kind_type(opt->kind) == OPT_TYPE_TEXT)
		what = " bytes";
	if (opt->min == 0)
		buf_fmt(out, ", at most %s%s", high, what);
	else
		buf_fmt(out, ", %s to %s%s", low, high, what);
}

bool
opt_describe(const struct opt *opt, struct buf *out)
{
	opt_describe_kind(opt, out);
	if (opt->min != 0 || opt->max != 0)
		opt_describe_bounds(opt, out);
	if (opt->required)
		buf_str(out, ", required");
	else if (opt->preset != NULL)
		buf_fmt(out, ", default %s", opt->preset);
	return !out->failed;
}

static bool
opt_visit_below(const struct opt_table *table, const char *above, int depth,
    bool (*fn)(void *ctx, const char *path, const struct opt *opt), void *ctx)
{
	char path[OPT_PATH_LEN];
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct opt *opt = &table->rows[i];

		snprintf(path, sizeof(path), "%s%s%s", above,
		    above[0] != '\0' ? "." : "", opt->name);
		if (!fn(ctx, path, opt))
			return false;
		if (opt->group == NULL || depth + 1 >= OPT_GROUPS_DEEP)
			continue;
		if (opt->kind == OPT_NODE)
			snprintf(path, sizeof(path), "%s%s%s.NAME", above,
			    above[0] != '\0' ? "." : "", opt->name);
		if (!opt_visit_below(opt->group, path, depth + 1, fn, ctx))
			return false;
	}
	return true;
}

void
opt_visit(const struct opt_table *table,
    bool (*fn)(void *ctx, const char *path, const struct opt *opt), void *ctx)
{
	opt_visit_below(table, "", 0, fn, ctx);
}

/* Reads the preset into a scratch field, as binding would. */
static bool
opt_check_preset(const struct opt *opt, struct err *err)
{
	union {
		int64_t whole;
		double number;
		struct opt_list list;
		struct opt_pairs pairs;
		const char *text;
	} field;
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct arena *arena = arena_new(CONF_SCALAR_MAX);
	bool good = true;

	memset(&field, 0, sizeof(field));
	if (errors == NULL || arena == NULL) {
		err_set(err, ERR_NOMEM, "opt", "no memory to check options");
		good = false;
	} else if (opt_value_preset(opt, &field, arena, errors) != ERR_OK) {
		err_set(err, ERR_CONFIG, "opt", "preset of \"%s\": %s",
		    opt->name,
		    errors->count > 0 ? errors->items[0].msg : "no memory");
		good = false;
	}
	arena_free(arena);
	mem_free(errors);
	return good;
}

/* Whether a row of this kind may have a preset, choices and a group. */
static const char *
opt_wrong_extras(const struct opt *opt)
{
	bool group = opt->kind == OPT_GROUP;

	if (opt->kind == OPT_CHOICE && opt->choices == NULL)
		return "no choices";
	if (group != (opt->group != NULL) && opt->kind != OPT_NODE)
		return "group";
	if (opt->preset == NULL)
		return NULL;
	if (group || opt->required || opt->kind == OPT_PAIRS ||
	    opt->kind == OPT_NODE)
		return "a preset that can't be";
	return NULL;
}

static const char *
opt_wrong_row(const struct opt *opt)
{
	if (opt->name == NULL || opt->name[0] == '\0' ||
	    strlen(opt->name) >= NAME_MAX_LEN)
		return "its name";
	if ((unsigned)opt->kind >= OPT_KIND_COUNT)
		return "its kind";
	if (opt->kind != OPT_GROUP && opt->type != opt_kind_type(opt->kind))
		return "its field has not the type of its kind";
	if (opt->help == NULL || opt->help[0] == '\0')
		return "no help";
	if (opt->min > opt->max)
		return "min is above max";
	return opt_wrong_extras(opt);
}

static bool
opt_check_row(const struct opt *opt, struct err *err)
{
	const char *wrong = opt_wrong_row(opt);

	if (wrong != NULL) {
		err_set(err, ERR_CONFIG, "opt", "row \"%s\": %s",
		    opt->name != NULL ? opt->name : "", wrong);
		return false;
	}
	return opt->preset == NULL || opt_check_preset(opt, err);
}

static bool
opt_check_below(const struct opt_table *table, int depth, struct err *err)
{
	size_t i;

	if (depth >= OPT_GROUPS_DEEP) {
		err_set(err, ERR_CONFIG, "opt", "groups more than %d deep",
		    OPT_GROUPS_DEEP);
		return false;
	}
	for (i = 0; i < table->count; i++) {
		const struct opt *opt = &table->rows[i];

		if (!opt_check_row(opt, err))
			return false;
		if (opt_find(table, opt->name) != opt) {
			err_set(err, ERR_CONFIG, "opt",
			    "row \"%s\" is there twice", opt->name);
			return false;
		}
		if (opt->group != NULL &&
		    !opt_check_below(opt->group, depth + 1, err))
			return false;
	}
	return true;
}

bool
opt_table_check(const struct opt_table *table, struct err *err)
{
	return opt_check_below(table, 0, err);
}
