/* What changed, the sources with their words, the queues. */
#include "panels/panel_overview.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/logstore.h"
#include "panels/box.h"
#include "panels/pick.h"

static const char *const event_words[EVENT_KIND_COUNT] = {
	[EVENT_DEPLOY] = "deploy",
	[EVENT_RESTART] = "restart",
	[EVENT_FLAG] = "flag",
	[EVENT_SCALE] = "scale",
	[EVENT_STATE] = "state",
	[EVENT_ACTION] = "action",
	[EVENT_OTHER] = "change",
};

/* When the oldest firing alert began; 0: none fires. */
static int64_t
trouble_since(const struct payload *watched)
{
	int64_t since = 0;

	for (size_t i = 0; i < watched->alert_count; i++) {
		const struct alert *alert = &watched->alerts[i];

		if (alert->state == ALERT_FIRING &&
		    (since == 0 || alert->since_wall_ms < since))
			since = alert->since_wall_ms;
	}
	return since;
}

/* Changes that somebody made come first, newest first, then mere states. */
static size_t
pick_events(const struct payload *watched, const struct event **out)
{
	size_t n = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = watched->event_count; i-- > 0;) {
			bool state = watched->events[i].kind == EVENT_STATE;

			if (state == (pass == 1))
				out[n++] = &watched->events[i];
		}
	}
	return n;
}

int
overview_changes_rows(const struct panel_ctx *ctx)
{
	size_t count = pick_watched(ctx)->event_count;

	return count > 0 ? 1 + (int)count : 0;
}

void
overview_changes(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	const struct event *events[PAYLOAD_EVENTS_MAX];
	size_t count = pick_events(watched, events);
	int64_t since = trouble_since(watched);
	struct text_buf tb;
	struct rect body;

	tb_init(&tb);
	tb_lit(&tb, "what changed");
	if (since != 0) {
		tb_lit(&tb, " before ");
		when_clock(&tb, ctx, since);
	}
	body = box_title(canvas, area, tb_end(&tb), TEXT_EMPTY, ROLE_DIM);
	for (int i = 0; i < body.h && (size_t)i < count; i++) {
		const struct event *event = events[i];
		int64_t from = since != 0 ? since : ctx->wall_ms;
		int64_t ago = (from - event->wall_ms) * NS_PER_MS;
		int y = body.y + i, x = body.x + 2;

		tb_init(&tb);
		tb_duration(&tb, ago < 0 ? -ago : ago);
		tb_text(&tb, since == 0 ? TEXT(" ago")
			     : ago < 0	? TEXT(" after")
					: TEXT(" before"));
		canvas_text_cut(
		    canvas, body, y, x, 13, tb_end(&tb), ROLE_DIM, 0);
		canvas_text_cut(canvas, body, y, x + 14, 7,
		    text_lit(event_words[event->kind]),
		    event->kind == EVENT_STATE ? ROLE_DIM : ROLE_MARK, 0);
		tb_init(&tb);
		tb_text(&tb, event->subject);
		tb_lit(&tb, "  ");
		tb_text(&tb, event->text);
		canvas_text_cut(canvas, body, y, x + 22, body.w - 24,
		    tb_end(&tb), ROLE_TEXT, 0);
	}
}

int
overview_sources_rows(const struct panel_ctx *ctx)
{
	return 1 + (int)pick_source_count(ctx);
}

static enum state
section_worst(const struct section *section, int64_t now)
{
	const struct payload *payload = section->payload;
	enum freshness fresh = section_freshness(section, now);
	enum state worst = STATE_OK;

	if (fresh == FRESH_FIRST)
		return STATE_UNKNOWN;
	if (fresh != FRESH_OK)
		return section->code == ERR_OK ? STATE_UNKNOWN : STATE_CRIT;
	for (size_t i = 0; i < payload->health_count; i++)
		worst = state_worst(worst, payload->health[i].state);
	return worst;
}

/* "db ok · redis ok · queues ! unhealthy": bad rows first, with their words. */
static void
health_words(const struct payload *payload, struct text_buf *tb)
{
	bool any = false;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < payload->health_count; i++) {
			const struct health *row = &payload->health[i];

			if ((row->state == STATE_OK) != (pass == 1))
				continue;
			if (any)
				tb_lit(tb, " · ");
			any = true;
			tb_text(tb, row->target);
			tb_lit(tb, " ");
			tb_text(tb, state_sign(row->state));
			if (row->state != STATE_OK && row->detail.len > 0) {
				tb_lit(tb, " ");
				tb_text(tb, row->detail);
			}
		}
	}
}

static void
draw_source(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct section *section)
{
	enum state state = section_worst(section, ctx->now);
	bool fresh = section_freshness(section, ctx->now) == FRESH_OK;
	enum role role = fresh ? ROLE_TEXT : ROLE_STALE, age_role;
	struct text_buf tb, age;
	int x = row.x + 2, age_w;

	canvas_text(canvas, row, row.y, x, state_sign(state), state_role(state),
	    CELL_BOLD);
	tb_init(&tb);
	tb_fmt(&tb, "%s", section->name);
	canvas_text_cut(canvas, row, row.y, x + 3, 16, tb_end(&tb),
	    state == STATE_OK ? ROLE_TEXT : state_role(state), 0);
	age_role = box_age(section, ctx->now, &age);
	age_w = (int)tb_end(&age).width;
	if (age_w > row.w - 24)
		age_w = row.w - 24;
	tb_init(&tb);
	if (section->payload != NULL) {
		health_words(section->payload, &tb);
		if (tb.width == 0)
			tb_text(&tb, section->payload->note);
	}
	if (fresh && section->latency_ns >= 0) {
		tb_text(&tb, tb.width > 0 ? TEXT("  ") : TEXT_EMPTY);
		tb_duration(&tb, section->latency_ns);
	}
	canvas_text_cut(canvas, row, row.y, x + 20, row.w - 22 - age_w - 2,
	    tb_end(&tb), role, 0);
	canvas_text_right(canvas, row, row.y, row.x + row.w - age_w, age_w,
	    tb_end(&age), age_role, 0);
}

/* Bad ones first, so that they are seen when the box is cut. */
void
overview_sources(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	size_t count = pick_source_count(ctx), fresh = 0;
	struct text_buf title;
	struct rect body;
	int y = 0;

	for (size_t i = 0; i < count; i++) {
		const struct section *section = pick_source(ctx, i);

		fresh += section != NULL &&
			 section_freshness(section, ctx->now) == FRESH_OK;
	}
	tb_init(&title);
	tb_fmt(&title, "sources %zu of %zu answer", fresh, count);
	body = box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count && y < body.h; i++) {
			const struct section *section = pick_source(ctx, i);
			bool good;

			if (section == NULL)
				continue;
			good = section_worst(section, ctx->now) == STATE_OK;
			if (good != (pass == 1))
				continue;
			draw_source(ctx, canvas,
			    (struct rect) { body.y + y++, body.x, 1, body.w },
			    section);
		}
	}
}

int
overview_queues_rows(const struct panel_ctx *ctx)
{
	const struct section *section;
	const struct table *table;
	int rows = 0;

	for (size_t i = 0; pick_table(ctx, "queues", i, &section, &table); i++)
		rows += 1 + (int)table->row_count;
	return rows;
}

static void
put_count(struct text_buf *tb, double value, const char *word)
{
	if (tb->width > 0)
		tb_lit(tb, "  ");
	tb_num(tb, value, NUM_COUNT);
	tb_fmt(tb, " %s", word);
}

static void
draw_queue(
    struct canvas *canvas, struct rect row, const struct table *table, size_t i)
{
	enum state state = table->rows[i].state;
	double oldest = pick_num(table, i, "oldest_s");
	double net =
	    pick_num(table, i, "out_rate") - pick_num(table, i, "in_rate");
	struct text word = pick_text(table, i, "state");
	struct text_buf tb;
	int x = row.x + 2;

	canvas_text(canvas, row, row.y, x, state_sign(state), state_role(state),
	    CELL_BOLD);
	canvas_text_cut(canvas, row, row.y, x + 3, 18, table->rows[i].key,
	    state == STATE_OK ? ROLE_TEXT : state_role(state), 0);
	tb_init(&tb);
	put_count(&tb, pick_num(table, i, "wait"), "waiting");
	put_count(&tb, pick_num(table, i, "active"), "active");
	put_count(&tb, pick_num(table, i, "failed"), "failed");
	if (!isnan(oldest) && oldest >= 1) {
		tb_lit(&tb, "  oldest ");
		tb_duration(&tb, (int64_t)(oldest * 1e9));
	}
	if (!isnan(net) && fabs(net) >= 0.05) {
		tb_text(&tb, net > 0 ? TEXT("  −") : TEXT("  +"));
		tb_num(&tb, fabs(net), NUM_PER_SECOND);
	}
	if (word.len > 0 && state != STATE_OK) {
		tb_lit(&tb, "  ");
		tb_text(&tb, word);
	}
	canvas_text_cut(
	    canvas, row, row.y, x + 22, row.w - 24, tb_end(&tb), ROLE_TEXT, 0);
}

void
overview_queues(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct section *section;
	const struct table *table;

	for (size_t t = 0; pick_table(ctx, "queues", t, &section, &table);
	     t++) {
		struct rect body = box_section(
		    canvas, area, TEXT("queues"), section, ctx->now);
		int y = 0;

		for (size_t pass = 0; pass < 2; pass++) {
			for (size_t i = 0; i < table->row_count && y < body.h;
			     i++) {
				bool good = table->rows[i].state == STATE_OK;
				struct rect row = { body.y + y, body.x, 1,
					body.w };

				if (good != (pass == 1))
					continue;
				draw_queue(canvas, row, table, i);
				y++;
			}
		}
		body.h = y;
		box_dim(canvas, body, section, ctx->now);
		area.h -= body.y + y - area.y;
		area.y = body.y + y;
		if (area.h <= 1)
			return;
	}
}

enum {
	ERRORS_SCAN = 2000,
	ERRORS_KEEP = 64
};

/* The newest lines at level error and above, oldest at the top. */
void
overview_errors(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	struct rect body = box_title(
	    canvas, area, TEXT("newest errors"), TEXT_EMPTY, ROLE_DIM);
	struct arena *arena = arena_new(ERRORS_SCAN * 1024);
	struct log_line *lines = mem_calloc(ERRORS_SCAN, sizeof(*lines));
	const struct log_line *keep[ERRORS_KEEP];
	struct logstore_stats stats;
	size_t count = 0, kept = 0;

	if (ctx->logs == NULL || arena == NULL || lines == NULL)
		goto out;
	logstore_stats(ctx->logs, &stats);
	count = logstore_copy(ctx->logs,
	    stats.next_seq > ERRORS_SCAN ? stats.next_seq - ERRORS_SCAN : 0,
	    lines, ERRORS_SCAN, arena);
	for (size_t i = count; i-- > 0 && kept < ERRORS_KEEP &&
			       kept < (size_t)(body.h > 0 ? body.h : 0);) {
		/* Stacks belong to the log panel. */
		if (lines[i].level >= LOG_LEVEL_ERROR &&
		    (lines[i].flags & LOG_CONT) == 0)
			keep[kept++] = &lines[i];
	}
	if (kept == 0)
		box_words(canvas, body, TEXT("no errors in the last lines"),
		    ROLE_DIM);
	for (size_t i = 0; i < kept; i++) {
		const struct log_line *line = keep[kept - 1 - i];
		struct text_buf tb;
		int x = body.x + 2, y = body.y + (int)i;

		tb_init(&tb);
		when_clock(&tb, ctx, line->wall_ms);
		x = canvas_text(canvas, body, y, x, tb_end(&tb), ROLE_DIM, 0);
		canvas_text_cut(canvas, body, y, x + 2, body.x + body.w - x - 2,
		    line->text, ROLE_TEXT, 0);
	}
out:
	mem_free(lines);
	arena_free(arena);
}
