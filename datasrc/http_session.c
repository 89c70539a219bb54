#include "datasrc/http_session.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/redact.h"
#include "base/secret.h"

const char *const http_schemes[] = { "http", "https", NULL };

/* Secrets of one request, resolved; all NULL when there are none. */
struct http_secrets {
	struct secret *bearer;
	struct secret *password;
	struct secret **headers; /* as many as the configuration has */
	struct http_header *lines;
};

static bool
http_header_name_sound(const char *name)
{
	return strpbrk(name, " \t\r\n:") == NULL && name[0] != '\0';
}

void
http_conf_check(const struct http_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct conf_node *auth = conf_get(node, "auth");
	const struct conf_node *headers = conf_get(node, "headers");

	for (size_t i = 0; i < conf->headers.count; i++) {
		const struct opt_pair *pair = &conf->headers.items[i];
		const struct conf_node *at = conf_get(headers, pair->key);

		if (!http_header_name_sound(pair->key))
			conf_errors_add(errors,
			    at != NULL ? at->key_pos : node->key_pos, NULL,
			    "\"%s\" is no name of a header", pair->key);
		if (strpbrk(pair->value, "\r\n") != NULL)
			conf_errors_add(errors,
			    at != NULL ? at->pos : node->pos, NULL,
			    "a header has no line breaks");
	}
	if (auth == NULL)
		return;
	if (conf->bearer != NULL && conf->user != NULL)
		conf_errors_add(errors, auth->key_pos, NULL,
		    "auth has a bearer token or user and password, not both");
	if ((conf->user != NULL) != (conf->password != NULL))
		conf_errors_add(errors, auth->key_pos, NULL,
		    "auth needs user and password together");
}

void
http_session_init(struct http_session *session, const struct http_conf *conf,
    struct redactor *redactor)
{
	*session = (struct http_session) { .conf = conf, .redactor = redactor };
}

void
http_session_forget(struct http_session *session)
{
	session->target = http_target_free(session->target);
}

bool
http_session_sent(const struct http_session *session)
{
	return session->sent;
}

void
http_session_release(struct http_session *session)
{
	session->target = http_target_free(session->target);
	session->client = http_client_free(session->client);
}

/* Resolves ref (NULL: nothing to do) and makes its value unspeakable. */
static enum err_code
http_secret_get(const struct http_session *session, const char *what,
    const char *ref, const struct cancel *cancel, struct secret **ret_secret,
    struct err *err)
{
	enum err_code code;

	if (ref == NULL)
		return ERR_OK;
	code = secret_from_ref(ref, cancel, ret_secret, err);
	if (code != ERR_OK) {
		err_prefix(err, "%s", what);
		return code;
	}
	if (session->redactor == NULL)
		return ERR_OK;
	code = redactor_add_secret(session->redactor, *ret_secret, err);
	/* Too short to search for is too short to be kept from a screen. */
	if (code == ERR_LIMIT) {
		err_clear(err);
		code = ERR_OK;
	}
	return code;
}

static void
http_secrets_release(struct http_secrets *secrets, const struct http_conf *conf)
{
	secret_free(secrets->bearer);
	secret_free(secrets->password);
	for (size_t i = 0; secrets->headers != NULL && i < conf->headers.count;
	     i++)
		secret_free(secrets->headers[i]);
	mem_free(secrets->headers);
	mem_free(secrets->lines);
}

/* A header is a secret only when it is written as a reference to one. */
static enum err_code
http_header_get(const struct http_session *session, struct http_secrets *to,
    size_t i, const struct cancel *cancel, struct err *err)
{
	const struct opt_pair *pair = &session->conf->headers.items[i];
	enum err_code code = ERR_OK;

	to->lines[i].name = pair->key;
	to->lines[i].value = pair->value;
	if (secret_ref_kind(pair->value) == SECRET_LITERAL)
		return ERR_OK;
	code = http_secret_get(
	    session, pair->key, pair->value, cancel, &to->headers[i], err);
	if (code == ERR_OK) {
		to->lines[i].value = secret_reveal(to->headers[i]);
		to->lines[i].secret = true;
	}
	return code;
}

static enum err_code
http_secrets_get(const struct http_session *session,
    const struct cancel *cancel, struct http_secrets *to, struct err *err)
{
	const struct http_conf *conf = session->conf;
	size_t count = conf->headers.count;
	enum err_code code;

	/* One more line for Accept. */
	to->headers = mem_calloc(count + 1, sizeof(struct secret *));
	to->lines = mem_calloc(count + 1, sizeof(struct http_header));
	if (to->headers == NULL || to->lines == NULL)
		return err_set(err, ERR_NOMEM, "http", "no memory");
	code = http_secret_get(
	    session, "bearer", conf->bearer, cancel, &to->bearer, err);
	if (code == ERR_OK)
		code = http_secret_get(session, "password", conf->password,
		    cancel, &to->password, err);
	for (size_t i = 0; code == ERR_OK && i < count; i++)
		code = http_header_get(session, to, i, cancel, err);
	return code;
}

static enum err_code
http_session_client(struct http_session *session, struct err *err)
{
	struct http_options options = { .proxy = session->conf->proxy,
		.ca_file = session->conf->ca,
		.insecure = session->conf->insecure,
		.connections = session->connections };

	if (session->client != NULL)
		return ERR_OK;
	return http_client_new(&options, &session->client, err);
}

/* The request that asks for, with the secrets; url is still to be set. */
static struct http_request
http_session_request(const struct http_conf *conf, const struct http_ask *ask,
    struct http_secrets *secrets)
{
	struct http_request request = {
		.method = ask->method,
		.user = conf->user,
		.body = ask->body,
		.body_len = ask->body != NULL ? strlen(ask->body) : 0,
		.content_type = ask->type,
		.body_max = (size_t)conf->max_body,
		.compressed = ask->compressed,
		.once = ask->once,
		.headers = secrets->lines,
		.header_count = conf->headers.count,
	};

	if (ask->accept != NULL)
		secrets->lines[request.header_count++] =
		    (struct http_header) { .name = "Accept",
			    .value = ask->accept };
	if (secrets->bearer != NULL)
		request.bearer = secret_reveal(secrets->bearer);
	if (secrets->password != NULL)
		request.password = secret_reveal(secrets->password);
	return request;
}

enum err_code
http_session_targets(struct http_session *session, const struct http_ask *ask,
    const char *const *urls, size_t count, const struct cancel *cancel,
    struct http_target **ret_targets, struct err *err)
{
	struct http_secrets secrets = { .bearer = NULL };
	struct http_request request;
	enum err_code code;
	size_t made = 0;

	code = http_session_client(session, err);
	if (code == ERR_OK)
		code = http_secrets_get(session, cancel, &secrets, err);
	if (code == ERR_OK)
		request = http_session_request(session->conf, ask, &secrets);
	while (code == ERR_OK && made < count) {
		request.url = urls[made];
		code = http_target_new(
		    session->client, &request, &ret_targets[made], err);
		made += code == ERR_OK;
	}
	while (code != ERR_OK && made > 0) {
		made--;
		ret_targets[made] = http_target_free(ret_targets[made]);
	}
	http_secrets_release(&secrets, session->conf);
	return code;
}

enum err_code
http_session_ask(struct http_session *session, const struct http_ask *ask,
    int64_t deadline, const struct cancel *cancel,
    struct http_response *ret_response, struct err *err)
{
	const char *url = ask->url != NULL ? ask->url : session->conf->url;
	enum err_code code = ERR_OK;

	session->sent = false;
	if (session->target == NULL)
		code = http_session_targets(
		    session, ask, &url, 1, cancel, &session->target, err);
	if (code == ERR_OK)
		snprintf(session->host, sizeof(session->host), "%s",
		    http_target_host(session->target));
	if (code == ERR_OK)
		code = http_fetch_target(
		    session->target, deadline, cancel, ret_response, err);
	session->sent = http_target_sent(session->target);
	if (code == ERR_OK &&
	    (ret_response->status == 401 || ret_response->status == 403))
		session->target = http_target_free(session->target);
	return code;
}

static const struct opt http_auth_rows[] = {
	{
	    OPT_FIELD(struct http_conf, bearer, "bearer", OPT_SECRET),
	    .help = "token for Authorization: Bearer",
	},
	{
	    OPT_FIELD(struct http_conf, user, "user", OPT_STRING),
	    .help = "user for basic authentication",
	},
	{
	    OPT_FIELD(struct http_conf, password, "password", OPT_SECRET),
	    .help = "its password",
	},
};

const struct opt_table http_auth_table = OPT_TABLE(http_auth_rows);
