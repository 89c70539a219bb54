#include "panels/services_slos.h"

#include <math.h>
#include <string.h>

#include "panels/box.h"
#include "panels/pick.h"
#include "panels/table.h"

/* Called with each objective of a service. */
typedef void slo_fn(struct page *page, const struct services_rows *rows,
    const struct table_ref *ref);

/* "europe-west1/web" is the service "web", of which objectives are. */
static bool
is_of(struct text service, struct text of)
{
	if (text_eq(service, of))
		return true;
	return service.len > of.len && of.len > 0 &&
	       service.s[service.len - of.len - 1] == '/' &&
	       memcmp(service.s + service.len - of.len, of.s, of.len) == 0;
}

static void
each_slo(struct page *page, const struct services_rows *rows,
    const struct service *service, slo_fn *fn)
{
	struct text name =
	    service->called.len > 0 ? service->called : service->name;
	struct table_ref ref = { .section = NULL };

	for (size_t t = 0;
	     pick_table(rows->ctx, "slos", t, &ref.section, &ref.table); t++) {
		for (ref.row = 0; ref.row < ref.table->row_count; ref.row++) {
			if (text_eq(text_lit(ref.section->platform),
				service->platform) &&
			    is_of(name, ref_text(&ref, "service")))
				fn(page, rows, &ref);
		}
	}
}

static enum role
slo_role(const struct services_rows *rows, const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;

	if (section_freshness(ref->section, rows->ctx->now) != FRESH_OK)
		return ROLE_STALE;
	return state == STATE_OK ? ROLE_TEXT : state_role(state);
}

/* "✓ availability  99.5 % of 99 % in 1 day, 50 % of the budget left". */
static void
slo_brief(struct page *page, const struct services_rows *rows,
    const struct table_ref *ref)
{
	struct text detail = ref_text(ref, "detail");
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, state_sign(ref->table->rows[ref->row].state));
	tb_lit(&tb, " ");
	tb_text(&tb, ref_text(ref, "slo"));
	tb_lit(&tb, "  ");
	if (isfinite(ref_num(ref, "budget_left"))) {
		tb_num(&tb, ref_num(ref, "compliance"), NUM_PERCENT);
		tb_lit(&tb, " of ");
		tb_num(&tb, ref_num(ref, "goal"), NUM_PERCENT);
		tb_lit(&tb, " in ");
		tb_text(&tb, ref_text(ref, "period"));
		if (ref_num(ref, "budget_left") > 0) {
			tb_lit(&tb, ", ");
			tb_num(&tb, ref_num(ref, "budget_left"), NUM_PERCENT);
			tb_lit(&tb, " of the budget left");
		}
		if (detail.len > 0)
			tb_lit(&tb, ", ");
	}
	tb_text(&tb, detail);
	page_row(page, 2, tb_end(&tb), slo_role(rows, ref));
}

/* The same, and how fast the budget goes: "burn rate  1h 14.4  6h 1". */
static void
slo_whole(struct page *page, const struct services_rows *rows,
    const struct table_ref *ref)
{
	const struct table *table = ref->table;
	struct text_buf tb;

	slo_brief(page, rows, ref);
	tb_init(&tb);
	tb_lit(&tb, "burn rate");
	for (size_t c = 0; c < table->column_count; c++) {
		struct text name = table->columns[c].name;

		if (name.len < 6 || memcmp(name.s, "burn_", 5) != 0)
			continue;
		tb_fmt(&tb, "  %.*s ", (int)name.len - 5, name.s + 5);
		tb_num(&tb, table->rows[ref->row].cells[c].num, NUM_NONE);
	}
	tb_lit(&tb, "  (1: it lasts just the period)");
	page_row(page, 4, tb_end(&tb), ROLE_DIM);
}

static void
count_slo(struct page *page, const struct services_rows *rows,
    const struct table_ref *ref)
{
	(void)rows;
	(void)ref;
	page->y++;
}

void
services_slos_brief(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	each_slo(page, rows, service, slo_brief);
}

void
services_slos_all(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	struct page none = { .canvas = NULL };

	each_slo(&none, rows, service, count_slo);
	if (none.y == 0)
		return;
	page_gap(page);
	page_title(page, TEXT("objectives"));
	each_slo(page, rows, service, slo_whole);
}
