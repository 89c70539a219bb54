/*
 * Sources and queues: what is not well has a row with its words; what is
 * well has one too where there is room, else it is only named.
 */
#include "panels/panel_overview.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/board.h"
#include "panels/box.h"
#include "panels/pick.h"

enum {
	NAME_W = OVERVIEW_NAME_W,
	WORD_W = 11
};

struct overview_rows
overview_rows_of(size_t bad, size_t good)
{
	int packed = good > 0 ? 1 : 0;

	if (bad + good == 0)
		return (struct overview_rows) { 0, 0 };
	return (struct overview_rows) {
		.least = 1 + (int)bad + packed,
		.want = 1 + (int)(bad + good),
	};
}

void
overview_name(
    struct canvas *canvas, struct rect row, enum state state, struct text name)
{
	canvas_text(canvas, row, row.y, row.x + 2, state_sign(state),
	    state_role(state), CELL_BOLD);
	canvas_text_cut(canvas, row, row.y, row.x + 5, NAME_W, name,
	    state == STATE_OK ? ROLE_TEXT : state_role(state),
	    state == STATE_CRIT ? CELL_BOLD : 0);
}

bool
overview_pack(struct text_buf *tb, int width, struct text name)
{
	if ((int)(tb->width + name.width) + 3 > width)
		return false;
	if (tb->width > 0)
		tb_lit(tb, " · ");
	tb_text(tb, name);
	return true;
}

void
overview_packed(struct canvas *canvas, struct rect row,
    const struct text_buf *tb, size_t left)
{
	struct text_buf all = *tb;

	canvas_text(canvas, row, row.y, row.x + 2, state_sign(STATE_OK),
	    ROLE_OK, CELL_BOLD);
	if (left > 0)
		tb_fmt(&all, " · %zu more", left);
	canvas_text_cut(canvas, row, row.y, row.x + 5, row.w - 5, tb_end(&all),
	    ROLE_DIM, 0);
}

/* Sources -------------------------------------------------------------------
 */

/* Optional and not there: the sources panel has it. */
static bool
is_absent(const struct panel_ctx *ctx, const struct section *section)
{
	return section_freshness(section, ctx->now) == FRESH_ABSENT;
}

struct overview_rows
overview_sources_rows(const struct panel_ctx *ctx)
{
	size_t bad = 0, good = 0;

	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL || is_absent(ctx, section))
			continue;
		if (pick_section_state(section, ctx->now) == STATE_OK)
			good++;
		else
			bad++;
	}
	return overview_rows_of(bad, good);
}

/* Only what is not well, with its words. */
static void
words_bad(const struct payload *payload, struct text_buf *tb)
{
	for (size_t i = 0; i < payload->health_count; i++) {
		const struct health *row = &payload->health[i];

		if (row->state == STATE_OK)
			continue;
		if (tb->width > 0)
			tb_lit(tb, " · ");
		tb_text(tb, row->target);
		tb_lit(tb, " ");
		tb_text(tb,
		    row->detail.len > 0 ? row->detail : state_sign(row->state));
	}
}

/* "redis 7.0.15 · 3 ms": a summary is enough when all is well. */
static void
words_good(const struct payload *payload, struct text_buf *tb)
{
	int64_t slowest = -1;

	if (payload->note.len > 0)
		tb_text(tb, payload->note);
	else if (payload->health_count > 1)
		tb_fmt(tb, "%zu checks ok", payload->health_count);
	else if (payload->health_count == 1) {
		tb_text(tb, payload->health[0].detail);
		return; /* which names the time itself where it matters */
	}
	/* Some wait for news on purpose; what they took says nothing. */
	for (size_t i = 0; i < payload->health_count; i++) {
		if (payload->health[i].latency_ns > slowest)
			slowest = payload->health[i].latency_ns;
	}
	if (slowest >= 0) {
		tb_text(tb, tb->width > 0 ? TEXT(" · ") : TEXT_EMPTY);
		tb_num(tb, (double)slowest / 1e9, NUM_SECONDS);
	}
}

static void
draw_source(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct section *section)
{
	enum state state = pick_section_state(section, ctx->now);
	bool fresh = section_freshness(section, ctx->now) == FRESH_OK;
	struct text_buf words, age;
	enum role age_role;
	int age_w, x = row.x + 6 + NAME_W;

	overview_name(canvas, row, state, text_lit(section->name));
	age_role = box_age(section, ctx->now, &age);
	if (section_freshness(section, ctx->now) == FRESH_FIRST)
		canvas_restyle(canvas, row, ROLE_DIM, 0);
	if (!fresh) {
		/* The age says everything, the words are of another time. */
		canvas_text_cut(canvas, row, row.y, x, row.x + row.w - x,
		    tb_end(&age), age_role, 0);
		return;
	}
	tb_init(&words);
	if (state != STATE_OK)
		words_bad(section->payload, &words);
	else
		words_good(section->payload, &words);
	age_w = (int)tb_end(&age).width;
	canvas_text_cut(canvas, row, row.y, x, row.x + row.w - x - age_w - 2,
	    tb_end(&words), state == STATE_OK ? ROLE_DIM : ROLE_TEXT, 0);
	canvas_text_right(
	    canvas, row, row.y, row.x, row.w, tb_end(&age), age_role, 0);
}

/* Names what is well from source first on. */
static void
pack_sources(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect row, size_t first)
{
	struct text_buf tb;
	size_t left = 0;

	tb_init(&tb);
	for (size_t i = first; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL || is_absent(ctx, section) ||
		    pick_section_state(section, ctx->now) != STATE_OK)
			continue;
		if (!overview_pack(&tb, row.w - 17, text_lit(section->name)))
			left++;
	}
	overview_packed(canvas, row, &tb, left);
}

void
overview_sources(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	bool pack = area.h < overview_sources_rows(ctx).want;
	size_t count = pick_source_count(ctx);
	struct text_buf title;
	struct board board;
	struct rect body;
	int y = 0;

	board_read(ctx->frame, NULL, ctx->now, &board);
	tb_init(&title);
	if (board.answering == board.sources)
		tb_fmt(&title, "sources, all %zu answer", board.sources);
	else
		tb_fmt(&title, "sources, %zu of %zu answer", board.answering,
		    board.sources);
	body = box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count && y < body.h; i++) {
			const struct section *section = pick_source(ctx, i);
			struct rect row = { body.y + y, body.x, 1, body.w };
			bool good;

			if (section == NULL || is_absent(ctx, section))
				continue;
			good =
			    pick_section_state(section, ctx->now) == STATE_OK;
			if (good != (pass == 1))
				continue;
			if (good && pack && y + 1 == body.h) {
				pack_sources(ctx, canvas, row, i);
				return;
			}
			draw_source(ctx, canvas, row, section);
			y++;
		}
	}
}

/* Queues --------------------------------------------------------------------
 */

struct overview_rows
overview_queues_rows(const struct panel_ctx *ctx)
{
	const struct section *section;
	const struct table *table;
	size_t bad = 0, good = 0;

	for (size_t t = 0; pick_table(ctx, "queues", t, &section, &table);
	     t++) {
		for (size_t i = 0; i < table->row_count; i++) {
			if (table->rows[i].state == STATE_OK)
				good++;
			else
				bad++;
		}
	}
	return overview_rows_of(bad, good);
}

/* A number in its own column, so that rows can be compared at a glance. */
static int
draw_count(struct canvas *canvas, struct rect row, int x, int width,
    double value, const char *word)
{
	struct text_buf tb;
	enum role role = value > 0 ? ROLE_TEXT : ROLE_DIM;

	tb_init(&tb);
	tb_num(&tb, value, NUM_COUNT);
	canvas_text_right(canvas, row, row.y, x, width, tb_end(&tb), role, 0);
	return canvas_text(canvas, row, row.y, x + width + 1, text_lit(word),
		   ROLE_DIM, 0) +
	       1;
}

static void
draw_queue(
    struct canvas *canvas, struct rect row, const struct table *table, size_t i)
{
	enum state state = table->rows[i].state;
	double oldest = pick_num(table, i, "oldest_s");
	double wait = pick_num(table, i, "wait");
	double net =
	    pick_num(table, i, "in_rate") - pick_num(table, i, "out_rate");
	struct text_buf tb;
	int x = row.x + 6 + NAME_W;

	overview_name(canvas, row, state, table->rows[i].key);
	if (state != STATE_OK)
		canvas_text_cut(canvas, row, row.y, x, WORD_W,
		    pick_text(table, i, "state"), state_role(state), 0);
	if (row.w >= 60)
		x += WORD_W + 1;
	else if (state != STATE_OK)
		return;
	x = draw_count(canvas, row, x, 5, wait, "waiting");
	if (row.w >= 100)
		x = draw_count(
		    canvas, row, x, 4, pick_num(table, i, "active"), "active");
	if (row.w >= 60)
		x = draw_count(
		    canvas, row, x, 4, pick_num(table, i, "failed"), "failed");
	tb_init(&tb);
	if (!isnan(oldest) && oldest >= 1) {
		put_age(&tb, (int64_t)(oldest * 1e9));
		tb_lit(&tb, " old ");
	}
	if (!isnan(net) && fabs(net) >= 0.1 && wait > 0) {
		tb_text(&tb, net > 0 ? TEXT("+") : TEXT("−"));
		tb_num(&tb, fabs(net), NUM_PER_SECOND);
	}
	canvas_text_cut(canvas, row, row.y, x + 1, row.x + row.w - x - 1,
	    tb_end(&tb), state == STATE_OK ? ROLE_DIM : ROLE_TEXT, 0);
}

static void
pack_queues(const struct table *table, struct canvas *canvas, struct rect row,
    size_t first)
{
	struct text_buf tb;
	size_t left = 0;

	tb_init(&tb);
	for (size_t i = first; i < table->row_count; i++) {
		if (table->rows[i].state == STATE_OK &&
		    !overview_pack(&tb, row.w - 17, table->rows[i].key))
			left++;
	}
	overview_packed(canvas, row, &tb, left);
}

/* The queues of one table; returns how many rows it took. */
static int
draw_queues(const struct table *table, struct canvas *canvas, struct rect body,
    bool pack)
{
	int y = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < table->row_count && y < body.h; i++) {
			struct rect row = { body.y + y, body.x, 1, body.w };
			bool good = table->rows[i].state == STATE_OK;

			if (good != (pass == 1))
				continue;
			y++;
			if (good && pack && y == body.h) {
				pack_queues(table, canvas, row, i);
				return y;
			}
			draw_queue(canvas, row, table, i);
		}
	}
	return y;
}

void
overview_queues(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	bool pack = area.h < overview_queues_rows(ctx).want;
	const struct section *section;
	const struct table *table;

	for (size_t t = 0; pick_table(ctx, "queues", t, &section, &table);
	     t++) {
		struct rect body = box_section(
		    canvas, area, TEXT("queues"), section, ctx->now);

		body.h = draw_queues(table, canvas, body, pack);
		box_dim(canvas, body, section, ctx->now);
		area.h -= body.y + body.h - area.y;
		area.y = body.y + body.h;
		if (area.h <= 1)
			return;
	}
}
