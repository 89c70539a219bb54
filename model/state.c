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

enum state
state_worst(enum state a, enum state b)
{
	return states[a].badness >= states[b].badness ? a : b;
}

const char *
state_name(enum state state)
{
	return states[state].name;
}
