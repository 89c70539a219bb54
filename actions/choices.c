#include "actions/choices.h"

#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/utf8.h"
#include "model/limits.h"

struct choices *
choices_new(void)
{
	struct arena *arena = arena_new(PLAN_ARENA_MAX);
	struct choices *choices =
	    arena != NULL ? arena_alloc(arena, sizeof(*choices)) : NULL;

	if (choices != NULL)
		choices->items = arena_array(
		    arena, ACTION_CHOICES_MAX, sizeof(*choices->items));
	if (choices == NULL || choices->items == NULL) {
		arena_free(arena);
		return NULL;
	}
	atomic_init(&choices->refs, 1);
	choices->arena = arena;
	return choices;
}

struct choices *
choices_ref(struct choices *choices)
{
	atomic_fetch_add_explicit(&choices->refs, 1, memory_order_relaxed);
	return choices;
}

struct choices *
choices_unref(struct choices *choices)
{
	if (choices != NULL && atomic_fetch_sub(&choices->refs, 1) == 1)
		arena_free(choices->arena); /* it lies in there itself */
	return NULL;
}

void
choices_add(struct choices *choices, const char *word, size_t len)
{
	const char *copy;

	if (len == 0)
		return;
	if (choices->count == ACTION_CHOICES_MAX || len >= ACTION_VALUE_MAX ||
	    memchr(word, '\0', len) != NULL || !utf8_is_valid(word, len)) {
		choices->dropped++;
		return;
	}
	for (size_t i = 0; i < choices->count; i++) {
		if (strlen(choices->items[i]) == len &&
		    memcmp(choices->items[i], word, len) == 0)
			return;
	}
	copy = arena_copy(choices->arena, word, len);
	if (copy == NULL)
		choices->failed = true;
	else
		choices->items[choices->count++] = copy;
}
