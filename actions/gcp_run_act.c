#include "actions/gcp_run_act.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/textbuf.h"
#include "model/platform.h"
#include "model/store.h"

static const char origin[] = "run";

enum err_code
run_act_open(struct run_act *act, const struct action_ctx *ctx,
    const struct gcp_run_conf *conf, const char *name, bool rest,
    struct err *err)
{
	struct run_ref ref;
	enum err_code code;

	*act = (struct run_act) {
		.ctx = ctx,
		.poll = { .deadline = ctx->deadline, .cancel = ctx->cancel },
	};
	code = run_ref_read(conf, name, rest, &ref, err);
	if (code == ERR_OK)
		code = run_one_open(
		    &act->one, conf, &ref, ctx->tokens, ctx->redactor, err);
	return code;
}

void
run_act_close(struct run_act *act)
{
	/* Its variables may be secrets. */
	act->doc = json_wipe(act->doc);
	run_one_close(&act->one);
}

struct run_reader
run_act_reader(const struct run_act *act)
{
	return (struct run_reader) {
		.redactor = act->ctx->redactor,
		.arena = act->ctx->arena,
		.flags = &act->one.conf->flags,
		.region = act->one.ref.region,
		.regions = act->one.conf->regions.count > 1,
		.wall_ms = act->ctx->wall_ms,
	};
}

enum err_code
run_act_look(struct run_act *act, struct err *err)
{
	const struct run_reader reader = run_act_reader(act);
	enum err_code code;

	act->doc = json_wipe(act->doc);
	code = run_one_get(&act->one, &act->poll, &act->doc, err);
	if (code != ERR_OK)
		return code;
	if (!run_service_read(&reader, act->doc, &act->now))
		return err_set(err, ERR_BADDATA, origin,
		    "%s: the answer has no name", act->one.what);
	return ERR_OK;
}

enum err_code
run_act_first(struct run_act *act, const struct action_ctx *ctx, bool rest,
    struct err *err)
{
	enum err_code code = run_act_open(act, ctx, ctx->source->config,
	    ctx->request->is.targets[0].name, rest, err);

	return code == ERR_OK ? run_act_look(act, err) : code;
}

const char *
run_act_etag(const struct run_act *act)
{
	const char *etag = json_string(json_member(act->doc, "etag"));

	return etag != NULL ? etag : "";
}

static int64_t
doc_number(const struct cJSON *doc, const char *key)
{
	const struct cJSON *v = json_member(doc, key);
	const char *s = json_string(v);
	int64_t n = -1;

	if (s != NULL ? !num_parse_i64(s, strlen(s), &n) : !json_int(v, &n))
		return -1;
	return n;
}

/* -1: not known. */
static int64_t
generation_of(const struct run_act *act)
{
	return doc_number(act->doc, "generation");
}

bool
run_doc_settled(const struct cJSON *doc)
{
	bool busy = false;

	if (!json_bool(json_member(doc, "reconciling"), &busy))
		busy = false;
	return !busy && doc_number(doc, "generation") ==
			    doc_number(doc, "observedGeneration");
}

double
run_act_figure(const struct run_act *act, const char *metric)
{
	const struct action_ctx *ctx = act->ctx;
	double sum = NAN;

	for (size_t s = 0; s < ctx->frame->slot_count; s++) {
		const struct section *section = ctx->frame->sections[s];

		if (section == NULL || section->payload == NULL ||
		    section->code != ERR_OK ||
		    strcmp(section->platform, ctx->platform->name) != 0)
			continue;
		for (size_t i = 0; i < section->payload->metric_count; i++) {
			const struct metric *m = &section->payload->metrics[i];

			if (text_eq(m->name, text_lit(metric)) &&
			    text_eq(
				metric_label(m, "service"), act->now.name) &&
			    isfinite(m->value))
				sum = isnan(sum) ? m->value : sum + m->value;
		}
	}
	return sum;
}

void
run_act_trap_pin(const struct run_act *act, struct plan *plan)
{
	double latest = act->now.share_count > 0 ? 0 : 100;
	struct text_buf tb;

	for (size_t i = 0; i < act->now.share_count; i++)
		if (act->now.shares[i].latest)
			latest += act->now.shares[i].percent;
	tb_init(&tb);
	if (!act->now.pinned && latest < 100) {
		tb_lit(&tb, "only ");
		tb_num(&tb, latest / 100, NUM_PERCENT);
		tb_lit(&tb, " of the traffic go to the latest revision (");
		tb_text(&tb, run_traffic(act->ctx->arena, &act->now));
		tb_lit(&tb, "): the others do not see this until run.traffic "
			    "to=latest");
		plan_trap(plan, text_copy(plan->arena, tb_end(&tb)));
		return;
	}
	if (!act->now.pinned)
		return;
	tb_lit(&tb, "traffic is pinned to ");
	tb_text(&tb, run_traffic(act->ctx->arena, &act->now));
	tb_lit(&tb, ": this makes a new revision that nobody reaches until "
		    "traffic goes to latest (run.traffic to=latest)");
	plan_trap(plan, text_copy(plan->arena, tb_end(&tb)));
}

/* What goes out, whole. */
static enum err_code
body_make(const struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, struct buf *out, struct err *err)
{
	const char *etag = run_act_etag(act);
	struct cJSON *body = json_new_object();
	enum err_code code = ERR_NOMEM;

	if (json_put(body, "etag", json_new_text(etag, strlen(etag))))
		code = edit->put(act->doc, wants, body, err);
	if (code == ERR_OK && !json_write(out, body))
		code = ERR_NOMEM;
	json_wipe(body);
	if (code == ERR_NOMEM)
		err_set(err, code, origin, "no memory");
	return code;
}

/* It may hold variables that are secrets. */
static void
body_release(struct buf *body)
{
	if (body->data != NULL)
		memset(body->data, 0, body->cap);
	buf_release(body);
}

enum err_code
run_act_plan_send(struct run_act *act, struct plan *plan,
    const struct run_edit *edit, const struct cJSON *wants, struct text words,
    struct err *err)
{
	struct buf out = BUF_INIT(GCP_BODY_MAX), body = BUF_INIT(GCP_BODY_MAX);
	enum err_code code;

	if (run_act_etag(act)[0] == '\0')
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%s: it came without an etag, so that a change of somebody "
		    "else could be lost",
		    act->one.what);
	code = body_make(act, edit, wants, &body, err);
	if (code == ERR_OK && run_one_words(&act->one, edit->mask, &out)) {
		buf_str(&out, "  ");
		if (words.len == 0)
			buf_str(&out, buf_cstr(&body));
		else
			text_plain(&out, words);
		plan_send(plan, text_ingest(act->ctx->redactor, plan->arena,
				    buf_cstr(&out), out.len, PLAN_TEXT_MAX));
	}
	body_release(&body);
	buf_release(&out);
	return code;
}

static void
plan_basis(const struct run_act *act, struct plan *plan)
{
	const struct run_ref *ref = &act->one.ref;
	struct text parts[4] = {
		text_fmt(plan->arena, "service %s in %s of %s, generation %lld",
		    ref->service, ref->region, act->one.conf->gcp.project,
		    (long long)generation_of(act)),
		act->now.who.len > 0 ? TEXT(", changed last by ") : TEXT_EMPTY,
		act->now.who,
		TEXT("; nothing is sent when it is another by then"),
	};

	plan->basis = text_join(plan->arena, parts, ARRAY_LEN(parts));
}

/* {"etag", "generation", "wants"} */
static bool
memo_keep(
    const struct run_act *act, struct plan *plan, const struct cJSON *wants)
{
	const char *etag = run_act_etag(act);
	struct cJSON *memo = json_new_object();
	struct buf text = BUF_INIT(PLAN_MEMO_MAX);
	bool good = json_put(memo, "etag", json_new_text(etag, strlen(etag))) &&
		    json_put(memo, "generation",
			json_new_number((double)generation_of(act))) &&
		    json_put(memo, "wants", json_copy(wants)) &&
		    json_write(&text, memo);

	if (good)
		plan_memo(plan, buf_cstr(&text));
	json_free(memo);
	buf_release(&text);
	return good;
}

enum err_code
run_act_plan(struct run_act *act, struct plan *plan,
    const struct run_edit *edit, const struct cJSON *wants, struct text words,
    struct err *err)
{
	enum err_code code;

	plan_basis(act, plan);
	code = plan->nothing
		   ? ERR_OK
		   : run_act_plan_send(act, plan, edit, wants, words, err);
	if (code == ERR_OK && !memo_keep(act, plan, wants))
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	return code;
}

/* The id of the operation that an answer names; "": it names none. */
static void
take_operation(const struct cJSON *operation, char op[ACTION_KEPT_MAX])
{
	const char *id = run_base(json_member(operation, "name"));

	op[0] = '\0';
	if (id != NULL && strlen(id) < ACTION_KEPT_MAX)
		snprintf(op, ACTION_KEPT_MAX, "%s", id);
}

enum gcp_sent
run_act_send(struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, const char *etag, char op[ACTION_KEPT_MAX],
    struct err *err)
{
	struct buf body = BUF_INIT(GCP_BODY_MAX);
	struct cJSON *operation = NULL;
	enum gcp_sent sent = GCP_UNSENT;
	enum err_code code = run_act_look(act, err);

	op[0] = '\0';
	if (code == ERR_OK && strcmp(run_act_etag(act), etag) != 0) {
		err_set(err, ERR_CLOSED, origin,
		    "changed since you looked: %s is of generation %lld now",
		    act->one.ref.service, (long long)generation_of(act));
		return GCP_CHANGED;
	}
	if (code == ERR_OK)
		code = body_make(act, edit, wants, &body, err);
	if (code == ERR_OK)
		sent = run_one_patch(&act->one, edit->mask, buf_cstr(&body),
		    &act->poll, &operation, err);
	if (sent == GCP_TAKEN)
		take_operation(operation, op);
	json_wipe(operation);
	body_release(&body);
	return sent;
}

/* How an operation stands. */
struct operation {
	bool known; /* it could be read */
	bool done;
	bool failed;
	char why[ERR_MSG_MAX / 2]; /* Google's words when it failed */
};

/*
 * The names of google.rpc.Code that are worth telling, for an error without
 * words.
 */
static void
operation_why(const struct cJSON *error, struct operation *ret)
{
	const char *message = json_string(json_member(error, "message"));
	int64_t number = 0;

	if (message != NULL && message[0] != '\0')
		snprintf(ret->why, sizeof(ret->why), "%s", message);
	else if (json_int(json_member(error, "code"), &number))
		snprintf(ret->why, sizeof(ret->why), "error %lld of gRPC",
		    (long long)number);
	else
		snprintf(ret->why, sizeof(ret->why), "no reason was given");
}

/* What can't be read is as good as forgotten: the service tells the rest. */
static void
operation_read(struct run_act *act, const char *id, struct operation *ret)
{
	struct cJSON *doc = NULL;
	const struct cJSON *error;

	*ret = (struct operation) { .known = false };
	if (id[0] == '\0' ||
	    run_one_operation(&act->one, id, &act->poll, &doc, NULL) != ERR_OK)
		return;
	error = json_member(doc, "error");
	ret->known = true;
	if (!json_bool(json_member(doc, "done"), &ret->done))
		ret->done = false;
	ret->failed = ret->done && json_is_object(error);
	if (ret->failed)
		operation_why(error, ret);
	json_wipe(doc);
}

/* A condition of the service that failed; NULL: none did. */
static const char *
failed_why(const struct run_act *act)
{
	const struct cJSON *last = json_member(act->doc, "terminalCondition");
	const char *state = json_string(json_member(last, "state"));
	const char *why = json_string(json_member(last, "message"));

	if (state == NULL || strcmp(state, "CONDITION_FAILED") != 0 ||
	    !run_doc_settled(act->doc))
		return NULL;
	return why != NULL && why[0] != '\0' ? why : "no reason was given";
}

/* It was asked for, and did not come true. */
static enum target_state
judge_broken(const struct run_act *act, const struct run_edit *edit,
    const char *why, char words[ERR_MSG_MAX])
{
	const char *ready =
	    run_base(json_member(act->doc, "latestReadyRevision"));

	if (edit->revision && ready != NULL)
		snprintf(words, ERR_MSG_MAX,
		    "the new revision failed; ready is %.45s. Google: %.100s",
		    ready, why);
	else
		snprintf(words, ERR_MSG_MAX,
		    "it is asked for, and not so. Google: %.140s", why);
	return TARGET_FAILED;
}

/* It is not to be seen. */
static enum target_state
judge_absent(const struct run_act *act, const struct run_sent *sent,
    const struct operation *op, char words[ERR_MSG_MAX])
{
	const char *who = json_string(json_member(act->doc, "lastModifier"));
	int64_t now = generation_of(act);
	bool same = now == sent->generation;
	bool once = now == sent->generation + 1;

	if (who == NULL)
		who = "somebody";
	if (op->failed) {
		snprintf(words, ERR_MSG_MAX, "Google: %.180s", op->why);
		return same ? TARGET_UNCHANGED : TARGET_FAILED;
	}
	/* The etag is gone, so ours would be refused now. */
	if (!sent->accepted && once) {
		snprintf(words, ERR_MSG_MAX,
		    "%.80s changed it instead; this can't come any more", who);
		return TARGET_UNCHANGED;
	}
	if (!same && !once && now > 0 && sent->generation > 0) {
		snprintf(words, ERR_MSG_MAX,
		    sent->accepted
			? "it was taken, and changed again since by %.80s"
			: "changed more than once since, last by %.80s: "
			  "whether this was among it can't be told",
		    who);
		return TARGET_FAILED;
	}
	return TARGET_OPEN;
}

/* How much of it is seen, as far as that proves anything. */
static enum run_shown
shown_of(const struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, const struct run_sent *sent,
    const struct operation *op)
{
	enum run_shown shown = edit->shown(act->doc, wants);

	/* Of a default there is nothing to be seen, also before it is sent. */
	if (generation_of(act) == sent->generation &&
	    (!sent->accepted || op->failed))
		return RUN_ABSENT;
	if (shown == RUN_REAL && op->failed && !edit->proof)
		return RUN_ASKED;
	return shown;
}

/* What is odd about it, though it is so. */
static void
done_words(const struct run_act *act, const struct run_sent *sent,
    const struct operation *op, char words[ERR_MSG_MAX])
{
	const char *who = json_string(json_member(act->doc, "lastModifier"));

	if (op->failed)
		snprintf(words, ERR_MSG_MAX,
		    "it is so, though Google's operation ended with: %.100s",
		    op->why);
	else if (op->known && !op->done)
		snprintf(words, ERR_MSG_MAX,
		    "it is so, though Google's operation goes on");
	else if (!sent->accepted && who != NULL)
		snprintf(words, ERR_MSG_MAX,
		    "it is so, changed last by %.80s; nothing was answered, so "
		    "somebody else may have done the same",
		    who);
}

enum err_code
run_act_check(struct run_act *act, const struct run_edit *edit,
    const struct cJSON *wants, const struct run_sent *sent,
    enum target_state *ret_state, char words[ERR_MSG_MAX], struct err *err)
{
	struct operation op;
	enum target_state state = TARGET_OPEN;
	enum run_shown shown;
	const char *why;
	enum err_code code;

	words[0] = '\0';
	operation_read(act, sent->op, &op);
	code = run_act_look(act, err);
	if (code != ERR_OK)
		return code;
	shown = shown_of(act, edit, wants, sent, &op);
	why = op.failed ? op.why : edit->revision ? failed_why(act) : NULL;
	if (shown == RUN_REAL && (!op.known || op.done || act->ctx->late)) {
		state = TARGET_DONE;
		done_words(act, sent, &op, words);
	} else if (shown == RUN_ASKED && why != NULL &&
		   (op.done || !op.known)) {
		state = judge_broken(act, edit, why, words);
	} else if (shown == RUN_ABSENT) {
		state = judge_absent(act, sent, &op, words);
	}
	*ret_state = state;
	return ERR_OK;
}

/* What a plan keeps; root owns the texts. */
struct run_memo {
	struct cJSON *root;
	const char *etag;
	const struct cJSON *wants;
	int64_t generation;
};

static enum err_code
memo_read(const struct plan *plan, struct run_memo *ret, struct err *err)
{
	enum err_code code;

	*ret = (struct run_memo) { .root = NULL };
	code = json_parse(plan->memo, strlen(plan->memo), &ret->root, err);
	ret->etag = json_string(json_member(ret->root, "etag"));
	ret->wants = json_member(ret->root, "wants");
	if (code == ERR_OK && ret->etag != NULL && json_is_object(ret->wants) &&
	    json_int(json_member(ret->root, "generation"), &ret->generation))
		return ERR_OK;
	ret->root = json_free(ret->root);
	return err_set(err, ERR_BADDATA, origin,
	    "the plan does not say which service it was made for");
}

static void
report_sent(
    struct action_ctx *ctx, enum gcp_sent sent, const char *op, struct err *err)
{
	if (sent == GCP_TAKEN) {
		action_keep(ctx, 0, op);
		action_target(ctx, 0, TARGET_ACCEPTED, NULL);
	} else if (sent == GCP_MAYBE) {
		action_target(ctx, 0, TARGET_OPEN, "%s", err_text(err));
	} else {
		action_target(ctx, 0, TARGET_UNCHANGED, "%s", err_text(err));
	}
}

enum err_code
run_act_apply(struct action_ctx *ctx, const struct plan *plan,
    const struct run_edit *edit, struct err *err)
{
	char op[ACTION_KEPT_MAX] = "";
	struct run_act act;
	struct run_memo memo;
	enum gcp_sent sent = GCP_UNSENT;
	enum err_code code = memo_read(plan, &memo, err);

	if (code != ERR_OK) {
		action_target(
		    ctx, 0, TARGET_UNCHANGED, "not sent: %s", err_text(err));
		return code;
	}
	code = run_act_open(&act, ctx, ctx->source->config,
	    ctx->request->is.targets[0].name, true, err);
	if (code == ERR_OK)
		sent = run_act_send(&act, edit, memo.wants, memo.etag, op, err);
	report_sent(ctx, sent, op, err);
	run_act_close(&act);
	json_free(memo.root);
	return sent == GCP_TAKEN ? ERR_OK : err->code;
}

enum err_code
run_act_verify(struct action_ctx *ctx, const struct plan *plan,
    const struct run_edit *edit, struct err *err)
{
	char words[ERR_MSG_MAX] = "";
	enum target_state state = TARGET_OPEN;
	struct run_act act;
	struct run_memo memo;
	struct run_sent sent;
	enum err_code code = memo_read(plan, &memo, err);

	if (code != ERR_OK)
		return code;
	sent = (struct run_sent) { action_kept(ctx, 0), memo.generation,
		action_is_accepted(ctx, 0) };
	code = run_act_open(&act, ctx, ctx->source->config,
	    ctx->request->is.targets[0].name, true, err);
	if (code == ERR_OK)
		code = run_act_check(
		    &act, edit, memo.wants, &sent, &state, words, err);
	if (code == ERR_OK && state != TARGET_OPEN)
		action_target(
		    ctx, 0, state, words[0] != '\0' ? "%s" : NULL, words);
	run_act_close(&act);
	json_free(memo.root);
	return code;
}

const struct action_row run_service_rows[] = {
	{ "gcp.run", "services", NULL },
	{ NULL, NULL, NULL },
};
