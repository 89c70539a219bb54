/*
 * The engine of the actions: the only way from a wish to an effect.
 *
 *	request -> PLANNING -> PLANNED -> y -> WAITING -> RECORDING -> SENDING
 *	    -> VERIFYING -> ENDING -> done | failed, nothing changed | ...
 *	    -> IN DOUBT  -> read back at 1, 3, 10, 30, 60, 120 s -> the same,
 *			    or unresolved until it can be read, or is closed
 *
 * - Nothing is sent before its intent is on disk, and nothing is sent twice:
 *   no failure leads back to SENDING. To try again is a new plan.
 * - The gate (actions/gate.h) is asked at the confirmation and again right
 *   before sending.
 * - One action at a time per target, in all processes that share a record;
 *   ACTIONS_PARALLEL at once in this one, of those that share a record. What
 *was confirmed and could not start within ACTIONS_LATE_MS is refused: it never
 *fires late.
 * - A plan older than ACTIONS_PLAN_OLD_MS, or another than the one that was
 *   shown, can't be confirmed.
 * - What came of it is on disk before it is said: who has seen an outcome
 *   may kill the process. One that can't be recorded is said, with that.
 * - Each record has a queue of its own (ACTIONS_ROWS_MAX): a store that does
 *   not answer holds up only the platforms whose record it is.
 * - What has no outcome when the process ends is found in the record by the
 *   next one, shown as in doubt, and settled by reading back only.
 *
 * Requests only queue: no function here waits for a server, a disk or the
 * engine's thread. What happens is published as a section (the store's
 * actions) with the tables `jobs`, `in_force`, `output`, `gates`, `targets` and
 * `plans` (what each job does, line by line), and as events of kind
 *EVENT_ACTION. thread: any, unless said otherwise. Lock: actions.lock, a leaf.
 */
#ifndef SEV_ACTIONS_ENGINE_H
#define SEV_ACTIONS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/action.h"
#include "actions/audit.h"
#include "actions/gate.h"
#include "base/err.h"

struct actions;
struct redactor;
struct store;

/* state, word on the screen */
#define JOB_STATES(X)                                                          \
	X(PLANNING, "planning")	  /* reading what is there */                  \
	X(PLANNED, "planned")	  /* waits for a decision */                   \
	X(WAITING, "waiting")	  /* confirmed, for its turn */                \
	X(RECORDING, "recording") /* the intent, on disk */                    \
	X(SENDING, "sending")                                                  \
	X(VERIFYING, "verifying") /* accepted; reading back */                 \
	X(DOUBT, "IN DOUBT")	  /* sent, no answer; reading back */          \
	X(ENDING, "ending")	  /* the outcome, on disk */                   \
	X(ENDED, "ended")

enum job_state {
#define X(state, word) JOB_##state,
	JOB_STATES(X)
#undef X
	JOB_STATE_COUNT,
};

/* outcome, word on the screen and in the audit, exit status of `act` */
#define JOB_OUTCOMES(X)                                                        \
	X(NONE, "", 2)		    /* not ended */                            \
	X(DONE, "done", 0)	    /* and verified */                         \
	X(FAILED, "failed", 1)	    /* nothing changed */                      \
	X(PARTLY, "partly done", 2) /* each target says which */               \
	X(BROKEN, "failed, maybe in part done", 2) /* ended badly half-way */  \
	X(UNRESOLVED, "unresolved", 2) /* can't be told; still open */         \
	X(CLOSED, "closed", 2)	       /* by a person, with a note */          \
	X(REFUSED, "refused", 3)       /* nothing was sent */                  \
	X(DROPPED, "dropped", 3)       /* not confirmed */

enum job_outcome {
#define X(outcome, word, exit) OUTCOME_##outcome,
	JOB_OUTCOMES(X)
#undef X
	OUTCOME_COUNT,
};

const char *job_state_word(enum job_state state);	/* never NULL */
const char *job_outcome_word(enum job_outcome outcome); /* never NULL */
int job_outcome_exit(enum job_outcome outcome);

/* All borrowed for as long as the engine lives. */
struct actions_options {
	const struct action_ops *const *table; /* action_table */
	const struct platform *const *platforms;
	size_t platform_count;
	struct store *store; /* published to; read for the after-check */
	struct redactor *redactor;
	enum gate_mode gate;
	const char *audit_path; /* of the SQLite file */
	const char *syslog;	/* socket; NULL: none */
	int64_t drill_since_ms; /* when the practice world began, wall clock:
				 * what was done to others is gone with them;
				 * 0: not known */
	int64_t hurry; /* tests: times of the read-back divided by; 0: 1 */
};

enum err_code actions_open(const struct actions_options *options,
    struct actions **ret_actions, struct err *err) ATTR_MUST_USE;

/* Starts the thread and looks for what earlier processes left open. */
enum err_code actions_start(
    struct actions *actions, struct err *err) ATTR_MUST_USE;

/*
 * Ends it until the deadline: what waits is dropped, what is being sent is
 * cancelled and stays open in the record. False when a call is stuck:
 * actions_free() then frees nothing and the process has to end.
 */
bool actions_stop(struct actions *actions, int64_t deadline);
struct actions *actions_free(struct actions *actions); /* NULL is allowed */

/*
 * Asks for a plan. *ret_job names it from now on. ERR_USAGE, ERR_NOTFOUND
 * for what can be told at once, wrong arguments among it; the rest is in the
 * job.
 */
enum err_code actions_plan(struct actions *actions,
    const struct request_spec *spec, uint64_t *ret_job,
    struct err *err) ATTR_MUST_USE;

/*
 * Asks for the words that argument arg may be; spec may lack arguments. The
 * job ends as done with choices in its view, or says why not; it is in no
 * table and on no record. ERR_UNSUPPORTED: the action offers none.
 */
enum err_code actions_choices(struct actions *actions,
    const struct request_spec *spec, const char *arg, uint64_t *ret_job,
    struct err *err) ATTR_MUST_USE;

/*
 * Does what shown, the job's plan as it was on the screen, says. reason and
 * typed may be NULL where the class asks for none. ERR_FORBIDDEN by the
 * gate; ERR_USAGE for a missing reason or another name; ERR_CLOSED when the
 * plan is old, another, or not waiting.
 */
enum err_code actions_confirm(struct actions *actions, uint64_t job,
    const struct plan *shown, const char *reason, const char *typed,
    struct err *err) ATTR_MUST_USE;

/* Drops a plan; what is being sent is cancelled and then in doubt. */
void actions_cancel(struct actions *actions, uint64_t job);

/* Closes what is in doubt or unresolved by a person's word. */
enum err_code actions_close(struct actions *actions, uint64_t job,
    const char *note, struct err *err) ATTR_MUST_USE;

/* Plans the undo of what is in force; id as in the table in_force. */
enum err_code actions_undo(struct actions *actions, const char *id,
    uint64_t *ret_job, struct err *err) ATTR_MUST_USE;

/* Takes it off that list, undone or not. */
enum err_code actions_keep(struct actions *actions, const char *id,
    const char *reason, struct err *err) ATTR_MUST_USE;

/* platform NULL: all. for_ns 0: the usual time. As gate_arm(). */
enum err_code actions_arm(struct actions *actions, const char *platform,
    const char *reason, int64_t for_ns, struct err *err) ATTR_MUST_USE;
void actions_disarm(struct actions *actions, const char *platform);

/* The gate of a platform now; false: no such platform. */
bool actions_gate(
    struct actions *actions, const char *platform, struct gate *ret_gate);

/* A job as it is now; release it. False: there is no such job (any more). */
struct job_view {
	uint64_t job;
	char id[AUDIT_ID_LEN];
	enum job_state state;
	enum job_outcome outcome;
	int64_t since;		 /* of this state, on clock_now() */
	struct plan *plan;	 /* a reference; NULL: none yet */
	struct choices *choices; /* a reference; NULL: none were asked for */
	char words[ERR_MSG_MAX]; /* why, or what is awaited; plain; may be "" */
	bool has_output;	 /* there are lines in the table output */
};
bool actions_job(
    struct actions *actions, uint64_t job, struct job_view *ret_view);
void job_view_release(struct job_view *view);

/* Actions that are in force, and that are under way, for the way out. */
size_t actions_in_force_count(struct actions *actions);
size_t actions_running_count(struct actions *actions);

/*
 * Rows that are not on record: such as no memory, no room or the store
 * itself refused and, once the engine has ended, those that it could not
 * write. *ret_words: which one, and why. False: there are no more.
 */
bool actions_missing(
    struct actions *actions, size_t index, char ret_words[ERR_MSG_MAX]);

/*
 * The newest row that this process knows of the record of a platform (an
 * index; several may share one); seq 0: it wrote none. False: no more.
 */
bool actions_audit_head(
    struct actions *actions, size_t platform, struct audit_head *ret_head);

/*
 * Visits what can be done to a row of a table of a source, built in and
 * configured, in the order of the tables. table and row NULL: what needs no
 * row. fn returns false to end.
 */
void actions_for_row(const struct actions *actions, const char *platform,
    const char *source_type, const struct table *table,
    const struct table_row *row,
    bool (*fn)(void *ctx, const char *name, const struct action_ops *ops),
    void *ctx);

#endif
