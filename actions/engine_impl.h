/*
 * What the files of the engine share. Private to actions/engine*.c.
 *
 * The engine's thread owns everything but what is said to be under
 * actions.lock, and is the only one that changes it; under the lock it
 * changes what others may read. Others only set orders (confirmed, cancel,
 * close) and append jobs and records, all under the lock. A call runs on a
 * thread of its own with copies of what it needs, so that one that hangs in
 * a library can be left behind.
 */
#ifndef SEV_ACTIONS_ENGINE_IMPL_H
#define SEV_ACTIONS_ENGINE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "actions/bind.h"
#include "actions/check.h"
#include "actions/engine.h"
#include "actions/judge.h"
#include "actions/who.h"
#include "base/thread.h"
#include "model/store.h"

struct build;

/* Lines that an action said; the newest bytes of them. */
struct output {
	atomic_uint refs; /* its job, its call */
	/* under actions.lock */
	char bytes[ACTIONS_OUTPUT_MAX]; /* lines, each ended by a newline */
	size_t len;
	size_t dropped; /* lines that made room */
};

enum call_kind {
	CALL_PLAN,
	CALL_CHOICES, /* words for an argument */
	CALL_APPLY,   /* records the intent, then sends */
	CALL_VERIFY,
	CALL_RECORD,  /* writes one row */
	CALL_RESTORE, /* reads what earlier processes left */
};

/* What is known of a row that was not written. */
enum record_fate {
	RECORD_ABSENT,	/* it is not there, and may be tried again */
	RECORD_TRIED,	/* it may be there: the answer was lost */
	RECORD_REFUSED, /* it is not there: the store refuses this row */
};

/* One blocking call on a thread of its own. */
struct call {
	enum call_kind kind;
	struct actions *actions;
	struct thread thread;
	struct cancel cancel;
	atomic_bool ended; /* the last thing that its thread does */
	atomic_int phase;  /* APPLY: enum job_state, RECORDING or SENDING */
	_Atomic int64_t give_up_at; /* then it is left behind */

	/* given */
	char id[AUDIT_ID_LEN];
	struct bound bound;
	struct request *request; /* a reference; NULL: RECORD, RESTORE */
	struct plan *plan;	 /* a reference; PLAN: made by it */
	int64_t confirmed_at;
	bool late;		/* VERIFY: nothing more can come */
	char *reason;		/* owned; APPLY */
	char *undo_of;		/* owned; APPLY */
	struct record *record;	/* owned; RECORD */
	struct ledger *ledger;	/* RESTORE */
	int64_t head_seq;	/* RESTORE: what was on record before */
	char arg[NAME_MAX_LEN]; /* CHOICES */
	struct output *output;	/* a reference */

	/* brought back */
	enum err_code code;
	struct err err;
	struct judge_target *targets; /* owned; of APPLY and VERIFY */
	size_t target_count;
	struct choices *choices; /* a reference; CHOICES */
	bool recorded;		 /* APPLY: the intent may be on disk */
	bool sent;		 /* APPLY: apply() was called */
	int64_t sent_at;
	struct restored *restored; /* owned; RESTORE */
	enum record_fate fate;	   /* RECORD */
};

/* A row on its way to its record; the queue keeps their order. */
struct record {
	struct record *next;
	size_t platform; /* whose record it goes to, an index */
	bool failed;	 /* there was no memory for a field */
	char *field[AUDIT_FIELD_COUNT];
};

/*
 * A record, of one platform or of several: everything that waits for its
 * store, so that no other waits with it.
 */
struct ledger {
	size_t platform; /* constant: the first one whose record it is */

	/* under the lock */
	struct record *first; /* of the queue; NULL: empty */
	struct record **end;
	size_t waiting;
	struct audit_head head;
	bool over; /* leaving, and the last try failed, too */

	/* the engine's thread only */
	struct call *writer;   /* the one RECORD call */
	struct call *restorer; /* the one RESTORE call */
	int64_t write_at;      /* when to try again */
	int64_t restore_at;
	bool known;		 /* it was looked at for what is open there */
	unsigned failures;	 /* of writing, in a row */
	char words[ERR_MSG_MAX]; /* why nothing can be recorded; "": it can */
};

/* What an earlier process left: an open intent, or an action in force. */
struct restored {
	struct restored *next;
	bool open; /* else in force */
	char id[AUDIT_ID_LEN];
	char undo_of[AUDIT_ID_LEN];
	struct plan *plan; /* a reference */
	bool same_boot;
	int64_t sent_at; /* on clock_now(), when same_boot */
	int64_t wall_ms; /* of the intent; 0: not known */
	char who[WHO_TEXT_MAX];
	char reason[ACTION_REASON_MAX];
};

/* An action whose undo has not been done. Under actions.lock. */
struct force {
	char id[AUDIT_ID_LEN];
	const struct ledger *ledger; /* where it was found */
	struct plan *plan;	     /* a reference */
	int64_t wall_ms;
	char who[WHO_TEXT_MAX];
	bool on_record; /* it was found there */
	bool seen;	/* at the last look */
};

struct job {
	/* constant once it is listed */
	uint64_t number;
	char id[AUDIT_ID_LEN];
	struct request *request; /* a reference */
	struct bound bound;	 /* ops NULL: an action that is no more */
	int64_t wall_ms;	 /* when it was asked for */
	char who[WHO_TEXT_MAX];
	bool adopted;		/* begun by an earlier process */
	char arg[NAME_MAX_LEN]; /* it only asks for choices; "": it acts */

	/* under the lock */
	enum job_state state;
	enum job_outcome outcome;
	int64_t since;
	int64_t since_wall_ms;
	struct plan *plan;	 /* a reference; NULL: none yet */
	struct choices *choices; /* a reference; NULL */
	char words[ERR_MSG_MAX];
	struct output *output; /* a reference; NULL: said nothing yet */
	bool confirmed;	       /* an order, with the next two */
	int64_t confirmed_at;
	char given[ACTION_REASON_MAX];
	bool cancel;		      /* an order */
	bool close;		      /* an order */
	char note[ACTION_REASON_MAX]; /* of close */

	/* the engine's thread only */
	char reason[ACTION_REASON_MAX];
	bool recorded;	   /* its intent is in the record */
	struct call *call; /* running; NULL: none */
	struct judge judge;
	struct judge_target *targets; /* owned; judge's */
	int64_t read_at;	      /* when to read back next */
	bool looked;		      /* it was read back here */
	char undo_of[AUDIT_ID_LEN];   /* "": takes nothing back */
	struct check check;
	int64_t ended_at;
	enum job_outcome end; /* of ENDING and ENDED, with the next */
	char end_words[ERR_MSG_MAX];
	bool missing; /* its outcome is not on record */
};

struct actions {
	struct actions_options options;
	struct who who;
	int64_t hurry;		   /* at least 1 */
	struct gcp_tokens *tokens; /* locks itself */
	struct thread thread;
	struct wake wake;
	bool started;
	bool stuck;

	size_t *ledger_of; /* [platform_count], index of its record */
	size_t ledger_count;

	pthread_mutex_t lock; /* a leaf */
	/* under the lock */
	struct job *jobs[ACTIONS_JOBS_MAX];
	size_t job_count;   /* appended by any, taken out by the engine */
	uint64_t numbers;   /* given to jobs so far */
	struct gate *gates; /* [platform_count] */
	struct force force[AUDIT_FORCE_MAX];
	size_t force_count;
	struct ledger *ledgers;
	char missing[ACTIONS_MISSING_MAX][ERR_MSG_MAX]; /* not on record */
	size_t missing_count; /* the first of them are above */
	int64_t leave_by;     /* 0: stay */
	bool said;	      /* lines of output: publish again, in a moment */
	bool changed;	      /* publish again */

	/* the engine's thread only */
	struct frame frame;
	struct call *lost[ACTIONS_LOST_MAX];
	size_t lost_count;
	int64_t gate_at; /* when a gate closes by itself */
	int64_t started_at;
	int64_t event_ms; /* of the newest event */
	struct action_event {
		int64_t wall_ms;
		char subject[ERR_MSG_MAX];
		char text[ERR_MSG_MAX];
	} events[ACTIONS_EVENTS_MAX];
	size_t event_first, event_count;
	uint64_t published;
	int64_t published_at;
};

/* engine_job.c: one look at all jobs; returns when to look again. */
int64_t actions_step(struct actions *actions, int64_t now);

/* engine_end.c. State, outcome and words (printf) of a job, and the time of the
 * change. */
void job_set(struct actions *actions, struct job *job, enum job_state state,
    enum job_outcome outcome, const char *fmt, ...) ATTR_PRINTF(5, 6);

/*
 * Ends it: at once when nothing of it is on record, else when its outcome
 * is there, and job_recorded() says so.
 */
void job_end(struct actions *actions, struct job *job, enum job_outcome outcome,
    const char *words, int64_t now);

/*
 * A row of the job with that id was written ("" then), or why not yet: its
 * outcome is known from now on, with the events, and is in force.
 */
void job_recorded(struct actions *actions, const char *id, const char *why);

struct job *job_new(const struct actions *actions, struct request *request,
    const char *id) ATTR_MUST_USE;
enum err_code job_bind(const struct actions *actions, struct job *job,
    struct err *err) ATTR_MUST_USE;

/* Whether its arguments can be read; plan() reads them again. */
enum err_code job_check_args(
    const struct job *job, struct err *err) ATTR_MUST_USE;
struct job *job_free(struct job *job); /* no call may run; NULL is allowed */

/* In doubt, or unresolved after all: as loud as failed, and on record. */
void job_doubt(struct actions *actions, struct job *job, const char *words);

/* A row about a job; NULL without memory. */
struct record *job_record(const struct actions *actions, const struct job *job,
    enum audit_kind kind, const char *result, const char *detail) ATTR_MUST_USE;

/* What came of the targets, for one line. */
void job_targets_words(const struct job *job, char *out, size_t size);

/* Adds to the events of the section. */
void actions_event(struct actions *actions, const struct job *job,
    const char *fmt, ...) ATTR_PRINTF(3, 4);

/* engine_call.c: a call, and starting it. Takes call; ERR_LIMIT, ERR_NOMEM. */
struct call *call_new(struct actions *actions, enum call_kind kind,
    const struct job *job) ATTR_MUST_USE;
struct call *call_free(struct call *call); /* not while it runs */
enum err_code call_start(
    struct call *call, int64_t give_up_ns, struct err *err) ATTR_MUST_USE;

struct output *output_ref(struct output *output);
struct output *output_unref(struct output *output);

/* engine_record.c: rows. The reason and others are copied, redacted. */
struct record *record_new(const struct actions *actions, enum audit_kind kind,
    const struct platform *platform, const char *id) ATTR_MUST_USE;
void record_set(const struct actions *actions, struct record *record,
    enum audit_field field, const char *value);
struct record *record_free(struct record *record);

/* Fills in what is known of a job. */
void record_job(const struct actions *actions, struct record *record,
    const struct bound *bound, const struct request *request,
    enum action_class class);

/* engine_ledger.c. The record of a platform; NULL: not one of ours. */
bool ledgers_open(struct actions *actions) ATTR_MUST_USE;
void ledgers_free(struct actions *actions);
struct ledger *ledger_find(
    struct actions *actions, const struct platform *platform);

/* Where it is, and the newest row of it that this process knows of. */
void ledger_conf(const struct actions *actions, const struct ledger *ledger,
    struct audit_conf *ret_conf);
void ledger_head(struct actions *actions, const struct ledger *ledger,
    struct audit_head *ret_head);

/*
 * Puts a row at the end of its queue. Takes record; NULL: there was no
 * memory for it. ERR_NOMEM, ERR_LIMIT: it will not be on record, and that is
 * among what actions_missing() tells. thread: any.
 */
enum err_code record_queue(
    struct actions *actions, struct record *record, struct err *err);

/* Writes it now; blocks. thread: of a call. */
enum err_code record_write(struct actions *actions, const struct record *record,
    const struct cancel *cancel, enum record_fate *ret_fate,
    struct err *err) ATTR_MUST_USE;

/* Why nothing can be recorded there; "": it can. */
void ledger_say(
    struct actions *actions, struct ledger *ledger, const char *why);

/* Whether rows wait; whether none does that could still be written. */
bool ledger_pending(struct actions *actions, const struct ledger *ledger);
bool ledgers_settled(struct actions *actions);
bool ledgers_have_calls(const struct actions *actions);

/*
 * One look at all queues. When the process ends, what waits is tried once
 * more, at once.
 */
int64_t ledgers_step(struct actions *actions, int64_t now);

/* engine_restore.c: the body of a RESTORE call; and one look at what is due. */
enum err_code restore_run(struct call *call) ATTR_MUST_USE;
int64_t restore_step(struct actions *actions, int64_t now);
struct restored *restored_free(struct restored *list);

/* engine_publish.c */
void actions_publish(struct actions *actions, int64_t now, int64_t wall_ms);

/* engine_detail.c: the tables targets and plans, of the newest jobs. */
void detail_publish(const struct actions *actions, struct build *build,
    struct job *const *jobs, size_t count);

/* The watch thread's row of a job's signal; NULL: not there. */
const struct signal *actions_signal(
    const struct actions *actions, const char *platform, const char *name);

#endif
