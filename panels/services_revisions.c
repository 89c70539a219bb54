#include "panels/services_revisions.h"

#include <math.h>

#include "panels/box.h"
#include "panels/pick.h"
#include "panels/table.h"

enum {
	REVISIONS_BRIEF = 3, /* below the list: the one before is among them */
	REVISIONS_ALL = 10   /* of a service that is opened */
};

/* "vistralai-00043-rcg  100 %  2m29s  ready  1.5.0 by ada". */
static void
page_revision(struct page *page, const struct services_rows *rows,
    const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;
	double traffic = ref_num(ref, "traffic");
	bool serves = traffic > 0;
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, ref_text(ref, "revision"));
	tb_lit(&tb, "  ");
	if (serves) {
		tb_num(&tb, traffic, NUM_PERCENT);
		tb_lit(&tb, "  ");
	}
	when_age(&tb, rows->ctx, ref_num(ref, "created"));
	tb_lit(&tb, " old  ");
	tb_text(&tb, ref_text(ref, "state"));
	tb_lit(&tb, "  ");
	tb_text(&tb, ref_text(ref, "version"));
	if (ref_text(ref, "who").len > 0) {
		tb_lit(&tb, "  by ");
		tb_text(&tb, ref_text(ref, "who"));
	}
	page_row(page, 2, tb_end(&tb),
	    section_freshness(ref->section, rows->ctx->now) != FRESH_OK
		? ROLE_STALE
	    : state != STATE_OK ? state_role(state)
	    : serves		? ROLE_TEXT
				: ROLE_DIM);
}

/* At most so many of them, in Google's order: the newest first. */
static size_t
page_revisions(struct page *page, const struct services_rows *rows,
    const struct service *service, size_t most)
{
	struct text name =
	    service->called.len > 0 ? service->called : service->name;
	struct table_ref ref = { .section = NULL };
	size_t n = 0;

	for (size_t t = 0;
	     pick_table(rows->ctx, "revisions", t, &ref.section, &ref.table);
	     t++) {
		if (!text_eq(
			text_lit(ref.section->platform), service->platform))
			continue;
		for (ref.row = 0; ref.row < ref.table->row_count && n < most;
		     ref.row++) {
			if (!text_eq(name, ref_text(&ref, "service")))
				continue;
			n++;
			if (page != NULL)
				page_revision(page, rows, &ref);
		}
	}
	return n;
}

void
services_revisions_brief(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	page_revisions(page, rows, service, REVISIONS_BRIEF);
}

void
services_revisions_all(struct page *page, const struct services_rows *rows,
    const struct service *service)
{
	if (page_revisions(NULL, rows, service, 1) == 0)
		return;
	page_gap(page);
	page_title(page, TEXT("revisions"));
	page_revisions(page, rows, service, REVISIONS_ALL);
}
