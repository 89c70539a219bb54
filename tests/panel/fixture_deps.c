/* Who needs whom, as the watch thread tells it: model/deps.h. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "model/deps.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_NODES = 40
};

/* A node on a calm day; the other days change what differs. */
struct fixture_node {
	const char *name;
	const char *title;
	const char *kind;
	const char *source;
	const char *shown;
	const char *needs[6];
	double reach;
	double latency_s;
	const char *detail;
};

static const struct fixture_node nodes[] = {
	{ "api", "API", "service", "api", "",
	    { "ready/database", "redis", "perplexity", "aio", "brave" }, 1,
	    0.004, "3 checks ok" },
	{ "jobs", "Workers", "service", "queues", "",
	    { "queues", "ready/database", "perplexity", "brave" }, 0, NAN,
	    "2 checks ok" },
	{ "queues", "queues", "source", "queues", "", { "redis" }, 1, NAN,
	    "bullmq:5.81.5" },
	{ "ready/database", "ready/database", "row", "ready", "database", { 0 },
	    3, NAN, "connected" },
	{ "redis", "redis", "source", "redis", "", { 0 }, 4, 0.0003,
	    "redis 7.0.15" },
	{ "perplexity", "Perplexity allowance", "signal", "", "perplexity",
	    { 0 }, 3, NAN, "93 %" },
	{ "aio", "AIO allowance", "signal", "", "aio", { 0 }, 2, NAN, "97 %" },
	{ "brave", "Brave allowance", "signal", "", "brave", { 0 }, 3, NAN,
	    "88 %" },
	{ "web", "web", "source", "system", "", { "api" }, 0, 0.041,
	    "HTTP 200 in 41 ms" },
};

/* What one of them is like on another day. */
struct fixture_turn {
	const char *name;
	enum state state;
	int ago_s;
	double about_s;
	double order;
	const char *verdict;
	const char *because;
	const char *detail;
};

static const struct fixture_turn burning[] = {
	{ "api", STATE_CRIT, 51, 5, NAN, "because of perplexity", "perplexity",
	    "error_rate 7.3 % (> 5 %)" },
	{ "jobs", STATE_WARN, 40, 2, NAN, "because of queues and perplexity",
	    "queues, perplexity", "job_failures 11 % (> 5 %)" },
	{ "queues", STATE_CRIT, 48, 2, 2, "went bad before redis", "queues",
	    "runPrompt no workers: nothing consumes this queue; 1,204 waiting, "
	    "2 active, 38 failed" },
	{ "redis", STATE_CRIT, 20, 2, 3, "needs nothing else", "redis",
	    "memory 3.9 GB of 4 GB (97.7 %), noeviction" },
	{ "perplexity", STATE_CRIT, 81, 5, 1, "went bad first", "perplexity",
	    "3 % (< 10 %)" },
	{ "web", STATE_OK, 0, NAN, NAN, "still well, needs perplexity",
	    "perplexity", "HTTP 200 in 41 ms" },
};

static const struct fixture_turn stale[] = {
	{ "api", STATE_WARN, 100, 5, NAN, "because of redis", "redis",
	    "p95 1.4 s (> 1 s)" },
	{ "jobs", STATE_UNKNOWN, 12, NAN, NAN, "", "",
	    "job_failures source metrics gives no fresh answer" },
	{ "queues", STATE_OK, 0, NAN, NAN, "still well, needs redis", "redis",
	    "bullmq:5.81.5" },
	{ "ready/database", STATE_UNKNOWN, 12, NAN, NAN, "", "",
	    "source ready: DOWN" },
	{ "redis", STATE_CRIT, 130, 2, 1, "went bad first", "redis",
	    "connect to 127.0.0.1:6379: refused" },
	{ "perplexity", STATE_UNKNOWN, 40, NAN, NAN, "", "",
	    "source metrics gives no fresh answer" },
	{ "aio", STATE_UNKNOWN, 40, NAN, NAN, "", "",
	    "source metrics gives no fresh answer" },
	{ "brave", STATE_UNKNOWN, 40, NAN, NAN, "", "",
	    "source metrics gives no fresh answer" },
};

static const struct fixture_turn first_turn = { "", STATE_UNKNOWN, 1, NAN, NAN,
	"", "", "first answer pending" };

/* How it is with a node today; NULL: as on a calm day. */
static const struct fixture_turn *
turn_of(const struct maker *m, const struct fixture_node *node)
{
	const struct fixture_turn *turns = burns(m) ? burning : stale;
	size_t count = burns(m) ? ARRAY_LEN(burning) : ARRAY_LEN(stale);

	if (m->kind == FIXTURE_FIRST)
		return &first_turn;
	if (!burns(m) && m->kind != FIXTURE_STALE)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(turns[i].name, node->name) == 0)
			return &turns[i];
	}
	return NULL;
}

/* The configuration lets no comma into a name: lists are made of names. */
static struct text
node_name(const struct maker *m, const char *ours)
{
	if (m->kind != FIXTURE_HOSTILE || ours[0] == '\0')
		return text_clean_str(build_arena(m->build), ours);
	return text_fmt(build_arena(m->build),
	    "%s\x1b[31mred\xe3\x83\x87\xe3\x83\xbc\xe3\x82\xbf evil "
	    "e\xcc\x81\xcc\x81 \xf0\x9f\x94\xa5 far beyond the width of any "
	    "column",
	    ours);
}

/* Names apart by ", ", each as node_name() has it. */
static struct text
names(const struct maker *m, const char *const *list, size_t count)
{
	struct text parts[16];
	size_t n = 0;

	for (size_t i = 0; i < count && list[i] != NULL; i++) {
		if (n > 0)
			parts[n++] = TEXT(", ");
		parts[n++] = node_name(m, list[i]);
	}
	return text_join(build_arena(m->build), parts, n);
}

static struct text
because(const struct maker *m, const char *text)
{
	static const char *const both[] = { "queues", "perplexity" };

	if (strcmp(text, "queues, perplexity") == 0)
		return names(m, both, 2);
	return text[0] != '\0' ? names(m, &text, 1) : TEXT_EMPTY;
}

static void
add_node(struct maker *m, const struct fixture_node *node)
{
	const struct fixture_turn *turn = turn_of(m, node);
	enum state state = turn != NULL ? turn->state : STATE_OK;
	struct arena *arena = build_arena(m->build);
	struct text key = node_name(m, node->name);

	build_row(m->build, key, state);
	build_cell_text(m->build, DEPS_node, key);
	build_cell_state(
	    m->build, DEPS_state, state, text_lit(state_name(state)));
	build_cell_num(m->build, DEPS_latency_s, num(m, node->latency_s));
	build_cell_text(m->build, DEPS_needs,
	    names(m, node->needs, ARRAY_LEN(node->needs)));
	build_cell_num(m->build, DEPS_reach, num(m, node->reach));
	build_cell_text(m->build, DEPS_title, name(m, node->title));
	build_cell_text(m->build, DEPS_kind, text_lit(node->kind));
	build_cell_text(m->build, DEPS_source, text_lit(node->source));
	build_cell_text(m->build, DEPS_shown, text_lit(node->shown));
	build_cell_text(m->build, DEPS_platform, TEXT("ai-visibility"));
	build_cell_text(m->build, DEPS_detail,
	    name(m, turn != NULL ? turn->detail : node->detail));
	if (turn == NULL)
		return;
	if (turn->ago_s > 0)
		build_cell_num(m->build, DEPS_since,
		    num(m, (double)FIXTURE_WALL_MS - turn->ago_s * 1000.0));
	build_cell_num(m->build, DEPS_about_s, num(m, turn->about_s));
	build_cell_num(m->build, DEPS_order, num(m, turn->order));
	build_cell_text(
	    m->build, DEPS_verdict, text_clean_str(arena, turn->verdict));
	build_cell_text(m->build, DEPS_because, because(m, turn->because));
}

/* Three more levels of nodes, each needing some of the next level. */
static void
add_many(struct maker *m)
{
	struct arena *arena = build_arena(m->build);

	for (int i = 0; i < MANY_NODES; i++) {
		enum state state = i % 9 == 5	? STATE_CRIT
				   : i % 9 == 7 ? STATE_UNKNOWN
						: STATE_OK;
		struct text key = text_fmt(arena, "node-%02d", i);

		build_row(m->build, key, state);
		build_cell_text(m->build, DEPS_node, key);
		build_cell_state(
		    m->build, DEPS_state, state, text_lit(state_name(state)));
		if (i < 30)
			build_cell_text(m->build, DEPS_needs,
			    text_fmt(arena, "node-%02d, node-%02d", i + 10,
				i / 10 * 10 + 10 + (i * 7 + 3) % 10));
		build_cell_num(m->build, DEPS_reach, i / 10 * 7);
		build_cell_text(m->build, DEPS_kind, TEXT("source"));
		build_cell_text(m->build, DEPS_title, key);
		build_cell_text(m->build, DEPS_source, TEXT("redis"));
		build_cell_text(m->build, DEPS_platform, TEXT("ai-visibility"));
		if (state == STATE_CRIT) {
			build_cell_num(m->build, DEPS_since,
			    (double)FIXTURE_WALL_MS - 100000.0 - i * 1000);
			build_cell_text(m->build, DEPS_verdict,
			    TEXT("its own needs are fine"));
			build_cell_text(m->build, DEPS_because, key);
			build_cell_num(m->build, DEPS_order, i < 9 ? 1 : 2);
			build_cell_num(m->build, DEPS_about_s, 5);
		}
	}
}

void
make_dependencies(struct maker *m)
{
	build_table(m->build, TEXT("dependencies"), deps_columns,
	    ARRAY_LEN(deps_columns));
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
		add_node(m, &nodes[i]);
	if (m->kind == FIXTURE_MANY)
		add_many(m);
}
