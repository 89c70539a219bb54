#include "base/redact.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/secret.h"
#include "tests/tap.h"

/* The redacted form; valid until the next call. */
static const char *
redacted(const struct redactor *redactor, const char *in)
{
	static struct buf out = BUF_INIT(1 << 20);

	buf_clear(&out);
	if (!redact_bytes(redactor, &out, in, strlen(in)))
		return "(failed)";
	return buf_cstr(&out);
}

static const struct {
	const char *in;
	const char *want;
} shapes[] = {
	/* what is hidden, and what stays around it */
	{ "key AKIAIOSFODNN7EXAMPLE.", "key [redacted]." },
	{ "ASIAIOSFODNN7EXAMPLE", "[redacted]" },
	{ "ghp_16C7e42F292c6912E7710c838347Ae178B4a x", "[redacted] x" },
	{ "github_pat_11ABCDEFG0abcdefghij_ZYXW", "[redacted]" },
	{ "(xoxb-2345-abcdefgh)", "([redacted])" },
	{ "token ya29.c.b0Aaekm1K4x7TTq-Zy_93 ok", "token [redacted] ok" },
	{ "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[redacted]" },
	{ "rk_test_4eC39HqLyjWDarjtT1zdp7dc", "[redacted]" },
	{ "using sk-proj-abc123def456ghi789jkl", "using [redacted]" },
	{ "pplx-abcdef0123456789abcdef", "[redacted]" },
	{ "AIzaSyA-0123456789_abcdefghijklmnopqrs", "[redacted]" },
	{ "api-01234567-89ab-cdef-0123-456789abcdef", "[redacted]" },
	{ "sdk-01234567-89ab-cdef-0123-456789abcdef", "[redacted]" },
	{ "jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln_-x ok",
	    "jwt=[redacted] ok" },
	{ "a=1%3DeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
	    "a=1%3D[redacted]" },
	{ "x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n"
	  "-----END RSA PRIVATE KEY-----\ny",
	    "x\n[redacted]\ny" },
	{ "-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]" },
	{ "postgres://app:s3cr3t@db:5432/x?y=1",
	    "postgres://app:[redacted]@db:5432/x?y=1" },
	{ "redis://:p@ss@10.0.0.1:6379", "redis://:[redacted]@10.0.0.1:6379" },
	{ "redis://:ab/cd==@host:6379", "redis://:[redacted]@host:6379" },
	{ "invalid port: \"postgres://u:hunter2@[bad/db\"",
	    "invalid port: \"postgres://u:[redacted]@[bad/db\"" },
	{ "Authorization: Bearer abc.def status=200",
	    "Authorization: [redacted] status=200" },
	{ "authorization: api-key-without-scheme x",
	    "authorization: [redacted] x" },
	{ "Authorization: Digest username=\"u\"\r\nHost: x",
	    "Authorization: [redacted]\"u\"\r\nHost: x" },
	{ "{\"authorization\":\"Basic dTpw\",\"a\":1}",
	    "{\"authorization\":\"[redacted]\",\"a\":1}" },
	{ "Proxy-Authorization: Basic dTpw", "Proxy-Authorization: "
					     "[redacted]" },
	{ "sent Bearer abcdefgh12345678 away", "sent Bearer [redacted] away" },
	{ "X-Api-Key: 12345", "X-Api-Key: [redacted]" },
	{ "Cookie: sid=1; a=2\nHost: x", "Cookie: [redacted]\nHost: x" },
	{ "set-cookie: sid=1; Path=/", "set-cookie: [redacted]" },
	{ "password=hunter2&user=bob", "password=[redacted]&user=bob" },
	{ "PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql" },
	{ "password = 'it''s'", "password = '[redacted]''s'" },
	{ "\"password\" : \"a\\\"b\", \"x\":1",
	    "\"password\" : \"[redacted]\", \"x\":1" },
	{ "{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}",
	    "{\\\"token\\\":\\\"[redacted]\\\",\\\"n\\\":1}" },
	{ "passwd: x", "passwd: [redacted]" },
	{ "pwd=x;", "pwd=[redacted];" },
	{ "access_token=abc, refreshToken: def",
	    "access_token=[redacted], refreshToken: [redacted]" },
	{ "client_secret => abc", "client_secret => [redacted]" },
	{ "apiKey='abc'", "apiKey='[redacted]'" },
	{ "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG",
	    "AWS_SECRET_ACCESS_KEY=[redacted]" },
	{ "credentials: abc", "credentials: [redacted]" },
	{ "token=\"never closed", "token=\"[redacted]" },
	/* ordinary text stays as it is */
	{ "", "" },
	{ "GET https://example.com:8080/a@b HTTP/1.1", NULL },
	{ "http://[::1]:8080/x@y", NULL },
	{ "https://user@host/x", NULL },
	{ "http://host/path://:x", NULL },
	{ "max_tokens: 1000 tokens=412", NULL },
	{ "{\"token\":null,\"secret\":false}", NULL },
	{ "\"token\": {\"kind\": 1}", NULL },
	{ "cache key: users:1", NULL },
	{ "the key of the token is kept", NULL },
	{ "Unexpected token < in JSON", NULL },
	{ "Bearer authentication-required", NULL },
	{ "invalid cookie: expired", NULL },
	{ "request 01234567-89ab-cdef-0123-456789abcdef", NULL },
	{ "api-gateway-7d9f-abcde", NULL },
	{ "task-sk-learn", NULL },
	{ "eyJ is no token, nor is eyJhbGciOiJIUzI1NiJ9", NULL },
	{ "-----BEGIN CERTIFICATE-----\nMIIE", NULL },
	{ "password:", NULL },
	{ "password", NULL },
	{ "AKIA is short", NULL },
	{ "ya29.short1", NULL },
	{ "PWD=/home/me OLDPWD=/", NULL },
	{ "prefixAKIAIOSFODNN7EXAMPLE", NULL },
	{ "already [redacted] and token=[redacted]", NULL },
	{ "%n%n%s [YELLOW] #[fg=red]", NULL },
};

static void
test_shapes(void)
{
	char once[1024];

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		const char *in = shapes[i].in;
		const char *want = shapes[i].want != NULL ? shapes[i].want : in;

		is_str(redacted(NULL, in), want, want);
		snprintf(once, sizeof(once), "%s", redacted(NULL, in));
		is_str(redacted(NULL, once), once, "twice changes nothing");
	}
}

static void
add(struct redactor *redactor, const char *value)
{
	struct err err = ERR_INIT;

	if (redactor_add(redactor, value, strlen(value), &err) != ERR_OK)
		ok(false, "adding %s: %s", value, err_text(&err));
}

static void
test_values(void)
{
	struct redactor *redactor = redactor_new();
	struct secret *secret = NULL;
	struct err err = ERR_INIT;

	is_str(
	    redacted(redactor, "tr0ub4dor&3"), "tr0ub4dor&3", "not known yet");
	add(redactor, "tr0ub4dor&3");
	add(redactor, "tr0ub4dor&3");
	add(redactor, "tr0ub4dor&3-longer");
	is_str(redacted(redactor, "<tr0ub4dor&3>"), "<[redacted]>", "plain");
	is_str(redacted(redactor, "a tr0ub4dor&3-longer b"), "a [redacted] b",
	    "the longest wins");
	is_str(redacted(redactor, "q=tr0ub4dor%263"), "q=[redacted]",
	    "percent-encoded");
	is_str(redacted(redactor, "dHIwdWI0ZG9yJjM="), "[redacted]M=",
	    "base64: all but a letter half of which is padding");
	is_str(redacted(redactor, "x:tr0ub4dor&3 in base64 eDp0cjB1YjRkb3ImMw"),
	    "x:[redacted] in base64 eDp[redacted]w", "behind two bytes");
	is_str(redacted(redactor, "dTp0cjB1YjRkb3ImMw=="),
	    "dTp[redacted]w==", "user:password");
	is_str(redacted(redactor, "tr0ub4dor&"), "tr0ub4dor&", "not a part");
	add(redactor, "with \"quote\"\n");
	is_str(redacted(redactor, "{\"a\":\"with \\\"quote\\\"\\n\"}"),
	    "{\"a\":\"[redacted]\"}", "in JSON");
	add(redactor, "redis://:url-password@h:1");
	is_str(redacted(redactor, "ERR url-password refused"),
	    "ERR [redacted] refused", "password of a URL");
	add(redactor, "first line of it\nMIIEvQIBADANBgkqh\nx");
	is_str(redacted(redactor, "log: MIIEvQIBADANBgkqh"), "log: [redacted]",
	    "a line of a longer secret");
	is_int(secret_new("from-a-secret", 13, &secret, &err), ERR_OK, "made");
	is_int(redactor_add_secret(redactor, secret, &err), ERR_OK, "added");
	is_str(redacted(redactor, "from-a-secret"), "[redacted]", "hidden");
	secret_free(secret);
	redactor_free(redactor);
	ok(redactor_free(NULL) == NULL, "NULL is allowed");
}

/* Messages quote the head of what came, and are cut themselves. */
static void
test_cut_values(void)
{
	struct redactor *redactor = redactor_new();

	add(redactor, "sk-of-a-provider-0123456789");
	is_str(redacted(redactor, "text \"sk-of-a-provider-01\"..., a number"),
	    "text \"[redacted]\"..., a number", "the head of a text");
	is_str(redacted(redactor, "refused: sk-of-a-provider..."),
	    "refused: [redacted]...", "a message that was cut");
	is_str(redacted(redactor, "refused: sk-of-a-prov"),
	    "refused: [redacted]", "or ends there");
	is_str(redacted(redactor, "sk-of-a-pr..."), "sk-of-a-pr...",
	    "not a few letters");
	is_str(redacted(redactor, "sk-of-a-provider is down"),
	    "sk-of-a-provider is down", "nor what goes on");
	redactor_free(redactor);
}

static void
test_awkward_values(void)
{
	static char big[REDACT_SECRET_MAX + 1];
	struct redactor *redactor = redactor_new();
	struct err err = ERR_INIT;

	is_int(redactor_add(redactor, "short", 5, &err), ERR_LIMIT, "short");
	memset(big, 'x', sizeof(big));
	is_int(
	    redactor_add(redactor, big, sizeof(big), &err), ERR_TOOBIG, "long");
	is_int(redactor_add(redactor, big, sizeof(big) - 1, &err), ERR_OK,
	    "longest");
	add(redactor, "redacted");
	add(redactor, "a[redacted]b");
	add(redactor, "x[redac");
	add(redactor, "canary");
	is_str(redacted(redactor, "[redacted]"), "[redacted]",
	    "our own word is left alone");
	is_str(redacted(redactor, "acanaryb xcanary"),
	    "a[redacted]b x[redacted]", "no value out of a mark");
	is_str(redacted(redactor, "a[redacted]b x[redacted]"),
	    "a[redacted]b x[redacted]", "also the second time");
	for (int i = 0; i < REDACT_SECRETS_MAX + 1; i++) {
		char value[32];
		int n = snprintf(value, sizeof(value), "value-%08d", i);

		if (redactor_add(redactor, value, (size_t)n, &err) != ERR_OK)
			break;
	}
	is_int(err.code, ERR_LIMIT, "too many");
	redactor_free(redactor);
}

/* All bytes and NUL bytes pass; the buffer's maximum is kept. */
static void
test_bytes(void)
{
	struct redactor *redactor = redactor_new();
	struct buf out = BUF_INIT(600);
	char all[512];

	for (int i = 0; i < 512; i++)
		all[i] = (char)i;
	add(redactor, "canary");
	ok(redact_bytes(redactor, &out, all, sizeof(all)) && out.len == 512 &&
		memcmp(out.data, all, 512) == 0,
	    "every byte stays");
	ok(!redact_bytes(redactor, &out, all, sizeof(all)) && out.failed,
	    "a full buffer is said");
	buf_clear(&out);
	ok(redact_bytes(redactor, &out, "\0canary\0", 8) && out.len == 12,
	    "between NUL bytes");
	buf_clear(&out);
	ok(redact_bytes(redactor, &out, "", 0) && out.len == 0, "nothing");
	buf_release(&out);
	redactor_free(redactor);
}

static void
test_ingest(void)
{
	struct redactor *redactor = redactor_new();
	struct arena *arena = arena_new(4096);
	struct text t;

	add(redactor, "canary-secret");
	t = text_ingest(redactor, arena, "\033canary-secret\n", 15, 100);
	is_int(t.width, 18, "redacted and clean");
	ok(text_is_valid(t), "valid");
	t = text_ingest(redactor, arena, "say canary-secret", 17, 10);
	ok(strstr(t.s, "can") == NULL, "the cut uncovers nothing: %s", t.s);
	t = text_ingest(NULL, arena, "password=x", 10, 100);
	is_str(t.s, "password=[redacted]", "without a redactor, too");
	mem_fail_at(1, true);
	t = text_ingest(redactor, arena, "say canary-secret", 17, 100);
	mem_fail_at(0, false);
	is_int(t.len, 0, "without memory nothing is shown");
	ok(arena_failed(arena), "and it is known");
	arena_free(arena);
	redactor_free(redactor);
}

static atomic_bool stop;

static void *
reader(void *arg)
{
	const struct redactor *redactor = arg;
	struct buf out = BUF_INIT(4096);
	static const char line[] = "value-00000000 first-known value-00000009";
	intptr_t seen = 0;

	while (!atomic_load(&stop)) {
		buf_clear(&out);
		if (!redact_bytes(redactor, &out, line, sizeof(line) - 1) ||
		    strstr(buf_cstr(&out), "first-known") != NULL)
			seen++;
	}
	buf_release(&out);
	return (void *)seen;
}

/* Values come while others read: none is missed once it is in. */
static void
test_threads(void)
{
	struct redactor *redactor = redactor_new();
	pthread_t threads[2];
	void *seen[2] = { NULL, NULL };

	add(redactor, "first-known");
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, reader, redactor);
	for (int i = 0; i < 100; i++) {
		char value[32];

		snprintf(value, sizeof(value), "value-%08d", i);
		add(redactor, value);
		if (strstr(redacted(redactor, value), "value") != NULL)
			ok(false, "%s was missed", value);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &seen[i]);
	ok(seen[0] == NULL && seen[1] == NULL, "no reader saw a secret");
	redactor_free(redactor);
}

/* Fail each allocation in turn: added wholly or an error, no leak. */
static void
test_no_memory(void)
{
	int wrong = 0;
	size_t n;

	for (n = 1; n < 100; n++) {
		struct redactor *redactor = redactor_new();
		enum err_code code;

		mem_fail_at(n, false);
		code = redactor_add(redactor, "tr0ub4dor&3", 11, NULL);
		mem_fail_at(0, false);
		wrong += code != ERR_OK && code != ERR_NOMEM;
		redactor_free(redactor);
		if (code == ERR_OK)
			break;
	}
	is_int(wrong, 0, "out of memory is reported as such");
	ok(n > 5 && n < 100, "until there is enough");
}

int
main(void)
{
	RUN(test_shapes);
	RUN(test_values);
	RUN(test_cut_values);
	RUN(test_awkward_values);
	RUN(test_bytes);
	RUN(test_ingest);
	RUN(test_threads);
	RUN(test_no_memory);
	return tap_done();
}
