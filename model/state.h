/*
 * How bad something is, in the four words that the whole screen uses. The
 * values are the exit statuses of `sevtop once`, which follow the
 * monitoring-plugins guidelines.
 */
#ifndef SEV_MODEL_STATE_H
#define SEV_MODEL_STATE_H

enum state {
	STATE_OK = 0,
	STATE_WARN = 1,
	STATE_CRIT = 2,	   /* "down" where it speaks of health */
	STATE_UNKNOWN = 3, /* no answer yet, or one that can't be trusted */
};

/* What to sort by: crit is more than warn, then unknown, and ok is 0. */
int state_badness(enum state state);

/* The worse of two, in that order. */
enum state state_worst(enum state a, enum state b);

/* "ok", "warning", "critical", "unknown": words of `once -o json`. */
const char *state_name(enum state state);

#endif
