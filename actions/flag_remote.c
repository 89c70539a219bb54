/* Flags behind an HTTP API, Unleash among them: one request, sent once. */
#include "actions/flag_change.h"

#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact.h"
#include "datasrc/http_verdict.h"
#include "model/platform.h"

static const char origin[] = "flag";

/* A request with everything filled in. */
struct remote {
	struct http_conf http;
	struct http_ask ask;
	struct opt_list status;
	struct opt_pair header; /* of Unleash */
};

static enum err_code
fill_unleash(
    const struct flag_change *change, struct remote *remote, struct err *err)
{
	static const char *const yes[] = { "200" };
	const struct flag_unleash_conf *conf = change->flag->config;
	bool on = change->value != NULL && strcmp(change->value, "true") == 0;

	remote->http = flag_unleash_http(conf, &remote->header);
	remote->ask = (struct http_ask) { .method = "POST", .once = true };
	remote->status = (struct opt_list) { .items = yes, .count = 1 };
	return flag_unleash_url(change->flag,
	    on ? "/environments/${unleash.environment}/on"
	       : "/environments/${unleash.environment}/off",
	    change->ctx->arena, &remote->ask.url, err);
}

/* One more header for the ETag. */
static enum err_code
add_if_match(const struct flag_change *change, struct opt_pairs *headers,
    struct err *err)
{
	struct opt_pair *items =
	    arena_array(change->ctx->arena, headers->count + 1, sizeof(*items));

	if (change->etag[0] == '\0')
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "if_match: the answer came without a strong ETag");
	if (items == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < headers->count; i++)
		items[i] = headers->items[i];
	items[headers->count++] =
	    (struct opt_pair) { "If-Match", change->etag };
	headers->items = items;
	return ERR_OK;
}

static enum err_code
fill_http(
    const struct flag_change *change, struct remote *remote, struct err *err)
{
	const struct flag_http_conf *conf = change->flag->config;
	struct arena *arena = change->ctx->arena;
	enum err_code code;

	if (change->value == NULL)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "no request is configured that removes it");
	remote->http = conf->http;
	remote->ask = (struct http_ask) {
		.method = flag_http_methods[conf->method],
		.type = conf->type,
		.once = true,
	};
	remote->status = conf->status;
	code = flag_fill(change->flag, change->value, change->was,
	    conf->set_url != NULL ? conf->set_url : conf->http.url,
	    TEMPLATE_URL, arena, &remote->ask.url, err);
	if (code == ERR_OK && conf->body != NULL)
		code = flag_fill(change->flag, change->value, change->was,
		    conf->body, flag_body_form(conf->type), arena,
		    &remote->ask.body, err);
	if (code == ERR_OK && conf->if_match)
		code = add_if_match(change, &remote->http.headers, err);
	return code;
}

static enum err_code
fill(const struct flag_change *change, struct remote *remote, struct err *err)
{
	*remote = (struct remote) { .ask = { .method = NULL } };
	if (flag_type_of(change->flag)->kind == FLAG_UNLEASH)
		return fill_unleash(change, remote, err);
	return fill_http(change, remote, err);
}

/* What has no condition at the server is read once more. */
static enum err_code
check_same(struct flag_change *change, struct err *err)
{
	const struct flag_ask ask = {
		.links = change->links,
		.flag = change->flag,
		.deadline = change->ctx->deadline,
		.cancel = change->ctx->cancel,
		.arena = change->ctx->arena,
	};
	struct flag_state now;
	enum err_code code = flag_read(&ask, &now, err);
	bool same = (now.stored == NULL) == (change->was == NULL);

	if (code != ERR_OK)
		return code;
	if (same && now.stored != NULL)
		same = strcmp(now.stored, change->was) == 0;
	if (same)
		return ERR_OK;
	return err_set(err, ERR_CLOSED, origin,
	    "changed since you looked: it is %.60s now",
	    now.stored != NULL ? now.stored : "gone");
}

/* From an answer to what it proves. */
static enum flag_wrote
judge(const struct remote *remote, const struct http_response *response,
    const char *host, struct err *err)
{
	switch (http_verdict(&remote->status, response->status)) {
	case HTTP_YES:
		return FLAG_WROTE;
	case HTTP_CHANGED:
		err_set(err, ERR_CLOSED, origin,
		    "changed since you looked: %s said HTTP %d", host,
		    response->status);
		return FLAG_OTHER;
	case HTTP_NO:
		err_set(err, ERR_FORBIDDEN, origin, "%s refused with HTTP %d",
		    host, response->status);
		return FLAG_UNSENT;
	default:
		err_set(err, ERR_SERVER, origin,
		    "%s answered with HTTP %d, which says nothing of what was "
		    "done",
		    host, response->status);
		return FLAG_MAYBE;
	}
}

enum flag_wrote
flag_change_http(struct flag_change *change, struct err *err)
{
	struct http_response response;
	struct http_session session;
	enum flag_wrote wrote;
	struct remote remote;

	if (fill(change, &remote, err) != ERR_OK)
		return FLAG_UNSENT;
	if (check_same(change, err) != ERR_OK)
		return err->code == ERR_CLOSED ? FLAG_OTHER : FLAG_UNSENT;
	http_session_init(&session, &remote.http, change->ctx->redactor);
	if (http_session_ask(&session, &remote.ask, change->ctx->deadline,
		change->ctx->cancel, &response, err) == ERR_OK)
		wrote = judge(&remote, &response, session.host, err);
	else
		wrote = http_session_sent(&session) ? FLAG_MAYBE : FLAG_UNSENT;
	http_session_release(&session);
	return wrote;
}

enum err_code
flag_plan_http(struct flag_change *change, struct plan *plan, struct err *err)
{
	struct buf words = BUF_INIT(ACTION_FILLED_MAX);
	struct http_target *target = NULL;
	struct http_session session;
	struct remote remote;
	enum err_code code = fill(change, &remote, err);

	if (code != ERR_OK)
		return code;
	/* Secrets are there, and the URL is one. */
	http_session_init(&session, &remote.http, change->ctx->redactor);
	code = http_session_targets(&session, &remote.ask, &remote.ask.url, 1,
	    change->ctx->cancel, &target, err);
	http_target_free(target);
	http_session_release(&session);
	if (code != ERR_OK)
		return code;
	buf_fmt(&words, "%s %s%s%s", remote.ask.method, remote.ask.url,
	    remote.ask.body != NULL ? "  " : "",
	    remote.ask.body != NULL ? remote.ask.body : "");
	plan_send(plan, text_ingest(change->ctx->redactor, plan->arena,
			    buf_cstr(&words), words.len, PLAN_TEXT_MAX));
	buf_release(&words);
	return ERR_OK;
}
