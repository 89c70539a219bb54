#include "model/build.h"

#include <math.h>
#include <string.h>

#include "model/limits.h"

/* A list that grows while rows come in; its items move to the arena later. */
struct vec {
	void *items;
	size_t count;
	size_t cap;
};

struct table_start {
	struct text name;
	const struct column *columns;
	size_t column_count;
	size_t first_row; /* in build.rows */
	size_t row_count;
	size_t row_total;
};

struct build {
	struct arena *arena;
	struct pool *pool;
	struct text note;
	struct vec health;
	struct vec metrics;
	struct vec tables; /* struct table_start */
	struct vec rows;   /* struct table_row, of all tables */
	struct vec events;
	struct vec signals;
	struct vec alerts;
	size_t metric_total;
	struct table_cell *cells; /* of the row started last; NULL: none */
	size_t cell_count;
	bool failed;
};

struct build *
build_new(void)
{
	struct build *build = mem_calloc(1, sizeof(*build));

	if (build == NULL)
		return NULL;
	build->arena = arena_new(PAYLOAD_BYTES_MAX);
	if (build->arena == NULL) {
		mem_free(build);
		return NULL;
	}
	build->note = TEXT("");
	return build;
}

struct build *
build_free(struct build *build)
{
	if (build == NULL)
		return NULL;
	arena_free(build->arena);
	pool_unref(build->pool);
	mem_free(build->health.items);
	mem_free(build->metrics.items);
	mem_free(build->tables.items);
	mem_free(build->rows.items);
	mem_free(build->events.items);
	mem_free(build->signals.items);
	mem_free(build->alerts.items);
	mem_free(build);
	return NULL;
}

struct arena *
build_arena(struct build *build)
{
	return build->arena;
}

void
build_share(struct build *build, struct pool *pool)
{
	if (build->pool == pool)
		return;
	pool_unref(build->pool);
	build->pool = pool_ref(pool);
}

void
build_note(struct build *build, struct text note)
{
	build->note = note;
}

/* Room for one more item of size bytes, or NULL at max or without memory. */
static void *
vec_push(struct build *build, struct vec *vec, size_t size, size_t max)
{
	if (vec->count >= max)
		return NULL;
	if (vec->count == vec->cap) {
		size_t cap = vec->cap != 0 ? vec->cap * 2 : 16;
		void *items = mem_realloc(vec->items, cap, size);

		if (items == NULL) {
			build->failed = true;
			return NULL;
		}
		vec->items = items;
		vec->cap = cap;
	}
	return (char *)vec->items + vec->count++ * size;
}

void
build_health(struct build *build, struct text target, enum state state,
    struct text detail, int64_t latency_ns)
{
	struct health *row =
	    vec_push(build, &build->health, sizeof(*row), PAYLOAD_HEALTH_MAX);

	if (row != NULL)
		*row = (struct health) {
			.target = target,
			.state = state,
			.detail = detail,
			.latency_ns = latency_ns,
		};
}

void
build_metric_of(struct build *build, const struct metric *metric)
{
	struct metric *row =
	    vec_push(build, &build->metrics, sizeof(*row), PAYLOAD_METRICS_MAX);

	build->metric_total++;
	if (row != NULL)
		*row = *metric;
}

void
build_metric(struct build *build, struct text name, enum num_unit unit,
    enum metric_kind kind, double value, const struct label *labels,
    uint32_t label_count)
{
	struct metric metric = {
		.name = name,
		.labels = labels,
		.label_count = label_count,
		.kind = kind,
		.unit = unit,
		.value = value,
		.id = metric_id(name, labels, label_count),
	};

	build_metric_of(build, &metric);
}

void
build_gauge(
    struct build *build, struct text name, enum num_unit unit, double value)
{
	build_metric(build, name, unit, METRIC_GAUGE, value, NULL, 0);
}

void
build_gauge_of(struct build *build, struct text name, enum num_unit unit,
    double value, struct text key, struct text of)
{
	struct label *label = arena_alloc(build->arena, sizeof(*label));

	if (label == NULL)
		return;
	label->key = key;
	label->value = of;
	build_metric(build, name, unit, METRIC_GAUGE, value, label, 1);
}

void
build_table(struct build *build, struct text name, const struct column *columns,
    size_t column_count)
{
	struct table_start *row;

	build->cells = NULL;
	if (column_count > PAYLOAD_COLUMNS_MAX)
		column_count = PAYLOAD_COLUMNS_MAX;
	row = vec_push(build, &build->tables, sizeof(*row), PAYLOAD_TABLES_MAX);
	if (row != NULL)
		*row = (struct table_start) {
			.name = name,
			.columns = columns,
			.column_count = column_count,
			.first_row = build->rows.count,
		};
}

void
build_row(struct build *build, struct text key, enum state state)
{
	struct table_start *table;
	struct table_row *row;

	build->cells = NULL;
	if (build->tables.count == 0)
		return;
	table =
	    (struct table_start *)build->tables.items + build->tables.count - 1;
	table->row_total++;
	if (table->row_count >= PAYLOAD_ROWS_MAX)
		return;
	row = vec_push(build, &build->rows, sizeof(*row),
	    PAYLOAD_ROWS_MAX * PAYLOAD_TABLES_MAX);
	if (row == NULL)
		return;
	build->cells = arena_array(
	    build->arena, table->column_count, sizeof(*build->cells));
	build->cell_count = build->cells != NULL ? table->column_count : 0;
	for (size_t i = 0; i < build->cell_count; i++)
		build->cells[i] = (struct table_cell) { TEXT(""), NAN };
	*row = (struct table_row) {
		.key = key,
		.state = state,
		.cells = build->cells,
	};
	table->row_count++;
}

static struct table_cell *
build_cell(struct build *build, size_t column)
{
	if (build->cells == NULL || column >= build->cell_count)
		return NULL;
	return &build->cells[column];
}

void
build_cell_text(struct build *build, size_t column, struct text text)
{
	struct table_cell *cell = build_cell(build, column);

	if (cell != NULL)
		cell->text = text;
}

void
build_cell_num(struct build *build, size_t column, double num)
{
	struct table_cell *cell = build_cell(build, column);

	if (cell != NULL)
		cell->num = num;
}

void
build_cell_state(
    struct build *build, size_t column, enum state state, struct text word)
{
	struct table_cell *cell = build_cell(build, column);

	if (cell != NULL)
		*cell = (struct table_cell) { word, (double)state };
}

void
build_event(struct build *build, int64_t wall_ms, enum event_kind kind,
    struct text subject, struct text text)
{
	struct event *row =
	    vec_push(build, &build->events, sizeof(*row), PAYLOAD_EVENTS_MAX);

	if (row != NULL)
		*row = (struct event) {
			.wall_ms = wall_ms,
			.kind = kind,
			.subject = subject,
			.text = text,
		};
}

void
build_signal(struct build *build, const struct signal *signal)
{
	struct signal *row =
	    vec_push(build, &build->signals, sizeof(*row), PAYLOAD_SIGNALS_MAX);

	if (row != NULL)
		*row = *signal;
}

void
build_alert(struct build *build, const struct alert *alert)
{
	struct alert *row =
	    vec_push(build, &build->alerts, sizeof(*row), PAYLOAD_ALERTS_MAX);

	if (row != NULL)
		*row = *alert;
}

/* Copies the items of vec into the arena; NULL when there are none. */
static const void *
vec_freeze(struct build *build, const struct vec *vec, size_t size)
{
	void *items;

	if (vec->count == 0)
		return NULL;
	items = arena_array(build->arena, vec->count, size);
	if (items != NULL)
		memcpy(items, vec->items, vec->count * size);
	return items;
}

static void
build_freeze_tables(struct build *build, struct payload *payload)
{
	const struct table_start *starts = build->tables.items;
	const struct table_row *rows =
	    vec_freeze(build, &build->rows, sizeof(*rows));
	struct table *tables =
	    arena_array(build->arena, build->tables.count, sizeof(*tables));

	if (tables == NULL)
		return;
	for (size_t i = 0; i < build->tables.count; i++) {
		tables[i] = (struct table) {
			.name = starts[i].name,
			.columns = starts[i].columns,
			.column_count = starts[i].column_count,
			.row_count = starts[i].row_count,
			.row_total = starts[i].row_total,
		};
		if (rows != NULL)
			tables[i].rows = rows + starts[i].first_row;
	}
	payload->tables = tables;
	payload->table_count = build->tables.count;
}

struct payload *
build_finish(struct build *build, struct err *err)
{
	struct payload *payload = arena_alloc(build->arena, sizeof(*payload));

	if (payload == NULL)
		goto nomem;
	atomic_init(&payload->refs, 1);
	payload->note = build->note;
	payload->health =
	    vec_freeze(build, &build->health, sizeof(struct health));
	payload->health_count = build->health.count;
	payload->metrics =
	    vec_freeze(build, &build->metrics, sizeof(struct metric));
	payload->metric_count = build->metrics.count;
	payload->metric_total = build->metric_total;
	payload->events =
	    vec_freeze(build, &build->events, sizeof(struct event));
	payload->event_count = build->events.count;
	payload->signals =
	    vec_freeze(build, &build->signals, sizeof(struct signal));
	payload->signal_count = build->signals.count;
	payload->alerts =
	    vec_freeze(build, &build->alerts, sizeof(struct alert));
	payload->alert_count = build->alerts.count;
	if (build->tables.count > 0)
		build_freeze_tables(build, payload);
	if (build->failed || arena_failed(build->arena))
		goto nomem;
	payload->arena = build->arena;
	payload->pool = build->pool;
	build->arena = NULL;
	build->pool = NULL;
	return payload;
nomem:
	err_set(err, ERR_NOMEM, "build",
	    "the answer did not fit into memory (at most %d MiB)",
	    PAYLOAD_BYTES_MAX / (1024 * 1024));
	return NULL;
}
