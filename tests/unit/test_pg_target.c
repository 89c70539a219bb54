#include "datasrc/pg_target.h"

#include <stdlib.h>

#include "base/attr.h"
#include "tests/tap.h"

static struct pg_target target;
static struct err err;

static bool
parses(const char *url)
{
	pg_target_release(&target);
	err_clear(&err);
	return pg_target_parse(url, &target, &err) == ERR_OK;
}

static const char *
place(size_t host)
{
	static char text[PG_TARGET_TEXT_LEN];

	return pg_target_text(&target, host, text);
}

static const char *
option(const char *keyword)
{
	const char *value = pg_target_option(&target, keyword);

	return value != NULL ? value : "(none)";
}

static void
test_forms(void)
{
	ok(parses("postgres://app:s%40cret@db.example.com:6432/shop"), "whole");
	is_str(place(0), "db.example.com:6432/shop", "place");
	is_str(option("user"), "app", "user");
	is_str(option("password"), "s@cret", "password, decoded");
	ok(parses("postgresql://db/shop"), "the other scheme");
	is_int(target.hosts[0].port, 5432, "the usual port");
	ok(parses("postgresql+psycopg2://app@db/shop"), "with a driver");
	is_str(place(0), "db:5432/shop", "which is left out");
	ok(parses("postgres://[::1]:5433/shop"), "IPv6");
	is_str(place(0), "[::1]:5433/shop", "in brackets");
	ok(parses("host=db port=6000 dbname='the shop' user=app"), "keywords");
	is_str(place(0), "db:6000/the shop", "place");
	ok(parses("postgres:///shop?host=/run/pg&user=app"), "a socket");
	ok(pg_target_is_local(&target, 0), "is local");
	ok(parses("postgres://%2Frun%2Fpg/shop"), "a socket as the host");
	ok(pg_target_is_local(&target, 0), "is local as well");
	ok(parses("postgres:///shop"), "no host");
	ok(pg_target_is_local(&target, 0), "is libpq's own socket");
	ok(!target.pooled, "no pooler unless said so");
}

/* What other clients put behind the question mark. */
static void
test_other_clients(void)
{
	ok(parses("postgres://app:pw@db/shop?schema=public&connection_limit=5"
		  "&sslmode=require&pool_timeout=3"),
	    "Prisma's parameters");
	is_str(option("sslmode"), "require", "those of libpq stay");
	ok(parses("postgres://app:p?w@db/shop?schema=public"),
	    "a question mark in the password");
	is_str(option("password"), "p?w", "stays there");
	ok(parses("postgres://db/shop?pgbouncer=true&sslmode=prefer"),
	    "behind PgBouncer");
	ok(target.pooled, "is known");
	ok(parses("postgres://db/shop?sslmode=no-verify"), "node-postgres");
	is_str(option("sslmode"), "require", "in libpq's word");
	ok(parses("postgres://db/shop?ssl=true"), "ssl=true");
	is_str(option("sslmode"), "require", "is require");
	ok(parses("postgres://db/shop?"), "an empty query");
	ok(parses("postgres://db/shop?&&"), "and an odd one");
}

static void
test_lists(void)
{
	ok(parses("postgres://a,b:5433,c:5434/shop?"
		  "target_session_attrs=read-write"),
	    "three hosts");
	is_int((int64_t)target.host_count, 3, "are three");
	is_str(place(0), "a:5432/shop", "the first");
	is_str(place(2), "c:5434/shop", "the last");
	ok(parses("host=a,b port=6000"), "one port");
	is_str(place(1), "b:6000", "for all");
	ok(parses("host=db hostaddr=192.0.2.1"), "an address");
	is_str(target.hosts[0].addr, "192.0.2.1", "beside the name");
	ok(!parses("postgres://a,b,c,d,e,f,g,h,i/shop"), "nine are too many");
}

/* Nothing of a wrong URL gets out: it holds a password somewhere. */
static void
test_wrong(void)
{
	static const char *const urls[] = {
		"http://u:hunter2@db/shop",
		"mysql://u:hunter2@db/shop",
		"u:hunter2@db/shop",
		"postgres:/u:hunter2@db",
		"postgres://u:hunter2@[bad/db",
		"postgres://u:hunter2%zz@db/shop",
		"postgres://u:hunter2/x@db/shop",
		"postgres://u@db:hunter2/shop",
		"postgres://db/shop?sslmode",
		"host=db password='hunter2",
		"",
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		ok(!parses(urls[i]) && err.code == ERR_CONFIG, "refused: %s",
		    err_text(&err));
		ok(strstr(err.msg, "hunter2") == NULL, "without its password");
	}
}

static void
test_environment(void)
{
	setenv("PGHOST", "other", 1);
	setenv("PGPORT", "7000", 1);
	ok(parses("postgres:///shop"), "what the url leaves open");
	is_str(place(0), "other:7000/shop", "comes from the environment");
	ok(parses("postgres://db:1/shop"), "what it says");
	is_str(place(0), "db:1/shop", "wins");
	unsetenv("PGHOST");
	unsetenv("PGPORT");
}

int
main(void)
{
	unsetenv("PGHOST");
	unsetenv("PGHOSTADDR");
	unsetenv("PGPORT");
	test_forms();
	test_other_clients();
	test_lists();
	test_wrong();
	test_environment();
	pg_target_release(&target);
	return tap_done();
}
