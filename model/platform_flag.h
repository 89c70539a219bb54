/*
 * Feature flags: what `flags:` of a platform says. The backends ("redis",
 * "file") bring tables of options for their own keys, as source types do;
 * the keys that all of them share are here.
 *
 *	flags:
 *	  throttle:
 *	    type: redis
 *	    source: redis
 *	    hash: flags
 *	    field: AUTO_THROTTLE
 *	    values: {on: "1", off: "0"}
 *	kill:
 *	  outbound: [throttle, crawler]
 *
 * A flag has words for people (on, off) and texts for its backend ("1",
 * "0"). Without values it is on and off, which the backend calls true and
 * false; one with text: true holds any text.
 * thread: read-only after loading, so any.
 */
#ifndef SEV_MODEL_PLATFORM_FLAG_H
#define SEV_MODEL_PLATFORM_FLAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"
#include "model/action_class.h"
#include "model/platform_type.h"

struct platform;
struct platform_flag;

struct platform_flag_types {
	/* Fills *ret with the backend at index; false behind the last. */
	bool (*at)(const void *ctx, size_t index, struct platform_type *ret);
	/* Checks what rows can't say, once all is bound without error. */
	void (*check)(const void *ctx, const struct platform *platform,
	    const struct platform_flag *flag, struct conf_errors *errors);
	const void *ctx;
	const char *source; /* type of the source that reads all of them; one
			     * is added to a platform that has flags */
};

struct platform_flag {
	const char *name;
	const char *title; /* never NULL: the name, when not stated */
	const char *help;  /* NULL: none */
	const char *type;
	const void *ops;	      /* as platform_type gave it */
	enum action_class class;      /* of setting it */
	struct opt_pairs values;      /* word for people, text of the backend */
	bool text;		      /* any text; values has none */
	bool secret;		      /* its value is never shown or recorded */
	const char *missing;	      /* word for no value at all; NULL: none */
	const char *watch;	      /* signal that setting it mends; NULL */
	const char *off;	      /* why it counts as not there; NULL */
	const void *config;	      /* bound; zeroed without keys */
	const struct conf_node *node; /* its map in the file */
	struct conf_pos pos;	      /* of its name */
};

/* Flags that are set together, in one plan. */
struct platform_kill {
	const char *name;
	struct opt_list flags; /* names */
	const char *off;       /* which of them counts as not there; NULL */
	struct conf_pos pos;
};

/* Rows of every flag, for help and schemas. */
extern const struct opt_table platform_flag_opts;

/* NULL: none of that name. */
const struct platform_flag *platform_flag_find(
    const struct platform *platform, const char *name);
const struct platform_kill *platform_kill_find(
    const struct platform *platform, const char *name);

/*
 * Why one of that name counts as not there ("COMPOSE_DIR is not set");
 * NULL: it is there, or there is none in the file either. A group does when
 * one of its flags does: half of a kill switch is none.
 */
const char *platform_flag_off(
    const struct platform *platform, const char *name);
const char *platform_kill_off(
    const struct platform *platform, const char *name);

/*
 * The word for a text of the backend (NULL: it has none); NULL: there is no
 * word for it.
 */
const char *platform_flag_word(
    const struct platform_flag *flag, const char *stored);

/* The text for a word; NULL: it is none of the flag's. */
const char *platform_flag_stored(
    const struct platform_flag *flag, const char *word);

#endif
