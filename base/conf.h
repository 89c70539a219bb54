/*
 * Configuration files: YAML 1.1 by libyaml, narrowed to what can be read
 * in one way only. Scalars, lists and maps; no anchors, aliases or tags, no
 * duplicate keys, no second document, no control characters, at most
 * CONF_DEPTH_MAX levels and CONF_FILE_MAX_SIZE bytes. libyaml accepts all
 * of these silently or in quadratic time, so this layer refuses them.
 * Scalars stay text: what "no" or "010" means is decided by the reader that
 * knows the wanted kind (base/opt.h).
 *
 * ${NAME} in a scalar is replaced by a variable, ${NAME:-default} uses the
 * default, which may have variables of its own, when the variable is unset
 * or empty, $${ stands for ${. Keys are not expanded. The text is expanded
 * after parsing, so that a variable's value can't become structure.
 * References with a dot, as ${input.NAME}, stay: they are filled in when an
 * action is planned, and an option that knows no templates refuses them
 * (base/template.h).
 *
 * The tree is plain, read-only data inside the caller's arena.
 * thread: any, as long as no thread changes the environment.
 */
#ifndef SEV_BASE_CONF_H
#define SEV_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/conf_errors.h"
#include "base/err.h"

enum conf_kind {
	CONF_NULL,   /* a key with nothing behind it, "~" or "null" */
	CONF_SCALAR, /* text */
	CONF_LIST,   /* first ... next */
	CONF_MAP,    /* first ... next, each with a key */
	CONF_BROKEN, /* its problem is in errors already: say no more */
};

struct conf_node {
	enum conf_kind kind;
	struct conf_pos pos;	 /* of the value */
	struct conf_pos key_pos; /* of the key; of the value inside a list */
	const char *key;	 /* NULL inside a list and at the root */
	const char *text;	 /* scalar: expanded; else NULL */
	const char *raw;	 /* scalar: as written, for messages */
	bool open;		 /* scalar: a template (base/template.h) */
	size_t count;		 /* list and map: children */
	const struct conf_node *first; /* first child; NULL: none */
	const struct conf_node *next;  /* next sibling in file order; NULL */
};

/* Where ${NAME} comes from; NULL instead of one: the process environment. */
struct conf_env {
	const char *(*get)(void *ctx, const char *name); /* NULL: unset */
	void *ctx;
};

/*
 * Parses len bytes. name is copied and is the file in all positions.
 *
 * ERR_OK: the tree is whole, and *ret_root (never NULL; CONF_NULL for an
 * empty document) is its root. errors may hold problems of single nodes all
 * the same (an alias, a duplicate key, a variable that is not set), so that
 * the reader goes on and finds what else is wrong: ask conf_errors_result()
 * at the end. ERR_CONFIG: no tree, the reason is in errors. ERR_NOMEM: no
 * memory or the arena is full.
 */
enum err_code conf_parse(const char *name, const void *bytes, size_t len,
    const struct conf_env *env, struct arena *arena, struct conf_errors *errors,
    const struct conf_node **ret_root) ATTR_MUST_USE;

/*
 * Reads and parses a file. Refused, because whoever can write the file can
 * run commands as the reader: symbolic links, other than regular files, an
 * owner that is neither we nor root, group or world write permission (that
 * of a user's own group, which has the user's number, is fine).
 * Returns as conf_parse(); also ERR_NOTFOUND when there is no such file,
 * ERR_FORBIDDEN when it is refused, ERR_IO when it can't be read, all of
 * them said in errors too.
 */
enum err_code conf_load(const char *path, const struct conf_env *env,
    struct arena *arena, struct conf_errors *errors,
    const struct conf_node **ret_root) ATTR_MUST_USE;

/*
 * The bytes of a file that passes the checks above, at most CONF_FILE_MAX_SIZE
 * of them, appended to out (whose maximum should allow one more). Returns
 * and says as conf_load() does.
 */
enum err_code conf_read_file(const char *path, struct conf_errors *errors,
    struct buf *out) ATTR_MUST_USE;

/* Child of a map by key; NULL when map is NULL, no map, or has no such key. */
const struct conf_node *conf_get(const struct conf_node *map, const char *key);

/* What is there, for messages: "a list", "a map", "nothing", "text". */
const char *conf_kind_text(const struct conf_node *node);

#endif
