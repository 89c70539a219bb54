#include "actions/who.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

/* What is no clean word is left out: the record is read on terminals. */
static void
who_copy(char *out, size_t size, const char *s)
{
	out[0] = '\0';
	if (s == NULL || !utf8_is_valid(s, strlen(s)) || strlen(s) >= size)
		return;
	for (const char *at = s; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 127)
			return;
	}
	memcpy(out, s, strlen(s) + 1);
}

/* The first bytes of a small file of the system; "" when there is none. */
static void
read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;

	out[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/*
 * When a process started, in clock ticks since the boot: the 22nd word of
 * its stat, counted behind the name, which may hold anything. "" when there
 * is no such process, or no such file system.
 */
static void
process_start(long pid, char *out, size_t size)
{
	char path[48], stat[1024];
	char *at;

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	read_small(path, stat, sizeof(stat));
	at = strrchr(stat, ')');
	for (int word = 2; at != NULL && word < 22; word++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		snprintf(out, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

static void
who_process(struct who *who)
{
	char start[24];

	process_start((long)getpid(), start, sizeof(start));
	snprintf(who->process, sizeof(who->process), "%ld:%s", (long)getpid(),
	    start);
}

static void
who_boot(struct who *who)
{
	char id[64];

	read_small("/proc/sys/kernel/random/boot_id", id, sizeof(id));
	id[strcspn(id, "\n")] = '\0';
	who_copy(who->boot, sizeof(who->boot), id);
}

void
who_read(struct who *who)
{
	struct passwd entry, *found = NULL;
	const char *ssh = getenv("SSH_CONNECTION");
	char names[4096], text[WHO_TEXT_MAX];

	memset(who, 0, sizeof(*who));
	snprintf(who->uid, sizeof(who->uid), "%ld", (long)getuid());
	if (getpwuid_r(getuid(), &entry, names, sizeof(names), &found) == 0 &&
	    found != NULL)
		who_copy(who->user, sizeof(who->user), entry.pw_name);
	who_copy(who->sudo_user, sizeof(who->sudo_user), getenv("SUDO_USER"));
	if (ssh == NULL)
		ssh = getenv("SSH_CLIENT");
	if (ssh != NULL) {
		snprintf(
		    text, sizeof(text), "%.*s", (int)strcspn(ssh, " "), ssh);
		who_copy(who->ssh, sizeof(who->ssh), text);
	}
	if (ttyname_r(STDIN_FILENO, text, sizeof(text)) == 0)
		who_copy(who->tty, sizeof(who->tty), text);
	if (gethostname(text, sizeof(text)) == 0) {
		text[sizeof(text) - 1] = '\0';
		who_copy(who->host, sizeof(who->host), text);
	}
	who_process(who);
	who_boot(who);
}

char *
who_short(const struct who *who, char out[WHO_TEXT_MAX])
{
	const char *user = who->user[0] != '\0' ? who->user : who->uid;

	if (who->sudo_user[0] != '\0' && strcmp(who->sudo_user, user) != 0)
		snprintf(out, WHO_TEXT_MAX, "%.40s (sudo by %.40s)", user,
		    who->sudo_user);
	else
		snprintf(out, WHO_TEXT_MAX, "%s", user);
	return out;
}

bool
who_is_alive(const char *process)
{
	char start[24];
	char *colon;
	long pid = strtol(process, &colon, 10);

	if (pid <= 0 || *colon != ':')
		return false;
	process_start(pid, start, sizeof(start));
	return start[0] != '\0' && strcmp(start, colon + 1) == 0;
}
