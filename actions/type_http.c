/*
 * Configured actions of type "http": one request for each target, sent once
 * and never again, with redirects left alone. An answer with an expected
 * status is a yes; 4xx is a no and changed nothing; everything else, and no
 * answer once the request had begun to leave, is in doubt.
 */
#include "actions/action.h"

#include <string.h>

#include "actions/configured.h"
#include "actions/offer.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/http_probe.h"
#include "datasrc/http_verdict.h"
#include "datasrc/process_read.h"
#include "model/platform.h"

struct http_action_conf {
	struct configured_conf is; /* first */
	int method;		   /* index in methods */
	const char *body;	   /* template; NULL: none */
	const char *type;	   /* of the body */
	struct opt_list status;
	bool if_match;
};

/* A request with everything filled in. */
struct http_filled {
	struct http_conf http;
	struct http_ask ask;
};

static const char origin[] = "http";
static const char *const methods[] = { "POST", "PUT", "PATCH", "DELETE", "GET",
	NULL };

static enum template_form
form_of(const char *type)
{
	if (strstr(type, "json") != NULL)
		return TEMPLATE_JSON;
	if (strstr(type, "form-urlencoded") != NULL)
		return TEMPLATE_FORM;
	return TEMPLATE_TEXT;
}

/* What is sent as JSON has to be some. */
static enum err_code
check_json(const char *type, const char *body, struct err *err)
{
	struct cJSON *root = NULL;
	enum err_code code = ERR_OK;

	if (form_of(type) == TEMPLATE_JSON)
		code = json_parse(body, strlen(body), &root, err);
	json_free(root);
	if (code != ERR_OK)
		err_prefix(err, "the body is no JSON");
	return code;
}

/* One more header, for the etag that was read. */
static enum err_code
add_if_match(const struct scope *scope, struct opt_pairs *headers,
    const char *etag, struct err *err)
{
	struct opt_pair *items =
	    arena_array(scope->arena, headers->count + 1, sizeof(*items));

	if (items == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < headers->count; i++)
		items[i] = headers->items[i];
	items[headers->count++] = (struct opt_pair) { "If-Match", etag };
	headers->items = items;
	return ERR_OK;
}

/* The request for one target. */
static enum err_code
fill_request(const struct configured *c, size_t index,
    const struct scope *scope, struct http_filled *ret, struct err *err)
{
	const struct http_action_conf *conf = c->ctx->configured->config;
	const char *etag = c->was[index].etag;
	enum err_code code;

	*ret = (struct http_filled) {
		.http = conf->is.base.http,
		.ask = { .method = methods[conf->method],
		    .type = conf->type,
		    .once = true },
	};
	code = scope_fill(
	    scope, "url", ret->http.url, TEMPLATE_URL, &ret->http.url, err);
	if (code == ERR_OK)
		code =
		    scope_pairs(scope, "headers", &conf->is.base.http.headers,
			TEMPLATE_LINE, &ret->http.headers, err);
	if (code == ERR_OK && conf->body != NULL)
		code = scope_fill(scope, "body", conf->body,
		    form_of(conf->type), &ret->ask.body, err);
	if (code == ERR_OK && conf->body != NULL)
		code = check_json(conf->type, ret->ask.body, err);
	if (code == ERR_OK && conf->if_match && etag[0] == '\0')
		code = err_set(err, ERR_UNSUPPORTED, origin,
		    "if_match: no answer of reads came with a strong ETag");
	if (code == ERR_OK && conf->if_match)
		code = add_if_match(scope, &ret->http.headers, etag, err);
	return code;
}

/* Whether all of it can be sent: secrets are there, the URL is one. */
static enum err_code
prepare(const struct configured *c, const struct http_filled *filled,
    struct err *err)
{
	struct http_session session;
	struct http_target *target = NULL;
	enum err_code code;

	http_session_init(&session, &filled->http, c->ctx->redactor);
	code = http_session_targets(&session, &filled->ask, &filled->http.url,
	    1, c->ctx->cancel, &target, err);
	http_target_free(target);
	http_session_release(&session);
	return code;
}

static struct text
clean(const struct configured *c, struct plan *plan, const char *words)
{
	return text_ingest(
	    c->ctx->redactor, plan->arena, words, strlen(words), PLAN_TEXT_MAX);
}

/* Method, URL, headers by name where they are secret, body. */
static void
plan_request(const struct configured *c, struct plan *plan,
    const struct http_filled *filled)
{
	const struct http_conf *http = &filled->http;
	struct buf words = BUF_INIT(ACTION_FILLED_MAX);

	buf_fmt(&words, "%s %s", filled->ask.method, http->url);
	for (size_t i = 0; i < http->headers.count; i++) {
		const struct opt_pair *pair = &http->headers.items[i];
		bool secret = secret_ref_kind(pair->value) != SECRET_LITERAL;

		buf_fmt(&words, "; %s: %s", pair->key,
		    secret ? "(secret)" : pair->value);
	}
	if (http->bearer != NULL)
		buf_str(&words, "; with a bearer token");
	if (http->user != NULL)
		buf_fmt(&words, "; as user %s", http->user);
	plan_send(plan, clean(c, plan, buf_cstr(&words)));
	if (filled->ask.body != NULL)
		plan_send(plan, clean(c, plan, filled->ask.body));
	buf_release(&words);
}

static enum err_code
http_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct platform_action *action = ctx->configured;
	struct http_filled filled;
	struct configured c;
	enum err_code code = configured_begin(&c, ctx, err);

	if (code == ERR_OK)
		code = configured_plan(&c, plan, "the answer's status", err);
	for (size_t i = 0; code == ERR_OK && i < c.count; i++) {
		const struct scope scope = configured_scope(&c, i);

		code = fill_request(&c, i, &scope, &filled, err);
		if (code == ERR_OK)
			code = prepare(&c, &filled, err);
		if (code == ERR_OK)
			plan_request(&c, plan, &filled);
	}
	if (code != ERR_OK)
		return code;
	plan->verb = TEXT("send it");
	if (action->help != NULL)
		plan->effect = text_clean_str(plan->arena, action->help);
	return ERR_OK;
}

/* The beginning of an answer, for the output pane. */
static void
say_answer(const struct configured *c, const struct http_response *response)
{
	const char *at = response->body, *line;
	size_t left = HTTP_ACTION_LINES, len;

	while (
	    left-- > 0 &&
	    process_line(&at, response->body + response->body_len, &line, &len))
		action_say(c->ctx, line, len);
}

static void
report_status(
    const struct configured *c, size_t index, int status, const char *host)
{
	const struct http_action_conf *conf = c->ctx->configured->config;
	bool look = c->ctx->configured->class == ACTION_LOOK;

	switch (http_verdict(&conf->status, status)) {
	case HTTP_YES:
		action_target(c->ctx, index,
		    look || !configured_is_verified(c) ? TARGET_DONE
						       : TARGET_ACCEPTED,
		    "HTTP %d", status);
		break;
	case HTTP_CHANGED:
		action_target(c->ctx, index, TARGET_UNCHANGED,
		    "%s said HTTP %d: it changed since you looked", host,
		    status);
		break;
	case HTTP_NO:
		action_target(c->ctx, index, TARGET_UNCHANGED,
		    "%s refused with HTTP %d", host, status);
		break;
	case HTTP_UNCLEAR:
		action_target(c->ctx, index,
		    look ? TARGET_UNCHANGED : TARGET_OPEN,
		    "%s answered with HTTP %d, which says nothing of what was "
		    "done",
		    host, status);
		break;
	}
}

static enum err_code
apply_one(struct configured *c, size_t index, struct err *err)
{
	const struct scope scope = configured_scope(c, index);
	bool look = c->ctx->configured->class == ACTION_LOOK;
	struct http_response response;
	struct http_session session;
	struct http_filled filled;
	enum err_code code = configured_same(c, index, err);

	if (code == ERR_OK)
		code = fill_request(c, index, &scope, &filled, err);
	if (code != ERR_OK) {
		action_target(c->ctx, index, TARGET_UNCHANGED, "not sent: %s",
		    err_text(err));
		return code;
	}
	http_session_init(&session, &filled.http, c->ctx->redactor);
	code = http_session_ask(&session, &filled.ask, c->ctx->deadline,
	    c->ctx->cancel, &response, err);
	if (code == ERR_OK) {
		say_answer(c, &response);
		report_status(c, index, response.status, session.host);
		/* For its words. */
		if (response.status >= 300)
			code = http_expect_status(&response, session.host, err);
	} else if (look || !http_session_sent(&session)) {
		action_target(
		    c->ctx, index, TARGET_UNCHANGED, "%s", err_text(err));
	}
	http_session_release(&session);
	return code;
}

static enum err_code
http_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct configured c;
	size_t at = 0;
	enum err_code code = configured_resume(&c, ctx, plan, err);

	for (; code == ERR_OK && at < c.count; at++)
		code = apply_one(&c, at, err);
	for (size_t i = at; code != ERR_OK && i < c.count; i++)
		action_target(
		    ctx, i, TARGET_UNCHANGED, "not sent: %s", err_text(err));
	return code;
}

static enum err_code
http_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct configured c;
	enum err_code code = configured_resume(&c, ctx, plan, err);

	if (code == ERR_OK)
		code = configured_verify(&c, err);
	return code;
}

static enum err_code
http_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	const struct http_action_conf *conf = ctx->configured->config;

	return offer_input(ctx, arg, &conf->is.base, choices, err);
}

/* The body as it would be with sample values. */
static void
check_body(const struct http_action_conf *conf,
    const struct platform_action *action, const struct scope *scope,
    struct conf_errors *errors)
{
	const struct conf_node *node = conf_get(action->node, "body");
	const char *filled = NULL;
	struct err err = ERR_INIT;

	if (conf->body == NULL)
		return;
	if (scope_fill(scope, "body", conf->body, form_of(conf->type), &filled,
		&err) != ERR_OK ||
	    check_json(conf->type, filled, &err) != ERR_OK)
		conf_errors_add(errors, node->pos, NULL, "%s", err_text(&err));
}

static void
http_check(const struct platform *platform,
    const struct platform_action *action, struct conf_errors *errors)
{
	const struct http_action_conf *conf = action->config;
	const struct http_conf *http = &conf->is.base.http;
	struct arena *arena = arena_new(ACTION_SCRATCH_MAX);
	struct scope scope = scope_sample(platform, action, arena);

	if (arena == NULL)
		return;
	configured_check(&conf->is, action, &scope, errors);
	http_conf_check(http, action->node, errors);
	http_status_check(&conf->status, action->node, "status", errors);
	scope_check_text(&scope, http->url, TEMPLATE_URL,
	    conf_get(action->node, "url"), action->node, errors);
	scope_check_pairs(&scope, &http->headers, TEMPLATE_LINE, errors);
	check_body(conf, action, &scope, errors);
	if (conf->if_match && conf->is.reads == NULL)
		conf_errors_add(errors, conf_get(action->node, "if_match")->pos,
		    "reads: {value: {url: ..., path: ...}}",
		    "\"if_match\" wants a value that is read before");
	arena_free(arena);
}

static const struct opt http_rows[] = {
	{
	    OPT_FIELD(struct http_action_conf, method, "method", OPT_CHOICE),
	    .choices = methods,
	    .preset = "POST",
	    .help = "request method",
	},
	{
	    OPT_FIELD(struct http_conf, url, "url", OPT_URL),
	    .required = true,
	    .choices = http_schemes,
	    .template = true,
	    .help = "where to send it; values are percent-encoded",
	},
	{
	    OPT_FIELD(struct http_conf, headers, "headers", OPT_PAIRS),
	    .template = true,
	    .help = "request headers; values may be env:NAME, file:PATH or "
		    "cmd:[...]",
	},
	HTTP_CONF_TRUST_ROWS,
	{
	    OPT_FIELD(struct http_action_conf, body, "body", OPT_STRING),
	    .min = 1,
	    .max = HTTP_HEAD_MAX,
	    .template = true,
	    .help = "what to send; in JSON and forms values are escaped",
	},
	{
	    OPT_FIELD(
		struct http_action_conf, type, "content_type", OPT_STRING),
	    .preset = "application/json",
	    .help = "what the body is",
	},
	{
	    OPT_FIELD(struct http_action_conf, status, "status", OPT_LIST),
	    .min = 1,
	    .max = HTTP_STATUSES_MAX,
	    .preset = "200, 201, 202, 204",
	    .help = "the status, or several, that mean yes",
	},
	{
	    OPT_FIELD(struct http_action_conf, if_match, "if_match", OPT_BOOL),
	    .preset = "false",
	    .help = "send the ETag that came with the reads as If-Match",
	},
	CONFIGURED_ROWS,
};
static const struct opt_table http_table = OPT_TABLE(http_rows);

const struct action_ops action_type_http = {
	.name = "http",
	.title = "HTTP request",
	.help = "sends one request, and reads back what came of it",
	.targets_max = ACTION_TARGETS_MAX,
	.config = &http_table,
	.config_size = sizeof(struct http_action_conf),
	.check = http_check,
	.plan_ns = RUN_LOOK_S * NS_PER_SEC,
	.apply_ns = HTTP_APPLY_S * NS_PER_SEC,
	.verify_ns = RUN_LOOK_S * NS_PER_SEC,
	.choices = http_choices,
	.plan = http_plan,
	.apply = http_apply,
	.verify = http_verify,
};
