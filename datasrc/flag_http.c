/* Flags behind an HTTP API of any kind that answers in JSON. */
#include "datasrc/flag_type.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_path.h"
#include "datasrc/http_probe.h"
#include "datasrc/json_value.h"
#include "datasrc/limits.h"
#include "datasrc/map_value.h"
#include "model/platform.h"

const char *const flag_http_methods[] = { "PATCH", "PUT", "POST", NULL };

/* Words beside the value; what is not there is no fault. */
static void
take_more(const struct flag_ask *ask, const struct cJSON *root,
    struct flag_state *state)
{
	const struct flag_http_conf *conf = ask->flag->config;
	struct map_scalar at = { .kind = MAP_SCALAR_TEXT };
	const char *since = NULL;
	struct err ignored = ERR_INIT;
	double since_ms;

	if (conf->who != NULL &&
	    json_pick(root, conf->who, FLAG_VALUE_MAX, ask->arena, &state->who,
		&ignored, &ignored) != ERR_OK)
		state->who = NULL;
	if (conf->since != NULL &&
	    json_pick(root, conf->since, FLAG_VALUE_MAX, ask->arena, &since,
		&ignored, &ignored) == ERR_OK &&
	    since != NULL) {
		at.s = since;
		at.len = strlen(since);
		if (map_value_time(&at, 0, &since_ms) && since_ms > 0)
			state->since_ms = (int64_t)since_ms;
	}
}

enum err_code
flag_http_take(const struct flag_ask *ask, const struct http_response *response,
    const char *host, struct flag_state *state, struct err *err)
{
	const struct flag_http_conf *conf = ask->flag->config;
	struct err why = ERR_INIT;
	struct cJSON *root = NULL;
	enum err_code code;

	if (response->status == 404)
		return ERR_OK;
	code = http_expect(response, host, HTTP_WANT_JSON, err);
	if (code == ERR_OK)
		code =
		    json_parse(response->body, response->body_len, &root, err);
	if (code == ERR_OK)
		code = json_pick(root, conf->path, FLAG_VALUE_MAX, ask->arena,
		    &state->stored, &why, err);
	if (code == ERR_OK) {
		memcpy(state->etag, response->etag, sizeof(state->etag));
		take_more(ask, root, state);
	}
	json_free(root);
	return code;
}

static enum err_code
http_read(const struct flag_ask *ask, struct flag_state *state, struct err *err)
{
	const struct flag_http_conf *conf = ask->flag->config;
	struct http_ask get = { .accept = "application/json" };
	struct http_response response;
	struct http_session session;
	enum err_code code = flag_fill(ask->flag, NULL, NULL, conf->http.url,
	    TEMPLATE_URL, ask->arena, &get.url, err);

	if (code != ERR_OK)
		return code;
	http_session_init(&session, &conf->http, ask->links->redactor);
	code = http_session_ask(
	    &session, &get, ask->deadline, ask->cancel, &response, err);
	if (code == ERR_OK)
		code = flag_http_take(ask, &response, session.host, state, err);
	http_session_release(&session);
	return code;
}

static void
http_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_http_conf *conf = flag->config;
	const char *host = strstr(conf->http.url, "://");

	host = host != NULL ? host + 3 : conf->http.url;
	buf_fmt(out, "http %.*s", (int)strcspn(host, "/?#"), host);
}

static void
check_path(const struct platform_flag *flag, const char *key, const char *path,
    struct conf_errors *errors)
{
	struct err err = ERR_INIT;

	if (path != NULL && json_lookup_check(path, &err) != ERR_OK)
		conf_errors_add(errors, conf_get(flag->node, key)->pos, NULL,
		    "%s", err_text(&err));
}

/* A template as it would be with a value. */
static void
check_template(const struct platform_flag *flag, const char *key,
    const char *text, enum template_form form, const char *value,
    struct conf_errors *errors)
{
	struct arena *arena = arena_new(FLAG_FILLED_MAX * 2);
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	const char *filled = "";
	enum err_code code;

	if (arena == NULL || text == NULL) {
		arena_free(arena);
		return;
	}
	code = flag_fill(flag, value, value, text, form, arena, &filled, &err);
	if (code == ERR_OK && form == TEMPLATE_JSON) {
		code = json_parse(filled, strlen(filled), &root, &err);
		json_free(root);
		if (code != ERR_OK)
			err_prefix(&err, "the body is no JSON");
	}
	if (code != ERR_OK)
		conf_errors_add(errors, conf_get(flag->node, key)->pos, NULL,
		    "%s", err_text(&err));
	arena_free(arena);
}

static void
http_check(const struct platform *platform, const struct platform_flag *flag,
    struct conf_errors *errors)
{
	const struct flag_http_conf *conf = flag->config;

	(void)platform;
	http_conf_check(&conf->http, flag->node, errors);
	http_status_check(&conf->status, flag->node, "status", errors);
	check_path(flag, "path", conf->path, errors);
	check_path(flag, "who", conf->who, errors);
	check_path(flag, "since", conf->since, errors);
	check_template(flag, "url", conf->http.url, TEMPLATE_URL, NULL, errors);
	check_template(
	    flag, "set_url", conf->set_url, TEMPLATE_URL, "x", errors);
	check_template(flag, "body", conf->body, flag_body_form(conf->type),
	    "true", errors);
}

static const struct opt http_rows[] = {
	{
	    OPT_FIELD(struct http_conf, url, "url", OPT_URL),
	    .required = true,
	    .choices = http_schemes,
	    .template = true,
	    .help = "where it is read; ${flag.name} is its name",
	},
	HTTP_CONF_MORE_ROWS,
	{
	    OPT_FIELD(struct flag_http_conf, path, "path", OPT_STRING),
	    .required = true,
	    .help = "path of the value in the JSON answer",
	},
	{
	    OPT_FIELD(struct flag_http_conf, who, "who", OPT_STRING),
	    .help = "path of who changed it last",
	},
	{
	    OPT_FIELD(struct flag_http_conf, since, "since", OPT_STRING),
	    .help = "path of when",
	},
	{
	    OPT_FIELD(struct flag_http_conf, method, "method", OPT_CHOICE),
	    .choices = flag_http_methods,
	    .preset = "PATCH",
	    .help = "method of the request that sets it",
	},
	{
	    OPT_FIELD(struct flag_http_conf, set_url, "set_url", OPT_URL),
	    .choices = http_schemes,
	    .template = true,
	    .help = "where that goes; else to url",
	},
	{
	    OPT_FIELD(struct flag_http_conf, body, "body", OPT_STRING),
	    .min = 1,
	    .max = HTTP_HEAD_MAX,
	    .template = true,
	    .help = "its body: '{\"value\": ${flag.value}}'",
	},
	{
	    OPT_FIELD(struct flag_http_conf, type, "content_type", OPT_STRING),
	    .preset = "application/json",
	    .help = "what the body is",
	},
	{
	    OPT_FIELD(struct flag_http_conf, status, "status", OPT_LIST),
	    .min = 1,
	    .max = HTTP_STATUSES_MAX,
	    .preset = "200, 201, 202, 204",
	    .help = "the status, or several, that mean yes",
	},
	{
	    OPT_FIELD(struct flag_http_conf, if_match, "if_match", OPT_BOOL),
	    .preset = "false",
	    .help = "send the ETag that was read as If-Match",
	},
};
static const struct opt_table http_table = OPT_TABLE(http_rows);

const struct flag_type flag_http = {
	.name = "http",
	.help = "a value of a JSON API, and the request that sets it",
	.kind = FLAG_HTTP,
	.options = &http_table,
	.config_size = sizeof(struct flag_http_conf),
	.read = http_read,
	.place = http_place,
	.check = http_check,
};
