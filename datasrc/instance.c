#include "datasrc/instance.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/num.h"
#include "base/redact.h"
#include "datasrc/json_value.h"
#include "model/build.h"

void
instance_init(struct instance *instance, const struct instance_conf *conf,
    const char *name, const char *metric, const struct redactor *redactor)
{
	*instance = (struct instance) { .conf = conf,
		.name = name,
		.redactor = redactor,
		.metric = metric,
		.uptime = NAN };
}

/*
 * A new version is an event; the first one seen is none. Returns it, or the
 * empty text.
 */
static struct text
instance_version(struct instance *instance, const struct cJSON *root,
    int64_t wall_ms, struct build *build)
{
	struct arena *arena = build_arena(build);
	const struct cJSON *v = NULL;
	struct text now = TEXT_EMPTY;
	struct buf plain = BUF_INIT(INSTANCE_VERSION_MAX - 1);

	if (instance->conf->version == NULL ||
	    json_lookup(root, instance->conf->version, &v, NULL) != ERR_OK)
		return now;
	now = json_text(instance->redactor, arena, v);
	text_plain(&plain, now);
	if (plain.len == 0)
		goto out;
	if (instance->version[0] != '\0' &&
	    strcmp(instance->version, buf_cstr(&plain)) != 0) {
		const struct text parts[] = { text_clean_str(
						  arena, instance->version),
			TEXT(" to "), now };

		build_event(build, wall_ms, EVENT_DEPLOY,
		    text_clean_str(arena, instance->name),
		    text_join(arena, parts, ARRAY_LEN(parts)));
	}
	memcpy(instance->version, buf_cstr(&plain), plain.len + 1);
	build_note(build, now);
out:
	buf_release(&plain);
	return now;
}

/*
 * Uptime that went back means that the process was started anew, unless it
 * is longer than the time since the last poll: then another instance behind
 * the same address answered. Returns the seconds, NaN when not told.
 */
static double
instance_uptime(struct instance *instance, const struct cJSON *root,
    int64_t wall_ms, struct build *build)
{
	static const struct map_value how = { .unit = NUM_SECONDS, .scale = 1 };
	struct arena *arena = build_arena(build);
	const struct cJSON *v = NULL;
	struct map_scalar scalar;
	struct map_number up;
	char now[NUM_TEXT_MAX], was[NUM_TEXT_MAX];
	double since;

	if (instance->conf->uptime == NULL ||
	    json_lookup(root, instance->conf->uptime, &v, NULL) != ERR_OK)
		return NAN;
	scalar = json_scalar(v);
	if (!map_value_read(&how, &scalar, wall_ms, &up) || isnan(up.value) ||
	    up.value < 0)
		return NAN;
	since = (double)(wall_ms - instance->uptime_wall_ms) / 1000;
	if (up.value < instance->uptime &&
	    up.value <= since + INSTANCE_UPTIME_SLACK_S)
		build_event(build,
		    wall_ms - (int64_t)(fmin(up.value, 1e9) * 1000),
		    EVENT_RESTART, text_clean_str(arena, instance->name),
		    text_fmt(arena, "up %s, was %s",
			num_human(now, up.value, NUM_SECONDS),
			num_human(was, instance->uptime, NUM_SECONDS)));
	instance->uptime = up.value;
	instance->uptime_wall_ms = wall_ms;
	build_gauge(build, text_lit(instance->metric), NUM_SECONDS, up.value);
	return up.value;
}

/* A row for the services panel; its state is that of the source. */
static void
instance_row(const struct instance *instance, struct text version, double up,
    int64_t wall_ms, struct build *build)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	};
	struct text name = text_clean_str(build_arena(build), instance->name);

	if (instance->no_row || (version.len == 0 && isnan(up)))
		return;
	build_table(build, TEXT("services"), columns, ARRAY_LEN(columns));
	build_row(build, name, STATE_OK);
	build_cell_text(build, 0, name);
	build_cell_text(build, 1, version);
	build_cell_num(build, 2, (double)wall_ms - up * 1000);
}

void
instance_look(struct instance *instance, const struct cJSON *root,
    int64_t wall_ms, struct build *build)
{
	struct text version;
	double up;

	if (root == NULL)
		return;
	version = instance_version(instance, root, wall_ms, build);
	up = instance_uptime(instance, root, wall_ms, build);
	instance_row(instance, version, up, wall_ms, build);
}

static void
instance_check_path(const char *path, const char *key,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct conf_node *at = conf_get(node, key);
	struct err err = ERR_INIT;

	if (path != NULL && json_lookup_check(path, &err) != ERR_OK)
		conf_errors_add(errors, at != NULL ? at->pos : node->pos, NULL,
		    "%s", err.msg);
}

void
instance_check(const struct instance_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	instance_check_path(conf->version, "version", node, errors);
	instance_check_path(conf->uptime, "uptime", node, errors);
}
