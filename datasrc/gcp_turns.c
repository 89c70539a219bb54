#include "datasrc/gcp_turns.h"

#include "base/clock.h"

void
gcp_turns_init(struct gcp_turns *turns, int64_t quota, int64_t share)
{
	*turns =
	    (struct gcp_turns) { .per_minute = (double)quota / (double)share };
}

void
gcp_turns_begin(struct gcp_turns *turns, int64_t now)
{
	double most = turns->per_minute < 1 ? 1 : turns->per_minute;

	if (turns->at == 0)
		turns->left = most;
	else
		turns->left += turns->per_minute * (double)(now - turns->at) /
			       (60.0 * NS_PER_SEC);
	if (turns->left > most)
		turns->left = most;
	turns->at = now;
	turns->turn++;
}

bool
gcp_turns_due(const struct gcp_turns *turns, const struct gcp_due *due)
{
	return due->asked == 0 || turns->turn - due->asked >= due->every;
}

void
gcp_turns_order(struct gcp_due *due, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct gcp_due one = due[i];
		size_t at = i;

		for (; at > 0 && due[at - 1].asked > one.asked; at--)
			due[at] = due[at - 1];
		due[at] = one;
	}
}

bool
gcp_turns_take(struct gcp_turns *turns)
{
	if (turns->left < 1)
		return false;
	turns->left--;
	return true;
}
