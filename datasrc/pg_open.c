/*
 * Opening a connection to PostgreSQL: one address after the other, each with
 * its share of the time that is left, and the words for why it failed.
 */
#include "config.h"

#include "datasrc/pg_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/limits.h"
#include "datasrc/net.h"
#include "datasrc/pg_explain.h"
#include "datasrc/tls.h"
#include "datasrc/tls_verify.h"

/* What libpq is given for one try; the last keyword is NULL. */
struct pg_params {
	const char *keys[PG_PARAMS_MAX + 1];
	const char *values[PG_PARAMS_MAX + 1];
	size_t count;
	char host[NET_ADDR_TEXT_LEN];
	char port[8];
	char user_timeout[16];
	char options[512];
};

/* Takes the place of an earlier value; NULL is left out. */
static void
param_set(struct pg_params *p, const char *key, const char *value)
{
	size_t i;

	if (value == NULL)
		return;
	for (i = 0; i < p->count && strcmp(p->keys[i], key) != 0; i++)
		continue;
	if (i == PG_PARAMS_MAX)
		return;
	p->keys[i] = key;
	p->values[i] = value;
	p->count += i == p->count;
	p->keys[p->count] = NULL;
}

static void
param_default(struct pg_params *p, const char *key, const char *value)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->keys[i], key) == 0)
			return;
	param_set(p, key, value);
}

/* Start-up parameters of the session, behind those of the URL. */
static void
params_session(struct pg_params *p, const struct pg_target *target,
    const struct pg_connection *conn)
{
	const char *given = pg_target_option(target, "options");
	char path[96] = "";

	if (conn->wrap) {
		param_set(p, "options", given);
		return;
	}
	if (conn->search_path != NULL)
		snprintf(path, sizeof(path), " -c search_path=%s",
		    conn->search_path);
	snprintf(p->options, sizeof(p->options),
	    "%.255s%s-c statement_timeout=%lld -c lock_timeout=%lld "
	    "-c idle_in_transaction_session_timeout=%d "
	    "-c default_transaction_read_only=%s -c jit=off%s",
	    given != NULL ? given : "", given != NULL ? " " : "",
	    (long long)conn->statement_ms, (long long)conn->lock_ms, PG_IDLE_MS,
	    conn->write ? "off" : "on", path);
	param_set(p, "options", p->options);
}

/*
 * Our sessions are read-only by default, so that libpq would take a primary
 * for a standby: what it is to look at is the server.
 */
static const char *
session_attrs(const char *wanted)
{
	if (wanted == NULL)
		return NULL;
	if (strcmp(wanted, "read-write") == 0)
		return "primary";
	if (strcmp(wanted, "read-only") == 0)
		return "standby";
	return wanted;
}

/*
 * The authorities to trust when certificates are to be checked and nobody
 * said whose: those of the system. libpq 15 has none but a file of its own,
 * which is left to it when it is there; NULL then.
 */
static const char *
params_ca(void)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *home = getenv("HOME");
	char own[PG_URL_MAX];

	if (home != NULL) {
		snprintf(own, sizeof(own), "%s/.postgresql/root.crt", home);
		if (access(own, R_OK) == 0)
			return NULL;
	}
	if (getenv("PGSSLROOTCERT") != NULL)
		return NULL;
	return file != NULL ? file : X509_get_default_cert_file();
}

/* A certificate of the configuration is there to be checked against. */
static const char *
params_sslmode(const struct pg_target *target)
{
	const char *mode = pg_target_option(target, "sslmode");

	if (mode == NULL && target->ca_file != NULL)
		return "verify-full";
	return mode;
}

static void
params_fill(struct pg_params *p, const struct pg_target *target, size_t host,
    const struct pg_connection *conn)
{
	const char *mode = params_sslmode(target);

	*p = (struct pg_params) { .count = 0 };
	for (const PQconninfoOption *o = target->options; o->keyword != NULL;
	     o++)
		if (strcmp(o->keyword, "replication") != 0)
			param_set(p, o->keyword, o->val);
	/* What is resolved, limited or said by ourselves. */
	param_set(p, "password", target->password);
	param_set(p, "host", target->hosts[host].name);
	snprintf(p->port, sizeof(p->port), "%u", target->hosts[host].port);
	param_set(p, "port", p->port);
	param_set(p, "hostaddr", p->host);
	param_set(p, "connect_timeout", "0");
	param_set(p, "client_encoding", "UTF8");
	param_set(p, "application_name", "sevtop");
	param_set(p, "sslmode", mode);
	param_set(p, "sslrootcert", target->ca_file);
	if (mode != NULL && strncmp(mode, "verify-", 7) == 0)
		param_default(p, "sslrootcert", params_ca());
	param_set(p, "sslcert", target->cert_file);
	param_set(p, "sslkey", target->key_file);
	param_set(p, "target_session_attrs",
	    session_attrs(pg_target_option(target, "target_session_attrs")));
	/* A Kerberos server is asked without any time limit. */
	param_default(p, "gssencmode", "disable");
	param_default(p, "keepalives_idle", "10");
	param_default(p, "keepalives_interval", "10");
	param_default(p, "keepalives_count", "3");
	snprintf(p->user_timeout, sizeof(p->user_timeout), "%d", PG_DEAD_MS);
	param_default(p, "tcp_user_timeout", p->user_timeout);
	params_session(p, target, conn);
}

/* The server's notices would go to the terminal. */
static void
no_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

/* Runs libpq's state machine to its end, good or bad. */
static enum err_code
handshake(PGconn *pq, int64_t deadline, const struct cancel *cancel,
    const char *where, struct err *err)
{
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	enum err_code code;

	while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
		code = io_wait(PQsocket(pq),
		    want == PGRES_POLLING_WRITING ? IO_WRITE : IO_READ,
		    deadline, cancel, NULL);
		if (code == ERR_TIMEOUT)
			return err_set(err, code, "postgres",
			    PQstatus(pq) == CONNECTION_STARTED
				? "%s did not take the connection in time"
				: "%s took the connection and says nothing: "
				  "stopped or overloaded?",
			    where);
		if (code != ERR_OK)
			return err_set(err, code, "postgres", "%s: %s", where,
			    err_code_text(code));
		want = PQconnectPoll(pq);
	}
	if (want == PGRES_POLLING_OK)
		return ERR_OK;
	return pg_explain_connect(PQerrorMessage(pq), where, err);
}

/*
 * libpq says that a certificate was refused, not why. So the handshake is
 * made once more by our own client, which finds the words; nothing is sent
 * through it.
 */
static void
explain_certificate(const struct pg_target *target, size_t host,
    const char *addr, int64_t deadline, const struct cancel *cancel,
    struct err *err)
{
	static const char ask[8] = { 0, 0, 0, 8, 4, (char)210, 22, 47 };
	const char *given = pg_target_option(target, "sslrootcert");
	struct tls_options options = {
		.host = target->hosts[host].name,
		.ca_file = target->ca_file != NULL ? target->ca_file : given,
	};
	struct tls *tls = NULL;
	struct err why = ERR_INIT;
	size_t len = 0;
	char yes = 'N';
	int fd = -1;
	enum err_code code = net_connect(
	    addr, target->hosts[host].port, deadline, cancel, &fd, &why);

	if (code == ERR_OK)
		code = net_write(fd, ask, sizeof(ask), deadline, cancel, &why);
	if (code == ERR_OK)
		code = net_read(fd, &yes, 1, deadline, cancel, &len, &why);
	if (code == ERR_OK && yes == 'S')
		code = tls_connect(fd, &options, deadline, cancel, &tls, &why);
	if (code == ERR_TLS)
		*err = why;
	tls_free(tls);
	if (fd >= 0)
		close(fd);
}

/*
 * libpq reads for as long as bytes come, whatever the limits of a run say.
 * With a small window a flood has pauses in which they are looked at.
 */
static void
limit_window(int fd)
{
	static const int bytes = PG_WINDOW;

	/* Best effort: a connection without it still works. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

/* One address, or one socket when addr is NULL. */
static enum err_code
open_at(struct pg_connection *conn, const struct pg_target *target, size_t host,
    const char *addr, int64_t deadline, const struct cancel *cancel,
    struct err *err)
{
	struct pg_params params;
	const char *said;
	enum err_code code;

	params_fill(&params, target, host, conn);
	if (addr != NULL)
		snprintf(params.host, sizeof(params.host), "%s", addr);
	conn->pq = PQconnectStartParams(params.keys, params.values, 0);
	if (conn->pq == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	PQsetNoticeReceiver(conn->pq, no_notice, NULL);
	PQsetErrorVerbosity(conn->pq, PQERRORS_VERBOSE);
	if (PQstatus(conn->pq) == CONNECTION_BAD)
		code = pg_explain_connect(
		    PQerrorMessage(conn->pq), conn->place, err);
	else
		code = handshake(conn->pq, deadline, cancel, conn->place, err);
	if (code == ERR_OK && PQsetnonblocking(conn->pq, 1) == 0) {
		limit_window(PQsocket(conn->pq));
		return ERR_OK;
	}
	said = PQerrorMessage(conn->pq);
	if (addr != NULL && pg_explain_is_certificate(said))
		explain_certificate(target, host, addr, deadline, cancel, err);
	if (!conn->wrap && pg_explain_no_options(said))
		conn->wrap = conn->refused = true;
	PQfinish(conn->pq);
	conn->pq = NULL;
	return code != ERR_OK ? code
			      : err_set(err, ERR_NOMEM, "postgres",
				    "no memory for the connection");
}

/* A pooler takes no start-up parameters: then again without them. */
static enum err_code
open_or_pooled(struct pg_connection *conn, const struct pg_target *target,
    size_t host, const char *addr, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	bool wrap = conn->wrap;
	enum err_code code =
	    open_at(conn, target, host, addr, deadline, cancel, err);

	if (code == ERR_OK || conn->wrap == wrap)
		return code;
	err_clear(err);
	return open_at(conn, target, host, addr, deadline, cancel, err);
}

/* What another server of the list may do better. */
static bool
may_go_on(enum err_code code)
{
	return code == ERR_REFUSED || code == ERR_TIMEOUT || code == ERR_DNS ||
	       code == ERR_CLOSED || code == ERR_IO || code == ERR_SERVER;
}

/* A share of what is left, so that a silent first leaves time for others. */
static int64_t
share_of(int64_t deadline, size_t left)
{
	int64_t now = clock_now();

	if (deadline == DEADLINE_NONE || deadline <= now)
		return deadline;
	return now + (deadline - now) / (int64_t)left;
}

/* "192.0.2.1" without the port that net_addr_text() writes. */
static void
addr_bare(const struct net_addr *addr, char out[NET_ADDR_TEXT_LEN])
{
	char text[NET_ADDR_TEXT_LEN];
	const char *from = net_addr_text(addr, text);
	const char *end = strrchr(from, ':');
	size_t len = end != NULL ? (size_t)(end - from) : strlen(from);

	if (from[0] == '[' && len > 1) {
		from++;
		len -= 2;
	}
	memcpy(out, from, len);
	out[len] = '\0';
}

static enum err_code
open_host(struct pg_connection *conn, const struct pg_target *target,
    size_t host, int64_t deadline, const struct cancel *cancel, struct err *err)
{
	const struct pg_host *h = &target->hosts[host];
	char text[NET_ADDR_TEXT_LEN];
	struct net_addrs addrs;
	enum err_code code;

	pg_target_text(target, host, conn->place);
	if (pg_target_is_local(target, host))
		return open_or_pooled(
		    conn, target, host, NULL, deadline, cancel, err);
	code = net_resolve(h->addr[0] != '\0' ? h->addr : h->name, h->port,
	    deadline, cancel, &addrs, err);
	for (size_t i = 0; code == ERR_OK && i < addrs.count; i++) {
		addr_bare(&addrs.list[i], text);
		code = open_or_pooled(conn, target, host, text,
		    share_of(deadline, addrs.count - i), cancel, err);
		if (code == ERR_OK || !may_go_on(code))
			return code;
		if (i + 1 < addrs.count)
			code = ERR_OK;
	}
	return code;
}

enum err_code
pg_conn_open(const struct pg_target *target,
    const struct pg_conn_options *options, int64_t deadline,
    const struct cancel *cancel, struct pg_connection **ret_conn,
    struct err *err)
{
	struct pg_connection *conn = mem_calloc(1, sizeof(*conn));
	enum err_code code = ERR_OK;

	if (conn == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	conn->statement_ms = options->statement_ms;
	conn->lock_ms = options->lock_ms;
	conn->search_path = options->search_path;
	conn->max_bytes = options->max_bytes;
	conn->write = options->write;
	conn->refused = options->pooled || target->pooled;
	conn->wrap = options->wrap || conn->refused;
	for (size_t i = 0; i < target->host_count; i++) {
		code = open_host(conn, target, i,
		    share_of(deadline, target->host_count - i), cancel, err);
		if (code == ERR_OK || !may_go_on(code))
			break;
	}
	if (code != ERR_OK) {
		mem_free(conn);
		return code;
	}
	/* What was wrong with a server before this one. */
	err_clear(err);
	*ret_conn = conn;
	return ERR_OK;
}

struct pg_connection *
pg_conn_close(struct pg_connection *conn)
{
	if (conn == NULL)
		return NULL;
	PQfinish(conn->pq);
	mem_free(conn);
	return NULL;
}

bool
pg_conn_cert_days(
    const struct pg_connection *conn, int64_t wall_ms, int64_t *ret_days)
{
	const struct ssl_st *ssl =
	    conn != NULL ? PQsslStruct(conn->pq, "OpenSSL") : NULL;
	int64_t until = ssl != NULL ? tls_cert_until_s(ssl) : 0;

	if (until == 0)
		return false;
	*ret_days = tls_days_left(until, wall_ms);
	return true;
}
