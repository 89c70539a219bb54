/*
 * Paths into JSON documents: ".system.database", "a[0].b",
 * "labels[\"a.b\"]", and with wildcards "system.queues.*.waiting" (every
 * member of an object) and "[*].name" (every element of a list). "." is the
 * root; the first dot may be left out.
 *
 * A path that leads nowhere says at which step, and what was there instead:
 * "system.queuez: no such key; there are: queues, memory".
 * thread: any for paths, which are constant; a walk belongs to its owner.
 */
#ifndef SEV_BASE_JSON_PATH_H
#define SEV_BASE_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/limits.h"

struct buf;
struct cJSON;

enum json_step_kind {
	JSON_STEP_KEY,
	JSON_STEP_INDEX,
	JSON_STEP_MEMBERS,  /* .* */
	JSON_STEP_ELEMENTS, /* [*] */
	JSON_STEP_CHILDREN, /* of either; only json_path_children() makes it */
};

struct json_step {
	enum json_step_kind kind;
	const char *key; /* KEY: borrowed from the text of the path */
	size_t len;	 /* of the key */
	size_t index;	 /* INDEX */
};

struct json_path {
	const char *text; /* borrowed */
	size_t count;
	size_t wildcards;
	struct json_step steps[JSON_PATH_STEPS_MAX];
};

/* ERR_CONFIG says where text, which is borrowed, is wrong. */
enum err_code json_path_parse(const char *text, struct json_path *ret_path,
    struct err *err) ATTR_MUST_USE;

/*
 * Lets the path go on to all children of what it finds, unless its last step
 * is a wildcard already. ERR_CONFIG: it has too many steps then.
 */
enum err_code json_path_children(
    struct json_path *path, struct err *err) ATTR_MUST_USE;

/*
 * All places that a path leads to, one after the other. work is counted down
 * by what the walk looks at; at 0 it ends, so that a hostile document costs
 * no more than the caller is willing to give.
 */
struct json_walk {
	const struct json_path *path;
	size_t *work;
	const char *base; /* what names begin with; NULL: nothing */
	/* at[i]: where step i starts; place[i]: which child step i took */
	const struct cJSON *at[JSON_PATH_STEPS_MAX + 1];
	size_t place[JSON_PATH_STEPS_MAX];
	size_t reached; /* steps done; path->count: all */
	int found;	/* of the key at which it ended */
	bool begun;
};

void json_walk_begin(struct json_walk *walk, const struct json_path *path,
    const struct cJSON *root, size_t *work);

/*
 * The next place. False at the end. *ret_value is NULL where the path leads
 * nowhere: json_walk_why() then says why. A wildcard without children leads
 * to no place, and that is no mistake.
 */
bool json_walk_next(struct json_walk *walk, const struct cJSON **ret_value);

/* Whether there is nothing where the path ends, rather than the wrong thing. */
bool json_walk_is_absent(const struct json_walk *walk);

/* What the n-th wildcard (from 0) stands at now; NULL: not reached. */
const struct cJSON *json_walk_at(const struct json_walk *walk, size_t n);

/* Its key, or NULL and the index for an element of a list. */
const char *json_walk_key(
    const struct json_walk *walk, size_t n, size_t *ret_index);

/*
 * Appends the path as it was walked, with keys for wildcards, up to the n-th
 * wildcard (from 1; 0: nothing; SIZE_MAX: all of it).
 */
bool json_walk_show(const struct json_walk *walk, size_t n, struct buf *out);

/* Sets *err for a place that is NULL; returns its code, ERR_BADDATA. */
enum err_code json_walk_why(const struct json_walk *walk, struct err *err);

/*
 * The one place of a path without wildcards. ERR_BADDATA: it leads nowhere;
 * ERR_CONFIG: the path itself is wrong.
 */
enum err_code json_lookup(const struct cJSON *root, const char *path,
    const struct cJSON **ret_value, struct err *err) ATTR_MUST_USE;

/* Whether json_lookup() can use path; ERR_CONFIG says what is wrong. */
enum err_code json_lookup_check(
    const char *path, struct err *err) ATTR_MUST_USE;

#endif
