/* The maxima of tui/, each with its reason (base/limits.h). */
#ifndef SEV_TUI_LIMITS_H
#define SEV_TUI_LIMITS_H

/* tui/act */
enum {
	ACT_CHOICES_MAX = 64, /* actions for one row; nobody reads more */
	ACT_FOLLOW_MAX = 8,   /* jobs whose end is told in the footer */
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
