#include "model/keytab.h"

#include "base/alloc.h"
#include "tests/tap.h"

struct row {
	uint64_t key;
	uint64_t value;
};

enum {
	ROWS = 1024
};

/* Keys that all begin at the same place, the worst there is. */
static uint64_t
key_of(uint64_t i)
{
	return (i + 1) << 32;
}

static void
test_rows(void)
{
	struct keytab tab;
	struct row *row;
	size_t wrong = 0;
	bool new;

	keytab_init(&tab, sizeof(struct row), ROWS);
	for (uint64_t i = 0; i < ROWS; i++) {
		row = keytab_row(&tab, key_of(i), &new);
		if (row == NULL || !new || row->value != 0)
			wrong++;
		else
			row->value = i;
	}
	is_int((int64_t)wrong, 0, "every row is new and zero");
	for (uint64_t i = 0; i < ROWS; i++) {
		row = keytab_row(&tab, key_of(i), &new);
		wrong += row == NULL || new || row->key != key_of(i) ||
			 row->value != i;
	}
	is_int((int64_t)wrong, 0, "every row is found again");
	ok(keytab_row(&tab, 7, &new) == NULL, "no more than the maximum");
	ok(keytab_row(&tab, key_of(3), &new) != NULL && !new,
	    "a full table still finds");
	keytab_release(&tab);
	keytab_release(&tab);
}

static void
test_memory(void)
{
	struct keytab tab;
	bool new;

	keytab_init(&tab, sizeof(struct row), ROWS);
	mem_fail_at(1, false);
	ok(keytab_row(&tab, 1, &new) == NULL, "no memory for the first row");
	mem_fail_at(0, false);
	ok(keytab_row(&tab, 1, &new) != NULL && new, "then there is");
	keytab_release(&tab);
}

int
main(void)
{
	RUN(test_rows);
	RUN(test_memory);
	return tap_done();
}
