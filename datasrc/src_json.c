/*
 * Source type "json": a URL whose JSON answer is mapped into health, metrics
 * and tables. It has all that the type "http" has (http_probe.h); the
 * mapping is json_map.h.
 *
 * An answer with a status that is not expected is a failure, and the last
 * good rows stay; but a readiness page that says with HTTP 503 what is wrong
 * is read when its status is named in also_read.
 */
#include "datasrc/source.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "datasrc/http_probe.h"
#include "datasrc/json_map.h"

struct json_conf {
	struct http_probe_conf probe; /* first: HTTP_PROBE_ROWS */
	struct json_map_conf map;
	struct opt_list also_read;
};

struct src_json {
	const struct json_conf *conf;
	struct http_session session;
	struct http_probe probe;
	struct json_map *map;
};

static void
src_json_close(void *state)
{
	struct src_json *s = state;

	if (s == NULL)
		return;
	http_session_release(&s->session);
	json_map_free(s->map);
	mem_free(s);
}

static enum err_code
src_json_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_json *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "json", "no memory");
	s->conf = config;
	http_session_init(&s->session, &s->conf->probe.http, env->redactor);
	http_probe_init(&s->probe, &s->conf->probe, env->name, env->redactor);
	s->probe.json = true;
	code = json_map_new(&s->conf->map, env->redactor, &s->map, err);
	if (code != ERR_OK) {
		src_json_close(s);
		return code;
	}
	s->probe.instance.no_row = json_map_makes_table(s->map, "services");
	*ret_state = s;
	return ERR_OK;
}

/* Whether the answer's body counts. */
static bool
src_json_reads(const struct src_json *s, int status)
{
	return opt_list_has(&s->conf->probe.status, status) ||
	       opt_list_has(&s->conf->also_read, status);
}

static enum err_code
src_json_refuse(const struct src_json *s, const struct http_response *response,
    struct err *err)
{
	enum err_code code = http_expect_status(response, s->session.host, err);

	if (code == ERR_OK)
		code = err_set(err, ERR_PROTOCOL, "json",
		    "%s answered HTTP %d, which is not expected",
		    s->session.host, response->status);
	return code;
}

static enum err_code
src_json_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_json *s = state;
	const struct http_ask ask = {
		.method = http_probe_methods[s->conf->probe.method],
		.body = s->conf->probe.body,
		.accept = "application/json",
	};
	struct http_response response;
	struct cJSON *root = NULL;
	enum err_code code;

	code = http_session_ask(
	    &s->session, &ask, poll->deadline, poll->cancel, &response, err);
	if (code != ERR_OK)
		return code;
	poll->retry_after_ns = http_retry_after_ns(&response);
	if (!src_json_reads(s, response.status))
		return src_json_refuse(s, &response, err);
	code =
	    http_probe_read(&s->probe, &response, s->session.host, &root, err);
	if (code != ERR_OK)
		return code;
	http_probe_report(
	    &s->probe, &response, root, poll->wall_ms, poll->build);
	if (root != NULL)
		json_map_fill(s->map, root, poll->wall_ms, poll->build);
	json_free(root);
	return ERR_OK;
}

static void
src_json_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct json_conf *conf = config;

	(void)env;
	http_probe_check(&conf->probe, node, errors);
	http_status_check(&conf->also_read, node, "also_read", errors);
	json_map_check(&conf->map, errors);
	if (json_map_is_empty(&conf->map))
		conf_errors_add(errors, node->key_pos,
		    "metrics: {queue_waiting: stats.waiting}",
		    "a json source needs metrics, health or tables");
}

static const struct opt json_rows[] = {
	HTTP_PROBE_ROWS,
	{
	    OPT_FIELD(struct json_conf, also_read, "also_read", OPT_LIST),
	    .max = HTTP_STATUSES_MAX,
	    .help = "statuses whose answer is read though it is not good, "
		    "such as 503 of a readiness page",
	},
	JSON_MAP_ROWS(struct json_conf, map),
};

static const struct opt_table json_table = OPT_TABLE(json_rows);

const struct source_ops src_json = {
	.name = "json",
	.help = "a URL with a JSON answer that is mapped into health, metrics "
		"and tables",
	.options = &json_table,
	.config_size = sizeof(struct json_conf),
	.every_ns = 10 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.open = src_json_open,
	.poll = src_json_poll,
	.close = src_json_close,
	.check = src_json_check,
};
