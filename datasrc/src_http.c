/*
 * Source type "http": asks one URL and judges the answer. See http_probe.h
 * for the rows that come of it.
 */
#include "datasrc/source.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "datasrc/http_paths.h"
#include "datasrc/http_probe.h"

struct src_http {
	struct http_session session;
	struct http_paths paths;
	struct http_probe probe;
};

static enum err_code
src_http_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	const struct http_probe_conf *conf = config;
	struct src_http *s = mem_calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "http", "no memory");
	http_session_init(&s->session, &conf->http, env->redactor);
	http_paths_init(&s->paths, conf->http.url, &conf->paths);
	http_probe_init(&s->probe, conf, env->name, env->redactor);
	*ret_state = s;
	return ERR_OK;
}

/* Asks the present candidate. */
static enum err_code
src_http_ask_one(struct src_http *s, const struct poll *poll,
    struct http_response *ret_response, struct err *err)
{
	const struct http_probe_conf *conf = s->probe.conf;
	struct buf url = BUF_INIT(URL_MAX);
	struct http_ask ask = {
		.method = http_probe_methods[conf->method],
		.body = conf->body,
	};
	enum err_code code;

	if (!http_paths_url(&s->paths, &url)) {
		buf_release(&url);
		return err_set(err, ERR_LIMIT, "http", "the URL is too long");
	}
	ask.url = buf_cstr(&url);
	code = http_session_ask(
	    &s->session, &ask, poll->deadline, poll->cancel, ret_response, err);
	buf_release(&url);
	return code;
}

/* Asks one after the other until one is there; usually that is the first. */
static enum err_code
src_http_ask(struct src_http *s, const struct poll *poll,
    struct http_response *ret_response, struct err *err)
{
	size_t count = http_paths_count(&s->paths);
	enum err_code code;

	for (size_t i = 0; i < count; i++) {
		code = src_http_ask_one(s, poll, ret_response, err);
		if (code != ERR_OK || http_paths_take(&s->paths, ret_response))
			return code;
		http_paths_next(&s->paths);
		http_session_forget(&s->session);
	}
	return err_set(err, ERR_NOTFOUND, "http",
	    "%s has none of %s%s (HTTP %d)", s->session.host,
	    s->paths.paths->items[0],
	    s->paths.paths->count > 1 ? " and the others" : "",
	    ret_response->status);
}

static enum err_code
src_http_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_http *s = state;
	struct http_response response;
	struct cJSON *root = NULL;
	enum err_code code;

	code = src_http_ask(s, poll, &response, err);
	if (code != ERR_OK)
		return code;
	poll->retry_after_ns = http_retry_after_ns(&response);
	code =
	    http_probe_read(&s->probe, &response, s->session.host, &root, err);
	if (code != ERR_OK)
		return code;
	http_probe_report(
	    &s->probe, &response, root, poll->wall_ms, poll->build);
	json_free(root);
	return ERR_OK;
}

static void
src_http_close(void *state)
{
	struct src_http *s = state;

	if (s == NULL)
		return;
	http_session_release(&s->session);
	mem_free(s);
}

static void
src_http_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	(void)env;
	http_probe_check(config, node, errors);
}

const struct source_ops src_http = {
	.name = "http",
	.help = "a URL: status, latency, values in a JSON answer, days left "
		"of the certificate, deploys and restarts",
	.options = &http_probe_table,
	.config_size = sizeof(struct http_probe_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.open = src_http_open,
	.poll = src_http_poll,
	.close = src_http_close,
	.check = src_http_check,
};
