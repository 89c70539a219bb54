#include "panels/servers.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/history.h"
#include "panels/box.h"
#include "panels/history_chart.h"
#include "panels/pick.h"

enum {
	SERVERS_MAX = 64, /* of one type on one screen */
	NAME_W = 20,
	BAR_W = 10,
	CHART_W_MIN = 38,
	COLUMNS_MAX = 4,
	HOSTED_MAX = 4, /* rows; more are in the panel of sources */
	CHART_H_MIN = 7,
};

static int
badness(enum state state)
{
	switch (state) {
	case STATE_CRIT:
		return 3;
	case STATE_UNKNOWN:
		return 2;
	case STATE_WARN:
		return 1;
	case STATE_OK:
		break;
	}
	return 0;
}

/* The sources of the type, the worst first, else in their order. */
static size_t
servers_find(const struct servers *servers, const struct panel_ctx *ctx,
    struct server *out)
{
	size_t n = 0;

	for (int want = 3; want >= 0; want--) {
		for (size_t slot = 0;
		     slot < pick_source_count(ctx) && n < SERVERS_MAX; slot++) {
			const struct section *section = pick_source(ctx, slot);

			if (section != NULL &&
			    strcmp(section->type, servers->type) == 0 &&
			    badness(pick_section_state(section, ctx->now)) ==
				want)
				out[n++] =
				    (struct server) { ctx, section, slot };
		}
	}
	return n;
}

size_t
servers_first(const struct panel_ctx *ctx, const char *type)
{
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section != NULL && strcmp(section->type, type) == 0)
			return slot;
	}
	return SIZE_MAX;
}

double
server_metric(const struct server *server, const char *name)
{
	return history_now(server->ctx, server->slot, name);
}

enum role
server_role(const struct server *server, const char *target)
{
	const struct health *health = pick_health(server->section, target);

	return health == NULL || health->state == STATE_OK
		   ? ROLE_TEXT
		   : state_role(health->state);
}

void
page_dated(struct page *page, const struct server *server)
{
	struct text_buf tb;

	if (server->section->good_at == 0 ||
	    section_freshness(server->section, server->ctx->now) == FRESH_OK)
		return;
	tb_init(&tb);
	when_clock(&tb, server->ctx, server->section->good_wall_ms);
	page_fact(page, TEXT("as of"), tb_end(&tb), ROLE_TEXT);
}

void
page_metric(struct page *page, const struct server *server, const char *label,
    const char *name, enum num_unit unit)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_num(&tb, server_metric(server, name), unit);
	page_fact(page, text_lit(label), tb_end(&tb), ROLE_TEXT);
}

void
page_share(struct page *page, const char *label, double used, double max,
    enum num_unit unit, enum role role)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_num(&tb, used, unit);
	if (max > 0) {
		tb_lit(&tb, " of ");
		tb_num(&tb, max, unit);
	}
	page_fact(page, text_lit(label), tb_end(&tb), role);
	if (max > 0)
		page_bar(page, BAR_W, used / max,
		    role == ROLE_TEXT ? ROLE_CHART : role);
}

static void
draw_title(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct server *found,
    size_t count)
{
	struct text_buf title;
	size_t stale = 0;

	tb_init(&title);
	tb_fmt(&title, "%s", servers->title);
	if (count == 1) {
		tb_lit(&title, " ");
		pick_put_source(&title, ctx, found[0].section);
		if (found[0].section->payload != NULL &&
		    found[0].section->payload->note.len > 0) {
			tb_lit(&title, "  ");
			tb_text(&title, found[0].section->payload->note);
		}
		box_section(
		    canvas, area, tb_end(&title), found[0].section, ctx->now);
		return;
	}
	for (size_t i = 0; i < count; i++)
		stale +=
		    section_freshness(found[i].section, ctx->now) != FRESH_OK;
	if (count > 0)
		tb_fmt(&title, "  %zu servers", count);
	if (stale > 0)
		tb_fmt(&title, ", %zu without a fresh answer", stale);
	box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
}

/* One server alone: its facts in up to area.h rows; returns how many. */
static int
draw_one(const struct servers *servers, struct canvas *canvas, struct rect area,
    const struct server *server)
{
	struct page page = { .area = area, .cut = true };

	if (server->section->payload == NULL)
		return 0;
	servers->page(&page, server, false);
	page_end(&page);
	if (page.y < area.h)
		area.h = page.y;
	page = (struct page) { .canvas = canvas, .area = area, .cut = true };
	servers->page(&page, server, false);
	box_dim(canvas, area, server->section, server->ctx->now);
	return area.h;
}

/* One of several: sign, name, the facts that fit, and how old they are. */
static void
draw_row(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect row, const struct server *found)
{
	enum state state = pick_section_state(found->section, ctx->now);
	struct page page = { .canvas = canvas, .cut = true };
	struct text_buf name, age;
	enum role age_role = box_age(found->section, ctx->now, &age);
	int age_w = (int)tb_end(&age).width;

	if (age_w > row.w / 2)
		age_w = row.w / 2;
	tb_init(&name);
	pick_put_source(&name, ctx, found->section);
	canvas_text(canvas, row, row.y, row.x + 2, state_sign(state),
	    state_role(state), CELL_BOLD);
	canvas_text_cut(canvas, row, row.y, row.x + 5, NAME_W, tb_end(&name),
	    state == STATE_OK ? ROLE_TEXT : state_role(state), 0);
	page.area = (struct rect) { row.y, row.x + 4 + NAME_W, 1,
		row.w - 4 - NAME_W - age_w - 2 };
	if (found->section->payload != NULL && page.area.w > 0) {
		servers->page(&page, found, true);
		box_dim(canvas, page.area, found->section, ctx->now);
	}
	canvas_text_cut(canvas, row, row.y, row.x + row.w - age_w, age_w,
	    tb_end(&age), age_role, 0);
}

static bool
is_told(const struct servers *servers, struct text target)
{
	for (size_t i = 0; servers->told[i] != NULL; i++) {
		if (text_eq(target, text_lit(servers->told[i])))
			return true;
	}
	return false;
}

/* In words what is wrong; false: no row is left. */
static bool
put_wrong(struct page *page, enum state state, struct text name,
    struct text target, struct text words)
{
	struct text_buf tb;

	if (page->y >= page->area.h)
		return false;
	canvas_text(page->canvas, page->area, page->area.y + page->y,
	    page->area.x + 2, state_sign(state), state_role(state), CELL_BOLD);
	tb_init(&tb);
	if (name.len > 0) {
		tb_text(&tb, name);
		tb_lit(&tb, ": ");
	}
	if (target.len > 0) {
		tb_text(&tb, target);
		tb_lit(&tb, ": ");
	}
	tb_text(&tb, words);
	page_words(page, 5, tb_end(&tb), state_role(state));
	return true;
}

/* Why there is no answer, and what the answer says is not well. */
static int
draw_wrong(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct server *found,
    size_t count)
{
	struct page page = { .canvas = canvas, .area = area };

	for (size_t i = 0; i < count; i++) {
		const struct section *section = found[i].section;
		bool fresh = section_freshness(section, ctx->now) == FRESH_OK;
		struct text_buf name;

		tb_init(&name);
		if (count > 1)
			pick_put_source(&name, ctx, section);
		if (section->code != ERR_OK &&
		    !put_wrong(&page, STATE_CRIT, tb_end(&name), TEXT_EMPTY,
			section->why))
			break;
		for (size_t h = 0; fresh && h < section->payload->health_count;
		     h++) {
			const struct health *row = &section->payload->health[h];

			if (row->state != STATE_OK &&
			    !is_told(servers, row->target) &&
			    !put_wrong(&page, row->state, tb_end(&name),
				row->target, row->detail))
				return area.h;
		}
	}
	return page.y < area.h ? page.y : area.h;
}

/*
 * "memorystore cache: standard ha, 5 GB, Redis 7.0", with its age; how many
 * rows of area its words took.
 */
static int
draw_hosted_row(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct section *section,
    const struct table *table, size_t at)
{
	struct page page = { .canvas = canvas, .area = area };
	int detail = table_column(table, "detail");
	enum state state = table->rows[at].state;
	bool fresh = section_freshness(section, ctx->now) == FRESH_OK;
	struct text_buf tb, age;
	enum role age_role = box_age(section, ctx->now, &age);
	int age_w = (int)tb_end(&age).width;

	if (age_w > area.w / 2)
		age_w = area.w / 2;
	page.area.w -= age_w + 1;
	tb_init(&tb);
	pick_put_source(&tb, ctx, section);
	tb_lit(&tb, " ");
	tb_text(&tb, table->rows[at].key);
	if (detail >= 0) {
		tb_lit(&tb, ": ");
		tb_text(&tb, table->rows[at].cells[detail].text);
	}
	servers->hosted_use(&tb, ctx, table->rows[at].key);
	canvas_text(canvas, area, area.y, area.x + 2, state_sign(state),
	    fresh ? state_role(state) : ROLE_STALE, CELL_BOLD);
	page_words(&page, 5, tb_end(&tb),
	    !fresh		? ROLE_STALE
	    : state == STATE_OK ? ROLE_TEXT
				: state_role(state));
	canvas_text_cut(canvas, area, area.y, area.x + area.w - age_w, age_w,
	    tb_end(&age), age_role, 0);
	return page.y < area.h ? page.y : area.h;
}

/* What whoever runs the servers says of them; how many rows that took. */
static int
draw_hosted(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	const struct section *section;
	const struct table *table;
	struct rect left = area;

	if (left.h > HOSTED_MAX)
		left.h = HOSTED_MAX;
	for (size_t t = 0;
	     servers->hosted != NULL &&
	     pick_table(ctx, servers->hosted, t, &section, &table);
	     t++) {
		for (size_t r = 0; r < table->row_count && left.h > 0; r++) {
			int h = draw_hosted_row(
			    servers, ctx, canvas, left, section, table, r);

			left.y += h;
			left.h -= h;
		}
	}
	return left.y - area.y;
}

/* Nothing of that type: how to get it. */
static int
draw_none(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	int hosted = draw_hosted(servers, ctx, canvas, box_below(area));
	struct text_buf tb;

	area.y += hosted;
	area.h -= hosted;
	tb_init(&tb);
	tb_fmt(&tb, "in sources of sevtop.yaml:  %s", servers->example);
	area.y += area.h > 3 ? 3 : 2;
	area.h = area.h > 3 ? 1 : 0;
	box_words(canvas, area, tb_end(&tb), ROLE_DIM);
	return 1 + hosted;
}

int
servers_draw(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct server found[SERVERS_MAX];
	size_t count = servers_find(servers, ctx, found), shown;
	struct rect row = { area.y, area.x, 1, area.w };
	struct rect left = box_below(area);
	int most = area.h / 2, h;

	if (area.h <= 0)
		return 0;
	draw_title(servers, ctx, canvas, area, found, count);
	if (count == 0)
		return draw_none(servers, ctx, canvas, area);
	left.h = most > 1 ? most - 1 : 0;
	shown = count < (size_t)left.h ? count : (size_t)left.h;
	if (count == 1) {
		/* A row of words is kept for what is wrong. */
		h = draw_one(servers, canvas,
		    (struct rect) { left.y, left.x,
			left.h > 3   ? 3
			: left.h > 1 ? left.h - 1
				     : left.h,
			left.w },
		    &found[0]);

		left.y += h;
		left.h -= h;
	} else {
		for (size_t i = 0; i < shown; i++) {
			row.y = left.y;
			draw_row(servers, ctx, canvas, row, &found[i]);
			left.y++;
			left.h--;
		}
	}
	h = draw_hosted(servers, ctx, canvas,
	    (struct rect) {
		left.y, left.x, left.h > 0 ? left.h - 1 : 0, left.w });
	left.y += h;
	left.h -= h;
	left.y += draw_wrong(servers, ctx, canvas, left, found, count);
	return left.y - area.y;
}

static void
draw_chart(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    size_t slot, const struct server_chart *want)
{
	const struct section *section = pick_source(ctx, slot);
	double limit =
	    want->limit != NULL ? history_now(ctx, slot, want->limit) : NAN;
	struct chart chart = {
		.unit = want->unit,
		.title = text_lit(want->title),
		.last = history_now(ctx, slot, want->metric),
	};

	/* What is far from its limit, or has none, must not look full. */
	if (limit > 0)
		chart.warn = (struct threshold) { true, COMPARE_GE, limit };
	else if (want->limit != NULL)
		chart.reach = 2 * chart.last;
	history_chart(ctx, canvas, area, chart,
	    history_key(slot, metric_id(text_lit(want->metric), NULL, 0)));
	box_dim(canvas, area, section, ctx->now);
}

void
servers_charts(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, size_t slot, const struct server_chart *charts,
    size_t count)
{
	size_t columns = (size_t)(area.w / CHART_W_MIN);
	size_t rows = (size_t)(area.h / CHART_H_MIN);
	int w, h;

	if (columns < 1 || rows < 1)
		return;
	if (columns > COLUMNS_MAX)
		columns = COLUMNS_MAX;
	if (columns > count)
		columns = count;
	if (rows > (count + columns - 1) / columns)
		rows = (count + columns - 1) / columns;
	h = area.h / (int)rows;
	w = area.w / (int)columns;
	for (size_t i = 0; i < rows * columns && i < count; i++)
		draw_chart(ctx, canvas,
		    (struct rect) { area.y + (int)(i / columns) * h,
			area.x + (int)(i % columns) * w, h - (rows > 1),
			w - 2 },
		    slot, &charts[i]);
}
