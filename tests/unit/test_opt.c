#include "base/opt.h"

#include <string.h>

#include "base/clock.h"
#include "tests/problems.h"
#include "tests/tap.h"

struct probe {
	const char *url;
	const char *password;
	const char *name;
	const char *file;
	const char *via;
	int64_t every_ns;
	int64_t body;
	int64_t tries;
	double share;
	bool follow;
	int mode;
	struct opt_list queues;
	struct opt_list levels;
	struct opt_pairs headers;
	const struct conf_node *rules;
	int64_t status;
	const char *bearer;
};

static const char *const modes[] = { "fast", "slow", "off", NULL };
static const char *const levels[] = { "info", "warn", "error", NULL };
static const char *const schemes[] = { "http", "https", NULL };

static const struct opt auth_rows[] = {
	{
	    OPT_FIELD(struct probe, bearer, "bearer", OPT_SECRET),
	    .required = true,
	    .help = "token",
	},
};
static const struct opt_table auth_table = OPT_TABLE(auth_rows);

static const struct opt expect_rows[] = {
	{
	    OPT_FIELD(struct probe, status, "status", OPT_INT),
	    .min = 100,
	    .max = 599,
	    .preset = "200",
	    .help = "wanted status",
	},
	{ OPT_GROUP_ROW("auth", &auth_table), .help = "who we are" },
};
static const struct opt_table expect_table = OPT_TABLE(expect_rows);

static const struct opt rows[] = {
	{
	    OPT_FIELD(struct probe, url, "url", OPT_URL),
	    .required = true,
	    .choices = schemes,
	    .help = "what to ask for",
	},
	{
	    OPT_FIELD(struct probe, password, "password", OPT_SECRET),
	    .help = "who we are",
	},
	{
	    OPT_FIELD(struct probe, name, "name", OPT_STRING),
	    .min = 2,
	    .max = 5,
	    .help = "what to call it",
	},
	{ OPT_FIELD(struct probe, file, "file", OPT_PATH), .help = "path" },
	{
	    OPT_FIELD(struct probe, via, "via", OPT_REF),
	    .refers = "redis",
	    .help = "connection",
	},
	{
	    OPT_FIELD(struct probe, every_ns, "every", OPT_DURATION),
	    .min = 100 * NS_PER_MS,
	    .max = 60 * NS_PER_SEC,
	    .preset = "5s",
	    .help = "interval",
	},
	{
	    OPT_FIELD(struct probe, body, "body", OPT_SIZE),
	    .min = 1,
	    .max = 1024 * 1024,
	    .preset = "64KiB",
	    .help = "largest answer",
	},
	{
	    OPT_FIELD(struct probe, tries, "tries", OPT_INT),
	    .min = 1,
	    .max = 10,
	    .unit = "times",
	    .help = "attempts",
	},
	{
	    OPT_FIELD(struct probe, share, "share", OPT_NUMBER),
	    .min = 0,
	    .max = 1,
	    .help = "share",
	},
	{
	    OPT_FIELD(struct probe, follow, "follow", OPT_BOOL),
	    .preset = "true",
	    .help = "go on reading",
	},
	{
	    OPT_FIELD(struct probe, mode, "mode", OPT_CHOICE),
	    .choices = modes,
	    .preset = "slow",
	    .help = "how",
	},
	{
	    OPT_FIELD(struct probe, queues, "queues", OPT_LIST),
	    .min = 0,
	    .max = 3,
	    .help = "which",
	},
	{
	    OPT_FIELD(struct probe, levels, "levels", OPT_LIST),
	    .choices = levels,
	    .preset = "warn, error",
	    .help = "which",
	},
	{
	    OPT_FIELD(struct probe, headers, "headers", OPT_PAIRS),
	    .help = "to send",
	},
	{ OPT_FIELD(struct probe, rules, "rules", OPT_NODE), .help = "own" },
	{ OPT_GROUP_ROW("expect", &expect_table), .help = "what is good" },
};
static const struct opt_table table = OPT_TABLE(rows);

static const char *
variable(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "URL") == 0)
		return "http://user:hunter2@host/x";
	if (strcmp(name, "EMPTY") == 0)
		return "";
	return NULL;
}

static const struct conf_env vars = { .get = variable };
static struct arena *arena;
static struct probe probe;

static enum err_code
bind_text(const char *text)
{
	const struct conf_node *root;
	enum err_code code;

	arena_free(arena);
	arena = arena_new(CONF_ARENA_MAX);
	conf_errors_clear(&errors);
	memset(&probe, 0, sizeof(probe));
	code = conf_parse(
	    "t.yaml", text, strlen(text), &vars, arena, &errors, &root);
	if (code != ERR_OK)
		return code;
	return opt_bind(&table, root, &probe, arena, &errors);
}

static void
test_bind(void)
{
	struct err err = ERR_INIT;

	ok(opt_table_check(&table, &err), "the table is sound: %s", err.msg);
	is_int(bind_text("url: https://h/p\npassword: env:PW\nname: abc\n"
			 "file: logs/a.log\nvia: cache\nevery: 1m\n"
			 "body: 2kB\ntries: 3\nshare: 0.25\nfollow: false\n"
			 "mode: 'off'\nqueues: [a, b]\nlevels: error\n"
			 "headers: {X-A: b, X-C: 'd e'}\nrules: [{a: b}]\n"
			 "expect: {status: 204, auth: {bearer: file:/t}}\n"),
	    ERR_OK, "binds");
	is_str(problems(), "", "no problems");
	is_str(probe.url, "https://h/p", "url");
	is_str(probe.password, "env:PW", "secret");
	is_str(probe.name, "abc", "string");
	is_str(probe.file, "logs/a.log", "path");
	is_str(probe.via, "cache", "reference");
	is_int(probe.every_ns, 60 * NS_PER_SEC, "duration");
	is_int(probe.body, 2000, "size");
	is_int(probe.tries, 3, "int");
	is_near(probe.share, 0.25, 0, "number");
	ok(!probe.follow, "bool");
	is_int(probe.mode, 2, "choice");
	is_int((int64_t)probe.queues.count, 2, "list");
	is_str(probe.queues.items[1], "b", "second of the list");
	is_int((int64_t)probe.levels.count, 1, "one text is a list of one");
	is_str(probe.levels.items[0], "error", "that one");
	is_int((int64_t)probe.headers.count, 2, "pairs");
	is_str(probe.headers.items[1].key, "X-C", "key of a pair");
	is_str(probe.headers.items[1].value, "d e", "value of a pair");
	is_int(probe.rules->kind, CONF_LIST, "subtree");
	is_int(probe.status, 204, "in a group");
	is_str(probe.bearer, "file:/t", "in a group in a group");
}

static void
test_presets(void)
{
	is_int(bind_text("url: http://h\n"), ERR_OK, "the least");
	is_int(probe.every_ns, 5 * NS_PER_SEC, "duration");
	is_int(probe.body, 65536, "size");
	ok(probe.follow, "bool");
	is_int(probe.mode, 1, "choice");
	is_int((int64_t)probe.levels.count, 2, "list");
	is_str(probe.levels.items[1], "error", "second of the list");
	is_int(probe.status, 200, "in a group that is not there");
	is_int(probe.tries, 0, "nothing without a preset");
	ok(probe.headers.items == NULL && probe.password == NULL, "NULL");
	is_int(bind_text("url: http://h\nqueues:\nheaders:\nrules: ~\n"
			 "expect:\n"),
	    ERR_OK, "collections may be commented out");
	is_int((int64_t)probe.queues.count, 0, "empty list");
}

static void
test_secrets(void)
{
	is_int(bind_text("url: http://h\npassword: {cmd: [pass, \"a b\"]}\n"),
	    ERR_OK, "command as a map");
	is_str(probe.password, "cmd:[\"pass\",\"a b\"]", "becomes JSON");
	is_int(bind_text("url: http://h\npassword: 'cmd:[pass, \"a b\"]'\n"),
	    ERR_OK, "command as text");
	is_str(probe.password, "cmd:[\"pass\",\"a b\"]", "the same");
	is_int(bind_text("url: http://h\npassword: {env: TOKEN}\n"), ERR_OK,
	    "variable as a map");
	is_str(probe.password, "env:TOKEN", "becomes text");
	is_int(bind_text("url: http://h\npassword: redis://localhost:6379\n"),
	    ERR_OK, "a URL without a password");
	is_str(problems(), "", "is no secret");
	is_int(bind_text("url: http://h\npassword: hunter2\n"), ERR_OK,
	    "a literal works");
	is_str(problems(),
	    "t.yaml:2:11: warning: \"password\" holds a secret in plain text\n"
	    "\twrite env:NAME, file:PATH or cmd:[...], or ${NAME} in a URL\n",
	    "with a warning that keeps it to itself");
	is_int(bind_text("url: http://u:hunter2@h\n"
			 "password: redis://:hunter2@h\n"),
	    ERR_OK, "passwords in URLs");
	is_int((int64_t)errors.warnings, 2, "are warned about");
	ok(strstr(problems(), "hunter2") == NULL, "but not shown");
	is_int(bind_text("url: ${URL}\npassword: ${URL}\n"), ERR_OK,
	    "secrets from variables");
	is_str(problems(), "", "are fine");
}

/* What a file says, and what the user is told; exactly. */
static const struct {
	const char *yaml;
	const char *told;
} wrong[] = {
	{ "url: http://h\ntimout: 1\n",
	    "t.yaml:2:1: unknown key \"timout\"\n"
	    "\tknown here: url, password, name, file, via, every, body, "
	    "tries, share, follow, mode, queues, levels, headers, rules, "
	    "expect\n" },
	{ "url: http://h\nqueue: a\n", "t.yaml:2:1: unknown key \"queue\"\n"
				       "\tdid you mean \"queues\"?\n" },
	{ "every: 1s\n", "t.yaml:1:1: \"url\" is missing\n"
			 "\turl: what to ask for\n" },
	{ "[a]\n", "t.yaml:1:1: a map of keys and values is wanted here, not a "
		   "list\n" },
	{ "url: http://h\nevery: 5\n",
	    "t.yaml:2:8: \"every\" wants a duration such as 500ms, 5s, 10m or "
	    "2h, not \"5\"\n" },
	{ "url: http://h\nevery: [5s]\n",
	    "t.yaml:2:8: \"every\" wants a duration such as 500ms, 5s, 10m or "
	    "2h, not a list\n" },
	{ "url: http://h\nevery: 10ms\n",
	    "t.yaml:2:8: \"every\" is 10ms, the least is 100ms\n" },
	{ "url: http://h\nevery: 2h\n",
	    "t.yaml:2:8: \"every\" is 2h, the most is 1m\n" },
	{ "url: http://h\nevery:\n",
	    "t.yaml:2:7: \"every\" wants a duration such as 500ms, 5s, 10m or "
	    "2h, not nothing\n" },
	{ "url: http://h\nbody: big\n",
	    "t.yaml:2:7: \"body\" wants a size such as 512, 64KiB or 10MB, "
	    "not \"big\"\n" },
	{ "url: http://h\nbody: 4MiB\n",
	    "t.yaml:2:7: \"body\" is 4MiB, the most is 1MiB\n" },
	{ "url: http://h\ntries: 11\n",
	    "t.yaml:2:8: \"tries\" is 11 times, the most is 10 times\n" },
	{ "url: http://h\ntries: 010\n",
	    "t.yaml:2:8: \"tries\" wants a whole number, not \"010\"\n" },
	{ "url: http://h\ntries: 1.5\n",
	    "t.yaml:2:8: \"tries\" wants a whole number, not \"1.5\"\n" },
	{ "url: http://h\ntries: 99999999999999999999\n",
	    "t.yaml:2:8: \"tries\" wants a whole number, not "
	    "\"99999999999999999999\"\n" },
	{ "url: http://h\nshare: 2\n",
	    "t.yaml:2:8: \"share\" is 2, it goes from 0 to 1\n" },
	{ "url: http://h\nshare: nan\n",
	    "t.yaml:2:8: \"share\" wants a number, not \"nan\"\n" },
	{ "url: http://h\nfollow: no\n",
	    "t.yaml:2:9: \"follow\" wants true or false, not \"no\"\n" },
	{ "url: http://h\nmode: slwo\n",
	    "t.yaml:2:7: \"mode\" can't be \"slwo\"\n"
	    "\tdid you mean \"slow\"?\n" },
	{ "url: http://h\nmode: sideways\n",
	    "t.yaml:2:7: \"mode\" can't be \"sideways\"\n"
	    "\tone of: fast, slow, off\n" },
	{ "url: http://h\nname: toolong\n",
	    "t.yaml:2:7: \"name\"'s length is 7, the most is 5\n" },
	{ "url: http://h\nname: ''\n",
	    "t.yaml:2:7: \"name\" wants text, not an empty text\n" },
	{ "url: http://h\nname: ${EMPTY}\n",
	    "t.yaml:2:7: \"name\" wants text, not an empty text\n" },
	{ "url: http://h/${input.x}\n",
	    "t.yaml:1:6: \"url\" is no template: \"http://h/${input.x}\" "
	    "would stay as it is\n" },
	{ "url: http://h\nqueues: [a, '${target.name}']\n",
	    "t.yaml:2:13: \"queues\" is no template: \"${target.name}\" "
	    "would stay as it is\n" },
	{ "url: localhost\n",
	    "t.yaml:1:6: \"url\" wants a URL such as http://localhost:3000, "
	    "not \"localhost\"\n" },
	{ "url: 'http://'\n",
	    "t.yaml:1:6: \"url\" wants a URL such as http://localhost:3000, "
	    "not \"http://\"\n" },
	{ "url: http://a b\n",
	    "t.yaml:1:6: \"url\" wants a URL such as http://localhost:3000, "
	    "not \"http://a b\"\n" },
	{ "url: 'http://u:hunter2@h/ x'\n",
	    "t.yaml:1:6: \"url\" wants a URL such as http://localhost:3000\n" },
	{ "url: ftp://h\n",
	    "t.yaml:1:6: \"url\" wants a URL that starts with http://\n" },
	{ "url: http://h\npassword: [hunter2]\n",
	    "t.yaml:2:11: \"password\" wants env:NAME, file:PATH or "
	    "cmd:[...], not a list\n" },
	{ "url: http://h\npassword: cmd:pass hunter2\n",
	    "t.yaml:2:11: \"password\" wants env:NAME, file:PATH or "
	    "cmd:[...]\n" },
	{ "url: http://h\npassword: {vault: hunter2}\n",
	    "t.yaml:2:11: \"password\" wants env:NAME, file:PATH or "
	    "cmd:[...], not a map\n" },
	{ "url: http://h\nqueues: [a, b, c, d]\n",
	    "t.yaml:2:9: \"queues\"'s length is 4, the most is 3\n" },
	{ "url: http://h\nqueues: [a, [b], '']\n",
	    "t.yaml:2:13: \"queues\" wants texts in its list, not a list\n"
	    "t.yaml:2:18: \"queues\" wants texts in its list, not an empty "
	    "one\n" },
	{ "url: http://h\nqueues: {a: b}\n",
	    "t.yaml:2:9: \"queues\" wants a list, not a map\n" },
	{ "url: http://h\nlevels: [info, errr]\n",
	    "t.yaml:2:16: \"levels\" can't be \"errr\"\n"
	    "\tdid you mean \"error\"?\n" },
	{ "url: http://h\nheaders: {a: [b], c: ~}\n",
	    "t.yaml:2:14: \"a\" in \"headers\" wants text, not a list\n"
	    "t.yaml:2:22: \"c\" in \"headers\" wants text, not nothing\n"
	    "\tquote it if it is meant as text\n" },
	{ "url: http://h\nheaders: a\n",
	    "t.yaml:2:10: \"headers\" wants a map of names to texts, not "
	    "\"a\"\n" },
	{ "url: http://h\nexpect: {statsu: 1, auth: {}}\n",
	    "t.yaml:2:10: unknown key \"statsu\"\n"
	    "\tdid you mean \"status\"?\n"
	    "t.yaml:2:21: \"auth\" lacks \"bearer\"\n"
	    "\tbearer: token\n" },
	{ "url: http://h\nexpect: 200\n",
	    "t.yaml:2:9: a map of keys and values is wanted here, not text\n" },
	{ "evry: 5s\nbody: 1\ntries: ${NO}\nmode: x\nmode: fast\n",
	    "t.yaml:1:1: unknown key \"evry\"\n"
	    "\tdid you mean \"every\"?\n"
	    "t.yaml:1:1: \"url\" is missing\n"
	    "\turl: what to ask for\n"
	    "t.yaml:3:8: the variable NO is not set\n"
	    "\tset it, or give a default: ${NAME:-default}\n"
	    "t.yaml:4:7: \"mode\" can't be \"x\"\n"
	    "\tone of: fast, slow, off\n"
	    "t.yaml:5:1: \"mode\" is here twice\n"
	    "\tthe first is in line 4\n" },
};

static void
test_wrong(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		is_int(bind_text(wrong[i].yaml), ERR_CONFIG, wrong[i].yaml);
		is_str(problems(), wrong[i].told, wrong[i].yaml);
	}
}

static bool
collect(void *ctx, const char *path, const struct opt *opt)
{
	struct buf *out = ctx;

	if (opt->kind != OPT_GROUP && opt->kind != OPT_DURATION &&
	    opt->kind != OPT_CHOICE && opt->kind != OPT_INT &&
	    opt->kind != OPT_URL && opt->kind != OPT_REF &&
	    opt->kind != OPT_STRING && opt->kind != OPT_LIST)
		return true;
	buf_fmt(out, "%s: ", path);
	opt_describe(opt, out);
	return buf_char(out, '\n');
}

static bool
only_one(void *ctx, const char *path, const struct opt *opt)
{
	(void)path;
	(void)opt;
	++*(int *)ctx;
	return false;
}

static void
test_describe(void)
{
	struct buf out = BUF_INIT(4096);
	int visits = 0;

	opt_visit(&table, collect, &out);
	is_str(buf_cstr(&out),
	    "url: URL of http, https, required\n"
	    "name: text, 2 to 5 bytes\n"
	    "via: name of a source of type redis\n"
	    "every: duration, 100ms to 1m, default 5s\n"
	    "tries: whole number, 1 to 10 times\n"
	    "mode: one of fast, slow, off, default slow\n"
	    "queues: list, at most 3 entries\n"
	    "levels: list of info, warn, error, default warn, error\n"
	    "expect: map\n"
	    "expect.status: whole number, 100 to 599, default 200\n"
	    "expect.auth: map\n",
	    "every row says what may be written");
	buf_release(&out);
	opt_visit(&table, only_one, &visits);
	is_int(visits, 1, "a visit can end early");
	ok(opt_find(&table, "every") != NULL, "found by name");
	ok(opt_find(&table, "nothing") == NULL, "or not");
}

/* Rows that are wrong themselves, and what the check says of them. */
static void
test_table_check(void)
{
	static const struct {
		struct opt row;
		const char *told;
	} bad[] = {
		{ { OPT_FIELD(struct probe, follow, "a", OPT_INT),
		      .help = "h" },
		    "row \"a\": its field has not the type of its kind" },
		{ { OPT_FIELD(struct probe, status, "a", OPT_STRING),
		      .help = "h" },
		    "row \"a\": its field has not the type of its kind" },
		{ { OPT_FIELD(struct probe, mode, "a", OPT_CHOICE),
		      .help = "h" },
		    "row \"a\": no choices" },
		{ { OPT_FIELD(struct probe, name, "a", OPT_STRING) },
		    "row \"a\": no help" },
		{ { OPT_FIELD(struct probe, name, "", OPT_STRING),
		      .help = "h" },
		    "row \"\": its name" },
		{ { OPT_FIELD(struct probe, tries, "a", OPT_INT), .min = 2,
		      .max = 1, .help = "h" },
		    "row \"a\": min is above max" },
		{ { OPT_FIELD(struct probe, every_ns, "a", OPT_DURATION),
		      .preset = "soon", .help = "h" },
		    "preset of \"a\": \"a\" wants a duration such as 500ms, "
		    "5s, 10m or 2h, not \"soon\"" },
		{ { OPT_FIELD(struct probe, headers, "a", OPT_PAIRS),
		      .preset = "x", .help = "h" },
		    "row \"a\": a preset that can't be" },
		{ { .name = "a", .kind = OPT_GROUP, .help = "h" },
		    "row \"a\": group" },
	};
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		const struct opt_table one = { .rows = &bad[i].row,
			.count = 1 };

		ok(!opt_table_check(&one, &err), "refused");
		is_str(err.msg, bad[i].told, bad[i].told);
	}
	const struct opt twice[] = { rows[0], rows[0] };
	const struct opt_table two = OPT_TABLE(twice);

	ok(!opt_table_check(&two, &err), "refused");
	is_str(err.msg, "row \"url\" is there twice", "twice");
}

static void
test_torture(void)
{
	static const char text[] =
	    "url: ${URL}\npassword: {cmd: [a]}\nqueues: [a]\n"
	    "headers: {a: b}\n";
	size_t n, allocations;
	enum err_code code;

	mem_fail_at(0, false);
	bind_text(text);
	allocations = mem_fail_at(0, false);
	for (n = 3; n <= allocations; n++) {
		mem_fail_at(n, true);
		code = bind_text(text);
		mem_fail_at(0, false);
		ok(code == ERR_NOMEM, "allocation %zu of %zu fails", n,
		    allocations);
	}
}

int
main(void)
{
	RUN(test_bind);
	RUN(test_presets);
	RUN(test_secrets);
	RUN(test_wrong);
	RUN(test_describe);
	RUN(test_table_check);
	RUN(test_torture);
	arena = arena_free(arena);
	return tap_done();
}
