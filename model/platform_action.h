/*
 * A configured action: what `actions:` of a platform adds to those that are
 * built in. The kinds ("command", "http") bring tables of options for their
 * own keys, as source types do; the keys that all kinds share are here.
 *
 *	actions:
 *	  rollback:
 *	    type: command
 *	    title: Roll back the API
 *	    class: disruptive
 *	    on: [services]
 *	    watch: error_rate
 *	    inputs:
 *	      revision: {type: choice, choices: [a, b], required: true}
 *
 * thread: read-only after loading, so any.
 */
#ifndef SEV_MODEL_PLATFORM_ACTION_H
#define SEV_MODEL_PLATFORM_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "model/action_class.h"
#include "model/platform_type.h"

struct platform;
struct platform_action;

struct platform_action_types {
	/* Fills *ret with the kind at index; false behind the last. */
	bool (*at)(const void *ctx, size_t index, struct platform_type *ret);
	/*
	 * Checks what rows can't say, once all of the file is bound without
	 * error. NULL: nothing to check.
	 */
	void (*check)(const void *ctx, const struct platform *platform,
	    const struct platform_action *action, struct conf_errors *errors);
	const void *ctx;
};

/* How many targets it takes. */
enum platform_targets {
	PLATFORM_TARGETS_NONE, /* it acts on the platform as a whole */
	PLATFORM_TARGETS_ONE,
	PLATFORM_TARGETS_MANY,
};

/* A value that is asked for before the plan is made. */
struct platform_input {
	struct opt opt; /* name, kind, bounds, choices, preset, help; its
			 * offset is not used */
	const struct conf_node *from; /* where choices come from, as the
				       * kind reads it; NULL: from opt */
	struct conf_pos pos;
};

struct platform_action {
	const char *name;
	const char *title; /* never NULL: the name, when not stated */
	const char *help;  /* NULL: none */
	const char *type;
	const void *ops; /* as platform_type gave it */
	enum action_class class;
	const char *key;    /* command of the keyboard, unchecked; NULL: none */
	struct opt_list on; /* tables whose rows it can be done to */
	enum platform_targets targets;
	const struct platform_input *inputs;
	size_t input_count;
	const char *watch;  /* signal that it is to mend; NULL: none */
	int64_t watch_ns;   /* how long it is watched; 0: the usual time */
	int64_t timeout_ns; /* of one try; 0: the kind's own */
	int64_t settle_ns;  /* until it must show; 0: the kind's own */
	const char *undo;   /* name of the action that takes it back; NULL */
	struct opt_pairs undo_set; /* with these values */
	const char *first;  /* action to be done before, such as a dump; NULL */
	const char *off;    /* why it counts as not there; NULL: it is */
	const void *config; /* bound; zeroed when the kind has no keys */
	const struct conf_node *node; /* its map in the file */
	struct conf_pos pos;	      /* of its name */
};

/* Rows of every action and of one input, for help and schemas. */
extern const struct opt_table platform_action_opts;
extern const struct opt_table platform_input_opts;

/* NULL: none of that name. */
const struct platform_action *platform_action_find(
    const struct platform *platform, const char *name);

/*
 * Why one of that name counts as not there ("COMPOSE_DIR is not set");
 * NULL: it is there, or there is none in the file either.
 */
const char *platform_action_off(
    const struct platform *platform, const char *name);

#endif
