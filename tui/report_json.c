#include "tui/report.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "datasrc/engine.h"
#include "model/board.h"
#include "model/platform.h"
#include "model/signal_def.h"
#include "tui/limits.h"

static void
add_source(struct json_out *out, cJSON *list, const struct section *section,
    int64_t now)
{
	cJSON *row = json_out_row(out, list);

	if (row == NULL)
		return;
	json_out_str(out, row, "name", section->name);
	json_out_str(out, row, "type", section->type);
	json_out_str(
	    out, row, "state", state_name(board_source_state(section, now)));
	json_out_ms(out, row, "age_ms",
	    section->good_at != 0 ? now - section->good_at : -1);
	json_out_ms(out, row, "latency_ms", section->latency_ns);
	if (section_freshness(section, now) == FRESH_ABSENT &&
	    cJSON_AddTrueToObject(row, "absent") == NULL)
		out->failed = true;
	if (section->code == ERR_OK) {
		if (cJSON_AddNullToObject(row, "error") == NULL)
			out->failed = true;
		return;
	}
	json_out_text(out, row, "error", section->why);
	json_out_str(out, row, "error_kind", err_code_name(section->code));
}

static void
add_health(struct json_out *out, cJSON *list, const struct section *section)
{
	const struct payload *payload = section->payload;

	for (size_t i = 0; i < payload->health_count; i++) {
		const struct health *health = &payload->health[i];
		cJSON *row = json_out_row(out, list);

		if (row == NULL)
			return;
		json_out_str(out, row, "source", section->name);
		json_out_text(out, row, "target", health->target);
		json_out_str(out, row, "state", state_name(health->state));
		json_out_text(out, row, "detail", health->detail);
		json_out_ms(out, row, "latency_ms", health->latency_ns);
	}
}

static void
add_metrics(struct json_out *out, cJSON *list, const struct section *section)
{
	static const char *const kinds[] = { "gauge", "counter", "bucket" };
	const struct payload *payload = section->payload;

	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *metric = &payload->metrics[i];
		cJSON *row = json_out_row(out, list), *labels;

		if (row == NULL)
			return;
		json_out_str(out, row, "source", section->name);
		json_out_text(out, row, "name", metric->name);
		labels = json_out_map(out, row, "labels");
		for (uint32_t l = 0; labels != NULL && l < metric->label_count;
		     l++) {
			char key[NAME_MAX_LEN * 4];
			struct buf plain = BUF_INIT(sizeof(key) - 1);

			if (text_plain(&plain, metric->labels[l].key))
				json_out_text(out, labels, buf_cstr(&plain),
				    metric->labels[l].value);
			buf_release(&plain);
		}
		json_out_num(out, row, "value", metric->value);
		json_out_str(out, row, "unit", num_unit_name(metric->unit));
		json_out_str(out, row, "kind", kinds[metric->kind]);
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
		row = json_out_row(out, list);
		if (row == NULL)
			return;
		json_out_str(out, row, "source", "watch");
		json_out_text(out, row, "name", signal->name);
		json_out_map(out, row, "labels");
		json_out_num(out, row, "value", signal->value);
		json_out_str(out, row, "unit", num_unit_name(signal->unit));
		json_out_str(out, row, "kind", "signal");
		json_out_str(out, row, "state", state_name(signal->state));
		if (signal->idle && !cJSON_AddTrueToObject(row, "idle"))
			out->failed = true;
		if (signal->why.len > 0)
			json_out_text(out, row, "why", signal->why);
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
		row = json_out_row(out, list);
		if (row == NULL)
			return;
		json_out_text(out, row, "name", alert->name);
		json_out_text(out, row, "title", alert->title);
		json_out_str(out, row, "severity", state_name(alert->severity));
		json_out_str(out, row, "state", states[alert->state]);
		json_out_time(out, row, "since", alert->since_wall_ms);
		json_out_num(out, row, "value", alert->value);
		json_out_text(out, row, "detail", alert->detail);
		if (!alert->threshold.set) {
			if (cJSON_AddNullToObject(row, "threshold") == NULL)
				out->failed = true;
			continue;
		}
		threshold = json_out_map(out, row, "threshold");
		json_out_str(out, threshold, "compare",
		    signal_compare_text(alert->threshold.compare));
		json_out_num(out, threshold, "value", alert->threshold.value);
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
			json_out_num(out, row, name, cell->num);
			break;
		case COLUMN_WALL:
			if (isnan(cell->num))
				json_out_num(out, row, name, NAN);
			else
				json_out_time(
				    out, row, name, (int64_t)cell->num);
			break;
		case COLUMN_TEXT:
		case COLUMN_STATE:
			json_out_text(out, row, name, cell->text);
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
	to = json_out_map(out, tables, name);
	if (to == NULL)
		return;
	json_out_str(out, to, "source", section->name);
	columns = json_out_list(out, to, "columns");
	for (size_t c = 0; columns != NULL && c < table->column_count; c++) {
		cJSON *column = json_out_row(out, columns);

		if (column == NULL)
			return;
		json_out_text(out, column, "name", table->columns[c].name);
		json_out_str(
		    out, column, "unit", num_unit_name(table->columns[c].unit));
	}
	rows = json_out_list(out, to, "rows");
	for (size_t r = 0; rows != NULL && r < table->row_count; r++) {
		cJSON *row;

		if (!row_is_of(table, r, platform))
			continue;
		row = json_out_row(out, rows);
		if (row == NULL)
			return;
		json_out_text(out, row, "key", table->rows[r].key);
		add_cells(out, row, table, &table->rows[r]);
	}
	if (table->row_total > table->row_count)
		json_out_num(out, to, "row_total", (double)table->row_total);
}

static void
add_platform(struct json_out *out, cJSON *list, const struct platform *platform,
    const struct frame *frame, int64_t now)
{
	const struct section *watch = frame->sections[frame->slot_count - 1];
	cJSON *to = json_out_row(out, list), *sources, *health, *metrics,
	      *alerts;
	cJSON *tables;
	struct board board;

	if (to == NULL)
		return;
	board_read(frame, platform->name, now, &board);
	json_out_str(out, to, "name", platform->name);
	json_out_str(out, to, "env", platform->env);
	json_out_str(out, to, "state", state_name(board.state));
	sources = json_out_list(out, to, "sources");
	health = json_out_list(out, to, "health");
	metrics = json_out_list(out, to, "metrics");
	alerts = json_out_list(out, to, "alerts");
	tables = json_out_map(out, to, "tables");
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
	struct json_out json = JSON_OUT_INIT(&scratch);
	cJSON *root = json_out_open(&json), *platforms;
	enum err_code code;
	struct board board;

	board_read(frame, NULL, now, &board);
	json_out_num(&json, root, "version", 1);
	json_out_time(&json, root, "at", wall_ms);
	json_out_str(&json, root, "state", state_name(board.state));
	platforms = json_out_list(&json, root, "platforms");
	for (size_t i = 0; !json.failed && i < engine_platform_count(engine);
	     i++)
		add_platform(
		    &json, platforms, engine_platform(engine, i), frame, now);
	code = json_out_close(&json, root, out);
	if (code == ERR_OK && !buf_char(out, '\n'))
		code = ERR_TOOBIG;
	buf_release(&scratch);
	return code;
}
