#include "actions/flag_expand.h"

#include <string.h>

#include "base/alloc.h"
#include "datasrc/flag_words.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "flag";

/* Adds a flag once. */
static enum err_code
expand_add(struct request_spec *spec, struct request_target *targets,
    const struct request_target *target, struct err *err)
{
	for (size_t i = 0; i < spec->target_count; i++) {
		if (strcmp(targets[i].name, target->name) == 0)
			return ERR_OK;
	}
	if (spec->target_count == ACTION_TARGETS_MAX)
		return err_set(err, ERR_LIMIT, origin,
		    "more than %d flags can't be in one plan",
		    ACTION_TARGETS_MAX);
	targets[spec->target_count++] = *target;
	return ERR_OK;
}

/* A kill switch as its flags. */
static enum err_code
expand_kill(const struct platform *platform, const char *name,
    struct request_spec *spec, struct request_target *targets, struct err *err)
{
	const struct platform_kill *kill = platform_kill_find(platform, name);
	const char *off = platform_kill_off(platform, name);
	enum err_code code = ERR_OK;

	if (kill == NULL)
		return err_set(err, ERR_NOTFOUND, origin,
		    off != NULL ? "kill switch %.60s is not there: %s"
				: "no kill switch is called %.60s",
		    name, off);
	for (size_t i = 0; i < kill->flags.count && code == ERR_OK; i++) {
		const struct request_target flag = { kill->flags.items[i],
			NULL };

		code = expand_add(spec, targets, &flag, err);
	}
	return code;
}

enum err_code
flag_expand(const struct platform *platform, const struct request_spec *spec,
    struct arena *arena, struct request_spec *ret_spec, struct err *err)
{
	const size_t prefix = strlen(FLAG_KILL_PREFIX);
	struct request_target *targets =
	    arena_array(arena, ACTION_TARGETS_MAX, sizeof(*targets));
	struct request_value *values =
	    arena_array(arena, spec->value_count + 1, sizeof(*values));
	enum err_code code = ERR_OK;
	size_t kills = 0;

	if (targets == NULL || values == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	*ret_spec = *spec;
	ret_spec->targets = targets;
	ret_spec->target_count = 0;
	for (size_t i = 0; i < spec->target_count && code == ERR_OK; i++) {
		const struct request_target *target = &spec->targets[i];
		bool kill =
		    strncmp(target->name, FLAG_KILL_PREFIX, prefix) == 0;

		kills += kill;
		code = kill ? expand_kill(platform, target->name + prefix,
				  ret_spec, targets, err)
			    : expand_add(ret_spec, targets, target, err);
	}
	if (code != ERR_OK || kills == 0 || kills < spec->target_count ||
	    spec->value_count > 0)
		return code;
	values[0] = (struct request_value) { "value", "off" };
	ret_spec->values = values;
	ret_spec->value_count = 1;
	return ERR_OK;
}
