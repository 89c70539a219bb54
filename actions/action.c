#include "actions/action.h"

#include <string.h>

#include "base/clock.h"

const char *
target_state_words(enum target_state state)
{
	static const char *const words[] = {
#define X(state, words) words,
		TARGET_STATES(X)
#undef X
	};

	return (unsigned)state < TARGET_STATE_COUNT ? words[state] : "";
}

bool
target_state_is_final(enum target_state state)
{
	return state >= TARGET_DONE;
}

enum err_code
action_rest(const struct action_ctx *ctx, int64_t until, struct err *err)
{
	if (until > ctx->deadline)
		until = ctx->deadline;
	if (io_wait(-1, 0, until, ctx->cancel, NULL) == ERR_CANCELLED)
		return err_set(err, ERR_CANCELLED, "action", "cancelled");
	if (clock_now() >= ctx->deadline)
		return err_set(err, ERR_TIMEOUT, "action", "out of time");
	return ERR_OK;
}

const struct action_ops *
action_find(const struct action_ops *const *table, const char *name)
{
	for (size_t i = 0; table[i] != NULL; i++) {
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	}
	return NULL;
}
