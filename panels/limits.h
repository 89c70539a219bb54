/* The maxima of panels/, each with its reason (base/limits.h). */
#ifndef SEV_PANELS_LIMITS_H
#define SEV_PANELS_LIMITS_H

#include "model/limits.h"

/* panels/logs */
enum {
	LOGS_WRAP_MAX = 10, /* rows of one wrapped line; Enter shows all */
	LOGS_BODY_BYTES = 2 * LOG_TEXT_MAX + 64 * 1024, /* one line, joined */
	LOGS_STACK_MAX = 200, /* lines of a stack in the detail */
};

/* panels/canvas */
enum {
	CANVAS_H_MAX = 400, /* a 4K screen with the smallest font */
	CANVAS_W_MAX = 1000,
};

/* panels/panel */
enum {
	ACT_HINT_MAX = 32, /* words behind a key of the footer */
};

#endif
