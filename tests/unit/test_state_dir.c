/* The folder of what outlives a run: where it is, and who may write there. */
#include "base/state_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static char top[64];

static void
set_state(const char *sub)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", top, sub);
	setenv("XDG_STATE_HOME", path, 1);
}

static void
test_where(void)
{
	char path[PATH_MAX];

	setenv("XDG_STATE_HOME", "/x", 1);
	ok(state_dir(path), "it is known");
	is_str(path, "/x/sevtop", "XDG_STATE_HOME leads there");
	setenv("XDG_STATE_HOME", "x", 1);
	setenv("HOME", "/h", 1);
	ok(state_dir(path), "a relative one is ignored");
	is_str(path, "/h/.local/state/sevtop", "and HOME leads there");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	ok(!state_dir(path), "without both it is unknown");
	ok(state_dir_make(NULL, path, NULL) == ERR_NOTFOUND, "and said so");
}

static void
test_make(void)
{
	char path[PATH_MAX], want[128];
	struct stat st;

	set_state("a/b");
	ok(state_dir_make("removed", path, NULL) == ERR_OK, "it is made");
	snprintf(want, sizeof(want), "%s/a/b/sevtop/removed", top);
	is_str(path, want, "with all above it");
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700,
	    "for the owner only");
	ok(state_dir_make("removed", path, NULL) == ERR_OK, "once is enough");
}

static void
test_refuse(void)
{
	char path[PATH_MAX] = "kept", made[PATH_MAX], at[128], to[128];
	struct err err = ERR_INIT;

	set_state("open");
	ok(state_dir_make(NULL, made, NULL) == ERR_OK, "one more");
	ok(chmod(made, 0770) == 0, "that the group can write to");
	ok(state_dir_make(NULL, path, &err) == ERR_FORBIDDEN, "is refused: %s",
	    err.msg);
	is_str(path, "kept", "and nothing is said of where it is");
	snprintf(at, sizeof(at), "%s/link", top);
	snprintf(to, sizeof(to), "%s/link/sevtop", top);
	ok(mkdir(at, 0700) == 0 && symlink("/tmp", to) == 0, "a link");
	set_state("link");
	ok(state_dir_make(NULL, path, &err) == ERR_FORBIDDEN, "is refused: %s",
	    err.msg);
}

int
main(void)
{
	char command[96];

	snprintf(top, sizeof(top), "/tmp/sevtop-state-XXXXXX");
	if (mkdtemp(top) == NULL)
		return 1;
	RUN(test_where);
	RUN(test_make);
	RUN(test_refuse);
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return system(command) != 0 ? 1 : tap_done();
}
