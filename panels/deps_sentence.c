/* What is most likely the root of the trouble, in one sentence. */
#include "panels/deps_view.h"

#include <math.h>

#include "base/alloc.h"
#include "model/limits.h"
#include "model/state.h"
#include "panels/box.h"
#include "panels/pick.h"

enum {
	NAMES_MAX = 3 /* that a sentence bears */
};

/* Nodes of one platform, by the part that they have in the trouble. */
struct parts {
	size_t count;	 /* nodes in all */
	size_t troubled; /* of them */
	size_t absent;	 /* nothing here tells of them; not counted else */
	enum state worst;
	struct names {
		size_t at[DEPEND_NODES_MAX];
		size_t count;
	} first, later, follow, with, risk, doubt;
};

static void
name_add(struct names *names, size_t i)
{
	if (names->count < DEPEND_NODES_MAX)
		names->at[names->count++] = i;
}

/* Whether b certainly went bad after a. */
static bool
is_after(const struct dep *a, const struct dep *b)
{
	return isfinite(b->about_s) && isfinite(a->since_ms) &&
	       b->since_ms - b->about_s * 1000 >= a->since_ms;
}

/* Whether it went bad after all that it has its trouble from. */
static bool
follows(const struct deps_view *view, const struct dep *dep)
{
	for (size_t n = 0; n < dep->because_count; n++) {
		if (!is_after(&view->deps[dep->because[n]], dep))
			return false;
	}
	return true;
}

static void
parts_sort(
    struct parts *parts, const struct deps_view *view, struct text platform)
{
	*parts = (struct parts) { .worst = STATE_OK };
	for (size_t i = 0; i < view->count; i++) {
		const struct dep *dep = &view->deps[i];

		if (!text_eq(dep->platform, platform))
			continue;
		parts->absent += !dep->watched;
		if (!dep->watched)
			continue;
		parts->count++;
		parts->troubled += dep->trouble;
		parts->worst = state_worst(parts->worst, dep->state);
		if (dep->order == 1)
			name_add(&parts->first, i);
		else if (dep->order > 1)
			name_add(&parts->later, i);
		else if (dep->trouble)
			name_add(
			    follows(view, dep) ? &parts->follow : &parts->with,
			    i);
		else if (dep->state == STATE_UNKNOWN)
			name_add(&parts->doubt, i);
		else if (dep->because_count > 0)
			name_add(&parts->risk, i);
	}
}

/* "a", "a and b", "a, b, c and 4 more" */
static void
put_names(struct text_buf *tb, const struct deps_view *view,
    const struct names *names)
{
	for (size_t n = 0; n < names->count; n++) {
		bool last = n + 1 == names->count;

		if (n == NAMES_MAX) {
			tb_fmt(tb, " and %zu more", names->count - n);
			return;
		}
		if (n > 0)
			tb_text(tb, last ? TEXT(" and ") : TEXT(", "));
		tb_text(tb, view->deps[names->at[n]].name);
	}
}

/* " (14:01:10)", or nothing when that is not known. */
static void
put_when(struct text_buf *tb, const struct panel_ctx *ctx, double wall_ms)
{
	if (!isfinite(wall_ms))
		return;
	tb_lit(tb, " (");
	when_clock(tb, ctx, (int64_t)wall_ms);
	tb_lit(tb, ")");
}

/* When the first of them was seen bad; NaN: before sevtop looked. */
static double
first_when(const struct deps_view *view, const struct names *names)
{
	double first = INFINITY;

	for (size_t n = 0; n < names->count; n++) {
		const struct dep *dep = &view->deps[names->at[n]];

		if (isnan(dep->since_ms) ||
		    (isnan(dep->about_s) && dep->state != STATE_UNKNOWN))
			return NAN;
		first = fmin(first, dep->since_ms);
	}
	return first;
}

/* Who went bad first, and when. */
static void
put_first(struct text_buf *tb, const struct deps_view *view,
    const struct panel_ctx *ctx, const struct parts *parts)
{
	double when = first_when(view, &parts->first);
	bool one = parts->first.count == 1;

	put_names(tb, view, &parts->first);
	if (isnan(when)) {
		tb_text(tb, one ? TEXT(" was") : TEXT(" were"));
		tb_lit(tb, " bad already when sevtop began to look");
	} else if (!one) {
		tb_lit(tb, " went bad at about the same time");
		put_when(tb, ctx, when);
	} else if (parts->follow.count + parts->later.count > 0) {
		tb_lit(tb, " went bad first");
		put_when(tb, ctx, when);
	} else {
		tb_text(tb, parts->troubled == 1 ? TEXT(" is bad since ")
						 : TEXT(" went bad at about "));
		when_clock(tb, ctx, (int64_t)when);
	}
}

/* Whether all that node i needs is well, and it needs something. */
static bool
needs_are_fine(const struct deps_view *view, size_t i)
{
	const struct dep *dep = &view->deps[i];

	for (size_t n = 0; n < dep->need_count; n++) {
		if (view->deps[dep->needs[n]].state != STATE_OK)
			return false;
	}
	return dep->need_count > 0;
}

static void
put_trouble(struct text_buf *tb, const struct deps_view *view,
    const struct panel_ctx *ctx, const struct parts *parts)
{
	bool one = parts->first.count == 1;

	put_first(tb, view, ctx, parts);
	if (parts->follow.count > 0) {
		tb_lit(tb, ", ");
		put_names(tb, view, &parts->follow);
		tb_text(tb, parts->follow.count == 1 ? TEXT(" follows")
						     : TEXT(" follow"));
	}
	if (parts->with.count > 0) {
		tb_text(tb,
		    one ? TEXT(", and with it ") : TEXT(", and with them "));
		put_names(tb, view, &parts->with);
	}
	if (one && parts->follow.count + parts->with.count == 0 &&
	    needs_are_fine(view, parts->first.at[0]))
		tb_lit(tb, " while its own needs are fine");
	if (parts->later.count > 0) {
		tb_lit(tb, "; later ");
		put_names(tb, view, &parts->later);
		put_when(tb, ctx, first_when(view, &parts->later));
	}
	if (parts->risk.count > 0) {
		tb_lit(tb, "; ");
		put_names(tb, view, &parts->risk);
		tb_text(tb,
		    parts->risk.count == 1 ? TEXT(" needs ") : TEXT(" need "));
		tb_text(tb, one ? TEXT("it") : TEXT("them"));
		tb_text(tb, parts->risk.count == 1
				? TEXT(" and is still well")
				: TEXT(" and are still well"));
	}
}

enum role
deps_sentence(const struct deps_view *view, const struct panel_ctx *ctx,
    struct text platform, struct text_buf *tb)
{
	struct parts *parts = mem_calloc(1, sizeof(*parts));
	enum role role = ROLE_UNKNOWN;

	tb_init(tb);
	if (parts == NULL)
		return role;
	parts_sort(parts, view, platform);
	role = state_role(parts->worst);
	if (parts->first.count > 0) {
		put_trouble(tb, view, ctx, parts);
	} else if (parts->doubt.count > 0) {
		tb_fmt(tb, "nothing is bad, but %zu of %zu %s not known: ",
		    parts->doubt.count, parts->count,
		    parts->doubt.count == 1 ? "is" : "are");
		put_names(tb, view, &parts->doubt);
	} else {
		tb_fmt(tb, "all %zu are well", parts->count);
		if (parts->absent > 0)
			tb_fmt(tb, "; of %zu nothing is watched here",
			    parts->absent);
	}
	mem_free(parts);
	return role;
}
