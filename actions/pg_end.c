#include "actions/pg_end.h"

#include <math.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "model/section.h"

void
pg_end_line(struct plan *plan, const struct pg_backend *b, struct text then)
{
	struct arena *arena = plan->arena;
	struct text parts[] = {
		pg_backend_who(arena, b),
		TEXT_EMPTY,
		b->query.len > 0 ? TEXT("; ") : TEXT_EMPTY,
		b->query,
	};

	if (b->blocks > 0)
		parts[1] = text_fmt(arena, "; %u wait%s behind it", b->blocks,
		    b->blocks == 1 ? "s" : "");
	plan_line(plan, text_fmt(arena, "pid %d", b->pid),
	    pg_backend_does(arena, b), then,
	    text_join(arena, parts, sizeof(parts) / sizeof(parts[0])));
}

void
pg_end_traps(struct plan *plan, const struct pg_backend *b)
{
	struct arena *arena = plan->arena;

	if (b->dump)
		plan_trap(plan,
		    text_fmt(arena,
			"pid %d copies data out or in: that dump, restore or "
			"import fails and is incomplete",
			b->pid));
	if (b->upkeep)
		plan_trap(plan,
		    text_fmt(arena,
			"pid %d builds, cleans or changes tables: that work "
			"starts from the beginning next time",
			b->pid));
	if (b->peer)
		plan_trap(plan,
		    text_fmt(arena,
			"pid %d is of the superuser that sevtop uses, too: "
			"make sure that it is no colleague's",
			b->pid));
	if (!b->here)
		plan_trap(plan,
		    text_fmt(arena, "pid %d works in another database: %s",
			b->pid, b->database.s));
}

/* A count with its noun. */
static void
reach_count(struct plan *plan, size_t count, struct text one, struct text many)
{
	if (count > 0)
		plan_reach(
		    plan, count == 1 ? one : many, NUM_COUNT, (double)count);
}

void
pg_end_reach(struct plan *plan, const struct pg_backends *backends,
    const struct pg_backend *const *list, size_t count)
{
	double oldest = NAN;
	size_t open = 0;

	for (size_t i = 0; i < count; i++) {
		open += list[i]->xact_us != 0;
		oldest = fmax(oldest, list[i]->xact_s);
	}
	reach_count(plan, count, TEXT("session"), TEXT("sessions"));
	reach_count(
	    plan, open, TEXT("open transaction"), TEXT("open transactions"));
	if (open > 0 && !isnan(oldest))
		plan_reach(plan, TEXT("age of the oldest transaction"),
		    NUM_SECONDS, fmax(oldest, 0));
	reach_count(plan, pg_backends_behind(backends, list, count),
	    TEXT("session waits behind"), TEXT("sessions wait behind"));
}

enum err_code
pg_end_begin(struct action_ctx *ctx, const struct plan *plan,
    struct pg_act *act, struct pg_order *order, struct err *err)
{
	enum err_code code = pg_order_read(ctx, plan, order, err);

	if (code != ERR_OK)
		return code;
	code = pg_act_open(act, ctx, err);
	if (code == ERR_OK)
		code = pg_act_same(act, &order->server, err);
	if (code == ERR_OK)
		return ERR_OK;
	action_targets(ctx, TARGET_UNCHANGED, "not sent: %s", err_text(err));
	pg_act_close(act);
	return code;
}

enum err_code
pg_end_look(struct action_ctx *ctx, const struct plan *plan, struct pg_act *act,
    struct pg_order *order, enum pg_now **ret_now, struct err *err)
{
	enum err_code code = pg_order_read(ctx, plan, order, err);

	if (code != ERR_OK)
		return code;
	code = pg_act_open(act, ctx, err);
	if (code == ERR_OK)
		code = pg_act_known(act, &order->server, err);
	if (code == ERR_OK)
		code = pg_order_look(act, order, ret_now, err);
	if (code != ERR_OK)
		pg_act_close(act);
	return code;
}

static void
end_send(struct action_ctx *ctx, struct pg_act *act,
    const struct pg_order *order, size_t target, enum pg_sent *ret_sent,
    struct err *err)
{
	enum pg_now now = PG_NOW_HIDDEN;

	*ret_sent = pg_order_send(act, order, target, &now, err);
	switch (*ret_sent) {
	case PG_SENT_YES:
		action_target(ctx, target, TARGET_ACCEPTED, NULL);
		break;
	case PG_SENT_NOTHING:
		action_target(ctx, target, TARGET_UNCHANGED,
		    "%s: nothing was sent", pg_order_why(order, now));
		break;
	case PG_SENT_REFUSED:
		action_target(
		    ctx, target, TARGET_UNCHANGED, "%s", err_text(err));
		break;
	case PG_SENT_DOUBT:
		break;
	}
}

enum err_code
pg_end_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	enum pg_sent sent = PG_SENT_YES;
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_end_begin(ctx, plan, &act, &order, err);

	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < order.count; i++) {
		/* Behind one without an answer nothing more is sent. */
		if (sent == PG_SENT_DOUBT)
			action_target(ctx, i, TARGET_UNCHANGED, "not sent: %s",
			    err_text(err));
		else
			end_send(ctx, &act, &order, i, &sent, err);
	}
	pg_act_close(&act);
	return sent == PG_SENT_DOUBT ? err->code : ERR_OK;
}

/* Whether it shows. An ended statement is what cancelling was to bring. */
static bool
is_done(const struct pg_order *order, enum pg_now now)
{
	return now == PG_NOW_GONE ||
	       (order->signal == PG_SIGNAL_CANCEL && now == PG_NOW_CHANGED);
}

enum err_code
pg_end_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	enum pg_now *now = NULL;
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_end_look(ctx, plan, &act, &order, &now, err);

	if (code != ERR_OK)
		return code;
	for (size_t i = 0; code == ERR_OK && i < order.count; i++) {
		if (is_done(&order, now[i]))
			action_target(ctx, i, TARGET_DONE, NULL);
		else if (now[i] == PG_NOW_HIDDEN)
			code = err_set(err, ERR_FORBIDDEN, "postgres",
			    "pid %d can't be seen any more: GRANT pg_monitor "
			    "TO %s",
			    order.list[i].pid, act.facts.role);
	}
	pg_act_close(&act);
	return code;
}

const struct action_row pg_end_rows[] = {
	{ "postgres", "sessions", "pid" },
	{ "postgres", "locks", "pid" },
	{ NULL, NULL, NULL },
};

bool
pg_end_fits(const struct table *table, const struct table_row *row)
{
	int kind = table_column(table, "kind"),
	    pid = table_column(table, "pid");

	/* Pid 0 is a prepared transaction. */
	if (pid >= 0 && !(row->cells[pid].num > 0))
		return false;
	return kind < 0 || !text_eq(row->cells[kind].text, TEXT("other"));
}
