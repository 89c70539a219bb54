/* Tables of the rows of a query. */
#include "datasrc/sql_map_impl.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/redact.h"
#include "model/limits.h"

/* A column while its table is filled. */
struct sql_column {
	const char *name;
	const struct map_value *how;
	enum map_column_kind kind;
	size_t at; /* in the answer */
	bool there;
};

struct sql_table {
	struct sql_fill *fill;
	const struct map_table *conf;
	struct sql_column columns[PAYLOAD_COLUMNS_MAX];
	size_t count;
	struct keytab keys;
};

static const struct map_value plain = { .unit = MAP_UNIT_NONE, .scale = 1 };

static bool
ends_with(const char *name, const char *end)
{
	size_t a = strlen(name), b = strlen(end);

	return a >= b && strcmp(name + a - b, end) == 0;
}

/* Numbers that name something are not to be rounded. */
static bool
is_id(const char *name)
{
	return strcmp(name, "id") == 0 || strcmp(name, "pid") == 0 ||
	       strcmp(name, "oid") == 0 || ends_with(name, "_id") ||
	       ends_with(name, "Id") || ends_with(name, "ID");
}

/* What the type of a column makes of it. */
static enum map_column_kind
kind_of(const struct pg_result *result, size_t column)
{
	uint32_t type = pg_result_type(result, column);

	if (sql_type_is_time(type))
		return MAP_COLUMN_TIME;
	if (sql_type_is_number(type) && !is_id(pg_result_name(result, column)))
		return MAP_COLUMN_NUMBER;
	return MAP_COLUMN_TEXT;
}

static void
columns_given(struct sql_table *t)
{
	const struct map_table *conf = t->conf;

	t->count = conf->column_count;
	for (size_t i = 0; i < t->count; i++) {
		const struct map_column *given = &conf->columns[i];
		struct sql_column *column = &t->columns[i];

		*column = (struct sql_column) {
			.name = given->name,
			.how = &given->value,
			.kind = (enum map_column_kind)given->kind,
		};
		column->there = sql_column(t->fill, given->value.from,
		    given->value.optional, &column->at);
		if (column->kind == MAP_COLUMN_AUTO && column->there)
			column->kind = kind_of(t->fill->result, column->at);
	}
}

static void
columns_all(struct sql_table *t)
{
	size_t count = pg_result_columns(t->fill->result);

	t->count = count < PAYLOAD_COLUMNS_MAX ? count : PAYLOAD_COLUMNS_MAX;
	for (size_t i = 0; i < t->count; i++)
		t->columns[i] = (struct sql_column) {
			.name = pg_result_name(t->fill->result, i),
			.how = &plain,
			.kind = kind_of(t->fill->result, i),
			.at = i,
			.there = true,
		};
}

/* The unit of a column: as said, else that of its first number. */
static enum num_unit
column_unit(const struct sql_table *t, const struct sql_column *column)
{
	struct map_number number;

	if (column->how->unit != MAP_UNIT_NONE)
		return (enum num_unit)column->how->unit;
	for (size_t i = 0; column->there && i < pg_result_rows(t->fill->result);
	     i++) {
		const struct map_scalar scalar =
		    sql_scalar(t->fill->result, i, column->at);

		if (map_value_read(
			column->how, &scalar, t->fill->wall_ms, &number) &&
		    !isnan(number.value))
			return number.unit;
	}
	return NUM_NONE;
}

static bool
table_begin(struct sql_table *t)
{
	struct sql_fill *fill = t->fill;
	struct column *columns =
	    arena_array(fill->arena, t->count + 1, sizeof(*columns));

	if (columns == NULL)
		return false;
	for (size_t i = 0; i < t->count; i++) {
		const struct sql_column *column = &t->columns[i];

		columns[i].name = text_ingest(fill->map->redactor, fill->arena,
		    column->name, strlen(column->name), NAME_MAX_LEN);
		columns[i].kind = map_column_shown(column->kind);
		if (columns[i].kind == COLUMN_NUMBER)
			columns[i].unit = column_unit(t, column);
	}
	build_table(fill->build, text_clean_str(fill->arena, t->conf->name),
	    columns, t->count);
	return true;
}

/* The worst of the row's words; the one that says so goes to *ret_word. */
static enum state
row_state(struct sql_table *t, size_t row, struct text *ret_word)
{
	const struct map_state *conf = &t->conf->state;
	struct sql_fill *fill = t->fill;
	enum state worst = STATE_OK, one;
	bool said = false;
	size_t column;

	*ret_word = TEXT_EMPTY;
	if (!t->conf->has_state)
		return STATE_OK;
	for (size_t i = 0; i < conf->from.count; i++) {
		struct map_number number = { .value = NAN };
		struct map_scalar scalar;

		if (!sql_column(fill, conf->from.items[i], false, &column))
			continue;
		scalar = sql_scalar(fill->result, row, column);
		if (map_is_empty(&scalar))
			continue;
		if (!map_value_read(&plain, &scalar, fill->wall_ms, &number))
			number.value = NAN;
		one = map_state_of(conf, &scalar, number.value);
		if (!said || state_worst(one, worst) != worst) {
			worst = one;
			*ret_word = sql_text(fill, row, column);
		}
		said = true;
	}
	return said ? worst : STATE_UNKNOWN;
}

static void
cell(struct sql_table *t, size_t row, size_t i, enum state state,
    struct text word)
{
	const struct sql_column *column = &t->columns[i];
	struct sql_fill *fill = t->fill;
	struct map_number number = { .value = NAN };
	struct map_scalar scalar;

	if (column->kind == MAP_COLUMN_STATE)
		build_cell_state(fill->build, i, state, word);
	if (!column->there || column->kind == MAP_COLUMN_STATE)
		return;
	scalar = sql_scalar(fill->result, row, column->at);
	if (column->kind == MAP_COLUMN_TIME) {
		if (!map_value_time(&scalar, fill->wall_ms, &number.value))
			sql_problem_value(fill, row, column->at, "a time");
		build_cell_num(fill->build, i, number.value);
	} else if (column->kind == MAP_COLUMN_NUMBER) {
		if (!map_value_read(
			column->how, &scalar, fill->wall_ms, &number))
			sql_problem_value(fill, row, column->at,
			    map_value_wants(column->how));
		build_cell_num(fill->build, i, number.value);
	} else {
		build_cell_text(
		    fill->build, i, sql_text(fill, row, column->at));
	}
}

/* What the row is called: its key, its first column, its number. */
static struct text
row_key(struct sql_table *t, size_t row)
{
	struct sql_fill *fill = t->fill;
	size_t column = 0;
	bool there = t->count > 0 && t->columns[0].there;

	if (there)
		column = t->columns[0].at;
	if (t->conf->key != NULL)
		there = sql_column(fill, t->conf->key, false, &column);
	return map_key(&t->keys, fill->arena,
	    there ? sql_text(fill, row, column)
		  : text_fmt(fill->arena, "%zu", row + 1));
}

void
sql_table_fill(struct sql_fill *fill, const struct map_table *conf)
{
	struct sql_table table = { .fill = fill, .conf = conf };
	size_t rows = pg_result_rows(fill->result);

	map_keys_init(&table.keys);
	if (conf->column_count > 0)
		columns_given(&table);
	else
		columns_all(&table);
	if (!table_begin(&table))
		rows = 0;
	for (size_t row = 0; row < rows; row++) {
		struct text word;
		enum state state;

		/* What passes the cap is only counted. */
		if (row >= PAYLOAD_ROWS_MAX) {
			build_row(fill->build, TEXT_EMPTY, STATE_OK);
			continue;
		}
		state = row_state(&table, row, &word);
		build_row(fill->build, row_key(&table, row), state);
		for (size_t i = 0; i < table.count; i++)
			cell(&table, row, i, state, word);
	}
	keytab_release(&table.keys);
}
