#include "actions/flag_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/audit.h"
#include "base/alloc.h"
#include "base/path.h"
#include "base/state_dir.h"
#include "model/platform.h"

static const char origin[] = "flag";

enum err_code
flag_keep_path(struct action_ctx *ctx, const struct platform_flag *flag,
    const char **ret_path, struct err *err)
{
	char dir[PATH_MAX], id[AUDIT_ID_LEN], path[PATH_MAX];

	if (!state_dir(dir))
		return err_set(err, ERR_NOTFOUND, origin,
		    "no state folder is known, so the old secret can't be "
		    "kept");
	if (!audit_new_id(id) ||
	    (size_t)snprintf(path, sizeof(path), "%s/kept/%s-%.16s", dir,
		flag->name, id) >= sizeof(path))
		return err_set(err, ERR_IO, origin, "no name for a file");
	*ret_path = arena_copy(ctx->arena, path, strlen(path));
	return *ret_path != NULL ? ERR_OK
				 : err_set(err, ERR_NOMEM, origin, "no memory");
}

static enum err_code
write_secret(const char *path, const char *value, struct err *err)
{
	size_t len = strlen(value);
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good =
	    fd >= 0 && write(fd, value, len) == (ssize_t)len && fsync(fd) == 0;
	int saved = errno;

	if (fd >= 0 && close(fd) != 0 && good) {
		saved = errno;
		good = false;
	}
	/* The name has to outlive a power cut as well. */
	if (good && !path_sync_folder(path)) {
		saved = errno;
		good = false;
	}
	if (good)
		return ERR_OK;
	if (fd >= 0)
		unlink(path);
	return err_set_errno(err, ERR_IO, origin, saved,
	    "the old secret can't be kept, so it is not changed: %s", path);
}

enum err_code
flag_keep_secret(struct flag_change *change, const char *path, struct err *err)
{
	const struct flag_ask ask = {
		.links = change->links,
		.flag = change->flag,
		.deadline = change->ctx->deadline,
		.cancel = change->ctx->cancel,
		.arena = change->ctx->arena,
	};
	struct flag_state now;
	char dir[PATH_MAX];
	enum err_code code;

	if (path[0] == '\0')
		return ERR_OK;
	code = state_dir_make("kept", dir, err);
	if (code == ERR_OK)
		code = flag_read(&ask, &now, err);
	if (code == ERR_OK && now.stored == NULL)
		code = err_set(err, ERR_CLOSED, origin,
		    "changed since you looked: it is gone");
	if (code == ERR_OK)
		code = write_secret(path, now.stored, err);
	return code;
}

void
flag_keep_drop(const char *path)
{
	if (path[0] != '\0')
		unlink(path);
}
