#include "model/platform.h"

#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "tests/problems.h"
#include "tests/tap.h"

/* One type of source, without keys of its own. */
static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) { .name = "store", .help = "a store" };
	return index == 0;
}

static const struct platform_types types = { .at = types_at };
static struct platform *platform;

/* What every file here begins with: three lines. */
static const char head[] = "platform: p\n"
			   "sources: {api: {type: store}, redis: {type: "
			   "store}, ready: {type: store}}\n"
			   "signals: {p95: {value: m}, redis: {value: m}}\n";

static enum err_code
load(const char *text)
{
	char whole[65536];

	platform = platform_free(platform);
	conf_errors_clear(&errors);
	snprintf(whole, sizeof(whole), "%s%s", head, text);
	return platform_parse("p.yaml", whole, strlen(whole), NULL, &types,
	    NULL, &errors, &platform);
}

static const struct depend_node *
find(const char *name)
{
	for (size_t i = 0; i < platform->node_count; i++) {
		if (strcmp(platform->nodes[i].name, name) == 0)
			return &platform->nodes[i];
	}
	return NULL;
}

static void
test_none(void)
{
	is_int(load(""), ERR_OK, "without any");
	is_int((int64_t)platform->node_count, 0, "no nodes");
	is_int(load("services:\ndependencies:\n"), ERR_OK, "all commented out");
	is_int((int64_t)platform->node_count, 0, "no nodes either");
	is_int(load("dependencies: {}\n"), ERR_OK, "an empty map");
}

static void
test_graph(void)
{
	const struct depend_node *node;

	is_int(load("services:\n"
		    "  jobs: {title: Workers, health: [ready/queues, p95, "
		    "signal:redis, redis]}\n"
		    "  redis: {health: redis}\n"
		    "dependencies:\n"
		    "  api: [redis, ready/database, signal:redis]\n"
		    "  jobs: [redis, brave, signal:p95, p95x/y]\n"
		    "  brave: p95\n"),
	    ERR_CONFIG, "p95x is no source");
	is_str(problems(), "p.yaml:9:36: no source is named \"p95x\"\n",
	    "which is told");
	is_int(load("services:\n"
		    "  jobs: {title: Workers, health: [ready/queues, p95, "
		    "signal:redis, redis]}\n"
		    "  redis: {health: redis}\n"
		    "dependencies:\n"
		    "  api: [redis, ready/database, signal:redis]\n"
		    "  jobs: [redis, brave]\n"
		    "  brave: signal:p95\n"
		    "  p95: /srv/logs\n"),
	    ERR_OK, "loads");
	is_str(problems(), "", "no problems");
	is_int((int64_t)platform->node_count, 8, "nodes");

	node = find("jobs");
	ok(node->service, "a service");
	is_str(node->title, "Workers", "its title");
	is_int(node->pos.line, 5, "its line");
	is_int((int64_t)node->look_count, 4, "looks");
	is_int(node->looks[0].kind, LOOK_ROW, "a health row");
	is_str(node->looks[0].source, "ready", "of a source");
	is_str(node->looks[0].name, "queues", "its target");
	is_int(node->looks[1].kind, LOOK_SIGNAL, "a bare signal");
	is_int(node->looks[2].kind, LOOK_SIGNAL, "a stated signal");
	is_str(node->looks[2].name, "redis", "its name");
	is_int(node->looks[3].kind, LOOK_SOURCE, "a source before a signal");
	is_int((int64_t)node->need_count, 2, "needs");
	ok(find("redis") == &platform->nodes[node->needs[0]],
	    "a service goes before a source");
	ok(find("redis")->service, "of the same name");
	is_str(find("redis")->title, "redis", "the name is the title");

	node = find("api");
	ok(!node->service, "a source");
	is_int(node->looks[0].kind, LOOK_SOURCE, "looks at itself");
	is_int((int64_t)node->need_count, 3, "needs");
	node = find("brave");
	is_int(node->looks[0].kind, LOOK_ROW, "an unknown name is a row");
	ok(node->looks[0].source == NULL, "of whichever has it");
	is_int((int64_t)node->need_count, 1, "a text is a list of one");
	ok(find("p95") == NULL, "p95 and signal:p95 are the same");
	node = &platform->nodes[node->needs[0]];
	is_str(node->name, "signal:p95", "called as it was first");
	is_int((int64_t)node->need_count, 1, "with what was said of the other");
	is_str(platform->nodes[node->needs[0]].name, "/srv/logs",
	    "a name that begins with a slash has no source");
}

static const struct {
	const char *yaml;
	const char *told;
} wrong[] = {
	{ "dependencies: [api]\n",
	    "p.yaml:4:15: \"dependencies\" wants a map of names, not a list\n"
	    "\tsuch as {api: [db, redis]}\n" },
	{ "dependencies: {api: {redis: 1}, redis: [[api]], ready: }\n",
	    "p.yaml:4:16: \"api\" wants a list of what it needs, not a map\n"
	    "\tsuch as [db, redis]\n"
	    "p.yaml:4:41: a name is wanted here, not a list\n"
	    "p.yaml:4:49: \"ready\" wants a list of what it needs, not "
	    "nothing\n"
	    "\tsuch as [db, redis]\n" },
	{ "dependencies: {api: [reddis], aip: [redis]}\n",
	    "p.yaml:4:22: no service, source or signal is named \"reddis\"\n"
	    "\tdid you mean \"redis\"? A health row is written "
	    "SOURCE/reddis\n"
	    "p.yaml:4:31: no service, source or signal is named \"aip\"\n"
	    "\tdid you mean \"api\"? A health row is written SOURCE/aip\n" },
	{ "dependencies: {api: [reddy/queues, signal:p96, 'a,b', '']}\n",
	    "p.yaml:4:22: no source is named \"reddy\"\n"
	    "\tdid you mean \"ready\"?\n"
	    "p.yaml:4:36: no signal is named \"p96\"\n"
	    "\tdid you mean \"p95\"?\n"
	    "p.yaml:4:48: a comma can't be part of a name: \"a,b\"\n"
	    "\ta service, a source, a signal, or SOURCE/TARGET\n"
	    "p.yaml:4:55: a name is wanted here\n"
	    "\ta service, a source, a signal, or SOURCE/TARGET\n" },
	{ "dependencies: {api: [redis, p95, redis]}\n",
	    "p.yaml:4:34: \"redis\" is in this list already\n" },
	{ "dependencies: {p95: [redis], signal:p95: [ready]}\n",
	    "p.yaml:4:30: what \"p95\" needs is stated twice\n" },
	{ "dependencies: {api: [api]}\n",
	    "p.yaml:4:16: \"api\" needs itself: api > api\n"
	    "\tleave out the one that it can do without for a while\n" },
	{ "dependencies:\n  api: [ready]\n  ready: [redis, p95]\n"
	  "  redis: [ready]\n  p95: [api]\n",
	    "p.yaml:5:3: \"api\" needs itself: api > ready > p95 > api\n"
	    "\tleave out the one that it can do without for a while\n"
	    "p.yaml:5:9: \"ready\" needs itself: ready > redis > ready\n"
	    "\tleave out the one that it can do without for a while\n" },
	{ "services: [jobs]\n",
	    "p.yaml:4:11: \"services\" wants a map of names, not a list\n" },
	{ "services: {jobs: {healt: x}, 'a b': {health: p95}, c: {health: "
	  "[]}, d: }\n",
	    "p.yaml:4:12: \"jobs\" lacks \"health\"\n"
	    "\thealth: what has to be well for it to be well: sources, signals "
	    "(signal:NAME) and health rows (SOURCE/TARGET)\n"
	    "p.yaml:4:19: unknown key \"healt\"\n"
	    "\tdid you mean \"health\"?\n"
	    "p.yaml:4:30: not a name for a service: \"a b\"\n"
	    "\tletters, digits, \"_\", \"-\" and \".\", starting with a letter "
	    "or digit\n"
	    "p.yaml:4:64: \"health\"'s length is 0, the least is 1\n"
	    "p.yaml:4:69: \"d\" lacks \"health\"\n"
	    "\thealth: what has to be well for it to be well: sources, signals "
	    "(signal:NAME) and health rows (SOURCE/TARGET)\n" },
	{ "services:\n  jobs:\n    health:\n",
	    "p.yaml:5:3: \"jobs\" lacks \"health\"\n"
	    "\thealth: what has to be well for it to be well: sources, signals "
	    "(signal:NAME) and health rows (SOURCE/TARGET)\n" },
	{ "services: {jobs: {health: [jobs2, p96]}, jobs2: {health: p95}}\n"
	  "dependencies: {jobs: [redis], jobs3: [redis]}\n",
	    "p.yaml:4:35: no service, source or signal is named \"p96\"\n"
	    "\tdid you mean \"p95\"? A health row is written SOURCE/p96\n"
	    "p.yaml:5:31: no service, source or signal is named \"jobs3\"\n"
	    "\tdid you mean \"jobs\"? A health row is written "
	    "SOURCE/jobs3\n" },
};

static void
test_wrong(void)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		is_int(load(wrong[i].yaml), ERR_CONFIG, "refused");
		is_str(problems(), wrong[i].told, wrong[i].yaml);
		ok(platform == NULL, "nothing half-made");
	}
}

/* "n0: [n1]\n" and so on: a chain of so many levels. */
static const char *
chain(int levels)
{
	static char text[16384];
	size_t len = (size_t)snprintf(text, sizeof(text), "dependencies:\n");

	for (int i = 0; i + 1 < levels; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "  row-%04d: row-%04d\n", i, i + 1);
	return text;
}

/* One that needs so many. */
static const char *
fan(int needs)
{
	static char text[16384];
	size_t len =
	    (size_t)snprintf(text, sizeof(text), "dependencies:\n  api: [");

	for (int i = 0; i < needs; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%srow-%04d", i > 0 ? ", " : "", i);
	snprintf(text + len, sizeof(text) - len, "]\n");
	return text;
}

static void
test_maxima(void)
{
	static const char layers[] =
	    "dependencies:\n"
	    "  api: [ready, redis]\n  ready: [p95, signal:redis]\n"
	    "  redis: [p95, signal:redis]\n  p95: [x]\n  signal:redis: [x]\n";
	char name[256], text[512];

	is_int(load(chain(DEPEND_DEPTH_MAX)), ERR_OK, "as deep as it may be");
	is_int(load(chain(DEPEND_DEPTH_MAX + 1)), ERR_CONFIG, "deeper");
	is_str(problems(),
	    "p.yaml:5:3: below \"row-0000\" are more than 16 levels\n",
	    "is told");
	is_int(load(fan(DEPEND_NODES_MAX - 1)), ERR_OK, "as many as may be");
	is_int(load(fan(DEPEND_NODES_MAX + 3)), ERR_CONFIG, "more");
	ok(strstr(problems(), "more than 128 services and dependencies\n") !=
		NULL,
	    "are told");
	is_int((int64_t)errors.errors, 1, "once");
	is_int(load(layers), ERR_OK, "ways that meet again are no cycle");
	memset(name, 'n', DEPEND_NAME_MAX);
	name[DEPEND_NAME_MAX] = '\0';
	snprintf(text, sizeof(text), "dependencies: {api: [%s]}\n", name);
	is_int(load(text), ERR_CONFIG, "a long name");
	ok(strstr(problems(), "the name is too long: \"nnn") != NULL,
	    "is told");
}

/* Every allocation fails once: an error, never half a platform. */
static void
test_memory(void)
{
	static const char text[] =
	    "services: {jobs: {health: [ready/queues, p95]}}\n"
	    "dependencies: {api: [redis, ready/database], jobs: redis}\n";
	size_t count;

	mem_fail_at(0, false);
	is_int(load(text), ERR_OK, "with memory");
	count = mem_fail_at(0, false);
	for (size_t n = 1; n <= count; n++) {
		enum err_code code;

		mem_fail_at(n, false);
		code = load(text);
		mem_fail_at(0, false);
		if (code == ERR_OK)
			continue;
		if (code != ERR_NOMEM || platform != NULL) {
			ok(false, "allocation %zu: code %d", n, (int)code);
			return;
		}
	}
	ok(true, "%zu allocations may fail", count);
}

int
main(void)
{
	RUN(test_none);
	RUN(test_graph);
	RUN(test_wrong);
	RUN(test_maxima);
	RUN(test_memory);
	platform_free(platform);
	return tap_done();
}
