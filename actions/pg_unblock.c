/*
 * pg.unblock: ends the session at the root of a queue for locks, which waits
 * for nobody itself. Of the row that was picked, or the one that holds up
 * the most. Only while its transaction is the same: another one holds other
 * locks.
 */
#include <math.h>

#include "actions/pg_end.h"
#include "actions/table.h"
#include "base/clock.h"
#include "model/section.h"

/* The row of the root above row i of the tree. */
static const struct pg_lock_row *
root_above(const struct pg_locktree *tree, size_t i)
{
	while (i > 0 && tree->rows[i].depth > 0)
		i--;
	return &tree->rows[i];
}

/* The worst root that the session stands below, and how many there are. */
static const struct pg_lock_row *
root_of(const struct pg_locktree *tree, int32_t pid, size_t *ret_roots)
{
	const struct pg_lock_row *found = NULL, *root;

	*ret_roots = 0;
	for (size_t i = 0; i < tree->count; i++) {
		if (tree->rows[i].pid != pid)
			continue;
		root = root_above(tree, i);
		/* Roots come the worst first. */
		if (found == NULL)
			found = root;
		if (*ret_roots == 0 || root != found)
			++*ret_roots;
	}
	return found;
}

static enum err_code
find_root(const struct pg_act *act, const struct pg_backends *backends,
    struct plan *plan, const struct pg_lock_row **ret_root, struct err *err)
{
	const struct request_spec *is = &act->ctx->request->is;
	const struct pg_locktree *tree = &backends->tree;
	const struct pg_lock_row *root = NULL;
	const struct pg_backend *b = NULL;
	size_t roots = tree->roots;
	enum err_code code = ERR_OK;
	int32_t pid;
	int64_t start;

	if (is->target_count == 0) {
		root = tree->count > 0 ? &tree->rows[0] : NULL;
	} else if (pg_target_read(is->targets[0].name, &pid, &start) &&
		   pid == 0) {
		root = root_of(tree, 0, &roots);
	} else {
		code = pg_backends_target(backends, &is->targets[0], &b, err);
		if (code != ERR_OK)
			return code;
		root = root_of(tree, b->pid, &roots);
	}
	if (root == NULL && b != NULL)
		return err_set(err, ERR_CLOSED, "postgres",
		    "pid %d neither waits for a lock nor holds anybody up",
		    b->pid);
	if (root != NULL && root->pid == 0)
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "a prepared transaction holds the lock: look into "
		    "pg_prepared_xacts, then ROLLBACK PREPARED or COMMIT "
		    "PREPARED");
	if (root != NULL && roots > 1)
		plan_trap(plan,
		    text_fmt(plan->arena,
			"%zu other session%s hold%s others up as well: this "
			"ends the one that most wait behind",
			roots - 1, roots == 2 ? "" : "s",
			roots == 2 ? "s" : ""));
	*ret_root = root;
	return ERR_OK;
}

/* Those who wait, the longest first, as samples. */
static void
unblock_samples(struct plan *plan, const struct pg_backends *backends,
    const struct pg_lock_row *root)
{
	const struct pg_locktree *tree = &backends->tree;

	for (const struct pg_lock_row *row = root + 1;
	     row < tree->rows + tree->count && row->depth > 0; row++) {
		const struct pg_backend *b =
		    pg_backends_find(backends, row->pid);
		struct text parts[6] = { TEXT_EMPTY };
		char age[NUM_TEXT_MAX];

		if (b == NULL)
			continue;
		parts[0] = text_fmt(plan->arena, "pid %d waits", b->pid);
		if (!isnan(row->waits_s))
			parts[1] = text_fmt(plan->arena, " for %s",
			    num_duration(age,
				(int64_t)(fmax(row->waits_s, 0) * NS_PER_SEC)));
		parts[2] = TEXT("  ");
		parts[3] = pg_backend_who(plan->arena, b);
		parts[4] = TEXT("  ");
		parts[5] = b->query;
		plan_sample(plan, text_join(plan->arena, parts, 6));
	}
}

static enum err_code
unblock_show(const struct pg_act *act, struct plan *plan,
    const struct pg_backends *backends, const struct pg_lock_row *root,
    struct err *err)
{
	const struct pg_backend *b = pg_backends_find(backends, root->pid);
	struct pg_order order;
	enum err_code code;

	if (b == NULL)
		return err_set(err, ERR_NOTFOUND, "postgres",
		    "pid %d is gone already: look again", root->pid);
	code = pg_backend_may(act, b, err);
	if (code == ERR_OK)
		code = pg_order_init(
		    &order, act, PG_SIGNAL_TERMINATE, PG_BIND_XACT, 1, err);
	if (code != ERR_OK)
		return code;
	pg_order_add(&order, b);
	pg_end_line(plan, b, TEXT("ended"));
	pg_end_reach(plan, backends, &b, 1);
	plan_reach(plan, TEXT("the longest wait"), NUM_SECONDS, root->worst_s);
	unblock_samples(plan, backends, root);
	pg_end_traps(plan, b);
	if (b->doing == PG_DOING_ACTIVE)
		plan_trap(plan, TEXT("it runs a statement: pg.cancel is "
				     "milder, the session stays"));
	if (b->writes)
		plan_trap(plan, TEXT("what its transaction has written is "
				     "lost, and leaves dead rows to vacuum"));
	plan_trap(plan, TEXT("those behind it go on one after the other; "
			     "each may hold up the next in turn"));
	pg_order_words(&order, plan);
	pg_order_keep(&order, plan);
	return ERR_OK;
}

static enum err_code
unblock_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	const struct pg_lock_row *root = NULL;
	struct pg_act act;
	enum err_code code = pg_act_open(&act, ctx, err);

	if (code == ERR_OK)
		code = pg_backends_read(&act, &backends, err);
	if (code == ERR_OK)
		code = find_root(&act, &backends, plan, &root, err);
	if (code == ERR_OK) {
		plan->verb = TEXT("end it now");
		plan->effect = TEXT("the session that holds the others up is "
				    "closed, its transaction rolled back");
		pg_act_basis(&act, plan);
		if (root != NULL)
			code = unblock_show(&act, plan, &backends, root, err);
		else
			plan->nothing = true;
	}
	if (code == ERR_OK && plan->nothing)
		plan->effect = TEXT("nobody waits for a lock");
	pg_backends_release(&backends);
	pg_act_close(&act);
	return code;
}

/* Who still waits once the root is gone. */
static enum err_code
unblock_rest(struct action_ctx *ctx, struct pg_act *act, struct err *err)
{
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	enum err_code code = pg_backends_read(act, &backends, err);
	const struct pg_locktree *tree = &backends.tree;

	if (code != ERR_OK)
		return code;
	if (tree->count == 0)
		action_target(ctx, 0, TARGET_DONE,
		    "it has ended, and nobody waits for a lock any more");
	else
		action_target(ctx, 0, TARGET_DONE,
		    "it has ended; %zu wait now, the most behind pid %d",
		    tree->waiters, tree->rows[0].pid);
	pg_backends_release(&backends);
	return ERR_OK;
}

static enum err_code
unblock_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	enum pg_now *now = NULL;
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_order_read(ctx, plan, &order, err);

	if (code != ERR_OK)
		return code;
	code = pg_act_open(&act, ctx, err);
	if (code == ERR_OK)
		code = pg_act_known(&act, &order.server, err);
	if (code == ERR_OK)
		code = pg_order_look(&act, &order, &now, err);
	if (code == ERR_OK && now[0] == PG_NOW_GONE)
		code = unblock_rest(ctx, &act, err);
	pg_act_close(&act);
	return code;
}

static const struct action_row unblock_rows[] = {
	{ "postgres", "locks", "pid" },
	{ NULL, NULL, NULL },
};

const struct action_ops action_pg_unblock = {
	.name = "pg.unblock",
	.title = "Unblock",
	.help = "ends the session that all others of a lock queue wait behind",
	.class = ACTION_DISRUPTIVE,
	.key = "act-kill",
	.rows = unblock_rows,
	.source_type = "postgres",
	.targets_min = 0,
	.targets_max = 1,
	.plan = unblock_plan,
	.apply = pg_end_apply,
	.verify = unblock_verify,
};
