/*
 * What the chain needs of a place that holds rows. One struct per kind of
 * store at the end of its file. Private to actions/audit*.c.
 */
#ifndef SEV_ACTIONS_AUDIT_IMPL_H
#define SEV_ACTIONS_AUDIT_IMPL_H

#include "actions/audit.h"
#include "model/limits.h"

/*
 * Parts of statements that both stores understand: intents without an
 * outcome, and what was done and neither undone nor kept since. What takes
 * something back is not in force itself.
 */
#define AUDIT_SQL_OPEN                                                         \
	"WHERE i.kind = 'intent' AND NOT EXISTS (SELECT 1 FROM audit o"        \
	" WHERE o.kind = 'outcome' AND o.id = i.id)"
#define AUDIT_SQL_IN_FORCE                                                     \
	"WHERE i.kind = 'intent' AND i.undo_of = '' AND i.class <> 'look'"     \
	" AND i.plan LIKE '%\"undo\":{%'"                                      \
	" AND EXISTS (SELECT 1 FROM audit o WHERE o.kind = 'outcome'"          \
	" AND o.id = i.id AND o.result IN ('done', 'partly done'))"            \
	" AND NOT EXISTS (SELECT 1 FROM audit u, audit d"                      \
	" WHERE u.kind = 'intent' AND u.undo_of = i.id"                        \
	" AND d.kind = 'outcome' AND d.id = u.id AND d.result = 'done')"       \
	" AND NOT EXISTS (SELECT 1 FROM audit k WHERE k.kind = 'keep'"         \
	" AND k.id = i.id)"

/* Where heads are kept beside the record. */
struct audit_anchor {
	char path[PLATFORM_PATH_MAX];  /* of the head file; "": none */
	char syslog[AUDIT_SOCKET_MAX]; /* "": none */
};

void audit_anchor_init(
    struct audit_anchor *anchor, const struct audit_conf *conf);

/*
 * Leaves the head there, best effort and without waiting: the row is on
 * disk, and a head that is one row old still finds a longer cut.
 */
void audit_anchor_keep(
    const struct audit_anchor *anchor, const struct audit_head *head);

/*
 * Visitors that end a walk at its first row. ctx is an audit_head, which the
 * row becomes; and a bool, which is set when there is one.
 */
audit_fn audit_note_head;
audit_fn audit_note_found;

/* No error of any store means this. */
#define AUDIT_AGAIN ERR_USAGE

struct audit_store_ops {
	enum err_code (*open)(const struct audit_conf *conf,
	    const struct cancel *cancel, void **ret_store, struct err *err);
	void (*close)(void *store);

	/*
	 * One writer at a time from begin to end; end(false) takes all back,
	 * may come twice, and never fails. ERR_OK of end(true): on disk.
	 */
	enum err_code (*begin)(void *store, struct err *err);
	enum err_code (*end)(void *store, bool commit, struct err *err);

	/* seq 0 and "" without rows. */
	enum err_code (*head)(
	    void *store, struct audit_head *ret_head, struct err *err);
	/*
	 * AUDIT_AGAIN: another row came first, nothing was added. row->refused
	 * is set when a rule or a right forbids it: nothing was added, either.
	 */
	enum err_code (*insert)(
	    void *store, struct audit_row *row, struct err *err);

	/* The open intents that hold a lock. */
	enum err_code (*blocker)(void *store, const char *lock, audit_fn *fn,
	    void *ctx, struct err *err);
	/* Whether an action has its outcome. */
	enum err_code (*ended)(
	    void *store, const char *id, bool *ret_ended, struct err *err);

	/* As the functions of audit.h. */
	enum err_code (*walk)(void *store, int64_t from, audit_fn *fn,
	    void *ctx, struct err *err);
	enum err_code (*open_intents)(
	    void *store, audit_fn *fn, void *ctx, struct err *err);
	enum err_code (*in_force)(
	    void *store, audit_fn *fn, void *ctx, struct err *err);

	/* Whether the store itself is sound, and still append-only. */
	enum err_code (*check)(void *store, struct err *err);
};

extern const struct audit_store_ops audit_pg;
extern const struct audit_store_ops audit_sqlite;

#endif
