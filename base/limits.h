/*
 * Every maximum in sevtop, with its reason. No buffer, list, wait or retry
 * in the program is without one of these. Sizes are bytes unless the name
 * says otherwise; times carry their unit in the name.
 */
#ifndef SEV_BASE_LIMITS_H
#define SEV_BASE_LIMITS_H

/* base */
enum {
	ERR_MSG_MAX = 200,	    /* one line of an 80x24 screen and a half */
	ERR_ORIGIN_MAX = 32,	    /* "datasrc/http" and the like */
	THREAD_STACK = 1024 * 1024, /* cJSON recurses to depth 1000 */
	THREAD_ALTSTACK =
	    64 * 1024, /* crash handler: write() and tcsetattr() */
	NAME_MAX_LEN =
	    64, /* names in the configuration; a column stays narrow */
};

/* base/text */
enum {
	TEXT_MARKS_MAX = 4, /* ncurses keeps no more on one cell */
	TEXT_INPUT_MAX = 16 * 1024 * 1024, /* nine times that fits 32 bits */
	TEXT_LINE_MAX = 64 * 1024, /* of one log line; the rest is counted */
	TEXT_FMT_MAX = 4096,	   /* a formatted line of ours */
	TEXT_BUF_MAX = 512,	   /* 200 columns of two bytes, and escapes */
};

/* base/redact, base/secret */
enum {
	REDACT_SECRET_MIN = 6,	       /* shorter values are ordinary words */
	REDACT_SECRET_MAX = 16 * 1024, /* a service account's JSON is 2.4 KiB */
	REDACT_SECRETS_MAX = 256,      /* four platforms with 60 each */
	SECRET_MAX = 64 * 1024,	       /* a bundle of client keys */
	SECRET_CMD_MS = 5000, /* a password store that asks never ends */
	SECRET_ARGV_MAX = 32, /* words of a secret command */
};

/* base/proc_run, base/proc_env */
enum {
	PROC_CHUNK = 16 * 1024,	     /* read at a time */
	PROC_TURN_MAX = 1024 * 1024, /* the largest pipe of Linux */
	PROC_SLICE_MS = 20,	     /* how soon its end is seen */
	PROC_CANCEL_MS = 100,	     /* STOP_MS has room for it */
	PROC_REAP_MS = 400,    /* a killed process that the kernel keeps */
	PROC_ENV_MAX = 4096,   /* variables; shells have a hundred */
	PROC_INPUT_MAX = 4096, /* bytes that any pipe takes at once */
};

/* base/env_file */
enum {
	ENV_FILE_MAX = 1024 * 1024, /* as much as any configuration */
};

/* base/regex */
enum {
	REGEX_PATTERN_MAX = 1024,    /* bytes; nobody types more */
	REGEX_NEST_MAX = 50,	     /* parentheses in parentheses */
	REGEX_MATCH_LIMIT = 100000,  /* ^(a+)+$ ends in under 1 ms */
	REGEX_DEPTH_LIMIT = 50000,   /* (a|b)* goes one deeper per letter */
	REGEX_HEAP_LIMIT_KIB = 8192, /* of one match; 160 bytes per depth */
};

/* base/conf */
enum {
	CONF_FILE_MAX_SIZE = 1024 * 1024,  /* a hundred times a large profile */
	CONF_DEPTH_MAX = 16,		   /* libyaml is quadratic in nesting */
	CONF_NODES_MAX = 20000,		   /* about 3 MB of tree */
	CONF_MAP_MAX = 1024,		   /* keys are compared pairwise */
	CONF_SCALAR_MAX = 64 * 1024,	   /* after ${} was expanded */
	CONF_DEFAULTS_MAX = 4,		   /* of variables within each other */
	CONF_ARENA_MAX = 16 * 1024 * 1024, /* one platform with its structs */
	CONF_ERRORS_MAX = 50, /* two screens; the rest is counted */
	CONF_FILE_MAX = 128,  /* path in a message */
	CONF_HINT_MAX = 160,  /* two lines of 80 columns */
};

/* actions/request, actions/plan */
enum {
	ACTION_NAME_MAX = 2 * 64, /* "command." and a configured name */
	ACTION_TARGETS_MAX = 64,  /* of one plan; more can't be read through */
	ACTION_TARGET_MAX = 1024, /* bytes of a name: a Redis key */
	ACTION_VALUES_MAX = 32,	  /* arguments of one action */
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
	CHECK_FOR_MAX_MS = 60 * 60 * 1000,
	CHECK_HOLD_MS = 10 * 1000,  /* well this long is recovered */
	CHECK_WORSE_MS = 30 * 1000, /* worse this long is no flicker */
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
	RUN_APPLY_S = 60,    /* a restart of a container takes ten */
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
	ACTION_TIMEOUT_MIN_MS = 100,
	ACTION_TIMEOUT_MAX_MS = 60 * 60 * 1000, /* a restore of a database */
	ACTION_CHOICES_MAX = 256, /* a list that can still be read */
	ACTION_NOTE_MAX = 200,	  /* on one target: three lines */
	ACTION_KEPT_MAX = 128,	  /* name of an operation of a cloud */
	ACTION_PLAN_MS = 5000,	  /* one call's deadline, unless the */
	ACTION_APPLY_MS = 10000,  /* action states its own */
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

/* model/platform */
enum {
	PLATFORM_SOURCES_MAX = 256,   /* a thread and a few buffers each */
	PLATFORM_SIGNALS_MAX = 512,   /* evaluated every second */
	PLATFORM_ACTIONS_MAX = 256,   /* the runbooks have about a hundred */
	PLATFORM_FLAGS_MAX = 256,     /* more is a flag service of its own */
	PLATFORM_KEYS_MAX = 128,      /* a keyboard has fewer */
	PLATFORM_WHEN_SET_MAX = 8,    /* variables that one entry waits for */
	PLATFORM_SEARCHES_MAX = 64,   /* a menu that can still be read */
	PLATFORM_PATH_MAX = 1024,     /* of a configuration file */
	PLATFORM_LISTED_MAX = 256,    /* profiles in one folder */
	PLATFORM_ENV_MAX = 24,	      /* shown in the header line */
	PLATFORM_EVERY_S = 5,	      /* seen soon, and cheap for a server */
	PLATFORM_EVERY_MIN_MS = 100,  /* a faster one would be a load test */
	PLATFORM_EVERY_MAX_S = 86400, /* a day: certificates and the like */
	PLATFORM_TIMEOUT_S = 5,
	PLATFORM_TIMEOUT_MIN_MS = 50, /* below a round trip over an ocean */
	PLATFORM_TIMEOUT_MAX_S = 600, /* longer is hung, not slow */
};

/* model/signal_def */
enum {
	SIGNAL_WINDOW_MIN_S = 5,   /* two points at the usual interval */
	SIGNAL_WINDOW_MAX_S = 900, /* the history holds 17 minutes */
	SIGNAL_FOR_MAX_S = 86400,  /* a day: nobody waits longer */
};

/* model/depend_def: of one platform */
enum {
	DEPEND_NODES_MAX = 128, /* more is no graph that a person can read */
	DEPEND_EDGES_MAX = 1024,
	DEPEND_DEPTH_MAX = 16, /* a tree that deep is half of 80 columns */
	DEPEND_LOOKS_MAX = 32, /* of one service; it has a few */
	DEPEND_NAME_MAX = 192, /* a source and the target of a health row */
};

/* datasrc/series */
enum {
	SERIES_ENTRIES_MAX = 128 * 1024, /* 72 bytes each, and their text */
	SERIES_RAW_BYTES_MAX = 32 * 1024 * 1024,
	SERIES_TEXT_BYTES_MAX = 16 * 1024 * 1024, /* names and labels */
	SERIES_SCRATCH_MAX = 256 * 1024, /* one series while it is read */
	SERIES_TEXT_MAX = 512,		 /* one name or label on screen */
	SERIES_ALL_MAX = 5000,		 /* of one target without being named */
	SERIES_KEPT_MAX = 10000,	 /* with those that are named */
	SERIES_VALUES_MAX = 2000000,	 /* metrics by targets: 16 MB */
	SERIES_GAP_ROUNDS = 5, /* Prometheus forgets after 5 minutes */
	SERIES_FORGET_ROUNDS = 10,
};

/* datasrc/expo */
enum {
	EXPO_LINE_MAX = 64 * 1024, /* as long as any line that is meant */
	EXPO_LABELS_MAX = 64,	   /* Kubernetes exporters stay below 30 */
	EXPO_LABEL_BYTES_MAX = 16 * 1024,   /* of one sample */
	EXPO_FAMILIES_MAX = 64 * 1024,	    /* 24 bytes each, one page long */
	EXPO_SAMPLES_MAX = 4 * 1000 * 1000, /* of one page */
};

/* datasrc/src_prom */
enum {
	PROM_TARGETS_MAX = 5000, /* a descriptor each; beyond: a Prometheus */
	PROM_URL_MAX = 2048,	 /* what servers accept */
	PROM_FILE_MAX = 1024 * 1024, /* 5,000 targets of 200 bytes */
	PROM_SELECTORS_MAX = 256,
	PROM_NAMED_MAX = 20, /* health rows: one screen */
	PROM_ROWS_MAX = 100, /* of the table of targets, the worst first */
	PROM_EVENTS_MAX = 8, /* restarts named in one round */
	PROM_PATIENCE = 3,   /* failures before a target is asked less often */
	PROM_SKIP_MAX = 32,  /* rounds between two tries at most */
	PROM_FD_SPARE = 256, /* descriptors for the rest of the program */
};

/* datasrc/json_value, datasrc/json_map */
enum {
	JSON_TEXT_MAX = 256,		 /* of a value in a row: three lines */
	JSON_WORK_MAX = 8 * 1000 * 1000, /* looks at values: 50 ms */
	JSON_AUTO_ROWS = 8, /* rows from which columns are guessed */
	JSON_MAP_BYTES_MAX = 4 * 1024 * 1024, /* 256 metrics with labels */
};

/* datasrc/instance, datasrc/service_watch */
enum {
	INSTANCE_VERSION_MAX = 128,  /* a version with its commit */
	INSTANCE_UPTIME_SLACK_S = 2, /* whole seconds, rounded either way */
	SERVICE_WATCH_MAX = 1024,    /* rows that are followed: 160 KB */
};

/* datasrc/map_opts: of one source */
enum {
	MAP_METRICS_MAX = 256, /* entries; a wildcard makes many of one */
	MAP_HEALTH_MAX = 64,
	MAP_LABELS_MAX = 8, /* more make no name that is read */
	MAP_PLACES_MAX = 4, /* of one state: state, health, exit code */
	MAP_WORDS_MAX = 32,
	MAP_PROBLEMS_MAX = 50, /* named; the rest is counted */
	MAP_KEYS_MAX = 2048,   /* PAYLOAD_ROWS_MAX, a power of two */
};

/* datasrc/src_process, datasrc/process_read */
enum {
	PROCESS_ARGV_MAX = 64,
	PROCESS_VARIABLES_MAX = 64,
	PROCESS_STATUSES_MAX = 16,	       /* that mean good */
	PROCESS_OUTPUT_MAX = 16 * 1024 * 1024, /* what max_output may ask for */
	PROCESS_ERRORS_MAX = 1024 * 1024,      /* more is no message */
	PROCESS_REASON_MAX = 4096, /* the end of it, for its last line */
	PROCESS_LINES_MAX = 20000, /* of one output */
	PROCESS_ROWS_MAX = 4000,   /* twice what a payload shows */
	PROCESS_TRIES_MAX = 16,	   /* places at which a document may begin */
	PROCESS_GROUPS_MAX = 64,   /* of a pattern */
	PROCESS_NAMES_MAX = 16 * 1024, /* bytes of all columns' names */
	PROCESS_GRACE_MS = 300,	       /* from SIGTERM to SIGKILL */
};

/* datasrc/gcp */
enum {
	GCP_PROJECT_MAX = 128,		/* ids have 30, "example.com:id" more */
	GCP_KEY_FILE_MAX = 64 * 1024,	/* a key's JSON is 2.4 KiB */
	GCP_PATH_MAX = 4096,		/* PATH_MAX of Linux */
	GCP_TOKENS_MAX = 16,		/* credentials of one process */
	GCP_TOKEN_BODY_MAX = 16 * 1024, /* with an id_token: 3 KiB */
	GCP_TOKEN_LIFE_MAX_S = 43200,	/* 12 h: an organisation may allow it */
	GCP_RENEW_S = 300,		/* as Google's own clients */
	GCP_RENEW_RETRY_S = 10,		/* the old one is still good */
	GCP_TURN_MS = 100,		/* STOP_MS has room for it */
	GCP_JWT_MAX = 8192,		/* with a key of 4096 bits: 1.2 KiB */
	GCP_JWT_EARLY_S = 10,		/* clocks differ by that much */
	GCP_JWT_LIFE_S = 3600,		/* what Google takes at most */
	GCP_SIGNATURE_MAX = 2048,	/* RSA with 16384 bits */
	GCP_FORM_MAX = 32 * 1024,	/* an assertion, every byte as %XX */
	GCP_METADATA_MS = 1000,		/* it is next door, or not at all */
	GCP_COMMAND_MS = 15000,		/* gcloud is Python and starts slowly */
	GCP_COMMAND_LIFE_S = 300,	/* gcloud promises that much */
	GCP_SAID_MAX = 512,		/* of its errors: the last line */
	GCP_WHO_MAX = 128,	 /* e-mail address of a service account */
	GCP_PERMISSION_MAX = 64, /* "run.services.list" */
	GCP_BODY_MAX = 16 * 1024 * 1024, /* a page of 100 large services */
	GCP_PAGES_MAX = 10,		 /* of one list: 1,000 services */
	GCP_REGION_MAX = 64,		 /* "northamerica-northeast1" */
	GCP_SERVICE_MAX = 64,		 /* 49; revisions have 63 */
	GCP_REGIONS_MAX = 16,		 /* each costs two questions a poll */
	GCP_NAMES_MAX = 64,		 /* in one list of the configuration */
	GCP_WHAT_MAX = 96,		 /* "Cloud Run in europe-west1" */
	GCP_DIGEST_SHOWN = 12,		 /* digits, as docker does */
	GCP_VARIABLES_MAX = 256,	 /* of one container */
	GCP_CONDITIONS_MAX = 16,	 /* revisions have seven */
	GCP_SHARES_MAX = 32,		 /* revisions of one service in use */
	GCP_SEEN_MAX = 256,		 /* of what is compared: an image */
	GCP_FLAG_MAX = 64,		 /* value of a flag, compared */
	GCP_WATCHED_MAX = 1024,		 /* services of one source */
	GCP_WATCHED_FLAGS_MAX = 4096,	 /* variables of one source */
	GCP_PAST_MS = 24 * 3600 * 1000,	 /* changes before sevtop looked */
	GCP_PAST_MAX = 5,		 /* revisions of them, of a service */
	GCP_DEPLOY_MS = 120 * 1000,	 /* as long as one takes */
	GCP_LATE_MS = 120 * 1000,	 /* a change is seen by then */
	GCP_WINDOW_S = 600,    /* samples are three minutes late, or five */
	GCP_PAST_H = 24,       /* who was there then is known */
	GCP_FIGURES_MAX = 16,  /* rows of gcp_figures */
	GCP_POINTS_MAX = 1024, /* 200 services in five classes */
	GCP_POINTS_BYTES_MAX = 1024 * 1024, /* of one figure; names are short */
	GCP_BUCKETS_MAX = 256,		    /* Google's own limit is 200 */
	GCP_SPLIT_LATE_S = 90,	   /* a class that old had no requests since */
	GCP_QUOTA_MAX = 1000000,   /* a minute; what can be had is far below */
	GCP_SLOS_MAX = 32,	   /* each costs two questions a minute */
	GCP_SLO_SERVICES_MAX = 32, /* one question each for the list */
	GCP_SLO_WINDOWS_MAX = 6,   /* of the burn rate */
	GCP_SLO_NAME_MAX = 256,	   /* three ids of at most 63 */
	GCP_SLO_BYTES_MAX = 256 * 1024, /* names and titles of all */
	GCP_SLO_TURNS = 5,	 /* polls; over hours nothing moves faster */
	GCP_SLO_LIST_TURNS = 10, /* objectives are made by hand */
};

/* datasrc/gcp_estate */
enum {
	GCP_WORD_MAX = 40,	     /* "internal error" */
	GCP_ESTATE_COLUMNS_MAX = 16, /* of a table of instances or builds */
	GCP_BUILDS_MAX = 100,	     /* one page of the newest */
};

/* datasrc/gcp_filter, gcp_entry, src_gcp_logging */
enum {
	GCP_FILTER_MAX = 20000,	    /* what Google takes */
	GCP_FILTER_NODES_MAX = 512, /* comparisons, words and what joins them */
	GCP_FILTER_DEPTH_MAX = 32,  /* parentheses in parentheses */
	GCP_FILTER_STEPS_MAX = 16,  /* of "protoPayload.request.spec.x" */
	GCP_FILTER_REGEX_MAX = 32,  /* compiled ones are large */
	GCP_FILTER_ARENA_MAX = 1024 * 1024, /* 512 nodes take 50 KiB */
	GCP_PACE_SLOWEST_S = 60,	    /* a tail that is older is none */
	GCP_PACE_CALM = 10,	     /* good answers before it goes faster */
	GCP_PACE_NAP_MS = 1000,	     /* not worth another poll */
	GCP_LOG_QUOTA = 60,	     /* entries.list a minute and project */
	GCP_LOG_DASHBOARDS_MAX = 60, /* each then asks once a minute */
	GCP_LOG_PAGE = 1000,	     /* entries; more Google refuses */
	GCP_LOG_PAGE_MIN = 10,	     /* after answers that were too large */
	GCP_LOG_OVERLAP_S = 20,	     /* entries come that late, or later */
	GCP_LOG_SEEN_MAX = 20000,    /* at 500 a second: 40 s; 480 KiB */
	GCP_LOG_POLL_BYTES = 16 * 1024 * 1024, /* texts of one poll */
	GCP_LOG_BODY_MAX = 8 * 1024 * 1024,    /* a page of 8 KiB each */
	GCP_LOG_NAMES_MAX = 512,    /* of the filters that an entry matches */
	GCP_LOG_SKEW_S = 60,	    /* clocks this far apart are told of */
	GCP_LOG_SKEW_DAYS = 36500,  /* and those so far apart are none */
	GCP_LOG_RESOURCES_MAX = 16, /* projects and views; Google takes 100 */
	GCP_LOG_FILTERS_MAX = 32,   /* named ones of a source: bits of a word */
};

/* datasrc/net */
enum {
	NET_ADDRS_MAX = 8,    /* more addresses of one name add no safety */
	NET_HOST_MAX = 256,   /* RFC 1035: a name has at most 253 octets */
	NET_LOOKUPS_MAX = 32, /* threads stuck in a dead name server */
	NET_KEEPALIVE_S = 10, /* a vanished peer shows within 40 s */
};

/* datasrc/resp_guard: of one batch of answers */
enum {
	RESP_TOTAL_MAX = 16 * 1024 * 1024, /* 64 queues and a client list */
	RESP_BULK_MAX = 8 * 1024 * 1024,   /* list of 20,000 clients */
	RESP_LINE_MAX = 4096,		   /* error texts have one line */
	RESP_ARRAY_MAX = 20000,	    /* a SCAN step may exceed its COUNT */
	RESP_ELEMENTS_MAX = 100000, /* 100 bytes each in hiredis */
	RESP_DEPTH_MAX = 7,	    /* hiredis 0.14 ends at 8; streams need 3 */
};

/* datasrc/redis_url */
enum {
	REDIS_PORT = 6379,
	REDIS_DB_MAX = 999999, /* servers have 16 unless told otherwise */
	REDIS_PATH_MAX = 108,  /* sun_path */
	REDIS_USER_MAX = 128,
	REDIS_SECRET_MAX = 4096, /* signed tokens of cloud providers */
};

/* datasrc/redis_conn */
enum {
	REDIS_BATCH_MAX = 1024 * 1024, /* questions of 64 queues: 200 KiB */
	REDIS_ARGS_MAX = 1024,	 /* words of one command: ids of a round */
	REDIS_CHUNK = 16 * 1024, /* read at a time */
};

/* datasrc/redis_info, datasrc/redis_report */
enum {
	REDIS_INFO_LINES_MAX = 512, /* Redis 7 writes 200, modules add some */
	REDIS_RUN_ID_MAX = 48,	    /* 40 hexadecimal digits */
	REDIS_ROLE_MAX = 16,
	REDIS_SLOW_ROWS_MAX = 32,
	REDIS_SLOW_LINE_MAX = 8192, /* the server cuts at 32 words of 128 */
	REDIS_SLOW_TEXT_MAX = 256,
	REDIS_SKEW_WARN_MS = 5000, /* ages of jobs are then off, too */
};

/* datasrc/bullmq: of one queue unless it says otherwise */
enum {
	BULLMQ_QUEUES_MAX = 64, /* of one source; discovery stops there */
	BULLMQ_PREFIX_MAX = 64,
	BULLMQ_NAME_MAX = 128,
	BULLMQ_BASE_MAX = 64 + 128 + 2,
	BULLMQ_ID_MAX = 256,	 /* custom job ids are composed of words */
	BULLMQ_JOB_MAX = 128,	 /* of an id or name that is shown in a list */
	BULLMQ_VERSION_MAX = 48, /* "bullmq-pro:7.12.0" */
	BULLMQ_CURSOR_MAX = 24,	 /* 64 bits */
	BULLMQ_FIND_STEPS =
	    100, /* of 1,000 keys; each holds the server 0.5 ms */
	BULLMQ_FIND_ROUND = 10000,	  /* 10 million keys; then start over */
	BULLMQ_FIND_EVERY_MS = 60 * 1000, /* a new queue shows in a minute */
	BULLMQ_HEADS_MAX = 12,		  /* jobs whose age is looked at */
	BULLMQ_ACTIVE_MAX = 100, /* active jobs whose locks are checked */
	BULLMQ_LATE_LOCK_S = 5,	 /* taking to locking is one round trip */
	BULLMQ_FAILS_MAX = 100,	 /* newest failed jobs: a hundred say why */
	BULLMQ_FAILS_ASK = 200,	 /* reasons read in one poll, all queues */
	BULLMQ_REASONS_MAX = 20, /* different ones shown */
	BULLMQ_REASON_MAX = 160, /* folded; two lines of 80 columns */
	BULLMQ_REASON_READ_MAX = 4096, /* of one failedReason */
	BULLMQ_OPTS_MAX = 16 * 1024,   /* a job's options */
	BULLMQ_RATE_POINTS = 32,       /* one a second in the window */
	BULLMQ_WINDOW_MS = 30 * 1000,  /* of the rates */
	BULLMQ_LIST_FAST = 256 * 1024, /* longer client lists: not each poll */
	BULLMQ_LIST_SLOW_MS = 30 * 1000,
	BULLMQ_POLICY_MAX = 32, /* "allkeys-random" */
};

/* datasrc/pg_target, datasrc/pg_conn, datasrc/pg_result */
enum {
	PG_PORT = 5432,
	PG_URL_MAX = 8192, /* a signed token of a cloud as the password */
	PG_HOSTS_MAX = 8,  /* a primary, its standbys and their neighbours */
	PG_VERSION_MIN = 120000, /* 11 ended in 2023 */
	PG_SQL_MAX = 8192,	 /* one question; the longest has 2 KiB */
	PG_PARAMS_MAX = 64,	 /* libpq 18 knows 52 keywords */
	PG_QUESTIONS_MAX = 16,	 /* of one run */
	PG_BYTES_MAX = 8 * 1024 * 1024, /* 2,000 sessions with their queries */
	PG_TEXT_MAX = 4096, /* of one value on the screen; queries have 1024 */
	PG_LOCK_MS = 500,   /* our queries wait that long for a lock */
	PG_IDLE_MS = 10000, /* we never idle in a transaction; if so, end it */
	PG_WINDOW = 128 * 1024,	  /* 1.2 MB/s over an ocean */
	PG_DEAD_MS = 5000,	  /* bytes that nobody acknowledges */
	PG_LOCK_NODES_MAX = 1024, /* sessions of one picture of locks */
	PG_NAME_MAX = 64,	  /* NAMEDATALEN: names have 63 bytes */
	PG_IDENTITY_MAX = 24,	  /* 64 bits in decimal */
	PG_DATABASES_MAX = 200,	  /* of one server; those with traffic first */
	PG_VALUE_MAX = 128,	  /* names, phases: one column of a screen */
	PG_UPTIME_MAX_S = 1000 * 1000 * 1000, /* 31 years; else a lie */
	PG_SKEW_WARN_MS = 5000,	   /* times of day are then off, too */
	PG_STATEMENTS_MAX = 10000, /* twice pg_stat_statements.max */
	PG_TOP_MAX = 30,	   /* statements shown */
	PG_TEXTS_MAX = 256,	   /* of statements, kept */
	PG_APPS_MAX = 64,	   /* names that are told apart when counted */
	PG_BLOCKERS_NAMED = 4,	   /* of one session; the rest is counted */
};

/* datasrc/flag_type */
enum {
	FLAG_VALUE_MAX = 8 * 1024,    /* a flag that is a small document */
	FLAG_FILLED_MAX = 256 * 1024, /* a body with such a value */
	FLAG_STATEMENT_MS = 3000,     /* one row by its key */
	FLAG_READ_MS = 3000, /* of one flag: the others must not wait for it */
	FLAG_ARENA_MAX = 4 * 1024 * 1024, /* all flags of one round */
};

/* datasrc/src_sql */
enum {
	SQL_QUERY_MAX = 16 * 1024, /* two screens of SQL have 4 KiB */
};

/* datasrc/tls_verify */
enum {
	TLS_NAME_MAX = 64, /* names from certificates, cut to fit a message */
};

/* model/selector */
enum {
	SELECTOR_TEXT_MAX = 4096, /* one screen of a configuration */
	SELECTOR_MATCHERS_MAX = 32,
};

/* model */
enum {
	PAYLOAD_BYTES_MAX = 32 * 1024 * 1024, /* rows of one answer */
	PAYLOAD_HEALTH_MAX = 512,	      /* nobody reads more */
	PAYLOAD_METRICS_MAX = 20000,	      /* one large exposition page */
	PAYLOAD_TABLES_MAX = 16,
	PAYLOAD_ROWS_MAX = 2000, /* of one table; totals say the rest */
	PAYLOAD_COLUMNS_MAX = 32,
	PAYLOAD_EVENTS_MAX = 64,
	PAYLOAD_SIGNALS_MAX = 256,
	PAYLOAD_ALERTS_MAX = 256,
	STORE_SLOTS_MAX = 256,	   /* sources of one process */
	STORE_WAKES_MAX = 4,	   /* screen, watch, once, a test */
	HISTORY_POINTS_MAX = 512,  /* 17 minutes at one point in 2 s */
	HISTORY_POINTS_FIRST = 16, /* most series are young */
	HISTORY_SPACING_MS = 2000,
	HISTORY_QUIET_MS = 60000, /* a series this old may make room */
	HISTORY_BYTES_MAX = 6 * 1024 * 1024, /* about 1,000 full series */
};

/* datasrc/logtail */
enum {
	LOGTAIL_LINE_MAX = 64 * 1024, /* the rest of a line is counted */
	LOGTAIL_BEHIND_MAX = 32 * 1024 * 1024, /* a burst of 300,000 lines */
	LOGTAIL_SKIP_FACTOR = 16, /* counting is that much faster */
	LOGTAIL_DRAIN_MS = 5000,  /* writers let go of a rotated file */
	LOGTAIL_GONE_MS = 60000,  /* a deleted file holds its disk space */
};

/* datasrc/src_logfile */
enum {
	LOGFILE_FILES_MAX = 16, /* of one source */
	LOGFILE_PATHS_MAX = 16, /* paths and patterns in its configuration */
	LOGFILE_TAIL_MAX = 16 * 1024 * 1024, /* what the log store can hold */
	LOGFILE_PASS_BYTES = 1024 * 1024,    /* per file, then the others */
	LOGFILE_BATCH_LINES = 256,
	LOGFILE_BATCH_BYTES = 1024 * 1024, /* of clean text */
	LOGFILE_STACK_LINES = 64,  /* of one structured line; the rest counts */
	LOGFILE_SETTLE_MS = 20,	   /* between two reads of a busy file */
	LOGFILE_RECHECK_MS = 2000, /* what a watch can't see: links, NFS */
	LOGFILE_POLL_MS = 100,	   /* without any watch */
	LOGFILE_HOLD_MS = 2000,	   /* a line without its end is shown then */
	LOGFILE_BUSY_MS = 1000,	   /* between two answers with news */
	LOGFILE_QUIET_MS = 2000,   /* and without */
};

/* model/logfilter */
enum {
	LOGFILTER_EXPR_MAX = 512, /* three lines of a screen */
	LOGFILTER_TERMS_MAX = 16,
	LOGFILTER_ATOMS_MAX = 32, /* each costs a pass over every line */
};

/* model/logview */
enum {
	LOGVIEW_MATCHES_MAX = 65536,	  /* what the log store holds, about */
	LOGVIEW_STEP_LINES = 256,	  /* under a millisecond of work */
	LOGVIEW_STEP_BYTES = 1024 * 1024, /* the longest line fits */
	LOGVIEW_SEARCH_STEP = 64,
	LOGVIEW_SEARCH_CONTS = 64, /* of a stack trace that is searched */
	LOGVIEW_BUCKET_MS = 5000,  /* finer than a column of any screen */
	LOGVIEW_BUCKETS = 180,	   /* 15 minutes */
	LOGVIEW_WATCH_MS = 3000,   /* the UI draws at least once a second */
	LOGVIEW_PROGRESS_MS = 100, /* between pictures of the progress */
	LOGVIEW_KEY_MAX = 512,	   /* bytes that tell two lines apart */
};

/* model/logparse */
enum {
	LOGPARSE_BUF_MAX = 256 * 1024, /* a line with every byte doubled */
	LOGPARSE_KEY_MAX = 256,	       /* "err.cause.code"; longer is odd */
	LOGPARSE_DEPTH_MAX = 4,	       /* of "a.b.c.d.e"; deeper stays text */
	LOGPARSE_FIELDS_MAX = 64,      /* two screens of detail */
	LOGPARSE_SERVICE_MAX = 80,     /* Docker's names have at most 63 */
};

/* model/logstore */
enum {
	LOG_TEXT_MAX = 256 * 1024,   /* a 64 KiB line, every byte escaped */
	LOG_STORE_MIN = 1024 * 1024, /* a line of any size fits, twice */
	LOG_RATE_SECONDS = 5, /* smooths bursts, still follows an incident */
};

/* panels/logs */
enum {
	LOGS_WRAP_MAX = 10, /* rows of one wrapped line; Enter shows all */
	LOGS_BODY_BYTES = 2 * LOG_TEXT_MAX + 64 * 1024, /* one line, joined */
	LOGS_STACK_MAX = 200, /* lines of a stack in the detail */
};

/* base/json */
enum {
	JSON_DEPTH_MAX = 64,	  /* real answers have under 12 levels */
	JSON_VALUES_MAX = 200000, /* about 20 MB of cJSON nodes */
	JSON_NUMBER_MAX = 60,	  /* cJSON reads at most 63 characters */
	JSON_HEAD_MAX = 40,	  /* of what came instead, in a message */
	JSON_PATH_STEPS_MAX = 24, /* twice as deep as real answers */
};

/* datasrc/url */
enum {
	URL_MAX = 8192, /* what servers take in a request line */
};

/* datasrc/sched */
enum {
	SCHED_RETRY_FIRST_MS = 1000,
	SCHED_RETRY_MAX_MS = 15000,	/* what came back is seen within 15 s */
	SCHED_RETRY_AUTH_MS = 60000,	/* no account lock-out */
	SCHED_RETRY_ABSENT_MS = 120000, /* until a new version has it */
	SCHED_RETRY_AFTER_MAX_MS = 600000, /* longer asks are not believed */
	SCHED_ABANDONED_MAX = 3,	   /* lost threads of one source */
	SCHED_CHECK_MS = 5000,	/* look for the hung when nothing is due */
	SCHED_STREAM_MS = 2000, /* log files that nobody looks at are read */
	SCHED_QUICK_MS = 20,	/* such polls may be made one after the other */
	SCHED_QUICK_POLLS = 3,	/* in a row, before a thread is shared */
	SCHED_ROUND_MS = 40,	/* as ENGINE_GATHER_MS: one step sees all */
	SCHED_LATE_MS = 100,	/* of a round; a longer wait would be noticed */
};

/* datasrc/engine */
enum {
	ENGINE_LOG_BYTES = 8 * 1024 * 1024, /* about 50,000 lines */
	ENGINE_GATHER_MS = 40, /* sources that answer together: one step */
};

/* model/watch */
enum {
	WATCH_RATE_MIN_MS = 500, /* pages are made anew about so often */
	WATCH_RESOLVED_MS = 15 * 60 * 1000, /* a resolved alert stays listed */
	WATCH_EVENTS_MAX = 64,		    /* newest changes kept */
	WATCH_SERVICES_MAX = 1024,	    /* rows whose changes are told */
	WATCH_SERVICES_KEPT_MS = 10 * 60 * 1000, /* gone for good by then */
	WATCH_VERSION_MAX = 128,		 /* a version with its commit */
	WATCH_TICK_MS = 2000,	 /* staleness shows at the latest then */
	WATCH_SERIES_MAX = 8192, /* counters followed for their rate */
	WATCH_POINTS_MAX = 128,	 /* of a signal's window */
	WATCH_TRACKS_MAX = 1024, /* health rows with an alert of their own */
	OPERAND_SELECTOR_MAX = 1024, /* bytes of a selector */
	WATCH_BUCKETS_MAX = 64,	     /* distinct le of one histogram */
};

/* tui/act */
enum {
	ACT_CHOICES_MAX = 64, /* actions for one row; nobody reads more */
	ACT_FOLLOW_MAX = 8,   /* jobs whose end is told in the footer */
	ACT_HINT_MAX = 32,    /* words behind a key of the footer */
};

/* tui/app, tui/script */
enum {
	APP_PANELS_MAX = 32,	    /* there are ten digits */
	APP_TRAIL_MAX = 8,	    /* steps that Esc goes back */
	APP_SIGNAL_MAX = 128,	    /* the name of a signal */
	APP_NOTICE_MS = 5000,	    /* long enough to read a sentence twice */
	APP_THEME_NOTICE_MAX = 256, /* a theme may be a long path */
	APP_ASK_MS = 3000,   /* two round trips of a satellite, and a half */
	APP_SETTLE_MS = 250, /* nobody notices; an answer over land is in */
	SCRIPT_BYTES_MAX = 65536, /* a test of a thousand steps */
	SCRIPT_WAIT_MS = 20000,	  /* a busy machine with a sanitizer */
	SCRIPT_POLL_MS = 5,
};

/* tui/input */
enum {
	INPUT_READ_MAX = 1024,	     /* one read; events are kept per read */
	INPUT_SEQ_MAX = 64,	     /* longest key sequence kept is 20 */
	INPUT_PASTE_MAX = 64 * 1024, /* a text field takes far less */
	INPUT_REPLY_MAX = 512,	     /* longest reply that is looked at */
	INPUT_ESC_MS = 50,   /* felt as at once, longer than a packet gap */
	INPUT_LATE_MS = 500, /* gaps of a bad line; 100 ms did harm */
	INPUT_SEQ_MS = 1000, /* a dead keyboard longer than that is noticed */
	INPUT_PASTE_QUIET_MS = 1000, /* before a typed ^C can end a paste */
	INPUT_TAIL_MS = 50,	     /* behind a paste: faster than any hand */
	INPUT_BURST_MS = 8,	   /* two keys closer than this aren't typed */
	INPUT_BURST_HOLD_MS = 500, /* one burst comes in several reads */
};

/* tui/keys, tui/prompt, tui/confirm */
enum {
	KEYS_BINDINGS_MAX = 256, /* 60 defaults, PLATFORM_KEYS_MAX others */
	KEYS_NAME_MAX = 16,	 /* "M-S-^Begin" */
	PROMPT_BYTES_MAX = 1024, /* REGEX_PATTERN_MAX; nobody types more */
	CONFIRM_HOLD_MS = 20,	 /* nothing is typed that fast behind it */
	CONFIRM_DEAD_MS = 400,	 /* what was typed before is no answer */
	CONFIRM_QUIET_MS = 250,	 /* without a key: it was let go */
	PROMPT_HISTORY_MAX = 32, /* lines kept for each kind of prompt */
};

/* tui/signals, tui/loop */
enum {
	SIGNALS_STOPS_MAX = 64, /* "bg" again and again, or an orphan */
	LOOP_FRAME_MS = 50,	/* 20 pictures a second for new data */
	LOOP_KEY_FRAME_MS = 5,	/* a key is seen at once */
	LOOP_IDLE_MS = 10000,	/* longest sleep: a lost clock is noticed */
};

/* tui/tty, tui/term */
enum {
	TTY_BYTES_MAX = 512,		  /* what enters or leaves a screen */
	TTY_QUEUE_MAX = 16 * 1024 * 1024, /* the largest canvas, all new */
	TTY_LEAVE_MS = 250,		  /* a terminal that reads needs 1 */
	TERM_COPY_MAX = 8192,		  /* PANEL_COPY_MAX in base64 */
};

/* themes */
enum {
	THEME_LOOK_MAX = 96, /* "bright-magenta on bright-magenta" and flags */
	THEME_LISTED_MAX = 512,	      /* all of base16's schemes are 300 */
	THEME_ARENA_MAX = 256 * 1024, /* a theme has 46 lines */
};

/* panels/canvas */
enum {
	CANVAS_H_MAX = 400, /* a 4K screen with the smallest font */
	CANVAS_W_MAX = 1000,
};

/* datasrc/http */
enum {
	HTTP_BODY_DEFAULT = 4 * 1024 * 1024, /* a large /metrics page */
	HTTP_BODY_MAX = 64 * 1024 * 1024,    /* what max_body may ask for */
	HTTP_BODY_KEEP = 1024 * 1024,	     /* larger ones are given back */
	HTTP_HEAD_MAX = 64 * 1024,	     /* servers send under 16 KiB */
	HTTP_HEAD_LINES_MAX = 256,
	HTTP_READ_SIZE = 16 * 1024, /* of one recv(); larger is no faster */
	HTTP_CONNECT_MS = 3000,	    /* one lost SYN and its repetition */
	HTTP_KEEP_DEFAULT = 16,	    /* idle connections of one source */
	HTTP_KEEP_MAX = 8192,
	HTTP_PARALLEL_MAX = 512,  /* half of the usual descriptors */
	HTTP_IDLE_MAX_S = 90,	  /* servers drop idle ones at 60 to 120 */
	HTTP_FD_MAX = 65536,	  /* far above RLIMIT_NOFILE's 1024 */
	HTTP_EVENTS_MAX = 64,	  /* taken from the kernel at once */
	HTTP_LOOKUPS_MAX = 32,	  /* threads stuck in a dead name server */
	HTTP_LOOKUP_PAUSE_S = 10, /* glibc gives up after 5 s, twice */
	HTTP_VALUE_MAX = 80,	  /* of a value to compare: one line */
	HTTP_PATHS_MAX = 8,	  /* asked one after the other in one poll */
	HTTP_STATUSES_MAX = 16,	  /* expected ones of one source */
	HTTP_SKEW_WARN_S = 60,	  /* NTP keeps clocks within 1 s */
	HTTP_RETRY_AFTER_MAX_S = 600, /* nobody waits longer in an incident */
};

/* sim: the practice world */
enum {
	SIM_TICK_MS = 100,	/* ten small steps a second look alive */
	SIM_CATCHUP_STEPS = 20, /* replayed at once after a busy moment */
	SIM_FAULTS_MAX = 64,	/* bits of one word */
	SIM_ROUTES_MAX = 16,
	SIM_STATUSES = 10, /* status codes that the model counts */
	SIM_BUCKETS = 11,  /* of a duration histogram, without +Inf */
	SIM_HTTP_CONNECTIONS = 64,
	SIM_HTTP_BODY_MAX = 4 * 1024 * 1024, /* a page of 1,000 log entries */
	SIM_HTTP_UPLOAD_MAX = 256 * 1024,    /* a service has some kB */
	SIM_HTTP_ARGS_MAX = 32,		     /* of one query */
	SIM_HTTP_IDLE_S = 60,	       /* an unused connection is closed */
	SIM_HTTP_HOLD_MS = 120 * 1000, /* a hung request is closed then */
	SIM_HTTP_LATER_MS = 50,	       /* half a step */
	SIM_LOG_FILE_MAX = 2 * 1024 * 1024,
	SIM_LOG_KEEP = 2,	       /* rotated files beside the live one */
	SIM_LOG_STEP_MAX = 256 * 1024, /* lines of one step */
	SIM_GCP_NAME_MAX = 128,	       /* of one part of a resource's name */
	SIM_GCP_PATH_MAX = 512,	       /* of the whole name */
	SIM_GCP_TAG_MAX = 64,
	SIM_GCP_PARTS_MAX = 5, /* of a path that are names */
	SIM_GCP_MESSAGE_MAX = 512,
	SIM_GCP_SERVICES_MAX = 4,
	SIM_GCP_REVISIONS_MAX = 1000, /* of one service, as Google's */
	SIM_GCP_OPS_MAX = 256,	      /* Google forgets them, too */
	SIM_GCP_TOKENS_MAX = 256,
	SIM_GCP_JWT_MAX = 4096,
	SIM_GCP_MASK_MAX = 16,
	SIM_GCP_REQUESTS_MAX = 32 * 1024 * 1024, /* a day of one dashboard */
	SIM_GCP_RETRY_S = 5,			 /* short, so that it is seen */
	SIM_GCP_WAIT_S = 30,
	SIM_GCP_VALUE_MAX = 2048,   /* of a field of a log entry */
	SIM_GCP_FILTER_NODES = 256, /* a filter has some dozen at most */
	SIM_GCP_FILTER_WORDS = 16,  /* of one function */
	SIM_GCP_FILTER_DEPTH = 32,
	SIM_GCP_ENTRIES_MAX = 65536, /* half an hour, or two minutes of flood */
	SIM_GCP_LOG_QUOTA = 60,	     /* questions a minute, as Google's */
	SIM_GCP_SLOT_MS = 5000,
	SIM_GCP_SLOTS = 800,	     /* an hour, and what is being asked for */
	SIM_GCP_BUCKETS = 42,	     /* 1 ms times 1.4, 41 times: 16 minutes */
	SIM_GCP_DIST_BUCKETS = 102,  /* a hundred, and what is outside */
	SIM_GCP_FRESH_MS = 10000,    /* of the newest window of a figure */
	SIM_GCP_LAG_MS = 180 * 1000, /* of Google's figures */
	SIM_GCP_WINDOWS_MAX = 120,   /* two hours */
	SIM_GCP_GROUPS_MAX = 64,     /* of series that become one */
	SIM_GCP_GROUP_FIELDS = 8,
	SIM_GCP_BUILDS_MAX = 50,
	SIM_GCP_BUILD_MS = 160 * 1000, /* a build takes that long */
	SIM_GCP_CAP = 4,	       /* instances that too-few leaves */
	SIM_GCP_CROWD = 200,	       /* revisions that many-revisions makes */
	SIM_GCP_SETTLE_MS = 3000,      /* Google needs ten to thirty seconds */
	SIM_GCP_SETTLE_MAX_MS = 600 * 1000,
	SIM_QUEUES_MAX = 8,
	SIM_QUEUE_SLOTS = 32, /* jobs of one queue under way */
	SIM_WORKERS_MAX = 8,  /* connections of one queue's workers */
	SIM_WORKER_SLEEP_S = 5,
	SIM_UNSTICK_MS = 10000,	 /* long enough to see it, short in a drill */
	SIM_BACKLOG_MAX = 20000, /* producers give up; about 12 MB of Redis */
	SIM_JOB_RUN_MAX_MS = 20000,
	SIM_CHILD_LINGER_MS = 1000, /* what a killed server leaves to do */
	SIM_REDIS_START_MS = 5000,
	SIM_REDIS_STOP_MS = 2000,
	SIM_REDIS_IO_MS = 500, /* a stopped server holds the world that long */
	SIM_REDIS_RETRY_MS = 500,
	SIM_PG_INIT_MS = 60 * 1000,  /* half a second on an idle machine */
	SIM_PG_START_MS = 20 * 1000, /* 50 ms, and longer after a crash */
	SIM_PG_STOP_MS = 3000,	     /* 10 ms; a held one is killed */
	SIM_PG_CONNECTIONS = 32, /* two pools, the health check, and guests */
	SIM_DB_PLACES_MAX = 32,	 /* of one pool: all that the server has */
	SIM_DB_LINE_MAX = 128,	 /* statements that wait for a connection */
	SIM_DB_SCRIPTS_MAX = 32, /* a place each */
	SIM_DB_ORDERS_MAX = 256, /* from one look of the thread to the next */
	SIM_DB_PARAMS_MAX = 4,
	SIM_DB_PARAM_CAP = 48, /* names and numbers of our own */
	SIM_DB_WHY_MAX = 200,  /* the first line of an error */
	SIM_DB_POLL_MS = 250,  /* the thread looks up that often at least */
	SIM_DB_CONNECT_MS = 3000,
	SIM_DB_RETRY_MS = 500,
	SIM_DB_GROW_MS = 50,	    /* ten usual statements */
	SIM_DB_IDLE_MS = 10 * 1000, /* a spare connection is closed then */
	SIM_DB_STUCK_MS = 1500,	    /* calm statements end before it */
	SIM_DB_PING_MS = 1000,
	SIM_DB_ANSWER_MS = 2500, /* two checks went without an answer */
	SIM_LOBBY_GUESTS = 8,	 /* who come while the server is made */
	SIM_LOBBY_BUF = 8 * 1024,
	SIM_CTL_CLIENTS = 8,
	SIM_CTL_LINE_MAX = 256,
	SIM_CTL_REPLY_MAX = 64 * 1024,
	SIM_CTL_WAIT_MS = 10000, /* a fault may wait for Redis to start */
	SIM_BASE_DIR_MAX = 60,	 /* so that a socket's path fits in 108 */
	SIM_DIR_ENTRIES_MAX = 1000,
	SIM_DIR_DEPTH_MAX = 6,	/* of a world's folder; PostgreSQL has 4 */
	SIM_DIR_LOCK_MS = 2000, /* sweeping takes a few milliseconds */
};

/* tui/drill */
enum {
	DRILL_WORLDS_MAX = 4, /* platforms of one drill */
	DRILL_ARGS_MAX = 64,  /* options that are passed on */
	DRILL_LINES_MAX = 64, /* variables that a world announces */
	DRILL_TEXT_MAX = 64 * 1024,
	DRILL_START_MS = 20000, /* Redis on a busy machine */
	DRILL_STOP_MS = 5000,	/* the world gives Redis 2 s of these */
};

/* tui commands */
enum {
	ONCE_TIMEOUT_MS = 10000, /* a monitoring system's usual patience */
	ONCE_RATE_MS = 1000,	 /* between the two answers of a rate */
	STOP_MS = 700, /* leaving takes under a second whatever hangs */
	REPORT_BYTES_MAX = 64 * 1024 * 1024, /* of `once -o json` */
};

#endif
