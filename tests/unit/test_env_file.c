#include "base/env_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dotenv.h"
#include "tests/tap.h"

static char dir[] = "/tmp/sevtop-env-XXXXXX";
static char path[64];
static struct buf content = BUF_INIT(4096);
static struct env_stamp stamp;
static struct err err;

static void
put(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    fchmod(fd, 0640) != 0)
		abort();
	close(fd);
}

/* What the file holds after name was set to value. */
static const char *
set(const char *text, const char *name, const char *value)
{
	bool done = false;

	err_clear(&err);
	put(text);
	if (env_file_read(path, &content, &stamp, &err) != ERR_OK ||
	    env_file_set(path, name, value, &stamp, &done, &err) != ERR_OK)
		return err_text(&err);
	if (!done || env_file_read(path, &content, &stamp, &err) != ERR_OK)
		return "not done";
	return buf_cstr(&content);
}

static void
test_set(void)
{
	static const struct {
		const char *text;
		const char *value;
		const char *want;
	} rows[] = {
		{ "A=1\n", "2", "A=2\n" },
		{ "A=1", "2", "A=2" },
		{ "", "2", "A=2\n" },
		{ "B=1", "2", "B=1\nA=2\n" },
		{ "# A=0\nexport A = \"1\" # why\nB=\"x # y\"\n", "2",
		    "# A=0\nexport A = 2 # why\nB=\"x # y\"\n" },
		{ "A=1\nA=2\n", "3", "A=1\nA=3\n" },
		{ "A=1\r\nB=2\r\n", "x y", "A='x y'\r\nB=2\r\n" },
		{ "A='1' rest\nB=1\n", "2", "A=2\nB=1\n" },
		{ "A=\"1\"#c\n", "2", "A=2\n" },
		{ "A='1'\n", "it's $5", "A=\"it's \\$5\"\n" },
		{ "A=\n", "", "A=\n" },
		{ "A=1 #c\n", "#d", "A='#d' #c\n" },
		{ "B=1\nA=2\nC=3\n", NULL, "B=1\nC=3\n" },
		{ "B=1\n", NULL, "B=1\n" },
		{ "A=1", NULL, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(set(rows[i].text, "A", rows[i].value), rows[i].want,
		    rows[i].text);
	ok(strstr(set("A=1\n", "A", "a\nB=2"), "no line can hold") != NULL,
	    "a value with a line end");
	is_str(set("A=1\n", "A", "`id`"), "A='`id`'\n", "a shell runs nothing");
	ok(strstr(set("A=1\n", "A", "it's `id`"), "no line can hold") != NULL,
	    "one that no quotes keep from a shell");
}

static void
test_kept(void)
{
	struct stat st;
	bool done = false;
	char other[80], text[ENV_STAMP_LEN];

	set("A=1\n", "A", "2");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640, "its mode");
	env_stamp_text(&stamp, text);
	ok(env_stamp_is(&stamp, text) && !env_stamp_is(&stamp, "0:0:0:0"),
	    "its stamp as text");
	put("A=3\nB=1\n");
	is_int(env_file_set(path, "A", "2", &stamp, &done, &err), ERR_CLOSED,
	    "written meanwhile");
	ok(!done, "nothing was done");
	snprintf(other, sizeof(other), "%s/other", dir);
	ok(env_file_read(path, &content, &stamp, &err) == ERR_OK &&
		link(path, other) == 0,
	    "a second name");
	is_int(env_file_set(path, "A", "2", &stamp, &done, &err),
	    ERR_UNSUPPORTED, "is refused");
	unlink(other);
	ok(env_file_read(path, &content, &stamp, &err) == ERR_OK &&
		symlink("env", other) == 0,
	    "a link");
	is_int(env_file_set(other, "A", "2", &stamp, &done, &err), ERR_OK,
	    "is followed");
	ok(lstat(other, &st) == 0 && S_ISLNK(st.st_mode), "and stays one");
	unlink(other);
	is_int(env_file_read(dir, &content, &stamp, &err), ERR_UNSUPPORTED,
	    "a folder");
	is_int(env_file_read("/nowhere/.env", &content, &stamp, &err),
	    ERR_NOTFOUND, "no file");
}

/* Two at once: the second would undo what the first wrote. */
static void
test_both(void)
{
	bool done = false;
	int fd;

	put("A=1\nB=1\n");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ok(env_file_read(path, &content, &stamp, &err) == ERR_OK && fd >= 0 &&
		flock(fd, LOCK_EX) == 0,
	    "another is at it");
	is_int(env_file_set(path, "A", "2", &stamp, &done, &err), ERR_CLOSED,
	    "it is left alone");
	ok(!done && strstr(err_text(&err), "another process") != NULL,
	    "and said why: %s", err_text(&err));
	close(fd);
	is_int(env_file_set(path, "A", "2", &stamp, &done, &err), ERR_OK,
	    "and then it is done");
}

/* Nothing is left behind by what fails. */
static void
test_no_room(void)
{
	struct buf big = BUF_INIT(2 * 1024 * 1024);
	bool done = false;

	put("A=1\n");
	while (big.len < 1024 * 1024)
		buf_str(&big, "0123456789abcdef");
	ok(env_file_read(path, &content, &stamp, &err) == ERR_OK, "a file");
	is_int(env_file_set(path, "A", buf_cstr(&big), &stamp, &done, &err),
	    ERR_TOOBIG, "would become too large");
	ok(!done && env_file_read(path, &content, &stamp, &err) == ERR_OK &&
		strcmp(buf_cstr(&content), "A=1\n") == 0,
	    "and is as it was");
	buf_release(&big);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/env", dir);
	RUN(test_set);
	RUN(test_kept);
	RUN(test_both);
	RUN(test_no_room);
	unlink(path);
	ok(rmdir(dir) == 0, "no other file is left");
	buf_release(&content);
	return tap_done();
}
