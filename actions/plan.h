/*
 * A plan: what an action would do, read from the present state, as data. It
 * is what the dialog shows, what `--plan` prints, what the audit keeps, and
 * all that apply and verify work from, so that what was confirmed is what
 * is done, and a new process can still read back what an ended one did.
 *
 *	plan_line(plan, TEXT("state"), old, TEXT("paused"), TEXT_EMPTY);
 *	plan_reach(plan, TEXT("jobs waiting"), NUM_COUNT, 1204);
 *	plan_send(plan, text_fmt(plan->arena, "EVAL pause.lua %s", name));
 *	plan_trap(plan, TEXT("jobs that run already go on"));
 *	plan_undo(plan, &resume);
 *
 * While plan() builds it, a plan belongs to that call; texts live in
 * plan->arena or are literals. Adding never fails visibly: plan_finish(),
 * which the engine calls, says so. After that it is immutable and reference
 * counted. thread: builder: owner; else any.
 */
#ifndef SEV_ACTIONS_PLAN_H
#define SEV_ACTIONS_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/request.h"
#include "base/num.h"
#include "base/text.h"
#include "model/action_class.h"

struct redactor;

/* One thing that changes, or that stands beside it (new empty). */
struct plan_line {
	struct text label;
	struct text old; /* empty: there was none */
	struct text new; /* empty: shown only */
	struct text note;
};

/* A figure of the blast radius. */
struct plan_reach {
	struct text label;
	enum num_unit unit;
	double value; /* NaN: can't be told */
};

struct plan {
	atomic_uint refs;
	struct arena *arena;
	struct request *request; /* a reference */
	enum action_class class; /* at least that of the action */
	bool nothing;	    /* it is so already: there is nothing to confirm */
	struct text title;  /* "Pause queue" */
	struct text verb;   /* "pause now": what y does */
	struct text effect; /* one sentence; may be empty */
	struct text basis;  /* what it was read from, and what will abort it */
	const char *word;   /* to be typed when destructive; never NULL */
	const struct plan_line *lines;
	size_t line_count;
	const struct text *sends; /* words that will be sent, in order */
	size_t send_count;
	const struct plan_reach *reach;
	size_t reach_count;
	const struct text *traps;
	size_t trap_count;
	const struct text *samples; /* of what it will touch */
	size_t sample_count;
	size_t sample_total; /* how much there is */
	int64_t read_at;     /* clock_now() when reading ended */
	int64_t read_wall_ms;
	const char *memo;     /* for apply and verify; "" when unused */
	struct request *undo; /* what takes it back; NULL: nothing does */
	bool whole;	/* false: parsed from a record that had to hide some of
			 * it, so that it can't be read back from */
	size_t dropped; /* lines and the like past their maxima */
};

/* One reference, the caller's. A reference to request is taken. NULL: no
 * memory. */
struct plan *plan_new(struct request *request) ATTR_MUST_USE;
struct plan *plan_ref(struct plan *plan);
struct plan *plan_unref(struct plan *plan); /* NULL is allowed */

/* Raises the class; never lowers it. */
void plan_class(struct plan *plan, enum action_class class);

void plan_line(struct plan *plan, struct text label, struct text old,
    struct text new, struct text note);
void plan_send(struct plan *plan, struct text words);
void plan_reach(
    struct plan *plan, struct text label, enum num_unit unit, double value);

/* What a person who knows the system would warn of. */
void plan_trap(struct plan *plan, struct text words);

/* One of the things that it will touch; total counts those not given, too. */
void plan_sample(struct plan *plan, struct text row);
void plan_total(struct plan *plan, size_t total);

/*
 * What apply and verify need: identities, values read, the precondition. It
 * goes into the audit, so it holds no secret, and is what a later process
 * reads back from. Copied.
 */
void plan_memo(struct plan *plan, const char *memo);

/* The request that restores what was read. Copied; see request_new(). */
void plan_undo(struct plan *plan, const struct request_spec *undo);

/* Whether the plan is whole. ERR_NOMEM; ERR_USAGE: the undo can't be. */
enum err_code plan_finish(struct plan *plan, struct err *err) ATTR_MUST_USE;

/*
 * As JSON, redacted: {action, title, class, ..., request, undo, memo}. What
 * can't be kept without a secret reads as redacted, and a plan that is
 * parsed from it then has no memo. ERR_TOOBIG, ERR_NOMEM.
 */
enum err_code plan_json(const struct plan *plan,
    const struct redactor *redactor, struct buf *out) ATTR_MUST_USE;

/* Back from such a JSON, with one reference. ERR_BADDATA, ERR_NOMEM. */
enum err_code plan_parse(const void *bytes, size_t len, struct plan **ret_plan,
    struct err *err) ATTR_MUST_USE;

/* Appends the plan as lines of plain UTF-8, for --plan. False: out is full. */
bool plan_text(const struct plan *plan, struct buf *out);

#endif
