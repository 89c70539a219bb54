#include "config.h"

#include "datasrc/redis_conn.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/net.h"
#include "datasrc/resp_guard.h"
#include "datasrc/tls.h"

struct redis_conn {
	int fd;
	struct tls *tls; /* NULL: plain */
	redisReader *reader;
	struct resp_guard guard;
	bool greeted; /* the login is done */
	bool dead;
};

void
redis_batch_init(struct redis_batch *batch)
{
	*batch = (struct redis_batch) { .count = 0 };
	buf_init(&batch->wire, REDIS_BATCH_MAX);
}

void
redis_batch_release(struct redis_batch *batch)
{
	if (batch->wire.data != NULL)
		explicit_bzero(batch->wire.data, batch->wire.cap);
	buf_release(&batch->wire);
}

void
redis_batch_argv(struct redis_batch *batch, size_t argc,
    const char *const *argv, const size_t *lens)
{
	char *wire = NULL;
	int n;

	if (argc == 0 || argc > REDIS_ARGS_MAX) {
		batch->failed = ERR_LIMIT;
		return;
	}
	/* hiredis does not write to the words; its type lacks the const. */
	n = redisFormatCommandArgv(
	    &wire, (int)argc, (const char **)(uintptr_t)argv, lens);
	if (n < 0)
		batch->failed = ERR_NOMEM;
	else if ((size_t)n > batch->wire.max - batch->wire.len)
		batch->failed = ERR_LIMIT;
	else if (!buf_add(&batch->wire, wire, (size_t)n))
		batch->failed = ERR_NOMEM;
	else
		batch->count++;
	if (n > 0)
		explicit_bzero(wire, (size_t)n);
	redisFreeCommand(wire);
}

void
redis_batch_cmd(struct redis_batch *batch, const char *name, ...)
{
	const char *argv[REDIS_ARGS_MAX];
	size_t argc = 0;
	const char *word = name;
	va_list ap;

	va_start(ap, name);
	while (word != NULL && argc < REDIS_ARGS_MAX) {
		argv[argc++] = word;
		word = va_arg(ap, const char *);
	}
	va_end(ap);
	if (word != NULL)
		batch->failed = ERR_LIMIT;
	else
		redis_batch_argv(batch, argc, argv, NULL);
}

void
redis_replies_release(struct redis_replies *replies)
{
	for (size_t i = 0; i < replies->count; i++)
		freeReplyObject(replies->list[i]);
	mem_free(replies->list);
	*replies = (struct redis_replies)REDIS_REPLIES_INIT;
}

const struct redisReply *
redis_replies_at(const struct redis_replies *replies, size_t i)
{
	return i < replies->count ? replies->list[i] : NULL;
}

bool
redis_conn_usable(const struct redis_conn *conn)
{
	return conn != NULL && !conn->dead;
}

bool
redis_conn_cert_days(
    const struct redis_conn *conn, int64_t wall_ms, int64_t *ret_days)
{
	if (conn == NULL || conn->tls == NULL)
		return false;
	*ret_days = tls_cert_days_left(conn->tls, wall_ms);
	return true;
}

static enum err_code
conn_write(struct redis_conn *conn, const struct buf *wire, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	if (conn->tls != NULL)
		return tls_write(
		    conn->tls, wire->data, wire->len, deadline, cancel, err);
	return net_write(
	    conn->fd, wire->data, wire->len, deadline, cancel, err);
}

static enum err_code
conn_read(struct redis_conn *conn, char *to, size_t cap, int64_t deadline,
    const struct cancel *cancel, size_t *ret_len, struct err *err)
{
	if (conn->tls != NULL)
		return tls_read(
		    conn->tls, to, cap, deadline, cancel, ret_len, err);
	return net_read(conn->fd, to, cap, deadline, cancel, ret_len, err);
}

static enum err_code
conn_reader_failed(const redisReader *reader, struct err *err)
{
	if (reader->err == REDIS_ERR_OOM)
		return err_set(err, ERR_NOMEM, "redis",
		    "no memory for the answer of the server");
	return err_set(
	    err, ERR_PROTOCOL, "redis", "malformed reply (%s)", reader->errstr);
}

/* Takes out of the parser what the guard saw to be whole. */
static enum err_code
conn_collect(struct redis_conn *conn, struct redis_replies *replies,
    size_t wanted, struct err *err)
{
	for (;;) {
		void *reply = NULL;

		if (redisReaderGetReply(conn->reader, &reply) != REDIS_OK)
			return conn_reader_failed(conn->reader, err);
		if (reply == NULL)
			return ERR_OK;
		if (replies->count == wanted) {
			freeReplyObject(reply);
			return err_set(err, ERR_PROTOCOL, "redis",
			    "more answers than questions: a proxy or another "
			    "protocol is in between");
		}
		replies->list[replies->count++] = reply;
	}
}

/* One read: guarded, fed, collected. */
static enum err_code
conn_take(struct redis_conn *conn, struct redis_replies *replies, size_t wanted,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	char chunk[REDIS_CHUNK];
	size_t n = 0, whole = 0;
	enum err_code code;

	code = conn_read(conn, chunk, sizeof(chunk), deadline, cancel, &n, err);
	if (code != ERR_OK)
		return code;
	code = resp_guard_scan(&conn->guard, chunk, n, &whole, err);
	if (code != ERR_OK)
		return code;
	if (redisReaderFeed(conn->reader, chunk, n) != REDIS_OK)
		return conn_reader_failed(conn->reader, err);
	return whole > 0 ? conn_collect(conn, replies, wanted, err) : ERR_OK;
}

/*
 * The server closed early. If it said why ("max number of clients reached"
 * comes before any question), that is the better message.
 */
static enum err_code
conn_last_words(
    const struct redis_replies *replies, enum err_code code, struct err *err)
{
	enum err_code said;

	if (replies->count == 0 || (code != ERR_CLOSED && code != ERR_IO))
		return code;
	said = redis_reply_check(
	    redis_replies_at(replies, replies->count - 1), err);
	return said != ERR_OK ? said : code;
}

static enum err_code
conn_exchange(struct redis_conn *conn, const struct redis_batch *batch,
    int64_t deadline, const struct cancel *cancel,
    struct redis_replies *replies, struct err *err)
{
	enum err_code code, sent;

	sent = conn_write(conn, &batch->wire, deadline, cancel, err);
	if (sent != ERR_OK && sent != ERR_CLOSED && sent != ERR_IO)
		return sent;
	/* Even after a failed write there may be last words to read. */
	code = ERR_OK;
	while (code == ERR_OK && replies->count < batch->count)
		code = conn_take(
		    conn, replies, batch->count, deadline, cancel, err);
	if (code != ERR_OK)
		return conn_last_words(replies, code, err);
	if (sent != ERR_OK)
		return conn_last_words(replies, sent, err);
	if (!resp_guard_idle(&conn->guard))
		return err_set(err, ERR_PROTOCOL, "redis",
		    "more answers than questions: a proxy or another "
		    "protocol is in between");
	return ERR_OK;
}

/*
 * Between batches a server has nothing to say. What comes unasked would be
 * taken for the answer to the next question, so it ends the connection. Not
 * told through TLS, where session tickets come when they like.
 */
static enum err_code
conn_quiet(struct redis_conn *conn, struct err *err)
{
	struct err said = ERR_INIT;
	size_t n = 0;
	int ready = 0;
	char byte;

	if (conn->tls != NULL || !conn->greeted ||
	    io_wait(conn->fd, IO_READ, clock_now(), NULL, &ready) != ERR_OK)
		return ERR_OK;
	if (net_read(conn->fd, &byte, 1, clock_now(), NULL, &n, &said) !=
	    ERR_OK)
		return err_set(err, ERR_CLOSED, "redis",
		    "the server closed the connection");
	return err_set(
	    err, ERR_PROTOCOL, "redis", "the server sent something unasked");
}

enum err_code
redis_conn_run(struct redis_conn *conn, const struct redis_batch *batch,
    int64_t deadline, const struct cancel *cancel,
    struct redis_replies *ret_replies, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	int64_t start = clock_now();
	enum err_code code;

	if (conn->dead)
		return err_set(
		    err, ERR_CLOSED, "redis", "the connection failed earlier");
	if (batch->failed != ERR_OK)
		return err_set(err, batch->failed, "redis",
		    batch->failed == ERR_LIMIT
			? "the questions do not fit into one request"
			: "no memory for the questions");
	if (batch->count > 0) {
		replies.list =
		    mem_calloc(batch->count, sizeof(replies.list[0]));
		if (replies.list == NULL)
			return err_set(err, ERR_NOMEM, "redis",
			    "no memory for the answers");
	}
	resp_guard_reset(&conn->guard);
	code = conn_quiet(conn, err);
	if (code == ERR_OK)
		code =
		    conn_exchange(conn, batch, deadline, cancel, &replies, err);
	if (code != ERR_OK) {
		conn->dead = true;
		redis_replies_release(&replies);
		return code;
	}
	replies.took_ns = clock_now() - start;
	*ret_replies = replies;
	return ERR_OK;
}

/*
 * Whether the answer to AUTH lets us go on. A server without a password
 * says so with an error, and is open. The words of an unknown error are not
 * repeated: a proxy that doesn't know AUTH quotes the password.
 */
static enum err_code
login_auth_result(const struct redisReply *reply, struct err *err)
{
	enum err_code code;

	if (redis_reply_is_error(reply, "ERR AUTH <password> called without") ||
	    redis_reply_is_error(reply, "ERR Client sent AUTH, but no"))
		return ERR_OK;
	code = redis_reply_check(reply, err);
	if (code == ERR_OK || code == ERR_AUTH || code == ERR_LIMITED)
		return code;
	if (redis_reply_is_error(reply, "ERR wrong number of arguments"))
		return err_set(err, ERR_AUTH, "redis",
		    "this server is older than Redis 6 and knows no users: "
		    "leave the user out of the url");
	return err_set(err, ERR_AUTH, "redis",
	    "the server did not accept AUTH; its words are not shown, they "
	    "may quote the password");
}

/* Naming ourselves is a courtesy; only what concerns all commands counts. */
static enum err_code
login_name_result(const struct redisReply *reply, struct err *err)
{
	struct err own = ERR_INIT;
	enum err_code code = redis_reply_check(reply, &own);

	if (code != ERR_AUTH && code != ERR_LIMITED &&
	    !redis_reply_is_error(reply, "DENIED"))
		return ERR_OK;
	return redis_reply_check(reply, err);
}

static void
login_questions(struct redis_batch *batch, const struct redis_target *target)
{
	char db[16];
	size_t n = 0;
	uint32_t v = target->db;

	if (target->user[0] != '\0')
		redis_batch_cmd(
		    batch, "AUTH", target->user, target->pass, NULL);
	else if (target->pass[0] != '\0')
		redis_batch_cmd(batch, "AUTH", target->pass, NULL);
	if (target->db > 0) {
		char digits[16];

		for (; v > 0; v /= 10)
			digits[n++] = (char)('0' + v % 10);
		for (size_t i = 0; i < n; i++)
			db[i] = digits[n - 1 - i];
		db[n] = '\0';
		redis_batch_cmd(batch, "SELECT", db, NULL);
	}
	redis_batch_cmd(batch, "CLIENT", "SETNAME", "sevtop", NULL);
}

static enum err_code
conn_login(struct redis_conn *conn, const struct redis_target *target,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	size_t at = 0;
	enum err_code code;

	redis_batch_init(&batch);
	login_questions(&batch, target);
	code = redis_conn_run(conn, &batch, deadline, cancel, &replies, err);
	if (code == ERR_OK &&
	    (target->user[0] != '\0' || target->pass[0] != '\0'))
		code = login_auth_result(redis_replies_at(&replies, at++), err);
	if (code == ERR_OK && target->db > 0)
		code = redis_reply_check(redis_replies_at(&replies, at++), err);
	if (code == ERR_OK)
		code = login_name_result(redis_replies_at(&replies, at), err);
	redis_replies_release(&replies);
	redis_batch_release(&batch);
	return code;
}

static enum err_code
conn_connect(struct redis_conn *conn, const struct redis_target *target,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	struct tls_options options = {
		.host = target->host,
		.ca_file = target->ca_file,
		.cert_file = target->cert_file,
		.key_file = target->key_file,
		.insecure = target->insecure,
	};
	enum err_code code;

	if (target->path[0] != '\0')
		return net_connect_unix(
		    target->path, deadline, cancel, &conn->fd, err);
	code = net_connect(
	    target->host, target->port, deadline, cancel, &conn->fd, err);
	if (code == ERR_OK && target->tls)
		code = tls_connect(
		    conn->fd, &options, deadline, cancel, &conn->tls, err);
	return code;
}

enum err_code
redis_conn_open(const struct redis_target *target, int64_t deadline,
    const struct cancel *cancel, struct redis_conn **ret_conn, struct err *err)
{
	struct resp_limits limits = resp_limits_default();
	struct redis_conn *conn = mem_calloc(1, sizeof(*conn));
	enum err_code code;

	if (conn == NULL)
		return err_set(err, ERR_NOMEM, "redis", "no memory");
	conn->fd = -1;
	resp_guard_init(&conn->guard, &limits);
	conn->reader = redisReaderCreate();
	if (conn->reader == NULL)
		code = err_set(err, ERR_NOMEM, "redis", "no memory");
	else
		code = conn_connect(conn, target, deadline, cancel, err);
	if (code == ERR_OK)
		code = conn_login(conn, target, deadline, cancel, err);
	if (code != ERR_OK) {
		redis_conn_close(conn);
		return code;
	}
	conn->greeted = true;
	*ret_conn = conn;
	return ERR_OK;
}

struct redis_conn *
redis_conn_close(struct redis_conn *conn)
{
	if (conn == NULL)
		return NULL;
	tls_free(conn->tls);
	if (conn->fd >= 0)
		close(conn->fd);
	if (conn->reader != NULL)
		redisReaderFree(conn->reader);
	mem_free(conn);
	return NULL;
}
