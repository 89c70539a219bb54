#include "config.h"

#include "tui/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#include <sys/prctl.h>
#endif

/* LeakSanitizer traces the process from a thread of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define HARDEN_TRACED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HARDEN_TRACED 1
#endif
#endif

static bool
has_more_rights(void)
{
	if (getuid() != geteuid() || getgid() != getegid())
		return true;
#ifdef __linux__
	/* file capabilities count as well */
	return getauxval(AT_SECURE) != 0;
#else
	return false;
#endif
}

static enum err_code
open_standard(struct err *err)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* the lowest free number is fd: all below are open */
		if (open("/dev/null", O_RDWR) != fd)
			return err_set_errno(
			    err, ERR_IO, "start", errno, "opening /dev/null");
	}
	return ERR_OK;
}

static void
no_core(void)
{
	const char *keep = getenv("SEVTOP_CORE");
	struct rlimit none = { 0, 0 };

	if (keep != NULL && strcmp(keep, "1") == 0)
		return;
	setrlimit(RLIMIT_CORE, &none);
#if defined(PR_SET_DUMPABLE) && !defined(HARDEN_TRACED)
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

enum err_code
harden_process(struct err *err)
{
	enum err_code code = open_standard(err);

	if (code != ERR_OK)
		return code;
	if (has_more_rights())
		return err_set(err, ERR_FORBIDDEN, "start",
		    "it must not run set-user-ID, set-group-ID or with file "
		    "capabilities: whoever starts it decides what it runs");
	umask(077);
	no_core();
#ifdef PR_SET_NO_NEW_PRIVS
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	return ERR_OK;
}
