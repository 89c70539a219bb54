#include "sim/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sim/limits.h"

struct logs {
	char path[PATH_MAX];
	int fd;
	size_t size; /* of the file, by what was written */
	struct buf buf;
};

static int
logs_create(const char *path)
{
	return open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

enum err_code
logs_open(
    const char *dir, const char *name, struct logs **ret_logs, struct err *err)
{
	struct logs *logs = mem_calloc(1, sizeof(*logs));
	int n;

	if (logs == NULL)
		return err_set(err, ERR_NOMEM, "logs", "opening %s", name);
	buf_init(&logs->buf, SIM_LOG_STEP_MAX);
	logs->fd = -1;
	n = snprintf(logs->path, sizeof(logs->path), "%s/%s", dir, name);
	if (n > 0 && (size_t)n + 4 < sizeof(logs->path))
		logs->fd = logs_create(logs->path);
	if (logs->fd < 0) {
		err_set_errno(
		    err, ERR_IO, "logs", errno, "creating %s/%s", dir, name);
		logs_close(logs);
		return ERR_IO;
	}
	*ret_logs = logs;
	return ERR_OK;
}

struct buf *
logs_buf(struct logs *logs)
{
	return &logs->buf;
}

static void
logs_rotate(struct logs *logs)
{
	char older[PATH_MAX + 16], newer[PATH_MAX + 16];
	int fd;

	for (int i = SIM_LOG_KEEP; i > 0; i--) {
		snprintf(older, sizeof(older), "%s.%d", logs->path, i);
		if (i > 1)
			snprintf(
			    newer, sizeof(newer), "%s.%d", logs->path, i - 1);
		else
			snprintf(newer, sizeof(newer), "%s", logs->path);
		(void)rename(newer, older); /* a missing one is no loss */
	}
	fd = logs_create(logs->path);
	if (fd < 0)
		return;
	close(logs->fd);
	logs->fd = fd;
	logs->size = 0;
}

void
logs_flush(struct logs *logs)
{
	size_t done = 0;

	while (done < logs->buf.len) {
		ssize_t n = write(
		    logs->fd, logs->buf.data + done, logs->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	logs->size += done;
	buf_clear(&logs->buf);
	if (logs->size >= SIM_LOG_FILE_MAX)
		logs_rotate(logs);
}

struct logs *
logs_close(struct logs *logs)
{
	if (logs == NULL)
		return NULL;
	if (logs->fd >= 0) {
		logs_flush(logs);
		close(logs->fd);
	}
	buf_release(&logs->buf);
	mem_free(logs);
	return NULL;
}
