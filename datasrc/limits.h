/* The maxima of datasrc/, each with its reason (base/limits.h). */
#ifndef SEV_DATASRC_LIMITS_H
#define SEV_DATASRC_LIMITS_H

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

#endif
