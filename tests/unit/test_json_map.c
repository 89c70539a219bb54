#include "datasrc/json_map.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/redact.h"
#include "model/build.h"
#include "tests/show.h"
#include "tests/tap.h"

#define NOW_MS INT64_C(1795356149000) /* 2026-11-22T14:02:29Z */

struct holder {
	struct json_map_conf map;
};

static const struct opt rows[] = {
	JSON_MAP_ROWS(struct holder, map),
};
static const struct opt_table table = OPT_TABLE(rows);

static struct conf_errors errors;
static struct arena *arena;
static struct redactor *redactor;
static struct holder holder;
static char shown[64 * 1024];

static struct json_map *
map_of(const char *yaml)
{
	const struct conf_node *root;
	struct json_map *map = NULL;
	struct err err = ERR_INIT;

	conf_errors_clear(&errors);
	holder = (struct holder) { .map.metrics = NULL };
	if (conf_parse("t.yaml", yaml, strlen(yaml), NULL, arena, &errors,
		&root) != ERR_OK ||
	    opt_bind(&table, root, &holder, arena, &errors) != ERR_OK)
		ok(false, "%s", errors.items[0].msg);
	json_map_check(&holder.map, &errors);
	if (errors.errors == 0 &&
	    json_map_new(&holder.map, redactor, &map, &err) != ERR_OK)
		ok(false, "%s", err.msg);
	return map;
}

/* All rows that a mapping makes of a document. */
static const char *
mapped(const char *yaml, const char *json)
{
	struct json_map *map = map_of(yaml);
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	struct build *build = build_new();
	struct payload *payload;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;

	if (map == NULL) {
		conf_errors_print(&errors, &out);
	} else if (json_parse(json, strlen(json), &root, &err) != ERR_OK) {
		buf_str(&out, err.msg);
	} else {
		json_map_fill(map, root, NOW_MS, build);
		root = json_free(root); /* nothing may be borrowed from it */
		map = json_map_free(map);
		payload = build_finish(build, &err);
		if (payload != NULL)
			show_payload(&out, payload);
		payload_unref(payload);
	}
	build_free(build);
	json_map_free(map);
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	buf_release(&out);
	return shown;
}

/* The system page of AI Visibility as its runbook prints it. */
static const char system_page[] =
    "{\"system\":{\"uptime\":3600,"
    "\"memory\":{\"used\":\"100MB\",\"total\":\"500MB\"},"
    "\"database\":{\"connections\":5,\"maxConnections\":20},"
    "\"queues\":{\"runPrompt\":{\"waiting\":3,\"active\":1,\"completed\":9},"
    "\"runBatch\":{\"waiting\":0,\"active\":0,\"completed\":2}},"
    "\"providers\":{\"perplexity\":{\"status\":\"healthy\","
    "\"rateLimit\":\"97/100\"},"
    "\"brave\":{\"status\":\"degraded\",\"rateLimit\":\"5/100\"}}}}";

static void
test_system_page(void)
{
	is_str(
	    mapped("metrics:\n"
		   "  system_memory_used: system.memory.used\n"
		   "  db_pool: {path: system.database.connections, unit: "
		   "count}\n"
		   "  api_queue_waiting: {path: system.queues.*.waiting, "
		   "labels: {queue: $1}}\n"
		   "  provider_left: {path: system.providers.*.rateLimit, "
		   "form: remaining/limit, labels: {provider: $1}}\n"
		   "  rate_limits: {path: system.rateLimits.left, optional: "
		   "true}\n"
		   "health:\n"
		   "  provider: {path: system.providers.*.status, ok: "
		   "healthy, warn: degraded, detail: rateLimit}\n"
		   "  pool: {path: system.database.connections, ok: '< 15', "
		   "warn: '< 18', unit: count}\n"
		   "tables:\n"
		   "  providers:\n"
		   "    rows: system.providers\n"
		   "    columns: {name: $1, state: {path: status, kind: "
		   "state}, used: {path: rateLimit, form: remaining/limit, "
		   "unit: percent}}\n"
		   "    state: {path: status, ok: healthy, warn: degraded}\n",
		system_page),
	    "health provider perplexity ok: healthy; 97/100\n"
	    "health provider brave warning: degraded, expected healthy; "
	    "5/100\n"
	    "health pool ok: 5\n"
	    "metric system_memory_used = 100000000 bytes gauge\n"
	    "metric db_pool = 5 count gauge\n"
	    "metric api_queue_waiting{queue=\"runPrompt\"} = 3 gauge\n"
	    "metric api_queue_waiting{queue=\"runBatch\"} = 0 gauge\n"
	    "metric provider_left{provider=\"perplexity\"} = 97 gauge\n"
	    "metric provider_left_limit{provider=\"perplexity\"} = 100 gauge\n"
	    "metric provider_left_used_ratio{provider=\"perplexity\"} = 0.03 "
	    "percent gauge\n"
	    "metric provider_left{provider=\"brave\"} = 5 gauge\n"
	    "metric provider_left_limit{provider=\"brave\"} = 100 gauge\n"
	    "metric provider_left_used_ratio{provider=\"brave\"} = 0.95 "
	    "percent gauge\n"
	    "table providers 2/2: name text, state state, used number "
	    "percent\n"
	    "  [perplexity] ok: perplexity | ok healthy | 0.03\n"
	    "  [brave] warning: brave | warning degraded | 0.95\n",
	    "the system page");
}

static void
test_problems(void)
{
	is_str(mapped("metrics:\n"
		      "  used: {path: system.memory.used, unit: seconds}\n"
		      "  gone: system.queuez.x\n"
		      "  deep: system.uptime.x\n"
		      "  limit: {path: 'system.queues.*.waiting', form: "
		      "used/limit, labels: {q: $1}}\n"
		      "  good: system.uptime\n"
		      "health:\n"
		      "  lost: {path: system.providers.*.state, ok: up}\n"
		      "  none: system.nothing\n"
		      "  maybe: {path: system.nothing, optional: true}\n",
		   system_page),
	    "health lost perplexity unknown: system.providers.perplexity."
	    "state: no such key; there are: status, rateLimit\n"
	    "health lost brave unknown: system.providers.brave.state: no such "
	    "key; there are: status, rateLimit\n"
	    "health none unknown: system.nothing: no such key; there are: "
	    "uptime, memory, database, queues, providers\n"
	    "health mapping warning: system.providers.perplexity.state: no "
	    "such key; there are: status, rateLimit (and 1 more of this "
	    "kind); 5 more problems\n"
	    "metric good = 3600 gauge\n"
	    "table mapping 6/6: problem text\n"
	    "  [1] warning: system.providers.perplexity.state: no such key; "
	    "there are: status, rateLimit (and 1 more of this kind)\n"
	    "  [2] warning: system.nothing: no such key; there are: uptime, "
	    "memory, database, queues, providers\n"
	    "  [3] warning: system.memory.used: text \"100MB\", a duration was "
	    "wanted\n"
	    "  [4] warning: system.queuez: no such key; there are: uptime, "
	    "memory, database, queues, providers\n"
	    "  [5] warning: system.uptime: number 3600, an object was wanted\n"
	    "  [6] warning: system.queues.runPrompt.waiting: number 3, a pair "
	    "such as 97/100 was wanted (and 1 more of this kind)\n",
	    "each says its path and what was there");
	is_str(mapped("metrics: {a: x}", "[1]"),
	    "health mapping warning: the document: a list, an object was "
	    "wanted\n",
	    "another document");
	is_str(mapped("tables: {t: {rows: l, key: id, columns: {a: n.a, b: "
		      "{path: b, unit: bytes}, c: {path: c, kind: time}}}}",
		   "{\"l\":[{\"id\":\"x\",\"b\":\"1k\",\"c\":\"now\"},"
		   "{\"id\":\"y\",\"n\":{\"a\":1},\"b\":\"many\"}]}"),
	    "health mapping warning: l[0].n: no such key; there are: id, b, c "
	    "(and 3 more of this kind)\n"
	    "table t 2/2: a number, b number bytes, c wall\n"
	    "  [x] ok: - | 1000 | -\n"
	    "  [y] ok: 1 | - | -\n",
	    "of a table");
}

/* `docker compose ps --format json`, shortened to what is looked at. */
static const char containers[] =
    "[{\"Name\":\"shop-api-1\",\"Service\":\"api\",\"State\":\"running\","
    "\"Health\":\"unhealthy\",\"ExitCode\":0,\"Status\":\"Up 2 hours "
    "(unhealthy)\",\"CreatedAt\":\"2026-11-22 12:02:29 +0000 UTC\"},"
    "{\"Name\":\"shop-db-1\",\"Service\":\"db\",\"State\":\"running\","
    "\"Health\":\"\",\"ExitCode\":0,\"Status\":\"Up 2 hours\","
    "\"CreatedAt\":\"2026-11-22 12:02:29 +0000 UTC\"},"
    "{\"Name\":\"shop-jobs-1\",\"Service\":\"jobs\",\"State\":\"exited\","
    "\"Health\":\"\",\"ExitCode\":137,\"Status\":\"Exited (137) 5 minutes "
    "ago\",\"CreatedAt\":\"2026-11-22 12:02:29 +0000 UTC\"},"
    "{\"Name\":\"shop-web-1\",\"Service\":\"web\",\"State\":\"restarting\","
    "\"Health\":\"\",\"ExitCode\":1,\"Status\":\"Restarting (1) 3 seconds "
    "ago\",\"CreatedAt\":\"2026-11-22 12:02:29 +0000 UTC\"}]";

static void
test_containers(void)
{
	is_str(mapped("health:\n"
		      "  container: {path: ['[*].State', Health], name: "
		      "Service, detail: Status}\n"
		      "metrics:\n"
		      "  containers: {path: ., form: count}\n"
		      "tables:\n"
		      "  services:\n"
		      "    rows: .\n    key: Name\n"
		      "    columns:\n"
		      "      name: Service\n"
		      "      state: {path: State, kind: state}\n"
		      "      since: {path: CreatedAt, kind: time}\n"
		      "      detail: Status\n"
		      "    state: {path: [State, Health]}\n",
		   containers),
	    "health container api critical: unhealthy; Up 2 hours "
	    "(unhealthy)\n"
	    "health container db ok: running; Up 2 hours\n"
	    "health container jobs critical: exited; Exited (137) 5 minutes "
	    "ago\n"
	    "health container web warning: restarting; Restarting (1) 3 "
	    "seconds ago\n"
	    "metric containers = 4 count gauge\n"
	    "table services 4/4: name text, state state, since wall, detail "
	    "text\n"
	    "  [shop-api-1] critical: api | critical unhealthy | "
	    "1795348949000 | Up 2 hours (unhealthy)\n"
	    "  [shop-db-1] ok: db | ok running | 1795348949000 | Up 2 hours\n"
	    "  [shop-jobs-1] critical: jobs | critical exited | 1795348949000 "
	    "| Exited (137) 5 minutes ago\n"
	    "  [shop-web-1] warning: web | warning restarting | 1795348949000 "
	    "| Restarting (1) 3 seconds ago\n",
	    "containers with the usual words");
}

/* `pm2 jlist`, shortened the same way. */
static const char processes[] =
    "[{\"pid\":4711,\"name\":\"api\",\"pm_id\":0,"
    "\"monit\":{\"memory\":73400320,\"cpu\":12.5},"
    "\"pm2_env\":{\"status\":\"online\",\"pm_uptime\":1795352549000,"
    "\"restart_time\":3,\"version\":\"1.4.2\"}},"
    "{\"pid\":0,\"name\":\"jobs\",\"pm_id\":1,"
    "\"monit\":{\"memory\":0,\"cpu\":0},"
    "\"pm2_env\":{\"status\":\"errored\",\"pm_uptime\":1795356140000,"
    "\"restart_time\":16}},"
    "{\"pid\":4713,\"name\":\"api\",\"pm_id\":2,"
    "\"monit\":{\"memory\":71000000,\"cpu\":0.1},"
    "\"pm2_env\":{\"status\":\"launching\",\"pm_uptime\":1795356149000,"
    "\"restart_time\":0,\"version\":\"1.4.2\"}}]";

static void
test_processes(void)
{
	is_str(
	    mapped("tables:\n"
		   "  services:\n"
		   "    rows: '[*]'\n    key: name\n"
		   "    columns:\n"
		   "      name: name\n"
		   "      state: {path: pm2_env.status, kind: state}\n"
		   "      version: {path: pm2_env.version, optional: true}\n"
		   "      since: {path: pm2_env.pm_uptime, kind: time}\n"
		   "      restarts: {path: pm2_env.restart_time, unit: "
		   "count}\n"
		   "      cpu: {path: monit.cpu, unit: percent, scale: "
		   "0.01}\n"
		   "      memory: {path: monit.memory, unit: bytes}\n"
		   "    state: pm2_env.status\n"
		   "metrics:\n"
		   "  restarts: {path: '[*].pm2_env.restart_time', kind: "
		   "counter, labels: {app: name, id: pm_id}}\n"
		   "  up: {path: '[*].pm2_env.pm_uptime', form: age, labels: "
		   "{app: $1.name, id: '=x'}}\n",
		processes),
	    "metric restarts{app=\"api\",id=\"0\"} = 3 counter\n"
	    "metric restarts{app=\"jobs\",id=\"1\"} = 16 counter\n"
	    "metric restarts{app=\"api\",id=\"2\"} = 0 counter\n"
	    "metric up{app=\"api\",id=\"x\"} = 3600 seconds gauge\n"
	    "metric up{app=\"jobs\",id=\"x\"} = 9 seconds gauge\n"
	    "metric up{app=\"api\",id=\"x\"} = 0 seconds gauge\n"
	    "table services 3/3: name text, state state, version text, since "
	    "wall, restarts number count, cpu number percent, memory number "
	    "bytes\n"
	    "  [api] ok: api | ok online | 1.4.2 | 1795352549000 | 3 | 0.125 | "
	    "73400320\n"
	    "  [jobs] critical: jobs | critical errored |  | 1795356140000 | "
	    "16 | 0 | 0\n"
	    "  [api#2] warning: api | warning launching | 1.4.2 | "
	    "1795356149000 | 0 | 0.001 | 71000000\n",
	    "processes");
}

/* Two answers, one after the other; the events of the second. */
static const char *
happened(const char *before, const char *after)
{
	struct json_map *map =
	    map_of("tables: {services: {rows: ., key: id, columns: {name: n, "
		   "version: {path: v, optional: true}, since: {path: s, kind: "
		   "time, optional: true}, restarts: {path: r, unit: count, "
		   "optional: true}}}}");
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	const char *const answers[] = { before, after };
	const char *events = "";

	for (size_t i = 0; map != NULL && i < ARRAY_LEN(answers); i++) {
		struct build *build = build_new();
		struct payload *payload;
		struct cJSON *root = NULL;

		is_int(json_parse(answers[i], strlen(answers[i]), &root, NULL),
		    ERR_OK, "parses");
		json_map_fill(map, root, NOW_MS + (int64_t)i * 60000, build);
		json_free(root);
		payload = build_finish(build, NULL);
		build_free(build);
		buf_clear(&out);
		show_payload(&out, payload);
		payload_unref(payload);
	}
	json_map_free(map);
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	buf_release(&out);
	events = strstr(shown, "\nevent ");
	return events != NULL ? events + 1 : "";
}

static void
test_events(void)
{
	is_str(happened("[{\"id\":1,\"n\":\"api\",\"v\":\"1.0\",\"r\":3},"
			"{\"id\":2,\"n\":\"jobs\",\"v\":\"1.0\",\"r\":0}]",
		   "[{\"id\":1,\"n\":\"api\",\"v\":\"1.1\",\"r\":4},"
		   "{\"id\":2,\"n\":\"jobs\",\"v\":\"1.0\",\"r\":2},"
		   "{\"id\":3,\"n\":\"new\",\"v\":\"9\",\"r\":7}]"),
	    "event deploy api: 1.0 to 1.1\n"
	    "event restart jobs: restarts: 0 to 2\n",
	    "a deploy, a restart, and one that is new");
	is_str(happened("[{\"id\":1,\"n\":\"api\",\"s\":1795356000}]",
		   "[{\"id\":1,\"n\":\"api\",\"s\":1795356140}]"),
	    "event restart api: started anew\n", "its start moved");
	is_str(happened("[{\"id\":1,\"n\":\"api\",\"s\":1795356000}]",
		   "[{\"id\":1,\"n\":\"api\",\"s\":1795356001}]"),
	    "", "by a rounded second");
	is_str(happened("[{\"id\":1,\"n\":\"api\",\"v\":\"1\",\"r\":5}]",
		   "[{\"id\":1,\"n\":\"api\",\"r\":0}]"),
	    "", "fewer restarts, and a version that is not told");
	is_str(happened("[]", "[{\"id\":1,\"n\":\"api\",\"r\":5}]"), "",
	    "nothing is known of before");
}

static void
test_guessed(void)
{
	is_str(mapped("tables: {stats: data.stats}",
		   "{\"data\":{\"stats\":{\"waiting\":3,\"active\":1,"
		   "\"note\":\"fine\"}}}"),
	    "table stats 3/3: name text, value text\n"
	    "  [waiting] ok: waiting | 3\n"
	    "  [active] ok: active | 1\n"
	    "  [note] ok: note | fine\n",
	    "an object of scalars");
	is_str(mapped("tables: {stats: data}",
		   "{\"data\":{\"a\":{\"n\":1,\"deep\":{}},\"b\":{\"n\":2,"
		   "\"w\":\"x\"}}}"),
	    "table stats 2/2: name text, n number, w text\n"
	    "  [a] ok: a | 1 | \n"
	    "  [b] ok: b | 2 | x\n",
	    "an object of objects");
	is_str(mapped("tables: {t: .}", "[\"x\",\"y\",\"x\"]"),
	    "table t 3/3: value text\n"
	    "  [x] ok: x\n  [y] ok: y\n  [x#2] ok: x\n",
	    "a list of texts");
	is_str(mapped("tables: {t: .}", "[]"), "table t 0/0\n", "an empty one");
	is_str(mapped("tables: {t: a}", "{\"a\":5}"),
	    "health mapping warning: a: number 5, a list or an object was "
	    "wanted\ntable t 0/0\n",
	    "no rows at all");
}

static void
test_nested(void)
{
	is_str(mapped("metrics:\n"
		      "  busy: {path: 'services[*].workers[*].busy', labels: "
		      "{service: $1.name, worker: $2, zone: $0.zone, in: "
		      "'=eu'}}\n",
		   "{\"zone\":\"b\",\"services\":[{\"name\":\"api\","
		   "\"workers\":[{\"busy\":true},{\"busy\":false}]},"
		   "{\"name\":\"jobs\",\"workers\":[]},"
		   "{\"name\":\"web\",\"workers\":[{\"busy\":null}]}]}"),
	    "metric busy{in=\"eu\",service=\"api\",worker=\"0\",zone=\"b\"} = "
	    "1 gauge\n"
	    "metric busy{in=\"eu\",service=\"api\",worker=\"1\",zone=\"b\"} = "
	    "0 gauge\n"
	    "metric busy{in=\"eu\",service=\"web\",worker=\"0\",zone=\"b\"} = "
	    "- gauge\n",
	    "lists in lists");
	is_str(mapped("metrics: {n: {path: 'l[*].n', labels: {a: x.y}}}",
		   "{\"l\":[{\"n\":1,\"x\":{}}]}"),
	    "health mapping warning: l[0].x.y: no such key; there is none at "
	    "all\nmetric n{a=\"\"} = 1 gauge\n",
	    "a label that is not there");
	is_str(mapped("metrics: {keys: {path: keys, form: count}}\n"
		      "health: {keys: {path: keys, form: count, ok: '>= 1'}}",
		   "{\"keys\":[{\"kid\":\"a\"},{\"kid\":\"b\"}]}"),
	    "health keys ok: 2\nmetric keys = 2 count gauge\n", "how many");
	is_str(mapped("health: {keys: {path: keys, form: count, ok: '>= 1'}}",
		   "{\"keys\":[]}"),
	    "health keys critical: 0, expected >= 1\n", "none");
	is_str(mapped("health: {a: {path: a, ok: x}, b: {path: [a, b], ok: "
		      "x}, c: {path: c, ok: [x, z]}}",
		   "{\"a\":null,\"b\":\"\",\"c\":\"y\"}"),
	    "health a unknown: null, expected x\n"
	    "health b unknown: null, expected x\n"
	    "health c critical: y\n",
	    "what says nothing");
}

static void
test_hostile(void)
{
	static const char token[] = "s3cret-canary";
	struct buf json = BUF_INIT((size_t)8 << 20);
	struct buf text = BUF_INIT(4096);

	is_int(redactor_add(redactor, token, strlen(token), NULL), ERR_OK,
	    "a secret");
	is_str(mapped("health: {a: a}\nmetrics: {n: {path: 'm.*', labels: {k: "
		      "$1}}, bad: b}\ntables: {t: t}",
		   "{\"a\":\"\\u001b[31mred s3cret-canary\","
		   "\"m\":{\"x\\u0007y\":1},\"b\":\"s3cret-canary\","
		   "\"t\":{\"s3cret-canary\":\"\\u202e\"}}"),
	    "health a unknown: \\x1b[31mred [redacted]\n"
	    "health mapping warning: b: text \"[redacted]\", a number was "
	    "wanted\n"
	    "metric n{k=\"x\\x07y\"} = 1 gauge\n"
	    "table t 1/1: name text, value text\n"
	    "  [[redacted]] ok: [redacted] | \\u{202e}\n",
	    "controls are shown, secrets are not");
	buf_str(&json, "{\"a\":[");
	for (int i = 0; i < 3000; i++)
		buf_fmt(&json, "%s{\"n\":%d}", i > 0 ? "," : "", i);
	buf_str(&json, "],\"o\":{");
	for (int i = 0; i < 20000; i++)
		buf_fmt(&json, "%s\"k%d\":1", i > 0 ? "," : "", i);
	buf_str(&json, "}}");
	mapped("tables: {t: {rows: a, columns: {n: n}}}", buf_cstr(&json));
	ok(strncmp(shown, "table t 2000/3000: ", 19) == 0, "rows are counted");
	mapped("metrics: {n: {path: 'a[*].n', labels: {x: $0.o.k19999}}}",
	    buf_cstr(&json));
	ok(strstr(shown, "the document is too large for this mapping") != NULL,
	    "work is bounded");
	buf_release(&json);
	buf_release(&text);
}

static void
test_wrong_maps(void)
{
	is_str(mapped("metrics:\n"
		      "  a: x..y\n"
		      "  b: x.*\n"
		      "  c: {path: 'x[*]', labels: {k: $2, l: 'y[', m: $, n: "
		      "$0, o: 'z.*'}}\n"
		      "health:\n"
		      "  d: {path: [s, 't[']}\n"
		      "  e: {path: s, name: $1}\n"
		      "tables:\n"
		      "  f: {rows: '[', key: k}\n"
		      "  g: {rows: r, columns: {a: $2, b: '=here'}, state: "
		      "{path: 'q..'}}\n",
		   "{}"),
	    "t.yaml:2:6: path \"x..y\" is wrong at \"..y\"; write it like "
	    ".a.b[0][\"c.d\"].*\n"
	    "t.yaml:3:6: \"b\" leads to many places, and nothing tells them "
	    "apart\n\tlabels: {name: $1}\n"
	    "t.yaml:4:33: \"$2\": the path has 1 wildcard\n"
	    "t.yaml:4:40: path \"y[\" is wrong at \"[\"; write it like "
	    ".a.b[0][\"c.d\"].*\n"
	    "t.yaml:4:49: \"$\" is no place; write $1 for what the first "
	    "wildcard stands for\n"
	    "t.yaml:4:55: \"$0\" is no place; write $1 for what the first "
	    "wildcard stands for\n"
	    "t.yaml:4:62: path \"z.*\" leads to many places; one is wanted "
	    "here\n"
	    "t.yaml:6:17: path \"t[\" is wrong at \"[\"; write it like "
	    ".a.b[0][\"c.d\"].*\n"
	    "t.yaml:7:13: \"$1\": the path has 0 wildcards\n"
	    "t.yaml:9:6: path \"[\" is wrong at \"[\"; write it like "
	    ".a.b[0][\"c.d\"].*\n"
	    "t.yaml:10:29: \"$2\": the path has 1 wildcard\n"
	    "t.yaml:10:60: path \"q..\" is wrong at \"..\"; write it like "
	    ".a.b[0][\"c.d\"].*\n",
	    "each with its place");
}

/* Every allocation fails once: all rows or an error, never some of them. */
static void
test_no_memory(void)
{
	static const char yaml[] =
	    "metrics: {n: {path: 'system.queues.*.waiting', labels: {q: $1}}}\n"
	    "health: {d: {path: system.uptime, ok: '> 0'}, e: nope}\n"
	    "tables: {t: system.queues}\n";
	struct json_map *map;
	struct cJSON *root = NULL;
	struct payload *payload = NULL;
	struct err err = ERR_INIT;
	size_t n;

	json_map_free(map_of(yaml)); /* binds holder */
	is_int(json_parse(system_page, strlen(system_page), &root, &err),
	    ERR_OK, "the page");
	for (n = 1; n < 500 && payload == NULL; n++) {
		struct build *build = build_new();
		enum err_code code;

		map = NULL;
		mem_fail_at(n, false);
		code = json_map_new(&holder.map, redactor, &map, &err);
		if (code == ERR_OK) {
			json_map_fill(map, root, NOW_MS, build);
			payload = build_finish(build, &err);
		}
		mem_fail_at(0, false);
		json_map_free(map);
		build_free(build);
		if (code != ERR_OK && code != ERR_NOMEM) {
			ok(false, "%s", err.msg);
			break;
		}
		if (payload != NULL &&
		    (payload->health_count != 3 || payload->metric_count != 2 ||
			payload->table_count != 1)) {
			ok(false, "a part was published at %zu", n);
			break;
		}
	}
	ok(payload != NULL && n > 8, "%zu allocations were failed", n - 2);
	payload_unref(payload);
	json_free(root);
}

int
main(void)
{
	arena = arena_new(CONF_ARENA_MAX);
	redactor = redactor_new();
	RUN(test_system_page);
	RUN(test_problems);
	RUN(test_containers);
	RUN(test_processes);
	RUN(test_events);
	RUN(test_guessed);
	RUN(test_nested);
	RUN(test_hostile);
	RUN(test_wrong_maps);
	RUN(test_no_memory);
	redactor_free(redactor);
	arena_free(arena);
	return tap_done();
}
