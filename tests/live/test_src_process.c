/*
 * Source type "process" with real programs: good ones, and those that are
 * slow, endless, mute, dead, or leave children behind. The outputs of
 * `docker compose` are written down here as its version 2 prints them; pm2
 * is the real one where npm has put it.
 */
#include "datasrc/source.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "model/logstore.h"
#include "tests/live/child.h"
#include "tests/live/polled.h"
#include "tests/show.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 500,
	LONG_MS = 30000
};

static char dir[] = "/tmp/sevtop-process-XXXXXX";
static char shown[32 * 1024];
static struct source_env env = { .name = "here" };

static bool
source_open(struct polled *p, const char *yaml)
{
	return ok(polled_open_in(p, &src_process, &env, yaml), "opened");
}

static enum err_code
ask(struct polled *p, int ms)
{
	return polled_once(p, ms * NS_PER_MS);
}

/* All rows of one run but those of the run itself. */
static const char *
rows(const char *yaml)
{
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	struct polled p;
	const char *line, *stop;
	size_t n = 0;

	shown[0] = '\0';
	if (source_open(&p, yaml) && ask(&p, LONG_MS) == ERR_OK)
		show_payload(&out, p.payload);
	else
		buf_fmt(&out, "(%s)\n", p.err.msg);
	polled_close(&p);
	for (line = buf_cstr(&out); *line != '\0'; line = stop) {
		stop = strchr(line, '\n') + 1;
		if (strncmp(line, "health here ", 12) == 0 ||
		    strncmp(line, "metric process_", 15) == 0)
			continue;
		memcpy(shown + n, line, (size_t)(stop - line));
		n += (size_t)(stop - line);
		shown[n] = '\0';
	}
	buf_release(&out);
	return shown;
}

/* A file in our folder, as something to print. */
static void
put_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	if (file == NULL)
		return;
	fputs(text, file);
	fclose(file);
}

static void
no_children(void)
{
	ok(waitpid(-1, NULL, WNOHANG) < 0, "every child was reaped");
}

/* Two containers of `docker compose ps --all --format json`. */
#define API                                                                    \
	"{\"Command\":\"\\\"docker-entrypoint.s…\\\"\",\"CreatedAt\":"       \
	"\"2026-11-22 12:02:29 +0000 UTC\",\"ExitCode\":0,\"Health\":"         \
	"\"unhealthy\",\"ID\":\"0b5a\",\"Image\":\"shop/api:1.4\","            \
	"\"Name\":\"shop-api-1\",\"Project\":\"shop\",\"Publishers\":[{"       \
	"\"URL\":\"0.0.0.0\",\"TargetPort\":3000,\"PublishedPort\":3000,"      \
	"\"Protocol\":\"tcp\"}],\"Service\":\"api\",\"State\":\"running\","    \
	"\"Status\":\"Up 2 hours (unhealthy)\"}"
#define JOBS                                                                   \
	"{\"Command\":\"\\\"node jobs.js\\\"\",\"CreatedAt\":"                 \
	"\"2026-11-22 12:02:29 +0000 UTC\",\"ExitCode\":137,\"Health\":\"\","  \
	"\"ID\":\"77aa\",\"Image\":\"shop/jobs:1.4\",\"Name\":"                \
	"\"shop-jobs-1\",\"Project\":\"shop\",\"Publishers\":null,"            \
	"\"Service\":\"jobs\",\"State\":\"exited\","                           \
	"\"Status\":\"Exited (137) 5 minutes ago\"}"

static void
test_compose(void)
{
	static const char want[] =
	    "health container api critical: unhealthy; Up 2 hours "
	    "(unhealthy)\n"
	    "health container jobs critical: exited; Exited (137) 5 minutes "
	    "ago\n"
	    "table services 2/2: name text, state state, version text, since "
	    "wall, detail text\n"
	    "  [shop-api-1] critical: api | critical unhealthy | "
	    "shop/api:1.4 | 1795348949000 | Up 2 hours (unhealthy)\n"
	    "  [shop-jobs-1] critical: jobs | critical exited | "
	    "shop/jobs:1.4 | 1795348949000 | Exited (137) 5 minutes ago\n";
	static const char *const files[] = { "array", "lines" };
	char yaml[1024];

	put_file("array", "[" API "," JOBS "]\n");
	put_file("lines", API "\n" JOBS "\n");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(yaml, sizeof(yaml),
		    "argv: [cat, %s]\ndir: %s\nread: jsonl\n"
		    "health:\n"
		    "  container: {path: ['[*].State', Health], name: "
		    "Service, detail: Status}\n"
		    "tables:\n"
		    "  services:\n"
		    "    rows: .\n    key: Name\n"
		    "    columns: {name: Service, state: {path: State, kind: "
		    "state}, version: Image, since: {path: CreatedAt, kind: "
		    "time}, detail: Status}\n"
		    "    state: {path: [State, Health]}\n",
		    files[i], dir);
		is_str(rows(yaml), want, files[i]);
	}
}

static void
test_forms(void)
{
	is_str(rows("{argv: [printf, '  41\\n'], read: number, metrics: "
		    "{backlog: {path: ., unit: count}}}"),
	    "metric backlog = 41 count gauge\n", "a number");
	is_str(rows("{argv: [echo, abc], read: number, metrics: {backlog: "
		    ".}}"),
	    "health mapping warning: the document: text \"abc\", a number "
	    "was wanted\n",
	    "no number");
	is_str(rows("{argv: [printf, 'a\\nb\\n'], read: lines, metrics: "
		    "{lines: {path: ., form: count}}, health: {first: {path: "
		    "'[0]', ok: a}}}"),
	    "health first ok: a\nmetric lines = 2 count gauge\n", "lines");
	is_str(rows("{argv: [echo, 'pg_dump (PostgreSQL) 15.18 (Debian)'], "
		    "read: table, pattern: '\\) (?<version>[0-9.]+)', "
		    "version: '[0].version', tables: {tool: .}}"),
	    "note 15.18\n"
	    "table services 1/1: name text, version text, since wall\n"
	    "  [here] ok: here | 15.18 | -\n"
	    "table tool 1/1: version text\n  [15.18] ok: 15.18\n",
	    "a version");
	is_str(
	    rows("{argv: [echo, '[{\"v\":\"1.2\",\"n\":\"api\"}]'], version: "
		 "'[0].v', tables: {services: {rows: ., columns: {name: "
		 "n, version: v}}}}"),
	    "note 1.2\ntable services 1/1: name text, version text\n"
	    "  [api] ok: api | 1.2\n",
	    "one table of services");
	is_str(rows("{argv: [printf, 'Filesystem 1-blocks Used Available "
		    "Use%% Mounted on\\n/dev/vda 1000 900 100 90%% /a b\\n'], "
		    "read: table, skip: 1, names: [dev, size, used, free, "
		    "share, mount], metrics: {disk_used_ratio: {path: "
		    "'[*].share', unit: percent, labels: {mount: mount}}}}"),
	    "metric disk_used_ratio{mount=\"/a b\"} = 0.9 percent gauge\n",
	    "df");
	is_str(rows("{argv: [sh, -c, 'echo inactive; exit 3'], exit: [0, 3], "
		    "read: number, health: {unit: {path: ., ok: active}}}"),
	    "health unit critical: inactive, expected active\n",
	    "a status that is an answer");
	no_children();
}

static void
test_rows(void)
{
	struct polled p;
	const struct health *health;

	if (!source_open(&p, "{argv: [echo, '[]'], tables: {t: .}}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "runs");
	health = polled_health(&p, "here");
	ok(health != NULL && health->state == STATE_OK &&
		strncmp(health->detail.s, "status 0 in ", 12) == 0 &&
		health->latency_ns > 0,
	    "the run itself: %s", health != NULL ? health->detail.s : "");
	is_near(
	    polled_metric(&p, "process_exit_status", NULL), 0, 0, "its status");
	ok(polled_metric(&p, "process_seconds", NULL) > 0, "its time");
	ok(polled_starve(&p, LONG_MS * NS_PER_MS), "without memory");
	polled_close(&p);
	no_children();
}

static void
test_failures(void)
{
	static const struct {
		const char *yaml;
		int ms;
		enum err_code code;
		const char *says;
	} cases[] = {
		{ "{argv: [nosuchprogram]", LONG_MS, ERR_NOTFOUND,
		    "there is no program nosuchprogram in the PATH" },
		{ "{argv: [cat], dir: /nowhere", LONG_MS, ERR_NOTFOUND,
		    "there is no folder /nowhere" },
		{ "{argv: [sh, -c, 'echo out; echo one >&2; echo \"two: bad\" "
		  ">&2; echo >&2; exit 1']",
		    LONG_MS, ERR_IO, "sh ended with status 1: two: bad" },
		{ "{argv: [sh, -c, 'echo only out; exit 2']", LONG_MS, ERR_IO,
		    "sh ended with status 2: only out" },
		{ "{argv: [sh, -c, 'exit 4']", LONG_MS, ERR_IO,
		    "sh ended with status 4 and said nothing" },
		{ "{argv: [sh, -c, 'kill -SEGV $$']", LONG_MS, ERR_IO,
		    "sh was ended by signal 11" },
		{ "{argv: [sh, -c, 'echo waiting for a lock >&2; sleep 60']",
		    SHORT_MS, ERR_TIMEOUT,
		    "sh did not end within its time limit: waiting for a "
		    "lock" },
		{ "{argv: [sh, -c, 'sleep 60 & sleep 60 & wait']", SHORT_MS,
		    ERR_TIMEOUT, "did not end" },
		{ "{argv: ['yes'], max_output: 64KiB", LONG_MS, ERR_TOOBIG,
		    "yes wrote more than 65536 bytes; see max_output" },
		{ "{argv: [sh, -c, 'yes >&2']", LONG_MS, ERR_TOOBIG,
		    "bytes of errors" },
		{ "{argv: [head, -c, 5000, /dev/urandom]", LONG_MS, ERR_BADDATA,
		    "head: " },
		{ "{argv: ['true']", LONG_MS, ERR_BADDATA,
		    "true: an empty answer, not JSON" },
		{ "{argv: [echo, '<html>']", LONG_MS, ERR_BADDATA,
		    "echo: not JSON: the answer begins with \"<html> \"" },
		{ "{argv: [echo, x], env: {A: 'env:SEVTOP_UNSET'}", LONG_MS,
		    ERR_NOTFOUND, "A: the environment has no SEVTOP_UNSET" },
	};
	char yaml[512];
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(
		    yaml, sizeof(yaml), "%s, tables: {t: .}}", cases[i].yaml);
		if (!source_open(&p, yaml))
			continue;
		is_str(err_code_name(ask(&p, cases[i].ms)),
		    err_code_name(cases[i].code), cases[i].yaml);
		ok(strstr(p.err.msg, cases[i].says) != NULL, "says: %s",
		    p.err.msg);
		ok(p.payload == NULL, "no rows");
		polled_close(&p);
	}
	no_children();
}

/* A child that keeps the pipe open does not keep us. */
static void
test_leftovers(void)
{
	int64_t start = clock_now();

	is_str(rows("{argv: [sh, -c, 'sleep 300 & echo 5'], read: number, "
		    "metrics: {n: .}}"),
	    "metric n = 5 gauge\n", "the answer is there");
	ok(clock_now() - start < 10 * NS_PER_SEC, "at once");
	no_children();
}

static void
test_secrets(void)
{
	struct polled p;

	setenv("SEVTOP_TEST_TOKEN", "canary-t0ken", 1);
	if (!source_open(&p, "{argv: [sh, -c, 'echo \"$TOKEN is wrong\" >&2; "
			     "exit 1'], env: {TOKEN: 'env:SEVTOP_TEST_TOKEN'}"
			     ", tables: {t: .}}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_IO, "fails");
	is_str(p.err.msg, "sh ended with status 1: [redacted] is wrong",
	    "its reason is redacted");
	polled_close(&p);
	/* What is kept of it begins in the middle of the secret. */
	if (!source_open(&p, "{argv: [sh, -c, 'printf \"$TOKEN x %04088d\" 0 "
			     ">&2; exit 1'], env: {TOKEN: "
			     "'env:SEVTOP_TEST_TOKEN'}, tables: {t: .}}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_IO, "fails with a long line");
	ok(strstr(p.err.msg, "t0ken") == NULL && strstr(p.err.msg, " x 0"),
	    "no half of a secret: %.60s", p.err.msg);
	polled_close(&p);
	is_str(rows("{argv: [sh, -c, 'echo \"$TOKEN $HOME\"'], inherit: "
		    "false, env: {TOKEN: 'env:SEVTOP_TEST_TOKEN', HOME: "
		    "/else}, read: lines, tables: {t: .}}"),
	    "table t 1/1: value text\n  [[redacted] /else] ok: [redacted] "
	    "/else\n",
	    "so is its output");
	if (!source_open(&p, "{argv: [sh, -c, 'echo \"$SEVTOP_TEST_TOKEN\"'], "
			     "inherit: false, read: lines, metrics: {n: "
			     "{path: ., form: count}}, health: {v: {path: "
			     "'[0]', ok: none}}}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "without our variables");
	is_str(polled_health(&p, "v")->detail.s, ", expected none",
	    "it sees none");
	polled_close(&p);
}

static void
test_log(void)
{
	struct log_line lines[8];
	struct arena *arena = arena_new((size_t)1 << 20);
	struct polled p;

	put_file("log", "api-1  | 2026-11-22T14:02:29Z ERROR one\n");
	snprintf(shown, sizeof(shown),
	    "{argv: [cat, log], dir: %s, read: lines, log: true}", dir);
	if (!source_open(&p, shown))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "the first time");
	put_file("log", "api-1  | 2026-11-22T14:02:29Z ERROR one\n"
			"api-1  | 2026-11-22T14:02:30Z ERROR two\n");
	is_int(ask(&p, LONG_MS), ERR_OK, "and again");
	is_int((int64_t)logstore_copy(env.logs, 0, lines, 8, arena), 2,
	    "each line once");
	is_str(lines[1].text.s, "two", "taken apart");
	is_str(lines[1].fields.s, "service=api-1", "whose it is");
	is_int(lines[1].level, LOG_LEVEL_ERROR, "how bad it is");
	is_int(lines[1].wall_ms, INT64_C(1795356150000), "and when it was");
	polled_close(&p);
	arena_free(arena);
}

/* The real pm2, in a home of its own. */
static const char *
pm2(const char *words)
{
	static char yaml[2048];

	snprintf(yaml, sizeof(yaml),
	    "argv: [node, %s, %s]\n"
	    "env: {PM2_HOME: %s/pm2, PM2_DISABLE_VERSION_CHECK: 'true', "
	    "FORCE_COLOR: '0'}\n",
	    child_source_path("tests/node/node_modules/pm2/bin/pm2"), words,
	    dir);
	return yaml;
}

static bool
pm2_does(const char *words)
{
	struct polled p;
	char yaml[2048];
	bool good;

	snprintf(yaml, sizeof(yaml),
	    "%sread: lines\nmetrics: {n: {path: ., form: count}}\n",
	    pm2(words));
	good = source_open(&p, yaml) && ask(&p, LONG_MS) == ERR_OK;
	ok(good, "pm2 %s: %s", words, p.err.msg);
	polled_close(&p);
	return good;
}

static void
is_app(
    const struct polled *p, const char *key, enum state state, const char *word)
{
	const struct table_cell *cell =
	    polled_cell(p, "services", key, "state");

	if (ok(cell != NULL, "a row %s", key)) {
		is_str(cell->text.s, word, "its word");
		is_str(state_name((enum state)(int)cell->num),
		    state_name(state), "its state");
	}
}

static void
test_pm2(void)
{
	struct polled p;
	char yaml[4096];

	if (access(child_source_path("tests/node/node_modules/pm2/bin/pm2"),
		R_OK) != 0) {
		skip("pm2 is not installed: npm ci in tests/node");
		return;
	}
	put_file("app.js", "setInterval(() => {}, 1000);\n");
	put_file("bad.js", "process.exit(1);\n");
	snprintf(yaml, sizeof(yaml),
	    "%sread: json\n"
	    "tables:\n"
	    "  services:\n"
	    "    rows: .\n    key: name\n"
	    "    columns:\n"
	    "      name: name\n"
	    "      state: {path: pm2_env.status, kind: state}\n"
	    "      since: {path: pm2_env.pm_uptime, kind: time}\n"
	    "      restarts: {path: pm2_env.restart_time, unit: count}\n"
	    "      cpu: {path: monit.cpu, unit: percent, scale: 0.01}\n"
	    "      memory: {path: monit.memory, unit: bytes}\n"
	    "    state: pm2_env.status\n",
	    pm2("jlist"));
	if (!source_open(&p, yaml))
		return;
	is_int(
	    ask(&p, LONG_MS), ERR_OK, "a daemon that greets before it answers");
	is_int(polled_rows(&p, "services"), 0, "nothing runs");
	snprintf(shown, sizeof(shown), "start, %s/app.js, --name, api", dir);
	if (!pm2_does(shown))
		goto out;
	snprintf(shown, sizeof(shown),
	    "start, %s/bad.js, --name, bad, --no-autorestart", dir);
	pm2_does(shown);
	is_int(ask(&p, LONG_MS), ERR_OK, "two apps");
	is_int(polled_rows(&p, "services"), 2, "both are there");
	is_app(&p, "api", STATE_OK, "online");
	ok(polled_num(&p, "services", "api", "since") > 1.7e12, "since when");
	is_near(
	    polled_num(&p, "services", "api", "restarts"), 0, 0, "no restarts");
	ok(polled_num(&p, "services", "api", "memory") > 1e6, "memory");
	pm2_does("restart, api");
	pm2_does("stop, api");
	is_int(ask(&p, LONG_MS), ERR_OK, "later");
	is_int(polled_events(&p, EVENT_RESTART), 1, "a restart is an event");
	is_app(&p, "api", STATE_CRIT, "stopped");
	is_app(&p, "bad", STATE_CRIT, "stopped");
	is_near(
	    polled_num(&p, "services", "api", "restarts"), 1, 0, "one restart");
	ok(polled_health(&p, "mapping") == NULL, "nothing is wrong");
out:
	pm2_does("kill");
	polled_close(&p);
	no_children();
}

static void
remove_folder(void)
{
	char yaml[128];
	struct polled p;

	snprintf(yaml, sizeof(yaml),
	    "{argv: [rm, -rf, %s], read: lines, tables: {t: .}}", dir);
	if (source_open(&p, yaml))
		is_int(ask(&p, LONG_MS), ERR_OK, "tidied up");
	polled_close(&p);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return 1;
	env.redactor = redactor_new();
	env.logs = logstore_new((size_t)1 << 20, NULL);
	is_int(logstore_add_source(env.logs, "here", &env.log_source, NULL),
	    ERR_OK, "a log");
	RUN(test_compose);
	RUN(test_forms);
	RUN(test_rows);
	RUN(test_failures);
	RUN(test_leftovers);
	RUN(test_secrets);
	RUN(test_log);
	RUN(test_pm2);
	remove_folder();
	logstore_free(env.logs);
	redactor_free(env.redactor);
	return tap_done();
}
