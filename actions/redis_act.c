#include "actions/redis_act.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/json_out.h"
#include "model/limits.h"
#include "model/platform.h"

enum {
	SAID_INFO,
	SAID_STATS,
};

static void
info_take(const struct redisReply *reply, struct redis_info *info)
{
	const char *text = "";
	size_t len = 0;

	redis_reply_str(reply, &text, &len);
	redis_info_parse(info, text, len);
}

enum err_code
redis_act_info(struct redis_act *act, struct err *err)
{
	struct redis_batch batch;
	struct redis_word id;
	enum err_code code;

	redis_replies_release(&act->said);
	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "INFO", NULL);
	redis_batch_cmd(&batch, "INFO", "commandstats", NULL);
	code = redis_act_ask(act, &batch, &act->said, err);
	if (code == ERR_OK)
		code = redis_reply_check(
		    redis_replies_at(&act->said, SAID_INFO), err);
	if (code != ERR_OK)
		return code;
	info_take(redis_replies_at(&act->said, SAID_INFO), &act->info);
	info_take(redis_replies_at(&act->said, SAID_STATS), &act->stats);
	id = redis_info_word(&act->info, "run_id");
	snprintf(act->run_id, sizeof(act->run_id), "%.*s", (int)id.len,
	    id.at != NULL ? id.at : "");
	return ERR_OK;
}

enum err_code
redis_act_open(const struct action_ctx *ctx, int64_t db,
    struct redis_act **ret_act, struct err *err)
{
	struct redis_act *act = arena_alloc(ctx->arena, sizeof(*act));
	enum err_code code;

	if (act == NULL)
		return err_set(err, ERR_NOMEM, "redis", "no memory");
	*act = (struct redis_act) { .ctx = ctx };
	redis_session_init(&act->session, ctx->source->config);
	act->session.other_db = db;
	*ret_act = act;
	code =
	    redis_session_ready(&act->session, ctx->deadline, ctx->cancel, err);
	if (code == ERR_OK)
		code = redis_act_info(act, err);
	if (code == ERR_OK && redis_info_is(&act->info, "cluster_enabled", "1"))
		code = err_set(err, ERR_UNSUPPORTED, "redis",
		    "%s is a node of a Redis Cluster: other nodes hold keys, "
		    "too, and sevtop asks only this one",
		    act->session.place);
	return code;
}

void
redis_act_close(struct redis_act *act)
{
	if (act == NULL)
		return;
	redis_replies_release(&act->said);
	redis_session_close(&act->session);
}

enum err_code
redis_act_ask(struct redis_act *act, struct redis_batch *batch,
    struct redis_replies *ret_replies, struct err *err)
{
	enum err_code code = ERR_OK;

	if (batch->failed != ERR_OK)
		code = err_set(err, batch->failed, "redis",
		    "no memory, or too much for one request");
	/* Not redis_session_run(), which may ask on a new connection. */
	if (code == ERR_OK)
		code = redis_conn_run(act->session.conn, batch,
		    act->ctx->deadline, act->ctx->cancel, ret_replies, err);
	redis_batch_release(batch);
	return code;
}

enum err_code
redis_act_writable(const struct redis_act *act, struct err *err)
{
	struct redis_word host, port;

	if (!redis_info_is(&act->info, "role", "slave"))
		return ERR_OK;
	host = redis_info_word(&act->info, "master_host");
	port = redis_info_word(&act->info, "master_port");
	return err_set(err, ERR_FORBIDDEN, "redis",
	    "%s is a replica: do it on its primary %.*s:%.*s",
	    act->session.place, (int)host.len, host.at != NULL ? host.at : "",
	    (int)port.len, port.at != NULL ? port.at : "");
}

static int64_t
int_of(double value, int64_t fallback)
{
	return isfinite(value) && fabs(value) < 9e15 ? llround(value)
						     : fallback;
}

int64_t
redis_act_int(const struct redis_act *act, const char *key, int64_t fallback)
{
	return int_of(redis_info_num(&act->info, key), fallback);
}

int64_t
redis_act_calls(const struct redis_act *act, const char *command)
{
	char key[64];
	struct redis_word word;

	/* No line: not called yet; no lines at all: not shown to us. */
	if (act->stats.count == 0)
		return -1;
	snprintf(key, sizeof(key), "cmdstat_%s", command);
	word = redis_info_word(&act->stats, key);
	return word.at != NULL ? int_of(redis_word_field(word, "calls"), -1)
			       : 0;
}

enum err_code
redis_db_read(const struct request *request, int64_t *ret_db, struct err *err)
{
	const char *name = "", *digits;
	int64_t db = -1;

	if (request->is.target_count > 0) {
		name = request->is.targets[0].name;
		digits = strncmp(name, "db", 2) == 0 ? name + 2 : name;
		if (!num_parse_i64(digits, strlen(digits), &db) || db < 0 ||
		    db > REDIS_DB_MAX)
			return err_set(err, ERR_USAGE, "redis",
			    "a database is named by its number, such as db0, "
			    "not \"%.64s\"",
			    name);
	}
	*ret_db = db;
	return ERR_OK;
}

const struct action_row redis_db_rows[] = {
	{ "redis", "keyspace", NULL },
	{ NULL, NULL, NULL },
};

void
redis_act_basis(const struct redis_act *act, struct plan *plan)
{
	struct redis_word version =
	    redis_info_word(&act->info, "redis_version");

	plan->basis = text_fmt(plan->arena,
	    "%s, Redis %.*s, %s; nothing is sent when the server is another "
	    "by then, or was restarted",
	    act->session.place, (int)version.len,
	    version.at != NULL ? version.at : "",
	    redis_info_is(&act->info, "role", "slave") ? "replica" : "primary");
}

const char *
redis_act_word(const struct redis_act *act, struct arena *arena)
{
	struct buf word = BUF_INIT(ACTION_TARGET_MAX);
	const char *copy = NULL;

	if (buf_fmt(&word, "%s/db%u", act->ctx->source->name, act->session.db))
		copy = arena_copy(arena, buf_cstr(&word), word.len);
	buf_release(&word);
	return copy != NULL ? copy : "";
}

void
redis_memo_init(struct redis_memo *memo, const struct redis_act *act)
{
	*memo = (struct redis_memo) { .db = act->session.db };
	memcpy(memo->run_id, act->run_id, sizeof(memo->run_id));
}

void
redis_memo_keep(const struct redis_memo *memo, struct plan *plan)
{
	struct buf scratch = BUF_INIT(REDIS_RUN_ID_MAX * 8);
	struct buf text = BUF_INIT(PLAN_MEMO_MAX);
	struct json_out out = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&out);

	json_out_str(&out, root, "run_id", memo->run_id);
	json_out_num(&out, root, "db", (double)memo->db);
	json_out_num(&out, root, "count", (double)memo->count);
	json_out_num(&out, root, "calls", (double)memo->calls);
	json_out_num(&out, root, "saved", (double)memo->saved_s);
	json_out_num(&out, root, "saves", (double)memo->saves);
	json_out_num(&out, root, "good", memo->save_good);
	/* A memo that is missing makes the plan useless, and is refused. */
	if (json_out_close(&out, root, &text) == ERR_OK)
		plan_memo(plan, buf_cstr(&text));
	buf_release(&text);
	buf_release(&scratch);
}

enum err_code
redis_memo_read(
    const struct plan *plan, struct redis_memo *ret_memo, struct err *err)
{
	struct redis_memo memo = { .db = -1 };
	struct cJSON *root = NULL;
	const char *id;
	int64_t good = 0;
	enum err_code code =
	    json_parse(plan->memo, strlen(plan->memo), &root, err);

	id = json_string(json_member(root, "run_id"));
	if (code != ERR_OK || id == NULL || strlen(id) >= sizeof(memo.run_id) ||
	    !json_int(json_member(root, "db"), &memo.db) ||
	    !json_int(json_member(root, "count"), &memo.count) ||
	    !json_int(json_member(root, "calls"), &memo.calls) ||
	    !json_int(json_member(root, "saved"), &memo.saved_s) ||
	    !json_int(json_member(root, "saves"), &memo.saves) ||
	    !json_int(json_member(root, "good"), &good) || memo.db < 0 ||
	    memo.db > REDIS_DB_MAX) {
		code = err_set(err, ERR_BADDATA, "redis",
		    "the plan does not say which server it was made for");
	} else {
		snprintf(memo.run_id, sizeof(memo.run_id), "%s", id);
		memo.save_good = good != 0;
		*ret_memo = memo;
	}
	json_free(root);
	return code;
}

enum err_code
redis_act_back(struct action_ctx *ctx, const struct plan *plan,
    struct redis_memo *ret_memo, struct redis_act **ret_act, bool *ret_same,
    struct err *err)
{
	enum err_code code = redis_memo_read(plan, ret_memo, err);

	if (code == ERR_OK)
		code = redis_act_open(ctx, ret_memo->db, ret_act, err);
	if (code == ERR_OK)
		*ret_same = strcmp((*ret_act)->run_id, ret_memo->run_id) == 0;
	return code;
}

enum err_code
redis_act_again(struct action_ctx *ctx, const struct plan *plan,
    struct redis_memo *ret_memo, struct redis_act **ret_act, struct err *err)
{
	bool same = false;
	enum err_code code =
	    redis_act_back(ctx, plan, ret_memo, ret_act, &same, err);

	if (code == ERR_OK && !same)
		code = err_set(err, ERR_CLOSED, "redis",
		    "changed since you looked: %s was restarted, or another "
		    "server has taken its place",
		    (*ret_act)->session.place);
	if (code != ERR_OK)
		action_targets(
		    ctx, TARGET_UNCHANGED, "not sent: %s", err_text(err));
	return code;
}
