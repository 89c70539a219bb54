#include "model/platform.h"

#include <string.h>

#include "base/clock.h"
#include "model/limits.h"
#include "tests/problems.h"
#include "tests/tap.h"

/* Two source types stand in for the real ones, which this layer can't see. */
struct web_conf {
	const char *url;
	const char *cache;
};

static const struct opt web_rows[] = {
	{
	    OPT_FIELD(struct web_conf, url, "url", OPT_URL),
	    .required = true,
	    .help = "what to ask for",
	},
	{
	    OPT_FIELD(struct web_conf, cache, "cache", OPT_REF),
	    .refers = "store",
	    .help = "cache in front of it",
	},
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	static const struct platform_type types[] = {
		{
		    .name = "web",
		    .help = "a page",
		    .every_ns = 2 * NS_PER_SEC,
		    .timeout_ns = NS_PER_SEC,
		    .opts = OPT_TABLE(web_rows),
		    .config_size = sizeof(struct web_conf),
		    .ops = "web ops",
		},
		{ .name = "store", .help = "a cache" },
	};

	(void)ctx;
	if (index >= ARRAY_LEN(types))
		return false;
	*ret = types[index];
	return true;
}

/* Refuses one host, as a source's own check would. */
static void
types_check(const void *ctx, const struct platform *platform,
    const struct platform_source *source, struct conf_errors *list)
{
	const struct web_conf *conf = source->config;

	(void)ctx;
	(void)platform;
	if (strcmp(source->type, "web") == 0 &&
	    strcmp(conf->url, "http://refused") == 0)
		conf_errors_add(list, conf_get(source->node, "url")->pos, NULL,
		    "not this host");
}

static const struct platform_types types = {
	.at = types_at,
	.check = types_check,
};

static const char *
variable(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "SEVTOP_ENV") == 0 ? "staging" : NULL;
}

static const struct conf_env vars = { .get = variable };
static struct platform *platform;

static enum err_code
load(const char *text, const char *env)
{
	platform = platform_free(platform);
	conf_errors_clear(&errors);
	return platform_parse("p.yaml", text, strlen(text), env, &types, &vars,
	    &errors, &platform);
}

static const char whole[] =
    "platform: shop\n"
    "title: The shop\n"
    "env: ${SEVTOP_ENV:-prod}\n"
    "runbook: shop.md\n"
    "sources:\n"
    "  front: {type: web, url: 'http://h', every: 1m, cache: redis}\n"
    "  redis: {type: store, title: Cache, timeout: 1500ms, enabled: false}\n"
    "signals:\n"
    "  error_rate:\n"
    "    ratio: {of: 'http_requests_total{status=~\"5..\"}',\n"
    "      to: http_requests_total}\n"
    "    window: 5m\n"
    "    warn: '> 1%'\n"
    "    crit: '> 5%'\n"
    "    for: 5m\n"
    "    recover: '< 0.5%'\n"
    "    recover_for: 2m\n"
    "  p95: {quantile: {q: 0.95, of: http_seconds}, crit: '> 2s',\n"
    "    title: Slow, source: front}\n"
    "  failed: {growth: jobs_failed, agg: max, crit: '>= 10'}\n"
    "  memory: {share: {of: used, to: max}, warn: '> 80%'}\n"
    "  heap: {value: heap, unit: bytes}\n"
    "  calls: {rate: calls_total, warn: '> 180/m'}\n"
    "keys: {R: refresh, g d: 'panel database'}\n"
    "logs: {failures: 'level>=error', auth: auth}\n";

static void
test_whole(void)
{
	const struct platform_source *source;
	const struct web_conf *web;

	is_int(load(whole, NULL), ERR_OK, "loads");
	is_str(problems(), "", "no problems");
	is_str(platform->file, "p.yaml", "file");
	is_str(platform->name, "shop", "name");
	is_str(platform->title, "The shop", "title");
	is_str(platform->env, "staging", "environment");
	ok(!platform->prod, "staging is harmless");
	is_str(platform->runbook, "shop.md", "runbook");
	is_int((int64_t)platform->source_count, 2, "sources");
	source = platform_source_find(platform, "front");
	is_str(source->type, "web", "type");
	is_str(source->title, "front", "the name is the title");
	is_str(source->ops, "web ops", "the type's own pointer");
	is_int(source->every_ns, 60 * NS_PER_SEC, "interval as stated");
	is_int(source->timeout_ns, NS_PER_SEC, "deadline of the type");
	ok(source->enabled, "enabled");
	web = source->config;
	is_str(web->url, "http://h", "own key");
	is_str(web->cache, "redis", "reference");
	source = platform_source_find(platform, "redis");
	is_str(source->title, "Cache", "title");
	is_int(source->every_ns, PLATFORM_EVERY_S * NS_PER_SEC, "default");
	is_int(source->timeout_ns, 1500 * NS_PER_MS, "deadline as stated");
	ok(!source->enabled, "not enabled");
	ok(platform_source_find(platform, "x") == NULL, "no such source");
	is_int((int64_t)platform->key_count, 2, "keys");
	is_str(platform->keys[1].key, "g d", "a key");
	is_str(platform->keys[1].command, "panel database", "its command");
	is_int(platform->keys[1].pos.line, 24, "its line");
	is_int((int64_t)platform->search_count, 2, "searches");
	is_str(platform->searches[0].name, "failures", "a search");
	is_str(platform->searches[0].expr, "level>=error", "its words");
}

static void
test_when_set(void)
{
	is_int(
	    load("platform: p\nsources:\n"
		 "  a: {type: store, when_set: SEVTOP_ENV}\n"
		 "  b: {type: store, when_set: [SEVTOP_ENV, NOT_SET]}\n"
		 "  c: {type: store, when_set: SEVTOP_ENV, enabled: false}\n",
		NULL),
	    ERR_OK, "loads");
	ok(platform->sources[0].enabled, "what it waits for is set");
	is_str(platform->sources[0].off, NULL, "so nothing keeps it off");
	ok(!platform->sources[1].enabled, "one of two is not enough");
	is_str(
	    platform->sources[1].off, "NOT_SET is not set", "and it says why");
	ok(!platform->sources[2].enabled, "enabled: false stays so");
}

static void
test_signals(void)
{
	const struct signal_def *s;

	is_int(load(whole, NULL), ERR_OK, "loads");
	is_int((int64_t)platform->signal_count, 6, "signals");
	s = platform_signal_find(platform, "error_rate");
	is_int(s->kind, SIGNAL_RATIO, "ratio");
	is_str(s->of.text, "http_requests_total{status=~\"5..\"}", "of");
	is_int(s->of.pos.line, 10, "line of its selector");
	is_int(s->of.pos.column, 17, "column of its selector");
	is_str(s->to.text, "http_requests_total", "to");
	is_int(s->to.pos.line, 11, "line of the other");
	is_int(s->window_ns, 300 * NS_PER_SEC, "window");
	is_int(s->for_ns, 300 * NS_PER_SEC, "for");
	is_int(s->recover_for_ns, 120 * NS_PER_SEC, "recover_for");
	is_int(s->unit, NUM_PERCENT, "percent");
	ok(s->crit.set && s->crit.compare == COMPARE_GT, "crit");
	is_near(s->crit.value, 0.05, 0, "5 % is 0.05");
	is_near(s->recover.value, 0.005, 0, "recover");
	s = platform_signal_find(platform, "p95");
	is_int(s->kind, SIGNAL_QUANTILE, "quantile");
	is_near(s->q, 0.95, 0, "q");
	is_str(s->of.text, "http_seconds", "of");
	is_str(s->source, "front", "of one source");
	is_str(s->title, "Slow", "title");
	is_int(s->unit, NUM_SECONDS, "seconds, from the threshold");
	ok(!s->warn.set, "no warning");
	s = platform_signal_find(platform, "failed");
	is_int(s->kind, SIGNAL_GROWTH, "growth");
	is_int(s->agg, SIGNAL_MAX, "max");
	is_int(s->crit.compare, COMPARE_GE, "at least");
	is_str(s->title, "failed", "the name is the title");
	s = platform_signal_find(platform, "memory");
	is_int(s->kind, SIGNAL_SHARE, "share");
	is_int(s->window_ns, 0, "has no window");
	is_str(s->to.text, "max", "to");
	s = platform_signal_find(platform, "heap");
	is_int(s->unit, NUM_BYTES, "unit as stated");
	s = platform_signal_find(platform, "calls");
	is_int(s->unit, NUM_PER_SECOND, "per second");
	is_near(s->warn.value, 3, 1e-12, "180 a minute are 3 a second");
	ok(platform_signal_find(platform, "x") == NULL, "no such signal");
}

static void
test_env(void)
{
	static const char text[] = "platform: p\nsources: {a: {type: store}}\n";

	is_int(load(text, NULL), ERR_OK, "without an environment");
	is_str(platform->env, "unknown", "is unknown");
	ok(platform->prod, "and therefore prod");
	is_int(load(whole, "prod"), ERR_OK, "the flag wins");
	is_str(platform->env, "prod", "over the file");
	ok(platform->prod, "prod");
	is_int(load(whole, "a b"), ERR_CONFIG, "a name that can't be");
	ok(strstr(problems(),
	       "--env: not a name for an environment: \"a b\"") != NULL,
	    "is told");
	ok(platform_env_is_prod("canary-7"), "what nobody knows is prod");
	ok(platform_env_is_prod("Staging"), "so is another spelling");
	ok(platform_env_is_prod(NULL), "so is none");
	ok(!platform_env_is_prod("drill"), "a drill is not");
}

static const struct {
	const char *yaml;
	const char *told;
} wrong[] = {
	{ "platform: p\n",
	    "p.yaml:1:1: \"sources\" is missing\n"
	    "\tsources: what is polled: a map of names, each with a type\n" },
	{ "platform: p\nsources: {}\n",
	    "p.yaml:2:10: no sources: there is nothing to watch\n" },
	{ "platform: p\nsources:\n",
	    "p.yaml:2:9: no sources: there is nothing to watch\n" },
	{ "platform: p\nsources: [a]\n",
	    "p.yaml:2:10: \"sources\" wants a map of names, not a list\n" },
	{ "platform: ../p\nsources: {a b: {type: store}}\n",
	    "p.yaml:1:11: not a name for a platform: \"../p\"\n"
	    "\tletters, digits, \"_\", \"-\" and \".\", starting with a letter "
	    "or digit\n"
	    "p.yaml:2:11: not a name for a source: \"a b\"\n"
	    "\tletters, digits, \"_\", \"-\" and \".\", starting with a letter "
	    "or digit\n" },
	{ "platform: p\nsource: {}\nsources: {a: {type: stroe}}\n",
	    "p.yaml:2:1: unknown key \"source\"\n"
	    "\tdid you mean \"sources\"?\n"
	    "p.yaml:3:21: unknown source type \"stroe\"\n"
	    "\tdid you mean \"store\"?\n" },
	{ "platform: p\nsources: {a: {type: graphite}}\n",
	    "p.yaml:2:21: unknown source type \"graphite\"\n"
	    "\tknown: web, store\n" },
	{ "platform: p\nsources: {a: {url: x}, b: 5, c: {type: [x]}}\n",
	    "p.yaml:2:11: \"a\" lacks \"type\"\n"
	    "\ttype: what kind of source it is, such as http\n"
	    "p.yaml:2:24: \"b\" wants a map with at least a type, not text\n"
	    "p.yaml:2:40: \"type\" wants the name of the source type, not a "
	    "list\n" },
	{ "platform: p\nsources:\n  a: {type: web, ulr: 'http://h', evry: 1}\n",
	    "p.yaml:3:3: \"a\" lacks \"url\"\n"
	    "\turl: what to ask for\n"
	    "p.yaml:3:18: unknown key \"ulr\"\n"
	    "\tdid you mean \"url\"?\n"
	    "p.yaml:3:35: unknown key \"evry\"\n"
	    "\tdid you mean \"every\"?\n" },
	{ "platform: p\nsources:\n"
	  "  a: {type: web, url: 'http://h', cache: reddis}\n"
	  "  redis: {type: store}\n",
	    "p.yaml:3:42: no source is named \"reddis\"\n"
	    "\tdid you mean \"redis\"?\n" },
	{ "platform: p\nsources:\n"
	  "  a: {type: web, url: 'http://h', cache: b}\n"
	  "  b: {type: web, url: 'http://h'}\n",
	    "p.yaml:3:42: \"b\" is a source of type web; store is wanted "
	    "here\n" },
	{ "platform: p\nsources:\n"
	  "  a: {type: web, url: 'http://h', cache: b, evry: 1s}\n"
	  "  b: {type: store, ttl: 5}\n"
	  "  c: {type: web, url: 'http://h', cache: b}\n"
	  "  d: {type: web, url: 'http://h', cache: e}\n",
	    "p.yaml:3:45: unknown key \"evry\"\n"
	    "\tdid you mean \"every\"?\n"
	    "p.yaml:4:20: unknown key \"ttl\"\n"
	    "\tknown here: type, title, every, timeout, enabled, when_set, "
	    "optional\n"
	    "p.yaml:6:42: no source is named \"e\"\n"
	    "\tdid you mean \"a\"?\n" },
	{ "platform: p\nsources: {a: {type: web, url: 'http://refused'}}\n",
	    "p.yaml:2:31: not this host\n" },
	{ "platform: p\nsources: {a: {type: store}}\nsignals:\n"
	  "  s1: {warn: '> 1'}\n"
	  "  s2: {value: a, rate: b}\n"
	  "  s3: {value: a, warn: 'more than 5'}\n"
	  "  s4: {value: a, warn: '> 5s', crit: '> 1MiB'}\n"
	  "  s5: {value: a, warn: '> 5', crit: '> 1'}\n"
	  "  s6: {value: a, recover: '< 1'}\n"
	  "  s7: {quantile: {of: a}, crit: '> 1'}\n"
	  "  s8: {quantile: {q: 95, of: a}}\n"
	  "  s9: {rate: a, window: 1h}\n"
	  "  s10: {ratio: {of: a, to: b}, agg: mean}\n"
	  "  s11: {value: a, unit: second}\n",
	    "p.yaml:4:3: \"s1\" says nothing to look at\n"
	    "\tone of: value, rate, growth, ratio, share, quantile\n"
	    "p.yaml:5:3: \"s2\" looks at more than one thing\n"
	    "\tone of: value, rate, growth, ratio, share, quantile\n"
	    "p.yaml:6:24: \"warn\" wants a comparison, not \"more than 5\"\n"
	    "\tsuch as \"> 5%\", \">= 2s\", \"> 64MiB\", \"< 1\", \"== 0\"\n"
	    "p.yaml:7:24: \"warn\" is in seconds, but \"s4\" is in bytes\n"
	    "p.yaml:8:37: \"crit\" of \"s5\" is reached before \"warn\"\n"
	    "\tswap the two\n"
	    "p.yaml:9:27: \"recover\" of \"s6\" without warn or crit\n"
	    "p.yaml:10:8: \"quantile\" lacks \"q\"\n"
	    "\tq: which quantile, such as 0.95\n"
	    "p.yaml:11:22: \"q\" is 95, it goes from 0 to 1\n"
	    "p.yaml:12:25: \"window\" is 1h, the most is 15m\n"
	    "p.yaml:13:37: \"agg\" can't be \"mean\"\n"
	    "\tone of: sum, max, min, avg\n"
	    "p.yaml:14:25: \"unit\" can't be \"second\"\n"
	    "\tdid you mean \"seconds\"?\n" },
	{ "platform: p\nsources: {a: {type: store}}\n"
	  "signals: {s: {value: m, source: b}}\n",
	    "p.yaml:3:11: no source is named \"b\"\n"
	    "\tdid you mean \"a\"?\n" },
	{ "platform: p\nsources: {a: {type: store}}\nsignals: [s]\n"
	  "keys: [R]\nlogs: {a: level>=}\n",
	    "p.yaml:3:10: \"signals\" wants a map of names, not a list\n"
	    "p.yaml:4:7: \"keys\" wants a map of names to texts, not a list\n"
	    "p.yaml:5:11: search \"a\": column 8: a value belongs here\n" },
	{ "just text\n",
	    "p.yaml:1:1: a map of keys and values is wanted here, not "
	    "text\n" },
	{ "", "p.yaml:1:1: \"platform\" is missing\n"
	      "\tplatform: name of the platform\n"
	      "p.yaml:1:1: \"sources\" is missing\n"
	      "\tsources: what is polled: a map of names, each with a type\n" },
};

static void
test_wrong(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		is_int(load(wrong[i].yaml, NULL), ERR_CONFIG, "refused");
		is_str(problems(), wrong[i].told, wrong[i].yaml);
		ok(platform == NULL, "nothing half-made");
	}
	is_int(load("platform: p\nsources: {a: {type: store}}\n"
		    "signals: {s: {ratio: {of: a, to: b}, crit: '> 5'}}\n",
		   NULL),
	    ERR_OK, "a share above 1");
	is_str(problems(),
	    "p.yaml:3:44: warning: a ratio of \"s\" is seldom above 1\n"
	    "\twrite \"> 5%\" if you mean percent\n",
	    "is warned about");
}

static void
test_threshold(void)
{
	static const struct {
		const char *text;
		enum compare compare;
		double value;
		enum num_unit unit;
	} good[] = {
		{ "> 5%", COMPARE_GT, 0.05, NUM_PERCENT },
		{ ">=2s", COMPARE_GE, 2, NUM_SECONDS },
		{ "  <   250ms", COMPARE_LT, 0.25, NUM_SECONDS },
		{ "<= 1m30s", COMPARE_LE, 90, NUM_SECONDS },
		{ "== 0", COMPARE_EQ, 0, NUM_NONE },
		{ "> 64MiB", COMPARE_GT, 67108864, NUM_BYTES },
		{ "> 1.5 GB", COMPARE_GT, 1.5e9, NUM_BYTES },
		{ "> 10 MB/s", COMPARE_GT, 1e7, NUM_BYTES_PER_SECOND },
		{ "> 0.5/s", COMPARE_GT, 0.5, NUM_PER_SECOND },
		{ "> 120/min", COMPARE_GT, 2, NUM_PER_SECOND },
		{ "> $100", COMPARE_GT, 100, NUM_DOLLARS },
		{ "< -3", COMPARE_LT, -3, NUM_NONE },
		{ "> 12.5 %", COMPARE_GT, 0.125, NUM_PERCENT },
	};
	static const char *const bad[] = { "", ">", "5", "> 5 apples", "> $5%",
		"!= 3", "=> 5", "> nan", "> 0x10", "> 5%%", "> 1,000", ">> 5",
		"> -5s", "> $" };
	struct threshold t;
	enum num_unit unit;
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		memset(&t, 0, sizeof(t));
		unit = NUM_COUNT;
		ok(signal_threshold_parse(good[i].text, &t, &unit), "%s reads",
		    good[i].text);
		ok(t.set && t.compare == good[i].compare, "comparison");
		is_near(t.value, good[i].value, 0, good[i].text);
		is_int(unit, good[i].unit, "unit");
	}
	for (i = 0; i < ARRAY_LEN(bad); i++)
		ok(!signal_threshold_parse(bad[i], &t, &unit), "no: %s",
		    bad[i]);
}

static void
test_hit(void)
{
	struct threshold t = { .set = true, .compare = COMPARE_GT, .value = 5 };
	static const enum compare compares[] = { COMPARE_GT, COMPARE_GE,
		COMPARE_LT, COMPARE_LE, COMPARE_EQ };
	/* below, at and above the value, per comparison */
	static const char hits[5][4] = { "001", "011", "100", "110", "010" };
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(compares); i++) {
		t.compare = compares[i];
		for (j = 0; j < 3; j++)
			is_int(signal_threshold_hit(&t, 4 + (double)j),
			    hits[i][j] == '1', signal_compare_text(t.compare));
		ok(!signal_threshold_hit(&t, NAN), "NaN is past nothing");
	}
	t.set = false;
	ok(!signal_threshold_hit(&t, 5), "unset is never past");
	is_str(signal_compare_text(COMPARE_GE), ">=", "text");
	is_str(signal_kind_name(SIGNAL_QUANTILE), "quantile", "name");
}

static void
test_tables(void)
{
	struct err err = ERR_INIT;

	ok(opt_table_check(&platform_opts, &err), "file: %s", err.msg);
	ok(opt_table_check(&platform_source_opts, &err), "source: %s", err.msg);
	ok(opt_table_check(&signal_def_opts, &err), "signal: %s", err.msg);
}

/* Every allocation fails once, and from there on: no leak, nothing half-made.
 */
static void
test_torture(void)
{
	size_t n, allocations;
	enum err_code code;
	int forever;

	mem_fail_at(0, false);
	load(whole, "drill");
	allocations = mem_fail_at(0, false);
	ok(allocations > 3, "%zu allocations", allocations);
	for (forever = 0; forever < 2; forever++) {
		for (n = 1; n <= allocations; n++) {
			platform = platform_free(platform);
			mem_fail_at(n, forever != 0);
			code = load(whole, "drill");
			mem_fail_at(0, false);
			ok(code == ERR_NOMEM && platform == NULL &&
				errors.errors > 0,
			    "allocation %zu of %zu fails: %d", n, allocations,
			    (int)code);
		}
	}
	is_int(load(whole, "drill"), ERR_OK, "loads again afterwards");
}

int
main(void)
{
	RUN(test_whole);
	RUN(test_when_set);
	RUN(test_signals);
	RUN(test_env);
	RUN(test_wrong);
	RUN(test_threshold);
	RUN(test_hit);
	RUN(test_tables);
	RUN(test_torture);
	platform = platform_free(platform);
	return tap_done();
}
