/*
 * The record in a SQLite file. WAL with synchronous FULL: a committed row
 * survives a power failure. Triggers refuse to change or delete a row, which
 * stops accidents; the chain is what finds intent.
 */
#include <errno.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/audit_impl.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"

/* "sevt": which application a SQLite file belongs to. */
#define APPLICATION_ID_SQL "1936029300"

static const char origin[] = "audit";

struct audit_file {
	sqlite3 *db;
	char path[PLATFORM_PATH_MAX];
	bool writing;
};

/* clang-format off */
#define X(field, name) ", i.\"" name "\""
static const char select_sql[] =
    "SELECT i.seq, i.prev, i.hash" AUDIT_FIELDS(X) " FROM audit i ";
#undef X
#define X(field, name) ", \"" name "\" TEXT NOT NULL"
static const char schema_sql[] =
    "CREATE TABLE audit (seq INTEGER PRIMARY KEY,"
    " prev TEXT NOT NULL, hash TEXT NOT NULL" AUDIT_FIELDS(X) ");"
    "CREATE UNIQUE INDEX audit_intent ON audit (id) WHERE kind = 'intent';"
    "CREATE UNIQUE INDEX audit_outcome ON audit (id) WHERE kind = 'outcome';"
    "CREATE INDEX audit_lock ON audit (lock) WHERE kind = 'intent';"
    "CREATE INDEX audit_undo ON audit (undo_of) WHERE kind = 'intent';"
    "CREATE INDEX audit_keep ON audit (id) WHERE kind = 'keep';"
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN"
    " SELECT RAISE(ABORT, 'the record is append-only'); END;"
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN"
    " SELECT RAISE(ABORT, 'the record is append-only'); END;"
    "PRAGMA application_id = " APPLICATION_ID_SQL ";"
    "PRAGMA user_version = 1;";
#undef X
/* clang-format on */

/* SQLite's words for what went wrong, with what to do about it. */
static enum err_code
file_error(const struct audit_file *file, int rc, struct err *err)
{
	const char *words = sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_FULL:
		return err_set(err, ERR_IO, origin,
		    "the disk is full: make room for %s", file->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_TIMEOUT, origin,
		    "another process holds %s", file->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_FORBIDDEN, origin,
		    "%s can't be written: %s", file->path, words);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_BADDATA, origin,
		    "%s is damaged (%s): move it away and keep it", file->path,
		    words);
	case SQLITE_NOMEM:
		return err_set(err, ERR_NOMEM, origin, "no memory");
	default:
		return err_set(
		    err, ERR_IO, origin, "%s: %s", file->path, words);
	}
}

static enum err_code
file_exec(struct audit_file *file, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(file->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ERR_OK : file_error(file, rc, err);
}

/* The first value of the first row of a statement of ours; "" for none. */
static enum err_code
file_value(struct audit_file *file, const char *sql, char *out, size_t size,
    struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	const unsigned char *text = NULL;
	int rc = sqlite3_prepare_v2(file->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		text = sqlite3_column_text(stmt, 0);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		snprintf(
		    out, size, "%s", text != NULL ? (const char *)text : "");
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return file_error(file, rc, err);
	return ERR_OK;
}

/* Whoever could write there could write history. */
static enum err_code
check_folder(const char *path, struct err *err)
{
	char copy[PLATFORM_PATH_MAX];
	const char *dir;
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_set_errno(err,
		    errno == ENOENT ? ERR_NOTFOUND : ERR_IO, origin, errno,
		    "making %s", dir);
	if (lstat(dir, &st) != 0)
		return err_set_errno(
		    err, ERR_IO, origin, errno, "looking at %s", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FORBIDDEN, origin,
		    "%s is no folder but a link or a file: the record may lie "
		    "anywhere then",
		    dir);
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "others may write to the folder %s: chmod 700 it", dir);
	return ERR_OK;
}

/*
 * By name and never through a descriptor: closing one of a file would drop
 * the locks that SQLite holds on it in another thread.
 */
static enum err_code
check_file(const char *path, bool *ret_there, struct err *err)
{
	struct stat st;

	*ret_there = lstat(path, &st) == 0;
	if (!*ret_there)
		return errno == ENOENT ? ERR_OK
				       : err_set_errno(err, ERR_IO, origin,
					     errno, "looking at %s", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "%s is a link, or has other names: the record must be "
		    "one file",
		    path);
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "%s is open to others: chmod 600 it", path);
	return ERR_OK;
}

static enum err_code
file_schema(struct audit_file *file, struct err *err)
{
	char value[32];
	enum err_code code = file_value(
	    file, "PRAGMA application_id", value, sizeof(value), err);

	if (code != ERR_OK || strcmp(value, APPLICATION_ID_SQL) == 0)
		return code;
	if (strcmp(value, "0") != 0)
		return err_set(err, ERR_BADDATA, origin,
		    "%s belongs to another program", file->path);
	code = file_exec(file, "BEGIN IMMEDIATE", err);
	if (code != ERR_OK)
		return code;
	/* Another process may have been faster. */
	code = file_value(
	    file, "PRAGMA application_id", value, sizeof(value), err);
	if (code == ERR_OK && strcmp(value, "0") == 0)
		code = file_value(file, "SELECT count(*) FROM sqlite_schema",
		    value, sizeof(value), err);
	if (code == ERR_OK && strcmp(value, "0") == 0)
		code = file_exec(file, schema_sql, err);
	if (code == ERR_OK)
		return file_exec(file, "COMMIT", err);
	sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

/* Sets what makes a commit durable, and asks whether it was set. */
static enum err_code
file_durable(struct audit_file *file, struct err *err)
{
	char journal[16] = "", synchronous[16] = "";
	enum err_code code;

	sqlite3_busy_timeout(file->db, AUDIT_BUSY_MS);
	sqlite3_db_config(file->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(file->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	code = file_value(
	    file, "PRAGMA journal_mode = WAL", journal, sizeof(journal), err);
	if (code == ERR_OK)
		code = file_exec(file, "PRAGMA synchronous = FULL", err);
	if (code == ERR_OK)
		code = file_value(file, "PRAGMA synchronous", synchronous,
		    sizeof(synchronous), err);
	if (code == ERR_OK &&
	    (strcmp(journal, "wal") != 0 || strcmp(synchronous, "2") != 0))
		code = err_set(err, ERR_UNSUPPORTED, origin,
		    "%s can't be written durably here (journal %s, "
		    "synchronous %s): put it on a local disk",
		    file->path, journal, synchronous);
	return code;
}

/* A moment before the next try; false: it is time to give up. */
static bool
file_pause(int64_t deadline, const struct cancel *cancel)
{
	int64_t now = clock_now();

	return now < deadline &&
	       io_wait(-1, 0, now + AUDIT_PAUSE_MS * NS_PER_MS, cancel, NULL) ==
		   ERR_TIMEOUT;
}

static void
file_close(void *store)
{
	struct audit_file *file = store;

	if (file == NULL)
		return;
	sqlite3_close(file->db);
	mem_free(file);
}

static enum err_code
file_open_once(const struct audit_conf *conf, void **ret_store, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			  SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
			  SQLITE_OPEN_EXRESCODE;
	struct audit_file *file = mem_calloc(1, sizeof(*file));
	bool there = false;
	enum err_code code;
	int rc, len;

	if (file == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	/* SQLite takes no name, and one that is cut, for another file. */
	len = snprintf(file->path, sizeof(file->path), "%s", conf->path);
	if (len <= 0 || (size_t)len >= sizeof(file->path))
		code = err_set(err, ERR_NOTFOUND, origin,
		    "there is no place for it: set HOME or XDG_STATE_HOME");
	else
		code = check_folder(file->path, err);
	if (code == ERR_OK)
		code = check_file(file->path, &there, err);
	if (code != ERR_OK)
		goto out;
	rc = sqlite3_open_v2(file->path, &file->db, flags, NULL);
	if (rc == SQLITE_OK && !there)
		(void)!chmod(file->path, 0600);
	if (rc != SQLITE_OK)
		code = file_error(file, rc, err);
	if (code == ERR_OK)
		code = file_durable(file, err);
	if (code == ERR_OK)
		code = file_schema(file, err);
	if (code == ERR_OK)
		code = check_file(file->path, &there, err);
out:
	if (code == ERR_OK)
		*ret_store = file;
	else
		file_close(file);
	return code;
}

/*
 * SQLite does not wait for everybody: whoever closes the file as the last
 * one, and whoever mends it after a crash, is "busy" at once.
 */
static enum err_code
file_open(const struct audit_conf *conf, const struct cancel *cancel,
    void **ret_store, struct err *err)
{
	int64_t deadline = clock_now() + AUDIT_BUSY_MS * NS_PER_MS;
	enum err_code code;

	do {
		err_clear(err);
		code = file_open_once(conf, ret_store, err);
	} while (code == ERR_TIMEOUT && file_pause(deadline, cancel));
	return code;
}

static enum err_code
file_begin(void *store, struct err *err)
{
	int64_t deadline = clock_now() + AUDIT_BUSY_MS * NS_PER_MS;
	struct audit_file *file = store;
	enum err_code code;

	do {
		err_clear(err);
		code = file_exec(file, "BEGIN IMMEDIATE", err);
	} while (code == ERR_TIMEOUT && file_pause(deadline, NULL));
	file->writing = code == ERR_OK;
	return code;
}

static enum err_code
file_end(void *store, bool commit, struct err *err)
{
	struct audit_file *file = store;
	enum err_code code = ERR_OK;

	if (!file->writing)
		return ERR_OK;
	if (commit)
		code = file_exec(file, "COMMIT", err);
	else
		sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
	/* A commit that failed is still to be taken back. */
	file->writing = code != ERR_OK;
	return code;
}

static const char *
column_text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text != NULL ? (const char *)text : "";
}

static bool
row_visit(sqlite3_stmt *stmt, audit_fn *fn, void *ctx)
{
	struct audit_row row = { .seq = sqlite3_column_int64(stmt, 0) };

	snprintf(row.prev, sizeof(row.prev), "%s", column_text(stmt, 1));
	snprintf(row.hash, sizeof(row.hash), "%s", column_text(stmt, 2));
	for (int i = 0; i < AUDIT_FIELD_COUNT; i++)
		row.field[i] = column_text(stmt, 3 + i);
	return fn(ctx, &row);
}

/* Visits rows; tail is a text of ours with one value, or none (NULL). */
static enum err_code
file_rows(struct audit_file *file, const char *tail, const char *value,
    audit_fn *fn, void *ctx, struct err *err)
{
	struct buf sql = BUF_INIT(4096);
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_NOMEM;

	buf_str(&sql, select_sql);
	if (buf_str(&sql, tail))
		rc = sqlite3_prepare_v2(
		    file->db, buf_cstr(&sql), -1, &stmt, NULL);
	if (rc == SQLITE_OK && value != NULL)
		rc = sqlite3_bind_text(stmt, 1, value, -1, SQLITE_STATIC);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW && !row_visit(stmt, fn, ctx))
			rc = SQLITE_DONE;
	}
	sqlite3_finalize(stmt);
	buf_release(&sql);
	return rc == SQLITE_DONE ? ERR_OK : file_error(file, rc, err);
}

static enum err_code
file_insert(void *store, struct audit_row *row, struct err *err)
{
	struct audit_file *file = store;
	struct buf sql = BUF_INIT(4096);
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_NOMEM;

	buf_str(&sql, "INSERT INTO audit VALUES (?, ?, ?");
	for (int i = 0; i < AUDIT_FIELD_COUNT; i++)
		buf_str(&sql, ", ?");
	if (buf_char(&sql, ')'))
		rc = sqlite3_prepare_v2(
		    file->db, buf_cstr(&sql), -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(stmt, 1, row->seq);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 2, row->prev, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 3, row->hash, -1, SQLITE_STATIC);
	for (int i = 0; rc == SQLITE_OK && i < AUDIT_FIELD_COUNT; i++)
		rc = sqlite3_bind_text(
		    stmt, 4 + i, row->field[i], -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	row->refused =
	    (rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_TOOBIG;
	sqlite3_finalize(stmt);
	buf_release(&sql);
	return rc == SQLITE_DONE ? ERR_OK : file_error(file, rc, err);
}

static enum err_code
file_head(void *store, struct audit_head *ret_head, struct err *err)
{
	*ret_head = (struct audit_head) { .seq = 0 };
	return file_rows(store, "ORDER BY i.seq DESC LIMIT 1", NULL,
	    audit_note_head, ret_head, err);
}

static enum err_code
file_blocker(
    void *store, const char *lock, audit_fn *fn, void *ctx, struct err *err)
{
	return file_rows(
	    store, AUDIT_SQL_OPEN " AND i.lock = ?", lock, fn, ctx, err);
}

static enum err_code
file_ended(void *store, const char *id, bool *ret_ended, struct err *err)
{
	*ret_ended = false;
	return file_rows(store, "WHERE i.kind = 'outcome' AND i.id = ?", id,
	    audit_note_found, ret_ended, err);
}

static enum err_code
file_walk(void *store, int64_t from, audit_fn *fn, void *ctx, struct err *err)
{
	char tail[64];

	snprintf(tail, sizeof(tail), "WHERE i.seq >= %lld ORDER BY i.seq",
	    (long long)from);
	return file_rows(store, tail, NULL, fn, ctx, err);
}

static enum err_code
file_open_intents(void *store, audit_fn *fn, void *ctx, struct err *err)
{
	return file_rows(
	    store, AUDIT_SQL_OPEN " ORDER BY i.seq", NULL, fn, ctx, err);
}

static enum err_code
file_in_force(void *store, audit_fn *fn, void *ctx, struct err *err)
{
	return file_rows(store, AUDIT_SQL_IN_FORCE " ORDER BY i.seq DESC", NULL,
	    fn, ctx, err);
}

static enum err_code
file_check(void *store, struct err *err)
{
	struct audit_file *file = store;
	char found[ERR_MSG_MAX] = "";
	enum err_code code;

	code = file_value(
	    file, "PRAGMA integrity_check(1)", found, sizeof(found), err);
	if (code == ERR_OK && strcmp(found, "ok") != 0)
		return err_set(err, ERR_BADDATA, origin, "%s is damaged: %s",
		    file->path, found);
	if (code == ERR_OK)
		code = file_value(file,
		    "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
		    " AND name IN ('audit_no_update', 'audit_no_delete')",
		    found, sizeof(found), err);
	if (code == ERR_OK && strcmp(found, "2") != 0)
		return err_set(err, ERR_BADDATA, origin,
		    "the triggers that keep rows from being changed are gone");
	return code;
}

const struct audit_store_ops audit_sqlite = {
	.open = file_open,
	.close = file_close,
	.begin = file_begin,
	.end = file_end,
	.head = file_head,
	.insert = file_insert,
	.blocker = file_blocker,
	.ended = file_ended,
	.walk = file_walk,
	.open_intents = file_open_intents,
	.in_force = file_in_force,
	.check = file_check,
};
