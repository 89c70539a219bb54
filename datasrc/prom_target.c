#include "datasrc/prom_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "datasrc/prom_conf.h"
#include "datasrc/url.h"

/*
 * "host:port", "host:port/path" or a URL to the URL that is asked and the
 * name that is shown. What the name leaves out is what all share: the
 * scheme http and the usual path; and always user, password and query.
 */
static enum err_code
target_fill(struct prom_target *target, const char *spec,
    const struct prom_conf *conf, struct err *err)
{
	struct buf whole = BUF_INIT(PROM_URL_MAX),
		   name = BUF_INIT(PROM_URL_MAX);
	struct url url = { .scheme = NULL };
	enum err_code code;
	size_t len, path_len = strlen(conf->path);
	const char *shown;

	target->latency_ns = -1;
	if (strstr(spec, "://") == NULL)
		buf_str(&whole, "http://");
	buf_str(&whole, spec);
	code = url_parse(buf_cstr(&whole), &url, err);
	if (code == ERR_OK && strcmp(url.scheme, "http") != 0 &&
	    strcmp(url.scheme, "https") != 0)
		code = err_set(err, ERR_CONFIG, "prometheus",
		    "a target is host:port or a http or https URL");
	if (code != ERR_OK)
		goto out;
	if (strcmp(url.path, "/") == 0 && url.query == NULL) {
		if (whole.data[whole.len - 1] == '/')
			whole.len--;
		buf_str(&whole, conf->path[0] == '/' ? "" : "/");
		buf_str(&whole, conf->path);
	}
	url_show(&name, buf_cstr(&whole));
	shown = buf_cstr(&name);
	if (strncmp(shown, "http://", 7) == 0)
		shown += 7;
	len = strlen(shown);
	if (len > path_len && strcmp(shown + len - path_len, conf->path) == 0)
		name.data[name.len - path_len] = '\0';
	target->url = mem_strdup(buf_cstr(&whole));
	target->name = mem_strdup(shown);
	if (whole.failed || name.failed)
		code = err_set(err, ERR_CONFIG, "prometheus",
		    "a target has at most %d bytes", PROM_URL_MAX);
	else if (target->url == NULL || target->name == NULL)
		code = err_set(
		    err, ERR_NOMEM, "prometheus", "no memory for targets");
out:
	url_release(&url);
	buf_release(&whole);
	buf_release(&name);
	return code;
}

static enum err_code
target_add(struct prom_targets *targets, const char *spec,
    const struct prom_conf *conf, struct err *err)
{
	struct prom_target *items;
	size_t cap = targets->count;

	if (targets->count == PROM_TARGETS_MAX)
		return err_set(err, ERR_CONFIG, "prometheus",
		    "more than %d targets", PROM_TARGETS_MAX);
	/* Grows when the count is a power of two. */
	if ((cap & (cap - 1)) == 0) {
		items = mem_realloc(
		    targets->items, cap != 0 ? cap * 2 : 1, sizeof(*items));
		if (items == NULL)
			return err_set(err, ERR_NOMEM, "prometheus",
			    "no memory for targets");
		targets->items = items;
	}
	targets->items[cap] = (struct prom_target) { .code = ERR_OK };
	targets->count++;
	return target_fill(&targets->items[cap], spec, conf, err);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Makes the lists of names and URLs; no two names may be the same. */
static enum err_code
lists_fill(struct prom_targets *targets, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	if (targets->count == 0)
		return err_set(err, ERR_CONFIG, "prometheus",
		    "there is no target in the list");
	targets->names = mem_calloc(targets->count, sizeof(*targets->names));
	targets->urls = mem_calloc(targets->count, sizeof(*targets->urls));
	if (targets->names == NULL || targets->urls == NULL)
		return err_set(
		    err, ERR_NOMEM, "prometheus", "no memory for targets");
	for (i = 0; i < targets->count; i++)
		targets->names[i] = targets->items[i].name;
	qsort(targets->names, targets->count, sizeof(*targets->names),
	    compare_names);
	for (i = 1; code == ERR_OK && i < targets->count; i++)
		if (strcmp(targets->names[i - 1], targets->names[i]) == 0)
			code = err_set(err, ERR_CONFIG, "prometheus",
			    "target %s is there twice", targets->names[i]);
	for (i = 0; i < targets->count; i++) {
		targets->names[i] = targets->items[i].name;
		targets->urls[i] = targets->items[i].url;
	}
	return code;
}

static int64_t
mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * NS_PER_SEC + st->st_mtim.tv_nsec;
}

/* The whole file, which is small, into text. */
static enum err_code
file_read(const char *path, struct buf *text, struct prom_targets *targets,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum err_code code = ERR_OK;
	struct stat st;
	ssize_t n = 1;
	char *to;

	if (fd < 0)
		return err_set_errno(err,
		    errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "prometheus",
		    errno, "targets_file %s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		code = err_set(err, ERR_IO, "prometheus",
		    "targets_file %s is no regular file", path);
	while (code == ERR_OK && n > 0) {
		to = buf_reserve(text, 4096);
		n = to != NULL ? read(fd, to, 4096) : -1;
		if (to == NULL)
			code = err_set(err, ERR_TOOBIG, "prometheus",
			    "targets_file %s is larger than %zu bytes", path,
			    text->max);
		else if (n < 0)
			code = err_set_errno(err, ERR_IO, "prometheus", errno,
			    "targets_file %s", path);
		else
			text->len += (size_t)n;
	}
	if (code == ERR_OK) {
		targets->file_mtime = mtime_of(&st);
		targets->file_inode = st.st_ino;
		targets->file_size = st.st_size;
	}
	close(fd);
	return code;
}

/* One target a line; blanks around it, empty lines and # comments pass. */
static enum err_code
file_load(
    struct prom_targets *targets, const struct prom_conf *conf, struct err *err)
{
	struct buf text = BUF_INIT(PROM_FILE_MAX);
	enum err_code code = file_read(conf->targets_file, &text, targets, err);
	char *line, *rest = text.data, *end;
	unsigned number = 0;

	if (text.data != NULL)
		text.data[text.len] = '\0';
	while (code == ERR_OK && text.len != 0 && rest != NULL) {
		line = rest;
		number++;
		rest = strchr(line, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t\r");
		end = line + strlen(line);
		while (end > line && strchr(" \t\r", end[-1]) != NULL)
			*--end = '\0';
		if (*line == '\0')
			continue;
		code = target_add(targets, line, conf, err);
		if (code != ERR_OK)
			err_prefix(err, "%s:%u", conf->targets_file, number);
	}
	buf_release(&text);
	return code;
}

enum err_code
prom_targets_load(
    struct prom_targets *targets, const struct prom_conf *conf, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	if (conf->targets_file != NULL)
		code = file_load(targets, conf, err);
	else if (conf->http.url != NULL)
		code = target_add(targets, conf->http.url, conf, err);
	for (i = 0; code == ERR_OK && i < conf->targets.count; i++) {
		code = target_add(targets, conf->targets.items[i], conf, err);
		if (code != ERR_OK)
			err_prefix(err, "target %zu", i + 1);
	}
	if (code == ERR_OK)
		code = lists_fill(targets, err);
	return code;
}

void
prom_targets_inherit(
    struct prom_targets *targets, const struct prom_targets *old, size_t *from)
{
	size_t i, at = 0, looked;

	for (i = 0; i < targets->count; i++) {
		struct prom_target *target = &targets->items[i];
		char *name = target->name, *url = target->url;

		/* Lists mostly keep their order: look behind the last one. */
		for (looked = 0; looked < old->count; looked++, at++)
			if (strcmp(old->names[at % old->count], name) == 0)
				break;
		from[i] = SERIES_NEW;
		if (looked == old->count)
			continue;
		from[i] = at++ % old->count;
		*target = old->items[from[i]];
		target->name = name;
		target->url = url;
	}
}

bool
prom_targets_changed(
    const struct prom_targets *targets, const struct prom_conf *conf)
{
	struct stat st;

	/* The time alone can stay the same within a tick of the kernel. */
	return conf->targets_file != NULL &&
	       stat(conf->targets_file, &st) == 0 &&
	       (mtime_of(&st) != targets->file_mtime ||
		   st.st_ino != targets->file_inode ||
		   st.st_size != targets->file_size);
}

void
prom_targets_release(struct prom_targets *targets)
{
	size_t i;

	for (i = 0; i < targets->count; i++) {
		mem_free(targets->items[i].name);
		mem_free(targets->items[i].url);
	}
	mem_free(targets->items);
	mem_free(targets->names);
	mem_free(targets->urls);
	*targets = (struct prom_targets)PROM_TARGETS_INIT;
}
