/*
 * The source "redis" against real servers, private ones, in the states that
 * an incident brings: passwords, rights, TLS, restarts, silence, no room,
 * loading, a lost primary; and against sockets that lie.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "tests/live/certs.h"
#include "tests/live/polled.h"
#include "tests/live/redis_server.h"
#include "tests/tap.h"

/* Long enough for a busy machine; only a failure takes that long. */
#define PATIENCE (20 * NS_PER_SEC)

/* A source on url, with more options behind it; false: no use to go on. */
static bool
open_url(struct polled *p, const char *url, const char *more)
{
	char yaml[512];

	snprintf(yaml, sizeof(yaml), "url: \"%s\"\n%s", url, more);
	return ok(polled_open(p, &src_redis, yaml), "opens");
}

static enum err_code
poll_url(const char *url, const char *more, char msg[ERR_MSG_MAX])
{
	struct polled p;
	enum err_code code;

	if (!open_url(&p, url, more))
		return ERR_CONFIG;
	code = polled_once(&p, PATIENCE);
	snprintf(msg, ERR_MSG_MAX, "%s", err_text(&p.err));
	polled_close(&p);
	return code;
}

static void
check_basics(struct polled *p, struct redis_conn *conn)
{
	const struct health *health;

	ok(redis_server_do(conn, "SET a 1", NULL), "a key");
	ok(redis_server_do(conn, "SET b 1", NULL), "another");
	is_int(polled_once(p, PATIENCE), ERR_OK, "a poll");
	health = polled_health(p, "here");
	ok(health != NULL && health->state == STATE_OK, "it is well");
	ok(health != NULL && health->latency_ns > 0, "its latency is measured");
	ok(polled_metric(p, "redis_ping_seconds", NULL) > 0, "as a metric");
	is_near(polled_metric(p, "redis_keys", NULL), 2, 0, "DBSIZE");
	is_near(polled_num(p, "keyspace", "db0", "keys"), 2, 0, "keyspace");
	ok(polled_metric(p, "redis_memory_used_bytes", NULL) > 10000, "memory");
	ok(isnan(polled_metric(p, "redis_memory_max_bytes", "noeviction")),
	    "no limit is missing, not 0");
	ok(polled_metric(p, "redis_clients", NULL) >= 2, "clients");
	ok(polled_metric(p, "redis_clients_max", NULL) > 2, "their maximum");
	ok(fabs(polled_metric(p, "redis_clock_skew_seconds", NULL)) < 60,
	    "the same clock");
	ok(polled_health(p, "replication") != NULL &&
		polled_health(p, "persistence") != NULL &&
		polled_health(p, "clock") == NULL,
	    "health rows");
	ok(strncmp(p->payload->note.s, "redis ", 6) == 0, "note: %s",
	    p->payload->note.s);
}

static void
check_hit_rate(struct polled *p, struct redis_conn *conn)
{
	static const char *const gets[] = { "GET a", "GET b", "GET a",
		"GET none" };

	ok(isnan(polled_metric(p, "redis_hit_ratio", NULL)),
	    "no look-ups: missing");
	for (size_t i = 0; i < ARRAY_LEN(gets); i++)
		redis_server_do(conn, gets[i], NULL);
	polled_once(p, PATIENCE);
	is_near(polled_metric(p, "redis_hit_ratio", NULL), 0.75, 1e-9,
	    "3 of 4 since the last poll");
	redis_server_do(conn, "GET a", NULL);
	polled_once(p, PATIENCE);
	is_near(polled_metric(p, "redis_hit_ratio", NULL), 1, 1e-9,
	    "1 of 1 since the last poll");
	is_near(polled_metric(p, "redis_hit_ratio_since_start", NULL), 0.8,
	    1e-9, "4 of 5 since the start");
}

static void
check_slowlog(struct polled *p, struct redis_conn *conn)
{
	const struct table *table;
	bool seen = false, leaked = false;

	redis_server_do(conn, "CONFIG SET slowlog-log-slower-than 0", NULL);
	redis_server_do(conn, "SET canary password=hunter22secret", NULL);
	redis_server_do(
	    conn, "CONFIG SET slowlog-log-slower-than 1000000", NULL);
	polled_once(p, PATIENCE);
	table = payload_table(p->payload, "slowlog");
	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		const char *text = table->rows[i].cells[2].text.s;

		seen = seen || strncmp(text, "SET canary", 10) == 0;
		leaked = leaked || strstr(text, "hunter22") != NULL;
	}
	ok(seen, "the slow log shows the command");
	ok(!leaked, "not its password");
	ok(polled_metric(p, "redis_slow_new", NULL) >= 2, "entries are new");
	polled_once(p, PATIENCE);
	is_near(polled_metric(p, "redis_slow_new", NULL), 0, 0,
	    "and then no longer");
}

static void
test_plain(void)
{
	struct redis_server server;
	struct redis_conn *conn;
	struct polled p;

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	conn = redis_server_connect(server.url);
	if (open_url(&p, server.url, "")) {
		check_basics(&p, conn);
		check_hit_rate(&p, conn);
		check_slowlog(&p, conn);
		ok(polled_starve(&p, PATIENCE), "no memory does no harm");
		redis_server_do(conn, "CONFIG SET maxmemory 1mb", NULL);
		polled_once(&p, PATIENCE);
		ok(polled_health(&p, "memory") != NULL &&
			polled_health(&p, "memory")->state == STATE_CRIT,
		    "over its limit with noeviction");
		polled_close(&p);
	}
	redis_conn_close(conn);
	redis_server_remove(&server);
}

static void
test_password(void)
{
	static const char *const more[] = { "--requirepass", "s3cret-canary",
		NULL };
	struct redis_server server;
	struct redis_conn *conn;
	char url[200], msg[ERR_MSG_MAX];

	if (!ok(redis_server_start(&server, more), "a server with a password"))
		return;
	is_int(poll_url(server.url, "", msg), ERR_AUTH, "no password");
	ok(strstr(msg, "password") != NULL, "says: %s", msg);
	snprintf(url, sizeof(url), "unix://:wr0ng-canary@%s", server.socket);
	is_int(poll_url(url, "", msg), ERR_AUTH, "a wrong one");
	ok(strstr(msg, "canary") == NULL, "without it: %s", msg);
	snprintf(url, sizeof(url), "unix://:s3cret-canary@%s", server.socket);
	is_int(poll_url(url, "", msg), ERR_OK, "the right one");
	setenv("SEVTOP_TEST_URL", url, 1);
	is_int(poll_url("env:SEVTOP_TEST_URL", "", msg), ERR_OK,
	    "from the environment");
	setenv("SEVTOP_TEST_PASS", "s3cret-canary", 1);
	is_int(poll_url(server.url, "password: env:SEVTOP_TEST_PASS\n", msg),
	    ERR_OK, "apart from the url");

	conn = redis_server_connect(url);
	ok(redis_server_do(conn,
	       "ACL SETUSER viewer on >viewer-pw ~bull:* resetchannels -@all "
	       "+@read +ping +info +client|list +client|setname",
	       NULL),
	    "a user who may read");
	snprintf(url, sizeof(url), "unix://viewer:viewer-pw@%s", server.socket);
	is_int(poll_url(url, "", msg), ERR_OK, "is enough");
	redis_server_do(conn, "ACL SETUSER viewer -info -ping", NULL);
	is_int(poll_url(url, "", msg), ERR_OK, "less is still an answer");
	redis_conn_close(conn);
	redis_server_remove(&server);
}

static void
test_tls(void)
{
	struct redis_server server;
	char files[3][120], port[16], url[200], more[200], msg[ERR_MSG_MAX];
	const char *args[] = { "--tls-port", port, "--tls-cert-file", files[0],
		"--tls-key-file", files[1], "--tls-ca-cert-file", files[2],
		"--tls-auth-clients", "no", "--bind", "127.0.0.1", NULL };
	char dir[] = "/tmp/sevtop-cert-XXXXXX";
	int number = redis_server_free_port();

	if (!certs_make(dir)) {
		skip("no openssl to make certificates with");
		certs_remove(dir);
		return;
	}
	snprintf(files[0], sizeof(files[0]), "%s/tls.pem", dir);
	snprintf(files[1], sizeof(files[1]), "%s/tls.key", dir);
	snprintf(files[2], sizeof(files[2]), "%s/ca.pem", dir);
	snprintf(port, sizeof(port), "%d", number);
	snprintf(more, sizeof(more), "ca: %s\n", files[2]);
	if (!redis_server_start(&server, args)) {
		skip("this redis-server has no TLS");
		certs_remove(dir);
		redis_server_remove(&server);
		return;
	}
	snprintf(url, sizeof(url), "rediss://localhost:%d", number);
	is_int(poll_url(url, more, msg), ERR_OK, "TLS with our authority");
	is_int(poll_url(url, "", msg), ERR_TLS, "an unknown authority");
	ok(msg[0] != '\0', "says: %s", msg);
	is_int(poll_url(url, "insecure: true\n", msg), ERR_OK,
	    "unless told not to look");
	snprintf(url, sizeof(url), "rediss://127.0.0.1:%d", number);
	is_int(poll_url(url, more, msg), ERR_TLS, "for another name");
	snprintf(url, sizeof(url), "redis://localhost:%d", number);
	ok(poll_url(url, "", msg) != ERR_OK, "plain on a TLS port: %s", msg);
	redis_server_remove(&server);
	certs_remove(dir);
}

static void
test_restart(void)
{
	struct redis_server server;
	struct polled p;
	enum err_code code;

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	if (open_url(&p, server.url, "")) {
		is_int(polled_once(&p, PATIENCE), ERR_OK, "before");
		is_int(polled_events(&p, EVENT_RESTART), 0, "nothing happened");
		redis_server_stop(&server);
		code = polled_once(&p, PATIENCE);
		ok(code == ERR_CLOSED || code == ERR_REFUSED || code == ERR_IO,
		    "gone: %s", err_text(&p.err));
		ok(redis_server_restart(&server), "back");
		is_int(polled_once(&p, PATIENCE), ERR_OK, "after");
		is_int(polled_events(&p, EVENT_RESTART), 1, "it is an event");
		is_int(polled_once(&p, PATIENCE), ERR_OK, "later");
		is_int(polled_events(&p, EVENT_RESTART), 0, "told once");
		polled_close(&p);
	}
	redis_server_remove(&server);
}

static void
test_silence(void)
{
	struct redis_server server;
	struct polled p;

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	if (open_url(&p, server.url, "")) {
		is_int(polled_once(&p, PATIENCE), ERR_OK, "it answers");
		child_signal(&server.child, SIGSTOP);
		is_int(polled_once(&p, 200 * NS_PER_MS), ERR_TIMEOUT,
		    "silence ends at the deadline");
		is_int(polled_once(&p, 200 * NS_PER_MS), ERR_TIMEOUT,
		    "on a new connection as well");
		child_signal(&server.child, SIGCONT);
		is_int(polled_once(&p, PATIENCE), ERR_OK, "it goes on");
		is_int(
		    polled_events(&p, EVENT_RESTART), 0, "without a restart");
		polled_close(&p);
	}
	redis_server_remove(&server);
}

static void
test_maxclients(void)
{
	struct redis_server server;
	struct redis_conn *conn;
	struct polled p;
	char msg[ERR_MSG_MAX];

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	conn = redis_server_connect(server.url);
	if (open_url(&p, server.url, "")) {
		is_int(polled_once(&p, PATIENCE), ERR_OK, "it answers");
		ok(redis_server_do(conn, "CONFIG SET maxclients 2", NULL),
		    "two clients, no more");
		is_int(poll_url(server.url, "", msg), ERR_LIMITED,
		    "a third is refused");
		ok(strstr(msg, "max clients") != NULL, "says: %s", msg);
		is_int(polled_once(&p, PATIENCE), ERR_OK, "the second goes on");
		ok(polled_health(&p, "clients") != NULL &&
			polled_health(&p, "clients")->state == STATE_CRIT,
		    "and sees that clients are refused");
		polled_close(&p);
	}
	redis_conn_close(conn);
	redis_server_remove(&server);
}

static void
test_loading(void)
{
	static const char *const more[] = { "--enable-debug-command", "yes",
		"--loading-process-events-interval-bytes", "1024",
		"--key-load-delay", "200", NULL };
	struct redis_server server;
	struct redis_conn *conn;
	struct polled p;

	if (!redis_server_start(&server, more)) {
		skip("this redis-server has no debug options");
		redis_server_remove(&server);
		return;
	}
	conn = redis_server_connect(server.url);
	ok(redis_server_do(conn, "DEBUG POPULATE 100000", NULL), "many keys");
	ok(redis_server_do(conn, "SAVE", NULL), "saved");
	redis_conn_close(conn);
	if (open_url(&p, server.url, "") &&
	    ok(redis_server_restart(&server), "20 s of loading begin")) {
		is_int(polled_once(&p, PATIENCE), ERR_SERVER, "it is loading");
		ok(strstr(p.err.msg, "LOADING") != NULL &&
			strstr(p.err.msg, "%") != NULL,
		    "says: %s", p.err.msg);
	}
	polled_close(&p);
	redis_server_remove(&server);
}

static void
test_replica(void)
{
	static const char *const more[] = { "--replicaof", "127.0.0.1 1",
		"--replica-serve-stale-data", "no", NULL };
	struct redis_server server;
	struct polled p;

	if (!ok(redis_server_start(&server, more), "a replica of nobody"))
		return;
	if (open_url(&p, server.url, "")) {
		is_int(polled_once(&p, PATIENCE), ERR_OK, "it answers");
		ok(polled_health(&p, "replication") != NULL &&
			polled_health(&p, "replication")->state == STATE_CRIT,
		    "its primary is lost");
		ok(polled_health(&p, "here") != NULL &&
			strstr(polled_health(&p, "here")->detail.s,
			    "MASTERDOWN") != NULL,
		    "so it serves nothing");
		polled_close(&p);
	}
	redis_server_remove(&server);
}

/* Liars ---------------------------------------------------------------------
 */

struct liar {
	int fd; /* listening */
	const char *says;
	bool drips; /* one byte at a time, for ever */
	bool hangs_up;
	struct cancel stop;
};

static void *
liar_run(void *arg)
{
	struct liar *liar = arg;
	size_t len = strlen(liar->says);
	int fd, ready;

	if (io_wait(liar->fd, IO_READ, DEADLINE_NONE, &liar->stop, &ready) !=
	    ERR_OK)
		return NULL;
	fd = accept4(liar->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (liar->drips)
		while (send(fd, liar->says, 1, MSG_NOSIGNAL) == 1 &&
		       io_wait(-1, 0, clock_now() + 5 * NS_PER_MS, &liar->stop,
			   NULL) == ERR_TIMEOUT)
			;
	else
		ok(send(fd, liar->says, len, MSG_NOSIGNAL) == (ssize_t)len,
		    "the lie is told");
	if (!liar->hangs_up)
		io_wait(-1, 0, DEADLINE_NONE, &liar->stop, NULL);
	close(fd);
	return NULL;
}

static void
check_liar(const char *says, bool drips, bool hangs_up, enum err_code want)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct liar liar = {
		.says = says, .drips = drips, .hangs_up = hangs_up
	};
	char dir[] = "/tmp/sevtop-liar-XXXXXX", url[64];
	struct thread thread = { .started = false };
	struct polled p;

	if (!ok(mkdtemp(dir) != NULL, "a folder"))
		return;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	snprintf(url, sizeof(url), "unix://%s/s", dir);
	liar.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(cancel_init(&liar.stop, NULL) == ERR_OK &&
		bind(liar.fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
		listen(liar.fd, 4) == 0 &&
		thread_start(&thread, "liar", liar_run, &liar, NULL) == ERR_OK,
	    "a liar");
	if (open_url(&p, url, "")) {
		is_int(polled_once(&p, drips ? NS_PER_SEC : PATIENCE), want,
		    err_code_name(want));
		printf("# %s\n", err_text(&p.err));
		polled_close(&p);
	}
	cancel_fire(&liar.stop);
	if (thread.started)
		thread_join(&thread);
	cancel_release(&liar.stop);
	close(liar.fd);
	unlink(addr.sun_path);
	rmdir(dir);
}

static void
test_liars(void)
{
	check_liar("*1000000000\r\n:1\r\n", false, false, ERR_TOOBIG);
	check_liar("$999999999999\r\n", false, false, ERR_TOOBIG);
	check_liar(
	    "HTTP/1.1 400 Bad Request\r\n\r\n", false, false, ERR_PROTOCOL);
	check_liar("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
	    false, false, ERR_TOOBIG);
	check_liar("+OK\r\n+OK\r\n+OK\r\n", false, false, ERR_PROTOCOL);
	check_liar("+", true, false, ERR_TIMEOUT);
	check_liar(
	    "-ERR max number of clients reached\r\n", false, true, ERR_LIMITED);
	check_liar("-DENIED Redis is running in protected mode\r\n", false,
	    true, ERR_FORBIDDEN);
	check_liar("$5\r\nab", false, true, ERR_CLOSED);
}

static void
test_nobody(void)
{
	char url[64], msg[ERR_MSG_MAX];

	snprintf(
	    url, sizeof(url), "redis://127.0.0.1:%d", redis_server_free_port());
	is_int(poll_url(url, "", msg), ERR_REFUSED, "nobody listens");
	ok(poll_url("unix:///tmp/sevtop-no-such-socket", "", msg) != ERR_OK,
	    "no such socket: %s", msg);
	is_int(poll_url("env:SEVTOP_TEST_UNSET", "", msg), ERR_NOTFOUND,
	    "no such variable");
}

int
main(void)
{
	RUN(test_nobody);
	RUN(test_liars);
	if (!redis_server_available()) {
		skip("no redis-server: apt-get install redis-server");
		return tap_done();
	}
	RUN(test_plain);
	RUN(test_password);
	RUN(test_tls);
	RUN(test_restart);
	RUN(test_silence);
	RUN(test_maxclients);
	RUN(test_loading);
	RUN(test_replica);
	return tap_done();
}
