/*
 * The record of what was done: append-only rows, each chained to the one
 * before by SHA-256, in SQLite (WAL, synchronous FULL) or, for a team, in
 * PostgreSQL. An intent is on disk before the first byte of an action is
 * sent; its outcome is a row of its own. Nothing is ever changed.
 *
 * A row's hash covers a version byte, its number, the hash before, and every
 * field with its length. That finds edited, deleted, inserted and reordered
 * rows. A tail that was cut off, and a record rewritten as a whole, show
 * against a head that is kept elsewhere: it goes to syslog and into a file
 * beside the record after every row, and is printed at exit.
 *
 * What can't be recorded is not done: every failure here makes the engine
 * refuse. Texts come in redacted; nothing here may hold a secret.
 *
 * A handle belongs to one thread at a time. Several handles and processes
 * may write at once. Calls wait at most AUDIT_BUSY_MS for one another, and
 * AUDIT_NET_MS for a store over the network.
 */
#ifndef SEV_ACTIONS_AUDIT_H
#define SEV_ACTIONS_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/limits.h"
#include "base/err.h"

struct cancel;
struct redactor;

/*
 * The fields of a row, all of them text, "" when there is none. They are
 * hashed in this order: new ones go to the end and need a new version byte.
 */
#define AUDIT_FIELDS(X)                                                        \
	X(KIND, "kind") /* see AUDIT_KINDS */                                  \
	X(ID, "id")	/* of the action: its rows share it */                 \
	X(AT, "at")	/* RFC 3339 UTC */                                     \
	X(BOOT, "boot") /* boot id, ":", ns on the age clock */                \
	X(UID, "uid")                                                          \
	X(USER, "user")                                                        \
	X(SUDO_USER, "sudo_user")                                              \
	X(SSH, "ssh") /* address that the user came from */                    \
	X(TTY, "tty")                                                          \
	X(HOST, "host")                                                        \
	X(PROCESS, "process") /* pid, ":", its start time */                   \
	X(SEVTOP, "sevtop")   /* version of sevtop */                          \
	X(PLATFORM, "platform")                                                \
	X(ENV, "env")                                                          \
	X(ACTION, "action")                                                    \
	X(CLASS, "class")                                                      \
	X(TARGET, "target") /* names, one a line; "": all in LOCK */           \
	X(LOCK, "lock") /* platform/env/source of TARGET; "": holds nothing */ \
	X(REASON, "reason")                                                    \
	X(SIGNAL, "signal")                                                    \
	X(UNDO_OF, "undo_of") /* id of what it takes back */                   \
	X(PLAN, "plan")	      /* JSON; of the intent only */                   \
	X(RESULT, "result")   /* outcome, check, gate: one word */             \
	X(DETAIL, "detail")   /* words */                                      \
	X(TOOK_MS, "took_ms")

enum audit_field {
#define X(field, name) AUDIT_##field,
	AUDIT_FIELDS(X)
#undef X
	AUDIT_FIELD_COUNT,
};

/* kind, its word in the record, what such a row says (help) */
#define AUDIT_KINDS(X)                                                         \
	X(INTENT, "intent", "an action is about to be sent")                   \
	X(DOUBT, "doubt", "it was sent and what came of it is not known")      \
	X(OUTCOME, "outcome", "what came of it; ends it")                      \
	X(CHECK, "check", "whether the signal got better afterwards")          \
	X(GATE, "gate", "armed, or read-only again")                           \
	X(KEEP, "keep", "an action in force is to stay, not to be undone")

enum audit_kind {
#define X(kind, word, help) AUDIT_KIND_##kind,
	AUDIT_KINDS(X)
#undef X
	AUDIT_KIND_COUNT,
};

const char *audit_kind_word(enum audit_kind kind);
const char *audit_field_name(enum audit_field field);

/* A row as it is read or written; texts are borrowed for the call. */
struct audit_row {
	int64_t seq; /* 1, 2, 3 ... */
	char prev[AUDIT_HASH_LEN];
	char hash[AUDIT_HASH_LEN];
	const char *field[AUDIT_FIELD_COUNT]; /* NULL counts as "" */
	bool refused; /* the store takes rows, but never this one */
};

/* The newest row: what has to be kept elsewhere. seq 0: none yet. */
struct audit_head {
	int64_t seq;
	char hash[AUDIT_HASH_LEN];
};

struct audit_conf {
	const char *path;   /* SQLite file; its folder is made if needed */
	const char *store;  /* "postgres://..." resolved; NULL: SQLite */
	const char *syslog; /* socket that heads go to; NULL: none */
	struct redactor *redactor; /* learns the store's password */
};

struct audit;

/*
 * Opens or makes the record. ERR_FORBIDDEN for a file or folder that others
 * could write or that is a link, ERR_BADDATA for one that is no record,
 * ERR_IO when it can't be opened or written, ERR_UNSUPPORTED.
 */
enum err_code audit_open(const struct audit_conf *conf,
    const struct cancel *cancel, struct audit **ret_audit,
    struct err *err) ATTR_MUST_USE;
struct audit *audit_close(struct audit *audit); /* NULL is allowed */

/*
 * Appends a row; seq, prev and hash of row are set. On ERR_OK it is on disk;
 * after an error it may be only if its seq is not 0: the answer was lost.
 * refused is set when the store itself says no to this very row.
 * An intent is refused with ERR_WAITING while another one without outcome
 * has the same LOCK and a TARGET in common, an outcome with ERR_CLOSED when
 * its action has one already. The file
 * must still continue what this process wrote last (*head, kept by the
 * caller, all zero at first), else ERR_BADDATA.
 */
enum err_code audit_append(struct audit *audit, struct audit_row *row,
    struct audit_head *head, struct err *err) ATTR_MUST_USE;

/* The newest row. */
enum err_code audit_head(struct audit *audit, struct audit_head *ret_head,
    struct err *err) ATTR_MUST_USE;

/* False ends the walk early. row and its texts live for the call. */
typedef bool audit_fn(void *ctx, const struct audit_row *row);

/* Walks the rows from number from on, in order. */
enum err_code audit_walk(struct audit *audit, int64_t from, audit_fn *fn,
    void *ctx, struct err *err) ATTR_MUST_USE;

/* Walks the intents without an outcome. */
enum err_code audit_open_intents(struct audit *audit, audit_fn *fn, void *ctx,
    struct err *err) ATTR_MUST_USE;

/*
 * Walks the intents that were done, or partly done, and neither undone nor
 * kept since, the newest first. Whether they have an undo is in their plan.
 */
enum err_code audit_in_force(struct audit *audit, audit_fn *fn, void *ctx,
    struct err *err) ATTR_MUST_USE;

/*
 * Checks the whole chain and, if given, that it continues anchor. ERR_OK, or
 * ERR_BADDATA and err names the row. *ret_head is the last good row.
 */
enum err_code audit_verify(struct audit *audit, const struct audit_head *anchor,
    struct audit_head *ret_head, struct err *err) ATTR_MUST_USE;

/*
 * The head that was left beside the record; seq 0 when there is none.
 * "17:3f2a..." as text and back; false when text is no head.
 */
enum err_code audit_kept_head(const struct audit_conf *conf,
    struct audit_head *ret_head, struct err *err) ATTR_MUST_USE;
bool audit_head_parse(const char *text, struct audit_head *ret_head);

/* A new id for an action. False: no randomness. */
bool audit_new_id(char out[AUDIT_ID_LEN]) ATTR_MUST_USE;

#endif
