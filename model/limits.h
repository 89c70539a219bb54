/* The maxima of model/, each with its reason (base/limits.h). */
#ifndef SEV_MODEL_LIMITS_H
#define SEV_MODEL_LIMITS_H

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

/* model/platform_action, model/platform_flag: what actions may ask for */
enum {
	ACTION_CHOICES_MAX = 256, /* a list that can still be read */
	ACTION_TARGETS_MAX = 64,  /* of one plan; more can't be read through */
	ACTION_TARGET_MAX = 1024, /* bytes of a name: a Redis key */
	ACTION_TIMEOUT_MAX_MS = 60 * 60 * 1000, /* a restore of a database */
	ACTION_TIMEOUT_MIN_MS = 100,
	ACTION_VALUES_MAX = 32, /* arguments of one action */
	CHECK_FOR_MAX_MS = 60 * 60 * 1000,
	CHECK_HOLD_MS = 10 * 1000, /* well this long is recovered */
	RUN_APPLY_S = 60,	   /* a restart of a container takes ten */
};

#endif
