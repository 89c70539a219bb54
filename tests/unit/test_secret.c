#include "base/secret.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"
#include "tests/tap.h"

static char dir[] = "/tmp/sevtop-secret-XXXXXX";

static enum err_code
resolve(const char *ref, struct secret **ret_secret, struct err *err)
{
	*ret_secret = NULL;
	return secret_from_ref(ref, NULL, ret_secret, err);
}

/* Resolves and compares; what does not match is shown by the caller. */
static bool
gives(const char *ref, const char *want)
{
	struct secret *secret;
	struct err err = ERR_INIT;
	bool same;

	if (resolve(ref, &secret, &err) != ERR_OK) {
		printf("# %s\n", err_text(&err));
		return false;
	}
	same = strcmp(secret_reveal(secret), want) == 0 &&
	       secret_len(secret) == strlen(want);
	secret_free(secret);
	return same;
}

static enum err_code
fails(const char *ref, const char *says)
{
	struct secret *secret;
	struct err err = ERR_INIT;
	enum err_code code = resolve(ref, &secret, &err);

	ok(secret == NULL, "nothing made");
	ok(strstr(err_text(&err), says) != NULL, "says: %s", says);
	if (strstr(err_text(&err), says) == NULL)
		printf("# %s\n", err_text(&err));
	secret_free(secret);
	return code;
}

static void
test_plain(void)
{
	struct secret *a = NULL, *b = NULL;

	is_int(resolve("hunter2", &a, NULL), ERR_OK, "a literal");
	is_int(secret_new("hunter2", 7, &b, NULL), ERR_OK, "a copy");
	ok(secret_equal(a, b), "equal");
	ok(secret_equal_bytes(a, "hunter2", 7), "equal bytes");
	ok(!secret_equal_bytes(a, "hunter3", 7), "other bytes");
	ok(!secret_equal_bytes(a, "hunter", 6), "shorter");
	secret_free(a);
	secret_free(b);
	ok(secret_free(NULL) == NULL, "NULL is allowed");
	is_int(secret_ref_kind("env:X"), SECRET_ENV, "env");
	is_int(secret_ref_kind("file:/x"), SECRET_FILE, "file");
	is_int(secret_ref_kind("cmd:[]"), SECRET_CMD, "cmd");
	is_int(secret_ref_kind("environment"), SECRET_LITERAL, "literal");
}

static void
test_env(void)
{
	setenv("SEVTOP_TEST_SECRET", "canary-1", 1);
	setenv("SEVTOP_TEST_EMPTY", "", 1);
	ok(gives("env:SEVTOP_TEST_SECRET", "canary-1"), "from the environment");
	is_int(fails("env:SEVTOP_TEST_UNSET", "has no SEVTOP_TEST_UNSET"),
	    ERR_NOTFOUND, "unset");
	is_int(fails("env:SEVTOP_TEST_EMPTY", "empty"), ERR_NOTFOUND, "empty");
	is_int(fails("env:", "has no"), ERR_NOTFOUND, "no name");
}

/* "file:" and the path of a new file with content and mode. */
static const char *
file(const char *content, size_t len, mode_t mode)
{
	static char ref[128];
	static int count;
	int fd;

	snprintf(ref, sizeof(ref), "file:%s/%d", dir, count++);
	fd = open(ref + 5, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (write(fd, content, len) != (ssize_t)len)
		printf("# short write\n");
	fchmod(fd, mode);
	close(fd);
	return ref;
}

static void
test_file(void)
{
	static char big[SECRET_MAX + 1];
	char link_ref[128];

	memset(big, 'x', sizeof(big));
	ok(gives(file("canary-2\n", 9, 0600), "canary-2"), "one newline goes");
	ok(gives(file("canary-2\n\n", 10, 0400), "canary-2\n"), "only one");
	ok(gives(file("canary-2\r\n", 10, 0600), "canary-2"), "CR LF");
	is_int(fails(file("x", 1, 0604), "chmod 600"), ERR_FORBIDDEN,
	    "others may read it");
	is_int(fails(file("x", 1, 0620), "chmod 600"), ERR_FORBIDDEN,
	    "the group may write it");
	is_int(fails(file("\n", 1, 0600), "gave nothing"), ERR_CONFIG, "empty");
	is_int(fails(file("a\0b", 3, 0600), "NUL"), ERR_CONFIG, "NUL byte");
	is_int(fails(file(big, sizeof(big), 0600), "longer than"), ERR_TOOBIG,
	    "too long");
	snprintf(link_ref, sizeof(link_ref), "file:%s/link", dir);
	ok(symlink(file("x", 1, 0600) + 5, link_ref + 5) == 0, "link made");
	is_int(fails(link_ref, "symbolic link"), ERR_FORBIDDEN, "a link");
	is_int(fails("file:/nowhere/x", "no file"), ERR_NOTFOUND, "absent");
	is_int(fails("file:/dev/null", "not a regular file"), ERR_CONFIG,
	    "a device");
	snprintf(link_ref, sizeof(link_ref), "file:%s/fifo", dir);
	ok(mkfifo(link_ref + 5, 0600) == 0, "FIFO made");
	is_int(fails(link_ref, "not a regular file"), ERR_CONFIG,
	    "a FIFO without writer does not block");
	if (geteuid() == 0) {
		const char *ref = file("x", 1, 0600);

		ok(chown(ref + 5, 12345, 12345) == 0, "given away");
		is_int(fails(ref, "belongs to user 12345"), ERR_FORBIDDEN,
		    "somebody else's");
	} else {
		skip("not root: no file of somebody else's");
	}
}

static void
test_cmd(void)
{
	struct cancel cancel;
	struct secret *secret = NULL;
	struct err err = ERR_INIT;

	ok(gives("cmd:[\"printf\", \"canary-3\\n\"]", "canary-3"), "output");
	ok(gives("cmd:[\"echo\", \"$HOME; *\"]", "$HOME; *"), "no shell");
	setenv("SEVTOP_TEST_SECRET", "canary-1", 1);
	ok(gives("cmd:[\"sh\", \"-c\", \"echo x${SEVTOP_TEST_SECRET}\"]", "x"),
	    "clean environment");
	is_int(fails("cmd:[\"sh\", \"-c\", \"exit 3\"]", "status 3"), ERR_IO,
	    "status");
	is_int(fails("cmd:[\"sh\", \"-c\", \"kill -9 $$\"]", "signal 9"),
	    ERR_IO, "signal");
	is_int(fails("cmd:[\"true\"]", "gave nothing"), ERR_CONFIG, "nothing");
	is_int(fails("cmd:[\"/nowhere/x\"]", "/nowhere/x"), ERR_NOTFOUND,
	    "absent");
	is_int(fails("cmd:[\"yes\"]", "more than"), ERR_TOOBIG, "endless");
	is_int(
	    fails("cmd:pass show x", "list of words"), ERR_CONFIG, "no list");
	is_int(fails("cmd:[]", "list of"), ERR_CONFIG, "empty list");
	is_int(fails("cmd:[1]", "list of"), ERR_CONFIG, "a number");
	ok(gives(
	       "cmd:[\"sh\", \"-c\", \"sleep 7 & echo canary-4\"]", "canary-4"),
	    "a helper that keeps the pipe open is not waited for");
	if (cancel_init(&cancel, &err) == ERR_OK) {
		cancel_fire(&cancel);
		is_int(secret_from_ref(
			   "cmd:[\"sleep\", \"30\"]", &cancel, &secret, &err),
		    ERR_CANCELLED, "cancelled");
		cancel_release(&cancel);
	}
	ok(waitpid(-1, NULL, WNOHANG) < 0, "every child was reaped");
}

/* A command that ignores everything is over after its time limit. */
static void
test_cmd_deadline(void)
{
	int64_t start = clock_now();

	is_int(fails("cmd:[\"sh\", \"-c\", \"trap '' TERM HUP INT; "
		     "while :; do sleep 1; done\"]",
		   "no answer"),
	    ERR_TIMEOUT, "deadline");
	ok(clock_now() - start >= SECRET_CMD_MS * NS_PER_MS, "not earlier");
	ok(waitpid(-1, NULL, WNOHANG) < 0, "reaped");
}

static void
remove_files(void)
{
	static const char *const others[] = { "link", "fifo" };
	char path[128];

	for (int i = 0; i < 32; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		unlink(path);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, others[i]);
		unlink(path);
	}
	rmdir(dir);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_plain);
	RUN(test_env);
	RUN(test_file);
	RUN(test_cmd);
	RUN(test_cmd_deadline);
	remove_files();
	return tap_done();
}
