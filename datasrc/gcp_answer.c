#include "datasrc/gcp_answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "base/secret.h"
#include "datasrc/limits.h"

enum err_code
gcp_answer_token(const char *body, size_t len, struct secret **ret_token,
    int64_t *ret_life_ns, struct err *err)
{
	struct cJSON *root = NULL;
	enum err_code code = json_parse(body, len, &root, NULL);
	const char *token;
	int64_t life_s = 0;

	if (code == ERR_NOMEM)
		return err_set(err, code, "google", "no memory");
	token = json_string(json_member(root, "access_token"));
	if (token == NULL || token[0] == '\0' ||
	    strpbrk(token, " \t\r\n") != NULL ||
	    !json_int(json_member(root, "expires_in"), &life_s) || life_s <= 0)
		code = err_set(err, ERR_BADDATA, "google",
		    "the answer to the question for a token holds none");
	else
		code = secret_new(token, strlen(token), ret_token, err);
	json_wipe(root);
	if (code != ERR_OK)
		return code;
	if (life_s > GCP_TOKEN_LIFE_MAX_S)
		life_s = GCP_TOKEN_LIFE_MAX_S;
	*ret_life_ns = life_s * NS_PER_SEC;
	return ERR_OK;
}

enum err_code
gcp_answer_refusal(int status, const char *body, size_t len, const char *remedy,
    struct err *err)
{
	static const char *const later[] = { "internal_failure", "server_error",
		"temporarily_unavailable" };
	struct cJSON *root = NULL;
	const char *error, *words;
	enum err_code code = ERR_AUTH;

	if (json_parse(body, len, &root, NULL) != ERR_OK)
		root = NULL;
	error = json_string(json_member(root, "error"));
	words = json_string(json_member(root, "error_description"));
	if (status == 429)
		code = ERR_LIMITED;
	else if (status == 408 || status >= 500)
		code = ERR_SERVER;
	else if (error == NULL)
		code = ERR_PROTOCOL;
	for (size_t i = 0; error != NULL && i < ARRAY_LEN(later); i++) {
		if (strcmp(error, later[i]) == 0)
			code = ERR_SERVER;
	}
	err_set(err, code, "google", "no token (HTTP %d%s%.40s%s%.80s)%s%s",
	    status, error != NULL ? ", " : "", error != NULL ? error : "",
	    words != NULL ? ": " : "", words != NULL ? words : "",
	    code == ERR_AUTH ? "; " : "", code == ERR_AUTH ? remedy : "");
	json_free(root);
	return code;
}

/* The parts of an error envelope; texts are borrowed from the document. */
struct envelope {
	const char *message;
	const char *status;	      /* "ABORTED" */
	const char *reason;	      /* of ErrorInfo */
	const struct cJSON *metadata; /* the same */
	const char *retry;	      /* of RetryInfo: "30s" */
};

static void
envelope_read(const struct cJSON *root, struct envelope *ret)
{
	/* Streaming methods wrap it in a list. */
	const struct cJSON *error =
	    json_member(json_is_array(root) ? json_first(root) : root, "error");
	const struct cJSON *detail = json_first(json_member(error, "details"));

	*ret = (struct envelope) {
		.message = json_string(json_member(error, "message")),
		.status = json_string(json_member(error, "status")),
	};
	for (; detail != NULL; detail = json_next(detail)) {
		const char *type = json_string(json_member(detail, "@type"));

		if (type == NULL)
			continue;
		if (strstr(type, "google.rpc.ErrorInfo") != NULL) {
			ret->reason =
			    json_string(json_member(detail, "reason"));
			ret->metadata = json_member(detail, "metadata");
		} else if (strstr(type, "google.rpc.RetryInfo") != NULL) {
			ret->retry =
			    json_string(json_member(detail, "retryDelay"));
		}
	}
}

static const char *
envelope_of(const struct envelope *e, const char *key)
{
	return json_string(json_member(e->metadata, key));
}

/* "Permission 'run.services.list' denied on …": the words between quotes. */
static bool
permission_quoted(const char *message, char *out, size_t cap)
{
	const char *from =
	    message != NULL ? strstr(message, "ermission '") : NULL;
	size_t len;

	if (from == NULL)
		return false;
	from += strlen("ermission '");
	len = strcspn(from, "'");
	if (from[len] != '\'' || len == 0 || len >= cap)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

/* A role that has the permission and little more; NULL: not known. */
static const char *
permission_role(const char *permission)
{
	static const struct {
		const char *service;
		const char *role;
	} roles[] = {
		{ "run.services.update", "roles/run.developer" },
		{ "iam.serviceaccounts.actAs",
		    "roles/iam.serviceAccountUser on the service's account" },
		{ "run.", "roles/run.viewer" },
		{ "monitoring.", "roles/monitoring.viewer" },
		{ "logging.", "roles/logging.viewer" },
		{ "redis.", "roles/redis.viewer" },
		{ "vpcaccess.", "roles/vpcaccess.viewer" },
		{ "cloudbuild.", "roles/cloudbuild.builds.viewer" },
		{ "serviceusage.", "roles/serviceusage.serviceUsageConsumer" },
	};

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (strncasecmp(permission, roles[i].service,
			strlen(roles[i].service)) == 0)
			return roles[i].role;
	}
	return NULL;
}

static enum err_code
explain_forbidden(const struct envelope *e, const char *what, struct err *err)
{
	const char *named = envelope_of(e, "permission"), *role;
	const char *service = envelope_of(e, "service");
	char permission[GCP_PERMISSION_MAX];

	if (e->reason != NULL && strcmp(e->reason, "SERVICE_DISABLED") == 0 &&
	    service != NULL)
		return err_set(err, ERR_FORBIDDEN, "google",
		    "%s: the API is off in this project; run: gcloud services "
		    "enable %.60s",
		    what, service);
	if (e->reason != NULL && strcmp(e->reason, "USER_PROJECT_DENIED") == 0)
		named = "serviceusage.services.use";
	if (named != NULL)
		snprintf(permission, sizeof(permission), "%s", named);
	if (named == NULL &&
	    !permission_quoted(e->message, permission, sizeof(permission)))
		return err_set(err, ERR_FORBIDDEN, "google",
		    "%s: not permitted: %.120s", what,
		    e->message != NULL ? e->message : "no reason was given");
	role = permission_role(permission);
	return err_set(err, ERR_FORBIDDEN, "google",
	    "%s: the permission %s is missing%s%s", what, permission,
	    role != NULL ? "; ask for " : "", role != NULL ? role : "");
}

static enum err_code
explain_limited(const struct envelope *e, const char *what,
    int64_t *ret_retry_ns, struct err *err)
{
	const char *quota = envelope_of(e, "quota_limit");
	int64_t wait_ns = 0;
	char wait[NUM_TEXT_MAX] = "";

	if (e->retry != NULL &&
	    num_parse_duration(e->retry, strlen(e->retry), &wait_ns) &&
	    wait_ns > 0) {
		*ret_retry_ns = wait_ns;
		num_duration(wait, wait_ns);
	}
	return err_set(err, ERR_LIMITED, "google",
	    "%s: too many questions for the quota%s%.60s%s%s", what,
	    quota != NULL ? " " : "", quota != NULL ? quota : "",
	    wait[0] != '\0' ? "; it asks to wait " : "", wait);
}

enum err_code
gcp_answer_error(int status, const char *body, size_t len, const char *what,
    int64_t *ret_retry_ns, struct err *err)
{
	struct cJSON *root = NULL;
	struct envelope e;
	enum err_code code = ERR_PROTOCOL;

	if (json_parse(body, len, &root, NULL) != ERR_OK)
		root = NULL;
	envelope_read(root, &e);
	switch (status) {
	case 401:
		code = err_set(err, ERR_AUTH, "google",
		    "%s: the token was refused (HTTP 401)", what);
		break;
	case 403:
		code = explain_forbidden(&e, what, err);
		break;
	case 429:
		code = explain_limited(&e, what, ret_retry_ns, err);
		break;
	default:
		if (status == 404)
			code = ERR_NOTFOUND;
		else if (status >= 500)
			code = ERR_SERVER;
		err_set(err, code, "google", "%s: HTTP %d%s%.120s", what,
		    status, e.message != NULL ? ": " : "",
		    e.message != NULL ? e.message : "");
	}
	json_free(root);
	return code;
}

bool
gcp_answer_is(const char *body, size_t len, const char *status)
{
	struct cJSON *root = NULL;
	struct envelope e;
	bool is;

	if (json_parse(body, len, &root, NULL) != ERR_OK)
		return false;
	envelope_read(root, &e);
	is = e.status != NULL && strcmp(e.status, status) == 0;
	json_free(root);
	return is;
}
