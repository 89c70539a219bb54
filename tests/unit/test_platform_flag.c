#include "model/platform.h"

#include <stdio.h>
#include <string.h>

#include "datasrc/source.h"
#include "tests/problems.h"
#include "tests/tap.h"

static struct platform *platform;

/* What every file here begins with: five lines. */
static const char head[] = "platform: p\n"
			   "sources:\n"
			   "  redis: {type: redis, url: 'redis://h'}\n"
			   "  db: {type: postgres, url: 'postgres://h/d'}\n"
			   "signals: {errors: {value: m}}\n";

static enum err_code
load(const char *text)
{
	char whole[65536];

	platform = platform_free(platform);
	conf_errors_clear(&errors);
	snprintf(whole, sizeof(whole), "%s%s", head, text);
	return platform_parse("p.yaml", whole, strlen(whole), NULL,
	    &source_types, NULL, &errors, &platform);
}

static void
test_good(void)
{
	const struct platform_flag *flag;

	is_int(load(""), ERR_OK, "no flags");
	ok(platform_source_find(platform, "flags") == NULL,
	    "and nothing that reads them");
	is_int(load("flags:\n"
		    "  a: {type: redis, source: redis, name: a}\n"
		    "  b: {type: redis, source: redis, name: b, values: {on: "
		    "'1', off: '0'}, missing: off, watch: errors, class: "
		    "disruptive}\n"
		    "  c: {type: file, path: .env, secret: true}\n"
		    "kill: {all: [a, b], one: c}\n"),
	    ERR_OK, "three");
	is_str(problems(), "", "no problems");
	ok(platform_source_find(platform, "flags") != NULL,
	    "a source that reads them");
	flag = platform_flag_find(platform, "a");
	is_str(platform_flag_stored(flag, "on"), "true", "on is true");
	is_str(platform_flag_word(flag, "false"), "off", "false is off");
	ok(platform_flag_word(flag, "1") == NULL &&
		platform_flag_stored(flag, "true") == NULL &&
		platform_flag_word(flag, NULL) == NULL,
	    "and nothing else is anything");
	flag = platform_flag_find(platform, "b");
	is_str(platform_flag_word(flag, NULL), "off", "what none means");
	is_str(flag->watch, "errors", "its signal");
	is_int(flag->class, ACTION_DISRUPTIVE, "its class");
	flag = platform_flag_find(platform, "c");
	ok(flag->secret && flag->text, "a secret is any text");
	is_int((int64_t)platform->kill_count, 2, "two kill switches");
	is_int((int64_t)platform_kill_find(platform, "all")->flags.count, 2,
	    "of two flags");
	is_int(load("flags: {a: {type: redis, source: redis, name: a}}\n"
		    "keys: {}\n"),
	    ERR_OK, "with a source of their own");
}

/* Nobody sets this variable; HOME is set wherever tests run. */
static void
test_when_set(void)
{
	is_int(
	    load("flags:\n"
		 "  a: {type: redis, source: redis, name: a, when_set: HOME}\n"
		 "  b: {type: redis, source: redis, name: b, when_set: [HOME, "
		 "SEVTOP_NOT_SET]}\n"
		 "kill: {all: [a, b], one: a}\n"),
	    ERR_OK, "loads");
	is_str(problems(), "", "no problems");
	is_int((int64_t)platform->flag_count, 1, "one is there");
	ok(platform_flag_find(platform, "b") == NULL, "one is not");
	is_str(platform_flag_off(platform, "b"), "SEVTOP_NOT_SET is not set",
	    "which is said");
	is_int((int64_t)platform->kill_count, 1, "one kill switch");
	is_str(platform_kill_off(platform, "all"),
	    "its flag b is left out, SEVTOP_NOT_SET is not set",
	    "half of the other is none");
	is_int(load("flags: {b: {type: redis, source: redis, name: b, "
		    "when_set: SEVTOP_NOT_SET}}\n"),
	    ERR_OK, "none is there");
	ok(platform_source_find(platform, "flags") == NULL,
	    "and nothing that reads them");
	ok(load("flags: {b: {type: redis, source: nowhere, name: b, "
		"when_set: SEVTOP_NOT_SET}}\n") != ERR_OK,
	    "what is left out is checked all the same");
}

/* What a file says, and what the user is told; exactly. */
static const struct {
	const char *yaml;
	const char *told;
} wrong[] = {
	{ "flags: {a: 1}\n", "p.yaml:6:9: \"a\" wants a map with at least a "
			     "type, not text\n" },
	{ "flags: {a: {source: redis}}\n",
	    "p.yaml:6:9: \"a\" lacks \"type\"\n"
	    "\ttype: where it is kept, such as redis\n" },
	{ "flags: {a: {type: reids, name: a}}\n",
	    "p.yaml:6:19: unknown flag type \"reids\"\n"
	    "\tdid you mean \"redis\"?\n" },
	{ "flags: {a: {type: redis, source: redis, nmae: a}}\n",
	    "p.yaml:6:9: \"a\" lacks \"name\"\n"
	    "\tname: key of the string or of the hash\n"
	    "p.yaml:6:41: unknown key \"nmae\"\n"
	    "\tdid you mean \"name\"?\n" },
	{ "flags: {a: {type: redis, source: db, name: a}}\n",
	    "p.yaml:6:34: no redis source is named \"db\"\n" },
	{ "flags: {a: {type: redis, name: a}}\n",
	    "p.yaml:6:9: \"a\" wants either a source or a url\n"
	    "\tsource: redis\n" },
	{ "flags: {a: {type: redis, source: redis, name: a, values: {on: x, "
	  "off: x}}}\n",
	    "p.yaml:6:71: \"on\" and \"off\" are the same to the backend\n" },
	{ "flags: {a: {type: redis, source: redis, name: a, values: {on: "
	  "x}}}\n",
	    "p.yaml:6:58: \"values\" wants at least two, to choose from\n" },
	{ "flags: {a: {type: redis, source: redis, name: a, missing: maybe}}\n",
	    "p.yaml:6:59: \"missing\" wants one of the values, not "
	    "\"maybe\"\n" },
	{ "flags: {a: {type: redis, source: redis, name: a, watch: erors}}\n",
	    "p.yaml:6:57: no signal is named \"erors\"\n"
	    "\tdid you mean \"errors\"?\n" },
	{ "flags: {a: {type: redis, source: redis, name: a, secret: true}}\n",
	    "p.yaml:6:58: \"secret\" is for flags of type file\n" },
	{ "flags: {a: {type: postgres, db: db, read: select 1, write: update t "
	  "set a = $1}}\n",
	    "p.yaml:6:60: \"write\" wants $1, the new value, and $2, the old "
	    "one, so that nothing is overwritten that changed meanwhile\n"
	    "\tupdate flags set value = $1 where name = 'x' and value is not "
	    "distinct from $2\n" },
	{ "flags: {a: {type: http, url: 'http://h/${flag.nam}', path: a, body: "
	  "'{\"v\": ${flag.value}'}}\n",
	    "p.yaml:6:30: nothing is called ${flag.nam}; there are flag.name, "
	    "flag.value and flag.old\n"
	    "p.yaml:6:69: the body is no JSON: cut off: the JSON does not end "
	    "within its 10 bytes\n" },
	{ "flags: {a-b: {type: file, path: .env, then: [x, 'env:A'], health: "
	  "api/x}}\n",
	    "p.yaml:6:9: \"a-b\" is no name of a variable\n"
	    "\tvariable: AUTO_THROTTLE\n"
	    "p.yaml:6:45: a secret can't be an argument: every user of the "
	    "machine sees them\n"
	    "p.yaml:6:67: \"health\" wants SOURCE/TARGET, and no source is "
	    "named \"api\"\n"
	    "\thealth: api/status\n" },
	{ "flags: {a: {type: redis, source: redis, name: a}}\n"
	  "kill: {all: [a, b]}\n",
	    "p.yaml:7:17: no flag is named \"b\"\n"
	    "\tdid you mean \"a\"?\n" },
	{ "flags: {a: {type: redis, source: redis, name: '${flag.name}'}}\n",
	    "p.yaml:6:47: \"name\" is no template: \"${flag.name}\" would "
	    "stay as it is\n" },
};

static void
test_wrong(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ok(load(wrong[i].yaml) != ERR_OK, "refused: %zu", i);
		is_str(problems(), wrong[i].told, wrong[i].yaml);
	}
}

int
main(void)
{
	RUN(test_good);
	RUN(test_when_set);
	RUN(test_wrong);
	platform_free(platform);
	return tap_done();
}
