#include "actions/bind.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "action";

static enum err_code
find_platform(const struct platform *const *platforms, size_t count,
    const char *name, const struct platform **ret, struct err *err)
{
	struct nearest near = NEAREST_INIT(name);

	for (size_t i = 0; i < count; i++) {
		nearest_offer(&near, platforms[i]->name);
		if (strcmp(platforms[i]->name, name) != 0)
			continue;
		*ret = platforms[i];
		return ERR_OK;
	}
	return err_set(err, ERR_NOTFOUND, origin,
	    near.best != NULL ? "no platform is called %s; did you mean %s?"
			      : "no platform is called %s",
	    name, near.best);
}

/* "command.rollback" names the configured action "rollback", too. */
static const struct platform_action *
find_configured(const struct platform *platform, const char *name)
{
	const struct platform_action *action =
	    platform_action_find(platform, name);
	const char *dot = strchr(name, '.');

	if (action != NULL || dot == NULL)
		return action;
	action = platform_action_find(platform, dot + 1);
	if (action != NULL && strlen(action->type) == (size_t)(dot - name) &&
	    strncmp(action->type, name, (size_t)(dot - name)) == 0)
		return action;
	return NULL;
}

/* Why a configured action counts as not there; NULL: there is none such. */
static const char *
off_of(const struct platform *platform, const char *name)
{
	const char *off = platform_action_off(platform, name);
	const char *dot = strchr(name, '.');

	if (off == NULL && dot != NULL)
		off = platform_action_off(platform, dot + 1);
	return off;
}

static enum err_code
find_action(const struct action_ops *const *table, const char *name,
    struct bound *bound, struct err *err)
{
	struct nearest near = NEAREST_INIT(name);
	const struct platform *platform = bound->platform;
	const char *off;

	bound->ops = action_find(table, name);
	if (bound->ops != NULL) {
		bound->class = bound->ops->class;
		return ERR_OK;
	}
	bound->configured = find_configured(platform, name);
	if (bound->configured != NULL) {
		bound->ops = bound->configured->ops;
		bound->class = bound->configured->class;
		return ERR_OK;
	}
	off = off_of(platform, name);
	if (off != NULL)
		return err_set(err, ERR_NOTFOUND, origin,
		    "%.60s is not possible here: %s", name, off);
	for (size_t i = 0; table[i] != NULL; i++)
		nearest_offer(&near, table[i]->name);
	for (size_t i = 0; i < platform->action_count; i++)
		nearest_offer(&near, platform->actions[i].name);
	return err_set(err, ERR_NOTFOUND, origin,
	    near.best != NULL ? "no action is called %.60s; did you mean %.60s?"
			      : "no action of %2$s is called %1$.60s",
	    name, near.best != NULL ? near.best : platform->name);
}

/* The source that is meant; the only one of its type need not be named. */
static enum err_code
find_source(struct bound *bound, const char *name, struct err *err)
{
	const struct platform *platform = bound->platform;
	const char *type = bound->ops->source_type;
	struct buf names = BUF_INIT(ERR_MSG_MAX);
	enum err_code code = ERR_OK;
	size_t fitting = 0;

	if (type == NULL)
		return ERR_OK;
	for (size_t i = 0; i < platform->source_count; i++) {
		const struct platform_source *source = &platform->sources[i];

		if (strcmp(source->type, type) != 0)
			continue;
		if (name != NULL && strcmp(source->name, name) != 0)
			continue;
		buf_fmt(&names, "%s%s", fitting > 0 ? ", " : "", source->name);
		bound->source = source;
		fitting++;
	}
	if (fitting == 0)
		code = err_set(err, ERR_NOTFOUND, origin,
		    name != NULL ? "%1$s has no source %3$s of type %2$s"
				 : "%s has no source of type %s",
		    platform->name, type, name);
	else if (fitting > 1)
		code = err_set(err, ERR_USAGE, origin,
		    "which source? write SOURCE/TARGET with one of %s",
		    buf_cstr(&names));
	buf_release(&names);
	return code;
}

static enum err_code
check_targets(
    const struct bound *bound, size_t count, const char *name, struct err *err)
{
	const struct action_ops *ops = bound->ops;
	size_t min = ops != NULL ? ops->targets_min : 0;
	size_t max = ops != NULL ? ops->targets_max : 0;

	if (bound->configured != NULL) {
		enum platform_targets targets = bound->configured->targets;

		min = targets == PLATFORM_TARGETS_NONE ? 0 : 1;
		max =
		    targets == PLATFORM_TARGETS_MANY ? ACTION_TARGETS_MAX : min;
	}
	if (count < min)
		return err_set(err, ERR_USAGE, origin,
		    "%s needs a target: --target NAME", name);
	if (count > max)
		return err_set(err, ERR_USAGE, origin,
		    max == 0 ? "%s takes no target"
			     : "%s takes at most %zu target%s",
		    name, max, max == 1 ? "" : "s");
	return ERR_OK;
}

enum err_code
bind_request(const struct action_ops *const *table,
    const struct platform *const *platforms, size_t platform_count,
    const struct request *request, struct bound *ret_bound, struct err *err)
{
	struct bound bound = { .ops = NULL };
	enum err_code code = find_platform(platforms, platform_count,
	    request->is.platform, &bound.platform, err);

	if (code == ERR_OK)
		code = find_action(table, request->is.action, &bound, err);
	if (code == ERR_OK)
		code = check_targets(
		    &bound, request->is.target_count, request->is.action, err);
	if (code == ERR_OK)
		code = find_source(&bound, request->is.source, err);
	if (code == ERR_OK)
		*ret_bound = bound;
	return code;
}

void
bound_lock(const struct bound *bound, const struct request *request,
    char out[BOUND_LOCK_LEN])
{
	const char *name = "";
	size_t len;

	if (bound->source != NULL)
		name = bound->source->name;
	else if (bound->configured == NULL && bound->ops != NULL)
		name = bound->ops->name;
	else if (bound->configured != NULL && request->is.target_count == 0)
		name = bound->configured->name;
	len = bound->configured == NULL && bound->source == NULL
		  ? strcspn(name, ".")
		  : strlen(name);
	snprintf(out, BOUND_LOCK_LEN, "%s/%s/%s%.*s", request->is.platform,
	    bound->platform != NULL ? bound->platform->env : "",
	    bound->source != NULL ? "" : ":", (int)len, name);
}

/*
 * The values as a map of the configuration, so that one reader reads both;
 * without those of other names, where the action takes these itself.
 */
static const struct conf_node *
values_as_map(const struct request *request, const struct opt_table *table,
    bool others, struct arena *arena)
{
	static const struct conf_pos pos = { .file = "--set" };
	struct conf_node *map = arena_alloc(arena, sizeof(*map));
	struct conf_node *nodes =
	    arena_array(arena, request->is.value_count + 1, sizeof(*nodes));
	size_t n = 0;

	if (map == NULL || nodes == NULL)
		return NULL;
	for (size_t i = 0; i < request->is.value_count; i++) {
		const struct request_value *value = &request->is.values[i];

		if (others && opt_find(table, value->name) == NULL)
			continue;
		nodes[n++] = (struct conf_node) {
			.kind = CONF_SCALAR,
			.pos = pos,
			.key_pos = pos,
			.key = value->name,
			.text = value->value,
			.raw = value->value,
		};
	}
	for (size_t i = 0; i + 1 < n; i++)
		nodes[i].next = &nodes[i + 1];
	*map = (struct conf_node) { .kind = CONF_MAP,
		.pos = pos,
		.key_pos = pos,
		.first = n > 0 ? nodes : NULL,
		.count = n };
	return map;
}

/*
 * The inputs of a configured action as rows, all of which are read into the
 * same place: it is the check that counts, and the text is kept as it is.
 */
static enum err_code
bind_inputs(const struct bound *bound, const struct request *request,
    const struct conf_node *map, struct arena *arena, const void **ret_args,
    struct conf_errors *errors)
{
	const struct platform_action *action = bound->configured;
	struct opt *rows =
	    arena_array(arena, action->input_count + 1, sizeof(*rows));
	const char **texts =
	    arena_array(arena, action->input_count + 1, sizeof(*texts));
	struct opt_table table = { rows, action->input_count };
	union {
		const char *text;
		bool yes;
		int64_t whole;
		double number;
		int choice;
	} sink = { .whole = 0 };
	enum err_code code;

	if (rows == NULL || texts == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < action->input_count; i++) {
		rows[i] = action->inputs[i].opt;
		rows[i].offset = 0;
		texts[i] = request_value(request, rows[i].name);
		if (texts[i] == NULL)
			texts[i] = rows[i].preset;
	}
	code = opt_bind(&table, map, &sink, arena, errors);
	if (code == ERR_OK)
		*ret_args = texts;
	return code;
}

enum err_code
bind_args(const struct bound *bound, const struct request *request,
    struct arena *arena, const void **ret_args, struct err *err)
{
	static const struct opt_table none = { NULL, 0 };
	const struct opt_table *table =
	    bound->ops->args != NULL ? bound->ops->args : &none;
	struct conf_errors *errors = arena_alloc(arena, sizeof(*errors));
	const struct conf_node *map =
	    values_as_map(request, table, bound->ops->others, arena);
	size_t size = bound->ops->args_size;
	void *args = arena_alloc(arena, size > 0 ? size : 1);
	enum err_code code;

	if (errors == NULL || map == NULL || args == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	if (bound->configured != NULL) {
		code =
		    bind_inputs(bound, request, map, arena, ret_args, errors);
	} else {
		code = opt_bind(table, map, args, arena, errors);
		if (code == ERR_OK)
			*ret_args = size > 0 ? args : NULL;
	}
	if (code == ERR_CONFIG && errors->count > 0)
		return err_set(err, ERR_USAGE, origin, "%s%s%s",
		    errors->items[0].msg,
		    errors->items[0].hint[0] != '\0' ? "; " : "",
		    errors->items[0].hint);
	if (code != ERR_OK)
		return err_set(err, code, origin, "no memory");
	return ERR_OK;
}
