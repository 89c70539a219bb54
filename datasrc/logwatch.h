/*
 * Tells when files of some folders may have changed, by inotify(7). It only
 * shortens the wait: every user looks for itself now and then, because
 * network file systems and swapped links in the middle of a path say
 * nothing. Where inotify is not to be had, nothing is ever told.
 * thread: owner.
 */
#ifndef SEV_DATASRC_LOGWATCH_H
#define SEV_DATASRC_LOGWATCH_H

#include <stdbool.h>

struct logwatch {
	int fd; /* to wait on with io_wait(); -1: none */
};

void logwatch_init(struct logwatch *watch);
void logwatch_release(struct logwatch *watch);

/* Files that come to or leave the folder of path. False: not watched. */
bool logwatch_folder(struct logwatch *watch, const char *path);

/*
 * Growth of the open file fd. Returns a number for logwatch_forget(), -1
 * when it can't be watched.
 */
int logwatch_file(struct logwatch *watch, int fd);
void logwatch_forget(struct logwatch *watch, int number);

/* Forgets what was told; true when a file came to or left a folder. */
bool logwatch_drain(struct logwatch *watch);

#endif
