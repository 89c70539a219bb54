/* Google credentials without Google: files, signatures, answers, the cache. */
#include "datasrc/gcp_answer.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/thread.h"
#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_jwt.h"
#include "datasrc/gcp_key.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/limits.h"
#include "tests/tap.h"

/* Made for this test with openssl genpkey; it opens nothing. */
#define PEM                                                                    \
	"-----BEGIN PRIVATE KEY-----\\n"                                       \
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDWsoibgwB2d72h\\n"  \
	"EGFmizJQcQD+CCAwSyNARsa7zgzOkfnCwAvmQVGk9bKmAWo5C/3mwgCvw//39QM1\\n"  \
	"lpIDrStQiepQepTQqi8MiJE+otHKgFP61lztWC90u5mWVTyGMSmFEJpDmdz/YJYL\\n"  \
	"JqDSgApMhnUhVEYY7Lv7EwcabDCmYKEWxkBeeNrUjDOMitmAtD9c8M+8vzuFHK03\\n"  \
	"MVJIiEOvgmWWuwxm1giHVymSnERArbvq4FtEUlW3qLi+aT5J/Ps7b+ZEaw7PcTmC\\n"  \
	"MADxkRxP0NxFaz1iWK2VN4Mrgyui9E5dP1h9kfKN4g+9FxUEPTVnz19GBM1355pc\\n"  \
	"0h10sL7RAgMBAAECggEADk3K8MPYe79JIk1zYWZKhFx7BFgc2ORwpUwlDaC4brZm\\n"  \
	"bWJN7wz3OD/PieRto/5XoxBvnkY3LAxy82OKnkJJY/sqrsQnKdD+ahEOAdFnaI/s\\n"  \
	"yGxdHzAxMGkW3ixKNRonM4CiXnjTGS3H4VdOy9qqLpefGLwPuk8vZcnKckK20EBf\\n"  \
	"/S/6l6mxr7Qk4qRbXUjgQ+uEGwXStaVHr6xi81nxiEl6j3y0AWHKhJfkwEtxf4m9\\n"  \
	"5aLsu8QdYi1ZdBGbfLngkJ7MfUt8m5zswU692kLmnmTHsAub/Nt31eemD+TNYMuQ\\n"  \
	"gyHd1EiNaqzAZFLd2tls/AQaAF011Pe31LIs+i7vFwKBgQDx8R6njBsqBEOG5PWk\\n"  \
	"AZPr+9g6tclm5z1C+359N4DwYo2JBtL2nOSgUeUOBE2LANxdKORGySh1z+/tUJWP\\n"  \
	"7ASSNFNR78mVz0LrLfTCjIk0mnXLipdKCTrtuHIadWT4K0Qzf+ikKQfcAH8QI8h0\\n"  \
	"vUOp7yY9Vd/CkvIYeT1iNao1NwKBgQDjLCchzHHu22AEGnezHd3z3qw4E8976nZ8\\n"  \
	"vuYCgNOJpk8t/Z5qdWRA08ua5aB2GzZWGWhs/yaMH0LN1/H48A6gQ5puFgauXdX/\\n"  \
	"ffcO8Est6dGWuSs6ABH6D5xjDpCS7jOtlSvS9MFWAcPXTCU9Y7R+RWUIIvobfnsl\\n"  \
	"E1LfeIMwNwKBgQDCUbQaQ9hpdcU6qdh1ImNJTRxNg0ZApQc6Lj5YmeSwracZ4GY+\\n"  \
	"dqLV9RCwoloZg9Z56Gb4R4Z8oUcF5wxI7Pp65xXooFvbO/12YJHOVAu7OTfVA/oh\\n"  \
	"F6rB1bunbpRrEm0To+8ZMm9Cjw9+yg6tXHnlGdQvvTIb1+QkLfRUVd/gHwKBgFjC\\n"  \
	"OY/lF2bh48P2q2oac0wDZnqKkvixhRX8aFX2C7CugCVSAIFL2J3ToqukqGs8+p/t\\n"  \
	"UXW0w1TgKfPPOcWv1accgswcYwPhuekXSF5X2KfZwYAIXTFOMbfoPYwedrJRy3M4\\n"  \
	"42SLKLb3/ZKzN6GiwTTM3Eqvj9UKOAcmY6zYozlFAoGAaz6UUttQmLszr4WXhRjX\\n"  \
	"wTF58MuI5WGU+lhXqJGwlDYrqdSH5nZgBaBGcm/Ef8OwxMiPMH8VLwPhAqSHNbWp\\n"  \
	"m8JLwmwauDYu9lWja1H2ig0vS31x3+QjZ66us3wjzF4oXW4B5Dw68mIV0K46ALbT\\n"  \
	"5tccKTeQoUYryUJww/jktzE=\\n"                                          \
	"-----END PRIVATE KEY-----\\n"

/* openssl dgst -sha256 -sign of the first two parts. */
#define HEAD "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0"
#define CLAIMS                                                                 \
	"eyJpc3MiOiJ3YXRjaEBkZW1vLmlhbS5nc2VydmljZWFjY291bnQuY29tIiwic2Nv"     \
	"cGUiOiJodHRwczovL3d3dy5nb29nbGVhcGlzLmNvbS9hdXRoL2Nsb3VkLXBsYXRm"     \
	"b3JtIiwiYXVkIjoiaHR0cHM6Ly9vYXV0aDIuZ29vZ2xlYXBpcy5jb20vdG9rZW4i"     \
	"LCJpYXQiOjE3OTUzNTYxMzksImV4cCI6MTc5NTM1OTczOX0"
#define SIGNATURE                                                              \
	"RJ_F8_VdW2R65I7B7mZOLsN7SVAj6yyB_MbUvg5TkgXK6TKARgBbmAzGN28EpO9a"     \
	"VenOGRP0NoJhkq12udVyIx94hkZLrqmDftC9tRFlPXK6ON8T-7JTyl5fVf0HUFhc"     \
	"dznvHWbfZ0razp1P4WBRwEdlMJ9OnhLKWl9w8gsPLsxAVBv9lJrf5KgI2XoTRfy2"     \
	"QXNQpqqkZTAT-s_U8-7R-xbFJgECh3NGV-ynG4Ry7xtHoAgrGU4d42YNUlmbnbGr"     \
	"-Rp1B9MuslIrRf3S2tKwnjw-NB2aM6x7p5IGDTl83LfUthwstyYTEQgLyVHbNLcc"     \
	"t4lErw76S9Ug5NM2XmGxDQ"

static struct gcp_key key;
static struct err err;

static enum err_code
parse(const char *json)
{
	gcp_key_release(&key);
	err_clear(&err);
	return gcp_key_parse("F", json, strlen(json), &key, &err);
}

static void
test_keys(void)
{
	static const struct {
		const char *json;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ "{\"type\":\"service_account\",\"client_email\":\"a@b\","
		  "\"private_key\":\"s3cret\"}",
		    ERR_OK, "" },
		{ "{\"type\":\"authorized_user\",\"client_id\":\"i\","
		  "\"client_secret\":\"s\",\"refresh_token\":\"s3cret\"}",
		    ERR_OK, "" },
		{ "{\"type\":\"service_account\",\"client_email\":\"a@b\"}",
		    ERR_CONFIG, "F has no private_key" },
		{ "{\"type\":\"authorized_user\",\"client_id\":\"i\","
		  "\"client_secret\":\"s3cret\"}",
		    ERR_CONFIG, "F has no refresh_token" },
		{ "{\"type\":\"external_account\"}", ERR_UNSUPPORTED,
		    "credentials of type \"external_account\" are not "
		    "supported; use auth: {command: [gcloud, auth, "
		    "print-access-token]}" },
		{ "{\"a\":1}", ERR_CONFIG,
		    "F is no file of Google credentials: it has no type" },
		{ "s3cret", ERR_CONFIG,
		    "F is not JSON; is it a file of Google credentials?" },
		{ "[]", ERR_CONFIG,
		    "F is no file of Google credentials: it has no type" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		is_str(err_code_name(parse(cases[i].json)),
		    err_code_name(cases[i].code), cases[i].json);
		is_str(err.msg, cases[i].words, "in words");
		ok(strstr(err.msg, "s3cret") == NULL, "without the secret");
	}
}

static void
test_find(void)
{
	struct buf path = BUF_INIT(GCP_PATH_MAX);
	char folder[] = "/tmp/sevtop-gcp-XXXXXX", file[128];
	FILE *out;

	if (!ok(mkdtemp(folder) != NULL, "a folder"))
		return;
	unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
	setenv("CLOUDSDK_CONFIG", folder, 1);
	is_int(gcp_key_find(NULL, &path, NULL), ERR_OK, "none there");
	is_str(buf_cstr(&path), "", "then none is found");
	snprintf(file, sizeof(file), "%s/application_default_credentials.json",
	    folder);
	out = fopen(file, "w");
	fputs("{}", out);
	fclose(out);
	is_int(gcp_key_find(NULL, &path, NULL), ERR_OK, "gcloud's");
	is_str(buf_cstr(&path), file, "is found");
	setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such", 1);
	is_int(gcp_key_find(NULL, &path, NULL), ERR_OK, "the variable");
	is_str(buf_cstr(&path), "/no/such", "goes before");
	is_int(gcp_key_find("mine", &path, NULL), ERR_OK, "the configured");
	is_str(buf_cstr(&path), "mine", "goes before all");
	unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
	unsetenv("CLOUDSDK_CONFIG");
	unlink(file);
	rmdir(folder);
	buf_release(&path);
}

static void
test_jwt(void)
{
	struct buf out = BUF_INIT(GCP_JWT_MAX);
	mode_t mode = 0;

	is_int(parse("{\"type\":\"service_account\",\"private_key_id\":\"k1\","
		     "\"client_email\":\"watch@demo.iam.gserviceaccount.com\","
		     "\"private_key\":\"" PEM "\"}"),
	    ERR_OK, "a key");
	is_int(gcp_jwt_make(&key, 1795356149, &out, &err), ERR_OK, "signed");
	is_str(buf_cstr(&out), HEAD "." CLAIMS "." SIGNATURE,
	    "as openssl does it");
	is_int(parse("{\"type\":\"service_account\",\"client_email\":\"a@b\","
		     "\"private_key\":\"none\"}"),
	    ERR_OK, "no PEM");
	is_int(gcp_jwt_make(&key, 0, &out, &err), ERR_CONFIG, "is no key");
	is_str(err.msg,
	    "the private key of a@b can't be read as an RSA key in PEM form; "
	    "download a new key file",
	    "in words");
	is_int(gcp_key_read("/no/such", &key, &mode, &err), ERR_NOTFOUND,
	    "no file");
	is_str(err.msg, "credentials /no/such: No such file or directory",
	    "in words");
	is_int(gcp_key_read("/", &key, &mode, &err), ERR_CONFIG, "a folder");
	gcp_key_release(&key);
	buf_release(&out);
}

static void
test_urls(void)
{
	ok(gcp_url_is_safe("https://oauth2.googleapis.com/token"), "https");
	ok(gcp_url_is_safe("http://127.0.0.1:80/x"), "this machine");
	ok(gcp_url_is_safe("http://[::1]/x"), "IPv6");
	ok(!gcp_url_is_safe("http://10.0.0.1/x"), "a network");
	ok(!gcp_url_is_safe("http://127.0.0.1.evil.com/"), "a name like it");
	ok(!gcp_url_is_safe("http://127.0.0.1@evil.com/"), "a user like it");
	ok(!gcp_url_is_safe("ftp://localhost/"), "another scheme");
	ok(!gcp_url_is_safe("nonsense"), "no URL");
}

static void
test_tokens_read(void)
{
	static const char *const bad[] = { "", "[]", "{}",
		"{\"access_token\":\"\",\"expires_in\":1}",
		"{\"access_token\":\"a b\",\"expires_in\":1}",
		"{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":1}",
		"{\"access_token\":\"abcdef\"}",
		"{\"access_token\":\"abcdef\",\"expires_in\":0}",
		"{\"access_token\":\"abcdef\",\"expires_in\":\"9\"}",
		"{\"access_token\":1,\"expires_in\":9}" };
	static const char good[] =
	    "{\"access_token\":\"ya29.x\",\"expires_in\":99999999}";
	struct secret *secret = NULL;
	int64_t life = 0;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(gcp_answer_token(
			   bad[i], strlen(bad[i]), &secret, &life, &err),
		    ERR_BADDATA, bad[i]);
	is_int(gcp_answer_token(good, strlen(good), &secret, &life, &err),
	    ERR_OK, "a token");
	is_str(secret_reveal(secret), "ya29.x", "as it is");
	is_int(life, GCP_TOKEN_LIFE_MAX_S * NS_PER_SEC, "never for ever");
	secret_free(secret);
}

static void
test_errors(void)
{
#define INFO(reason, more)                                                     \
	"\"details\":[{\"@type\":\"type.googleapis.com/"                       \
	"google.rpc.ErrorInfo\",\"reason\":\"" reason "\",\"metadata\":{" more \
	"}}]"
	static const struct {
		int status;
		const char *body;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ 403,
		    "{\"error\":{\"code\":403,\"message\":\"Permission "
		    "'run.services.list' denied on resource\"}}",
		    ERR_FORBIDDEN,
		    "Run: the permission run.services.list is missing; ask "
		    "for roles/run.viewer" },
		{ 403,
		    "{\"error\":{" INFO("IAM_PERMISSION_DENIED",
			"\"permission\":\"x.y.z\"") "}}",
		    ERR_FORBIDDEN, "Run: the permission x.y.z is missing" },
		{ 403,
		    "[{\"error\":{" INFO("SERVICE_DISABLED",
			"\"service\":\"run.googleapis.com\"") "}}]",
		    ERR_FORBIDDEN,
		    "Run: the API is off in this project; run: gcloud services "
		    "enable run.googleapis.com" },
		{ 403, "{\"error\":{" INFO("USER_PROJECT_DENIED", "") "}}",
		    ERR_FORBIDDEN,
		    "Run: the permission serviceusage.services.use is missing; "
		    "ask for roles/serviceusage.serviceUsageConsumer" },
		{ 403, "no", ERR_FORBIDDEN,
		    "Run: not permitted: no reason was given" },
		{ 404, "{\"error\":{\"message\":\"gone\"}}", ERR_NOTFOUND,
		    "Run: HTTP 404: gone" },
		{ 502, "<html>", ERR_SERVER, "Run: HTTP 502" },
		{ 400, "{\"error\":{\"message\":7}}", ERR_PROTOCOL,
		    "Run: HTTP 400" },
		{ 401, "", ERR_AUTH, "Run: the token was refused (HTTP 401)" },
		{ 429, "{\"error\":{}}", ERR_LIMITED,
		    "Run: too many questions for the quota" },
		{ 429,
		    "{\"error\":{\"details\":[{\"@type\":\"type.googleapis.com/"
		    "google.rpc.RetryInfo\",\"retryDelay\":\"30s\"}]}}",
		    ERR_LIMITED,
		    "Run: too many questions for the quota; it asks to wait "
		    "30s" },
	};
	int64_t retry = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		is_str(err_code_name(
			   gcp_answer_error(cases[i].status, cases[i].body,
			       strlen(cases[i].body), "Run", &retry, &err)),
		    err_code_name(cases[i].code), cases[i].body);
		is_str(err.msg, cases[i].words, "in words");
	}
	is_int(retry, 30 * NS_PER_SEC, "how long to wait");
}

/* The cache: one asks, the others wait for it or use the old one. */

static struct gcp_tokens *tokens;
static const unsigned char id[GCP_ID_LEN] = { 1 };
static atomic_int turns, failures, served;

static struct gcp_token *
token_of(const char *value, int64_t life_ns)
{
	struct secret *secret = NULL;

	if (secret_new(value, strlen(value), &secret, NULL) != ERR_OK)
		return NULL;
	return gcp_token_new(secret, clock_now(), life_ns);
}

static void *
ask_once(void *arg)
{
	struct gcp_token *token = NULL;
	struct err why = ERR_INIT;
	enum err_code code = gcp_tokens_get(
	    tokens, id, clock_now() + 20 * NS_PER_SEC, NULL, &token, &why);

	if (code != ERR_OK) {
		atomic_fetch_add(&failures, 1);
	} else if (token == NULL) {
		const struct err bad = { .code = ERR_AUTH, .msg = "no" };
		int fd[2];

		/* Nobody else gets a turn while this one takes its time. */
		atomic_fetch_add(&turns, 1);
		if (fd_pipe(fd, NULL) == ERR_OK) {
			io_wait(fd[0], IO_READ, clock_now() + 50 * NS_PER_MS,
			    NULL, NULL);
			close(fd[0]);
			close(fd[1]);
		}
		token = gcp_tokens_put(tokens, id,
		    arg != NULL ? token_of("ya29.t", 3600 * NS_PER_SEC) : NULL,
		    arg != NULL ? NULL : &bad);
	}
	if (token != NULL)
		atomic_fetch_add(&served, 1);
	gcp_token_unref(token);
	return NULL;
}

static void
ask_many(void *good)
{
	struct thread threads[8];

	turns = failures = served = 0;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		if (thread_start(&threads[i], "ask", ask_once, good, NULL) !=
		    ERR_OK)
			ok(false, "a thread");
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		thread_join(&threads[i]);
}

static void
test_sharing(void)
{
	struct gcp_token *token = NULL, *old;
	const struct err bad = { .code = ERR_SERVER, .msg = "later" };
	struct cancel cancel;

	tokens = gcp_tokens_new();
	ask_many(&tokens);
	is_int(turns, 1, "one asks for all");
	is_int(served, 8, "all get it");
	is_int(gcp_tokens_get(tokens, id, 0, NULL, &token, NULL), ERR_OK,
	    "it is kept");
	ok(token != NULL && strcmp(gcp_token_reveal(token), "ya29.t") == 0,
	    "as it is");
	gcp_tokens_drop(tokens, id, token);
	token = gcp_token_unref(token);
	ask_many(NULL);
	is_int(served, 0, "a failure serves nobody");
	ok(turns + failures == 8 && turns < 8, "and fails who waited");

	/* A token of 50 ms is due at 40 ms: at once, for a life that ended. */
	old = token_of("ya29.old", 3600 * NS_PER_SEC);
	is_int(gcp_tokens_get(
		   tokens, id, clock_now() + NS_PER_SEC, NULL, &token, NULL),
	    ERR_OK, "a turn");
	ok(token == NULL, "to ask");
	token = gcp_tokens_put(tokens, id, old, NULL);
	ok(token == old, "what was put is used");
	gcp_token_unref(token);
	token = gcp_tokens_put(tokens, id, NULL, &bad);
	ok(token == old, "and still when the next one can't be had");
	gcp_token_unref(token);

	is_int(cancel_init(&cancel, NULL), ERR_OK, "a cancel token");
	gcp_tokens_drop(tokens, id, old);
	token = NULL;
	is_int(gcp_tokens_get(tokens, id, clock_now() + 60 * NS_PER_SEC, NULL,
		   &token, NULL),
	    ERR_OK, "somebody's turn");
	cancel_fire(&cancel);
	is_int(gcp_tokens_get(tokens, id, DEADLINE_NONE, &cancel, &token, NULL),
	    ERR_CANCELLED, "waiting ends with the token");
	is_int(gcp_tokens_get(
		   tokens, id, clock_now() + NS_PER_MS, NULL, &token, NULL),
	    ERR_TIMEOUT, "and with the deadline");
	cancel_release(&cancel);
	gcp_tokens_free(tokens);
}

static void
test_many(void)
{
	unsigned char other[GCP_ID_LEN] = { 9 };
	struct gcp_token *token = NULL;

	tokens = gcp_tokens_new();
	for (int i = 0; i < GCP_TOKENS_MAX; i++) {
		other[1] = (unsigned char)i;
		if (gcp_tokens_get(tokens, other, clock_now() + NS_PER_SEC * 60,
			NULL, &token, NULL) != ERR_OK)
			ok(false, "turn %d", i);
	}
	is_int(gcp_tokens_get(
		   tokens, id, clock_now() + NS_PER_SEC, NULL, &token, &err),
	    ERR_LIMIT, "all are being asked for");
	token =
	    gcp_tokens_put(tokens, other, token_of("ya29.z", NS_PER_SEC), NULL);
	gcp_token_unref(token);
	token = NULL;
	is_int(gcp_tokens_get(
		   tokens, id, clock_now() + NS_PER_SEC, NULL, &token, &err),
	    ERR_OK, "one that is not makes room");
	gcp_tokens_free(tokens);
}

int
main(void)
{
	RUN(test_keys);
	RUN(test_find);
	RUN(test_jwt);
	RUN(test_urls);
	RUN(test_tokens_read);
	RUN(test_errors);
	RUN(test_sharing);
	RUN(test_many);
	return tap_done();
}
