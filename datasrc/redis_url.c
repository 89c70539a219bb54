#include "config.h"

#include "datasrc/redis_url.h"

#include <stdio.h>
#include <string.h>

/* Part of a URL; the bytes belong to the caller's text. */
struct span {
	const char *at;
	size_t len;
};

static enum err_code
url_wrong(struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, "redis",
	    "%s; write redis://user:password@host:port/0, rediss:// for TLS, "
	    "or unix:///path",
	    what);
}

/* What is before the first byte of stop; *rest is what is from there on. */
static struct span
span_until(struct span s, char stop, struct span *rest)
{
	const char *hit = s.len > 0 ? memchr(s.at, stop, s.len) : NULL;
	struct span head = s;

	if (hit == NULL) {
		*rest = (struct span) { s.at + s.len, 0 };
		return s;
	}
	head.len = (size_t)(hit - s.at);
	*rest = (struct span) { hit, s.len - head.len };
	return head;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Percent-decodes into a C string; false when too long or with a NUL. */
static bool
span_decode(struct span s, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c == '%') {
			bool whole = i + 2 < s.len;
			int hi = whole ? hex_digit(s.at[i + 1]) : -1;
			int lo = whole ? hex_digit(s.at[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		if (c == '\0' || n + 1 >= cap)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/* Decimal number up to max; false when it is none. */
static bool
span_number(struct span s, uint32_t max, uint32_t *ret)
{
	uint32_t v = 0;

	if (s.len == 0 || s.len > 9)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		v = v * 10 + (uint32_t)(s.at[i] - '0');
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

static bool
span_skip(struct span *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->len < n || memcmp(s->at, prefix, n) != 0)
		return false;
	s->at += n;
	s->len -= n;
	return true;
}

/* user, :password or user:password before the @. */
static enum err_code
url_login(struct span login, struct redis_target *t, struct err *err)
{
	struct span pass, user = span_until(login, ':', &pass);

	span_skip(&pass, ":");
	if (!span_decode(user, t->user, sizeof(t->user)))
		return url_wrong(err, "the user name is too long or not "
				      "percent-encoded");
	if (!span_decode(pass, t->pass, sizeof(t->pass)))
		return url_wrong(err, "the password is too long or not "
				      "percent-encoded");
	return ERR_OK;
}

static enum err_code
url_host(struct span place, struct redis_target *t, struct err *err)
{
	struct span host, rest;
	uint32_t port = REDIS_PORT;

	if (span_skip(&place, "[")) {
		host = span_until(place, ']', &rest);
		if (!span_skip(&rest, "]"))
			return url_wrong(err, "the address lacks its ]");
	} else {
		host = span_until(place, ':', &rest);
	}
	if (host.len == 0)
		host = (struct span) { "127.0.0.1", 9 };
	if (!span_decode(host, t->host, sizeof(t->host)))
		return url_wrong(err, "the host name is too long");
	if (rest.len > 0 && (!span_skip(&rest, ":") ||
				!span_number(rest, 65535, &port) || port == 0))
		return url_wrong(err, "the port is not a number up to 65535");
	t->port = (uint16_t)port;
	return ERR_OK;
}

/* "/2" or nothing; a query ("?family=4") is for other clients. */
static enum err_code
url_db(struct span path, struct redis_target *t, struct err *err)
{
	if (!span_skip(&path, "/") || path.len == 0)
		return ERR_OK;
	if (!span_number(path, REDIS_DB_MAX, &t->db))
		return url_wrong(err, "the database behind / is not a number");
	return ERR_OK;
}

static enum err_code
url_unix(struct span rest, struct redis_target *t, struct err *err)
{
	struct span query, path, db;
	enum err_code code = ERR_OK;
	struct span login = span_until(rest, '/', &path);

	if (login.len > 0) {
		login.len--;
		if (login.at[login.len] != '@')
			return url_wrong(err, "unix:// needs a path from /");
		code = url_login(login, t, err);
	}
	if (code != ERR_OK)
		return code;
	path = span_until(path, '?', &query);
	if (path.len == 0 || !span_decode(path, t->path, sizeof(t->path)))
		return url_wrong(err, "the path of the socket is missing or "
				      "longer than 107 bytes");
	if (!span_skip(&query, "?db="))
		return ERR_OK;
	db = span_until(query, '&', &query);
	if (!span_number(db, REDIS_DB_MAX, &t->db))
		return url_wrong(err, "db= is not a number");
	return ERR_OK;
}

/* The @ that ends the login is the last one before the path. */
static struct span
url_split_login(struct span authority, struct span *login)
{
	const char *at = memrchr(authority.at, '@', authority.len);

	*login = (struct span) { authority.at, 0 };
	if (at == NULL)
		return authority;
	login->len = (size_t)(at - authority.at);
	return (struct span) { at + 1, authority.len - login->len - 1 };
}

static enum err_code
url_tcp(struct span rest, struct redis_target *t, struct err *err)
{
	struct span query, path, login, place;
	enum err_code code;

	rest = span_until(rest, '?', &query);
	rest = span_until(rest, '/', &path);
	place = url_split_login(rest, &login);
	code = url_login(login, t, err);
	if (code == ERR_OK)
		code = url_host(place, t, err);
	if (code == ERR_OK)
		code = url_db(path, t, err);
	return code;
}

enum err_code
redis_url_parse(
    const char *url, struct redis_target *ret_target, struct err *err)
{
	struct redis_target t = { .port = 0 };
	struct span rest = { url, strlen(url) };
	enum err_code code;

	if (span_skip(&rest, "unix://")) {
		code = url_unix(rest, &t, err);
	} else if (span_skip(&rest, "redis://")) {
		code = url_tcp(rest, &t, err);
	} else if (span_skip(&rest, "rediss://")) {
		t.tls = true;
		code = url_tcp(rest, &t, err);
	} else {
		code = url_wrong(err, "this is not the URL of a Redis server");
	}
	if (code == ERR_OK)
		*ret_target = t;
	redis_target_wipe(&t);
	return code;
}

void
redis_target_wipe(struct redis_target *target)
{
	explicit_bzero(target->pass, sizeof(target->pass));
}

char *
redis_target_text(
    const struct redis_target *target, char out[REDIS_TARGET_TEXT_LEN])
{
	char db[16] = "";

	if (target->db > 0)
		snprintf(db, sizeof(db), "/%u", target->db);
	if (target->path[0] != '\0')
		snprintf(out, REDIS_TARGET_TEXT_LEN, "%s", target->path);
	else
		snprintf(out, REDIS_TARGET_TEXT_LEN, "%s:%u%s", target->host,
		    target->port, db);
	return out;
}
