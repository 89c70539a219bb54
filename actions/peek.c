#include "actions/peek.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "actions/ask_source.h"
#include "actions/scope.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/num.h"
#include "base/regex.h"
#include "base/shell_word.h"
#include "datasrc/json_value.h"
#include "model/platform.h"
#include "model/section.h"

static const char origin[] = "peek";

enum peek_kind
peek_kind(const struct peek_conf *conf)
{
	if (conf->argv.count > 0)
		return PEEK_COMMAND;
	if (conf->http.url != NULL)
		return PEEK_HTTP;
	return conf->health != NULL ? PEEK_HEALTH : PEEK_NONE;
}

/* A copy in the arena of what the look keeps; NULL: none. */
static const char *
keep(struct action_ctx *ctx, const char *bytes, size_t len)
{
	return arena_copy(ctx->arena, bytes, len);
}

static enum err_code
set_value(struct action_ctx *ctx, struct peek *peek, const char *bytes,
    size_t len, struct err *err)
{
	if (len > PEEK_VALUE_MAX || memchr(bytes, '\0', len) != NULL)
		return err_set(err, ERR_TOOBIG, origin,
		    "a value of %zu bytes, or one with a NUL in it", len);
	peek->value = keep(ctx, bytes, len);
	if (peek->value == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	peek->there = true;
	return ERR_OK;
}

/* The match, or its first group; sets nothing when there is none. */
static enum err_code
take_match(struct action_ctx *ctx, const char *pattern, const struct buf *out,
    struct peek *peek, struct err *err)
{
	struct regex_span spans[2] = { { SIZE_MAX, 0 }, { SIZE_MAX, 0 } };
	struct regex *regex = NULL;
	enum err_code code =
	    regex_new(pattern, strlen(pattern), 0, &regex, err);
	enum regex_result result;
	size_t at;

	if (code != ERR_OK)
		return code;
	result = regex_capture(regex, buf_cstr(out), out->len, spans, 2);
	regex_free(regex);
	if (result == REGEX_TOO_COSTLY)
		return err_set(err, ERR_LIMIT, origin,
		    "the pattern takes too long on this output");
	if (result == REGEX_NO_MATCH) {
		peek->why = "the pattern does not match";
		return ERR_OK;
	}
	at = spans[1].from != SIZE_MAX ? 1 : 0;
	return set_value(ctx, peek, buf_cstr(out) + spans[at].from,
	    spans[at].to - spans[at].from, err);
}

/* How often the pattern matches, as a value. */
static enum err_code
take_count(struct action_ctx *ctx, const char *pattern, const struct buf *out,
    struct peek *peek, struct err *err)
{
	struct regex *regex = NULL;
	enum err_code code =
	    regex_new(pattern, strlen(pattern), 0, &regex, err);
	enum regex_result result = REGEX_MATCH;
	char number[NUM_TEXT_MAX];
	size_t at = 0, from, to, n = 0;

	if (code != ERR_OK)
		return code;
	while (at <= out->len) {
		result =
		    regex_match(regex, buf_cstr(out), out->len, at, &from, &to);
		if (result != REGEX_MATCH)
			break;
		n++;
		at = to > from ? to : to + 1; /* an empty one moves on, too */
	}
	regex_free(regex);
	if (result == REGEX_TOO_COSTLY)
		return err_set(err, ERR_LIMIT, origin,
		    "the pattern takes too long on this output");
	snprintf(number, sizeof(number), "%zu", n);
	return set_value(ctx, peek, number, strlen(number), err);
}

/*
 * The whole output without the blanks around it. One that is larger than a
 * value is none: who only wants the exit status can do without.
 */
static enum err_code
take_output(struct action_ctx *ctx, const struct buf *out, struct peek *peek,
    struct err *err)
{
	const char *bytes = buf_cstr(out);
	struct buf words = BUF_INIT(ERR_MSG_MAX);
	enum err_code code = ERR_OK;
	size_t len = out->len;

	while (len > 0 && strchr(" \t\r\n", bytes[len - 1]) != NULL)
		len--;
	while (len > 0 && *bytes != '\0' && strchr(" \t\r\n", *bytes) != NULL) {
		bytes++;
		len--;
	}
	if (len == 0) {
		peek->why = "nothing was printed";
	} else if (len > PEEK_VALUE_MAX) {
		buf_fmt(&words,
		    "%zu bytes were printed, and a value has at most %d: "
		    "\"match\" takes a part",
		    len, PEEK_VALUE_MAX);
		peek->why = keep(ctx, buf_cstr(&words), words.len);
	} else {
		code = set_value(ctx, peek, bytes, len, err);
	}
	buf_release(&words);
	return code;
}

struct run_conf
peek_run_conf(const struct peek_conf *conf, const struct peek_conf *base)
{
	struct run_conf run = conf->run;

	if (base == NULL)
		return run;
	if (run.dir == NULL)
		run.dir = base->run.dir;
	if (run.db == NULL)
		run.db = base->run.db;
	if (run.env.count == 0) {
		run.env = base->run.env;
		run.inherit = run.inherit && base->run.inherit;
	}
	return run;
}

static enum err_code
peek_command(struct action_ctx *ctx, const struct peek_conf *conf,
    const struct peek_conf *base, const struct scope *scope, struct peek *peek,
    struct err *err)
{
	const struct run_conf where = peek_run_conf(conf, base);
	struct buf out = BUF_INIT(PEEK_OUTPUT_MAX);
	struct run run = { .conf = &where,
		.scope = scope,
		.out = &out,
		.script = conf->script };
	struct run_end end;
	char words[ERR_MSG_MAX];
	enum err_code code =
	    scope_argv(scope, "argv", &conf->argv, &run.argv, err);

	if (code == ERR_OK)
		code = run_command(ctx, &run, &end, err);
	if (code != ERR_OK)
		goto out;
	if (!run_is_good(&end, &conf->exit)) {
		run_words(&end, words, sizeof(words));
		peek->why = keep(ctx, words, strlen(words));
	} else if (conf->count) {
		code = take_count(ctx, conf->match, &out, peek, err);
		peek->good = true;
	} else if (conf->match != NULL) {
		code = take_match(ctx, conf->match, &out, peek, err);
		peek->good = peek->there;
	} else {
		code = take_output(ctx, &out, peek, err);
		peek->good = true;
	}
out:
	buf_release(&out);
	return code;
}

/* The value at the path; nothing there is an answer, too. */
static enum err_code
take_json(struct action_ctx *ctx, const char *path,
    const struct http_response *response, struct peek *peek, struct err *err)
{
	const char *value = NULL;
	struct cJSON *root = NULL;
	struct err why = ERR_INIT;
	enum err_code code =
	    json_parse(response->body, response->body_len, &root, err);

	if (code == ERR_OK)
		code = json_pick(
		    root, path, PEEK_VALUE_MAX, ctx->arena, &value, &why, err);
	json_free(root);
	if (code != ERR_OK)
		return code;
	if (value == NULL)
		peek->why = keep(ctx, err_text(&why), strlen(err_text(&why)));
	else
		code = set_value(ctx, peek, value, strlen(value), err);
	return code;
}

/* "https://host:port" of a URL, as it is written. */
static size_t
server_len(const char *url)
{
	const char *host = strstr(url, "://");

	if (host == NULL)
		return 0;
	host += strlen("://");
	return (size_t)(host - url) + strcspn(host, "/?#");
}

/* Whether both templates lead to one server: what is for it goes to no other.
 */
static bool
is_same_server(const char *a, const char *b)
{
	size_t len;

	if (a == NULL || b == NULL)
		return false;
	len = server_len(a);
	return len > 0 && len == server_len(b) && strncmp(a, b, len) == 0;
}

/*
 * With the action's own headers and credentials, if it has none itself and
 * asks the same server.
 */
static enum err_code
http_of(const struct peek_conf *conf, const struct peek_conf *base,
    const struct scope *scope, struct http_conf *ret, struct err *err)
{
	struct http_conf http = conf->http;
	bool same = base != NULL && is_same_server(http.url, base->http.url);
	enum err_code code;

	if (same && http.headers.count == 0 && http.bearer == NULL &&
	    http.user == NULL) {
		http.headers = base->http.headers;
		http.bearer = base->http.bearer;
		http.user = base->http.user;
		http.password = base->http.password;
	}
	if (base != NULL && http.ca == NULL)
		http.ca = base->http.ca;
	if (base != NULL && http.proxy == NULL)
		http.proxy = base->http.proxy;
	if (same)
		http.insecure = http.insecure || base->http.insecure;
	code = scope_fill(scope, "url", http.url, TEMPLATE_URL, &http.url, err);
	if (code == ERR_OK)
		code = scope_pairs(scope, "headers", &http.headers,
		    TEMPLATE_LINE, &http.headers, err);
	if (code == ERR_OK)
		*ret = http;
	return code;
}

static enum err_code
peek_http(struct action_ctx *ctx, const struct peek_conf *conf,
    const struct peek_conf *base, const struct scope *scope, struct peek *peek,
    struct err *err)
{
	struct http_ask ask = {
		.accept = conf->path != NULL ? "application/json" : NULL,
	};
	struct http_response response;
	struct http_session session;
	struct http_conf http;
	enum err_code code = http_of(conf, base, scope, &http, err);

	if (code != ERR_OK)
		return code;
	http_session_init(&session, &http, ctx->redactor);
	code = http_session_ask(
	    &session, &ask, ctx->deadline, ctx->cancel, &response, err);
	if (code == ERR_OK && response.status == 404) {
		peek->why = "HTTP 404: there is none";
	} else if (code == ERR_OK) {
		code = http_expect(&response, session.host,
		    conf->path != NULL ? HTTP_WANT_JSON : HTTP_WANT_ANY, err);
		memcpy(peek->etag, response.etag, sizeof(peek->etag));
		if (code == ERR_OK && conf->path != NULL)
			code = take_json(ctx, conf->path, &response, peek, err);
		else if (code == ERR_OK)
			peek->there = true;
		peek->good = peek->there;
	}
	http_session_release(&session);
	return code;
}

static enum err_code
peek_health(struct action_ctx *ctx, const struct peek_conf *conf,
    const struct scope *scope, struct peek *peek, struct err *err)
{
	const char *name = "", *slash;
	struct payload *payload = NULL;
	struct text target;
	enum err_code code = scope_fill(
	    scope, "health", conf->health, TEMPLATE_TEXT, &name, err);

	if (code != ERR_OK)
		return code;
	slash = strchr(name, '/');
	if (slash == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "health wants SOURCE/TARGET, not %.60s", name);
	code = ask_source(
	    ctx, keep(ctx, name, (size_t)(slash - name)), &payload, err);
	if (code != ERR_OK)
		return code;
	target = text_clean_str(ctx->arena, slash + 1);
	peek->why = "there is no such health row";
	for (size_t i = 0; i < payload->health_count; i++) {
		const struct health *row = &payload->health[i];
		const char *word = state_name(row->state);
		struct buf detail = BUF_INIT(PEEK_VALUE_MAX);

		if (!text_eq(row->target, target))
			continue;
		text_plain(&detail, row->detail);
		peek->why = keep(ctx, buf_cstr(&detail), detail.len);
		peek->good = row->state == STATE_OK;
		code = set_value(ctx, peek, word, strlen(word), err);
		buf_release(&detail);
	}
	payload_unref(payload);
	return code;
}

/* "2" and "2.0" are one value. */
static bool
is_same(const char *a, const char *b)
{
	double x, y;

	if (strcmp(a, b) == 0)
		return true;
	return num_parse_double(a, strlen(a), &x) &&
	       num_parse_double(b, strlen(b), &y) && x == y;
}

enum err_code
peek_at(struct action_ctx *ctx, const struct peek_conf *conf,
    const struct peek_conf *base, const struct scope *scope,
    struct peek *ret_peek, struct err *err)
{
	struct peek peek = { .value = "", .why = "" };
	enum err_code code = ERR_OK;

	if (conf->want != NULL)
		code = scope_fill(
		    scope, "want", conf->want, TEMPLATE_TEXT, &peek.want, err);
	if (code != ERR_OK)
		return code;
	switch (peek_kind(conf)) {
	case PEEK_COMMAND:
		code = peek_command(ctx, conf, base, scope, &peek, err);
		break;
	case PEEK_HTTP:
		code = peek_http(ctx, conf, base, scope, &peek, err);
		break;
	case PEEK_HEALTH:
		code = peek_health(ctx, conf, scope, &peek, err);
		break;
	case PEEK_NONE:
		code = err_set(err, ERR_CONFIG, origin, "nothing to look at");
		break;
	}
	if (code != ERR_OK)
		return code;
	if (arena_failed(ctx->arena))
		return err_set(err, ERR_NOMEM, origin, "no memory");
	if (peek.want != NULL)
		peek.good = peek.there && is_same(peek.value, peek.want);
	*ret_peek = peek;
	return ERR_OK;
}

enum err_code
peek_words(const struct peek_conf *conf, const struct scope *scope,
    const char **ret_words, struct err *err)
{
	struct buf words = BUF_INIT(ACTION_FILLED_MAX);
	const char *const *argv = NULL;
	const char *text = "", *want = NULL;
	enum err_code code = ERR_OK;

	switch (peek_kind(conf)) {
	case PEEK_COMMAND:
		code = scope_argv(scope, "argv", &conf->argv, &argv, err);
		if (code == ERR_OK)
			shell_words(&words, argv);
		if (code == ERR_OK && conf->match != NULL)
			buf_fmt(&words, ", matching %s", conf->match);
		break;
	case PEEK_HTTP:
		code = scope_fill(
		    scope, "url", conf->http.url, TEMPLATE_URL, &text, err);
		buf_fmt(&words, "GET %s%s%s", text,
		    conf->path != NULL ? ", " : "",
		    conf->path != NULL ? conf->path : "");
		break;
	case PEEK_HEALTH:
		code = scope_fill(
		    scope, "health", conf->health, TEMPLATE_TEXT, &text, err);
		buf_fmt(&words, "health %s", text);
		break;
	case PEEK_NONE:
		break;
	}
	if (code == ERR_OK && conf->want != NULL) {
		code = scope_fill(
		    scope, "want", conf->want, TEMPLATE_TEXT, &want, err);
		if (code == ERR_OK)
			buf_fmt(&words, " is %s", want);
	}
	if (code == ERR_OK)
		*ret_words =
		    arena_copy(scope->arena, buf_cstr(&words), words.len);
	buf_release(&words);
	if (code == ERR_OK && *ret_words == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	return code;
}

/* Keys that have no meaning for the way of looking. */
static void
check_strays(enum peek_kind kind, const struct conf_node *node,
    struct conf_errors *errors)
{
	static const struct {
		const char *key;
		enum peek_kind kind;
		const char *other;
	} keys[] = {
		{ "path", PEEK_HTTP, "a url" },
		{ "headers", PEEK_HTTP, "a url" },
		{ "auth", PEEK_HTTP, "a url" },
		{ "dir", PEEK_COMMAND, "argv" },
		{ "env", PEEK_COMMAND, "argv" },
		{ "exit", PEEK_COMMAND, "argv" },
		{ "match", PEEK_COMMAND, "argv" },
		{ "count", PEEK_COMMAND, "argv" },
		{ "db", PEEK_COMMAND, "argv" },
		{ "script", PEEK_COMMAND, "argv" },
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct conf_node *at = conf_get(node, keys[i].key);

		if (at != NULL && kind != keys[i].kind)
			conf_errors_add(errors, at->key_pos, NULL,
			    "\"%s\" goes with %s", keys[i].key, keys[i].other);
	}
}

/* "api/status": the source has to be there. */
static void
check_health(const struct peek_conf *conf, const struct scope *scope,
    const struct conf_node *at, struct conf_errors *errors)
{
	const char *slash = strchr(conf->health, '/');
	char name[NAME_MAX_LEN];

	scope_check_text(scope, conf->health, TEMPLATE_TEXT, at, at, errors);
	if (slash == NULL) {
		conf_errors_add(errors, at->pos, "health: api/status",
		    "\"health\" wants SOURCE/TARGET");
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(slash - conf->health),
	    conf->health);
	if (strstr(name, "${") == NULL &&
	    platform_source_find(scope->platform, name) == NULL)
		conf_errors_add(errors, at->pos, NULL,
		    "no source is named \"%.60s\"", name);
}

static void
check_patterns(const struct peek_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	struct err err = ERR_INIT;
	struct regex *regex = NULL;

	if (conf->match != NULL) {
		if (regex_new(conf->match, strlen(conf->match), 0, &regex,
			&err) != ERR_OK)
			conf_errors_add(errors, conf_get(node, "match")->pos,
			    NULL, "%s", err_text(&err));
		regex_free(regex);
	}
	if (conf->path != NULL && json_lookup_check(conf->path, &err) != ERR_OK)
		conf_errors_add(errors, conf_get(node, "path")->pos, NULL, "%s",
		    err_text(&err));
}

void
peek_check(const struct peek_conf *conf, const struct scope *scope,
    const struct conf_node *node, struct conf_errors *errors)
{
	size_t ways = (conf->argv.count > 0) + (conf->http.url != NULL) +
		      (conf->health != NULL);

	if (ways != 1) {
		conf_errors_add(errors, node->key_pos,
		    "argv: [pm2, id, api], or url: and path:, or health: "
		    "api/status",
		    "\"%.40s\" wants one of argv, url and health, to look at",
		    node->key != NULL ? node->key : "it");
		return;
	}
	check_strays(peek_kind(conf), node, errors);
	if (conf->count && conf->match == NULL)
		conf_errors_add(errors, conf_get(node, "count")->key_pos,
		    "match: '[0-9]+'", "\"count\" counts what \"match\" finds");
	check_patterns(conf, node, errors);
	run_conf_check(
	    &conf->run, &conf->argv, &conf->exit, scope, node, errors);
	if (conf->http.url != NULL) {
		http_conf_check(&conf->http, node, errors);
		scope_check_text(scope, conf->http.url, TEMPLATE_URL,
		    conf_get(node, "url"), node, errors);
		scope_check_pairs(
		    scope, &conf->http.headers, TEMPLATE_LINE, errors);
	}
	if (conf->health != NULL)
		check_health(conf, scope, conf_get(node, "health"), errors);
	if (conf->want != NULL)
		scope_check_text(scope, conf->want, TEMPLATE_TEXT,
		    conf_get(node, "want"), node, errors);
}

static const struct opt peek_rows[] = {
	{
	    OPT_FIELD(struct peek_conf, argv, "argv", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_ARGV_MAX,
	    .template = true,
	    .help = "a read-only program and its arguments, a list and no "
		    "shell",
	},
	{
	    OPT_FIELD(struct peek_conf, run.dir, "dir", OPT_PATH),
	    .help = "folder to run in; else that of the action",
	},
	{
	    OPT_FIELD(struct peek_conf, run.env, "env", OPT_PAIRS),
	    .max = PROCESS_VARIABLES_MAX,
	    .template = true,
	    .help = "variables; else those of the action",
	},
	{
	    OPT_FIELD(struct peek_conf, run.inherit, "inherit", OPT_BOOL),
	    .preset = "true",
	    .help = "hand on all our variables; else PATH, HOME and the like",
	},
	{
	    OPT_FIELD(struct peek_conf, exit, "exit", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_STATUSES_MAX,
	    .preset = "0",
	    .help = "the exit status, or several, that mean yes",
	},
	{
	    OPT_FIELD(struct peek_conf, match, "match", OPT_STRING),
	    .max = REGEX_PATTERN_MAX,
	    .min = 1,
	    .help = "regular expression of the output; its first group, or "
		    "all of it, is the value",
	},
	{
	    OPT_FIELD(struct peek_conf, count, "count", OPT_BOOL),
	    .preset = "false",
	    .help = "true: how often it matches is the value",
	},
	{
	    OPT_FIELD(struct peek_conf, script, "script", OPT_STRING),
	    .min = 1,
	    .max = PROC_INPUT_MAX,
	    .help = "a text that it reads from its standard input, as it is",
	},
	{
	    OPT_FIELD(struct peek_conf, run.db, "db", OPT_REF),
	    .refers = "postgres",
	    .help = "name of a postgres source; else that of the action",
	},
	{
	    OPT_FIELD(struct peek_conf, http.url, "url", OPT_URL),
	    .choices = http_schemes,
	    .template = true,
	    .help = "what to GET",
	},
	{
	    OPT_FIELD(struct peek_conf, http.headers, "headers", OPT_PAIRS),
	    .template = true,
	    .help = "request headers; else those of the action",
	},
	HTTP_CONF_TRUST_ROWS,
	{
	    OPT_FIELD(struct peek_conf, path, "path", OPT_STRING),
	    .help = "where the value is in the JSON answer",
	},
	{
	    OPT_FIELD(struct peek_conf, health, "health", OPT_STRING),
	    .template = true,
	    .help = "SOURCE/TARGET: state of a health row, asked for anew",
	},
	{
	    OPT_FIELD(struct peek_conf, want, "want", OPT_STRING),
	    .template = true,
	    .help = "the value that it has to have",
	},
	{
	    OPT_FIELD(struct peek_conf, label, "label", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what the value is called in the plan",
	},
};

const struct opt_table peek_table = OPT_TABLE(peek_rows);
