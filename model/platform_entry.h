/*
 * One of the named things in a configuration: a source, an action, a flag.
 * Each is a map with a type, the keys that all of its sort share, and those
 * of the type. Here they are read, and here it is told what is wrong.
 *
 *	restart:                  # an entry
 *	  type: command           # whose type brings keys of its own
 *	  class: disruptive       # a key that all actions share
 *	  when_set: COMPOSE_DIR   # without it, it counts as not there
 *
 * Private to platform*.c. thread: owner.
 */
#ifndef SEV_MODEL_PLATFORM_ENTRY_H
#define SEV_MODEL_PLATFORM_ENTRY_H

#include "model/limits.h"
#include "model/platform_impl.h"

/* A sort of entries. */
struct platform_sort {
	const char *what;    /* "source", as messages call one */
	const char *example; /* what a type is, for who left it out */
	const char *needs;   /* "a type": the least that an entry has */
	const struct opt_table *common; /* keys of all of them */
	/* Fills *ret with the type at index; false behind the last. */
	bool (*at)(const void *ctx, size_t index, struct platform_type *ret);
	const void *ctx;
};

struct platform_entry {
	const struct conf_node *node; /* its map */
	struct platform_type type;
	const void *config; /* bound; zeroed when the type has no keys */
};

/*
 * Binds the keys of node: the sort's into common (the struct of its rows),
 * the type's into *ret. ERR_OK, ERR_CONFIG (said what is wrong), ERR_NOMEM.
 */
enum err_code platform_entry_read(struct platform_load *load,
    const struct platform_sort *sort, const struct conf_node *node,
    void *common, struct platform_entry *ret) ATTR_MUST_USE;

/* The type that node names; false: said what is wrong with it. */
bool platform_entry_type(struct platform_load *load,
    const struct platform_sort *sort, const struct conf_node *node,
    struct platform_type *ret);

/* The key that all sorts have; field is a struct opt_list of owner. */
#define PLATFORM_WHEN_SET_ROW(owner, field)                                    \
	{                                                                      \
		OPT_FIELD(owner, field, "when_set", OPT_LIST),                 \
		    .min = 1, .max = PLATFORM_WHEN_SET_MAX,                    \
		    .help =                                                    \
			"only if these variables are set, for what not every " \
			"machine has",                                         \
	}

/*
 * Which of the variables is not set, in words ("COMPOSE_DIR is not set");
 * NULL: all are. One that is empty counts as not set.
 */
const char *platform_entry_off(
    struct platform_load *load, const struct opt_list *when_set);

/* A map of named things that become an array of structs. */
struct platform_many {
	const char *what; /* "an action": for messages about names */
	size_t max;
	size_t size;  /* of one */
	size_t spare; /* room behind the last, for those that are added */
	/*
	 * Reads one. ret_off: the array of those that count as not there is
	 * meant. ERR_OK, ERR_CONFIG (left out), ERR_NOMEM.
	 */
	enum err_code (*read)(struct platform_load *load,
	    const struct conf_node *node, void *ret, bool *ret_off);
};

struct platform_many_read {
	void *on; /* in file order; NULL: the map is none */
	size_t count;
	void *off; /* the same for those that count as not there */
	size_t off_count;
};

/*
 * Reads all of map, which may be NULL. ERR_OK; ERR_CONFIG: some are left
 * out, as was said; ERR_NOMEM.
 */
enum err_code platform_read_many(struct platform_load *load,
    const struct conf_node *map, const struct platform_many *many,
    struct platform_many_read *ret) ATTR_MUST_USE;

#endif
