/* One row large: how bad, since when, what could be done, all it says. */
#include <math.h>
#include <string.h>

#include "panels/box.h"
#include "panels/database_impl.h"
#include "panels/pick.h"

enum {
	RELATED_MAX = 12,  /* sessions that are listed as blocked */
	LONG_QUERY_S = 60, /* longer ones deserve a look at their plan */
};

/* The session that a row of sessions or locks is about. */
static bool
find_session(const struct table_ref *ref, struct table_ref *ret_session)
{
	const struct table *table =
	    payload_table(ref->section->payload, "sessions");
	double pid = ref_num(ref, "pid");

	if (table == NULL || table_column(ref->table, "blocks") < 0)
		return false;
	for (size_t r = 0; r < table->row_count; r++) {
		if (pick_num(table, r, "pid") != pid)
			continue;
		*ret_session = *ref;
		ret_session->table = table;
		ret_session->row = r;
		return true;
	}
	return false;
}

/* Whether "123, 456 and 9 more" names the pid. */
static bool
names_pid(struct text list, double pid)
{
	static const char rest[] = " and ";
	size_t at = 0;

	while (at < list.len && strncmp(list.s + at, rest, 5) != 0) {
		double number = 0;
		bool digits = false;

		for (; at < list.len && list.s[at] >= '0' && list.s[at] <= '9';
		     at++) {
			number = number * 10 + (list.s[at] - '0');
			digits = true;
		}
		if (digits && number == pid)
			return true;
		at += !digits;
	}
	return false;
}

static bool
is_kind(const struct table_ref *session, const char *kind)
{
	return text_eq(ref_text(session, "kind"), text_lit(kind));
}

/* "4712  4m12s  waits for 4711  jobs (api)  select ..." */
static void
page_related(struct page *page, const struct table_ref *session)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_fmt(&tb, "%.0f", ref_num(session, "pid"));
	tb_pad(&tb, 9);
	put_seconds(&tb, database_doing_s(session));
	tb_pad(&tb, 17);
	database_put_doing(&tb, session);
	tb_pad(&tb, 36);
	tb_lit(&tb, "  ");
	database_put_who(&tb, session);
	tb_lit(&tb, "  ");
	tb_text(&tb, ref_text(session, "query"));
	page_row(page, 2, tb_end(&tb), ROLE_TEXT);
}

/* Who it waits for, then who waits for it, each once. */
static void
page_relations(struct page *page, const struct table_ref *session)
{
	const struct table *table = session->table;
	double pid = ref_num(session, "pid");
	struct text by = ref_text(session, "blocked_by");
	size_t shown = 0, left = 0;

	for (size_t r = 0; by.len > 0 && r < table->row_count; r++) {
		struct table_ref other = *session;

		other.row = r;
		if (!names_pid(by, ref_num(&other, "pid")))
			continue;
		if (shown++ == 0) {
			page_gap(page);
			page_title(page, TEXT("it waits for"));
		}
		page_related(page, &other);
	}
	shown = 0;
	for (size_t r = 0; r < table->row_count; r++) {
		struct table_ref other = *session;

		other.row = r;
		if (!names_pid(ref_text(&other, "blocked_by"), pid))
			continue;
		if (shown == RELATED_MAX) {
			left++;
			continue;
		}
		if (shown++ == 0) {
			page_gap(page);
			page_title(page, TEXT("waits for it directly"));
		}
		page_related(page, &other);
	}
	if (left > 0) {
		struct text_buf tb;

		tb_init(&tb);
		tb_fmt(&tb, "and %zu more", left);
		page_row(page, 2, tb_end(&tb), ROLE_DIM);
	}
}

/* In one line: what it does to others, what it waits for, how long. */
static void
page_verdict(struct page *page, const struct table_ref *session)
{
	enum state state = session->table->rows[session->row].state;
	double blocks = ref_num(session, "blocks");
	struct text by = ref_text(session, "blocked_by");
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, state_sign(state));
	tb_pad(&tb, 3);
	if (blocks > 0) {
		tb_lit(&tb, "blocks ");
		tb_num(&tb, blocks, NUM_COUNT);
		tb_text(&tb,
		    blocks == 1 ? TEXT(" session, ") : TEXT(" sessions, "));
	}
	if (by.len > 0) {
		tb_lit(&tb, "waits for ");
		tb_text(&tb, by);
	} else if (is_kind(session, "idle in tx")) {
		tb_lit(&tb, "idle in an open transaction");
	} else {
		tb_text(&tb, ref_text(session, "kind"));
	}
	tb_lit(&tb, " for ");
	put_seconds(&tb, database_doing_s(session));
	page_row(page, 0, tb_end(&tb), state_role(state));
}

/* What could be done next; the statements are there to be copied. */
static void
page_advice(struct page *page, const struct table_ref *session)
{
	double blocks = ref_num(session, "blocks");
	double doing = database_doing_s(session);
	const char *words = "nothing: it is doing its work";
	const char *call = NULL;
	struct text_buf tb;

	if (ref_text(session, "blocked_by").len > 0) {
		words = "it is not the cause: look at what it waits for";
	} else if (is_kind(session, "idle in tx")) {
		words = blocks > 0
			    ? "it holds locks while its client does nothing: "
			      "ask who runs that client, or end the session:"
			    : "an open transaction holds its locks and keeps "
			      "vacuum from its work; if it stays, end it:";
		call = "pg_terminate_backend";
	} else if (blocks > 0) {
		words = "others wait until it is done: let it end, or cancel "
			"what it runs (it is rolled back):";
		call = "pg_cancel_backend";
	} else if (is_kind(session, "running") && doing >= LONG_QUERY_S) {
		words = "EXPLAIN its query to see why it takes long; to "
			"cancel it:";
		call = "pg_cancel_backend";
	} else if (is_kind(session, "idle")) {
		words = "nothing: it waits for its client and holds a "
			"connection only";
	}
	page_text(page, TEXT("next"), text_lit(words), ROLE_TEXT);
	if (call == NULL)
		return;
	tb_init(&tb);
	tb_fmt(&tb, "select %s(%.0f);", call, ref_num(session, "pid"));
	page_row(page, PAGE_LABEL_W, tb_end(&tb), ROLE_MATCH);
}

void
database_detail(
    struct page *page, const struct panel_ctx *ctx, const struct table_ref *ref)
{
	struct table_ref session;
	bool is_session = find_session(ref, &session);
	struct text query = ref_text(is_session ? &session : ref, "query");

	if (is_session) {
		page_verdict(page, &session);
		page_advice(page, &session);
		page_relations(page, &session);
		page_gap(page);
	}
	if (query.len > 0)
		page_text(page, TEXT("query"), query, ROLE_TEXT);
	page_gap(page);
	page_record(page, ctx, is_session ? &session : ref, "query");
	if (is_session && ref->table != session.table) {
		page_gap(page);
		page_fact(
		    page, TEXT("wants"), ref_text(ref, "mode"), ROLE_TEXT);
		page_fact(
		    page, TEXT("of"), ref_text(ref, "relation"), ROLE_TEXT);
		page_end(page);
	}
}

void
database_title(struct text_buf *out, const struct panel_ctx *ctx,
    const struct table_ref *ref)
{
	struct table_ref session;

	(void)ctx;
	if (find_session(ref, &session)) {
		tb_fmt(out, "session %.0f  ", ref_num(ref, "pid"));
		database_put_who(out, &session);
		return;
	}
	tb_text(out, ref->table->name);
	tb_lit(out, "  ");
	tb_text(out, ref->table->rows[ref->row].key);
}
