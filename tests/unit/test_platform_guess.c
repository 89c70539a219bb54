#include "model/platform_guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dotenv.h"
#include "tests/tap.h"

struct probe {
	const char *url;
	const char *redis;
};

static const struct opt url_rows[] = {
	{ OPT_FIELD(struct probe, url, "url", OPT_SECRET), .required = true,
	    .help = "h" },
};
static const struct opt redis_rows[] = {
	{ OPT_FIELD(struct probe, redis, "redis", OPT_REF), .required = true,
	    .refers = "redis", .help = "h" },
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	static const struct platform_type types[] = {
		{ .name = "http",
		    .opts = OPT_TABLE(url_rows),
		    .config_size = sizeof(struct probe) },
		{ .name = "redis",
		    .opts = OPT_TABLE(url_rows),
		    .config_size = sizeof(struct probe) },
		{ .name = "bullmq",
		    .opts = OPT_TABLE(redis_rows),
		    .config_size = sizeof(struct probe) },
	};

	(void)ctx;
	if (index >= ARRAY_LEN(types))
		return false;
	*ret = types[index];
	return true;
}

static const struct platform_types types = { .at = types_at };

/* The environment: pairs of name and value, NULL at the end. */
static const char *
variable(void *ctx, const char *name)
{
	const char *const *pair;

	for (pair = ctx; *pair != NULL; pair += 2) {
		if (strcmp(pair[0], name) == 0)
			return pair[1];
	}
	return NULL;
}

static char folder[] = "/tmp/sevtop-guess-XXXXXX";
static struct conf_errors errors;
static struct platform *platform;
static char said[1024];

static enum err_code
guess(const char *const *environment)
{
	const struct conf_env vars = { variable,
		(void *)(uintptr_t)environment };
	struct buf found = BUF_INIT(sizeof(said) - 1);
	enum err_code code;

	platform = platform_free(platform);
	conf_errors_clear(&errors);
	code = platform_guess(
	    folder, NULL, &types, &vars, &errors, &found, &platform);
	snprintf(said, sizeof(said), "%s", buf_cstr(&found));
	buf_release(&found);
	return code;
}

static const struct probe *
config(const char *name)
{
	static const struct probe none;
	const struct platform_source *source =
	    platform != NULL ? platform_source_find(platform, name) : NULL;

	return source != NULL ? source->config : &none;
}

static void
write_dotenv(const char *text, mode_t mode)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/.env", folder);
	f = fopen(path, "we");
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
	ok(chmod(path, mode) == 0, "mode %o", (unsigned)mode);
}

static void
test_guess(void)
{
	static const char *const nothing[] = { NULL };
	static const char *const all[] = { "API_URL", "http://h", "REDIS_URL",
		"redis://:pw@r", "DATABASE_URL", "postgres://d", "SEVTOP_ENV",
		"dev", NULL };
	static const char *const empty[] = { "API_URL", "", NULL };

	is_int(guess(nothing), ERR_NOTFOUND, "nothing to go by");
	is_str(said, "", "says nothing");
	is_int(guess(empty), ERR_NOTFOUND, "empty is not set");
	is_int(guess(all), ERR_OK, "an environment");
	is_str(said,
	    "API_URL from the environment\nREDIS_URL from the environment\n",
	    "what was used, without values");
	is_int((int64_t)platform->source_count, 3,
	    "no source of a type that there is not");
	is_str(config("api")->url, "http://h", "the API");
	is_str(config("redis")->url, "redis://:pw@r", "Redis");
	is_str(config("queues")->redis, "redis", "and its queues");
	is_str(platform->env, "dev", "environment");
	is_int((int64_t)errors.warnings, 0, "no warnings");
}

static void
test_dotenv_file(void)
{
	static const char *const nothing[] = { NULL };
	static const char *const api[] = { "API_URL", "http://mine", NULL };

	write_dotenv(
	    "REDIS_URL='redis://f'\nAPI_URL=http://file # old\n", 0600);
	is_int(guess(nothing), ERR_OK, "a file");
	is_str(said, "API_URL from .env\nREDIS_URL from .env\n", "told");
	is_str(config("api")->url, "http://file", "its value");
	ok(platform->prod, "counts as prod");
	is_int(guess(api), ERR_OK, "both");
	is_str(config("api")->url, "http://mine", "the environment wins");
	is_str(config("redis")->url, "redis://f", "the file fills in");
	is_str(said, "API_URL from the environment\nREDIS_URL from .env\n",
	    "told");
	write_dotenv("API_URL=\"http://a\nb\"\nREDIS_URL=${X}\n", 0600);
	is_int(guess(nothing), ERR_OK, "a quote without an end");
	is_str(config("redis")->url, "${X}", "is nothing, and nothing expands");
	write_dotenv("API_URL=http://file\n", 0666);
	is_int(guess(nothing), ERR_NOTFOUND, "a file that others may write");
	is_int((int64_t)errors.warnings, 1, "is left out, with a warning");
	is_int((int64_t)errors.errors, 0, "and no error");
	write_dotenv("API_URL=\"a\\tb\033[2J\"\n", 0600);
	is_int(guess(nothing), ERR_CONFIG, "control characters");
}

static void
test_dotenv(void)
{
	static const struct {
		const char *text;
		const char *value; /* NULL: none */
	} lines[] = {
		{ "A=b", "b" },
		{ "A=b\n", "b" },
		{ "A=b\r\n", "b" },
		{ "  export\tA = b c  \n", "b c" },
		{ "export=1\nA=b", "b" },
		{ "A=\n", "" },
		{ "A=''\n", "" },
		{ "A=b#c # d", "b#c" },
		{ "A=#c", "" },
		{ "# A=b\n", NULL },
		{ "AB=c\nBA=d\n", NULL },
		{ "A\n=b\n", NULL },
		{ "A='b # \\n c' # d", "b # \\n c" },
		{ "A=\"b\\n\\t\\\"\\\\\\$\\x\" d", "b\n\t\"\\$\\x" },
		{ "A='b", NULL },
		{ "A=b\nA=c\n", "c" },
		{ "A=b\nA='c\n", NULL },
		{ "", NULL },
		{ "A=${B}", "${B}" },
		{ "exportA=b", NULL },
	};
	struct buf out = BUF_INIT(64);
	bool got;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++) {
		got =
		    dotenv_get(lines[i].text, strlen(lines[i].text), "A", &out);
		is_int(got, lines[i].value != NULL, lines[i].text);
		is_str(buf_cstr(&out),
		    lines[i].value != NULL ? lines[i].value : "",
		    lines[i].text);
	}
	ok(!dotenv_get("A=b\0c", 5, "A", &out), "a NUL byte");
	ok(!dotenv_get("=b", 2, "", &out), "no name");
	buf_release(&out);
	buf_init(&out, 2);
	ok(!dotenv_get("A=bcd", 5, "A", &out), "too long for its reader");
	buf_release(&out);
}

static void
test_torture(void)
{
	static const char *const all[] = { "API_URL", "http://h", NULL };
	size_t n, allocations;
	enum err_code code;

	write_dotenv("REDIS_URL='redis://f'\n", 0600);
	mem_fail_at(0, false);
	guess(all);
	allocations = mem_fail_at(0, false);
	for (n = 1; n <= allocations; n++) {
		mem_fail_at(n, true);
		code = guess(all);
		mem_fail_at(0, false);
		ok(code == ERR_NOMEM && platform == NULL && errors.errors > 0,
		    "allocation %zu of %zu fails: %d", n, allocations,
		    (int)code);
	}
}

int
main(void)
{
	char path[64];

	umask(022);
	if (mkdtemp(folder) == NULL) {
		skip("no folder to write to");
		return tap_done();
	}
	RUN(test_guess);
	RUN(test_dotenv_file);
	RUN(test_dotenv);
	RUN(test_torture);
	platform = platform_free(platform);
	snprintf(path, sizeof(path), "%s/.env", folder);
	unlink(path);
	ok(rmdir(folder) == 0, "cleaned up");
	return tap_done();
}
