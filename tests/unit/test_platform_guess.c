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
	const char *path;
	struct opt_list paths;
	const struct conf_node *expect;
	const char *version;
	const char *uptime;
};

static const struct opt path_rows[] = {
	{ OPT_FIELD(struct probe, path, "path", OPT_PATH), .required = true,
	    .help = "h" },
};
static const struct opt http_rows[] = {
	{ OPT_FIELD(struct probe, url, "url", OPT_SECRET), .required = true,
	    .help = "h" },
	{ OPT_FIELD(struct probe, paths, "paths", OPT_LIST), .help = "h" },
	{ OPT_FIELD(struct probe, expect, "expect", OPT_NODE), .help = "h" },
	{ OPT_FIELD(struct probe, version, "version", OPT_STRING),
	    .help = "h" },
	{ OPT_FIELD(struct probe, uptime, "uptime", OPT_STRING), .help = "h" },
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
		    .opts = OPT_TABLE(http_rows),
		    .config_size = sizeof(struct probe) },
		{ .name = "redis",
		    .opts = OPT_TABLE(url_rows),
		    .config_size = sizeof(struct probe) },
		{ .name = "bullmq",
		    .opts = OPT_TABLE(redis_rows),
		    .config_size = sizeof(struct probe) },
		{ .name = "logfile",
		    .opts = OPT_TABLE(path_rows),
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
	enum err_code code;

	platform = platform_free(platform);
	conf_errors_clear(&errors);
	code = platform_guess(folder, NULL, &types, &vars, &errors, &platform);
	snprintf(said, sizeof(said), "%s",
	    platform != NULL && platform->found != NULL ? platform->found : "");
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
	is_str(
	    said, "API_URL, REDIS_URL in env", "what was used, without values");
	is_int((int64_t)platform->source_count, 5,
	    "no source of a type that there is not");
	is_str(config("api")->url, "http://h/", "the API");
	is_str(config("health")->url, "http://h", "its health");
	is_str(config("health")->paths.items[0], "/healthz", "wherever it is");
	ok(platform_source_find(platform, "health")->optional, "if it has one");
	ok(!platform_source_find(platform, "api")->optional, "itself is not");
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
	is_str(said, "API_URL, REDIS_URL in .env", "told");
	is_str(config("api")->url, "http://file/", "its value");
	ok(platform->prod, "counts as prod");
	is_int(guess(api), ERR_OK, "both");
	is_str(config("api")->url, "http://mine/", "the environment wins");
	is_str(config("redis")->url, "redis://f", "the file fills in");
	is_str(said, "REDIS_URL in .env; API_URL in env", "told");
	write_dotenv("API_URL=\"http://a\nb\"\nREDIS_URL=redis://${X}\n", 0600);
	is_int(guess(nothing), ERR_OK, "a quote without an end");
	is_str(config("redis")->url, "redis://${X}",
	    "is nothing, and nothing expands");
	write_dotenv("API_URL=http://file\n", 0666);
	is_int(guess(nothing), ERR_NOTFOUND, "a file that others may write");
	is_int((int64_t)errors.warnings, 1, "is left out, with a warning");
	is_int((int64_t)errors.errors, 0, "and no error");
	write_dotenv("API_URL=\"http://a\\tb\033[2J\"\n", 0600);
	is_int(guess(nothing), ERR_CONFIG, "control characters");
}

/* What can be written in more than one way, or is something else. */
static void
test_forms(void)
{
	static const char *const slash[] = { "API_URL", "http://h/v1/", "PORT",
		"3000", NULL };
	static const char *const port[] = { "PORT", "3000", NULL };
	static const char *const pipe[] = { "PORT", "\\\\.\\pipe\\x", NULL };
	static const char *const other[] = { "REDIS_URL", "memcached://h",
		"API_URL", "//h", NULL };

	write_dotenv("", 0600);
	is_int(guess(slash), ERR_OK, "an API below a path");
	is_str(config("api")->url, "http://h/v1/", "has one slash at its end");
	is_str(said, "API_URL in env", "and needs no port");
	is_int(guess(port), ERR_OK, "a port alone");
	is_str(config("api")->url, "http://localhost:3000/", "is one here");
	is_int(guess(pipe), ERR_NOTFOUND, "a port that is none");
	is_int((int64_t)errors.warnings, 0, "is not ours to complain about");
	is_int(guess(other), ERR_NOTFOUND, "other schemes");
	is_int((int64_t)errors.warnings, 2, "are told");
	is_str(errors.items[0].file, "API_URL", "by name");
	ok(strstr(errors.items[0].msg, "http://") != NULL, "%s",
	    errors.items[0].msg);
}

static void
test_logs(void)
{
	static const char *const nothing[] = { NULL };
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/logs", folder);
	mkdir(path, 0700);
	is_int(guess(nothing), ERR_NOTFOUND, "a folder without logs");
	snprintf(path, sizeof(path), "%s/logs/api.log", folder);
	f = fopen(path, "we");
	if (f != NULL)
		fclose(f);
	is_int(guess(nothing), ERR_OK, "a log file");
	is_str(config("logs")->path, "logs/*.log", "is followed");
	is_str(said, "logs/*.log", "and told");
	unlink(path);
	snprintf(path, sizeof(path), "%s/logs", folder);
	rmdir(path);
}

/* The text that `sevtop init` writes holds no value, and reads the same. */
static void
test_written(void)
{
	static const char *const all[] = { "API_URL", "http://secret-host",
		"REDIS_URL", "redis://:secret-word@r", NULL };
	const struct conf_env outer = { variable, (void *)(uintptr_t)all };
	struct buf yaml = BUF_INIT(65536), found = BUF_INIT(256);
	struct platform_vars vars;
	struct platform *read = NULL;

	conf_errors_clear(&errors);
	is_int(platform_vars_init(&vars, folder, &outer, &errors), ERR_OK,
	    "variables");
	is_int(
	    platform_guess_write(folder, &types, &vars, &errors, &yaml, &found),
	    ERR_OK, "written");
	ok(strstr(buf_cstr(&yaml), "secret-") == NULL, "no value is in it");
	ok(strstr(buf_cstr(&yaml), "${REDIS_URL}") != NULL, "names are");
	is_int(platform_parse("f", buf_cstr(&yaml), yaml.len, NULL, &types,
		   &vars.env, &errors, &read),
	    ERR_OK, "it can be read");
	is_int(guess(all), ERR_OK, "and guessed");
	is_int((int64_t)(read != NULL ? read->source_count : 0),
	    (int64_t)platform->source_count, "the same sources");
	is_int((int64_t)(read != NULL ? read->signal_count : 0),
	    (int64_t)platform->signal_count, "the same signals");
	ok(strstr(platform->name, "sevtop-guess-") == platform->name,
	    "the folder's name: %s", platform->name);
	platform_free(read);
	platform_vars_release(&vars);
	buf_release(&yaml);
	buf_release(&found);
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
	RUN(test_forms);
	RUN(test_logs);
	RUN(test_written);
	RUN(test_dotenv);
	RUN(test_torture);
	platform = platform_free(platform);
	snprintf(path, sizeof(path), "%s/.env", folder);
	unlink(path);
	ok(rmdir(folder) == 0, "cleaned up");
	return tap_done();
}
