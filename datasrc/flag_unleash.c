/*
 * Flags of an Unleash server, through its admin API (Unleash 5 and later):
 * GET  /api/admin/projects/P/features/F              environments[].enabled
 * POST /api/admin/projects/P/features/F/environments/E/on  and  /off
 * The token goes into Authorization as it is.
 * Source: docs.getunleash.io, "Admin API", as known in 2025; not run against
 * a server of theirs here.
 */
#include "datasrc/flag_type.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/template.h"
#include "datasrc/limits.h"
#include "model/platform.h"

static const char origin[] = "unleash";

static const char *
feature_of(const struct platform_flag *flag)
{
	const struct flag_unleash_conf *conf = flag->config;

	return conf->feature != NULL ? conf->feature : flag->name;
}

struct http_conf
flag_unleash_http(const struct flag_unleash_conf *conf, struct opt_pair *header)
{
	struct http_conf http = conf->http;

	*header = (struct opt_pair) { "Authorization", conf->token };
	http.headers = (struct opt_pairs) { .items = header, .count = 1 };
	return http;
}

/* The parts of a path that come from the configuration. */
static bool
find_part(const void *ctx, const char *name, struct template_value *ret,
    const char **ret_hint)
{
	const struct platform_flag *flag = ctx;
	const struct flag_unleash_conf *conf = flag->config;

	*ret_hint = NULL;
	ret->bare = false;
	if (strcmp(name, "unleash.project") == 0)
		ret->text = conf->project;
	else if (strcmp(name, "unleash.environment") == 0)
		ret->text = conf->environment;
	else
		ret->text = feature_of(flag);
	return true;
}

enum err_code
flag_unleash_url(const struct platform_flag *flag, const char *tail,
    struct arena *arena, const char **ret_url, struct err *err)
{
	const struct flag_unleash_conf *conf = flag->config;
	struct buf url = BUF_INIT(URL_MAX);
	size_t len = strlen(conf->http.url);
	enum err_code code;

	while (len > 0 && conf->http.url[len - 1] == '/')
		len--;
	buf_add(&url, conf->http.url, len);
	code = template_fill("/api/admin/projects/${unleash.project}/features/"
			     "${unleash.feature}",
	    TEMPLATE_URL, find_part, flag, &url, err);
	if (code == ERR_OK)
		code = template_fill(
		    tail, TEMPLATE_URL, find_part, flag, &url, err);
	if (code == ERR_OK) {
		*ret_url = arena_copy(arena, buf_cstr(&url), url.len);
		if (*ret_url == NULL)
			code = err_set(err, ERR_NOMEM, origin, "no memory");
	}
	buf_release(&url);
	return code;
}

/* Whether it is enabled in the environment. */
static enum err_code
take(const struct flag_ask *ask, const struct cJSON *root,
    struct flag_state *state, struct err *err)
{
	const struct flag_unleash_conf *conf = ask->flag->config;
	struct buf names = BUF_INIT(ERR_MSG_MAX);
	const struct cJSON *one;
	enum err_code code;
	bool on;

	for (one = json_first(json_member(root, "environments")); one != NULL;
	     one = json_next(one)) {
		const char *name = json_string(json_member(one, "name"));

		if (name == NULL)
			continue;
		if (strcmp(name, conf->environment) == 0 &&
		    json_bool(json_member(one, "enabled"), &on)) {
			state->stored = on ? "true" : "false";
			buf_release(&names);
			return ERR_OK;
		}
		buf_fmt(&names, "%s%s", names.len > 0 ? ", " : "", name);
	}
	code = err_set(err, ERR_NOTFOUND, origin,
	    "the feature %.40s has no environment %.40s; there is %.80s",
	    feature_of(ask->flag), conf->environment,
	    names.len > 0 ? buf_cstr(&names) : "none");
	buf_release(&names);
	return code;
}

enum err_code
flag_unleash_take(const struct flag_ask *ask,
    const struct http_response *response, const char *host,
    struct flag_state *state, struct err *err)
{
	const struct flag_unleash_conf *conf = ask->flag->config;
	struct cJSON *root = NULL;
	enum err_code code;

	if (response->status == 404)
		return err_set(err, ERR_NOTFOUND, origin,
		    "%s has no feature %.60s in the project %.40s", host,
		    feature_of(ask->flag), conf->project);
	code = http_expect(response, host, HTTP_WANT_JSON, err);
	if (code == ERR_OK)
		code =
		    json_parse(response->body, response->body_len, &root, err);
	if (code == ERR_OK)
		code = take(ask, root, state, err);
	json_free(root);
	return code;
}

static enum err_code
unleash_read(
    const struct flag_ask *ask, struct flag_state *state, struct err *err)
{
	const struct flag_unleash_conf *conf = ask->flag->config;
	struct http_ask get = { .accept = "application/json" };
	struct http_response response;
	struct http_session session;
	struct opt_pair header;
	const struct http_conf http = flag_unleash_http(conf, &header);
	enum err_code code =
	    flag_unleash_url(ask->flag, "", ask->arena, &get.url, err);

	if (code != ERR_OK)
		return code;
	http_session_init(&session, &http, ask->links->redactor);
	code = http_session_ask(
	    &session, &get, ask->deadline, ask->cancel, &response, err);
	if (code == ERR_OK)
		code =
		    flag_unleash_take(ask, &response, session.host, state, err);
	http_session_release(&session);
	return code;
}

static void
unleash_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_unleash_conf *conf = flag->config;

	buf_fmt(out, "unleash %s/%s", conf->project, conf->environment);
}

static void
unleash_check(const struct platform *platform, const struct platform_flag *flag,
    struct conf_errors *errors)
{
	(void)platform;
	if (flag->text || conf_get(flag->node, "values") != NULL)
		conf_errors_add(errors, flag->pos, NULL,
		    "a feature of Unleash is on or off: it has no values");
}

static const struct opt unleash_rows[] = {
	{
	    OPT_FIELD(struct http_conf, url, "url", OPT_URL),
	    .required = true,
	    .choices = http_schemes,
	    .help = "of the server, without /api",
	},
	{
	    OPT_FIELD(struct flag_unleash_conf, token, "token", OPT_SECRET),
	    .required = true,
	    .help = "an admin token, or a personal one",
	},
	{
	    OPT_FIELD(struct http_conf, ca, "ca", OPT_PATH),
	    .help = "PEM file of the authority to trust",
	},
	{
	    OPT_FIELD(struct http_conf, max_body, "max_body", OPT_SIZE),
	    .min = 1024,
	    .max = HTTP_BODY_MAX,
	    .preset = "4MiB",
	    .help = "largest answer that is read",
	},
	{
	    OPT_FIELD(struct flag_unleash_conf, project, "project", OPT_STRING),
	    .preset = "default",
	    .help = "project of the feature",
	},
	{
	    OPT_FIELD(struct flag_unleash_conf, environment, "environment",
		OPT_STRING),
	    .preset = "production",
	    .help = "environment in which it is switched",
	},
	{
	    OPT_FIELD(struct flag_unleash_conf, feature, "feature", OPT_STRING),
	    .help = "its name; without it, that of the flag",
	},
};
static const struct opt_table unleash_table = OPT_TABLE(unleash_rows);

const struct flag_type flag_unleash = {
	.name = "unleash",
	.help = "a feature of an Unleash server, in one environment",
	.kind = FLAG_UNLEASH,
	.options = &unleash_table,
	.config_size = sizeof(struct flag_unleash_conf),
	.read = unleash_read,
	.place = unleash_place,
	.check = unleash_check,
};
