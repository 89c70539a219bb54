/*
 * What the kinds of configured actions share: values that are read before
 * (old and new), the precondition that they have not changed, the read-back
 * afterwards, and the undo that restores what was read.
 *
 *	reads:
 *	  instances:
 *	    argv: [pm2-instances, '${target.name}']
 *	    want: ${input.instances}
 *	verify: {health: pm2/api}
 *	undo: scale
 *	undo_set: {instances: '${read.instances}'}
 *
 * All of it is looked at once for each target, or once without any.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_CONFIGURED_H
#define SEV_ACTIONS_CONFIGURED_H

#include <stdbool.h>
#include <stddef.h>

#include "actions/action.h"
#include "actions/peek.h"
#include "actions/scope.h"

/* A kind's own struct begins with it. */
struct configured_conf {
	struct peek_conf base; /* first: what the action itself sends */
	const struct conf_node *verify;	 /* a peek; NULL: none */
	const struct conf_node *reads;	 /* map of names to peeks; NULL */
	const struct conf_node *targets; /* what lists them; NULL: nothing */
};

/* The keys of both kinds; offsets as above. */
#define CONFIGURED_ROWS                                                        \
	{                                                                      \
		OPT_FIELD(struct configured_conf, verify, "verify", OPT_NODE), \
		.help = "how it is seen that it was done: argv, url or "       \
			"health",                                              \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct configured_conf, reads, "reads", OPT_NODE),     \
		    .group = &peek_table,                                      \
		    .help = "values that are read before: a map of names; "    \
			    "with a want they must not be so yet, and must "   \
			    "be so afterwards",                                \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct configured_conf, targets, "targets_from",     \
		    OPT_NODE),                                                 \
		    .help = "a command that prints what it can be done to, a " \
			    "line each",                                       \
	}

/* One call of plan, apply or verify. */
struct configured {
	struct action_ctx *ctx;
	const struct configured_conf *conf;
	struct peek_conf verify; /* zero: none */
	size_t count;		 /* targets, at least one */
	const char **names;	 /* of the reads */
	struct peek_conf *peeks; /* as many */
	size_t peek_count;
	struct configured_was *was; /* by target; what the memo says */
};

/* What was so when the plan was made. */
struct configured_was {
	bool so; /* it read as done already */
	char etag[PEEK_ETAG_LEN];
	struct scope_value *values; /* by read */
};

/*
 * For a call of plan(): checks that targets and choices are among those that
 * there are. ERR_NOTFOUND, ERR_USAGE, and errors of looking.
 */
enum err_code configured_begin(struct configured *c, struct action_ctx *ctx,
    struct err *err) ATTR_MUST_USE;

/* For apply() and verify(): with the values of the memo. ERR_BADDATA. */
enum err_code configured_resume(struct configured *c, struct action_ctx *ctx,
    const struct plan *plan, struct err *err) ATTR_MUST_USE;

/*
 * Reads all values, adds their lines, the undo, what verifies it and the
 * memo. accepted is what counts as done when nothing does: "exit status 0".
 */
enum err_code configured_plan(struct configured *c, struct plan *plan,
    const char *accepted, struct err *err) ATTR_MUST_USE;

/* The scope of one target, with what was read for it. */
struct scope configured_scope(const struct configured *c, size_t index);

/* Reads again: ERR_CLOSED when something is not as it was. */
enum err_code configured_same(
    struct configured *c, size_t index, struct err *err) ATTR_MUST_USE;

/* Whether anything reads it back. */
bool configured_is_verified(const struct configured *c);

/* The verify() of a kind. */
enum err_code configured_verify(
    struct configured *c, struct err *err) ATTR_MUST_USE;

/*
 * Adds to errors what is wrong with all of this. scope: of samples, in which
 * the values that are read are known from then on.
 */
void configured_check(const struct configured_conf *conf,
    const struct platform_action *action, struct scope *scope,
    struct conf_errors *errors);

#endif
