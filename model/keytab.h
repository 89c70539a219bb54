/*
 * Rows that are found by a 64-bit key: a table that grows to a maximum and
 * from which nothing is taken out one by one. The caller's struct begins
 * with `uint64_t key`, which the table sets.
 * thread: owner.
 */
#ifndef SEV_MODEL_KEYTAB_H
#define SEV_MODEL_KEYTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct keytab {
	char *rows; /* open addressing, at most half full; owned */
	size_t row_size;
	size_t cap; /* a power of two, or 0 */
	size_t count;
	size_t max; /* rows */
};

/* Rows of row_size bytes, at most max of them, which is a power of two. */
void keytab_init(struct keytab *tab, size_t row_size, size_t max);
void keytab_release(struct keytab *tab);

/*
 * The row of key, which is not 0; a new one is zero but for its key. Valid
 * until the next call. NULL: no memory, or max rows are in use.
 */
void *keytab_row(struct keytab *tab, uint64_t key, bool *ret_new) ATTR_MUST_USE;

/*
 * The next row that is in use, or NULL; *at is 0 at first and belongs to the
 * walk, during which none may be added.
 */
void *keytab_next(const struct keytab *tab, size_t *at) ATTR_MUST_USE;

#endif
