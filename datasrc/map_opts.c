#include "datasrc/map_opts.h"

#include <string.h>

#include "datasrc/limits.h"
#include "datasrc/map_rows.h"
#include "model/limits.h"

/* The usual words of health pages, containers and process managers. */
static const char *const map_usual_ok[] = { "ok", "up", "healthy", "ready",
	"running", "online", "connected", "available", "active", "alive",
	"operational", "pass", "passed", "serving", "success", "green",
	"normal", "true" };
static const char *const map_usual_warn[] = { "warn", "warning", "degraded",
	"restarting", "starting", "launching", "stopping", "created", "paused",
	"pending", "waiting restart", "removing", "partial", "yellow" };
static const char *const map_usual_crit[] = { "crit", "critical", "down",
	"unhealthy", "error", "errored", "exited", "stopped", "dead", "failed",
	"fail", "not ready", "disconnected", "unavailable", "offline", "outage",
	"red", "false" };

/* Where an entry is read: everything but the entry itself. */
struct map_read {
	enum map_place place;
	struct arena *arena;
	struct conf_errors *errors;
};

/* Reads one entry into its place in the array; untouched on failure. */
typedef enum err_code map_read_fn(
    const struct map_read *read, const struct conf_node *node, void *ret);

static struct conf_pos
map_pos(const struct conf_node *node, const char *key)
{
	const struct conf_node *at = conf_get(node, key);

	return at != NULL ? at->pos : node->pos;
}

/*
 * Binds an entry that is a map into out. ERR_OK with *ret_plain set for the
 * short form, which is a text and nothing else.
 */
static enum err_code
map_entry_read(const struct map_read *read, const struct conf_node *node,
    const struct opt_table *opts, void *out, bool *ret_plain)
{
	*ret_plain = node->kind == CONF_SCALAR && node->text[0] != '\0';
	if (*ret_plain)
		return ERR_OK;
	if (node->kind == CONF_MAP)
		return opt_bind(
		    &opts[read->place], node, out, read->arena, read->errors);
	if (node->kind != CONF_BROKEN)
		conf_errors_add(read->errors, node->pos, NULL,
		    "\"%.64s\" wants a text or a map, not %s", node->key,
		    node->kind == CONF_SCALAR ? "an empty text"
					      : conf_kind_text(node));
	return ERR_CONFIG;
}

static struct map_value
map_value_first(const struct map_read *read, const struct conf_node *node)
{
	bool column = read->place == MAP_COLUMN;

	return (struct map_value) { .unit = MAP_UNIT_NONE,
		.scale = 1,
		.pos = map_pos(node, column ? "column" : "path") };
}

static enum err_code
map_value_check(const struct map_value *value, const struct conf_node *node,
    struct conf_errors *errors)
{
	bool timed =
	    value->form == MAP_FORM_AGE || value->form == MAP_FORM_UNTIL;

	if (value->scale == 0) {
		conf_errors_add(errors, map_pos(node, "scale"), NULL,
		    "\"scale\" of \"%.64s\" is 0: nothing would be left",
		    node->key);
		return ERR_CONFIG;
	}
	if (timed && value->unit != MAP_UNIT_NONE &&
	    value->unit != NUM_SECONDS) {
		conf_errors_add(errors, map_pos(node, "unit"), NULL,
		    "\"%.64s\" has the form %s, which is in seconds", node->key,
		    map_form_words[value->form]);
		return ERR_CONFIG;
	}
	return ERR_OK;
}

/* Goes on after a mistake, not without memory. */
static enum err_code
map_worse(enum err_code a, enum err_code b)
{
	return a == ERR_OK || b == ERR_NOMEM ? b : a;
}

/* The entries under one key, at most max of size bytes each. */
static enum err_code
map_entries(const struct map_read *read, const struct conf_node *node,
    map_read_fn *fn, size_t max, size_t size, void **ret_items,
    size_t *ret_count)
{
	enum err_code code = ERR_OK, one;
	const struct conf_node *child;
	char *items;
	size_t count = 0;

	*ret_items = NULL;
	*ret_count = 0;
	if (node == NULL || node->kind == CONF_NULL)
		return ERR_OK;
	if (node->kind != CONF_MAP) {
		if (node->kind != CONF_BROKEN)
			conf_errors_add(read->errors, node->pos, NULL,
			    "\"%.64s\" wants a map of names, not %s", node->key,
			    conf_kind_text(node));
		return ERR_CONFIG;
	}
	if (node->count > max) {
		conf_errors_add(read->errors, node->pos, NULL,
		    "\"%.64s\" has %zu entries, the most is %zu", node->key,
		    node->count, max);
		return ERR_CONFIG;
	}
	items = arena_array(read->arena, node->count, size);
	if (items == NULL)
		return ERR_NOMEM;
	for (child = node->first; child != NULL; child = child->next) {
		one = fn(read, child, items + count * size);
		count += one == ERR_OK;
		code = map_worse(code, one);
	}
	*ret_items = items;
	*ret_count = count;
	return code;
}

/* A name that selectors can write without quotes. */
static enum err_code
map_name_check(const struct conf_node *node, struct conf_errors *errors)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const char *key = node->key;

	if (key[strspn(key, name)] == '\0' && strcspn(key, "0123456789") > 0)
		return ERR_OK;
	conf_errors_add(errors, node->key_pos, "such as queue_waiting",
	    "\"%.64s\" is no name for a metric: letters, digits and _ only",
	    key);
	return ERR_CONFIG;
}

static enum err_code
map_metric_read(
    const struct map_read *read, const struct conf_node *node, void *ret)
{
	struct map_metric metric = { .value = map_value_first(read, node),
		.name = node->key };
	enum err_code code = map_name_check(node, read->errors);
	bool plain;

	if (code == ERR_OK)
		code = map_entry_read(
		    read, node, map_metric_opts, &metric, &plain);
	if (code == ERR_OK && plain)
		metric.value.from = node->text;
	if (code == ERR_OK)
		code = map_value_check(&metric.value, node, read->errors);
	if (code == ERR_OK)
		*(struct map_metric *)ret = metric;
	return code;
}

enum err_code
map_metrics_read(const struct conf_node *node, enum map_place place,
    struct arena *arena, struct conf_errors *errors,
    const struct map_metric **ret_metrics, size_t *ret_count)
{
	const struct map_read read = { place, arena, errors };
	void *items;
	enum err_code code = map_entries(&read, node, map_metric_read,
	    MAP_METRICS_MAX, sizeof(struct map_metric), &items, ret_count);

	*ret_metrics = items;
	return code;
}

#define MAP_WORDS(array)                                                       \
	(struct opt_list)                                                      \
	{                                                                      \
		.items = (array), .count = ARRAY_LEN(array)                    \
	}

/* The usual words where nothing is listed, and what the others mean. */
static void
map_state_finish(struct map_state *state)
{
	size_t listed = state->ok.count + state->warn.count + state->crit.count;

	if (listed == 0) {
		state->ok = MAP_WORDS(map_usual_ok);
		state->warn = MAP_WORDS(map_usual_warn);
		state->crit = MAP_WORDS(map_usual_crit);
	}
	if (state->other != MAP_OTHER_AUTO)
		return;
	if (listed == 0)
		state->other = STATE_UNKNOWN;
	else
		state->other = state->ok.count > 0 ? STATE_CRIT : STATE_OK;
}

/* The place alone, as a list of one. */
static enum err_code
map_state_plain(const struct map_read *read, const struct conf_node *node,
    struct map_state *state)
{
	const char **items = arena_array(read->arena, 1, sizeof(*items));

	if (items == NULL)
		return ERR_NOMEM;
	items[0] = node->text;
	state->from = (struct opt_list) { .items = items, .count = 1 };
	return ERR_OK;
}

static enum err_code
map_health_one(
    const struct map_read *read, const struct conf_node *node, void *ret)
{
	struct map_health health = { .value = map_value_first(read, node),
		.target = node->key,
		.state.other = MAP_OTHER_AUTO };
	enum err_code code;
	bool plain;

	code = map_entry_read(read, node, map_health_opts, &health, &plain);
	if (code == ERR_OK && plain)
		code = map_state_plain(read, node, &health.state);
	if (code == ERR_OK)
		code = map_value_check(&health.value, node, read->errors);
	if (code != ERR_OK)
		return code;
	health.value.from = health.state.from.items[0];
	map_state_finish(&health.state);
	*(struct map_health *)ret = health;
	return ERR_OK;
}

enum err_code
map_health_read(const struct conf_node *node, enum map_place place,
    struct arena *arena, struct conf_errors *errors,
    const struct map_health **ret_health, size_t *ret_count)
{
	const struct map_read read = { place, arena, errors };
	void *items;
	enum err_code code = map_entries(&read, node, map_health_one,
	    MAP_HEALTH_MAX, sizeof(struct map_health), &items, ret_count);

	*ret_health = items;
	return code;
}

/* What a column holds, where form and unit tell. */
static enum map_column_kind
map_column_kind(const struct map_column *column)
{
	if (column->kind != MAP_COLUMN_AUTO)
		return (enum map_column_kind)column->kind;
	if (column->value.form != MAP_FORM_AUTO ||
	    column->value.unit != MAP_UNIT_NONE || column->value.scale != 1)
		return MAP_COLUMN_NUMBER;
	return MAP_COLUMN_AUTO;
}

static enum err_code
map_column_read(
    const struct map_read *read, const struct conf_node *node, void *ret)
{
	struct map_column column = { .value = map_value_first(read, node),
		.name = node->key };
	enum err_code code;
	bool plain;

	code = map_entry_read(read, node, map_column_opts, &column, &plain);
	if (code == ERR_OK && plain)
		column.value.from = node->text;
	if (code == ERR_OK)
		code = map_value_check(&column.value, node, read->errors);
	if (code != ERR_OK)
		return code;
	column.kind = map_column_kind(&column);
	*(struct map_column *)ret = column;
	return ERR_OK;
}

static enum err_code
map_state_read(const struct map_read *read, const struct conf_node *node,
    struct map_state *ret)
{
	struct map_state state = { .other = MAP_OTHER_AUTO };
	enum err_code code;
	bool plain;

	code = map_entry_read(read, node, map_state_opts, &state, &plain);
	if (code == ERR_OK && plain)
		code = map_state_plain(read, node, &state);
	if (code != ERR_OK)
		return code;
	map_state_finish(&state);
	*ret = state;
	return ERR_OK;
}

static enum err_code
map_table_check(const struct map_table *table, const struct conf_node *columns,
    struct conf_errors *errors)
{
	const struct conf_node *node = columns != NULL ? columns->first : NULL;

	for (size_t i = 0; i < table->column_count; i++, node = node->next) {
		if (table->has_state ||
		    table->columns[i].kind != MAP_COLUMN_STATE)
			continue;
		conf_errors_add(errors, node->pos,
		    "state: {path: status, ok: [running]}",
		    "column \"%.64s\" shows the state of a row, but the table "
		    "has no \"state\"",
		    table->columns[i].name);
		return ERR_CONFIG;
	}
	return ERR_OK;
}

static enum err_code
map_table_one(
    const struct map_read *read, const struct conf_node *node, void *ret)
{
	struct map_table_raw raw = { .rows = NULL };
	struct map_table table = { .name = node->key, .pos = node->pos };
	enum err_code code;
	void *columns;
	bool plain;

	code = map_entry_read(read, node, map_table_opts, &raw, &plain);
	if (code != ERR_OK)
		return code;
	table.rows = plain ? node->text : raw.rows;
	table.key = raw.key;
	table.optional = raw.optional;
	code =
	    map_entries(read, raw.columns, map_column_read, PAYLOAD_COLUMNS_MAX,
		sizeof(struct map_column), &columns, &table.column_count);
	table.columns = columns;
	if (raw.state != NULL && code != ERR_NOMEM)
		code = map_worse(
		    code, map_state_read(read, raw.state, &table.state));
	table.has_state = raw.state != NULL;
	if (code == ERR_OK)
		code = map_table_check(&table, raw.columns, read->errors);
	if (code == ERR_OK)
		*(struct map_table *)ret = table;
	return code;
}

enum err_code
map_tables_read(const struct conf_node *node, enum map_place place,
    struct arena *arena, struct conf_errors *errors,
    const struct map_table **ret_tables, size_t *ret_count)
{
	const struct map_read read = { place, arena, errors };
	void *items;
	enum err_code code = map_entries(&read, node, map_table_one,
	    PAYLOAD_TABLES_MAX, sizeof(struct map_table), &items, ret_count);

	*ret_tables = items;
	return code;
}

enum err_code
map_result(
    enum err_code code, const struct conf_errors *errors, struct err *err)
{
	if (code == ERR_NOMEM)
		return err_set(err, code, "map", "no memory for the mapping");
	/* What the reader of the file has said is not said a second time. */
	if (code != ERR_OK && conf_errors_result(errors, err) == ERR_OK)
		err_set(err, code, "map", "the mapping is broken");
	return code;
}
