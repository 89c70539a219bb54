/*
 * "Did you mean": the known word that a mistyped one is nearest to, by
 * Damerau-Levenshtein distance (optimal string alignment: one slip is a
 * letter too many, too few, wrong, or two swapped). Words that differ in
 * more than a third of their letters are no help and are not offered.
 *
 *	struct nearest near = NEAREST_INIT(word);
 *	nearest_offer(&near, "timeout");
 *	if (near.best != NULL) ...
 *
 * thread: owner. Allocates nothing.
 */
#ifndef SEV_BASE_NEAREST_H
#define SEV_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* borrowed; what was typed */
	const char *best; /* borrowed from nearest_offer(); NULL: none near */
	size_t distance;  /* of best */
};

#define NEAREST_INIT(typed)                                                    \
	{                                                                      \
		.word = (typed)                                                \
	}

/* Considers a known word (borrowed; NULL is passed over). The first wins. */
void nearest_offer(struct nearest *near, const char *known);

/*
 * Slips between two words, letters compared without ASCII case. Words longer
 * than NAME_MAX_LEN are never near: SIZE_MAX.
 */
size_t nearest_distance(const char *a, const char *b);

#endif
