#include "model/keytab.h"

#include <string.h>

#include "base/alloc.h"

enum {
	CAP_FIRST = 32
};

void
keytab_init(struct keytab *tab, size_t row_size, size_t max)
{
	*tab = (struct keytab) { .row_size = row_size, .max = max };
}

void
keytab_release(struct keytab *tab)
{
	mem_free(tab->rows);
	tab->rows = NULL;
	tab->cap = tab->count = 0;
}

/* Rows begin with their key; 0: the row is free. */
static uint64_t
row_key(const char *row)
{
	uint64_t key;

	memcpy(&key, row, sizeof(key));
	return key;
}

/* The row that holds key, or the free one where it would go. */
static char *
slot_of(char *rows, size_t row_size, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (row_key(rows + i * row_size) != 0 &&
	       row_key(rows + i * row_size) != key)
		i = (i + 1) & (cap - 1);
	return rows + i * row_size;
}

static bool
keytab_grow(struct keytab *tab)
{
	size_t cap = tab->cap != 0 ? tab->cap * 2 : CAP_FIRST;
	char *rows;

	if (cap > tab->max * 2)
		return false;
	rows = mem_calloc(cap, tab->row_size);
	if (rows == NULL)
		return false;
	for (size_t i = 0; i < tab->cap; i++) {
		const char *row = tab->rows + i * tab->row_size;

		if (row_key(row) != 0)
			memcpy(slot_of(rows, tab->row_size, cap, row_key(row)),
			    row, tab->row_size);
	}
	mem_free(tab->rows);
	tab->rows = rows;
	tab->cap = cap;
	return true;
}

void *
keytab_row(struct keytab *tab, uint64_t key, bool *ret_new)
{
	char *row = NULL;

	if (tab->cap != 0)
		row = slot_of(tab->rows, tab->row_size, tab->cap, key);
	*ret_new = row == NULL || row_key(row) == 0;
	if (!*ret_new)
		return row;
	if (tab->count >= tab->cap / 2 && !keytab_grow(tab))
		return NULL;
	row = slot_of(tab->rows, tab->row_size, tab->cap, key);
	memcpy(row, &key, sizeof(key));
	tab->count++;
	return row;
}

void *
keytab_next(const struct keytab *tab, size_t *at)
{
	while (*at < tab->cap) {
		char *row = tab->rows + (*at)++ * tab->row_size;

		if (row_key(row) != 0)
			return row;
	}
	return NULL;
}
