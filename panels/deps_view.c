#include "panels/deps_view.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "model/platform.h"
#include "panels/box.h"
#include "panels/pick.h"

enum {
	DEPS_VIEW_MAX = 8 * 1024 * 1024 /* 128 nodes and 1,024 lines: 300 KiB */
};

bool
deps_configured(const struct panel_ctx *ctx)
{
	for (size_t p = 0; p < ctx->platform_count; p++) {
		if (ctx->platforms[p]->node_count > 0)
			return true;
	}
	return false;
}

static size_t
find_dep(const struct deps_view *view, struct text platform, struct text name)
{
	for (size_t i = 0; i < view->count; i++) {
		if (text_eq(view->deps[i].name, name) &&
		    text_eq(view->deps[i].platform, platform))
			return i;
	}
	return SIZE_MAX;
}

/* Names apart by ", " as indexes; NULL: none, or no memory. */
static const size_t *
read_names(const struct deps_view *view, struct text platform,
    struct text names, size_t *ret_count)
{
	uint32_t from = 0, len;
	size_t *out, count = 0, most = 1;

	*ret_count = 0;
	if (names.len == 0)
		return NULL;
	for (uint32_t i = 0; i < names.len; i++)
		most += names.s[i] == ',';
	out = arena_array(view->arena, most, sizeof(*out));
	while (out != NULL && from < names.len && count < most) {
		ptrdiff_t at = text_find(names, from, TEXT(", "), &len);
		uint32_t end = at >= 0 ? (uint32_t)at : names.len;
		const struct text name = { names.s + from, end - from, 0 };
		size_t dep = find_dep(view, platform, name);

		if (dep != SIZE_MAX)
			out[count++] = dep;
		from = end + 2;
	}
	*ret_count = count;
	return out;
}

static void
read_row(struct dep *dep, const struct table *table, size_t row)
{
	double order = pick_num(table, row, "order");
	double reach = pick_num(table, row, "reach");

	*dep = (struct dep) {
		.key = table->rows[row].key,
		.name = pick_text(table, row, "node"),
		.title = pick_text(table, row, "title"),
		.kind = pick_text(table, row, "kind"),
		.platform = pick_text(table, row, "platform"),
		.source = pick_text(table, row, "source"),
		.shown = pick_text(table, row, "shown"),
		.verdict = pick_text(table, row, "verdict"),
		.detail = pick_text(table, row, "detail"),
		.state = table->rows[row].state,
		.since_ms = pick_num(table, row, "since"),
		.about_s = pick_num(table, row, "about_s"),
		.latency_s = pick_num(table, row, "latency_s"),
		.order = order >= 1 ? (size_t)order : 0,
		.reach = reach >= 1 ? (size_t)reach : 0,
	};
	dep->watched = pick_num(table, row, "watched") != 0;
	dep->trouble = dep->state == STATE_WARN || dep->state == STATE_CRIT ||
		       (dep->state == STATE_UNKNOWN && dep->verdict.len > 0);
}

static int
rank_of(const struct dep *dep)
{
	if (!dep->watched)
		return 4;
	switch (dep->state) {
	case STATE_CRIT:
		return 0;
	case STATE_WARN:
		return 1;
	case STATE_UNKNOWN:
		return 2;
	default:
		return dep->because_count > 0 ? 3 : 4;
	}
}

/* What is worst below each; a pass for every level. */
static void
rank_all(struct deps_view *view)
{
	bool more = true;

	for (size_t i = 0; i < view->count; i++)
		view->deps[i].rank = view->deps[i].worst =
		    rank_of(&view->deps[i]);
	while (more) {
		more = false;
		for (size_t i = 0; i < view->count; i++) {
			struct dep *dep = &view->deps[i];

			for (size_t n = 0; n < dep->need_count; n++) {
				int worst = view->deps[dep->needs[n]].worst;

				if (worst >= dep->worst)
					continue;
				dep->worst = worst;
				more = true;
			}
		}
	}
}

void
deps_view_init(struct deps_view *view, const struct panel_ctx *ctx)
{
	const struct table *table =
	    payload_table(pick_watched(ctx), "dependencies");

	*view = (struct deps_view) { .section = pick_watch(ctx) };
	view->arena = arena_new(DEPS_VIEW_MAX);
	if (table == NULL || view->arena == NULL)
		return;
	view->deps =
	    arena_array(view->arena, table->row_count, sizeof(*view->deps));
	if (view->deps == NULL)
		return;
	for (size_t r = 0; r < table->row_count; r++)
		read_row(&view->deps[r], table, r);
	view->count = table->row_count;
	for (size_t r = 0; r < view->count; r++) {
		struct dep *dep = &view->deps[r];

		dep->needs = read_names(view, dep->platform,
		    pick_text(table, r, "needs"), &dep->need_count);
		dep->because = read_names(view, dep->platform,
		    pick_text(table, r, "because"), &dep->because_count);
		for (size_t n = 0; n < dep->need_count; n++)
			view->deps[dep->needs[n]].needed = true;
	}
	rank_all(view);
}

void
deps_view_release(struct deps_view *view)
{
	view->arena = arena_free(view->arena);
	view->count = 0;
}

size_t
deps_needed_by(const struct deps_view *view, size_t i, size_t *out)
{
	bool *reached = mem_calloc(view->count, sizeof(*reached));
	bool more = true;
	size_t count = 0;

	if (reached == NULL)
		return 0;
	reached[i] = true;
	while (more) {
		more = false;
		for (size_t d = 0; d < view->count; d++) {
			const struct dep *dep = &view->deps[d];

			for (size_t n = 0; n < dep->need_count && !reached[d];
			     n++) {
				if (!reached[dep->needs[n]])
					continue;
				reached[d] = more = true;
				out[count++] = d;
			}
		}
	}
	mem_free(reached);
	return count;
}

static bool
has_panel(const char *name)
{
	for (size_t i = 0; panel_table[i] != NULL; i++) {
		if (strcmp(panel_table[i]->name, name) == 0)
			return true;
	}
	return false;
}

/* The panel that shows what sources of a type say. */
static const char *
panel_of_type(const char *type)
{
	static const char *const panels[][2] = { { "bullmq", "queues" },
		{ "postgres", "database" }, { "redis", "cache" } };

	for (size_t i = 0; i < ARRAY_LEN(panels); i++) {
		if (strcmp(panels[i][0], type) == 0 && has_panel(panels[i][1]))
			return panels[i][1];
	}
	return "sources";
}

void
deps_go(
    const struct dep *dep, const struct panel_ctx *ctx, struct panel_out *out)
{
	out->panel = "metrics";
	out->arg = dep->shown;
	if (dep->source.len == 0)
		return;
	out->panel = "sources";
	out->arg = dep->source;
	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL ||
		    !text_eq(text_lit(section->name), dep->source) ||
		    !text_eq(text_lit(section->platform), dep->platform))
			continue;
		out->panel = panel_of_type(section->type);
		out->arg = strcmp(out->panel, "sources") == 0
			       ? text_lit(section->key)
			       : dep->shown;
	}
}
