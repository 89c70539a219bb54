/*
 * Rows of a list that were tagged one by one, so that one key acts on all of
 * them. A tag is the key of its row: it follows the row wherever it goes,
 * and is gone for good once the row was gone at a look.
 * thread: UI.
 */
#ifndef SEV_PANELS_TAGS_H
#define SEV_PANELS_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/textbuf.h"

enum {
	TAG_KEY_MAX = 200 /* a longer key can't be tagged */
};

struct tag {
	char key[TAG_KEY_MAX];
	size_t len;
	bool seen; /* at the look that goes on */
};

struct tags {
	struct tag *list; /* owned; NULL: nothing was ever tagged */
	size_t count;	  /* at most ACTION_TARGETS_MAX: those of one plan */
};

void tags_release(struct tags *tags);
void tags_clear(struct tags *tags);

bool tags_have(const struct tags *tags, struct text key);

/* Tags the row, or takes its tag off. False: it can't be tagged. */
bool tags_turn(struct tags *tags, struct text key);

/* A look at all rows that there are: between these, each row is named. */
void tags_look(struct tags *tags);
void tags_see(struct tags *tags, struct text key);

/* The tags of rows that were not named are gone. */
void tags_looked(struct tags *tags);

#endif
