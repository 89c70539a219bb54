/*
 * The head of the record, kept where whoever cuts off its tail may not
 * think of: in a file beside it and in the system's log.
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "actions/audit_impl.h"
#include "base/conf.h"
#include "base/num.h"
#include "model/section.h"

enum {
	HEAD_TEXT_MAX = AUDIT_HASH_LEN + 32
};

bool
audit_head_parse(const char *text, struct audit_head *ret_head)
{
	static const char digits[] = "0123456789abcdef";
	const char *colon = strchr(text, ':');
	int64_t seq;

	if (colon == NULL ||
	    !num_parse_i64(text, (size_t)(colon - text), &seq) || seq < 1 ||
	    strlen(colon + 1) != AUDIT_HASH_LEN - 1 ||
	    strspn(colon + 1, digits) != AUDIT_HASH_LEN - 1)
		return false;
	ret_head->seq = seq;
	memcpy(ret_head->hash, colon + 1, AUDIT_HASH_LEN);
	return true;
}

/* FNV-1a of where a store is: its user and password are none of it. */
static uint64_t
store_number(const char *store)
{
	const char *place = strstr(store, "://"), *end, *at;
	uint64_t hash = UINT64_C(14695981039346656037);

	place = place != NULL ? place + 3 : store;
	end = place + strcspn(place, "?");
	while ((at = memchr(place, '@', (size_t)(end - place))) != NULL)
		place = at + 1;
	for (; place < end; place++)
		hash = (hash ^ (unsigned char)*place) * UINT64_C(1099511628211);
	return hash;
}

/* Every record has a head of its own: a store's is told by its number. */
void
audit_anchor_init(struct audit_anchor *anchor, const struct audit_conf *conf)
{
	char number[24] = "";
	int len;

	if (conf->store != NULL)
		snprintf(number, sizeof(number), ".%016" PRIx64,
		    store_number(conf->store));
	len = snprintf(anchor->path, sizeof(anchor->path), "%s%s.head",
	    conf->path, number);
	if (len < 0 || (size_t)len >= sizeof(anchor->path))
		anchor->path[0] = '\0';
	anchor->syslog[0] = '\0';
	if (conf->syslog != NULL && strlen(conf->syslog) < AUDIT_SOCKET_MAX)
		memcpy(anchor->syslog, conf->syslog, strlen(conf->syslog) + 1);
}

/* Replaced as a whole, so that no reader sees half a head. */
static void
keep_in_file(const char *path, const char *text)
{
	char fresh[PLATFORM_PATH_MAX + 32];
	size_t len = strlen(text);
	bool good;
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)gettid());
	unlink(fresh);
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	good = write(fd, text, len) == (ssize_t)len;
	close(fd);
	if (!good || rename(fresh, path) != 0)
		unlink(fresh);
}

/*
 * Not by syslog(3), which waits for a log daemon that has stopped reading:
 * what the socket does not take at once is left out.
 */
static void
keep_in_syslog(const char *socket_path, const char *text)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char line[HEAD_TEXT_MAX + 64];
	int len, fd;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	memcpy(to.sun_path, socket_path, strlen(socket_path) + 1);
	len = snprintf(line, sizeof(line), "<%d>sevtop[%ld]: audit head %s",
	    LOG_AUTHPRIV | LOG_NOTICE, (long)getpid(), text);
	(void)!sendto(fd, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&to, sizeof(to));
	close(fd);
}

void
audit_anchor_keep(
    const struct audit_anchor *anchor, const struct audit_head *head)
{
	char text[HEAD_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64 ":%s", head->seq, head->hash);
	if (anchor->path[0] != '\0')
		keep_in_file(anchor->path, text);
	if (anchor->syslog[0] != '\0')
		keep_in_syslog(anchor->syslog, text);
}

enum err_code
audit_kept_head(
    const struct audit_conf *conf, struct audit_head *ret_head, struct err *err)
{
	struct audit_anchor anchor;
	struct conf_errors errors = { 0 };
	struct buf text = BUF_INIT(HEAD_TEXT_MAX);
	enum err_code code = ERR_NOTFOUND;

	audit_anchor_init(&anchor, conf);
	if (anchor.path[0] != '\0')
		code = conf_read_file(anchor.path, &errors, &text);
	if (code == ERR_NOTFOUND) {
		*ret_head = (struct audit_head) { .seq = 0 };
		code = ERR_OK;
	} else if (code != ERR_OK) {
		err_set(err, code, "audit", "%s: %s", anchor.path,
		    errors.count > 0 ? errors.items[0].msg
				     : err_code_text(code));
	} else if (!audit_head_parse(buf_cstr(&text), ret_head)) {
		code = err_set(err, ERR_BADDATA, "audit",
		    "%s holds no head of a record", anchor.path);
	}
	buf_release(&text);
	return code;
}
