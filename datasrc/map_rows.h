/*
 * The rows behind datasrc/map_opts.c, once with "path" and once with
 * "column" as the key of a value's place. Only map_opts.c needs more of them
 * than map_opts.h says.
 * thread: any.
 */
#ifndef SEV_DATASRC_MAP_ROWS_H
#define SEV_DATASRC_MAP_ROWS_H

#include "datasrc/map_opts.h"

/* A table as its rows read it. */
struct map_table_raw {
	const char *rows;
	const char *key;
	bool optional;
	const struct conf_node *columns;
	const struct conf_node *state;
};

/* Behind enum state in the option "other": not said. */
enum {
	MAP_OTHER_AUTO = STATE_UNKNOWN + 1
};

extern const char *const map_form_words[]; /* of enum map_form */
extern const struct opt_table map_column_opts[MAP_PLACE_COUNT];
extern const struct opt_table map_state_opts[MAP_PLACE_COUNT];

#endif
