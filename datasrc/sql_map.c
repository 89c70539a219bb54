#include "datasrc/sql_map.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact.h"
#include "base/text.h"
#include "datasrc/map_fill.h"
#include "datasrc/sql_map_impl.h"
#include "model/limits.h"

/* pg_type.dat: types that are numbers, and those that are times. */
static const uint32_t number_types[] = { 20, 21, 23, 26, 700, 701, 1700 };
static const uint32_t time_types[] = { 1082, 1114, 1184 };

enum {
	TYPE_BOOL = 16
};

static bool
type_listed(uint32_t type, const uint32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == type)
			return true;
	return false;
}

bool
sql_type_is_number(uint32_t type)
{
	return type_listed(type, number_types, ARRAY_LEN(number_types));
}

bool
sql_type_is_time(uint32_t type)
{
	return type_listed(type, time_types, ARRAY_LEN(time_types));
}

struct map_scalar
sql_scalar(const struct pg_result *result, size_t row, size_t column)
{
	struct map_scalar scalar = { .kind = MAP_SCALAR_NULL };
	uint32_t type = pg_result_type(result, column);

	if (!pg_result_str(result, row, column, &scalar.s, &scalar.len))
		return scalar;
	scalar.kind = MAP_SCALAR_TEXT;
	if (type == TYPE_BOOL) {
		scalar.kind = MAP_SCALAR_BOOL;
		scalar.num = pg_result_bool(result, row, column);
	} else if (sql_type_is_number(type)) {
		scalar.kind = MAP_SCALAR_NUMBER;
		scalar.num = pg_result_num(result, row, column);
	}
	return scalar;
}

struct text
sql_text(const struct sql_fill *fill, size_t row, size_t column)
{
	return pg_result_text(fill->result, row, column, fill->map->redactor,
	    fill->arena, PG_TEXT_MAX);
}

/* "no column total; there are: a, b" */
static void
problem_no_column(struct sql_fill *fill, const char *name)
{
	size_t count = pg_result_columns(fill->result);
	struct buf out = BUF_INIT(ERR_MSG_MAX);

	buf_fmt(&out, "no column %.64s; there are: ", name);
	for (size_t i = 0; i < count && !out.failed; i++)
		buf_fmt(&out, "%s%s", i > 0 ? ", " : "",
		    pg_result_name(fill->result, i));
	map_problems_add(&fill->map->problems, buf_cstr(&out));
	buf_release(&out);
}

bool
sql_column(
    struct sql_fill *fill, const char *name, bool optional, size_t *ret_column)
{
	int column = pg_result_column(fill->result, name);

	if (column >= 0)
		*ret_column = (size_t)column;
	else if (!optional)
		problem_no_column(fill, name);
	return column >= 0;
}

/* "column total: text "abc", a number was wanted" */
void
sql_problem_value(
    struct sql_fill *fill, size_t row, size_t column, const char *wanted)
{
	const struct map_scalar scalar = sql_scalar(fill->result, row, column);
	const char *kind = scalar.kind == MAP_SCALAR_NUMBER ? "number"
			   : scalar.kind == MAP_SCALAR_BOOL ? "boolean"
							    : "text";
	struct err err = ERR_INIT;

	if (scalar.kind == MAP_SCALAR_NULL)
		err_set(&err, ERR_BADDATA, "sql",
		    "column %.64s: null, %s was wanted",
		    pg_result_name(fill->result, column), wanted);
	else
		err_set(&err, ERR_BADDATA, "sql",
		    "column %.64s: %s \"%.*s\"%s, %s was wanted",
		    pg_result_name(fill->result, column), kind,
		    (int)(scalar.len < JSON_HEAD_MAX ? scalar.len
						     : JSON_HEAD_MAX),
		    scalar.s, scalar.len > JSON_HEAD_MAX ? "..." : "", wanted);
	map_problems_add(&fill->map->problems, err.msg);
}

/* Metrics --------------------------------------------------------------------
 */

static void
labels_sort(struct label *labels, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct label label = labels[i];
		size_t j = i;

		for (; j > 0 && text_cmp(label.key, labels[j - 1].key) < 0; j--)
			labels[j] = labels[j - 1];
		labels[j] = label;
	}
}

static struct label *
metric_labels(
    struct sql_fill *fill, const struct map_metric *metric, size_t row)
{
	const struct opt_pairs *pairs = &metric->labels;
	struct label *labels =
	    arena_array(fill->arena, pairs->count + 1, sizeof(*labels));
	size_t column;

	for (size_t i = 0; labels != NULL && i < pairs->count; i++) {
		labels[i].key =
		    text_clean_str(fill->arena, pairs->items[i].key);
		labels[i].value = sql_column(fill, pairs->items[i].value,
				      metric->value.optional, &column)
				      ? sql_text(fill, row, column)
				      : TEXT_EMPTY;
	}
	if (labels != NULL)
		labels_sort(labels, pairs->count);
	return labels;
}

static void
metric_row(struct sql_fill *fill, const struct map_metric *metric,
    struct text name, size_t row, size_t column)
{
	const struct map_scalar scalar = sql_scalar(fill->result, row, column);
	const struct label *labels = metric_labels(fill, metric, row);
	struct map_number number;

	if (labels == NULL)
		return;
	if (map_value_read(&metric->value, &scalar, fill->wall_ms, &number))
		map_metric_add(fill->build, metric, name, &number, labels);
	else
		sql_problem_value(
		    fill, row, column, map_value_wants(&metric->value));
}

static void
metric_fill(struct sql_fill *fill, const struct map_metric *metric)
{
	size_t rows = pg_result_rows(fill->result), column;
	bool one = metric->labels.count == 0;
	struct err err = ERR_INIT;
	struct text name = text_clean_str(fill->arena, metric->name);

	if (!sql_column(
		fill, metric->value.from, metric->value.optional, &column))
		return;
	if (rows == 0 && one && !metric->value.optional) {
		err_set(&err, ERR_BADDATA, "sql",
		    "column %.64s: the query gave no row", metric->value.from);
		map_problems_add(&fill->map->problems, err.msg);
	}
	if (rows > 1 && one) {
		err_set(&err, ERR_BADDATA, "sql",
		    "column %.64s: %zu rows, and no labels tell them apart",
		    metric->value.from, rows);
		map_problems_add(&fill->map->problems, err.msg);
		rows = 1;
	}
	for (size_t i = 0; i < rows && i < PAYLOAD_METRICS_MAX; i++)
		metric_row(fill, metric, name, i, column);
}

/* Health ---------------------------------------------------------------------
 */

/* TARGET, or TARGET and what tells the row from others. */
static struct text
health_target(
    struct sql_fill *fill, const struct map_health *health, size_t row)
{
	struct text parts[3] = { text_clean_str(fill->arena, health->target),
		TEXT(" ") };
	size_t column;

	if (health->name != NULL &&
	    sql_column(fill, health->name, false, &column))
		parts[2] = sql_text(fill, row, column);
	else if (pg_result_rows(fill->result) > 1)
		parts[2] = text_fmt(fill->arena, "#%zu", row + 1);
	else
		return parts[0];
	return text_join(fill->arena, parts, ARRAY_LEN(parts));
}

/* The worst of all columns; those that say nothing don't count. */
static bool
health_judge(struct sql_fill *fill, const struct map_health *health, size_t row,
    struct map_judged *ret_judged, size_t *ret_column)
{
	const struct opt_list *from = &health->state.from;
	bool said = false, there = false;

	for (size_t i = 0; i < from->count; i++) {
		struct map_scalar scalar;
		struct map_judged one;
		size_t column;

		if (!sql_column(
			fill, from->items[i], health->value.optional, &column))
			continue;
		scalar = sql_scalar(fill->result, row, column);
		one = map_judge(health, &scalar, fill->wall_ms);
		if (there &&
		    (map_is_empty(&scalar) ||
			(said && state_worst(one.state, ret_judged->state) ==
				     ret_judged->state)))
			continue;
		*ret_judged = one;
		*ret_column = column;
		said = !map_is_empty(&scalar);
		there = true;
	}
	return there;
}

static void
health_row(struct sql_fill *fill, const struct map_health *health, size_t row)
{
	struct map_judged judged;
	struct text more = TEXT_EMPTY;
	size_t column, detail;

	if (!health_judge(fill, health, row, &judged, &column))
		return;
	if (health->detail != NULL &&
	    sql_column(fill, health->detail, health->value.optional, &detail))
		more = sql_text(fill, row, detail);
	build_health(fill->build, health_target(fill, health, row),
	    judged.state,
	    map_health_words(fill->arena, health, &judged,
		sql_text(fill, row, column), more),
	    -1);
}

static void
health_fill(struct sql_fill *fill, const struct map_health *health)
{
	size_t rows = pg_result_rows(fill->result);

	if (rows == 0 && !health->value.optional)
		build_health(fill->build,
		    text_clean_str(fill->arena, health->target), STATE_UNKNOWN,
		    TEXT("the query gave no row"), -1);
	for (size_t i = 0; i < rows && i < PAYLOAD_HEALTH_MAX; i++)
		health_row(fill, health, i);
}

/* The map --------------------------------------------------------------------
 */

/* A table of all columns under the name that was given, or a usual one. */
static enum err_code
make_whole(struct sql_map *map, const struct sql_map_conf *conf)
{
	struct map_table *table;
	bool nothing = map->metric_count == 0 && map->health_count == 0 &&
		       map->table_count == 0;

	if (conf->table == NULL && !nothing)
		return ERR_OK;
	table = arena_alloc(map->arena, sizeof(*table));
	if (table == NULL)
		return ERR_NOMEM;
	table->name = conf->table != NULL ? conf->table : "result";
	map->whole = table;
	return ERR_OK;
}

static enum err_code
map_make(struct sql_map *map, const struct sql_map_conf *conf,
    struct conf_errors *errors)
{
	enum err_code codes[4], worst = ERR_OK;

	codes[0] = map_metrics_read(conf->metrics, MAP_COLUMN, map->arena,
	    errors, &map->metrics, &map->metric_count);
	codes[1] = map_health_read(conf->health, MAP_COLUMN, map->arena, errors,
	    &map->health, &map->health_count);
	codes[2] = map_tables_read(conf->tables, MAP_COLUMN, map->arena, errors,
	    &map->tables, &map->table_count);
	codes[3] = make_whole(map, conf);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (worst == ERR_OK || codes[i] == ERR_NOMEM)
			worst = codes[i];
	return worst;
}

static struct sql_map *
map_alloc(void)
{
	struct sql_map *map = mem_calloc(1, sizeof(*map));

	if (map == NULL)
		return NULL;
	map->arena = arena_new(JSON_MAP_BYTES_MAX);
	return map->arena != NULL ? map : sql_map_free(map);
}

void
sql_map_check(const struct sql_map_conf *conf, struct conf_errors *errors)
{
	struct sql_map *map = map_alloc();

	if (map != NULL) /* else opening it will say so */
		(void)map_make(map, conf, errors);
	sql_map_free(map);
}

enum err_code
sql_map_new(const struct sql_map_conf *conf, const struct redactor *redactor,
    struct sql_map **ret_map, struct err *err)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct sql_map *map = map_alloc();
	enum err_code code = ERR_NOMEM;

	if (map != NULL && errors != NULL) {
		map->redactor = redactor;
		code = map_make(map, conf, errors);
	}
	code = map_result(code, errors, err);
	if (code == ERR_OK) {
		*ret_map = map;
		map = NULL;
	}
	sql_map_free(map);
	mem_free(errors);
	return code;
}

struct sql_map *
sql_map_free(struct sql_map *map)
{
	if (map != NULL)
		arena_free(map->arena);
	mem_free(map);
	return NULL;
}

void
sql_map_fill(struct sql_map *map, const struct pg_result *result,
    int64_t wall_ms, struct build *build)
{
	struct sql_fill fill = {
		.map = map,
		.result = result,
		.wall_ms = wall_ms,
		.build = build,
		.arena = build_arena(build),
	};

	map->problems = (struct map_problems) { .count = 0 };
	for (size_t i = 0; i < map->health_count; i++) {
		map_problems_entry(&map->problems);
		health_fill(&fill, &map->health[i]);
	}
	for (size_t i = 0; i < map->metric_count; i++) {
		map_problems_entry(&map->problems);
		metric_fill(&fill, &map->metrics[i]);
	}
	for (size_t i = 0; i < map->table_count; i++) {
		map_problems_entry(&map->problems);
		sql_table_fill(&fill, &map->tables[i]);
	}
	map_problems_entry(&map->problems);
	if (map->whole != NULL)
		sql_table_fill(&fill, map->whole);
	map_problems_show(&map->problems, build, map->redactor);
}
