#include "actions/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

static const char origin[] = "gate";

void
gate_init(struct gate *gate, enum gate_mode mode, bool prod, int64_t now)
{
	*gate = (struct gate) { .mode = mode, .since = now };
	if (mode == GATE_READONLY)
		return;
	gate->armed = mode == GATE_WRITE || !prod;
	gate->until = prod ? now + GATE_ARM_MS * NS_PER_MS : INT64_MAX;
}

enum err_code
gate_arm(struct gate *gate, const char *reason, int64_t for_ns, int64_t now,
    struct err *err)
{
	size_t blank = strspn(reason, " \t");

	if (gate->mode == GATE_READONLY)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "started with --readonly: it can't be armed; start "
		    "without it");
	if (reason[blank] == '\0' || !utf8_is_valid(reason, strlen(reason)))
		return err_set(err, ERR_USAGE, origin, "arming needs a reason");
	if (for_ns < 0 || for_ns > GATE_ARM_MAX_MS * NS_PER_MS)
		return err_set(err, ERR_USAGE, origin,
		    "at most %d hours at a time",
		    GATE_ARM_MAX_MS / (60 * 60 * 1000));
	gate->armed = true;
	gate->since = now;
	gate->until = now + (for_ns > 0 ? for_ns : GATE_ARM_MS * NS_PER_MS);
	snprintf(gate->reason, sizeof(gate->reason), "%s", reason + blank);
	return ERR_OK;
}

void
gate_disarm(struct gate *gate, int64_t now)
{
	gate->armed = false;
	gate->since = now;
	gate->reason[0] = '\0';
}

bool
gate_is_open(const struct gate *gate, int64_t now)
{
	return gate->mode != GATE_READONLY && gate->armed && now < gate->until;
}

int64_t
gate_left_ns(const struct gate *gate, int64_t now)
{
	if (!gate_is_open(gate, now))
		return 0;
	return gate->until == INT64_MAX ? INT64_MAX : gate->until - now;
}

enum err_code
gate_check(const struct gate *gate, enum action_class class, int64_t now,
    struct err *err)
{
	if (class == ACTION_LOOK || gate_is_open(gate, now))
		return ERR_OK;
	if (gate->mode == GATE_READONLY)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "read-only: started with --readonly");
	if (gate->armed)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "read-only again: the time it was armed for is over");
	return err_set(err, ERR_FORBIDDEN, origin,
	    "read-only: arm it first, with a reason");
}
