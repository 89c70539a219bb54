#include "tui/report.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/engine.h"
#include "model/board.h"
#include "model/platform.h"
#include "model/signal_def.h"

/*
 * cJSON calls return NULL without memory, and adding NULL is a no-op; the
 * end result is checked once, so that a report is whole or not printed.
 */
struct json_out {
	struct buf *scratch;
	bool failed;
};

/* Text without marks; NaN and Inf, which JSON can't hold, as null. */
static void
add_text(struct json_out *out, cJSON *to, const char *key, struct text text)
{
	buf_clear(out->scratch);
	if (!text_plain(out->scratch, text) ||
	    cJSON_AddStringToObject(to, key, buf_cstr(out->scratch)) == NULL)
		out->failed = true;
}

static void
add_str(struct json_out *out, cJSON *to, const char *key, const char *s)
{
	if (cJSON_AddStringToObject(to, key, s) == NULL)
		out->failed = true;
}

static void
add_num(struct json_out *out, cJSON *to, const char *key, double value)
{
	const cJSON *item = isfinite(value)
				? cJSON_AddNumberToObject(to, key, value)
				: cJSON_AddNullToObject(to, key);

	if (item == NULL)
		out->failed = true;
}

/* Milliseconds, or null for what is not known. */
static void
add_ms(struct json_out *out, cJSON *to, const char *key, int64_t ns)
{
	add_num(out, to, key,
	    ns < 0 ? NAN : (double)(ns / (NS_PER_MS / 1000)) / 1000);
}

static void
add_time(struct json_out *out, cJSON *to, const char *key, int64_t wall_ms)
{
	char text[CLOCK_RFC3339_LEN];

	add_str(out, to, key, clock_rfc3339(wall_ms, text));
}

static cJSON *
add_list(struct json_out *out, cJSON *to, const char *key)
{
	cJSON *list = cJSON_AddArrayToObject(to, key);

	if (list == NULL)
		out->failed = true;
	return list;
}

static cJSON *
add_row(struct json_out *out, cJSON *list)
{
	cJSON *row = cJSON_CreateObject();

	if (row == NULL || !cJSON_AddItemToArray(list, row)) {
		cJSON_Delete(row);
		out->failed = true;
		return NULL;
	}
	return row;
}

static void
add_source(struct json_out *out, cJSON *list, const struct section *section,
    int64_t now)
{
	cJSON *row = add_row(out, list);

	if (row == NULL)
		return;
	add_str(out, row, "name", section->name);
	add_str(out, row, "type", section->type);
	add_str(
	    out, row, "state", state_name(board_source_state(section, now)));
	add_ms(out, row, "age_ms",
	    section->good_at != 0 ? now - section->good_at : -1);
	add_ms(out, row, "latency_ms", section->latency_ns);
	if (section->code == ERR_OK) {
		if (cJSON_AddNullToObject(row, "error") == NULL)
			out->failed = true;
		return;
	}
	add_text(out, row, "error", section->why);
	add_str(out, row, "error_kind", err_code_name(section->code));
}

static void
add_health(struct json_out *out, cJSON *list, const struct section *section)
{
	const struct payload *payload = section->payload;

	for (size_t i = 0; i < payload->health_count; i++) {
		const struct health *health = &payload->health[i];
		cJSON *row = add_row(out, list);

		if (row == NULL)
			return;
		add_str(out, row, "source", section->name);
		add_text(out, row, "target", health->target);
		add_str(out, row, "state", state_name(health->state));
		add_text(out, row, "detail", health->detail);
		add_ms(out, row, "latency_ms", health->latency_ns);
	}
}

static void
add_metrics(struct json_out *out, cJSON *list, const struct section *section)
{
	static const char *const kinds[] = { "gauge", "counter", "bucket" };
	const struct payload *payload = section->payload;

	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *metric = &payload->metrics[i];
		cJSON *row = add_row(out, list), *labels;

		if (row == NULL)
			return;
		add_str(out, row, "source", section->name);
		add_text(out, row, "name", metric->name);
		labels = cJSON_AddObjectToObject(row, "labels");
		for (uint32_t l = 0; labels != NULL && l < metric->label_count;
		     l++) {
			char key[NAME_MAX_LEN * 4];
			struct buf plain = BUF_INIT(sizeof(key) - 1);

			if (text_plain(&plain, metric->labels[l].key))
				add_text(out, labels, buf_cstr(&plain),
				    metric->labels[l].value);
			buf_release(&plain);
		}
		add_num(out, row, "value", metric->value);
		add_str(out, row, "unit", num_unit_name(metric->unit));
		add_str(out, row, "kind", kinds[metric->kind]);
		if (cJSON_AddNullToObject(row, "state") == NULL)
			out->failed = true;
	}
}

static bool
is_of(struct text name, const char *platform)
{
	return strlen(platform) == name.len &&
	       memcmp(platform, name.s, name.len) == 0;
}

static void
add_signals(struct json_out *out, cJSON *list, const struct payload *payload,
    const char *platform)
{
	for (size_t i = 0; i < payload->signal_count; i++) {
		const struct signal *signal = &payload->signals[i];
		cJSON *row;

		if (!is_of(signal->platform, platform))
			continue;
		row = add_row(out, list);
		if (row == NULL)
			return;
		add_str(out, row, "source", "watch");
		add_text(out, row, "name", signal->name);
		if (cJSON_AddObjectToObject(row, "labels") == NULL)
			out->failed = true;
		add_num(out, row, "value", signal->value);
		add_str(out, row, "unit", num_unit_name(signal->unit));
		add_str(out, row, "kind", "signal");
		add_str(out, row, "state", state_name(signal->state));
		if (signal->idle && !cJSON_AddTrueToObject(row, "idle"))
			out->failed = true;
		if (signal->why.len > 0)
			add_text(out, row, "why", signal->why);
	}
}

static void
add_alerts(struct json_out *out, cJSON *list, const struct payload *payload,
    const char *platform)
{
	static const char *const states[] = { "pending", "firing", "resolved" };

	for (size_t i = 0; i < payload->alert_count; i++) {
		const struct alert *alert = &payload->alerts[i];
		cJSON *row, *threshold;

		if (!is_of(alert->platform, platform))
			continue;
		row = add_row(out, list);
		if (row == NULL)
			return;
		add_text(out, row, "name", alert->name);
		add_text(out, row, "title", alert->title);
		add_str(out, row, "severity", state_name(alert->severity));
		add_str(out, row, "state", states[alert->state]);
		add_time(out, row, "since", alert->since_wall_ms);
		add_num(out, row, "value", alert->value);
		add_text(out, row, "detail", alert->detail);
		if (!alert->threshold.set) {
			if (cJSON_AddNullToObject(row, "threshold") == NULL)
				out->failed = true;
			continue;
		}
		threshold = cJSON_AddObjectToObject(row, "threshold");
		add_str(out, threshold, "compare",
		    signal_compare_text(alert->threshold.compare));
		add_num(out, threshold, "value", alert->threshold.value);
	}
}

static void
add_cells(struct json_out *out, cJSON *row, const struct table *table,
    const struct table_row *from)
{
	for (size_t c = 0; c < table->column_count; c++) {
		const struct column *column = &table->columns[c];
		const struct table_cell *cell = &from->cells[c];
		const char *name = column->name.s;

		switch (column->kind) {
		case COLUMN_NUMBER:
			add_num(out, row, name, cell->num);
			break;
		case COLUMN_WALL:
			if (isnan(cell->num))
				add_num(out, row, name, NAN);
			else
				add_time(out, row, name, (int64_t)cell->num);
			break;
		case COLUMN_TEXT:
		case COLUMN_STATE:
			add_text(out, row, name, cell->text);
			break;
		}
	}
}

/* The watch thread's tables hold rows of all platforms. */
static bool
row_is_of(const struct table *table, size_t row, const char *platform)
{
	int column = table_column(table, "platform");

	return platform == NULL || column < 0 ||
	       is_of(table->rows[row].cells[column].text, platform);
}

/* Rows of one platform only; platform NULL: all of them. */
static void
add_table(struct json_out *out, cJSON *tables, const struct section *section,
    const struct table *table, const char *platform)
{
	char name[NAME_MAX_LEN * 2 + 2];
	cJSON *to, *columns, *rows;

	/* A second table of the same name is told apart by its source. */
	snprintf(
	    name, sizeof(name), "%.*s", (int)table->name.len, table->name.s);
	if (cJSON_HasObjectItem(tables, name))
		snprintf(name, sizeof(name), "%s.%.*s", section->name,
		    (int)table->name.len, table->name.s);
	to = cJSON_AddObjectToObject(tables, name);
	if (to == NULL) {
		out->failed = true;
		return;
	}
	add_str(out, to, "source", section->name);
	columns = add_list(out, to, "columns");
	for (size_t c = 0; columns != NULL && c < table->column_count; c++) {
		cJSON *column = add_row(out, columns);

		if (column == NULL)
			return;
		add_text(out, column, "name", table->columns[c].name);
		add_str(
		    out, column, "unit", num_unit_name(table->columns[c].unit));
	}
	rows = add_list(out, to, "rows");
	for (size_t r = 0; rows != NULL && r < table->row_count; r++) {
		cJSON *row;

		if (!row_is_of(table, r, platform))
			continue;
		row = add_row(out, rows);
		if (row == NULL)
			return;
		add_text(out, row, "key", table->rows[r].key);
		add_cells(out, row, table, &table->rows[r]);
	}
	if (table->row_total > table->row_count)
		add_num(out, to, "row_total", (double)table->row_total);
}

static void
add_platform(struct json_out *out, cJSON *list, const struct platform *platform,
    const struct frame *frame, int64_t now)
{
	const struct section *watch = frame->sections[frame->slot_count - 1];
	cJSON *to = add_row(out, list), *sources, *health, *metrics, *alerts;
	cJSON *tables;
	struct board board;

	if (to == NULL)
		return;
	board_read(frame, platform->name, now, &board);
	add_str(out, to, "name", platform->name);
	add_str(out, to, "env", platform->env);
	add_str(out, to, "state", state_name(board.state));
	sources = add_list(out, to, "sources");
	health = add_list(out, to, "health");
	metrics = add_list(out, to, "metrics");
	alerts = add_list(out, to, "alerts");
	tables = cJSON_AddObjectToObject(to, "tables");
	if (tables == NULL || out->failed) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section == NULL ||
		    strcmp(section->platform, platform->name) != 0)
			continue;
		add_source(out, sources, section, now);
		if (section->payload == NULL)
			continue;
		add_health(out, health, section);
		add_metrics(out, metrics, section);
		for (size_t t = 0; t < section->payload->table_count; t++)
			add_table(out, tables, section,
			    &section->payload->tables[t], NULL);
	}
	if (watch == NULL || watch->payload == NULL)
		return;
	add_signals(out, metrics, watch->payload, platform->name);
	add_alerts(out, alerts, watch->payload, platform->name);
	for (size_t t = 0; t < watch->payload->table_count; t++)
		add_table(out, tables, watch, &watch->payload->tables[t],
		    platform->name);
}

enum err_code
report_json(const struct engine *engine, const struct frame *frame, int64_t now,
    int64_t wall_ms, struct buf *out)
{
	struct buf scratch = BUF_INIT(REPORT_BYTES_MAX);
	struct json_out json = { .scratch = &scratch };
	cJSON *root = cJSON_CreateObject(), *platforms = NULL;
	enum err_code code = ERR_NOMEM;
	struct board board;
	char *text = NULL;

	if (root == NULL)
		goto out;
	board_read(frame, NULL, now, &board);
	add_num(&json, root, "version", 1);
	add_time(&json, root, "at", wall_ms);
	add_str(&json, root, "state", state_name(board.state));
	platforms = add_list(&json, root, "platforms");
	for (size_t i = 0;
	     platforms != NULL && i < engine_platform_count(engine); i++)
		add_platform(
		    &json, platforms, engine_platform(engine, i), frame, now);
	text = json.failed ? NULL : cJSON_PrintUnformatted(root);
	if (text == NULL)
		goto out;
	code = buf_str(out, text) && buf_char(out, '\n') ? ERR_OK : ERR_TOOBIG;
out:
	cJSON_free(text);
	cJSON_Delete(root);
	buf_release(&scratch);
	return code;
}
