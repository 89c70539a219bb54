#include "config.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret_cmd.h"

/*
 * One mapping of its own per secret: so that the flags below touch nothing
 * else, and so that no allocator keeps a copy behind.
 */
struct secret {
	size_t map_len;
	size_t len;
	char bytes[];
};

static struct secret *
secret_map(size_t cap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t need = sizeof(struct secret) + cap + 1;
	size_t map_len = (need + page - 1) / page * page;
	struct secret *secret = mmap(NULL, map_len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	/* Both may be refused; the secret is then as safe as before. */
	(void)mlock(secret, map_len);
#ifdef MADV_DONTDUMP
	(void)madvise(secret, map_len, MADV_DONTDUMP);
#endif
	secret->map_len = map_len;
	return secret;
}

static void
secret_wipe(void *bytes, size_t len)
{
#ifdef HAVE_EXPLICIT_BZERO
	explicit_bzero(bytes, len);
#else
	volatile char *p = bytes;

	while (len-- > 0)
		*p++ = '\0';
#endif
}

struct secret *
secret_free(struct secret *secret)
{
	size_t map_len;

	if (secret == NULL)
		return NULL;
	map_len = secret->map_len;
	secret_wipe(secret, map_len);
	munmap(secret, map_len);
	return NULL;
}

enum err_code
secret_new(
    const void *bytes, size_t len, struct secret **ret_secret, struct err *err)
{
	struct secret *secret;

	if (len > SECRET_MAX)
		return err_set(err, ERR_TOOBIG, "secret",
		    "a secret is longer than %d bytes", SECRET_MAX);
	secret = secret_map(len);
	if (secret == NULL)
		return err_set(
		    err, ERR_NOMEM, "secret", "no memory for a secret");
	if (len != 0)
		memcpy(secret->bytes, bytes, len);
	secret->len = len;
	*ret_secret = secret;
	return ERR_OK;
}

enum secret_kind
secret_ref_kind(const char *ref)
{
	if (strncmp(ref, "env:", 4) == 0)
		return SECRET_ENV;
	if (strncmp(ref, "file:", 5) == 0)
		return SECRET_FILE;
	if (strncmp(ref, "cmd:", 4) == 0)
		return SECRET_CMD;
	return SECRET_LITERAL;
}

static enum err_code
secret_from_env(const char *name, struct secret **ret_secret, struct err *err)
{
	const char *value = *name != '\0' ? getenv(name) : NULL;

	if (value == NULL)
		return err_set(err, ERR_NOTFOUND, "secret",
		    "the environment has no %s; set it or change env:%s", name,
		    name);
	if (*value == '\0')
		return err_set(err, ERR_NOTFOUND, "secret",
		    "%s is set but empty in the environment", name);
	return secret_new(value, strlen(value), ret_secret, err);
}

/* Whether somebody else could read or replace what the file says. */
static enum err_code
secret_file_check(const char *path, const struct stat *st, struct err *err)
{
	mode_t others = st->st_uid == 0 ? 037 : 077;

	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_CONFIG, "secret",
		    "%s is not a regular file", path);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, ERR_FORBIDDEN, "secret",
		    "%s belongs to user %ld, not to us or root", path,
		    (long)st->st_uid);
	if ((st->st_mode & others) != 0)
		return err_set(err, ERR_FORBIDDEN, "secret",
		    "%s is open to others (mode %04o); run: chmod 600 %s", path,
		    (unsigned)(st->st_mode & 07777), path);
	if (st->st_size > SECRET_MAX)
		return err_set(err, ERR_TOOBIG, "secret",
		    "%s is longer than %d bytes", path, SECRET_MAX);
	return ERR_OK;
}

static enum err_code
secret_file_open(const char *path, int *ret_fd, struct err *err)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);

	if (fd >= 0) {
		*ret_fd = fd;
		return ERR_OK;
	}
	if (errno == ELOOP)
		return err_set(err, ERR_FORBIDDEN, "secret",
		    "%s is a symbolic link; name the file itself", path);
	if (errno == ENOENT)
		return err_set(
		    err, ERR_NOTFOUND, "secret", "there is no file %s", path);
	return err_set_errno(err, errno == EACCES ? ERR_FORBIDDEN : ERR_IO,
	    "secret", errno, "opening %s", path);
}

/* Up to SECRET_MAX bytes and one more, by which too long is seen. */
static enum err_code
secret_file_read(const char *path, char *out, size_t *ret_len, struct err *err)
{
	enum err_code code;
	struct stat st;
	ssize_t n = 0;
	int fd = -1;

	*ret_len = 0;
	code = secret_file_open(path, &fd, err);
	if (code != ERR_OK)
		return code;
	if (fstat(fd, &st) != 0)
		code = err_set_errno(
		    err, ERR_IO, "secret", errno, "looking at %s", path);
	else
		code = secret_file_check(path, &st, err);
	while (code == ERR_OK && *ret_len <= SECRET_MAX) {
		n = read(fd, out + *ret_len, SECRET_MAX + 1 - *ret_len);
		if (n > 0)
			*ret_len += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	if (code == ERR_OK && n < 0)
		code = err_set_errno(
		    err, ERR_IO, "secret", errno, "reading %s", path);
	if (code == ERR_OK && *ret_len > SECRET_MAX)
		code = err_set(err, ERR_TOOBIG, "secret",
		    "%s is longer than %d bytes", path, SECRET_MAX);
	close(fd);
	return code;
}

static size_t
secret_chomp(const char *bytes, size_t len)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	return len;
}

/* Reads into memory that is wiped, whatever happens. */
static enum err_code
secret_from_outside(const char *ref, enum secret_kind kind,
    const struct cancel *cancel, struct secret **ret_secret, struct err *err)
{
	int64_t deadline = clock_now() + SECRET_CMD_MS * NS_PER_MS;
	struct secret *raw = secret_map(SECRET_MAX + 1);
	enum err_code code;

	if (raw == NULL)
		return err_set(
		    err, ERR_NOMEM, "secret", "no memory for a secret");
	if (kind == SECRET_FILE)
		code = secret_file_read(
		    ref + strlen("file:"), raw->bytes, &raw->len, err);
	else
		code = secret_cmd_run(ref + strlen("cmd:"), deadline, cancel,
		    raw->bytes, SECRET_MAX, &raw->len, err);
	if (code != ERR_OK)
		goto out;
	raw->len = secret_chomp(raw->bytes, raw->len);
	if (raw->len == 0)
		code = err_set(
		    err, ERR_CONFIG, "secret", "%.80s gave nothing", ref);
	else if (memchr(raw->bytes, '\0', raw->len) != NULL)
		code = err_set(err, ERR_CONFIG, "secret",
		    "%.80s holds a NUL byte: that is no secret", ref);
	else
		code = secret_new(raw->bytes, raw->len, ret_secret, err);
out:
	secret_free(raw);
	return code;
}

enum err_code
secret_from_ref(const char *ref, const struct cancel *cancel,
    struct secret **ret_secret, struct err *err)
{
	enum secret_kind kind = secret_ref_kind(ref);

	if (kind == SECRET_ENV)
		return secret_from_env(ref + strlen("env:"), ret_secret, err);
	if (kind != SECRET_LITERAL)
		return secret_from_outside(ref, kind, cancel, ret_secret, err);
	return secret_new(ref, strlen(ref), ret_secret, err);
}

const char *
secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

size_t
secret_len(const struct secret *secret)
{
	return secret->len;
}

bool
secret_equal_bytes(const struct secret *a, const void *bytes, size_t len)
{
	const unsigned char *x = (const unsigned char *)a->bytes, *y = bytes;
	volatile unsigned char differs = 0;

	if (a->len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return secret_equal_bytes(a, b->bytes, b->len);
}
