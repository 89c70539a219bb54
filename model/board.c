#include "model/board.h"

#include <string.h>

enum state
board_source_state(const struct section *section, int64_t now)
{
	switch (section_freshness(section, now)) {
	case FRESH_OK:
	case FRESH_ABSENT:
		return STATE_OK;
	case FRESH_FIRST:
		return STATE_UNKNOWN;
	default:
		break;
	}
	switch (section->code) {
	case ERR_OK: /* late: nothing is known yet */
	case ERR_AUTH:
	case ERR_FORBIDDEN:
	case ERR_WAITING:
		return STATE_UNKNOWN;
	case ERR_LIMITED:
		return STATE_WARN;
	default:
		return STATE_CRIT;
	}
}

static void
board_source(struct board *board, const struct section *section, int64_t now)
{
	enum freshness fresh = section_freshness(section, now);
	const struct payload *payload = section->payload;

	if (fresh == FRESH_ABSENT)
		return;
	board->sources++;
	board->answering += fresh == FRESH_OK;
	board->pending += fresh == FRESH_FIRST;
	board->state =
	    state_worst(board->state, board_source_state(section, now));
	/* What a source said long ago is no news about now. */
	if (payload == NULL || fresh != FRESH_OK)
		return;
	for (size_t i = 0; i < payload->health_count; i++)
		board->state =
		    state_worst(board->state, payload->health[i].state);
}

static bool
is_of(struct text name, const char *platform)
{
	return platform == NULL || (strlen(platform) == name.len &&
				       memcmp(platform, name.s, name.len) == 0);
}

static void
board_watch(
    struct board *board, const struct payload *payload, const char *platform)
{
	for (size_t i = 0; i < payload->signal_count; i++) {
		const struct signal *signal = &payload->signals[i];

		if (is_of(signal->platform, platform) && !signal->idle)
			board->state = state_worst(board->state, signal->state);
	}
	for (size_t i = 0; i < payload->alert_count; i++) {
		const struct alert *alert = &payload->alerts[i];

		if (alert->state != ALERT_FIRING ||
		    !is_of(alert->platform, platform))
			continue;
		board->alerts++;
		board->worst_alert =
		    state_worst(board->worst_alert, alert->severity);
		board->state = state_worst(board->state, alert->severity);
		if (board->oldest_alert_since == 0 ||
		    alert->since < board->oldest_alert_since)
			board->oldest_alert_since = alert->since;
	}
}

void
board_read(const struct frame *frame, const char *platform, int64_t now,
    struct board *ret)
{
	const struct section *watch = NULL;

	*ret = (struct board) { .state = STATE_OK, .worst_alert = STATE_OK };
	if (frame->slot_count > 0)
		watch = frame->sections[frame->slot_count - 1];
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section != NULL &&
		    (platform == NULL ||
			strcmp(section->platform, platform) == 0))
			board_source(ret, section, now);
	}
	if (watch != NULL && watch->payload != NULL)
		board_watch(ret, watch->payload, platform);
}
