/*
 * The maxima of base/, each with its reason; every layer has such a file, and
 * no buffer, list, wait or retry in the program is without one of these.
 * Sizes are bytes unless the name says otherwise; times carry their unit in
 * the name.
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

/* base/json */
enum {
	JSON_DEPTH_MAX = 64,	  /* real answers have under 12 levels */
	JSON_VALUES_MAX = 200000, /* about 20 MB of cJSON nodes */
	JSON_NUMBER_MAX = 60,	  /* cJSON reads at most 63 characters */
	JSON_HEAD_MAX = 40,	  /* of what came instead, in a message */
	JSON_PATH_STEPS_MAX = 24, /* twice as deep as real answers */
};

#endif
