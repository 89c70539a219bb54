#include "actions/pg_order.h"

#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/json_out.h"
#include "datasrc/pg_result.h"

enum {
	NUMBER_MAX = 24, /* 64 bits in decimal */
};

/* Columns of the look. */
enum {
	L_PID,
	L_START,
	L_STAMP,
	L_STATE,
};

/* A time of pg_stat_activity in microseconds since 1970, which are exact. */
#define US "(extract(epoch FROM a.%s) * 1000000)::bigint"

static const char *const signals[PG_SIGNAL_COUNT] = {
	[PG_SIGNAL_CANCEL] = "pg_cancel_backend",
	[PG_SIGNAL_TERMINATE] = "pg_terminate_backend",
};

static const struct {
	const char *column;
	const char *more;  /* what else must be so */
	const char * not ; /* why nothing is sent when it is not */
} binds[PG_BIND_COUNT] = {
	[PG_BIND_SESSION] = { "backend_start", "", "it is gone by now" },
	[PG_BIND_STATEMENT] = { "query_start", " AND a.state = 'active'",
	    "its statement had ended" },
	[PG_BIND_XACT] = { "xact_start", "", "its transaction had ended" },
	[PG_BIND_IDLE] = { "state_change", "", "it is in use again" },
};

enum err_code
pg_order_init(struct pg_order *order, const struct pg_act *act,
    enum pg_signal signal, enum pg_bind bind, size_t max, struct err *err)
{
	*order = (struct pg_order) {
		.server = act->server,
		.signal = signal,
		.bind = bind,
		.list =
		    arena_array(act->ctx->arena, max + 1, sizeof(*order->list)),
	};
	if (order->list == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	return ERR_OK;
}

void
pg_order_add(struct pg_order *order, const struct pg_backend *b)
{
	const int64_t stamps[PG_BIND_COUNT] = {
		[PG_BIND_SESSION] = b->start_us,
		[PG_BIND_STATEMENT] = b->query_us,
		[PG_BIND_XACT] = b->xact_us,
		[PG_BIND_IDLE] = b->change_us,
	};

	order->list[order->count++] = (struct pg_bound) {
		.pid = b->pid,
		.start_us = b->start_us,
		.stamp_us = stamps[order->bind],
	};
}

void
pg_order_keep(const struct pg_order *order, struct plan *plan)
{
	struct buf scratch = BUF_INIT(PG_IDENTITY_MAX * 8);
	struct buf memo = BUF_INIT(PLAN_MEMO_MAX);
	struct json_out out = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&out), *list;

	pg_server_keep(
	    &out, json_out_map(&out, root, "server"), &order->server);
	json_out_num(&out, root, "signal", order->signal);
	json_out_num(&out, root, "bind", order->bind);
	list = json_out_list(&out, root, "sessions");
	for (size_t i = 0; i < order->count; i++) {
		struct cJSON *row = json_out_row(&out, list);

		json_out_num(&out, row, "pid", order->list[i].pid);
		json_out_num(
		    &out, row, "start", (double)order->list[i].start_us);
		json_out_num(
		    &out, row, "stamp", (double)order->list[i].stamp_us);
	}
	/* A memo that is missing makes the plan useless, and is refused. */
	if (json_out_close(&out, root, &memo) == ERR_OK)
		plan_memo(plan, buf_cstr(&memo));
	buf_release(&memo);
	buf_release(&scratch);
}

static bool
bound_read(const struct cJSON *row, struct pg_bound *bound)
{
	int64_t pid;

	if (!json_int(json_member(row, "pid"), &pid) || pid <= 0 ||
	    pid > INT32_MAX ||
	    !json_int(json_member(row, "start"), &bound->start_us) ||
	    !json_int(json_member(row, "stamp"), &bound->stamp_us))
		return false;
	bound->pid = (int32_t)pid;
	return true;
}

static bool
order_parse(
    const struct cJSON *root, struct arena *arena, struct pg_order *order)
{
	const struct cJSON *list = json_member(root, "sessions");
	int64_t signal, bind;
	size_t total = json_count(list);

	if (!pg_server_read(json_member(root, "server"), &order->server) ||
	    !json_int(json_member(root, "signal"), &signal) || signal < 0 ||
	    signal >= PG_SIGNAL_COUNT ||
	    !json_int(json_member(root, "bind"), &bind) || bind < 0 ||
	    bind >= PG_BIND_COUNT || total == 0)
		return false;
	order->signal = (enum pg_signal)signal;
	order->bind = (enum pg_bind)bind;
	order->list = arena_array(arena, total, sizeof(*order->list));
	for (const struct cJSON *row = json_first(list);
	     row != NULL && order->list != NULL &&
	     bound_read(row, &order->list[order->count]);
	     row = json_next(row))
		order->count++;
	return order->count == total;
}

enum err_code
pg_order_read(const struct action_ctx *ctx, const struct plan *plan,
    struct pg_order *ret_order, struct err *err)
{
	struct pg_order order = { .count = 0 };
	struct cJSON *root = NULL;
	enum err_code code =
	    json_parse(plan->memo, strlen(plan->memo), &root, err);

	if (code != ERR_OK || !order_parse(root, ctx->arena, &order))
		code = err_set(err, ERR_BADDATA, "postgres",
		    "the plan does not say which sessions it was made for");
	json_free(root);
	if (code == ERR_OK)
		*ret_order = order;
	return code;
}

void
pg_order_words(const struct pg_order *order, struct plan *plan)
{
	struct arena *arena = plan->arena;
	const char *column = binds[order->bind].column;
	struct text parts[3] = { TEXT_EMPTY };

	parts[0] = order->count == 1
		       ? text_fmt(arena, "%s(%d)", signals[order->signal],
			     order->list[0].pid)
		       : text_fmt(arena, "%s(pid) for %zu pids, one by one",
			     signals[order->signal], order->count);
	parts[1] = TEXT(", if backend_start");
	parts[2] = order->bind == PG_BIND_SESSION
		       ? TEXT(" is as read")
		       : text_fmt(arena, " and %s are as read", column);
	plan_send(plan, text_join(arena, parts, 3));
}

/* What the row of a session says of it now. */
static enum pg_now
now_of(const struct pg_order *order, const struct pg_bound *bound,
    const struct pg_result *rows)
{
	const char *state;
	size_t len;

	for (size_t i = 0; i < pg_result_rows(rows); i++) {
		int64_t start = pg_result_int(rows, i, L_START, 0);

		if (pg_result_int(rows, i, L_PID, -1) != bound->pid)
			continue;
		if (start == 0)
			return PG_NOW_HIDDEN;
		if (start != bound->start_us)
			return PG_NOW_GONE;
		if (pg_result_int(rows, i, L_STAMP, 0) != bound->stamp_us ||
		    (order->bind == PG_BIND_STATEMENT &&
			!(pg_result_str(rows, i, L_STATE, &state, &len) &&
			    strcmp(state, "active") == 0)))
			return PG_NOW_CHANGED;
		return PG_NOW_SAME;
	}
	return PG_NOW_GONE;
}

/* "{4711,4712}" */
static bool
write_pids(const struct pg_order *order, struct buf *out)
{
	bool good = buf_char(out, '{');

	for (size_t i = 0; i < order->count && good; i++)
		good =
		    buf_fmt(out, "%s%d", i > 0 ? "," : "", order->list[i].pid);
	return good && buf_char(out, '}');
}

static bool
write_look(const struct pg_order *order, struct buf *out)
{
	return buf_fmt(out,
	    "SELECT a.pid, " US ", " US ", a.state FROM pg_stat_activity a "
	    "WHERE a.pid = ANY ($1::int[])",
	    "backend_start", binds[order->bind].column);
}

static bool
write_send(const struct pg_order *order, struct buf *out)
{
	return buf_fmt(out,
	    "SELECT %s(a.pid) FROM pg_stat_activity a WHERE a.pid = $1::int "
	    "AND " US " = $2::bigint AND a.backend_type = 'client backend' "
	    "AND a.pid <> pg_backend_pid() AND " US " = $3::bigint%s",
	    signals[order->signal], "backend_start", binds[order->bind].column,
	    binds[order->bind].more);
}

enum err_code
pg_order_look(struct pg_act *act, const struct pg_order *order,
    enum pg_now **ret_now, struct err *err)
{
	struct buf pids = BUF_INIT(order->count * NUMBER_MAX + 2);
	struct buf sql = BUF_INIT(PG_SQL_MAX);
	const char *params[1];
	struct pg_question question = { .params = params, .param_count = 1 };
	struct pg_result *rows = NULL;
	enum pg_now *now =
	    arena_array(act->ctx->arena, order->count, sizeof(*now));
	enum err_code code = ERR_OK;

	if (now == NULL || !write_pids(order, &pids) ||
	    !write_look(order, &sql))
		code = err_set(err, ERR_NOMEM, "postgres", "no memory");
	params[0] = buf_cstr(&pids);
	question.sql = buf_cstr(&sql);
	if (code == ERR_OK)
		code = pg_act_rows(act, &question, &rows, err);
	for (size_t i = 0; code == ERR_OK && i < order->count; i++)
		now[i] = now_of(order, &order->list[i], rows);
	if (code == ERR_OK)
		*ret_now = now;
	pg_result_free(rows);
	buf_release(&pids);
	buf_release(&sql);
	return code;
}

/* What came back for the look and for the signal. */
static enum pg_sent
sent_of(const struct pg_order *order, const struct pg_bound *bound,
    const struct pg_answers *answers, enum pg_now *ret_now, struct err *err)
{
	const struct pg_answer *look = &answers->list[0];
	const struct pg_answer *sent = &answers->list[1];

	*ret_now = look->result != NULL ? now_of(order, bound, look->result)
					: PG_NOW_HIDDEN;
	if (sent->why.code == ERR_FORBIDDEN) {
		*err = sent->why;
		return PG_SENT_REFUSED;
	}
	/* An error may have come behind the signal: a time-out, say. */
	if (sent->why.code != ERR_OK) {
		*err = sent->why;
		return PG_SENT_DOUBT;
	}
	if (pg_result_rows(sent->result) > 0)
		return PG_SENT_YES;
	/* It was still so when looked at, a moment before. */
	if (*ret_now == PG_NOW_SAME)
		*ret_now = PG_NOW_CHANGED;
	return PG_SENT_NOTHING;
}

enum pg_sent
pg_order_send(struct pg_act *act, const struct pg_order *order, size_t index,
    enum pg_now *ret_now, struct err *err)
{
	const struct pg_bound *bound = &order->list[index];
	const struct pg_order one = { .bind = order->bind,
		.signal = order->signal,
		.list = &order->list[index],
		.count = 1 };
	struct buf look = BUF_INIT(PG_SQL_MAX), send = BUF_INIT(PG_SQL_MAX);
	struct buf pids = BUF_INIT(NUMBER_MAX);
	char pid[NUMBER_MAX], start[NUMBER_MAX], stamp[NUMBER_MAX];
	const char *look_params[1], *send_params[] = { pid, start, stamp };
	/* Two groups: the views of one transaction are a single snapshot. */
	struct pg_question questions[] = {
		{ .params = look_params, .param_count = 1 },
		{ .params = send_params, .param_count = 3 },
	};
	struct pg_answers answers = PG_ANSWERS_INIT;
	enum pg_sent sent = PG_SENT_REFUSED;

	snprintf(pid, sizeof(pid), "%d", bound->pid);
	snprintf(start, sizeof(start), "%lld", (long long)bound->start_us);
	snprintf(stamp, sizeof(stamp), "%lld", (long long)bound->stamp_us);
	if (!write_pids(&one, &pids) || !write_look(&one, &look) ||
	    !write_send(&one, &send)) {
		err_set(err, ERR_NOMEM, "postgres", "no memory");
	} else {
		look_params[0] = buf_cstr(&pids);
		questions[0].sql = buf_cstr(&look);
		questions[1].sql = buf_cstr(&send);
		sent = PG_SENT_DOUBT;
		if (pg_act_ask(act, questions, 2, &answers, err) == ERR_OK)
			sent = sent_of(&one, bound, &answers, ret_now, err);
		pg_answers_release(&answers);
	}
	buf_release(&pids);
	buf_release(&look);
	buf_release(&send);
	return sent;
}

const char *
pg_order_why(const struct pg_order *order, enum pg_now now)
{
	if (now == PG_NOW_GONE)
		return "it had gone already";
	if (now == PG_NOW_HIDDEN)
		return "it can't be seen any more: GRANT pg_monitor";
	return binds[order->bind].not ;
}
