/*
 * The record: rows that follow one another, whoever writes; every change of
 * it found; and no row, no action, when it can't be written.
 */
#include "actions/audit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/limits.h"
#include "base/buf.h"
#include "tests/tap.h"

enum {
	ROWS = 100
};

static char dir[64], path[128], head_path[140];

static const struct audit_conf conf = { .path = path };

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/sevtop-audit-XXXXXX");
	if (mkdtemp(dir) == NULL)
		printf("Bail out! no folder\n");
	snprintf(path, sizeof(path), "%s/audit.db", dir);
	snprintf(head_path, sizeof(head_path), "%s.head", path);
}

static void
teardown(void)
{
	static const char *const names[] = { "audit.db", "audit.db-wal",
		"audit.db-shm", "audit.db.head", "copy.db", "other" };
	char name[160];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, names[i]);
		unlink(name);
	}
	rmdir(dir);
}

/* A row of kind for action number n; the lock is the target. */
static enum err_code
append(struct audit *audit, struct audit_head *head, enum audit_kind kind,
    int n, const char *target, struct err *err)
{
	char id[AUDIT_ID_LEN], detail[64];
	struct audit_row row = { .seq = 0 };

	snprintf(id, sizeof(id), "%032d", n);
	snprintf(detail, sizeof(detail), "detail of %d, with \"quotes\"", n);
	row.field[AUDIT_KIND] = audit_kind_word(kind);
	row.field[AUDIT_ID] = id;
	row.field[AUDIT_USER] = "alice";
	row.field[AUDIT_ACTION] = "queue.pause";
	row.field[AUDIT_LOCK] = "shop/queues";
	row.field[AUDIT_TARGET] = target;
	row.field[AUDIT_RESULT] = kind == AUDIT_KIND_OUTCOME ? "done" : "";
	row.field[AUDIT_DETAIL] = detail;
	return audit_append(audit, &row, head, err);
}

/* Rows in pairs of intent and outcome. */
static bool
fill(int rows, struct audit_head *ret_head)
{
	struct audit_head head = { .seq = 0 };
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	enum err_code code = audit_open(&conf, NULL, &audit, &err);

	for (int i = 0; code == ERR_OK && i < rows; i++)
		code = append(audit, &head,
		    i % 2 == 0 ? AUDIT_KIND_INTENT : AUDIT_KIND_OUTCOME, i / 2,
		    "a", &err);
	audit_close(audit);
	*ret_head = head;
	if (code != ERR_OK)
		printf("# %s\n", err_text(&err));
	return code == ERR_OK;
}

static enum err_code
verify(
    const struct audit_head *anchor, struct audit_head *head, struct err *err)
{
	struct audit *audit = NULL;
	enum err_code code = audit_open(&conf, NULL, &audit, err);

	memset(head, 0, sizeof(*head));
	if (code == ERR_OK)
		code = audit_verify(audit, anchor, head, err);
	audit_close(audit);
	return code;
}

/* SQL straight into the file, as whoever wants to hide something would. */
static bool
tamper(const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;
	bool good = sqlite3_open(path, &db) == SQLITE_OK &&
		    sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK;

	if (why != NULL)
		printf("# %s\n", why);
	sqlite3_free(why);
	sqlite3_close(db);
	return good;
}

static void
test_chain(void)
{
	struct audit_head head, kept, found;
	struct err err = ERR_INIT;

	setup();
	ok(fill(ROWS, &head), "%d rows", ROWS);
	is_int(head.seq, ROWS, "the head is the last of them");
	is_int(verify(NULL, &found, &err), ERR_OK, "the chain is whole");
	is_int(found.seq, ROWS, "to its end");
	is_str(found.hash, head.hash, "which is what was written");
	is_int(audit_kept_head(&conf, &kept, &err), ERR_OK, "head file");
	is_str(kept.hash, head.hash, "holds the head");
	is_int(verify(&kept, &found, &err), ERR_OK, "and agrees");
	teardown();
}

/* Each way of changing it, and what verify has to say. */
static void
test_tampering(void)
{
	static const struct {
		const char *sql;
		const char *says;
	} cases[] = {
		{ "DELETE FROM audit WHERE seq = 77", "row 77 is missing" },
		{ "UPDATE audit SET user = 'bob' WHERE seq = 5",
		    "row 5 was changed" },
		{ "UPDATE audit SET hash = prev WHERE seq = 9",
		    "row 9 was changed" },
		{ "UPDATE audit SET prev = hash WHERE seq = 9",
		    "row 9 does not follow row 8" },
		{ "UPDATE audit SET seq = 1000 WHERE seq = 3;"
		  "UPDATE audit SET seq = 3 WHERE seq = 4;"
		  "UPDATE audit SET seq = 4 WHERE seq = 1000",
		    "row 3 does not follow row 2" },
		{ "UPDATE audit SET seq = seq + 1000 WHERE seq > 50;"
		  "UPDATE audit SET seq = seq - 999 WHERE seq > 1000;"
		  "INSERT INTO audit SELECT 51, prev, hash, 'check', id, at, "
		  "boot, uid, user, sudo_user, ssh, tty, host, process, "
		  "sevtop, platform, env, action, class, target, lock, reason,"
		  " signal, undo_of, plan, result, detail, took_ms FROM audit "
		  "WHERE seq = 50",
		    "row 51 does not follow row 50" },
	};
	struct audit_head head, found;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		setup();
		fill(ROWS, &head);
		ok(!tamper(cases[i].sql), "refused by the triggers");
		ok(tamper("DROP TRIGGER audit_no_update;"
			  "DROP TRIGGER audit_no_delete"),
		    "which go");
		ok(tamper(cases[i].sql), "then it is possible");
		is_int(verify(NULL, &found, &err), ERR_BADDATA,
		    "and verify finds it");
		ok(strstr(err_text(&err), "triggers") != NULL,
		    "by the missing triggers: %s", err_text(&err));
		tamper("CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
		       "BEGIN SELECT RAISE(ABORT, ''); END;"
		       "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
		       "BEGIN SELECT RAISE(ABORT, ''); END");
		err_clear(&err);
		is_int(verify(NULL, &found, &err), ERR_BADDATA, "and without");
		ok(strstr(err_text(&err), cases[i].says) != NULL,
		    "it says which row: %s", err_text(&err));
		teardown();
	}
}

/* Every field of every row is covered: one at a time is changed. */
static void
test_every_field(void)
{
	struct audit_head head, found;
	int missed = 0;

	setup();
	fill(8, &head);
	tamper("DROP TRIGGER audit_no_update");
	for (int i = 0; i < AUDIT_FIELD_COUNT; i++) {
		struct err err = ERR_INIT;
		char sql[200];

		snprintf(sql, sizeof(sql),
		    "UPDATE audit SET \"%s\" = \"%s\" || ' ' WHERE seq = 4",
		    audit_field_name((enum audit_field)i),
		    audit_field_name((enum audit_field)i));
		tamper(sql);
		tamper("CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
		       "BEGIN SELECT RAISE(ABORT, ''); END");
		missed += verify(NULL, &found, &err) != ERR_BADDATA ||
			  strstr(err_text(&err), "row 4 was changed") == NULL;
		tamper("DROP TRIGGER audit_no_update");
		snprintf(sql, sizeof(sql),
		    "UPDATE audit SET \"%s\" = substr(\"%s\", 1, "
		    "length(\"%s\") - 1) WHERE seq = 4",
		    audit_field_name((enum audit_field)i),
		    audit_field_name((enum audit_field)i),
		    audit_field_name((enum audit_field)i));
		tamper(sql);
	}
	is_int(missed, 0, "each of the fields is covered by the hash");
	/* Moving a byte from one field into the next keeps all bytes. */
	tamper("UPDATE audit SET action = 'queue.pausea', class = '' WHERE "
	       "seq = 4");
	tamper("CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
	       "BEGIN SELECT RAISE(ABORT, ''); END");
	is_int(verify(NULL, &found, NULL), ERR_BADDATA,
	    "and so is where one ends");
	teardown();
}

static void
test_cut_tail(void)
{
	struct audit_head head, kept, found;
	struct err err = ERR_INIT;
	struct audit *audit = NULL;

	setup();
	fill(20, &head);
	tamper("DROP TRIGGER audit_no_delete;"
	       "DELETE FROM audit WHERE seq > 15;"
	       "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
	       "BEGIN SELECT RAISE(ABORT, ''); END");
	is_int(verify(NULL, &found, &err), ERR_OK,
	    "a cut tail does not show in the chain");
	is_int(audit_kept_head(&conf, &kept, &err), ERR_OK, "but the head");
	is_int(verify(&kept, &found, &err), ERR_BADDATA, "shows it");
	ok(strstr(err_text(&err), "tail was cut off") != NULL, "%s",
	    err_text(&err));
	err_clear(&err);
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(append(audit, &head, AUDIT_KIND_GATE, 99, "", &err), ERR_BADDATA,
	    "who wrote it notices, too");
	audit_close(audit);
	unlink(path);
	err_clear(&err);
	is_int(verify(&kept, &found, &err), ERR_BADDATA,
	    "and so does a record that was begun anew");
	teardown();
}

/* Flips bytes all over the file: found, or refused as damaged. */
static void
test_flipped_bytes(void)
{
	struct audit_head head, kept, found;
	struct stat st;
	int fd, silent = 0, flips = 0;
	unsigned seed = 7;

	setup();
	fill(60, &head);
	is_int(audit_kept_head(&conf, &kept, NULL), ERR_OK, "head file");
	stat(path, &st);
	for (int i = 0; i < 200; i++) {
		off_t at = (off_t)(rand_r(&seed) % (unsigned)st.st_size);
		unsigned char was, now;
		struct err err = ERR_INIT;

		fd = open(path, O_RDWR);
		if (pread(fd, &was, 1, at) != 1)
			break;
		now = was ^ (unsigned char)(1u << (rand_r(&seed) & 7));
		if (pwrite(fd, &now, 1, at) != 1)
			break;
		close(fd);
		/* What lies between the rows may change without a loss. */
		if (verify(&kept, &found, &err) == ERR_OK &&
		    (found.seq != 60 || strcmp(found.hash, kept.hash) != 0))
			silent++;
		flips++;
		fd = open(path, O_RDWR);
		if (pwrite(fd, &was, 1, at) != 1)
			break;
		close(fd);
	}
	is_int(flips, 200, "bytes flipped, one at a time");
	is_int(silent, 0, "none of them passed as another record");
	is_int(verify(&kept, &found, NULL), ERR_OK, "back, it is whole");
	teardown();
}

/* Two processes write at once: no row is lost, the chain stays one. */
static void
test_two_writers(void)
{
	struct audit_head head = { .seq = 0 }, found;
	int status, bad = 0;

	setup();
	for (int w = 0; w < 2; w++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < 100; i++) {
			struct audit *audit = NULL;

			if (audit_open(&conf, NULL, &audit, NULL) != ERR_OK ||
			    append(audit, &head, AUDIT_KIND_GATE, w * 1000 + i,
				"", NULL) != ERR_OK)
				_exit(1);
			audit_close(audit);
		}
		_exit(0);
	}
	for (int w = 0; w < 2; w++) {
		wait(&status);
		bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	is_int(bad, 0, "both wrote all of theirs");
	is_int(verify(NULL, &found, NULL), ERR_OK, "one chain");
	is_int(found.seq, 200, "with every row");
	teardown();
}

static void
test_one_at_a_time(void)
{
	struct audit_head head = { .seq = 0 };
	struct audit *audit = NULL;
	struct err err = ERR_INIT;

	setup();
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 1, "a\nb", &err), ERR_OK,
	    "an intent on a and b");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 2, "b", &err),
	    ERR_WAITING, "another on b waits");
	ok(strstr(err_text(&err), "has no outcome yet") != NULL, "%s",
	    err_text(&err));
	err_clear(&err);
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 3, "", &err),
	    ERR_WAITING, "and so does one on all of it");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 4, "c", &err), ERR_OK,
	    "one on c does not");
	is_int(append(audit, &head, AUDIT_KIND_OUTCOME, 1, "a\nb", &err),
	    ERR_OK, "the first ends");
	err_clear(&err);
	is_int(append(audit, &head, AUDIT_KIND_OUTCOME, 1, "a\nb", &err),
	    ERR_CLOSED, "once");
	is_int(append(audit, &head, AUDIT_KIND_INTENT, 2, "b", &err), ERR_OK,
	    "now b is free");
	audit_close(audit);
	teardown();
}

static enum err_code
try_open(struct err *err)
{
	struct audit *audit = NULL;
	enum err_code code;

	err_clear(err);
	code = audit_open(&conf, NULL, &audit, err);
	audit_close(audit);
	return code;
}

/* Files and folders that others could write are not written to. */
static void
test_places(void)
{
	struct audit_head head;
	struct err err = ERR_INIT;
	char other[160];
	int fd;

	setup();
	fill(2, &head);
	chmod(path, 0660);
	is_int(try_open(&err), ERR_FORBIDDEN, "open to the group");
	ok(strstr(err_text(&err), "chmod 600") != NULL, "%s", err_text(&err));
	chmod(path, 0600);
	chmod(dir, 0770);
	is_int(try_open(&err), ERR_FORBIDDEN, "folder open to the group");
	chmod(dir, 0700);
	snprintf(other, sizeof(other), "%s/other", dir);
	is_int(rename(path, other), 0, "moved");
	is_int(symlink(other, path), 0, "a link in its place");
	is_int(try_open(&err), ERR_FORBIDDEN, "is refused");
	unlink(path);
	is_int(link(other, path), 0, "a second name");
	is_int(try_open(&err), ERR_FORBIDDEN, "is refused, too");
	unlink(path);
	unlink(other);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	is_int(write(fd, "this is no record, but some text", 32), 32, "text");
	close(fd);
	is_int(try_open(&err), ERR_BADDATA, "no record");
	ok(strstr(err_text(&err), "damaged") != NULL, "%s", err_text(&err));
	unlink(path);
	ok(tamper("PRAGMA journal_mode = WAL; CREATE TABLE mine (x);"
		  "PRAGMA application_id = 42"),
	    "somebody else's database");
	chmod(path, 0600);
	is_int(try_open(&err), ERR_BADDATA, "is left alone");
	ok(strstr(err_text(&err), "another program") != NULL, "%s",
	    err_text(&err));
	teardown();
}

/* Exit status of a process that filled a small disk of its own. */
static int
fill_small_disk(void)
{
	struct audit_head head = { .seq = 0 }, found;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	enum err_code code;
	int64_t acknowledged;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", dir, "tmpfs", 0, "size=300k,mode=0700") != 0)
		return 77;
	code = audit_open(&conf, NULL, &audit, &err);
	for (int i = 0; code == ERR_OK && i < 100000; i++)
		code = append(audit, &head, AUDIT_KIND_GATE, i, "", &err);
	audit_close(audit);
	acknowledged = head.seq;
	printf(
	    "# %lld rows, then: %s\n", (long long)acknowledged, err_text(&err));
	if (code != ERR_IO || strstr(err_text(&err), "disk is full") == NULL)
		return 1;
	if (verify(&head, &found, &err) != ERR_OK || found.seq != acknowledged)
		return 2;
	return 0;
}

static void
test_full_disk(void)
{
	int status;

	setup();
	fflush(stdout);
	if (fork() == 0) {
		int code = fill_small_disk();

		fflush(stdout);
		_exit(code);
	}
	wait(&status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip("not permitted to mount a small disk");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "a full disk is said, and no row is lost");
	teardown();
}

/* The same by a limit on the size of files: an error, and no damage. */
static void
test_no_space(void)
{
	struct audit_head head = { .seq = 0 }, found;
	struct rlimit was, small;
	struct audit *audit = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_OK;
	int written = 0;

	setup();
	fill(2, &head);
	getrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_IGN);
	small = was;
	small.rlim_cur = 256 * 1024;
	setrlimit(RLIMIT_FSIZE, &small);
	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	for (int i = 0; code == ERR_OK && i < 100000; i++) {
		err_clear(&err);
		code = append(audit, &head, AUDIT_KIND_GATE, i, "", &err);
		written += code == ERR_OK;
	}
	ok(code == ERR_IO, "no room after %d rows: %s", written,
	    err_text(&err));
	audit_close(audit);
	setrlimit(RLIMIT_FSIZE, &was);
	is_int(
	    verify(&head, &found, &err), ERR_OK, "what was written is whole");
	is_int(found.seq, written + 2, "all that was acknowledged is there");
	teardown();
}

static void
test_read_only_folder(void)
{
	struct audit_head head;
	struct err err = ERR_INIT;
	enum err_code code;

	setup();
	fill(2, &head);
	if (geteuid() == 0) {
		skip("root writes everywhere");
		teardown();
		return;
	}
	chmod(path, 0400);
	chmod(dir, 0500);
	code = try_open(&err);
	ok(code == ERR_FORBIDDEN || code == ERR_IO, "refused: %s",
	    err_text(&err));
	chmod(dir, 0700);
	chmod(path, 0600);
	teardown();
}

static void
test_heads(void)
{
	struct audit_head head;
	char text[AUDIT_HASH_LEN + 8];

	memset(text, 'a', sizeof(text));
	memcpy(text, "17:", 3);
	text[3 + AUDIT_HASH_LEN - 1] = '\0';
	ok(audit_head_parse(text, &head) && head.seq == 17, "a head");
	text[5] = 'g';
	ok(!audit_head_parse(text, &head), "no hexadecimal");
	ok(!audit_head_parse("17", &head) && !audit_head_parse("", &head) &&
		!audit_head_parse(":", &head) &&
		!audit_head_parse("0:aa", &head),
	    "no heads");
}

int
main(void)
{
	umask(077);
	RUN(test_chain);
	RUN(test_tampering);
	RUN(test_every_field);
	RUN(test_cut_tail);
	RUN(test_flipped_bytes);
	RUN(test_two_writers);
	RUN(test_one_at_a_time);
	RUN(test_places);
	RUN(test_full_disk);
	RUN(test_no_space);
	RUN(test_read_only_folder);
	RUN(test_heads);
	return tap_done();
}
