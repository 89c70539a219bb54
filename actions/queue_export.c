#include "actions/queue_export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "base/state_dir.h"
#include "model/platform.h"

struct queue_export {
	FILE *file;
	int folder;
	char path[PATH_MAX];
};

void
queue_export_trap(const struct action_ctx *ctx, struct plan *plan)
{
	char dir[PATH_MAX];

	(void)ctx;
	plan_trap(plan,
	    text_fmt(plan->arena,
		"saved first, payloads as they are, to a file in %s/removed",
		state_dir(dir) ? dir : "(no state folder: it will refuse)"));
}

/* Letters that a name of a file can have everywhere. */
static void
add_name(char *out, size_t size, const char *name)
{
	size_t len = strlen(out);

	for (; *name != '\0' && len + 1 < size; name++)
		out[len++] = strchr("/\\:*?\"<>| ", *name) != NULL ||
				     (unsigned char)*name < ' '
				 ? '_'
				 : *name;
	out[len] = '\0';
}

enum err_code
queue_export_open(const struct action_ctx *ctx, const struct queue_ref *ref,
    struct queue_export **ret_export, struct err *err)
{
	struct queue_export *export = mem_calloc(1, sizeof(*export));
	char dir[PATH_MAX], at[CLOCK_RFC3339_LEN], name[NAME_MAX_LEN * 4] = "";
	enum err_code code;
	int fd = -1;

	if (export == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	export->folder = -1;
	code = state_dir_make("removed", dir, err);
	if (code != ERR_OK)
		goto out;
	add_name(name, sizeof(name), ctx->platform->name);
	add_name(name, sizeof(name), "-");
	add_name(name, sizeof(name), ref->name);
	add_name(name, sizeof(name), "-");
	add_name(name, sizeof(name), clock_rfc3339(clock_wall_ms(), at));
	if ((size_t)snprintf(export->path, sizeof(export->path), "%s/%s.jsonl",
		dir, name) >= sizeof(export->path)) {
		code = err_set(
		    err, ERR_IO, "queue", "the path %s is too long", dir);
		goto out;
	}
	export->folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open(export->path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	export->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (export->file == NULL || export->folder < 0)
		code = err_set_errno(err, ERR_IO, "queue", errno,
		    "can't write %s, so nothing is removed", export->path);
out:
	if (code != ERR_OK) {
		if (export->file == NULL && fd >= 0)
			close(fd);
		return queue_export_close(export, code, err);
	}
	*ret_export = export;
	return ERR_OK;
}

/* The answer to HGETALL as one line. */
static enum err_code
write_job(FILE *file, const char *id, const struct redisReply *score,
    const struct redisReply *hash, struct buf *line, struct buf *scratch,
    struct err *err)
{
	struct json_out out = JSON_OUT_INIT(scratch);
	struct cJSON *root = json_out_open(&out), *fields;
	const char *name, *value;
	enum err_code code;
	size_t len;

	buf_clear(line);
	json_out_str(&out, root, "id", id);
	if (redis_reply_str(score, &value, &len))
		json_out_str(&out, root, "failed_at", value);
	fields = json_out_map(&out, root, "fields");
	for (size_t i = 0; i + 1 < redis_reply_count(hash); i += 2)
		if (redis_reply_str(redis_reply_at(hash, i), &name, &len) &&
		    redis_reply_str(redis_reply_at(hash, i + 1), &value, &len))
			json_out_str(&out, fields, name, value);
	code = json_out_close(&out, root, line);
	if (code != ERR_OK)
		return err_set(err, code, "queue",
		    "can't save job %s, so it is not removed: %s", id,
		    code == ERR_TOOBIG ? "it is too large" : "no memory");
	if (fwrite(buf_cstr(line), 1, line->len, file) != line->len ||
	    fputc('\n', file) == EOF)
		return err_set_errno(err, ERR_IO, "queue", errno,
		    "can't save job %s, so it is not removed", id);
	return ERR_OK;
}

static enum err_code
export_read(struct queue_link *link, const struct queue_ref *ref,
    const char *const *ids, size_t count, struct redis_replies *ret_replies,
    struct err *err)
{
	char key[BULLMQ_BASE_MAX + BULLMQ_ID_MAX + 8];
	char failed[BULLMQ_BASE_MAX + 8];
	struct redis_batch batch;
	enum err_code code;

	redis_batch_init(&batch);
	snprintf(failed, sizeof(failed), "%sfailed", ref->base);
	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "%s%s", ref->base, ids[i]);
		redis_batch_cmd(&batch, "ZSCORE", failed, ids[i], NULL);
		redis_batch_cmd(&batch, "HGETALL", key, NULL);
	}
	code = queue_ask(link, &batch, ret_replies, err);
	redis_batch_release(&batch);
	for (size_t i = 0; code == ERR_OK && i < 2 * count; i++)
		code = redis_reply_check(redis_replies_at(ret_replies, i), err);
	return code;
}

enum err_code
queue_export_jobs(struct queue_export *export, struct queue_link *link,
    const struct queue_ref *ref, const char *const *ids, size_t count,
    struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct buf line = BUF_INIT(QUEUE_EXPORT_JOB_MAX);
	struct buf scratch = BUF_INIT(QUEUE_EXPORT_JOB_MAX);
	enum err_code code = export_read(link, ref, ids, count, &replies, err);

	for (size_t i = 0; code == ERR_OK && i < count; i++) {
		const struct redisReply *hash =
		    redis_replies_at(&replies, 2 * i + 1);

		if (redis_reply_count(hash) > 0)
			code = write_job(export->file, ids[i],
			    redis_replies_at(&replies, 2 * i), hash, &line,
			    &scratch, err);
	}
	redis_replies_release(&replies);
	buf_release(&line);
	buf_release(&scratch);
	return code;
}

/* On disk, and its name in the folder as well. */
enum err_code
queue_export_sync(struct queue_export *export, struct err *err)
{
	if (fflush(export->file) != 0 || fsync(fileno(export->file)) != 0 ||
	    fsync(export->folder) != 0)
		return err_set_errno(err, ERR_IO, "queue", errno,
		    "can't save to %s, so nothing is removed", export->path);
	return ERR_OK;
}

enum err_code
queue_export_close(
    struct queue_export *export, enum err_code code, struct err *err)
{
	if (export == NULL)
		return code;
	if (code == ERR_OK)
		code = queue_export_sync(export, err);
	if (export->file != NULL)
		fclose(export->file);
	if (export->folder >= 0)
		close(export->folder);
	mem_free(export);
	return code;
}

const char *
queue_export_path(const struct queue_export *export)
{
	return export->path;
}
