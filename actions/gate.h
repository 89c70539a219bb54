/*
 * The one place that decides whether anything may be changed. A platform is
 * read-only or armed. prod and what is not known to be harmless start
 * read-only; --write starts armed; --readonly stays read-only for good.
 * Arming takes a reason and runs out by itself, unless the environment is
 * harmless. Looking is always allowed.
 * Pure; thread: owner (the engine keeps one per platform under its lock).
 */
#ifndef SEV_ACTIONS_GATE_H
#define SEV_ACTIONS_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "actions/limits.h"
#include "base/err.h"
#include "model/action_class.h"

enum gate_mode {
	GATE_NORMAL,
	GATE_READONLY, /* --readonly: can't be armed */
	GATE_WRITE,    /* --write: starts armed */
};

struct gate {
	enum gate_mode mode;
	bool armed;    /* ask gate_is_open(): the time may be over */
	int64_t since; /* clock_now() of the last arming or disarming */
	int64_t until; /* INT64_MAX: a harmless environment */
	char reason[ACTION_REASON_MAX]; /* plain; "" when nobody armed it */
};

void gate_init(struct gate *gate, enum gate_mode mode, bool prod, int64_t now);

/*
 * Opens it for for_ns (0: GATE_ARM_MS). ERR_FORBIDDEN under --readonly,
 * ERR_USAGE without a reason or for a time that is too long.
 */
enum err_code gate_arm(struct gate *gate, const char *reason, int64_t for_ns,
    int64_t now, struct err *err) ATTR_MUST_USE;
void gate_disarm(struct gate *gate, int64_t now);

bool gate_is_open(const struct gate *gate, int64_t now);

/* Until it closes by itself; INT64_MAX: it does not, 0: it is closed. */
int64_t gate_left_ns(const struct gate *gate, int64_t now);

/*
 * Whether something of this class may be done now. ERR_FORBIDDEN says what
 * to do about it.
 */
enum err_code gate_check(const struct gate *gate, enum action_class class,
    int64_t now, struct err *err) ATTR_MUST_USE;

#endif
