#include "model/state.h"

static const struct {
	const char *name;
	int badness;
} states[] = {
	[STATE_OK] = { "ok", 0 },
	[STATE_WARN] = { "warning", 2 },
	[STATE_CRIT] = { "critical", 3 },
	[STATE_UNKNOWN] = { "unknown", 1 },
};

int
state_badness(enum state state)
{
	return states[state].badness;
}

enum state
state_worst(enum state a, enum state b)
{
	return state_badness(a) >= state_badness(b) ? a : b;
}

const char *
state_name(enum state state)
{
	return states[state].name;
}
