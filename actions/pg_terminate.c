/*
 * pg.cancel and pg.terminate: the statement, or the whole session, of those
 * that were named. A cancel of a session that runs nothing would be answered
 * with yes and change nothing; it is refused instead.
 */
#include "actions/pg_end.h"
#include "actions/table.h"
#include "model/limits.h"
#include "model/section.h"

/* Finds the sessions of the targets; *ret_list is in the arena of the call. */
static enum err_code
find_targets(struct pg_act *act, const struct pg_backends *backends,
    const struct pg_backend ***ret_list, struct err *err)
{
	const struct request_spec *is = &act->ctx->request->is;
	const struct pg_backend **list =
	    arena_array(act->ctx->arena, is->target_count, sizeof(*list));
	enum err_code code = ERR_OK;

	if (list == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	for (size_t i = 0; i < is->target_count && code == ERR_OK; i++) {
		code = pg_backends_target(
		    backends, &is->targets[i], &list[i], err);
		if (code == ERR_OK)
			code = pg_backend_may(act, list[i], err);
	}
	if (code == ERR_OK)
		*ret_list = list;
	return code;
}

/* Whether it runs a statement that can be cancelled. */
static enum err_code
check_runs(const struct pg_backend *b, struct err *err)
{
	switch (b->doing) {
	case PG_DOING_ACTIVE:
		return ERR_OK;
	case PG_DOING_IDLE_IN_TX:
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "pid %d is %s: there is no statement to cancel, and a "
		    "cancel would leave its locks; pg.terminate ends it",
		    b->pid, b->state.s);
	default:
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "pid %d is %s: there is no statement to cancel", b->pid,
		    b->state.len > 0 ? b->state.s : "in an unknown state");
	}
}

static void
cancel_words(
    struct plan *plan, const struct pg_backend *const *list, size_t count)
{
	bool in_tx = false;

	for (size_t i = 0; i < count; i++)
		in_tx = in_tx || (list[i]->xact_us != 0 &&
				     list[i]->xact_us < list[i]->query_us);
	plan->verb = TEXT("cancel now");
	plan->effect = TEXT("the statement ends with an error in its client; "
			    "the session stays");
	plan_trap(plan, TEXT("a client that tries again runs the same "
			     "statement again"));
	if (in_tx)
		plan_trap(plan,
		    TEXT("the statement is part of a longer transaction, "
			 "which fails with it unless it has a savepoint"));
}

static void
terminate_words(
    struct plan *plan, const struct pg_backend *const *list, size_t count)
{
	bool runs = false, writes = false;

	for (size_t i = 0; i < count; i++) {
		runs = runs || list[i]->doing == PG_DOING_ACTIVE;
		writes = writes || list[i]->writes;
	}
	plan->verb = TEXT("end now");
	plan->effect = TEXT("the session is closed, its transaction rolled "
			    "back, its locks are free");
	if (runs)
		plan_trap(plan, TEXT("pg.cancel is milder where a statement "
				     "runs: the session stays"));
	if (writes)
		plan_trap(plan, TEXT("what its transaction has written is "
				     "lost, and leaves dead rows to vacuum"));
	plan_trap(plan, TEXT("a pool connects again at once: if the cause is "
			     "in the program, it comes back"));
}

static enum err_code
sessions_plan(struct action_ctx *ctx, struct plan *plan, enum pg_signal signal,
    struct err *err)
{
	size_t count = ctx->request->is.target_count;
	bool cancel = signal == PG_SIGNAL_CANCEL;
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	const struct pg_backend **list = NULL;
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_act_open(&act, ctx, err);

	if (code == ERR_OK)
		code = pg_backends_read(&act, &backends, err);
	if (code == ERR_OK)
		code = find_targets(&act, &backends, &list, err);
	for (size_t i = 0; code == ERR_OK && cancel && i < count; i++)
		code = check_runs(list[i], err);
	if (code == ERR_OK)
		code = pg_order_init(&order, &act, signal,
		    cancel ? PG_BIND_STATEMENT : PG_BIND_SESSION, count, err);
	for (size_t i = 0; code == ERR_OK && i < count; i++) {
		pg_order_add(&order, list[i]);
		pg_end_line(
		    plan, list[i], cancel ? TEXT("cancelled") : TEXT("ended"));
		pg_end_traps(plan, list[i]);
	}
	if (code == ERR_OK) {
		if (cancel)
			cancel_words(plan, list, count);
		else
			terminate_words(plan, list, count);
		pg_end_reach(plan, &backends, list, count);
		pg_act_basis(&act, plan);
		pg_order_words(&order, plan);
		pg_order_keep(&order, plan);
	}
	pg_backends_release(&backends);
	pg_act_close(&act);
	return code;
}

static enum err_code
cancel_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	return sessions_plan(ctx, plan, PG_SIGNAL_CANCEL, err);
}

static enum err_code
terminate_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	return sessions_plan(ctx, plan, PG_SIGNAL_TERMINATE, err);
}

/* Only what runs can be cancelled. */
static bool
cancel_fits(const struct table *table, const struct table_row *row)
{
	int state = table_column(table, "state");

	return pg_end_fits(table, row) && state >= 0 &&
	       text_eq(row->cells[state].text, TEXT("active"));
}

const struct action_ops action_pg_cancel = {
	.name = "pg.cancel",
	.title = "Cancel statement",
	.help = "ends what a session runs; the session stays",
	.class = ACTION_DISRUPTIVE,
	.key = "act-kill",
	.rows = pg_end_rows,
	.source_type = "postgres",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.fits = cancel_fits,
	.plan = cancel_plan,
	.apply = pg_end_apply,
	.verify = pg_end_verify,
};

const struct action_ops action_pg_terminate = {
	.name = "pg.terminate",
	.title = "End session",
	.help = "closes a session; its transaction is rolled back",
	.class = ACTION_DISRUPTIVE,
	.key = "act-kill",
	.rows = pg_end_rows,
	.source_type = "postgres",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.fits = pg_end_fits,
	.plan = terminate_plan,
	.apply = pg_end_apply,
	.verify = pg_end_verify,
};
