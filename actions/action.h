/*
 * What an action is. Adding one is one struct action_ops at the end of the
 * file of its family and one row in actions/table.c; its dialog, its place
 * in the list behind X, `sevtop act`, the audit, verification and undo come
 * with that (docs/adding-an-action.md).
 *
 * An action never decides whether it may run, never asks, never retries and
 * never records: the engine does (actions/engine.h). It has four duties.
 *
 * plan    reads, sends nothing that changes anything, and says what would
 *         happen. It binds identities (a pid with its start time, an etag,
 *         a version) and puts them into the memo.
 * apply   sends what the plan said, once, and only if the precondition of
 *         the memo still holds; where the server can, in one statement with
 *         it. It reports each target: TARGET_UNCHANGED only with proof that
 *         nothing was or will be done, TARGET_ACCEPTED when the server said
 *         yes. What it does not report is in doubt.
 * verify  reads back, from the memo alone, whether it is so. It may run in
 *         another process than apply did.
 * undo    is no code: plan_undo() names the request that restores what was
 *         read. It is planned and confirmed like any other.
 *
 * All run on a thread of the engine, one at a time for one action, and may
 * block only in waits that end by ctx->deadline and ctx->cancel. They touch
 * nothing shared but what struct action_ctx names, for a call that hangs is
 * abandoned with everything it holds.
 */
#ifndef SEV_ACTIONS_ACTION_H
#define SEV_ACTIONS_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/choices.h"
#include "actions/plan.h"
#include "actions/request.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/thread.h"
#include "model/action_class.h"

struct action_ctx;
struct arena;
struct frame;
struct gcp_tokens;
struct platform;
struct platform_action;
struct platform_source;
struct redactor;
struct table;
struct table_row;

/*
 * What is known of one target of an action. An action without targets has
 * one all the same, number 0: its source as a whole.
 */
#define TARGET_STATES(X)                                                       \
	X(OPEN, "not known")	    /* sent or not, done or not */             \
	X(ACCEPTED, "accepted")	    /* the server said yes */                  \
	X(DONE, "done")		    /* and reading back shows it */            \
	X(PARTLY, "partly done")    /* for good; the words say how much */     \
	X(FAILED, "failed")	    /* for good; part of it may be done */     \
	X(UNCHANGED, "not changed") /* nothing was done, nothing will be */

enum target_state {
#define X(state, words) TARGET_##state,
	TARGET_STATES(X)
#undef X
	TARGET_STATE_COUNT,
};

const char *target_state_words(enum target_state state); /* never NULL */

/* Whether nothing more will become known: done, partly, failed or not changed.
 */
bool target_state_is_final(enum target_state state);

/* Rows of which table an action can be done to. */
struct action_row {
	const char *source_type; /* "bullmq"; NULL: of any source */
	const char *table;	 /* "queues" */
	const char *column; /* whose cell names a target; NULL: the key does */
};

struct action_ops {
	const char *name;	 /* "queue.pause": a contract once released */
	const char *title;	 /* "Pause queue" */
	const char *hint;	 /* behind its key, "roll back"; NULL: the first
				  * word of the title says it all */
	const char *help;	 /* one line, lower case, no full stop */
	enum action_class class; /* the least; a plan may raise it */
	const char *key; /* command of the keyboard ("act-pause"), NULL: X */
	const struct action_row *rows; /* ended by {NULL}; may be NULL */
	const char *source_type;       /* of the source that is acted on; NULL:
					* none, ctx->source is NULL */
	size_t targets_min;	       /* 0: it acts on the source as a whole */
	size_t targets_max;

	/* Arguments, bound and checked before plan() from the request. */
	bool asks;   /* none is required alone, but one of them has to be given:
		      * the dialog asks for them first */
	bool others; /* values of any other name are taken as well, which plan()
		      * finds in the request */
	const struct opt_table *args; /* NULL: none */
	size_t args_size;	      /* of the struct that they fill */

	/*
	 * Kinds of configured actions only (action_types): their own keys in
	 * the configuration, the struct that they fill (ctx->configured->
	 * config), and a check of what rows can't say (NULL: none). Class,
	 * title, targets and inputs come from the configuration then, and
	 * ctx->args is an array of texts, one per input (const char *const *;
	 * NULL: not given and without default).
	 */
	const struct opt_table *config;
	size_t config_size;
	void (*check)(const struct platform *platform,
	    const struct platform_action *action, struct conf_errors *errors);

	int64_t plan_ns; /* deadlines of one call; 0: ACTION_PLAN_MS ... */
	int64_t apply_ns;
	int64_t verify_ns;
	int64_t settle_ns; /* how long an accepted action may take until it
			    * shows; 0: ACTION_SETTLE_MS */
	bool partial;	   /* without an answer and without a visible effect,
			    * part of it may be done all the same */

	/*
	 * Optional. Whether it makes sense for this row, from what is on the
	 * screen: no resume for what is not paused. NULL: for all of rows.
	 * thread: UI.
	 */
	bool (*fits)(const struct table *table, const struct table_row *row);

	/*
	 * Optional. What a request means in full, before anything else is
	 * done with it: other targets, more values. Texts live in arena.
	 */
	enum err_code (*expand)(const struct platform *platform,
	    const struct request_spec *spec, struct arena *arena,
	    struct request_spec *ret_spec, struct err *err);

	/*
	 * Optional. The signal that a request is to mend, when it does not
	 * name one itself; NULL: none.
	 */
	const char *(*watch)(
	    const struct platform *platform, const struct request *request);

	/*
	 * Optional. The words that argument arg may be, from the server or a
	 * command; reads only. ctx->args is NULL: they are not known yet.
	 */
	enum err_code (*choices)(struct action_ctx *ctx, const char *arg,
	    struct choices *choices, struct err *err);

	/*
	 * Fills plan. ERR_NOTFOUND when a target is not there, ERR_CLOSED
	 * when it is another than the row said ("changed since you looked"),
	 * ERR_UNSUPPORTED when it must not be touched; err says what to do.
	 */
	enum err_code (*plan)(
	    struct action_ctx *ctx, struct plan *plan, struct err *err);

	/*
	 * Does it, and reports with action_target(). The code is only words
	 * beside the targets' states: ERR_OK, or why something failed.
	 */
	enum err_code (*apply)(
	    struct action_ctx *ctx, const struct plan *plan, struct err *err);

	/*
	 * Reads back and reports: TARGET_DONE; TARGET_PARTLY when only some
	 * of it was done, TARGET_FAILED when that may be; TARGET_UNCHANGED
	 * when it is disproved for good; nothing when it does not show yet,
	 * which is the case for what is half done, too, until ctx->late. An
	 * error means that reading failed; ERR_UNSUPPORTED, that it will
	 * never tell: err says where to look.
	 */
	enum err_code (*verify)(
	    struct action_ctx *ctx, const struct plan *plan, struct err *err);
};

/* One call of plan, apply or verify. Borrowed for its length. */
struct action_ctx {
	const struct action_ops *ops;
	const struct request *request;
	const struct platform *platform;
	const struct platform_source *source;	  /* NULL: ops names no type */
	const struct platform_action *configured; /* NULL: built in */
	const void *args;	   /* the bound struct; NULL: has none */
	struct redactor *redactor; /* for text_ingest(), and to add to */
	struct gcp_tokens *tokens; /* of Google Cloud, of all calls */
	const struct frame *frame; /* what sources know; stale or empty
				    * (`sevtop act` polls nothing) */
	int64_t deadline;
	const struct cancel *cancel;
	int64_t now; /* when the call began, on clock_now() */
	int64_t wall_ms;
	bool late;	     /* verify: what does not show now never will */
	struct arena *arena; /* scratch, freed after the call */
	struct action_report *report; /* behind the functions below */
};

/*
 * Reports target index, with words that may hold bytes from outside (fmt
 * NULL: none). States only go forward: what is final stays.
 */
void action_target(struct action_ctx *ctx, size_t index,
    enum target_state state, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* All targets of which the end is not known yet. */
void action_targets(struct action_ctx *ctx, enum target_state state,
    const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Whether verify still has to look at target index. */
bool action_is_open(const struct action_ctx *ctx, size_t index);

/* Whether the answer to apply said yes: verify then has less to prove. */
bool action_is_accepted(const struct action_ctx *ctx, size_t index);

/*
 * What apply learned of target index and verify can use: the name of an
 * operation. It lives as long as the process: another one that reads back
 * gets "". Words of ACTION_KEPT_MAX or more are not kept.
 */
void action_keep(struct action_ctx *ctx, size_t index, const char *words);
const char *action_kept(const struct action_ctx *ctx, size_t index);

/* A line for the output pane: what a command prints. Cleaned and redacted. */
void action_say(struct action_ctx *ctx, const void *bytes, size_t len);

/*
 * Rests between two rounds until that time. ERR_CANCELLED; ERR_TIMEOUT: the
 * call's own time is over.
 */
enum err_code action_rest(
    const struct action_ctx *ctx, int64_t until, struct err *err) ATTR_MUST_USE;

/* The families' rows, sorted by name, ended by NULL. actions/table.c. */
extern const struct action_ops *const action_table[];

/* The kinds of configured actions ("http", "command"), ended by NULL. */
extern const struct action_ops *const action_types[];

/* action_types as the configuration wants to see them. */
struct platform_action_types;
extern const struct platform_action_types action_platform_types;

/*
 * All that a configuration may name: types of sources, flags and configured
 * actions. Whoever loads one wants these, so that it is read as by sevtop.
 */
struct platform_types;
void action_config_types(struct platform_types *ret);

/* Where ops lists such a table; NULL: nowhere. */
const struct action_row *action_row_find(const struct action_ops *ops,
    const char *source_type, const struct table *table);

/* NULL: no such action in table (action_table, or that of a test). */
const struct action_ops *action_find(
    const struct action_ops *const *table, const char *name);

#endif
