/* Rows of the log list: lines, and runs of the same line folded into one. */
#include "panels/logs_impl.h"

static bool
match_of(const struct logs_view *view, uint64_t n, struct logmatch *ret)
{
	return logview_copy(view->lines, n, ret, 1) == 1;
}

/* Number of the first line of the run that n, at place run, is in. */
static uint64_t
run_head(const struct logs_view *view, uint64_t n, uint32_t run)
{
	struct logview_status st;

	logview_status(view->lines, &st);
	return n - st.first < run ? st.first : n - run;
}

static bool
is_open(const struct logs_view *view, uint64_t head)
{
	return view->open_run == head + 1;
}

struct logs_item
logs_item_of(const struct logs_view *view, uint64_t n)
{
	struct logs_item item = { .n = n };
	struct logmatch match;
	uint64_t head;

	if (!match_of(view, n, &match) || match.run == 0)
		return item;
	head = run_head(view, n, match.run);
	if (head == n || is_open(view, head))
		return item;
	/* A fold of one would hide a line and save no row. */
	if (logview_run_end(view->lines, n) == head + 1)
		return item;
	return (struct logs_item) { .n = head, .fold = true };
}

bool
logs_item_last(const struct logs_view *view, struct logs_item *ret_item)
{
	struct logview_status st;

	logview_status(view->lines, &st);
	if (st.first == st.next)
		return false;
	*ret_item = logs_item_of(view, st.next - 1);
	return true;
}

bool
logs_item_next(const struct logs_view *view, struct logs_item *item)
{
	struct logmatch match;
	uint64_t n = item->n;

	if (item->fold)
		n = logview_run_end(view->lines, n);
	if (!match_of(view, n + 1, &match))
		return false;
	*item = logs_item_of(view, n + 1);
	return true;
}

bool
logs_item_prev(const struct logs_view *view, struct logs_item *item)
{
	struct logview_status st;

	if (item->fold) {
		item->fold = false;
		return true;
	}
	logview_status(view->lines, &st);
	if (item->n <= st.first)
		return false;
	*item = logs_item_of(view, item->n - 1);
	return true;
}

bool
logs_item_line(const struct logs_view *view, const struct panel_ctx *ctx,
    const struct logs_item *item, struct arena *arena,
    struct log_line *ret_line, struct logmatch *ret_match)
{
	uint64_t n = item->n;

	if (item->fold)
		n = logview_run_end(view->lines, n);
	if (!match_of(view, n, ret_match))
		return false;
	return logstore_copy(ctx->logs, ret_match->seq, ret_line, 1, arena) ==
		   1 &&
	       ret_line->seq == ret_match->seq;
}
