#include "tui/report.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "datasrc/engine.h"
#include "model/board.h"
#include "model/platform.h"
#include "model/signal_def.h"

static const char *const report_words[] = {
	[STATE_OK] = "ok",
	[STATE_WARN] = "WARN",
	[STATE_CRIT] = "CRIT",
	[STATE_UNKNOWN] = "unknown",
};

/* One line: an indented word, then what tb holds. */
static void
line(struct buf *out, const char *word, const struct text_buf *tb)
{
	buf_fmt(out, "  %-8s ", word);
	text_plain(out, tb_end(tb));
	buf_char(out, '\n');
}

static bool
is_of(struct text name, const char *platform)
{
	return strlen(platform) == name.len &&
	       memcmp(platform, name.s, name.len) == 0;
}

static void
print_threshold(
    struct text_buf *tb, const struct threshold *threshold, enum num_unit unit)
{
	if (!threshold->set)
		return;
	tb_fmt(tb, "  (%s ", signal_compare_text(threshold->compare));
	tb_num(tb, threshold->value, unit);
	tb_lit(tb, ")");
}

static void
print_alerts(struct buf *out, const struct payload *payload,
    const char *platform, int64_t now)
{
	static const char *const states[] = { "pending", "firing", "resolved" };
	bool any = false;

	buf_str(out, "alerts\n");
	for (size_t i = 0; i < payload->alert_count; i++) {
		const struct alert *alert = &payload->alerts[i];
		struct text_buf tb;

		if (!is_of(alert->platform, platform))
			continue;
		any = true;
		tb_init(&tb);
		tb_text(&tb, alert->title);
		if (!isnan(alert->value)) {
			tb_lit(&tb, "  ");
			tb_num(&tb, alert->value, alert->unit);
		}
		print_threshold(&tb, &alert->threshold, alert->unit);
		tb_fmt(&tb, "  %s for ", states[alert->state]);
		tb_duration(&tb, now - alert->since);
		if (alert->detail.len > 0) {
			tb_lit(&tb, "  ");
			tb_text(&tb, alert->detail);
		}
		line(out, report_words[alert->severity], &tb);
	}
	if (!any)
		buf_str(out, "  none\n");
}

static void
print_signals(
    struct buf *out, const struct payload *payload, const char *platform)
{
	bool any = false;

	for (size_t i = 0; i < payload->signal_count; i++) {
		const struct signal *signal = &payload->signals[i];
		struct text_buf tb;

		if (!is_of(signal->platform, platform))
			continue;
		if (!any)
			buf_str(out, "signals\n");
		any = true;
		tb_init(&tb);
		tb_text(&tb, signal->title);
		tb_pad(&tb, 28);
		tb_lit(&tb, "  ");
		tb_num(&tb, signal->value, signal->unit);
		print_threshold(&tb,
		    signal->crit.set ? &signal->crit : &signal->warn,
		    signal->unit);
		if (signal->why.len > 0) {
			tb_lit(&tb, "  ");
			tb_text(&tb, signal->why);
		}
		line(out, signal->idle ? "idle" : report_words[signal->state],
		    &tb);
	}
}

static void
print_source(struct buf *out, const struct section *section, int64_t now)
{
	const struct payload *payload = section->payload;
	bool absent = section_freshness(section, now) == FRESH_ABSENT;
	struct text_buf tb;

	tb_init(&tb);
	tb_fmt(&tb, "%-16s %-18s ", section->name, section->type);
	if (absent) {
		tb_lit(&tb, "not there");
	} else if (section->good_at == 0) {
		tb_lit(&tb, "no answer yet");
	} else {
		tb_lit(&tb, "age ");
		tb_duration(&tb, now - section->good_at);
	}
	if (section->latency_ns >= 0) {
		tb_lit(&tb, "  took ");
		tb_duration(&tb, section->latency_ns);
	}
	if (section->code != ERR_OK) {
		if (!absent)
			tb_fmt(&tb, "  %s:", section_word(section));
		tb_lit(&tb, " ");
		tb_text(&tb, section->why);
	} else if (payload != NULL && payload->note.len > 0) {
		tb_lit(&tb, "  ");
		tb_text(&tb, payload->note);
	}
	line(out, absent ? "-" : report_words[board_source_state(section, now)],
	    &tb);
	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		const struct health *health = &payload->health[i];

		tb_init(&tb);
		tb_lit(&tb, "  ");
		tb_text(&tb, health->target);
		tb_lit(&tb, "  ");
		tb_text(&tb, health->detail);
		line(out, report_words[health->state], &tb);
	}
}

static void
print_cell(struct text_buf *tb, const struct column *column,
    const struct table_cell *cell)
{
	char text[CLOCK_RFC3339_LEN];

	if (column->kind == COLUMN_NUMBER)
		tb_num(tb, cell->num, column->unit);
	else if (column->kind != COLUMN_WALL)
		tb_text(tb, cell->text);
	else if (isnan(cell->num))
		tb_num(tb, NAN, NUM_NONE);
	else
		tb_fmt(tb, "%s", clock_rfc3339((int64_t)cell->num, text));
}

static void
print_table(
    struct buf *out, const struct section *section, const struct table *table)
{
	struct text_buf tb;

	buf_fmt(out, "%.*s (%s)\n  ", (int)table->name.len, table->name.s,
	    section->name);
	for (size_t c = 0; c < table->column_count; c++)
		buf_fmt(out, "%s%.*s", c > 0 ? " | " : "",
		    (int)table->columns[c].name.len, table->columns[c].name.s);
	buf_char(out, '\n');
	for (size_t r = 0; r < table->row_count; r++) {
		tb_init(&tb);
		for (size_t c = 0; c < table->column_count; c++) {
			if (c > 0)
				tb_lit(&tb, " | ");
			print_cell(
			    &tb, &table->columns[c], &table->rows[r].cells[c]);
		}
		buf_str(out, "  ");
		text_plain(out, tb_end(&tb));
		buf_char(out, '\n');
	}
}

static void
print_platform(struct buf *out, const struct platform *platform,
    const struct frame *frame, int64_t now, int64_t wall_ms)
{
	const struct section *watch = frame->sections[frame->slot_count - 1];
	char text[CLOCK_RFC3339_LEN];
	struct text_buf tb;
	struct board board;

	board_read(frame, platform->name, now, &board);
	tb_init(&tb);
	tb_fmt(&tb, "%s  %s  %s  %zu/%zu sources answer  %s", platform->name,
	    platform->env, state_name(board.state), board.answering,
	    board.sources, clock_rfc3339(wall_ms, text));
	text_plain(out, tb_end(&tb));
	buf_char(out, '\n');
	if (watch != NULL && watch->payload != NULL) {
		print_alerts(out, watch->payload, platform->name, now);
		print_signals(out, watch->payload, platform->name);
	}
	buf_str(out, "sources\n");
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		if (frame->sections[i] != NULL &&
		    strcmp(frame->sections[i]->platform, platform->name) == 0)
			print_source(out, frame->sections[i], now);
	}
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section == NULL || section->payload == NULL ||
		    strcmp(section->platform, platform->name) != 0)
			continue;
		for (size_t t = 0; t < section->payload->table_count; t++)
			print_table(out, section, &section->payload->tables[t]);
	}
}

enum err_code
report_text(const struct engine *engine, const struct frame *frame, int64_t now,
    int64_t wall_ms, struct buf *out)
{
	for (size_t i = 0; i < engine_platform_count(engine); i++)
		print_platform(
		    out, engine_platform(engine, i), frame, now, wall_ms);
	return out->failed ? ERR_TOOBIG : ERR_OK;
}
