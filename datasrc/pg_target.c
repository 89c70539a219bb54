#include "config.h"

#include "datasrc/pg_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"

static enum err_code
target_wrong(struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, "postgres",
	    "%s; write postgres://user:password@host:port/database, special "
	    "characters of the password as %%40 and the like",
	    what);
}

/* libpq's list of keywords knows name. */
static bool
keyword_known(const PQconninfoOption *known, const char *name, size_t len)
{
	for (; known->keyword != NULL; known++)
		if (strlen(known->keyword) == len &&
		    memcmp(known->keyword, name, len) == 0)
			return true;
	return len == 3 && memcmp(name, "ssl", 3) == 0;
}

static bool
span_is(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(at, word, len) == 0;
}

/* One key=value of the query, unless only other clients know it. */
static void
filter_param(struct buf *out, const char *at, size_t len, char *joint,
    const PQconninfoOption *known, bool *pooled)
{
	const char *equals = memchr(at, '=', len);
	size_t key = equals != NULL ? (size_t)(equals - at) : len;

	if (span_is(at, len, "pgbouncer=true"))
		*pooled = true;
	if (!keyword_known(known, at, key))
		return;
	buf_char(out, *joint);
	*joint = '&';
	/* What node-postgres calls encryption without a check. */
	if (span_is(at, len, "sslmode=no-verify"))
		buf_str(out, "sslmode=require");
	else
		buf_add(out, at, len);
}

/*
 * The URL as libpq can read it. The query begins at the first ? behind the
 * login, which ends at the first @ before a slash, as libpq sees it.
 */
static void
filter_url(const char *rest, const PQconninfoOption *known, struct buf *out,
    bool *pooled)
{
	size_t login = strcspn(rest, "@/");
	size_t from = rest[login] == '@' ? login : 0;
	const char *query = strchr(rest + from, '?');
	char joint = '?';

	buf_str(out, "postgresql://");
	if (query == NULL) {
		buf_str(out, rest);
		return;
	}
	buf_add(out, rest, (size_t)(query - rest));
	for (const char *at = query; *at != '\0';) {
		size_t len = strcspn(at + 1, "&");

		if (len > 0)
			filter_param(out, at + 1, len, &joint, known, pooled);
		at += 1 + len;
	}
}

/* Behind postgres://, postgresql:// or either with "+driver"; or NULL. */
static const char *
url_rest(const char *url)
{
	static const char *const schemes[] = { "postgresql", "postgres" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (strncmp(url, schemes[i], n) != 0)
			continue;
		url += n;
		if (*url == '+')
			url += strcspn(url, ":");
		return strncmp(url, "://", 3) == 0 ? url + 3 : NULL;
	}
	return NULL;
}

/* libpq's own words are not passed on: they quote parts of a password. */
static enum err_code
options_parse(const char *text, PQconninfoOption **ret_options, struct err *err)
{
	char *why = NULL;

	*ret_options = PQconninfoParse(text, &why);
	if (*ret_options != NULL)
		return ERR_OK;
	if (why == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	explicit_bzero(why, strlen(why));
	PQfreemem(why);
	return target_wrong(err, "libpq can't read the url");
}

static enum err_code
target_options(const char *url, struct pg_target *t, struct err *err)
{
	struct buf text = BUF_INIT(PG_URL_MAX);
	const char *rest = url_rest(url);
	PQconninfoOption *known = NULL;
	enum err_code code = options_parse("", &known, err);

	if (code != ERR_OK)
		return code;
	if (rest != NULL)
		filter_url(rest, known, &text, &t->pooled);
	else if (strstr(url, "://") == NULL && strchr(url, '=') != NULL)
		buf_str(&text, url);
	else
		code = target_wrong(
		    err, "this is not the URL of a PostgreSQL server");
	if (code == ERR_OK && text.failed)
		code = err_set(err, ERR_CONFIG, "postgres",
		    "the url is longer than %d bytes", PG_URL_MAX);
	if (code == ERR_OK)
		code = options_parse(buf_cstr(&text), &t->options, err);
	if (text.data != NULL)
		explicit_bzero(text.data, text.cap);
	buf_release(&text);
	PQconninfoFree(known);
	return code;
}

/* Item i of a list with commas; the last one stands for all behind it. */
static size_t
list_item(const char *list, size_t i, const char **ret_at)
{
	for (; i > 0; i--) {
		const char *comma = strchr(list, ',');

		if (comma == NULL)
			break;
		list = comma + 1;
	}
	*ret_at = list;
	return strcspn(list, ",");
}

static size_t
list_count(const char *list)
{
	size_t n = 1;

	for (; *list != '\0'; list++)
		n += *list == ',';
	return n;
}

static enum err_code
host_fill(struct pg_host *host, const char *names, const char *addrs,
    const char *ports, size_t i, struct err *err)
{
	const char *at;
	size_t len;
	int64_t port = PG_PORT;

	len = list_item(names, i, &at);
	if (len >= sizeof(host->name))
		return target_wrong(err, "a host name is too long");
	memcpy(host->name, at, len);
	if (addrs != NULL) {
		len = list_item(addrs, i, &at);
		if (len >= sizeof(host->addr))
			return target_wrong(err, "hostaddr is too long");
		memcpy(host->addr, at, len);
	}
	len = ports != NULL ? list_item(ports, i, &at) : 0;
	if (len > 0 &&
	    (!num_parse_i64(at, len, &port) || port < 1 || port > 65535))
		return target_wrong(
		    err, "the port is not a number from 1 to 65535");
	host->port = (uint16_t)port;
	return ERR_OK;
}

/* The value of the URL, else of the environment, as libpq does; or NULL. */
static const char *
target_or_env(
    const struct pg_target *t, const char *keyword, const char *variable)
{
	const char *value = pg_target_option(t, keyword);

	if (value == NULL)
		value = getenv(variable);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum err_code
target_hosts(struct pg_target *t, struct err *err)
{
	const char *names = target_or_env(t, "host", "PGHOST");
	const char *addrs = target_or_env(t, "hostaddr", "PGHOSTADDR");
	const char *ports = target_or_env(t, "port", "PGPORT");
	enum err_code code = ERR_OK;
	size_t count;

	if (names == NULL)
		names = addrs;
	if (names == NULL) {
		t->host_count = 1;
		return host_fill(&t->hosts[0], "", NULL, ports, 0, err);
	}
	count = list_count(names);
	if (count > PG_HOSTS_MAX)
		return err_set(err, ERR_CONFIG, "postgres",
		    "the url names more than %d hosts", PG_HOSTS_MAX);
	for (size_t i = 0; i < count && code == ERR_OK; i++)
		code = host_fill(&t->hosts[i], names, addrs, ports, i, err);
	t->host_count = count;
	return code;
}

enum err_code
pg_target_parse(const char *url, struct pg_target *ret_target, struct err *err)
{
	struct pg_target t = PG_TARGET_INIT;
	enum err_code code = target_options(url, &t, err);

	if (code == ERR_OK)
		code = target_hosts(&t, err);
	if (code == ERR_OK)
		*ret_target = t;
	else
		pg_target_release(&t);
	return code;
}

void
pg_target_release(struct pg_target *target)
{
	for (PQconninfoOption *o = target->options;
	     o != NULL && o->keyword != NULL; o++)
		if (o->val != NULL)
			explicit_bzero(o->val, strlen(o->val));
	PQconninfoFree(target->options);
	*target = (struct pg_target)PG_TARGET_INIT;
}

const char *
pg_target_option(const struct pg_target *target, const char *keyword)
{
	for (const PQconninfoOption *o = target->options;
	     o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val;
	return NULL;
}

bool
pg_target_is_local(const struct pg_target *target, size_t host)
{
	const struct pg_host *h = &target->hosts[host];

	/* @ begins the abstract name of a socket. */
	return h->addr[0] == '\0' &&
	       (h->name[0] == '/' || h->name[0] == '@' || h->name[0] == '\0');
}

char *
pg_target_text(
    const struct pg_target *target, size_t host, char out[PG_TARGET_TEXT_LEN])
{
	const struct pg_host *h = &target->hosts[host];
	const char *name = pg_target_option(target, "dbname");
	bool v6 = strchr(h->name, ':') != NULL;

	snprintf(out, PG_TARGET_TEXT_LEN, "%s%s%s:%u%s%.64s", v6 ? "[" : "",
	    h->name[0] != '\0' ? h->name : "local socket", v6 ? "]" : "",
	    h->port, name != NULL ? "/" : "", name != NULL ? name : "");
	return out;
}
