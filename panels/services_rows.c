#include "panels/services_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/platform.h"
#include "panels/box.h"
#include "panels/pick.h"

enum service_column {
	COL_NAME,
	COL_STATE,
	COL_VERSION,
	COL_UP,
	COL_DETAIL,
	COL_RESTARTS,
	COL_CPU,
	COL_MEMORY,
	COL_INSTANCES,
	COL_REQUESTS,
	COL_ERRORS,
	COL_P95,
	COL_COUNT,
};

/* Columns of the tables; one more of both is a row here and below. */
static const char *const cells[COL_COUNT] = {
	[COL_NAME] = "name",
	[COL_STATE] = "state",
	[COL_VERSION] = "version",
	[COL_UP] = "since",
	[COL_DETAIL] = "detail",
	[COL_RESTARTS] = "restarts",
	[COL_CPU] = "cpu",
	[COL_MEMORY] = "memory",
	[COL_INSTANCES] = "instances",
	[COL_REQUESTS] = "requests",
	[COL_ERRORS] = "errors",
	[COL_P95] = "p95",
};

const struct list_column services_columns[] = {
	[COL_NAME] = { TEXT_INIT("name"), 14, 20, 0, false },
	[COL_STATE] = { TEXT_INIT("state"), 12, 14, 0, false },
	[COL_VERSION] = { TEXT_INIT("version"), 9, 12, 2, false },
	[COL_UP] = { TEXT_INIT("up"), 6, 8, 3, true },
	[COL_DETAIL] = { TEXT_INIT("detail"), 18, 0, 4, false },
	[COL_RESTARTS] = { TEXT_INIT("restarts"), 8, 8, 5, true },
	[COL_CPU] = { TEXT_INIT("cpu"), 6, 7, 7, true },
	[COL_MEMORY] = { TEXT_INIT("memory"), 8, 9, 8, true },
	[COL_INSTANCES] = { TEXT_INIT("instances"), 9, 11, 9, true },
	[COL_REQUESTS] = { TEXT_INIT("requests"), 8, 9, 11, true },
	[COL_ERRORS] = { TEXT_INIT("errors"), 6, 8, 6, true },
	[COL_P95] = { TEXT_INIT("p95"), 6, 8, 10, true },
};
const size_t services_column_count = COL_COUNT;

bool
service_is_stale(const struct service *service)
{
	return service->part_count > 0 && service->fresh_count == 0;
}

bool
service_is_subject(const struct service *service, const struct event *event)
{
	if (text_eq(event->subject, service->name) ||
	    (service->called.len > 0 &&
		text_eq(event->subject, service->called)))
		return true;
	for (size_t i = 0; i < service->part_count; i++) {
		if (text_eq(event->subject,
			text_lit(service->parts[i].section->name)))
			return true;
	}
	return false;
}

/* The service of that name, made when it is new; NULL: there is no room. */
static struct service *
find_service(struct services_rows *rows, size_t most, struct text platform,
    struct text name)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct service *service = &rows->services[i];

		if (text_eq(service->name, name) &&
		    text_eq(service->platform, platform))
			return service;
	}
	if (rows->count == most || name.len == 0)
		return NULL;
	rows->services[rows->count] = (struct service) {
		.name = name,
		.platform = platform,
	};
	return &rows->services[rows->count++];
}

/*
 * A row without a state of its own is as well as its source: that is the
 * service. Of the others nothing is known while the source is silent.
 */
static enum state
part_state(const struct table_ref *ref, int64_t now)
{
	if (table_column(ref->table, "state") < 0)
		return pick_section_state(ref->section, now);
	if (section_freshness(ref->section, now) != FRESH_OK)
		return STATE_UNKNOWN;
	return ref->table->rows[ref->row].state;
}

static void
add_part(struct services_rows *rows, size_t most, const struct table_ref *ref)
{
	struct text name = pick_text(ref->table, ref->row, "name");
	struct service *service =
	    find_service(rows, most, text_lit(ref->section->platform),
		name.len > 0 ? name : ref->table->rows[ref->row].key);
	enum state state = part_state(ref, rows->ctx->now);

	if (service == NULL || service->part_count == SERVICE_PARTS_MAX)
		return;
	service->told = service->part_count == 0
			    ? state
			    : state_worst(service->told, state);
	service->state = service->told;
	service->parts[service->part_count++] = *ref;
	if (section_freshness(ref->section, rows->ctx->now) == FRESH_OK) {
		service->parts[service->part_count - 1] =
		    service->parts[service->fresh_count];
		service->parts[service->fresh_count++] = *ref;
	}
	if (rows->oldest == NULL ||
	    ref->section->good_at < rows->oldest->good_at)
		rows->oldest = ref->section;
}

/* The rows of all tables, at most LIST_ROWS_MAX. */
static size_t
count_rows(const struct services_rows *rows)
{
	const struct section *section;
	const struct table *table;
	size_t n = rows->deps.count;

	for (size_t t = 0;
	     pick_table(rows->ctx, "services", t, &section, &table); t++)
		n += table->row_count;
	return n < LIST_ROWS_MAX ? n : LIST_ROWS_MAX;
}

static void
add_tables(struct services_rows *rows, size_t most)
{
	for (size_t slot = 0; slot < pick_source_count(rows->ctx); slot++) {
		const struct section *section = pick_source(rows->ctx, slot);
		const struct table *table =
		    section != NULL
			? payload_table(section->payload, "services")
			: NULL;

		for (size_t r = 0; table != NULL && r < table->row_count; r++)
			add_part(rows, most,
			    &(struct table_ref) {
				.section = section,
				.table = table,
				.row = r,
				.slot = slot,
			    });
	}
}

/* What services that are told of use, from whoever measures that. */
static void
add_uses(struct services_rows *rows)
{
	for (size_t slot = 0; slot < pick_source_count(rows->ctx); slot++) {
		const struct section *section = pick_source(rows->ctx, slot);
		const struct table *table =
		    section != NULL ? payload_table(section->payload, "use")
				    : NULL;

		for (size_t r = 0; table != NULL && r < table->row_count; r++) {
			struct service *service = find_service(rows,
			    rows->count, text_lit(section->platform),
			    table->rows[r].key);

			if (service != NULL)
				service->use = (struct table_ref) {
					.section = section,
					.table = table,
					.row = r,
					.slot = slot,
				};
		}
	}
}

/* What the configuration says of a node. */
static const struct depend_node *
node_of(const struct services_rows *rows, const struct dep *dep)
{
	for (size_t p = 0; p < rows->ctx->platform_count; p++) {
		const struct platform *platform = rows->ctx->platforms[p];

		if (!text_eq(text_lit(platform->name), dep->platform))
			continue;
		for (size_t i = 0; i < platform->node_count; i++) {
			if (text_eq(
				text_lit(platform->nodes[i].name), dep->name))
				return &platform->nodes[i];
		}
	}
	return NULL;
}

/* Whether it is told of in the row that look looks at. */
static bool
is_looked_at(const struct service *service, const struct look_def *look)
{
	for (size_t i = 0; i < service->part_count; i++) {
		const struct table_ref *part = &service->parts[i];

		if (strcmp(part->section->name, look->source) == 0 &&
		    text_eq(
			part->table->rows[part->row].key, text_lit(look->name)))
			return true;
	}
	return false;
}

/* The service by whose row a node is judged; NULL: there is none. */
static struct service *
find_judged(struct services_rows *rows, const struct dep *dep)
{
	const struct depend_node *node = node_of(rows, dep);

	for (size_t l = 0; node != NULL && l < node->look_count; l++) {
		const struct look_def *look = &node->looks[l];

		for (size_t i = 0; i < rows->count; i++) {
			struct service *service = &rows->services[i];

			if (look->kind == LOOK_ROW && look->source != NULL &&
			    service->dep == NULL &&
			    text_eq(service->platform, dep->platform) &&
			    is_looked_at(service, look))
				return service;
		}
	}
	return NULL;
}

/* The service that a node stands for, made when only the node is there. */
static struct service *
service_of(struct services_rows *rows, size_t most, const struct dep *dep)
{
	struct service *service =
	    find_service(rows, rows->count, dep->platform, dep->name);

	if (service != NULL || !dep->watched ||
	    !text_eq(dep->kind, TEXT("service")))
		return service;
	service = find_judged(rows, dep);
	if (service == NULL)
		return find_service(rows, most, dep->platform, dep->name);
	service->called = service->name;
	service->name = dep->name;
	return service;
}

/*
 * Nodes of `services:`, and those that are called like a service which a
 * source tells of.
 */
static void
add_nodes(struct services_rows *rows, size_t most)
{
	for (size_t i = 0; i < rows->deps.count; i++) {
		const struct dep *dep = &rows->deps.deps[i];
		struct service *service = service_of(rows, most, dep);

		if (service == NULL || !dep->watched)
			continue;
		service->state = service->part_count == 0
				     ? dep->state
				     : state_worst(service->state, dep->state);
		service->dep = dep;
	}
}

static void
name_keys(struct services_rows *rows)
{
	for (size_t i = 1; i < rows->count; i++) {
		if (!text_eq(
			rows->services[i].platform, rows->services[0].platform))
			rows->platforms = 2;
	}
	for (size_t i = 0; i < rows->count; i++) {
		struct service *service = &rows->services[i];
		const struct text parts[] = { service->platform, TEXT("/"),
			service->name };

		service->place = i;
		service->key = rows->platforms > 1
				   ? text_join(rows->deps.arena, parts, 3)
				   : service->name;
	}
}

/* Worst first, else as they came. */
static int
service_compare(const void *a, const void *b)
{
	const struct service *x = a, *y = b;
	int order = state_badness(y->state) - state_badness(x->state);

	return order != 0 ? order : x->place < y->place ? -1 : 1;
}

void
services_rows_init(struct services_rows *rows, const struct panel_ctx *ctx)
{
	size_t most;

	*rows = (struct services_rows) { .ctx = ctx, .platforms = 1 };
	deps_view_init(&rows->deps, ctx);
	if (rows->deps.arena == NULL)
		return;
	most = count_rows(rows);
	rows->services =
	    arena_array(rows->deps.arena, most + 1, sizeof(*rows->services));
	if (rows->services == NULL)
		return;
	add_tables(rows, most);
	add_uses(rows);
	add_nodes(rows, most);
	name_keys(rows);
	qsort(rows->services, rows->count, sizeof(*rows->services),
	    service_compare);
}

void
services_rows_release(struct services_rows *rows)
{
	deps_view_release(&rows->deps);
	rows->count = 0;
}

/* The column in one table when its cell holds something; else -1. */
static int
find_in(const struct table_ref *ref, const char *column)
{
	int c = table_column(ref->table, column);
	const struct table_cell *cell;

	if (c < 0)
		return -1;
	cell = &ref->table->rows[ref->row].cells[c];
	return cell->text.len > 0 || isfinite(cell->num) ? c : -1;
}

/*
 * The first part whose cell holds something; -1: none does. Old values stand
 * only in rows that are dimmed as a whole.
 */
static int
find_cell(const struct services_rows *rows, const struct service *service,
    const char *column, const struct table_ref **ret)
{
	size_t count = service->fresh_count > 0 ? service->fresh_count
						: service->part_count;
	const struct section *use = service->use.section;

	for (size_t i = 0; i < count; i++) {
		int c = find_in(&service->parts[i], column);

		*ret = &service->parts[i];
		if (c >= 0)
			return c;
	}
	*ret = &service->use;
	if (use == NULL ||
	    (service->fresh_count > 0 &&
		section_freshness(use, rows->ctx->now) != FRESH_OK))
		return -1;
	return find_in(&service->use, column);
}

/* Sign and word: that of the source when it is as bad as the whole. */
static void
put_service_state(struct text_buf *out, const struct services_rows *rows,
    const struct service *service)
{
	const struct table_ref *ref = NULL;
	int c = find_cell(rows, service, "state", &ref);
	struct text word;

	word = c >= 0 ? ref->table->rows[ref->row].cells[c].text : TEXT_EMPTY;
	if (word.len == 0 ||
	    ref->table->rows[ref->row].state != service->state) {
		put_state(out, service->state);
		return;
	}
	if (service->state != STATE_OK) {
		tb_text(out, state_sign(service->state));
		tb_lit(out, " ");
	}
	tb_text(out, word);
}

void
services_detail(const struct services_rows *rows, const struct service *service,
    struct text_buf *out)
{
	const struct table_ref *ref = NULL;
	const struct dep *dep = service->dep;
	int c;

	/* The words of whoever says the worst. */
	if (dep != NULL && dep->state != STATE_OK && dep->detail.len > 0 &&
	    (service->fresh_count == 0 ||
		(dep->state != service->told &&
		    state_worst(dep->state, service->told) == dep->state))) {
		tb_text(out, dep->detail);
		return;
	}
	c = find_cell(rows, service, "detail", &ref);
	if (c >= 0)
		tb_text(out, ref->table->rows[ref->row].cells[c].text);
	else if (dep != NULL)
		tb_text(out, dep->detail);
}

static double
service_num(const struct services_rows *rows, const struct service *service,
    const char *column)
{
	const struct table_ref *ref = NULL;
	int c = find_cell(rows, service, column, &ref);

	return c >= 0 ? ref->table->rows[ref->row].cells[c].num : NAN;
}

void
services_rows_cell(const struct services_rows *rows,
    const struct service *service, size_t column, struct text_buf *out)
{
	const struct table_ref *ref = NULL;
	double most;
	int c;

	switch ((enum service_column)column) {
	case COL_NAME:
		tb_text(out, service->key);
		return;
	case COL_STATE:
		put_service_state(out, rows, service);
		return;
	case COL_DETAIL:
		services_detail(rows, service, out);
		return;
	case COL_UP:
		when_age(out, rows->ctx, service_num(rows, service, "since"));
		return;
	default:
		break;
	}
	c = find_cell(rows, service, cells[column], &ref);
	if (c >= 0)
		put_cell(out, rows->ctx, ref->table, ref->row, (size_t)c);
	else
		tb_num(out, NAN, NUM_NONE);
	/* Of how many that there may be. */
	most = column == COL_INSTANCES && c >= 0
		   ? service_num(rows, service, "max")
		   : NAN;
	if (isfinite(most)) {
		tb_lit(out, " of ");
		tb_num(out, most, NUM_COUNT);
	}
}

static const struct service *
service_at(const void *ctx, size_t row)
{
	return &((const struct services_rows *)ctx)->services[row];
}

static struct text
row_key(const void *ctx, size_t row)
{
	return service_at(ctx, row)->key;
}

static enum state
row_state(const void *ctx, size_t row)
{
	return service_at(ctx, row)->state;
}

static bool
row_stale(const void *ctx, size_t row)
{
	return service_is_stale(service_at(ctx, row));
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	services_rows_cell(ctx, service_at(ctx, row), column, out);
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	switch ((enum service_column)column) {
	case COL_NAME:
	case COL_VERSION:
	case COL_DETAIL:
		return NAN;
	case COL_STATE:
		return state_badness(service_at(ctx, row)->state);
	default:
		return service_num(ctx, service_at(ctx, row), cells[column]);
	}
}

/* Whether any service has something to show there. */
static bool
column_is_used(const struct services_rows *rows, size_t column)
{
	const struct table_ref *ref = NULL;

	if (column == COL_NAME || column == COL_STATE || column == COL_DETAIL)
		return true;
	for (size_t i = 0; i < rows->count; i++) {
		if (find_cell(rows, &rows->services[i], cells[column], &ref) >=
		    0)
			return true;
	}
	return false;
}

struct list_data
services_rows_data(struct services_rows *rows)
{
	for (size_t c = 0; c < COL_COUNT; c++) {
		rows->columns[c] = services_columns[c];
		if (column_is_used(rows, c))
			continue;
		/* Wider than any screen and least important: left out. */
		rows->columns[c].rank = COL_COUNT;
		rows->columns[c].min_w = CANVAS_W_MAX;
	}
	return (struct list_data) {
		.ctx = rows,
		.count = rows->count,
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.stale = row_stale,
		.columns = rows->columns,
		.column_count = services_column_count,
		.state_column = COL_STATE,
	};
}
