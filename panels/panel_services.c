/*
 * Services: name, state, version, how long each is up; below the selected
 * one what it needs and what changed about it. Enter shows all that is told
 * of it. Revisions, settings, builds, objectives and the like are views of
 * their own. Reads the tables "services", "use", "revisions" and "slos" of
 * any source and the nodes of `services:`.
 */
#include <math.h>

#include "model/platform.h"
#include "panels/services_revisions.h"
#include "panels/services_rows.h"
#include "panels/services_slos.h"
#include "panels/services_views.h"

#include "base/clock.h"
#include "panels/box.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"

enum {
	BELOW_H = 7,	 /* rows of the selected one, where there is room */
	BELOW_H_MIN = 3, /* fewer rows tell nothing */
};

/* One change: "14:01:10  deploy   1.4.1 to 1.5.0"; w: cells of the time. */
static void
page_change(struct page *page, const struct panel_ctx *ctx,
    const struct event *event, uint32_t w)
{
	struct text_buf tb;

	tb_init(&tb);
	when_clock(&tb, ctx, event->wall_ms);
	tb_pad(&tb, w + 2);
	tb_text(&tb, text_lit(pick_event_word(event->kind)));
	tb_pad(&tb, w + 11);
	tb_text(&tb, event->text);
	page_row(page, 2, tb_end(&tb), ROLE_TEXT);
}

/* What changed about a service, the newest first; how many. */
static size_t
pick_changes(const struct panel_ctx *ctx, const struct service *service,
    const struct event *out[PAYLOAD_EVENTS_MAX])
{
	const struct payload *watched = pick_watched(ctx);
	size_t n = 0;

	for (size_t i = 0; i < watched->event_count; i++) {
		const struct event *event = &watched->events[i];
		size_t at = n;

		if (!pick_is_change(watched, i) ||
		    !service_is_subject(service, event))
			continue;
		for (; at > 0 && out[at - 1]->wall_ms <= event->wall_ms; at--)
			out[at] = out[at - 1];
		out[at] = event;
		n++;
	}
	return n;
}

static void
page_changes(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	const struct event *changes[PAYLOAD_EVENTS_MAX];
	const struct section *watch = pick_watch(rows->ctx);
	size_t count = pick_changes(rows->ctx, service, changes);
	struct text_buf tb;
	uint32_t w = 0;

	for (size_t i = 0; i < count; i++) {
		tb_init(&tb);
		when_clock(&tb, rows->ctx, changes[i]->wall_ms);
		if (tb_end(&tb).width > w)
			w = tb_end(&tb).width;
	}
	for (size_t i = 0; i < count; i++)
		page_change(page, rows->ctx, changes[i], w);
	if (count > 0)
		return;
	tb_init(&tb);
	tb_lit(&tb, "no deploy, restart or scaling of it was seen");
	if (watch != NULL) {
		tb_lit(&tb, " in ");
		put_age(&tb, rows->ctx->now - watch->started_at);
	}
	page_row(page, 2, tb_end(&tb), ROLE_DIM);
}

static void
page_state(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	struct text_buf words, tb;

	tb_init(&tb);
	put_state(&tb, service->state);
	tb_init(&words);
	services_detail(rows, service, &words);
	if (tb_end(&words).len > 0) {
		tb_lit(&tb, "  ");
		tb_text(&tb, tb_end(&words));
	}
	page_text(page, TEXT_EMPTY, tb_end(&tb),
	    service_is_stale(service)	 ? ROLE_STALE
	    : service->state == STATE_OK ? ROLE_TEXT
					 : state_role(service->state));
}

/* What it needs, when the configuration says so. */
static void
page_needs(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	const struct dep *dep = service->dep;
	struct rect row = { page->area.y + page->y - page->skip,
		page->area.x + 2, 1, page->area.w - 2 };

	if (dep == NULL || dep->need_count == 0)
		return;
	page_row(page, 2, TEXT_EMPTY, ROLE_TEXT); /* its place */
	if (page->canvas != NULL)
		deps_draw_needs(&rows->deps, page->canvas,
		    rect_clip(row, page->area), TEXT("needs"), dep);
}

/* All that one source tells of it, column by column. */
static void
page_part(struct page *page, const struct services_rows *rows,
    const struct table_ref *part)
{
	struct text_buf tb, age;
	enum role role;

	page_gap(page);
	tb_init(&tb);
	tb_fmt(&tb, "%s, %s, ", part->section->name, part->section->type);
	role = box_age(part->section, rows->ctx->now, &age);
	tb_text(&tb, tb_end(&age));
	page_row(page, 0, tb_end(&tb), role == ROLE_DIM ? ROLE_TITLE : role);
	for (size_t c = 0; c < part->table->column_count; c++) {
		tb_init(&tb);
		put_cell(&tb, rows->ctx, part->table, part->row, c);
		if (tb_end(&tb).len > 0)
			page_fact(page, part->table->columns[c].name,
			    tb_end(&tb), ROLE_TEXT);
	}
	page_end(page);
}

static void
page_all(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	page_state(page, rows, service);
	page_needs(page, rows, service);
	for (size_t i = 0; i < service->part_count; i++)
		page_part(page, rows, &service->parts[i]);
	if (service->use.section != NULL)
		page_part(page, rows, &service->use);
	services_revisions_all(page, rows, service);
	services_slos_all(page, rows, service);
	page_gap(page);
	page_title(page, TEXT("what changed"));
	page_changes(page, rows, service);
}

static struct text
service_title(const struct service *service)
{
	return service->dep != NULL &&
		       !text_eq(service->dep->title, service->name)
		   ? service->dep->title
		   : TEXT_EMPTY;
}

static void
draw_open(struct list_panel *view, const struct services_rows *rows,
    struct canvas *canvas, struct rect area, const struct service *service)
{
	struct page page = { .area = box_below(area) };

	page_all(&page, rows, service);
	list_panel_settle(view, page.y, page.area.h);
	page.canvas = canvas;
	page.skip = view->scroll;
	page.y = page.x = 0;
	page_all(&page, rows, service);
	box_title(canvas, area, service->key, service_title(service), ROLE_DIM);
}

static void
draw_below(const struct services_rows *rows, struct canvas *canvas,
    struct rect area, const struct service *service)
{
	struct page page = { .canvas = canvas };

	page.area = box_title(
	    canvas, area, service->key, service_title(service), ROLE_DIM);
	page_state(&page, rows, service);
	page_needs(&page, rows, service);
	services_revisions_brief(&page, rows, service);
	services_slos_brief(&page, rows, service);
	page_changes(&page, rows, service);
}

/* How to get something to see here. */
static void
draw_nothing(struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas, .area = area };

	page_text(&page, TEXT_EMPTY,
	    TEXT("no source tells of services. These do: http and json with "
		 "version or uptime, process with a table called services "
		 "(docker compose, pm2), and services: in the configuration, "
		 "for example:"),
	    ROLE_DIM);
	page_row(&page, 4, TEXT("services:"), ROLE_TEXT);
	page_row(&page, 6, TEXT("jobs: {health: [queues, signal:failures]}"),
	    ROLE_TEXT);
}

static void
draw_list(struct list_panel *view, const struct services_rows *rows,
    struct canvas *canvas, struct rect area, const struct list_data *data)
{
	struct rect top = area;
	struct text_buf title;
	size_t selected;
	int below = area.h - (int)rows->count - 2;

	if (below < BELOW_H)
		below = area.h / 3 < BELOW_H ? area.h / 3 : BELOW_H;
	top.h = below >= BELOW_H_MIN ? area.h - below : area.h;
	list_draw(&view->list, data, canvas, box_below(top), TEXT_EMPTY, true);
	tb_init(&title);
	tb_lit(&title, "services ");
	list_count(&view->list, &title);
	box_section(canvas, top, tb_end(&title),
	    rows->oldest != NULL ? rows->oldest : pick_watch(rows->ctx),
	    rows->ctx->now);
	selected = list_selected(&view->list, data);
	area.y += top.h;
	area.h -= top.h;
	if (selected != SIZE_MAX && area.h >= BELOW_H_MIN)
		draw_below(rows, canvas, area, &rows->services[selected]);
}

/* What there is to see here, where it is more than services; the rows below.
 */
static struct rect
draw_tabs(const struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct tab tabs[SERVICES_VIEWS];

	if (!services_tabs(ctx, views, tabs) || area.h < 4 || views->panel.open)
		return area;
	views_tabs(views, canvas, (struct rect) { area.y, area.x, 1, area.w },
	    tabs, SERVICES_VIEWS);
	return box_below(area);
}

static void
draw_services(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct list_panel *view = &views->panel;
	struct services_rows rows;
	struct list_data data;
	size_t selected;

	services_rows_init(&rows, ctx);
	data = services_rows_data(&rows);
	views_settle(views, &data);
	area = draw_tabs(views, ctx, canvas, area);
	selected = list_selected(&view->list, &data);
	if (rows.count == 0)
		draw_nothing(canvas, box_title(canvas, area, TEXT("services"),
					 TEXT_EMPTY, ROLE_DIM));
	else if (view->open && selected != SIZE_MAX)
		draw_open(view, &rows, canvas, area, &rows.services[selected]);
	else
		draw_list(view, &rows, canvas, area, &data);
	services_rows_release(&rows);
}

static void
services_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct views *views = opaque;

	if (views->at == SERVICES_LIST)
		draw_services(views, ctx, canvas, area);
	else
		services_view_draw(
		    views, ctx, canvas, draw_tabs(views, ctx, canvas, area));
}

static enum panel_result
services_command(void *opaque, const struct panel_ctx *ctx,
    enum command command, struct panel_out *out)
{
	struct views *views = opaque;
	struct list_panel *view = &views->panel;
	enum panel_result result = PANEL_IGNORED;
	struct services_rows rows;
	struct list_data data;
	struct tab tabs[SERVICES_VIEWS];

	if (services_tabs(ctx, views, tabs) &&
	    views_step(views, tabs, SERVICES_VIEWS, command))
		return PANEL_DONE;
	if (views->at != SERVICES_LIST)
		return services_view_command(views, ctx, command, out);
	services_rows_init(&rows, ctx);
	data = services_rows_data(&rows);
	if (view->open)
		result = list_panel_scroll(view, command);
	if (result == PANEL_IGNORED)
		result = list_panel_command(view, &data, command, out);
	services_rows_release(&rows);
	return result;
}

/* By name, of the platform that is meant. */
static void
services_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct views *views = opaque;
	struct services_rows rows;

	views_go(views, SERVICES_LIST);
	services_rows_init(&rows, ctx);
	for (size_t i = 0; i < rows.count; i++) {
		if (!text_eq(rows.services[i].name, arg) ||
		    (ctx->of.len > 0 &&
			!text_eq(rows.services[i].platform, ctx->of)))
			continue;
		list_select(&views->panel.list, rows.services[i].key);
		break;
	}
	services_rows_release(&rows);
}

/* Of several sources that tell of it the freshest one. */
static bool
services_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct views *views = opaque;
	const struct list_panel *view = &views->panel;
	struct services_rows rows;
	struct list_data data;
	size_t at;

	if (views->at != SERVICES_LIST)
		return services_view_target(views, ctx, out);
	services_rows_init(&rows, ctx);
	data = services_rows_data(&rows);
	at =
	    view->list.shown > 0 ? list_selected(&view->list, &data) : SIZE_MAX;
	if (at != SIZE_MAX) {
		const struct service *service = &rows.services[at];

		/* The name is made with the list and goes with it. */
		for (size_t p = 0; p < ctx->platform_count; p++) {
			if (text_eq(text_lit(ctx->platforms[p]->name),
				service->platform))
				out->platform =
				    text_lit(ctx->platforms[p]->name);
		}
		if (service->part_count > 0) {
			const struct table_ref *part = &service->parts[0];

			out->section = part->section;
			out->table = part->table;
			out->row = &part->table->rows[part->row];
		}
	}
	services_rows_release(&rows);
	return at != SIZE_MAX;
}

const struct panel_ops panel_services = {
	.name = "services",
	.help = "versions, restarts and use of each service, what changed",
	.key = '7',
	.view_size = sizeof(struct views),
	.commands = (const enum command[]) { COMMAND_VIEW, COMMAND_VIEW_BACK,
	    LIST_PANEL_COMMANDS, COMMAND_NONE },
	.release = list_panel_release,
	.draw = services_draw,
	.command = services_command,
	.typed = list_panel_typed,
	.show = services_show,
	.target = services_target,
};
