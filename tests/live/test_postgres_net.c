/*
 * The way to a PostgreSQL server: passwords, TLS, several hosts, a pooler in
 * front, and sockets behind which there is none. Each state has its words,
 * no wait outlives its deadline, and what came back is found by itself.
 */
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/clock.h"
#include "tests/live/certs.h"
#include "tests/live/pg_server.h"
#include "tests/live/polled.h"
#include "tests/live/redis_server.h"
#include "tests/tap.h"

/* Long enough for a busy machine; only a failure takes that long. */
#define PATIENCE (20 * NS_PER_SEC)

static struct pg_server server;
static PGconn *admin;
static char certs[] = "/tmp/sevtop-cert-XXXXXX";
static bool with_certs;
static int64_t poll_ns = NS_PER_SEC; /* the deadline of a poll */

/* A url of the server by TCP; host as the certificate may know it. */
static const char *
tcp(const char *user, const char *host, const char *more)
{
	static char url[400];

	snprintf(url, sizeof(url), "postgres://%s@%s:%d/postgres%s", user, host,
	    server.port, more);
	return url;
}

static const char *
yaml_of(const char *url, const char *more)
{
	static char yaml[1024];

	snprintf(yaml, sizeof(yaml), "url: \"%s\"\n%s", url, more);
	return yaml;
}

/* One poll of a source of its own: the code, and words that are in why. */
static bool
says(const char *url, const char *more, enum err_code want, const char *words,
    struct err *ret_err)
{
	struct polled p;
	enum err_code code;

	if (!polled_open(&p, &src_postgres, yaml_of(url, more)))
		return false;
	code = polled_once(&p, poll_ns);
	*ret_err = p.err;
	polled_close(&p);
	return code == want && strstr(err_text(ret_err), words) != NULL;
}

static void
poll_says(
    const char *url, const char *more, enum err_code want, const char *words)
{
	int64_t start = clock_now();
	struct err err = ERR_INIT;
	bool good = says(url, more, want, words, &err);

	ok(good, "%s, %s: %s", err_code_name(want), words, err_text(&err));
	ok(strstr(err_text(&err), "sesame") == NULL, "without a password");
	ok(clock_now() - start < 3 * poll_ns, "in time");
}

/* The same once the server has read its configuration again. */
static void
soon_says(
    const char *url, const char *more, enum err_code want, const char *words)
{
	int64_t deadline = clock_now() + PATIENCE;
	struct err err = ERR_INIT;

	while (!says(url, more, want, words, &err) && clock_now() < deadline)
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	poll_says(url, more, want, words);
}

static void
test_errors(void)
{
	char url[200];

	poll_says(tcp("app:sesame1", "127.0.0.1", ""), "", ERR_OK, "");
	poll_says(tcp("app:sesame2", "127.0.0.1", ""), "", ERR_AUTH,
	    "password or user refused");
	poll_says(tcp("nobody:sesame", "127.0.0.1", ""), "", ERR_AUTH,
	    "password or user refused");
	poll_says(tcp("app", "127.0.0.1", ""), "", ERR_AUTH, "gives none");
	snprintf(url, sizeof(url), "postgres://app:sesame1@127.0.0.1:%d/none",
	    server.port);
	poll_says(url, "", ERR_NOTFOUND, "no such database");
	pg_do(admin, "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
	snprintf(url, sizeof(url), "postgres://app:sesame1@127.0.0.1:%d/closed",
	    server.port);
	poll_says(url, "", ERR_FORBIDDEN, "lacks a right");
	snprintf(url, sizeof(url), "postgres://app@127.0.0.1:%d/postgres",
	    redis_server_free_port());
	poll_says(url, "", ERR_REFUSED, "is the server running");
	poll_says("postgres:///postgres?host=/nowhere", "", ERR_REFUSED,
	    "no such socket");
	poll_says("postgres://app@no.such.host.invalid/postgres", "", ERR_DNS,
	    "no.such.host.invalid");
	poll_says(tcp("app:sesame1", "127.0.0.1", "?sslmode=maybe"), "",
	    ERR_CONFIG, "sslmode");
	poll_says(
	    tcp("app:sesame1", "127.0.0.1", "?target_session_attrs=standby"),
	    "", ERR_SERVER, "is a primary, and the url wants a standby");
	poll_says(
	    tcp("app:sesame1", "127.0.0.1", "?target_session_attrs=read-write"),
	    "", ERR_OK, "");
}

/* The kept connection lives on; a new one needs the new password. */
static void
test_password(void)
{
	char path[] = "/tmp/sevtop-pw-XXXXXX", more[80];
	struct polled p;
	int fd = mkostemp(path, O_CLOEXEC);

	ok(fd >= 0 && write(fd, "sesame1\n", 8) == 8, "a password file");
	snprintf(more, sizeof(more), "password: file:%s\n", path);
	if (!ok(polled_open(&p, &src_postgres,
		    yaml_of(tcp("app", "127.0.0.1", ""), more)),
		"opens"))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "the right password");
	pg_do(admin, "ALTER ROLE app PASSWORD 'sesame3'");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "changed: still in");
	pg_do(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		     "WHERE usename = 'app'");
	is_int(polled_once(&p, PATIENCE), ERR_AUTH, "until thrown out");
	ok(strstr(err_text(&p.err), "was it changed?") != NULL, "says: %s",
	    err_text(&p.err));
	ok(pwrite(fd, "sesame3\n", 8, 0) == 8, "the new one");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "is found by itself");
	pg_do(admin, "ALTER ROLE app PASSWORD 'sesame1'");
	polled_close(&p);
	close(fd);
	unlink(path);
}

/* TLS ------------------------------------------------------------------------
 */

/* A file of the certificates as a file of the server. */
static bool
install(const char *name, const char *end, const char *as)
{
	char path[120], text[8192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.%s", certs, name, end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 && pg_server_file(&server, as, text);
}

/* The server shows another certificate from now on. */
static bool
use_certificate(const char *name)
{
	return install(name, "pem", "server.crt") &&
	       install(name, "key", "server.key") &&
	       pg_do(admin, "SELECT pg_reload_conf()");
}

static void
test_certificate(void)
{
	struct polled p;

	if (!polled_open(&p, &src_postgres,
		yaml_of(
		    tcp("app:sesame1", "localhost", "?sslmode=require"), "")))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "a poll through TLS");
	is_near(polled_metric(&p, "pg_certificate_days", NULL), 1, 1,
	    "its certificate lasts two days");
	polled_close(&p);
}

static void
test_tls(void)
{
	static const char full[] = "?sslmode=verify-full";
	char ca[160], self[160], none[160];

	snprintf(ca, sizeof(ca), "ca: %s/ca.pem\n", certs);
	snprintf(self, sizeof(self), "ca: %s/self.pem\n", certs);
	snprintf(none, sizeof(none), "ca: %s/none.pem\n", certs);
	poll_says(tcp("app:sesame1", "localhost", "?sslmode=require"), "",
	    ERR_TLS, "does not speak TLS");
	if (!use_certificate("tls") ||
	    !pg_do(admin, "ALTER SYSTEM SET ssl = on") ||
	    !pg_do(admin, "SELECT pg_reload_conf()")) {
		skip("this server has no TLS");
		return;
	}
	soon_says(tcp("app:sesame1", "localhost", ""), ca, ERR_OK, "");
	test_certificate();
	poll_says(tcp("app:sesame1", "localhost", full), ca, ERR_OK, "");
	poll_says(tcp("app:sesame1", "127.0.0.1", ""), ca, ERR_TLS,
	    "is for localhost");
	poll_says(tcp("app:sesame1", "127.0.0.1", "?sslmode=verify-ca"), ca,
	    ERR_OK, "");
	poll_says(tcp("app:sesame1", "localhost", full), "", ERR_TLS,
	    "signed by own");
	poll_says(tcp("app:sesame1", "localhost", full), self, ERR_TLS,
	    "signed by own");
	poll_says(tcp("app:sesame1", "localhost", full), none, ERR_CONFIG,
	    "does not exist");
	ok(use_certificate("old"), "an old certificate");
	soon_says(
	    tcp("app:sesame1", "localhost", full), ca, ERR_TLS, "expired");
	ok(use_certificate("other"), "that of another host");
	soon_says(tcp("app:sesame1", "localhost", full), ca, ERR_TLS,
	    "is for elsewhere");
	ok(use_certificate("self"), "one that signed itself");
	soon_says(
	    tcp("app:sesame1", "localhost", full), ca, ERR_TLS, "self-signed");
	ok(use_certificate("tls"), "the right one again");
	soon_says(tcp("app:sesame1", "localhost", full), ca, ERR_OK, "");
}

/* Others than PostgreSQL ------------------------------------------------------
 */

static const char *
port_url(int port)
{
	static char url[100];

	snprintf(
	    url, sizeof(url), "postgres://app:sesame1@127.0.0.1:%d/x", port);
	return url;
}

static void
test_liars(void)
{
	struct child bad;

	if (!ok(child_badserver(&bad), "a server that lies"))
		return;
	poll_says(port_url(child_number(&bad, "TALK")), "", ERR_PROTOCOL,
	    "is no PostgreSQL server");
	poll_says(port_url(child_number(&bad, "TLS_SILENT")), "", ERR_TIMEOUT,
	    "took the connection and says nothing");
	poll_says(port_url(child_number(&bad, "TLS_CLOSE")), "", ERR_CLOSED,
	    "closed the connection without a word");
	child_stop(&bad);
}

/* Servers that speak the protocol, and lie. */
static void
test_protocol(void)
{
	const char *argv[] = { "/usr/bin/python3",
		child_source_path("tests/live/badpg.py"), NULL };
	static const struct {
		const char *key;
		enum err_code code;
		const char *words;
	} lies[] = {
		{ "OLD", ERR_UNSUPPORTED, "PostgreSQL 9; sevtop needs 12" },
		{ "DRIP", ERR_TIMEOUT, "no answer in time" },
		{ "FLOOD", ERR_TOOBIG, "ask for fewer rows" },
		{ "GARBAGE", ERR_PROTOCOL, "sends what is no PostgreSQL" },
		{ "MORE", ERR_PROTOCOL, "do not fit the questions" },
		{ "CUT", ERR_CLOSED, "without a word" },
		{ "FATAL", ERR_CLOSED, "a server process crashed" },
	};
	struct err err = ERR_INIT;
	struct child bad;

	if (!ok(child_start(&bad, argv, true), "servers that lie"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		/* A sanitizer takes its time for many bytes. */
		poll_ns = lies[i].code == ERR_TOOBIG ? PATIENCE : NS_PER_SEC;
		poll_says(port_url(child_number(&bad, lies[i].key)), "",
		    lies[i].code, lies[i].words);
	}
	poll_ns = PATIENCE;
	/* libpq calls it lost synchronization where it gets no memory. */
	ok(says(port_url(child_number(&bad, "HUGE")), "", ERR_TOOBIG, "",
	       &err) ||
		err.code == ERR_PROTOCOL,
	    "a value of 1 GB: %s", err_text(&err));
	poll_ns = NS_PER_SEC;
	child_stop(&bad);
}

/* The first host that answers is taken, a silent one leaves time for it. */
static void
test_hosts(void)
{
	struct child bad;
	char host[100];

	snprintf(host, sizeof(host), "127.0.0.1:%d,127.0.0.1",
	    redis_server_free_port());
	poll_says(tcp("app:sesame1", host, ""), "", ERR_OK, "");
	if (!ok(child_badserver(&bad), "a server that is silent"))
		return;
	snprintf(host, sizeof(host), "127.0.0.1:%d,127.0.0.1",
	    child_number(&bad, "TLS_SILENT"));
	poll_says(tcp("app:sesame1", host, ""), "", ERR_OK, "");
	child_stop(&bad);
}

/* PgBouncer -------------------------------------------------------------------
 */

/* In front of the server, in transaction mode, for very few clients. */
static bool
pooler_start(struct child *child, int port)
{
	static char path[PG_SERVER_PATH_MAX + 32];
	const char *argv[] = { "/usr/sbin/pgbouncer", "-q", path, NULL };
	int64_t deadline = clock_now() + PATIENCE;
	char text[1024];

	snprintf(path, sizeof(path), "%s/data/pgbouncer.ini", server.dir);
	snprintf(text, sizeof(text),
	    "[databases]\n"
	    "postgres = host=%s port=%d user=postgres\n"
	    "[pgbouncer]\n"
	    "listen_addr = 127.0.0.1\nlisten_port = %d\n"
	    "unix_socket_dir = %s\nauth_type = any\n"
	    "logfile = %s/data/pgbouncer.log\n"
	    "pool_mode = transaction\ndefault_pool_size = 1\n"
	    "max_client_conn = 3\n",
	    server.dir, server.port, port, server.dir, server.dir);
	if (!pg_server_file(&server, "pgbouncer.ini", text) ||
	    !pg_server_child(child, argv))
		return false;
	while (clock_now() < deadline) {
		PGconn *conn = PQconnectdb(port_url(port));
		/* There is no database x: any word of it will do. */
		bool up = strstr(PQerrorMessage(conn), "FATAL") != NULL;

		PQfinish(conn);
		if (up)
			return true;
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	}
	return false;
}

/* What another client of the pooler finds its statement_timeout to be. */
static void
check_no_leak(const char *url)
{
	PGconn *conn = PQconnectdb(url);
	PGresult *result = PQexec(conn, "SHOW statement_timeout");

	is_str(PQgetvalue(result, 0, 0), "0",
	    "another client does not get our time-out");
	PQclear(result);
	result = PQexec(conn, "SHOW default_transaction_read_only");
	is_str(PQgetvalue(result, 0, 0), "off", "nor is it read-only");
	PQclear(result);
	PQfinish(conn);
}

static void
test_pooler(void)
{
	int port = redis_server_free_port();
	PGconn *conns[3];
	struct child child;
	struct polled p;
	char url[120];

	if (access("/usr/sbin/pgbouncer", X_OK) != 0) {
		skip("no pgbouncer is installed");
		return;
	}
	if (!ok(pooler_start(&child, port), "a pooler"))
		return;
	snprintf(
	    url, sizeof(url), "postgres://app@127.0.0.1:%d/postgres", port);
	if (ok(polled_open(&p, &src_postgres, yaml_of(url, "")), "opens")) {
		is_int(polled_once(&p, PATIENCE), ERR_OK, "through the pooler");
		ok(polled_health(&p, "here") != NULL &&
			strstr(polled_health(&p, "here")->detail.s,
			    "through a pooler") != NULL,
		    "says so: %s", polled_health(&p, "here")->detail.s);
		is_int(polled_once(&p, PATIENCE), ERR_OK, "again");
		check_no_leak(url);
		polled_close(&p);
	}
	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		conns[i] = PQconnectdb(url);
	poll_says(url, "", ERR_LIMITED, "connections exhausted at the pooler");
	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		PQfinish(conns[i]);
	child_stop(&child);
}

int
main(void)
{
	if (!pg_server_available()) {
		skip("no PostgreSQL server is installed");
		return tap_done();
	}
	if (!ok(pg_server_start(&server, NULL), "a server"))
		return tap_done();
	admin = pg_server_connect(&server, "");
	pg_do(admin, "CREATE ROLE app LOGIN PASSWORD 'sesame1'");
	pg_do(admin, "CREATE DATABASE closed");
	with_certs = certs_make(certs);
	test_errors();
	test_password();
	test_liars();
	test_protocol();
	test_hosts();
	test_pooler();
	if (with_certs)
		test_tls();
	else
		skip("no openssl to make certificates with");
	certs_remove(certs);
	PQfinish(admin);
	pg_server_remove(&server);
	return tap_done();
}
