/* The maxima of actions/, each with its reason (base/limits.h). */
#ifndef SEV_ACTIONS_LIMITS_H
#define SEV_ACTIONS_LIMITS_H

/* actions/request, actions/plan */
enum {
	ACTION_NAME_MAX = 2 * 64,     /* "command." and a configured name */
	ACTION_VALUE_MAX = 16 * 1024, /* a flag whose value is a document */
	ACTION_REASON_MAX = 400,      /* two lines of a wide screen */
	PLAN_LINES_MAX = 64,	      /* old and new; beyond it is a report */
	PLAN_SENDS_MAX = 64,	      /* one request for each target */
	PLAN_REACH_MAX = 16,	      /* figures of the blast radius */
	PLAN_TRAPS_MAX = 16,
	PLAN_SAMPLES_MAX = 20,	    /* rows shown of what it will touch */
	PLAN_TEXT_MAX = 1024,	    /* bytes of one text of a plan */
	PLAN_MEMO_MAX = 256 * 1024, /* identities of a thousand sessions */
	PLAN_ARENA_MAX = 4 * 1024 * 1024,
	PLAN_JSON_MAX = 2 * 1024 * 1024, /* in the audit, with its memo */
};

/* actions/gate, actions/check */
enum {
	GATE_ARM_MS = 15 * 60 * 1000, /* long enough for one incident step */
	GATE_ARM_MAX_MS = 4 * 60 * 60 * 1000, /* a shift's half */
	CHECK_FOR_MS = 5 * 60 * 1000, /* then an action had its chance */
	CHECK_WORSE_MS = 30 * 1000,   /* worse this long is no flicker */
};

/* actions/pg_bulk */
enum {
	PG_BULK_MAX = 1000,  /* sessions of one plan: its memo holds them all */
	PG_BULK_S = 60,	     /* for all of them, one statement each */
	PG_BULK_GROUPS = 12, /* programs told apart in a plan */
};

/* actions/redis_keys, actions/redis_delete */
#define REDIS_SCAN_COUNT "1000" /* keys of one step: 0.3 ms of the server */
enum {
	REDIS_COUNT_S = 20,	  /* a plan counts that long: 10 million keys */
	REDIS_DELETE_S = 30 * 60, /* longest deletion of one plan */
	REDIS_UNLINK_KEYS = 500,  /* of one command */
	REDIS_UNLINK_BYTES = 256 * 1024, /* of their names, unless it is one */
	REDIS_QUEUES_NAMED = 6,		 /* in a warning; the rest is counted */
	REDIS_FAMILIES_MAX = 64,  /* patterns offered, of as many keys as */
	REDIS_FAMILY_STEPS = 10,  /* so many steps of SCAN find, */
	REDIS_FAMILY_MAX = 128,	  /* each of at most so many bytes */
	REDIS_SAVE_MS = 5000,	  /* a snapshot is waited for that long, */
	REDIS_SAVE_LOOK_MS = 150, /* looked at that often, */
	REDIS_SAVE_S = 30 * 60,	  /* and has to be done by then */
};

/* actions/gcp_run */
enum {
	RUN_REVISIONS_MAX = 1000,  /* Google keeps so many of a service */
	RUN_INSTANCES_MAX = 10000, /* ten times what a project has at first */
	GCP_ACT_S = 20,	    /* one call: gcloud may take 15 s for a token */
	GCP_SETTLE_S = 300, /* a new revision starts in one to two minutes */
};

/* actions/queue */
enum {
	QUEUE_LUA_MAX = 32 * 1024, /* a script with what all share before it */
	QUEUE_BULK_S = 30 * 60,	   /* longest retry of one plan */
	QUEUE_BULK_STEP_MS = 200,  /* between two rounds */
	QUEUE_BULK_SAY = 10,	   /* rounds between two lines of progress */
	QUEUE_BULK_JOBS = 1000,	   /* of one round: 14 ms of the server */
	QUEUE_CLEAN_JOBS = 200,	   /* of one round: each is read before */
	QUEUE_CLEAN_REST_MS = 20,  /* between two rounds */
	QUEUE_EXPORT_JOB_MAX = 8 * 1024 * 1024, /* the line of one job */
};

/* actions/scope, actions/run, actions/peek */
enum {
	ACTION_FILLED_MAX = 256 * 1024, /* a body with a document in it */
	RUN_LINE_MAX = 64 * 1024,	/* the rest of a line is dropped */
	RUN_GRACE_MS = 2000, /* from SIGTERM to SIGKILL: a shell's clean-up */
	RUN_LOOK_S = 15,     /* reading before and after */
	HTTP_APPLY_S = 15,   /* an API that starts something answers in five */
	HTTP_ACTION_LINES = 40,	       /* of an answer, in the output pane */
	PEEK_OUTPUT_MAX = 1024 * 1024, /* of a command that is read */
	PEEK_VALUE_MAX = 4096,	       /* of one value: it is shown whole */
	PEEKS_MAX = 16,		       /* values read for one action */
};

/* actions/engine */
enum {
	ACTIONS_JOBS_MAX = 64,	/* listed; ended ones make room */
	ACTIONS_PARALLEL = 4,	/* being sent at once */
	ACTIONS_CALLS_MAX = 16, /* plans and read-backs beside them */
	ACTIONS_LATE_MS = 5000, /* from y to sending; later is refused */
	ACTIONS_PLAN_OLD_MS = 120 * 1000,  /* then the world has moved on */
	ACTIONS_PLAN_DROP_MS = 600 * 1000, /* nobody will decide any more */
	ACTIONS_SHOW_MS = 100,	/* between two pictures of a program's lines */
	ACTIONS_TICK_MS = 1000, /* between looks at a signal */
	ACTIONS_RESTORE_MS = 60 * 1000, /* what others did shows by then */
	ACTIONS_RETRY_MS = 5000, /* for a record that can't be written, */
	ACTIONS_RETRY_MAX_MS = 60 * 1000, /* doubled up to this */
	ACTIONS_RETRY_DOUBLED = 4,	  /* times, then it is that */
	ACTIONS_ROWS_MAX = 256,	  /* waiting for one record; an hour of work */
	ACTIONS_MISSING_MAX = 16, /* rows not on record, in words */
	ACTIONS_LOST_MAX = 8,	  /* calls that hang in a library */
	ACTIONS_EVENTS_MAX = 32,
	ACTIONS_OUTPUT_MAX = 64 * 1024, /* of one action, the newest */
	ACTIONS_LINE_MAX = 1024,	/* of one line of it */
	ACTIONS_PLANS_SHOWN = 24,	/* jobs whose plan is in the table */
	ACTIONS_PLAN_ROWS = 40,		/* of each of them */
	ACTIONS_LINES_SHOWN = 400,	/* of all actions in the table */
	ACTION_NOTE_MAX = 200,		/* on one target: three lines */
	ACTION_KEPT_MAX = 128,		/* name of an operation of a cloud */
	ACTION_PLAN_MS = 5000,		/* one call's deadline, unless the */
	ACTION_APPLY_MS = 10000,	/* action states its own */
	ACTION_VERIFY_MS = 5000,
	ACTION_SETTLE_MS = 120 * 1000, /* accepted, until it must show */
	ACTION_SCRATCH_MAX = 32 * 1024 * 1024, /* of one call */
	WHO_TEXT_MAX = 128,
};

/* actions/audit */
enum {
	AUDIT_ID_LEN = 33,	/* 128 bits in hexadecimal, and the NUL */
	AUDIT_HASH_LEN = 65,	/* SHA-256 in hexadecimal, and the NUL */
	AUDIT_SOCKET_MAX = 108, /* sun_path */
	AUDIT_BUSY_MS = 2000,	/* another sevtop writes for a millisecond */
	AUDIT_PAUSE_MS = 5,	/* between two tries at a busy file */
	AUDIT_TRIES = 50,	/* overtaken by that many rows of others */
	AUDIT_PAGE_BYTES = 160 * 1024 * 1024, /* 50 rows of the largest */
	AUDIT_NET_MS = 5000,		   /* a team's store over a bad line */
	AUDIT_FIELD_MAX = 3 * 1024 * 1024, /* the plan as JSON */
	AUDIT_LIST_MAX = 10000,		   /* rows that `audit list` prints */
	AUDIT_FOREIGN_MS = 10 * 60 * 1000, /* of another host: then it died */
	AUDIT_FORCE_MAX = 256,		   /* in force, or open, at the start */
};

#endif
