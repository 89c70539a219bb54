/*
 * What somebody wants done: which action, on which targets, with which
 * arguments. A request is plain data, the same whether it came from a key,
 * from `sevtop act`, from a runbook's link or as the undo of an earlier
 * action; it is bound to its action and checked when the plan is made.
 *
 * Names of targets are the bytes that identify them at the server, not what
 * a screen shows: valid UTF-8 without NUL, anything else. A target that was
 * picked on a screen carries the key of its row as well, so that the plan
 * can tell when another thing has taken its place since.
 *
 * Immutable and reference counted. thread: any.
 */
#ifndef SEV_ACTIONS_REQUEST_H
#define SEV_ACTIONS_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct arena;
struct buf;
struct cJSON;
struct redactor;

struct request_target {
	const char *name; /* "runPrompt", "4711"; never NULL or "" */
	const char *key;  /* of the row it was picked on; NULL: by name */
};

/* An argument as text, in the words of the configuration: "10m", "off". */
struct request_value {
	const char *name;
	const char *value;
};

struct request_spec {
	const char *action;   /* "queue.pause", or a configured name */
	const char *platform; /* its name */
	const char *source;   /* its name; NULL: the only one that fits */
	const struct request_target *targets;
	size_t target_count;
	const struct request_value *values; /* each name once */
	size_t value_count;
	const char *signal;  /* that calls for it; NULL: the action's own */
	const char *undo_of; /* audit id of what this takes back; NULL */
	bool dry;	     /* only the plan is wanted, also of what looks */
};

struct request {
	atomic_uint refs;
	struct arena *arena;
	struct request_spec is; /* owned by the arena */
};

/*
 * A copy of spec with one reference, the caller's. ERR_USAGE for what can't
 * be meant (no name, not UTF-8, a value twice), ERR_LIMIT, ERR_NOMEM.
 */
enum err_code request_new(const struct request_spec *spec,
    struct request **ret_request, struct err *err) ATTR_MUST_USE;

struct request *request_ref(struct request *request);
struct request *request_unref(struct request *request); /* NULL is allowed */

/* Text of an argument; NULL: not given. */
const char *request_value(const struct request *request, const char *name);

/*
 * Whether both ask for the same effect: action, platform, targets by name
 * and values, in any order. Source, row keys, signal and undo_of are not
 * compared.
 */
bool request_same(const struct request *a, const struct request *b);

/*
 * As an object, redacted (redactor may be NULL); NULL without memory. The
 * caller's. *whole becomes false when something was hidden, so that parsing
 * it would give another request.
 */
struct cJSON *request_json(const struct request *request,
    const struct redactor *redactor, bool *whole) ATTR_MUST_USE;

/* Back from such an object. ERR_BADDATA, and as request_new(). */
enum err_code request_parse(const struct cJSON *json,
    struct request **ret_request, struct err *err) ATTR_MUST_USE;

/*
 * Appends the command line that asks for the same: "sevtop act -p shop
 * queue.resume --target runPrompt". Words are quoted for a shell where they
 * need it.
 */
bool request_words(const struct request *request, struct buf *out);

#endif
