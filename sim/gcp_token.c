#include "sim/gcp_token.h"

#include <cjson/cJSON.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "sim/dir.h"
#include "sim/gcp_reply.h"
#include "sim/limits.h"
#include "sim/token.h"

#define TOKEN_AUDIENCE "https://oauth2.googleapis.com/token"
#define TOKEN_SCOPE    "https://www.googleapis.com/auth/cloud-platform"
#define TOKEN_GRANT    "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define TOKEN_PERSON   "oncall@example.com"
#define METADATA_ROOT  "/computeMetadata/v1/"
#define METADATA_TOKEN METADATA_ROOT "instance/service-accounts/default/token"

enum {
	TOKEN_LIFE_S = 3599,
	TOKEN_ASSERTION_S = 3600,
	TOKEN_SKEW_S = 60,
	TOKEN_BITS = 2048,
};

/* One that was given. */
struct gcp_token {
	char text[TOKEN_CAP];
	const char *who;
	int64_t until; /* clock_now() */
};

struct gcp_tokens {
	EVP_PKEY *key;
	char project[NAME_MAX_LEN + 1];
	char account[SIM_GCP_NAME_MAX];
	char key_id[TOKEN_CAP];
	char secret[TOKEN_CAP];	 /* of the login's client */
	char refresh[TOKEN_CAP]; /* of the login */
	struct gcp_token given[SIM_GCP_TOKENS_MAX];
	size_t next; /* the oldest place */
};

enum err_code
gcp_tokens_new(
    const char *project, struct gcp_tokens **ret_tokens, struct err *err)
{
	struct gcp_tokens *tokens = mem_calloc(1, sizeof(*tokens));
	enum err_code rc = ERR_OK;

	if (tokens == NULL)
		return err_set(err, ERR_NOMEM, "sim", "starting");
	snprintf(tokens->project, sizeof(tokens->project), "%s", project);
	snprintf(tokens->account, sizeof(tokens->account),
	    "sevtop@%s.iam.gserviceaccount.com", tokens->project);
	tokens->key = EVP_RSA_gen(TOKEN_BITS);
	if (tokens->key == NULL)
		rc = err_set(err, ERR_NOMEM, "sim", "no RSA key can be made");
	if (rc == ERR_OK)
		rc = token_make(tokens->key_id, err);
	if (rc == ERR_OK)
		rc = token_make(tokens->secret, err);
	if (rc == ERR_OK)
		rc = token_make(tokens->refresh, err);
	if (rc != ERR_OK)
		gcp_tokens_free(tokens);
	else
		*ret_tokens = tokens;
	return rc;
}

struct gcp_tokens *
gcp_tokens_free(struct gcp_tokens *tokens)
{
	if (tokens == NULL)
		return NULL;
	EVP_PKEY_free(tokens->key);
	mem_free(tokens);
	return NULL;
}

/* Takes doc. */
static enum err_code
token_write(
    const struct dir *dir, const char *name, cJSON *doc, struct err *err)
{
	char *text = cJSON_Print(doc);
	char path[PATH_MAX];
	enum err_code rc;

	cJSON_Delete(doc);
	snprintf(path, sizeof(path), "%.*s/%s",
	    (int)(sizeof(path) - NAME_MAX_LEN), dir->path, name);
	if (text == NULL)
		return err_set(err, ERR_NOMEM, "sim", "starting");
	rc = dir_write(path, text, strlen(text), err);
	cJSON_free(text);
	return rc;
}

/* The private key as Google writes it: PKCS #8 in PEM. Free with BIO_free. */
static BIO *
token_pem(const struct gcp_tokens *tokens)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(
		bio, tokens->key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    BIO_write(bio, "", 1) != 1) {
		BIO_free(bio);
		return NULL;
	}
	return bio;
}

enum err_code
gcp_tokens_write(const struct gcp_tokens *tokens, const struct dir *dir,
    const char *token_url, struct err *err)
{
	cJSON *key = cJSON_CreateObject(), *login;
	BIO *pem = token_pem(tokens);
	enum err_code rc;
	char *text = NULL;

	if (pem == NULL || BIO_get_mem_data(pem, &text) <= 0) {
		cJSON_Delete(key);
		BIO_free(pem);
		return err_set(err, ERR_NOMEM, "sim", "starting");
	}
	doc_put_str(key, "type", "service_account");
	doc_put_str(key, "project_id", tokens->project);
	doc_put_str(key, "private_key_id", tokens->key_id);
	doc_put_str(key, "private_key", text);
	doc_put_str(key, "client_email", tokens->account);
	doc_put_str(key, "token_uri", token_url);
	BIO_free(pem);
	rc = token_write(dir, "key.json", key, err);
	if (rc != ERR_OK)
		return rc;
	login = cJSON_CreateObject();
	doc_put_str(login, "type", "authorized_user");
	doc_put_str(login, "client_id", "practice.apps.googleusercontent.com");
	doc_put_str(login, "client_secret", tokens->secret);
	doc_put_str(login, "refresh_token", tokens->refresh);
	doc_put_str(login, "quota_project_id", tokens->project);
	return token_write(dir, "login.json", login, err);
}

static void
token_refuse(struct httpd_reply *reply, const char *error, const char *why)
{
	cJSON *root = cJSON_CreateObject();

	doc_put_str(root, "error", error);
	doc_put_str(root, "error_description", why);
	gcp_reply_doc(reply, root);
	reply->status = strcmp(error, "invalid_client") == 0 ? 401 : 400;
}

static void
token_give(
    struct gcp_tokens *tokens, const char *who, struct httpd_reply *reply)
{
	struct gcp_token *token = &tokens->given[tokens->next];
	cJSON *root = cJSON_CreateObject();
	char text[sizeof("ya29.") + TOKEN_CAP];

	tokens->next = (tokens->next + 1) % SIM_GCP_TOKENS_MAX;
	if (token_make(token->text, NULL) != ERR_OK) {
		token->who = NULL;
		cJSON_Delete(root);
		token_refuse(reply, "temporarily_unavailable", "try again");
		return;
	}
	token->who = who;
	token->until = clock_now() + TOKEN_LIFE_S * NS_PER_SEC;
	snprintf(text, sizeof(text), "ya29.%s", token->text);
	doc_put_str(root, "access_token", text);
	doc_put_num(root, "expires_in", TOKEN_LIFE_S);
	doc_put_str(root, "token_type", "Bearer");
	gcp_reply_doc(reply, root);
}

/*
 * base64url without padding (RFC 7515, section 2). False for anything else,
 * and for more than cap bytes. A NUL follows the bytes.
 */
static bool
token_decode(const char *text, size_t len, char *out, size_t cap, size_t *ret)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digit =
		    text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (digit == NULL)
			return false;
		bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (n + 1 >= cap)
			return false;
		out[n++] = (char)(bits >> have & 0xff);
	}
	out[n] = '\0';
	*ret = n;
	return true;
}

static bool
token_signature_is_good(const struct gcp_tokens *tokens, const char *text,
    size_t len, const char *signature, size_t signature_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL &&
		    EVP_DigestVerifyInit(
			ctx, NULL, EVP_sha256(), NULL, tokens->key) == 1 &&
		    EVP_DigestVerify(ctx, (const unsigned char *)signature,
			signature_len, (const unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

/* What is wrong with the claims; NULL: nothing. */
static const char *
token_judge(
    const struct gcp_tokens *tokens, const cJSON *head, const cJSON *claims)
{
	const char *alg = json_string(json_member(head, "alg"));
	const char *typ = json_string(json_member(head, "typ"));
	const char *iss = json_string(json_member(claims, "iss"));
	const char *aud = json_string(json_member(claims, "aud"));
	const char *scope = json_string(json_member(claims, "scope"));
	int64_t now = clock_wall_ms() / 1000, from, until;

	if (alg == NULL || strcmp(alg, "RS256") != 0 ||
	    (typ != NULL && strcmp(typ, "JWT") != 0))
		return "Invalid JWT: its header must say RS256 and JWT.";
	if (iss == NULL || strcmp(iss, tokens->account) != 0)
		return "Invalid grant: account not found";
	if (aud == NULL || strcmp(aud, TOKEN_AUDIENCE) != 0)
		return "Invalid JWT: Failed audience check.";
	if (scope == NULL || strstr(scope, TOKEN_SCOPE) == NULL)
		return "Invalid OAuth scope or ID token audience provided.";
	if (!json_int(json_member(claims, "iat"), &from) ||
	    !json_int(json_member(claims, "exp"), &until) ||
	    from > now + TOKEN_SKEW_S || until <= now || until <= from ||
	    until - from > TOKEN_ASSERTION_S)
		return "Invalid JWT: Token must be a short-lived token (60 "
		       "minutes) and in a reasonable timeframe. Check your "
		       "iat and exp values in the JWT claim.";
	return NULL;
}

static const char *
token_check_parts(const struct gcp_tokens *tokens, const char *assertion)
{
	const char *dot = strchr(assertion, '.');
	const char *last = dot != NULL ? strchr(dot + 1, '.') : NULL;
	cJSON *head = NULL, *claims = NULL;
	char a[SIM_GCP_JWT_MAX], b[SIM_GCP_JWT_MAX], c[SIM_GCP_JWT_MAX];
	const char *wrong = "Invalid JWT: not three parts of base64url.";
	size_t a_len, b_len, c_len;

	if (last == NULL ||
	    !token_decode(
		assertion, (size_t)(dot - assertion), a, sizeof(a), &a_len) ||
	    !token_decode(
		dot + 1, (size_t)(last - dot - 1), b, sizeof(b), &b_len) ||
	    !token_decode(last + 1, strlen(last + 1), c, sizeof(c), &c_len))
		return wrong;
	if (!token_signature_is_good(
		tokens, assertion, (size_t)(last - assertion), c, c_len))
		return "Invalid JWT Signature.";
	if (json_parse(a, a_len, &head, NULL) == ERR_OK &&
	    json_parse(b, b_len, &claims, NULL) == ERR_OK)
		wrong = token_judge(tokens, head, claims);
	json_free(head);
	json_free(claims);
	return wrong;
}

/* One value of a form, decoded into out; false when it is not there. */
static bool
form_value(const char *form, const char *name, char *out, size_t cap)
{
	size_t name_len = strlen(name), n = 0;
	const char *p = form;

	while (strncmp(p, name, name_len) != 0 || p[name_len] != '=') {
		p = strchr(p, '&');
		if (p == NULL)
			return false;
		p++;
	}
	for (p += name_len + 1; *p != '\0' && *p != '&'; p++) {
		unsigned byte = (unsigned char)*p;

		if (n + 1 >= cap)
			return false;
		if (*p == '%') {
			if (sscanf(p + 1, "%2x", &byte) != 1 || p[2] == '\0')
				return false;
			p += 2;
		}
		out[n++] = *p == '+' ? ' ' : (char)byte;
	}
	out[n] = '\0';
	return true;
}

static void
token_grant_login(
    struct gcp_tokens *tokens, const char *form, struct httpd_reply *reply)
{
	char secret[SIM_GCP_NAME_MAX], refresh[SIM_GCP_NAME_MAX];

	if (!form_value(form, "client_secret", secret, sizeof(secret)) ||
	    strcmp(secret, tokens->secret) != 0)
		token_refuse(
		    reply, "invalid_client", "The OAuth client was not found.");
	else if (!form_value(form, "refresh_token", refresh, sizeof(refresh)) ||
		 strcmp(refresh, tokens->refresh) != 0)
		token_refuse(reply, "invalid_grant",
		    "Token has been expired or revoked.");
	else
		token_give(tokens, TOKEN_PERSON, reply);
}

void
gcp_tokens_grant(struct gcp_tokens *tokens, const struct httpd_request *request,
    struct httpd_reply *reply)
{
	char grant[SIM_GCP_NAME_MAX], assertion[SIM_GCP_JWT_MAX];
	const char *form = request->body, *wrong;

	if (strcmp(request->method, "POST") != 0 ||
	    !form_value(form, "grant_type", grant, sizeof(grant))) {
		token_refuse(reply, "invalid_request",
		    "Required parameter is missing: grant_type");
	} else if (strcmp(grant, "refresh_token") == 0) {
		token_grant_login(tokens, form, reply);
	} else if (strcmp(grant, TOKEN_GRANT) != 0) {
		token_refuse(
		    reply, "unsupported_grant_type", "Invalid grant_type");
	} else if (!form_value(
		       form, "assertion", assertion, sizeof(assertion))) {
		token_refuse(reply, "invalid_request",
		    "Required parameter is missing: assertion");
	} else {
		wrong = token_check_parts(tokens, assertion);
		if (wrong != NULL)
			token_refuse(reply, "invalid_grant", wrong);
		else
			token_give(tokens, tokens->account, reply);
	}
}

void
gcp_tokens_metadata(struct gcp_tokens *tokens,
    const struct httpd_request *request, struct httpd_reply *reply)
{
	const char *path = request->path;

	reply->type = "text/plain; charset=utf-8";
	if (request->flavor == NULL || strcmp(request->flavor, "Google") != 0) {
		reply->status = 403;
		buf_str(
		    &reply->body, "Missing Metadata-Flavor:Google header.\n");
		return;
	}
	reply->flavored = true;
	if (strcmp(path, METADATA_TOKEN) == 0) {
		reply->type = "application/json";
		token_give(tokens, tokens->account, reply);
	} else if (strcmp(path, METADATA_ROOT "project/project-id") == 0) {
		buf_str(&reply->body, tokens->project);
	} else if (strcmp(path, METADATA_ROOT) != 0 &&
		   strcmp(path, METADATA_ROOT "instance") != 0) {
		reply->status = 404;
	}
}

const char *
gcp_tokens_who(const struct gcp_tokens *tokens, const char *authorization)
{
	static const char scheme[] = "Bearer ya29.";

	if (authorization == NULL ||
	    strncmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	for (size_t i = 0; i < SIM_GCP_TOKENS_MAX; i++) {
		const struct gcp_token *token = &tokens->given[i];

		if (token->who != NULL && clock_now() < token->until &&
		    strcmp(token->text, authorization + sizeof(scheme) - 1) ==
			0)
			return token->who;
	}
	return NULL;
}

void
gcp_tokens_revoke(struct gcp_tokens *tokens)
{
	for (size_t i = 0; i < SIM_GCP_TOKENS_MAX; i++)
		tokens->given[i].who = NULL;
}
