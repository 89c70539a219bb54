#include "datasrc/gcp_auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/proc_run.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/gcp_answer.h"
#include "datasrc/gcp_command.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_jwt.h"
#include "datasrc/gcp_key.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/http.h"
#include "datasrc/url.h"

#define METADATA_PATH                                                          \
	"/computeMetadata/v1/instance/service-accounts/default/token?scopes="

enum auth_kind {
	AUTH_COMMAND,
	AUTH_KEY,
	AUTH_METADATA,
};

struct gcp_auth {
	const struct gcp_conf *conf;
	struct redactor *redactor;
	struct gcp_tokens *tokens;
	struct gcp_tokens *own; /* the same, if it is ours to free */
	enum auth_kind kind;
	struct gcp_key key; /* KEY */
	unsigned char id[GCP_ID_LEN];
	bool known; /* kind and what follows it are set */
	struct buf path;
	struct proc command; /* COMMAND */
	const char *quota;
	char who[GCP_WHO_MAX];
	char warning[ERR_MSG_MAX];
};

enum err_code
gcp_auth_new(const struct gcp_conf *conf, struct gcp_tokens *shared,
    struct redactor *redactor, struct gcp_auth **ret_auth, struct err *err)
{
	struct gcp_auth *auth = mem_calloc(1, sizeof(*auth));

	if (auth == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	auth->conf = conf;
	auth->redactor = redactor;
	buf_init(&auth->path, GCP_PATH_MAX);
	auth->tokens = shared;
	if (shared == NULL)
		auth->tokens = auth->own = gcp_tokens_new();
	if (auth->tokens == NULL) {
		gcp_auth_free(auth);
		return err_set(err, ERR_NOMEM, "google", "no memory");
	}
	*ret_auth = auth;
	return ERR_OK;
}

struct gcp_auth *
gcp_auth_free(struct gcp_auth *auth)
{
	if (auth == NULL)
		return NULL;
	gcp_key_release(&auth->key);
	gcp_tokens_free(auth->own);
	buf_release(&auth->path);
	mem_free(auth);
	return NULL;
}

/* The digest by which all sources with the same credential find its token. */
struct auth_digest {
	EVP_MD_CTX *ctx;
	bool good;
};

static void
digest_bytes(struct auth_digest *d, const char *bytes, size_t len)
{
	d->good = d->good && EVP_DigestUpdate(d->ctx, &len, sizeof(len)) == 1 &&
		  EVP_DigestUpdate(d->ctx, bytes, len) == 1;
}

static void
digest_str(struct auth_digest *d, const char *s)
{
	digest_bytes(d, s != NULL ? s : "", s != NULL ? strlen(s) : 0);
}

static void
digest_secret(struct auth_digest *d, const struct secret *secret)
{
	if (secret != NULL)
		digest_bytes(d, secret_reveal(secret), secret_len(secret));
}

static enum err_code
auth_identify(struct gcp_auth *auth, struct err *err)
{
	const struct gcp_conf *conf = auth->conf;
	struct auth_digest d = { .ctx = EVP_MD_CTX_new() };
	char kind = (char)('0' + auth->kind);

	d.good =
	    d.ctx != NULL && EVP_DigestInit_ex(d.ctx, EVP_sha256(), NULL) == 1;
	digest_bytes(&d, &kind, 1);
	digest_str(&d, conf->token_url);
	digest_str(&d, conf->metadata_url);
	digest_str(&d, getenv("GCE_METADATA_HOST"));
	for (size_t i = 0; i < conf->command.count; i++)
		digest_str(&d, conf->command.items[i]);
	digest_str(&d, auth->key.id);
	digest_str(&d, auth->key.token_url);
	digest_secret(&d, auth->key.secret);
	digest_secret(&d, auth->key.refresh);
	d.good = d.good && EVP_DigestFinal_ex(d.ctx, auth->id, NULL) == 1;
	EVP_MD_CTX_free(d.ctx);
	return d.good ? ERR_OK : err_set(err, ERR_NOMEM, "google", "no memory");
}

/* Too short to search for is too short to be kept from a screen. */
static enum err_code
auth_hide(struct gcp_auth *auth, const struct secret *secret, struct err *err)
{
	enum err_code code = ERR_OK;

	if (auth->redactor != NULL && secret != NULL)
		code = redactor_add_secret(auth->redactor, secret, err);
	if (code == ERR_LIMIT || code == ERR_TOOBIG) {
		err_clear(err);
		code = ERR_OK;
	}
	return code;
}

static enum err_code
auth_load(struct gcp_auth *auth, struct err *err)
{
	const char *path = buf_cstr(&auth->path);
	mode_t mode = 0;
	enum err_code code;

	gcp_key_release(&auth->key);
	code = gcp_key_read(path, &auth->key, &mode, err);
	if (code == ERR_OK)
		code = auth_hide(auth, auth->key.secret, err);
	if (code == ERR_OK)
		code = auth_hide(auth, auth->key.refresh, err);
	if (code != ERR_OK)
		return code;
	if (auth->key.token_url != NULL &&
	    !gcp_url_is_safe(auth->key.token_url))
		return err_set(err, ERR_CONFIG, "google",
		    "%s: its token_uri is not https://", path);
	snprintf(auth->who, sizeof(auth->who), "%s%s",
	    auth->key.kind == GCP_KEY_SERVICE ? "service account " : "a login",
	    auth->key.kind == GCP_KEY_SERVICE ? auth->key.id : "");
	if ((mode & 077) != 0)
		snprintf(auth->warning, sizeof(auth->warning),
		    "%.120s is open to others (mode %04o); run: chmod 600",
		    path, (unsigned)mode);
	return ERR_OK;
}

/* Finds out who we are. A file is read anew after it was refused. */
static enum err_code
auth_know(struct gcp_auth *auth, struct err *err)
{
	const char *env = getenv("GOOGLE_CLOUD_QUOTA_PROJECT");
	enum err_code code = ERR_OK;

	if (auth->known)
		return ERR_OK;
	auth->warning[0] = '\0';
	auth->kind = AUTH_COMMAND;
	if (auth->conf->command.count != 0) {
		snprintf(auth->who, sizeof(auth->who), "command %s",
		    auth->conf->command.items[0]);
	} else {
		code = gcp_key_find(auth->conf->credentials, &auth->path, err);
		auth->kind = auth->path.len != 0 ? AUTH_KEY : AUTH_METADATA;
	}
	if (code == ERR_OK && auth->kind == AUTH_KEY)
		code = auth_load(auth, err);
	if (auth->kind == AUTH_METADATA)
		snprintf(auth->who, sizeof(auth->who),
		    "the machine's service account");
	if (code == ERR_OK)
		code = auth_identify(auth, err);
	auth->quota = auth->key.quota_project;
	if (env != NULL && env[0] != '\0')
		auth->quota = env;
	if (auth->conf->quota_project != NULL)
		auth->quota = auth->conf->quota_project;
	auth->known = code == ERR_OK;
	return code;
}

/* A question for a token and its answer. */
struct auth_ask {
	struct http_request request;
	const char *proxy;
	const char *remedy; /* of a refusal */
	bool metadata;	    /* only the metadata server may answer */
	int64_t deadline;
	const struct cancel *cancel;
	struct secret *token; /* of the answer */
	int64_t life_ns;
};

static enum err_code
auth_ask(struct gcp_auth *auth, struct auth_ask *ask, struct err *err)
{
	const struct http_options options = { .proxy = ask->proxy,
		.ca_file = auth->conf->ca,
		.connect_ms = ask->request.timeout_ms,
		.connections = 1 };
	struct http_client *client = NULL;
	struct http_response response = { .status = 0 };
	enum err_code code = http_client_new(&options, &client, err);

	ask->request.body_max = GCP_TOKEN_BODY_MAX;
	if (code == ERR_OK)
		code = http_fetch(client, &ask->request, ask->deadline,
		    ask->cancel, &response, err);
	if (code == ERR_OK && ask->metadata && !response.metadata)
		code = err_set(err, ERR_PROTOCOL, "google",
		    "what answers there is not Google's metadata server");
	else if (code == ERR_OK &&
		 (response.status < 200 || response.status > 299))
		code = gcp_answer_refusal(response.status, response.body,
		    response.body_len, ask->remedy, err);
	else if (code == ERR_OK)
		code = gcp_answer_token(response.body, response.body_len,
		    &ask->token, &ask->life_ns, err);
	http_client_free(client);
	return code;
}

static bool
form_add(struct buf *form, const char *key, const char *value)
{
	return buf_fmt(form, "%s%s=", form->len != 0 ? "&" : "", key) &&
	       url_encode(form, value);
}

static enum err_code
auth_form(struct gcp_auth *auth, struct buf *form, struct err *err)
{
	const struct gcp_key *key = &auth->key;
	struct buf jwt = BUF_INIT(GCP_JWT_MAX);
	enum err_code code = ERR_OK;
	bool good;

	if (key->kind == GCP_KEY_SERVICE) {
		code = gcp_jwt_make(key, clock_wall_ms() / 1000, &jwt, err);
		good = form_add(form, "grant_type",
			   "urn:ietf:params:oauth:grant-type:jwt-bearer") &&
		       form_add(form, "assertion", buf_cstr(&jwt));
	} else {
		good = form_add(form, "grant_type", "refresh_token") &&
		       form_add(form, "client_id", key->id) &&
		       form_add(
			   form, "client_secret", secret_reveal(key->secret)) &&
		       form_add(
			   form, "refresh_token", secret_reveal(key->refresh));
	}
	if (code == ERR_OK && !good)
		code = err_set(err, ERR_TOOBIG, "google",
		    "%s: too long, or no memory", buf_cstr(&auth->path));
	if (jwt.data != NULL)
		OPENSSL_cleanse(jwt.data, jwt.cap);
	buf_release(&jwt);
	return code;
}

static enum err_code
auth_by_key(struct gcp_auth *auth, struct auth_ask *ask, struct err *err)
{
	const char *url = auth->key.token_url;
	struct buf form = BUF_INIT(GCP_FORM_MAX);
	enum err_code code;

	/* One block from the start, so that no copy is left behind. */
	if (buf_reserve(&form, GCP_FORM_MAX) == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	if (auth->conf->token_url != NULL)
		url = auth->conf->token_url;
	code = auth_form(auth, &form, err);
	ask->request = (struct http_request) {
		.url = url != NULL ? url : GCP_TOKEN_URL,
		.body = form.data,
		.body_len = form.len,
		.content_type = "application/x-www-form-urlencoded",
	};
	ask->proxy = auth->conf->proxy;
	ask->remedy = auth->key.kind == GCP_KEY_SERVICE
			  ? "is the key deleted, or this machine's clock wrong?"
			  : "run: gcloud auth application-default login";
	if (code == ERR_OK)
		code = auth_ask(auth, ask, err);
	OPENSSL_cleanse(form.data, form.cap);
	buf_release(&form);
	return code;
}

static enum err_code
auth_by_metadata(struct gcp_auth *auth, struct auth_ask *ask, struct err *err)
{
	static const struct http_header flavor = { .name = "Metadata-Flavor",
		.value = "Google" };
	const char *host = getenv("GCE_METADATA_HOST");
	struct buf url = BUF_INIT(URL_MAX);
	enum err_code code;
	bool good;

	if (host == NULL || host[0] == '\0')
		host = "169.254.169.254"; /* metadata.google.internal */
	good = auth->conf->metadata_url != NULL
		   ? buf_str(&url, auth->conf->metadata_url)
		   : buf_fmt(&url, "http://%s", host);
	if (!good || !buf_str(&url, METADATA_PATH) ||
	    !url_encode(&url, GCP_SCOPE)) {
		buf_release(&url);
		return err_set(err, ERR_TOOBIG, "google",
		    "the address of the metadata server is too long");
	}
	ask->request = (struct http_request) {
		.url = buf_cstr(&url),
		.headers = &flavor,
		.header_count = 1,
		.timeout_ms = GCP_METADATA_MS,
	};
	ask->remedy = "has this machine a service account?";
	ask->metadata = true;
	code = auth_ask(auth, ask, err);
	buf_release(&url);
	if (code == ERR_REFUSED || code == ERR_TIMEOUT || code == ERR_DNS)
		return err_set(err, ERR_NOTFOUND, "google",
		    "no Google credentials here; run: gcloud auth "
		    "application-default login, or configure auth: {command: "
		    "[gcloud, auth, print-access-token]}");
	return code;
}

static enum err_code
auth_fetch(struct gcp_auth *auth, struct auth_ask *ask, struct err *err)
{
	enum err_code code;

	switch (auth->kind) {
	case AUTH_COMMAND:
		ask->life_ns = GCP_COMMAND_LIFE_S * NS_PER_SEC;
		code = gcp_command_token(&auth->command, &auth->conf->command,
		    auth->redactor, ask->deadline, ask->cancel, &ask->token,
		    err);
		break;
	case AUTH_KEY:
		code = auth_by_key(auth, ask, err);
		break;
	default:
		code = auth_by_metadata(auth, ask, err);
	}
	/* A mended file is read the next time. */
	if (code == ERR_AUTH || code == ERR_CONFIG)
		auth->known = false;
	return code;
}

enum err_code
gcp_auth_token(struct gcp_auth *auth, int64_t deadline,
    const struct cancel *cancel, struct gcp_token **ret_token, struct err *err)
{
	struct auth_ask ask = { .deadline = deadline, .cancel = cancel };
	struct gcp_token *token = NULL;
	struct err why = ERR_INIT;
	enum err_code code = auth_know(auth, err);

	if (code == ERR_OK)
		code = gcp_tokens_get(
		    auth->tokens, auth->id, deadline, cancel, &token, err);
	if (code != ERR_OK)
		return code;
	if (token != NULL) {
		*ret_token = token;
		return ERR_OK;
	}
	code = auth_fetch(auth, &ask, &why);
	if (code == ERR_OK)
		code = auth_hide(auth, ask.token, &why);
	if (code == ERR_OK) {
		token = gcp_token_new(ask.token, clock_now(), ask.life_ns);
		if (token == NULL)
			code = err_set(&why, ERR_NOMEM, "google", "no memory");
	} else {
		secret_free(ask.token);
	}
	token = gcp_tokens_put(
	    auth->tokens, auth->id, token, code == ERR_OK ? NULL : &why);
	if (token == NULL)
		return err_set(err, why.code, why.origin, "%s", why.msg);
	*ret_token = token;
	return ERR_OK;
}

void
gcp_auth_refused(struct gcp_auth *auth, const struct gcp_token *token)
{
	gcp_tokens_drop(auth->tokens, auth->id, token);
}

const char *
gcp_auth_quota_project(const struct gcp_auth *auth)
{
	return auth->quota;
}

const char *
gcp_auth_who(const struct gcp_auth *auth)
{
	return auth->who;
}

const char *
gcp_auth_warning(const struct gcp_auth *auth)
{
	return auth->warning;
}
