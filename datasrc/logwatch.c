#include "datasrc/logwatch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	EVENTS_BYTES = 4096,
	DRAIN_READS = 64, /* what is left then is told the next time */
	FOLDER_EVENTS = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE,
};

void
logwatch_init(struct logwatch *watch)
{
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

void
logwatch_release(struct logwatch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

bool
logwatch_folder(struct logwatch *watch, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	size_t len;

	if (watch->fd < 0)
		return false;
	if (slash != NULL) {
		len = slash == path ? 1 : (size_t)(slash - path);
		if (len >= sizeof(folder))
			return false;
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	return inotify_add_watch(
		   watch->fd, folder, FOLDER_EVENTS | IN_ONLYDIR) >= 0;
}

/* By descriptor: the path may lead to another file by now. */
int
logwatch_file(struct logwatch *watch, int fd)
{
	char path[64];

	if (watch->fd < 0 || fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return inotify_add_watch(
	    watch->fd, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF);
}

void
logwatch_forget(struct logwatch *watch, int number)
{
	/* An error only says that the file itself is gone. */
	if (watch->fd >= 0 && number >= 0)
		(void)inotify_rm_watch(watch->fd, number);
}

static bool
has_folder_event(const char *events, size_t len)
{
	struct inotify_event event;
	size_t at = 0;

	while (len - at >= sizeof(event)) {
		memcpy(&event, events + at, sizeof(event));
		if ((event.mask & (FOLDER_EVENTS | IN_Q_OVERFLOW)) != 0)
			return true;
		at += sizeof(event) + event.len;
	}
	return false;
}

bool
logwatch_drain(struct logwatch *watch)
{
	char events[EVENTS_BYTES];
	bool told = false;
	ssize_t n;
	int reads = 0;

	if (watch->fd < 0)
		return false;
	do {
		n = read(watch->fd, events, sizeof(events));
		if (n > 0 && has_folder_event(events, (size_t)n))
			told = true;
	} while ((n > 0 || (n < 0 && errno == EINTR)) && ++reads < DRAIN_READS);
	return told;
}
