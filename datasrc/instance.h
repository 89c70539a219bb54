/*
 * Watches what an answer says of the program that gave it: its version, of
 * which a change is shown as a deploy, and its uptime, which goes back when
 * it was started anew. Shared by all sources that read JSON.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_INSTANCE_H
#define SEV_DATASRC_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "datasrc/limits.h"

struct build;
struct cJSON;
struct redactor;

/* Bound by INSTANCE_ROWS. */
struct instance_conf {
	const char *version; /* path; NULL: not followed */
	const char *uptime;  /* path of seconds or a span; NULL */
};

#define INSTANCE_ROWS(owner, field)                                            \
	{                                                                      \
		OPT_FIELD(owner, field.version, "version", OPT_STRING),        \
		.help = "path of the running version; a change is shown as a " \
			"deploy",                                              \
	},                                                                     \
	{                                                                      \
		OPT_FIELD(owner, field.uptime, "uptime", OPT_STRING),          \
		    .help = "path of the uptime in seconds; going back is "    \
			    "shown as a restart",                              \
	}

/* What is remembered from one poll to the next. */
struct instance {
	const struct instance_conf *conf;   /* borrowed */
	const char *name;		    /* of the source; borrowed */
	const struct redactor *redactor;    /* borrowed; NULL: none */
	const char *metric;		    /* "http_uptime_seconds" */
	char version[INSTANCE_VERSION_MAX]; /* last seen; "": none yet */
	double uptime;			    /* last seen; NaN: none yet */
	int64_t uptime_wall_ms;		    /* when it was seen */
	bool no_row; /* the source has a table "services" of its own */
};

void instance_init(struct instance *instance, const struct instance_conf *conf,
    const char *name, const char *metric, const struct redactor *redactor);

/*
 * Looks at an answer: events, the version as the note, the uptime as a
 * gauge, both as a row of a table "services" (without a state: that is the
 * source's). root may be NULL. What is absent says nothing.
 */
void instance_look(struct instance *instance, const struct cJSON *root,
    int64_t wall_ms, struct build *build);

/* Adds to errors what is wrong with the paths; node is the source's map. */
void instance_check(const struct instance_conf *conf,
    const struct conf_node *node, struct conf_errors *errors);

#endif
