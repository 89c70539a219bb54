/*
 * pg.terminate_idle and pg.terminate_active: all sessions that have done
 * nothing, or one thing, for too long. They are chosen when the plan is
 * made, and each is ended only if it still does what it did then: one that
 * is in use again is left alone. Left alone, too, is what pg_backend.h lists.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/choices.h"
#include "actions/limits.h"
#include "actions/pg_end.h"
#include "actions/table.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "datasrc/pg_result.h"
#include "model/limits.h"

enum bulk_state {
	BULK_IDLE,
	BULK_IN_TX,
	BULK_BOTH,
};

static const char *const bulk_states[] = { "idle", "in_transaction", "both",
	NULL };

struct bulk_args {
	int64_t older_ns;
	const char *user; /* NULL: of any */
	const char *app;
	const char *client;
	const char *database; /* NULL: ours; "*": of any */
	int64_t limit;
	int state; /* enum bulk_state; idle only */
	bool maintenance;
};

/* What the plan found. */
struct bulk_found {
	const struct pg_backend **list; /* in the arena of the call */
	size_t count;
	size_t more; /* past the limit */
	size_t left[PG_EXEMPT_COUNT];
	size_t in_tx; /* idle in a transaction, and not asked for */
	size_t waits; /* of the list: for a lock */
};

/* One group of sessions that belong to the same program. */
struct bulk_group {
	const struct pg_backend *first; /* the longest of them */
	size_t count;
};

static bool
is_active(const struct action_ctx *ctx)
{
	return strcmp(ctx->ops->name, "pg.terminate_active") == 0;
}

static bool
text_is(struct text text, const char *wanted)
{
	return wanted == NULL || (strlen(wanted) == text.len &&
				     memcmp(text.s, wanted, text.len) == 0);
}

/* Whether it does what is asked for, whoever it is of. */
static bool
is_meant(const struct bulk_args *args, bool active, const struct pg_backend *b,
    struct bulk_found *found)
{
	double least = (double)args->older_ns / NS_PER_SEC;
	double age = active ? b->query_s : b->change_s;

	if (!(age >= least) || !text_is(b->user, args->user) ||
	    !text_is(b->app, args->app) || !text_is(b->client, args->client))
		return false;
	if (active)
		return b->doing == PG_DOING_ACTIVE;
	if (b->doing == PG_DOING_IDLE)
		return args->state != BULK_IN_TX;
	if (b->doing != PG_DOING_IDLE_IN_TX)
		return false;
	if (args->state == BULK_IDLE && b->exempt == PG_EXEMPT_NOT)
		found->in_tx++;
	return args->state != BULK_IDLE;
}

static bool
is_elsewhere(const struct bulk_args *args, const struct pg_backend *b)
{
	if (args->database == NULL)
		return !b->here;
	return strcmp(args->database, "*") != 0 &&
	       !text_is(b->database, args->database);
}

static enum pg_exempt
exempt_of(const struct bulk_args *args, const struct pg_backend *b)
{
	if (b->exempt != PG_EXEMPT_NOT)
		return b->exempt;
	if (is_elsewhere(args, b))
		return PG_EXEMPT_ELSEWHERE;
	if (b->dump && !args->maintenance)
		return PG_EXEMPT_DUMP;
	if (b->upkeep && !args->maintenance)
		return PG_EXEMPT_UPKEEP;
	if (b->peer && args->user == NULL)
		return PG_EXEMPT_PEER;
	return PG_EXEMPT_NOT;
}

static void
bulk_find(const struct action_ctx *ctx, const struct pg_backends *backends,
    struct bulk_found *found)
{
	const struct bulk_args *args = ctx->args;
	bool active = is_active(ctx);

	for (size_t i = 0; i < backends->count; i++) {
		const struct pg_backend *b = &backends->list[i];
		enum pg_exempt exempt;

		if (!is_meant(args, active, b, found))
			continue;
		exempt = exempt_of(args, b);
		if (exempt != PG_EXEMPT_NOT) {
			found->left[exempt]++;
		} else if (found->count < (size_t)args->limit) {
			found->waits += b->waits;
			found->list[found->count++] = b;
		} else {
			found->more++;
		}
	}
}

/* Plans ---------------------------------------------------------------------
 */

static bool
is_of_group(const struct bulk_group *group, const struct pg_backend *b)
{
	return text_eq(group->first->app, b->app) &&
	       text_eq(group->first->user, b->user) &&
	       text_eq(group->first->client, b->client);
}

/* A line for each program; the smallest share the last one. */
static void
bulk_groups(struct plan *plan, const struct bulk_found *found)
{
	struct bulk_group groups[PG_BULK_GROUPS];
	struct arena *arena = plan->arena;
	size_t n = 0, others = 0;

	for (size_t i = 0; i < found->count; i++) {
		const struct pg_backend *b = found->list[i];
		size_t g = 0;

		while (g < n && !is_of_group(&groups[g], b))
			g++;
		if (g < n)
			groups[g].count++;
		else if (n < PG_BULK_GROUPS)
			groups[n++] = (struct bulk_group) { b, 1 };
		else
			others++;
	}
	for (size_t g = 0; g < n; g++) {
		struct text parts[] = { TEXT("longest: "),
			pg_backend_does(arena, groups[g].first) };

		plan_line(plan,
		    text_fmt(arena, "%zu session%s", groups[g].count,
			groups[g].count == 1 ? "" : "s"),
		    pg_backend_who(arena, groups[g].first), TEXT("ended"),
		    text_join(arena, parts, 2));
	}
	if (others > 0)
		plan_line(plan, text_fmt(arena, "%zu sessions", others),
		    TEXT("of other programs"), TEXT("ended"), TEXT_EMPTY);
}

static void
bulk_left(struct plan *plan, const struct bulk_found *found)
{
	for (int i = PG_EXEMPT_NOT + 1; i < PG_EXEMPT_COUNT; i++)
		if (found->left[i] > 0)
			plan_line(plan, TEXT("left alone"),
			    text_fmt(plan->arena, "%zu", found->left[i]),
			    TEXT_EMPTY,
			    text_lit(pg_exempt_words((enum pg_exempt)i)));
}

static void
bulk_samples(struct plan *plan, const struct bulk_found *found)
{
	for (size_t i = 0; i < found->count && i < PLAN_SAMPLES_MAX; i++) {
		const struct pg_backend *b = found->list[i];
		struct text_buf tb;

		tb_init(&tb);
		tb_fmt(&tb, "pid %d  ", b->pid);
		tb_text(&tb, pg_backend_does(plan->arena, b));
		tb_lit(&tb, "  ");
		tb_text(&tb, pg_backend_who(plan->arena, b));
		tb_lit(&tb, "  ");
		tb_text(&tb, b->query);
		plan_sample(plan, text_copy(plan->arena, tb_end(&tb)));
	}
	plan_total(plan, found->count);
}

static void
bulk_traps(struct plan *plan, bool active, const struct bulk_found *found)
{
	struct arena *arena = plan->arena;

	if (active)
		plan_trap(plan, TEXT("what the statements have done so far is "
				     "rolled back; pg.cancel is milder for a "
				     "single one"));
	if (found->waits > 0)
		plan_trap(plan,
		    text_fmt(arena,
			"%zu of them only wait for a lock: pg.unblock ends "
			"who holds it",
			found->waits));
	if (found->in_tx > 0)
		plan_trap(plan,
		    text_fmt(arena,
			"%zu more, idle inside a transaction, which is worse, "
			"not part of this: set state=both",
			found->in_tx));
	if (found->more > 0)
		plan_trap(plan,
		    text_fmt(arena,
			"%zu more are past the limit: do it again for them",
			found->more));
	plan_trap(plan, TEXT("pools connect again at once: end the program "
			     "that leaks, or its sessions are back"));
}

/* Lack of a right hides them all: then nothing found says nothing. */
static enum err_code
bulk_check(const struct pg_act *act, const struct bulk_found *found,
    const struct pg_backends *backends, struct err *err)
{
	const char *role = act->facts.role;
	size_t hidden = 0;

	for (size_t i = 0; i < backends->count; i++)
		hidden += backends->list[i].exempt == PG_EXEMPT_HIDDEN;
	if (found->count > 0)
		return ERR_OK;
	if (found->left[PG_EXEMPT_RIGHT] > 0)
		return err_set(err, ERR_FORBIDDEN, "postgres",
		    "role %s may not end any of the %zu sessions: GRANT "
		    "pg_signal_backend TO %s",
		    role, found->left[PG_EXEMPT_RIGHT], role);
	if (hidden > 0)
		return err_set(err, ERR_FORBIDDEN, "postgres",
		    "role %s may not see what %zu sessions do: GRANT "
		    "pg_monitor, pg_signal_backend TO %s",
		    role, hidden, role);
	return ERR_OK;
}

static void
bulk_show(struct plan *plan, const struct pg_act *act, bool active,
    const struct pg_backends *backends, const struct bulk_found *found)
{
	plan->nothing = found->count == 0;
	plan->verb = TEXT("end them now");
	plan->effect = active ? TEXT("the sessions are closed, with what they "
				     "run")
			      : TEXT("the sessions are closed, those of them "
				     "that are idle by then");
	bulk_groups(plan, found);
	bulk_left(plan, found);
	pg_end_reach(plan, backends, found->list, found->count);
	bulk_samples(plan, found);
	bulk_traps(plan, active, found);
	pg_act_basis(act, plan);
}

static enum err_code
bulk_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	struct bulk_found found = { .count = 0 };
	bool active = is_active(ctx);
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_act_open(&act, ctx, err);

	if (code == ERR_OK)
		code = pg_backends_read(&act, &backends, err);
	if (code == ERR_OK) {
		found.list = arena_array(
		    ctx->arena, backends.count + 1, sizeof(*found.list));
		if (found.list == NULL)
			code = err_set(err, ERR_NOMEM, "postgres", "no memory");
	}
	if (code == ERR_OK) {
		bulk_find(ctx, &backends, &found);
		code = bulk_check(&act, &found, &backends, err);
	}
	if (code == ERR_OK)
		code = pg_order_init(&order, &act, PG_SIGNAL_TERMINATE,
		    active ? PG_BIND_STATEMENT : PG_BIND_IDLE, found.count,
		    err);
	if (code == ERR_OK) {
		for (size_t i = 0; i < found.count; i++)
			pg_order_add(&order, found.list[i]);
		bulk_show(plan, &act, active, &backends, &found);
		if (found.count > 0)
			pg_order_words(&order, plan);
		pg_order_keep(&order, plan);
	}
	pg_backends_release(&backends);
	pg_act_close(&act);
	return code;
}

/* Sending -------------------------------------------------------------------
 */

/* What came of each session, for the one target that there is. */
struct bulk_sum {
	size_t sent;
	size_t gone;
	size_t changed;
	size_t refused;
	char why[ERR_MSG_MAX]; /* the first refusal */
};

static void
bulk_count(struct action_ctx *ctx, const struct pg_order *order, size_t index,
    enum pg_sent sent, enum pg_now now, const struct err *err,
    struct bulk_sum *sum)
{
	char line[ERR_MSG_MAX + 32];
	const char *what = "signalled";
	int len;

	if (sent == PG_SENT_YES) {
		sum->sent++;
	} else if (sent == PG_SENT_NOTHING) {
		what = pg_order_why(order, now);
		sum->gone += now == PG_NOW_GONE;
		sum->changed += now != PG_NOW_GONE;
	} else {
		what = err_text(err);
		if (sent == PG_SENT_REFUSED && sum->refused++ == 0)
			snprintf(sum->why, sizeof(sum->why), "%s", what);
	}
	len = snprintf(
	    line, sizeof(line), "pid %d: %s", order->list[index].pid, what);
	action_say(ctx, line, len > 0 ? strnlen(line, sizeof(line)) : 0);
}

static void
bulk_report(struct action_ctx *ctx, const struct pg_order *order,
    const struct bulk_sum *sum)
{
	if (sum->sent > 0)
		action_target(ctx, 0, TARGET_ACCEPTED,
		    "%zu of %zu were signalled", sum->sent, order->count);
	else if (sum->refused > 0)
		action_target(ctx, 0, TARGET_UNCHANGED, "%s", sum->why);
	else
		action_target(ctx, 0, TARGET_UNCHANGED,
		    "none is left: %zu had gone, %zu in use again", sum->gone,
		    sum->changed);
}

static enum err_code
bulk_send(struct action_ctx *ctx, struct pg_act *act,
    const struct pg_order *order, struct err *err)
{
	struct bulk_sum sum = { .sent = 0 };

	for (size_t i = 0; i < order->count; i++) {
		enum pg_now now = PG_NOW_HIDDEN;
		enum pg_sent sent = pg_order_send(act, order, i, &now, err);

		bulk_count(ctx, order, i, sent, now, err, &sum);
		if (sent != PG_SENT_DOUBT)
			continue;
		err_prefix(err, "%zu of %zu were signalled, then no answer",
		    sum.sent, order->count);
		return err->code;
	}
	bulk_report(ctx, order, &sum);
	return ERR_OK;
}

static enum err_code
bulk_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_end_begin(ctx, plan, &act, &order, err);

	if (code != ERR_OK)
		return code;
	code = bulk_send(ctx, &act, &order, err);
	pg_act_close(&act);
	return code;
}

/* Reading back --------------------------------------------------------------
 */

/* What the look says of all of them together. */
static void
bulk_judge(struct action_ctx *ctx, const struct pg_order *order,
    const enum pg_now *now)
{
	size_t gone = 0, changed = 0, same = 0;

	for (size_t i = 0; i < order->count; i++) {
		gone += now[i] == PG_NOW_GONE;
		changed += now[i] == PG_NOW_CHANGED;
		same += now[i] == PG_NOW_SAME;
	}
	/* Those that are as they were may yet go, unless that time is over. */
	if (same > 0 && !ctx->late)
		return;
	if (gone == 0)
		action_target(ctx, 0, TARGET_UNCHANGED,
		    "none has ended: %zu in use again, %zu as they were",
		    changed, same);
	else if (same > 0)
		action_target(ctx, 0, TARGET_PARTLY,
		    "%zu of %zu ended, %zu in use again, %zu as they were",
		    gone, order->count, changed, same);
	else if (changed > 0)
		action_target(ctx, 0, TARGET_DONE,
		    "%zu of %zu ended, %zu in use again and left alone", gone,
		    order->count, changed);
	else
		action_target(
		    ctx, 0, TARGET_DONE, "all %zu ended", order->count);
}

static enum err_code
bulk_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	enum pg_now *now = NULL;
	struct pg_order order;
	struct pg_act act;
	enum err_code code = pg_end_look(ctx, plan, &act, &order, &now, err);

	if (code != ERR_OK)
		return code;
	for (size_t i = 0; code == ERR_OK && i < order.count; i++)
		if (now[i] == PG_NOW_HIDDEN)
			code = err_set(err, ERR_FORBIDDEN, "postgres",
			    "the sessions can't be seen any more: GRANT "
			    "pg_monitor TO %s",
			    act.facts.role);
	if (code == ERR_OK)
		bulk_judge(ctx, &order, now);
	pg_act_close(&act);
	return code;
}

/* Choices -------------------------------------------------------------------
 */

/* What clients are called, those with the most sessions first. */
static enum err_code
bulk_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	static const struct {
		const char *arg;
		const char *column;
	} columns[] = {
		{ "user", "usename" },
		{ "app", "application_name" },
		{ "client", "coalesce(host(client_addr), 'local')" },
		{ "database", "datname" },
	};
	struct buf sql = BUF_INIT(PG_SQL_MAX);
	struct pg_question question = { .sql = NULL };
	struct pg_result *rows = NULL;
	struct pg_act act;
	const char *word;
	size_t len;
	enum err_code code = ERR_OK;

	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (strcmp(columns[i].arg, arg) == 0)
			buf_fmt(&sql,
			    "SELECT %s, count(*) FROM pg_stat_activity WHERE "
			    "backend_type = 'client backend' AND "
			    "application_name <> 'sevtop' GROUP BY 1 "
			    "ORDER BY 2 DESC, 1 LIMIT %d",
			    columns[i].column, ACTION_CHOICES_MAX);
	if (sql.len == 0)
		return ERR_OK;
	question.sql = buf_cstr(&sql);
	code = pg_act_open(&act, ctx, err);
	if (code == ERR_OK)
		code = pg_act_rows(&act, &question, &rows, err);
	for (size_t i = 0; i < pg_result_rows(rows); i++)
		if (pg_result_str(rows, i, 0, &word, &len))
			choices_add(choices, word, len);
	pg_result_free(rows);
	pg_act_close(&act);
	buf_release(&sql);
	return code;
}

#define DAY_NS (24 * 3600 * NS_PER_SEC)

#define OLDER(preset_, help_)                                                  \
	{                                                                      \
		OPT_FIELD(struct bulk_args, older_ns, "older", OPT_DURATION),  \
		    .min = NS_PER_SEC, .max = 365 * DAY_NS,                    \
		    .preset = (preset_), .help = (help_),                      \
	}

/* What both have. */
#define FILTERS                                                                \
	{                                                                      \
		OPT_FIELD(struct bulk_args, user, "user", OPT_STRING),         \
		.help = "only sessions of this role",                          \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(struct bulk_args, app, "app", OPT_STRING),       \
		    .help = "only with this application_name",                 \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(struct bulk_args, client, "client", OPT_STRING), \
		    .help = "only from this address; local: the socket",       \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct bulk_args, database, "database", OPT_STRING),   \
		    .help = "another one than ours; * for all",                \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct bulk_args, limit, "limit", OPT_INT),          \
		    .min = 1, .max = PG_BULK_MAX, .preset = "1000",            \
		    .help = "at most so many, the longest first",              \
	}

static const struct opt idle_opts[] = {
	OLDER("10m", "only those that have idled for longer"),
	{
	    OPT_FIELD(struct bulk_args, state, "state", OPT_CHOICE),
	    .choices = bulk_states,
	    .preset = "idle",
	    .help = "which idleness: between or inside transactions",
	},
	FILTERS,
};

static const struct opt_table idle_args = OPT_TABLE(idle_opts);

static const struct opt active_opts[] = {
	OLDER("5m", "only whose statement runs for longer"),
	FILTERS,
	{
	    OPT_FIELD(struct bulk_args, maintenance, "maintenance", OPT_BOOL),
	    .preset = "false",
	    .help = "dumps, index builds, vacuum and schema changes, too",
	},
};

static const struct opt_table active_args = OPT_TABLE(active_opts);

const struct action_ops action_pg_terminate_idle = {
	.name = "pg.terminate_idle",
	.title = "End idle sessions",
	.help = "closes all sessions that have idled for too long",
	.class = ACTION_DISRUPTIVE,
	.key = "act-kill",
	.source_type = "postgres",
	.args = &idle_args,
	.args_size = sizeof(struct bulk_args),
	.apply_ns = PG_BULK_S * NS_PER_SEC,
	.choices = bulk_choices,
	.plan = bulk_plan,
	.apply = bulk_apply,
	.verify = bulk_verify,
};

const struct action_ops action_pg_terminate_active = {
	.name = "pg.terminate_active",
	.title = "End long statements",
	.help = "closes all sessions whose statement runs for too long",
	.class = ACTION_DISRUPTIVE,
	.key = "act-kill",
	.source_type = "postgres",
	.args = &active_args,
	.args_size = sizeof(struct bulk_args),
	.apply_ns = PG_BULK_S * NS_PER_SEC,
	.choices = bulk_choices,
	.plan = bulk_plan,
	.apply = bulk_apply,
	.verify = bulk_verify,
};
