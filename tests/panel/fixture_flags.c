/* Flags of all backends, and a kill switch. */
#include <math.h>

#include "base/alloc.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_FLAGS = 60
};

static const struct column columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("value"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("backend"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("note"), COLUMN_TEXT, NUM_NONE },
};

static const struct fixture_flag {
	const char *key;
	const char *name;
	const char *value;
	enum state state;
	int ago_s; /* 0: nobody tells */
	const char *who;
	const char *backend;
	const char *note;
} calm[] = {
	{ "AUTO_THROTTLE", "AUTO_THROTTLE", "off", STATE_OK, 864000, "ann",
	    "redis flags AUTO_THROTTLE",
	    "the API holds back calls of providers" },
	{ "crawler", "crawler", "on", STATE_OK, 0, "", "postgres db", "" },
	{ "new-ui", "new-ui", "on", STATE_OK, 5400, "deploy",
	    "unleash default/production", "" },
	{ "JWT_SECRET", "JWT_SECRET", "set, 64 characters", STATE_OK, 0, "",
	    "file /srv/app/.env", "" },
	{ "BATCH_PROCESSING", "BATCH_PROCESSING", "on", STATE_OK, 0, "",
	    "file /srv/app/.env", "restarts the workers" },
	{ "WORKER_CONCURRENCY", "WORKER_CONCURRENCY", "8", STATE_OK, 0, "",
	    "file /srv/app/.env", "" },
	{ "copilot", "copilot", "on", STATE_OK, 172800, "ann",
	    "unleash default/production", "" },
	{ "mode", "mode", "fast", STATE_OK, 7200, "deploy", "redis mode", "" },
	{ "read-only", "read-only", "off (unset)", STATE_OK, 0, "",
	    "redis flags read-only", "the API takes no writes" },
	{ "signup", "signup", "on", STATE_OK, 0, "", "http api.example", "" },
	{ "webhooks", "webhooks", "on", STATE_OK, 0, "", "http api.example",
	    "" },
	{ "kill/outbound", "kill outbound", "1 of 2 off", STATE_OK, 0, "",
	    "several", "AUTO_THROTTLE, crawler" },
}, burning[] = {
	{ "AUTO_THROTTLE", "AUTO_THROTTLE", "on", STATE_OK, 42, "ben",
	    "redis flags AUTO_THROTTLE",
	    "the API holds back calls of providers" },
	{ "crawler", "crawler", "maybe", STATE_WARN, 0, "", "postgres db",
	    "none of the values that are configured" },
	{ "new-ui", "new-ui", "unread", STATE_UNKNOWN, 0, "",
	    "unleash default/production",
	    "flags.example:443 took the request and did not answer in time" },
	{ "JWT_SECRET", "JWT_SECRET", "not set", STATE_OK, 0, "",
	    "file /srv/app/.env", "" },
	{ "BATCH_PROCESSING", "BATCH_PROCESSING", "on", STATE_OK, 0, "",
	    "file /srv/app/.env", "restarts the workers" },
	{ "WORKER_CONCURRENCY", "WORKER_CONCURRENCY", "8", STATE_OK, 0, "",
	    "file /srv/app/.env", "" },
	{ "copilot", "copilot", "on", STATE_OK, 172800, "ann",
	    "unleash default/production", "" },
	{ "mode", "mode", "fast", STATE_OK, 7200, "deploy", "redis mode", "" },
	{ "read-only", "read-only", "off (unset)", STATE_OK, 0, "",
	    "redis flags read-only", "the API takes no writes" },
	{ "signup", "signup", "on", STATE_OK, 0, "", "http api.example", "" },
	{ "webhooks", "webhooks", "on", STATE_OK, 0, "", "http api.example",
	    "" },
	{ "kill/outbound", "kill outbound", "0 of 2 off", STATE_OK, 0, "",
	    "several", "AUTO_THROTTLE, crawler" },
};

static void
put(struct maker *m, const struct fixture_flag *flag, struct text key)
{
	struct build *b = m->build;

	build_row(b, key, flag->state);
	build_cell_text(b, 0, name(m, flag->name));
	build_cell_text(b, 1, name(m, flag->value));
	build_cell_state(b, 2, flag->state, text_lit(state_name(flag->state)));
	build_cell_num(b, 3,
	    flag->ago_s > 0
		? num(m, (double)(FIXTURE_WALL_MS - flag->ago_s * 1000.0))
		: NAN);
	build_cell_text(b, 4, name(m, flag->who));
	build_cell_text(b, 5, name(m, flag->backend));
	build_cell_text(b, 6, name(m, flag->note));
}

void
make_flags(struct maker *m)
{
	const struct fixture_flag *flags = burns(m) ? burning : calm;

	build_table(m->build, TEXT("flags"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < ARRAY_LEN(calm); i++)
		put(m, &flags[i], text_lit(flags[i].key));
	for (int i = 0; m->kind == FIXTURE_MANY && i < MANY_FLAGS; i++)
		put(m, &calm[1],
		    text_fmt(build_arena(m->build), "crawler-%d", i));
}
