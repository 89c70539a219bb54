#include "actions/queue_ref.h"

#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_out.h"
#include "datasrc/bullmq_conf.h"
#include "model/platform.h"

/* Both passes of reading one queue, without the reasons of failures. */
static enum err_code
look_read(struct queue_link *link, struct queue_look *look, struct err *err)
{
	const struct action_ctx *ctx = link->ctx;
	struct redis_replies first = REDIS_REPLIES_INIT,
			     second = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	size_t no_reasons = 0;
	enum err_code code;

	look->now_ms = clock_wall_ms() + link->session.skew_ms;
	redis_batch_init(&batch);
	bullmq_ask_first(&batch, &look->track, look->now_ms);
	code = queue_ask(link, &batch, &first, err);
	redis_batch_release(&batch);
	if (code != ERR_OK)
		goto out;
	bullmq_read_first(&look->queue, &look->track, &first, 0);
	if (look->queue.code != ERR_OK) {
		code = err_set(
		    err, look->queue.code, "queue", "%s", look->queue.why);
		goto out;
	}
	redis_batch_init(&batch);
	bullmq_ask_second(
	    &batch, &look->track, &look->queue, &first, 0, &no_reasons);
	code = queue_ask(link, &batch, &second, err);
	redis_batch_release(&batch);
	if (code == ERR_OK)
		bullmq_read_second(&look->queue, &look->track, &first, 0,
		    &second, 0, look->now_ms, ctx->redactor);
out:
	redis_replies_release(&first);
	redis_replies_release(&second);
	return code;
}

/* Whether the queue is there, and of a kind that can be written. */
static enum err_code
look_check(const struct queue_link *link, const struct queue_look *look,
    struct err *err)
{
	const struct bullmq_conf *conf = link->ctx->source->config;
	const struct bullmq_queue *q = &look->queue;

	if (!q->exists)
		return err_set(err, ERR_NOTFOUND, "queue",
		    "no queue \"%s\" in %s with the prefix %s",
		    look->track.name, link->session.place, conf->prefix);
	if (q->broken != NULL)
		return err_set(err, ERR_UNSUPPORTED, "queue",
		    "the key %s%s is of a type that no queue has: somebody "
		    "wrote it by hand, so nothing may be moved here",
		    look->track.base, q->broken);
	if (q->dialect == BULLMQ_UNKNOWN)
		return err_set(err, ERR_UNSUPPORTED, "queue",
		    "%s is newer than the versions that sevtop knows: look, "
		    "don't touch",
		    q->evidence.version);
	return ERR_OK;
}

enum err_code
queue_look(struct queue_link *link, const char *name, struct queue_ref *ref,
    struct queue_look **ret_look, struct err *err)
{
	const struct bullmq_conf *conf = link->ctx->source->config;
	struct queue_look *look = mem_calloc(1, sizeof(*look));
	enum err_code code = ERR_OK;

	if (look == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	if (!bullmq_track_init(&look->track, conf->prefix, name))
		code = err_set(err, ERR_USAGE, "queue",
		    "\"%s\" is too long for the name of a queue", name);
	if (code == ERR_OK)
		code = look_read(link, look, err);
	if (code == ERR_OK)
		code = look_check(link, look, err);
	if (code != ERR_OK) {
		mem_free(look);
		return code;
	}
	*ref = (struct queue_ref) { .dialect = look->queue.dialect };
	snprintf(ref->name, sizeof(ref->name), "%s", name);
	snprintf(ref->base, sizeof(ref->base), "%s", look->track.base);
	snprintf(ref->version, sizeof(ref->version), "%s",
	    look->queue.evidence.version);
	*ret_look = look;
	return ERR_OK;
}

void
queue_trap_unsure(struct plan *plan, const struct queue_look *look)
{
	if (!look->queue.dialect_sure)
		plan_trap(plan,
		    text_fmt(plan->arena,
			"the queue does not name its library's version; it is "
			"taken for %s, which loses no job if that is wrong",
			bullmq_dialect_name(look->queue.dialect)));
}

enum err_code
queue_split(const char *target, char queue[BULLMQ_NAME_MAX],
    char job[BULLMQ_JOB_MAX], struct err *err)
{
	const char *slash = strchr(target, '/');
	size_t len = slash != NULL ? (size_t)(slash - target) : 0;

	if (len == 0 || len >= BULLMQ_NAME_MAX || slash[1] == '\0' ||
	    strlen(slash + 1) >= BULLMQ_JOB_MAX)
		return err_set(err, ERR_USAGE, "queue",
		    "a job is named by its queue and its id, such as "
		    "runPrompt/4711, not \"%.64s\"",
		    target);
	memcpy(queue, target, len);
	queue[len] = '\0';
	snprintf(job, BULLMQ_JOB_MAX, "%s", slash + 1);
	return ERR_OK;
}

void
queue_memo_keep(struct plan *plan, const struct queue_ref *refs, size_t count)
{
	struct buf scratch = BUF_INIT(BULLMQ_ID_MAX);
	struct buf memo = BUF_INIT(PLAN_MEMO_MAX);
	struct json_out out = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&out);
	struct cJSON *list = json_out_list(&out, root, "queues");

	for (size_t i = 0; i < count; i++) {
		struct cJSON *row = json_out_row(&out, list);

		json_out_str(&out, row, "name", refs[i].name);
		json_out_str(&out, row, "base", refs[i].base);
		json_out_str(&out, row, "version", refs[i].version);
		json_out_num(&out, row, "dialect", refs[i].dialect);
		json_out_str(&out, row, "job", refs[i].job);
		json_out_str(&out, row, "stamp", refs[i].stamp);
		json_out_num(&out, row, "until", (double)refs[i].until_ms);
		json_out_num(&out, row, "count", (double)refs[i].count);
		json_out_num(&out, row, "total", (double)refs[i].total);
	}
	/* A memo that is missing makes the plan useless, and is refused. */
	if (json_out_close(&out, root, &memo) == ERR_OK)
		plan_memo(plan, buf_cstr(&memo));
	buf_release(&memo);
	buf_release(&scratch);
}

/* A text member that fits; a missing one is an error. */
static bool
memo_text(const struct cJSON *row, const char *key, char *out, size_t cap)
{
	const char *text = json_string(json_member(row, key));

	if (text == NULL || strlen(text) >= cap)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool
memo_ref(const struct cJSON *row, struct queue_ref *ref)
{
	int64_t dialect;

	if (!memo_text(row, "name", ref->name, sizeof(ref->name)) ||
	    !memo_text(row, "base", ref->base, sizeof(ref->base)) ||
	    !memo_text(row, "version", ref->version, sizeof(ref->version)) ||
	    !memo_text(row, "job", ref->job, sizeof(ref->job)) ||
	    !memo_text(row, "stamp", ref->stamp, sizeof(ref->stamp)) ||
	    !json_int(json_member(row, "dialect"), &dialect) ||
	    !json_int(json_member(row, "until"), &ref->until_ms) ||
	    !json_int(json_member(row, "count"), &ref->count) ||
	    !json_int(json_member(row, "total"), &ref->total) ||
	    dialect <= BULLMQ_UNKNOWN || dialect > BULLMQ_6)
		return false;
	ref->dialect = (enum bullmq_dialect)dialect;
	return true;
}

/*
 * Reads them back, into ctx->arena; their count is that of the targets.
 * ERR_BADDATA: the plan comes from elsewhere.
 */
static enum err_code
queue_memo_read(const struct action_ctx *ctx, const struct plan *plan,
    struct queue_ref **ret_refs, size_t *ret_count, struct err *err)
{
	size_t count = plan->request->is.target_count, n = 0;
	struct queue_ref *refs = arena_array(ctx->arena, count, sizeof(*refs));
	struct cJSON *root = NULL;
	enum err_code code;

	if (refs == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	code = json_parse(plan->memo, strlen(plan->memo), &root, err);
	for (const struct cJSON *row = json_first(json_member(root, "queues"));
	     row != NULL && n < count && memo_ref(row, &refs[n]);
	     row = json_next(row))
		n++;
	json_free(root);
	if (code != ERR_OK || n != count)
		return err_set(err, ERR_BADDATA, "queue",
		    "the plan does not say which queues it was made for");
	*ret_refs = refs;
	*ret_count = count;
	return ERR_OK;
}

enum err_code
queue_apply_each(struct action_ctx *ctx, const struct plan *plan,
    queue_apply_fn *fn, struct err *err)
{
	struct queue_link link;
	struct queue_ref *refs;
	size_t count = 0, at = 0;
	bool sent = false;
	enum err_code code = queue_memo_read(ctx, plan, &refs, &count, err);

	if (code != ERR_OK)
		return code;
	code = queue_link_open(&link, ctx, err);
	for (; code == ERR_OK && at < count; at++) {
		sent = false;
		code = fn(ctx, &link, &refs[at], at, &sent, err);
	}
	queue_link_release(&link);
	if (code == ERR_OK)
		return code;
	/* The one that failed may be in doubt; those behind it are not. */
	for (size_t i = sent || at == 0 ? at : at - 1; i < count; i++)
		action_target(
		    ctx, i, TARGET_UNCHANGED, "not sent: %s", err_text(err));
	return code;
}

enum err_code
queue_verify_each(struct action_ctx *ctx, const struct plan *plan,
    queue_verify_fn *fn, struct err *err)
{
	struct queue_link link;
	struct queue_ref *refs;
	size_t count = 0;
	enum err_code code = queue_memo_read(ctx, plan, &refs, &count, err);

	if (code != ERR_OK)
		return code;
	code = queue_link_open(&link, ctx, err);
	for (size_t i = 0; code == ERR_OK && i < count; i++)
		if (action_is_open(ctx, i))
			code = fn(ctx, &link, &refs[i], i, err);
	queue_link_release(&link);
	return code;
}

enum err_code
queue_ask(struct queue_link *link, struct redis_batch *batch,
    struct redis_replies *ret_replies, struct err *err)
{
	return redis_session_run(&link->session, batch, link->ctx->deadline,
	    link->ctx->cancel, ret_replies, err);
}
