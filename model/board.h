/*
 * The board: how it stands in one word, for the header line, for `once` and
 * its exit status. A platform is as bad as its worst firing alert, health
 * row or signal; it is unknown, and so never green, while a source has no
 * fresh answer.
 * thread: any; pure.
 */
#ifndef SEV_MODEL_BOARD_H
#define SEV_MODEL_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "model/store.h"

struct board {
	enum state state;
	size_t sources;		    /* configured, and not absent */
	size_t answering;	    /* with a fresh answer */
	size_t pending;		    /* still waiting for their first answer */
	size_t alerts;		    /* firing */
	enum state worst_alert;	    /* STATE_OK: none fires */
	int64_t oldest_alert_since; /* clock_now(); 0: none fires */
};

/* platform NULL: all together. The frame's last slot is the watch's. */
void board_read(const struct frame *frame, const char *platform, int64_t now,
    struct board *ret);

/* The state of one source by its freshness alone. */
enum state board_source_state(const struct section *section, int64_t now);

#endif
