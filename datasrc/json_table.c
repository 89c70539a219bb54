/*
 * Tables of a mapped document. The rows are walked twice: what a column
 * holds is the same for all its cells, so it must be known before the first.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/redact.h"
#include "datasrc/json_map_impl.h"

static const struct map_value json_auto_value = {
	.unit = MAP_UNIT_NONE, .scale = 1, .optional = true
};

static void
json_columns_given(struct json_filling *f)
{
	const struct map_table *conf = f->table->conf;

	for (size_t i = 0; i < conf->column_count; i++)
		f->columns[i] = (struct json_column) {
			.ref = f->table->columns[i],
			.how = &conf->columns[i].value,
			.kind = (enum map_column_kind)conf->columns[i].kind,
			.number = true,
			.unit =
			    conf->columns[i].value.unit == MAP_UNIT_NONE
				? NUM_NONE
				: (enum num_unit)conf->columns[i].value.unit,
		};
	f->count = conf->column_count;
}

/* A column of all rows that were there without being asked for. */
static void
json_column_add(struct json_filling *f, enum json_ref_kind kind,
    const char *name, struct json_step step)
{
	struct json_column *column;

	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->columns[i].ref.text, name) == 0)
			return;
	if (f->count == PAYLOAD_COLUMNS_MAX)
		return;
	column = &f->columns[f->count++];
	*column =
	    (struct json_column) { .how = &json_auto_value, .number = true };
	column->ref = (struct json_ref) {
		.kind = kind, .level = f->table->path.wildcards, .text = name
	};
	column->ref.path.text = name;
	column->ref.path.steps[0] = step;
	column->ref.path.count = step.key != NULL;
}

/* The scalar members of the first rows; of rows that are scalars, those. */
static void
json_columns_guess(struct json_filling *f)
{
	static const struct json_step none = { .key = NULL };
	struct json_fill *fill = f->fill;
	struct json_walk walk;
	const struct cJSON *v, *child;
	size_t rows = 0, index;

	json_walk_begin(&walk, &f->table->path, fill->root, &fill->work);
	while (rows < JSON_AUTO_ROWS && json_walk_next(&walk, &v)) {
		if (v == NULL)
			continue;
		rows++;
		if (json_walk_key(
			&walk, f->table->path.wildcards - 1, &index) != NULL)
			json_column_add(f, JSON_REF_KEY, "name", none);
		if (!json_is_object(v)) {
			json_column_add(f, JSON_REF_PATH, "value", none);
			continue;
		}
		for (child = json_first(v); child != NULL;
		     child = json_next(child)) {
			const char *name = json_name(child);

			if (!json_is_object(child) && !json_is_array(child))
				json_column_add(f, JSON_REF_PATH, name,
				    (struct json_step) { .kind = JSON_STEP_KEY,
					.key = name,
					.len = strlen(name) });
		}
	}
}

/* Learns from one value what its column holds. */
static void
json_column_look(
    struct json_column *column, const struct json_found *found, int64_t wall_ms)
{
	const struct map_scalar *scalar = &found->scalar;
	struct map_number number;

	if (!found->there || scalar->kind == MAP_SCALAR_NULL)
		return;
	if (column->kind == MAP_COLUMN_AUTO) {
		column->number &= scalar->kind == MAP_SCALAR_NUMBER;
		column->seen = true;
	} else if (column->kind == MAP_COLUMN_NUMBER && !column->seen &&
		   map_value_read(column->how, scalar, wall_ms, &number) &&
		   !isnan(number.value)) {
		column->unit = number.unit;
		column->seen = true;
	}
}

static void
json_columns_look(struct json_filling *f)
{
	struct json_fill *fill = f->fill;
	struct json_walk walk;
	const struct cJSON *v;
	struct err err = ERR_INIT;
	size_t rows = 0, open = 0;

	for (size_t i = 0; i < f->count; i++)
		open += f->columns[i].kind == MAP_COLUMN_AUTO ||
			f->columns[i].kind == MAP_COLUMN_NUMBER;
	json_walk_begin(&walk, &f->table->path, fill->root, &fill->work);
	while (open > 0 && rows++ < PAYLOAD_ROWS_MAX &&
	       json_walk_next(&walk, &v)) {
		for (size_t i = 0; v != NULL && i < f->count; i++) {
			struct json_column *column = &f->columns[i];
			struct json_found found;

			if (column->kind != MAP_COLUMN_AUTO &&
			    (column->kind != MAP_COLUMN_NUMBER || column->seen))
				continue;
			found = json_ref_find(&column->ref, fill, &walk, &err);
			json_column_look(column, &found, fill->wall_ms);
		}
	}
	for (size_t i = 0; i < f->count; i++)
		if (f->columns[i].kind == MAP_COLUMN_AUTO)
			f->columns[i].kind =
			    f->columns[i].number && f->columns[i].seen
				? MAP_COLUMN_NUMBER
				: MAP_COLUMN_TEXT;
}

/* Which column of services tells what; names of the contract. */
static void
json_table_watch(struct json_filling *f)
{
	struct service_row *row = &f->service;

	f->watched = strcmp(f->table->conf->name, "services") == 0;
	for (size_t i = 0; f->watched && i < f->table->conf->column_count;
	     i++) {
		const char *name = f->table->conf->columns[i].name;
		struct json_column *column = &f->columns[i];

		if (strcmp(name, "name") == 0)
			column->text = &row->name;
		else if (strcmp(name, "version") == 0)
			column->text = &row->version;
		else if (strcmp(name, "restarts") == 0)
			column->num = &row->restarts;
		else if (strcmp(name, "since") == 0)
			column->num = &row->since_ms;
	}
}

static bool
json_table_begin(struct json_filling *f)
{
	const struct map_table *conf = f->table->conf;
	struct json_fill *fill = f->fill;
	struct column *columns =
	    arena_array(fill->arena, f->count + 1, sizeof(*columns));

	if (columns == NULL)
		return false;
	for (size_t i = 0; i < f->count; i++) {
		const char *name = conf->column_count > 0
				       ? conf->columns[i].name
				       : f->columns[i].ref.text;

		columns[i].name = text_ingest(fill->map->redactor, fill->arena,
		    name, strlen(name), NAME_MAX_LEN);
		columns[i].kind = map_column_shown(f->columns[i].kind);
		if (columns[i].kind == COLUMN_NUMBER)
			columns[i].unit = f->columns[i].unit;
	}
	build_table(fill->build, text_clean_str(fill->arena, conf->name),
	    columns, f->count);
	return true;
}

/* The worst of the row's words; the word that says so goes to *ret_word. */
static enum state
json_row_state(
    struct json_filling *f, const struct json_walk *walk, struct text *ret_word)
{
	static const struct map_value how = { .unit = MAP_UNIT_NONE,
		.scale = 1 };
	const struct map_state *conf = &f->table->conf->state;
	struct json_fill *fill = f->fill;
	enum state worst = STATE_OK, one;
	struct err err = ERR_INIT;
	bool said = false;

	*ret_word = TEXT_EMPTY;
	for (size_t i = 0; f->table->conf->has_state && i < conf->from.count;
	     i++) {
		struct json_found found =
		    json_ref_find(&f->table->states[i], fill, walk, &err);
		struct map_number number = { .value = NAN };

		/* Not every row has a health behind its state. */
		if (!found.there && (i == 0 || !found.absent))
			json_problem_add(fill, err.msg);
		if (!found.there || found.scalar.kind == MAP_SCALAR_NULL ||
		    (found.scalar.kind == MAP_SCALAR_TEXT &&
			found.scalar.len == 0))
			continue;
		if (!map_value_read(
			&how, &found.scalar, fill->wall_ms, &number))
			number.value = NAN;
		one = map_state_of(conf, &found.scalar, number.value);
		if (!said || state_worst(one, worst) != worst) {
			worst = one;
			*ret_word = json_found_text(&found, fill);
		}
		said = true;
	}
	if (f->table->conf->has_state && !said)
		return STATE_UNKNOWN;
	return worst;
}

static void
json_cell(struct json_filling *f, size_t i, const struct json_walk *walk,
    enum state state, struct text word)
{
	struct json_column *column = &f->columns[i];
	struct json_fill *fill = f->fill;
	struct err err = ERR_INIT;
	struct json_found found = json_ref_find(&column->ref, fill, walk, &err);
	struct map_number number = { .value = NAN };
	struct text text = TEXT_EMPTY;

	/* Nobody asked for a column that was guessed. */
	if (!found.there && column->how != &json_auto_value &&
	    !(found.absent && column->how->optional))
		json_problem_add(fill, err.msg);
	switch (column->kind) {
	case MAP_COLUMN_STATE:
		build_cell_state(fill->build, i, state,
		    found.there && word.len == 0 ? json_found_text(&found, fill)
						 : word);
		break;
	case MAP_COLUMN_TIME:
		if (!map_value_time(
			&found.scalar, fill->wall_ms, &number.value))
			json_problem_value(
			    fill, walk, &column->ref, found.v, "a time");
		build_cell_num(fill->build, i, number.value);
		break;
	case MAP_COLUMN_NUMBER:
		if (!map_value_read(
			column->how, &found.scalar, fill->wall_ms, &number))
			json_problem_value(fill, walk, &column->ref, found.v,
			    map_value_wants(column->how));
		build_cell_num(fill->build, i, number.value);
		break;
	default:
		text = json_found_text(&found, fill);
		build_cell_text(fill->build, i, text);
		break;
	}
	if (column->text != NULL)
		*column->text = text;
	if (column->num != NULL)
		*column->num = number.value;
}

/* What the row is called; a name that was there before gets a number. */
static struct text
json_row_key(struct json_filling *f, const struct json_walk *walk)
{
	struct json_fill *fill = f->fill;
	const struct json_ref place = { .kind = JSON_REF_KEY,
		.level = f->table->path.wildcards };
	struct json_found found = { .there = false };
	struct err err = ERR_INIT;
	size_t index;

	if (f->table->conf->key != NULL) {
		found = json_ref_find(&f->table->key, fill, walk, &err);
		if (!found.there)
			json_problem_add(fill, err.msg);
	} else if (json_walk_key(walk, place.level - 1, &index) == NULL &&
		   f->count > 0) {
		found = json_ref_find(&f->columns[0].ref, fill, walk, &err);
	}
	if (!found.there)
		found = json_ref_find(&place, fill, walk, &err);
	return map_key(&f->keys, fill->arena, json_found_text(&found, fill));
}

static void
json_row(struct json_filling *f, const struct json_walk *walk)
{
	struct text word;
	enum state state = json_row_state(f, walk, &word);
	struct text key = json_row_key(f, walk);

	f->service = (struct service_row) { .key = key,
		.name = key,
		.version = TEXT_EMPTY,
		.restarts = NAN,
		.since_ms = NAN };
	build_row(f->fill->build, key, state);
	for (size_t i = 0; i < f->count; i++)
		json_cell(f, i, walk, state, word);
	if (f->watched)
		service_watch_row(&f->fill->map->services, &f->service,
		    f->fill->wall_ms, f->fill->build);
}

void
json_table_fill(struct json_fill *fill, const struct json_table *table)
{
	struct json_filling *f = fill->map->filling;
	struct json_walk walk;
	const struct cJSON *v;
	struct err err = ERR_INIT;
	size_t rows = 0;

	*f = (struct json_filling) { .fill = fill, .table = table };
	map_keys_init(&f->keys);
	if (table->conf->column_count > 0)
		json_columns_given(f);
	else
		json_columns_guess(f);
	json_columns_look(f);
	json_table_watch(f);
	json_walk_begin(&walk, &table->path, fill->root, &fill->work);
	if (!json_table_begin(f))
		goto out;
	while (json_walk_next(&walk, &v)) {
		if (v == NULL) {
			if (table->conf->optional && json_walk_is_absent(&walk))
				continue;
			json_walk_why(&walk, &err);
			json_problem_add(fill, err.msg);
		} else if (rows++ < PAYLOAD_ROWS_MAX) {
			json_row(f, &walk);
		} else {
			build_row(fill->build, TEXT_EMPTY, STATE_OK);
		}
	}
out:
	keytab_release(&f->keys);
}
