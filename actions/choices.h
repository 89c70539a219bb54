/*
 * Words to choose from, read from a server or a command before a plan is
 * made: what an argument may be. The bytes are kept as they came, for that
 * is what is sent; whoever shows one cleans it.
 * Immutable and reference counted once the call that fills it has ended.
 * thread: builder: owner; else any.
 */
#ifndef SEV_ACTIONS_CHOICES_H
#define SEV_ACTIONS_CHOICES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct arena;

struct choices {
	atomic_uint refs;
	struct arena *arena;
	const char **items; /* valid UTF-8, each once */
	size_t count;
	size_t dropped; /* past ACTION_CHOICES_MAX, or no UTF-8 */
	bool failed;	/* no memory */
};

struct choices *choices_new(void) ATTR_MUST_USE;
struct choices *choices_ref(struct choices *choices);
struct choices *choices_unref(struct choices *choices); /* NULL is allowed */

/* Adds a word; an empty one, and one that is there already, is left out. */
void choices_add(struct choices *choices, const char *word, size_t len);

#endif
