/*
 * Setting one flag at its backend, only if it still has the value that was
 * read: in one script of Redis, one statement of PostgreSQL, under the ETag
 * of an API, or with one rename of a file. Unleash has no such condition: it
 * is read right before instead, and an absolute value is sent.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_FLAG_CHANGE_H
#define SEV_ACTIONS_FLAG_CHANGE_H

#include "actions/action.h"
#include "datasrc/flag_type.h"

/* What came of it. */
enum flag_wrote {
	FLAG_UNSENT, /* nothing was done, nothing will be */
	FLAG_OTHER,  /* another value is there now, and stays */
	FLAG_WROTE,  /* the backend said yes */
	FLAG_HALF,   /* written, but it does not count yet */
	FLAG_MAYBE,  /* no answer */
};

struct flag_change {
	struct action_ctx *ctx;
	struct flag_links *links; /* that may write */
	const struct platform_flag *flag;
	const char *was;   /* NULL: it had none, or it is a secret */
	const char *value; /* NULL: it is to have none */
	const char *etag;  /* "": none */
	const char *stamp; /* of the file; "": none */
};

/* Sets it; the words of HALF, OTHER and failures are in err. */
enum flag_wrote flag_change(struct flag_change *change, struct err *err);

/*
 * What will be sent, into the plan; checks what can be checked without
 * sending it: templates, statements, programs, secrets.
 */
enum err_code flag_change_plan(struct flag_change *change, struct plan *plan,
    struct err *err) ATTR_MUST_USE;

/* Parts for one kind of backend each. */
enum flag_wrote flag_change_redis(struct flag_change *change, struct err *err);
enum flag_wrote flag_change_postgres(
    struct flag_change *change, struct err *err);
enum flag_wrote flag_change_http(struct flag_change *change, struct err *err);
enum flag_wrote flag_change_file(struct flag_change *change, struct err *err);
enum err_code flag_plan_redis(struct flag_change *change, struct plan *plan,
    struct err *err) ATTR_MUST_USE;
enum err_code flag_plan_postgres(struct flag_change *change, struct plan *plan,
    struct err *err) ATTR_MUST_USE;
enum err_code flag_plan_http(struct flag_change *change, struct plan *plan,
    struct err *err) ATTR_MUST_USE;
enum err_code flag_plan_file(struct flag_change *change, struct plan *plan,
    struct err *err) ATTR_MUST_USE;

#endif
