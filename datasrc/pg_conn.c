/*
 * Asking a PostgreSQL server that is connected. Questions that are joined
 * form a group, which ends with a Sync: what fails in one group leaves the
 * others alone. Without a pooler all groups travel together. Behind one each
 * group is a transaction with its own limits, and a failed one is rolled back
 * before the next.
 */
#include "config.h"

#include "datasrc/pg_impl.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/tcp.h>
#endif

#include <libpq-fe.h>

#include "base/clock.h"
#include "datasrc/pg_explain.h"
#include "datasrc/pg_result.h"

/* One run: what its parts hand on to each other. */
struct pg_run {
	struct pg_connection *conn;
	const struct pg_question *questions;
	size_t count;
	int64_t deadline;
	const struct cancel *cancel;
	struct pg_answers *answers;
	struct err *err;
};

int
pg_conn_version(const struct pg_connection *conn)
{
	return PQserverVersion(conn->pq);
}

bool
pg_conn_is_pooled(const struct pg_connection *conn)
{
	return conn->refused;
}

const char *
pg_conn_place(const struct pg_connection *conn)
{
	return conn->place;
}

bool
pg_conn_is_open_text(const struct pg_connection *conn)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	const struct sockaddr_in *v4 = (const void *)&peer;
	const struct sockaddr_in6 *v6 = (const void *)&peer;

	if (PQsslInUse(conn->pq) || getpeername(PQsocket(conn->pq),
					(struct sockaddr *)&peer, &len) != 0)
		return false;
	if (peer.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
	return peer.ss_family == AF_INET6 &&
	       !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

bool
pg_conn_usable(struct pg_connection *conn)
{
	if (conn == NULL || conn->dead)
		return false;
	/* Whatever has come: a farewell, or the end. */
	if (io_wait(PQsocket(conn->pq), IO_READ, clock_now(), NULL, NULL) ==
		ERR_OK &&
	    PQconsumeInput(conn->pq) == 0)
		conn->dead = true;
	if (PQstatus(conn->pq) != CONNECTION_OK ||
	    PQtransactionStatus(conn->pq) != PQTRANS_IDLE)
		conn->dead = true;
	return !conn->dead;
}

void
pg_answers_release(struct pg_answers *answers)
{
	for (size_t i = 0; i < answers->count; i++)
		pg_result_free(answers->list[i].result);
	*answers = (struct pg_answers)PG_ANSWERS_INIT;
}

/* The connection is gone: what the server or libpq says of it. */
static enum err_code
run_broken(struct pg_run *run)
{
	return pg_explain_connect(
	    PQerrorMessage(run->conn->pq), run->conn->place, run->err);
}

/*
 * Bytes received so far, also those inside TLS, as the kernel counts them.
 * Of a Unix socket it only tells what waits to be read, and more comes while
 * libpq reads: there the size of the result is what counts, afterwards.
 */
static uint64_t
run_received(struct pg_connection *conn)
{
	int fd = PQsocket(conn->pq), waiting = 0;
#ifdef __linux__
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		return info.tcpi_bytes_received;
#endif
	if (ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0)
		conn->seen_bytes += (uint64_t)waiting;
	return conn->seen_bytes;
}

static enum err_code
run_too_big(struct pg_run *run)
{
	return err_set(run->err, ERR_TOOBIG, "postgres",
	    "%s: the answer is longer than %zu bytes: ask for fewer rows",
	    run->conn->place, run->conn->max_bytes);
}

/* Sends what libpq holds, reads what has come, or waits for either. */
static enum err_code
run_step(struct pg_run *run)
{
	PGconn *pq = run->conn->pq;
	int unsent = PQflush(pq);
	enum err_code code;

	if (unsent < 0)
		return run_broken(run);
	code = io_wait(PQsocket(pq), unsent ? IO_READ | IO_WRITE : IO_READ,
	    run->deadline, run->cancel, NULL);
	if (code == ERR_TIMEOUT)
		return err_set(run->err, code, "postgres",
		    "%s: no answer in time; the server is stopped, overloaded "
		    "or cut off",
		    run->conn->place);
	if (code != ERR_OK)
		return err_set(run->err, code, "postgres", "%s: %s",
		    run->conn->place, err_code_text(code));
	if (run_received(run->conn) - run->conn->run_bytes >
	    run->conn->max_bytes)
		return run_too_big(run);
	if (PQconsumeInput(pq) == 0)
		return run_broken(run);
	return ERR_OK;
}

/* The next result of libpq; NULL ends those of one question. */
static enum err_code
run_next(struct pg_run *run, PGresult **ret_result)
{
	PGconn *pq = run->conn->pq;

	while (PQisBusy(pq)) {
		enum err_code code = run_step(run);

		if (code != ERR_OK)
			return code;
	}
	*ret_result = PQgetResult(pq);
	return ERR_OK;
}

static enum err_code
run_odd(struct pg_run *run)
{
	return err_set(run->err, ERR_PROTOCOL, "postgres",
	    "%s: the answers do not fit the questions; a proxy, or no "
	    "PostgreSQL?",
	    run->conn->place);
}

/* Puts one result into the answer. */
static enum err_code
answer_take(struct pg_run *run, PGresult *result, struct pg_answer *answer)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		answer->result = result;
		/* A row of one small value takes three times its bytes. */
		return PQresultMemorySize(result) / 4 > run->conn->max_bytes
			   ? run_too_big(run)
			   : ERR_OK;
	case PGRES_PIPELINE_ABORTED:
		err_set(&answer->why, ERR_SERVER, "postgres",
		    "not asked, because the question before failed");
		break;
	case PGRES_FATAL_ERROR:
		if (state == NULL && text == NULL) {
			PQclear(result);
			return run_broken(run);
		}
		pg_explain_server(state, text, &answer->why);
		break;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		PQclear(result);
		return err_set(run->err, ERR_UNSUPPORTED, "postgres",
		    "%s: COPY can't be asked for", run->conn->place);
	default:
		PQclear(result);
		return run_odd(run);
	}
	PQclear(result);
	return ERR_OK;
}

/*
 * The server said something and closed: for all questions, not for one. Its
 * words are better than "closed without a word".
 */
static enum err_code
run_last_words(struct pg_run *run, enum err_code code)
{
	struct pg_answers *answers = run->answers;

	if (code != ERR_CLOSED && code != ERR_IO)
		return code;
	for (size_t i = 0; i < answers->count; i++) {
		if (answers->list[i].why.code == ERR_OK)
			continue;
		*run->err = answers->list[i].why;
		err_prefix(run->err, "%s", run->conn->place);
		return run->err->code;
	}
	return code;
}

/* All results of one question; answer NULL: one of our own. */
static enum err_code
run_collect(struct pg_run *run, struct pg_answer *answer)
{
	struct pg_answer own = { .result = NULL };
	PGresult *result = NULL;
	enum err_code code = run_next(run, &result);

	if (answer == NULL)
		answer = &own;
	if (code == ERR_OK && result == NULL)
		code = run_odd(run);
	while (code == ERR_OK && result != NULL) {
		if (answer->result != NULL || answer->why.code != ERR_OK)
			PQclear(result);
		else
			code = answer_take(run, result, answer);
		if (code == ERR_OK)
			code = run_next(run, &result);
	}
	pg_result_free(own.result);
	return code;
}

/* The Sync at the end of a group. */
static enum err_code
run_collect_sync(struct pg_run *run)
{
	PGresult *result = NULL;
	enum err_code code = run_next(run, &result);
	bool whole = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

	PQclear(result);
	if (code != ERR_OK || whole)
		return code;
	return PQstatus(run->conn->pq) == CONNECTION_BAD ? run_broken(run)
							 : run_odd(run);
}

static bool
run_ask(struct pg_run *run, const struct pg_question *q)
{
	return PQsendQueryParams(run->conn->pq, q->sql, q->param_count, NULL,
		   q->params, NULL, NULL, 0) == 1;
}

enum {
	LIMIT_TEXT_MAX = 24
};

/* BEGIN and the limits that a pooler did not let us have at the start. */
static bool
run_ask_begin(struct pg_run *run)
{
	const struct pg_connection *conn = run->conn;
	char statement[LIMIT_TEXT_MAX], lock[LIMIT_TEXT_MAX];
	const char *params[] = { statement, lock, conn->search_path };
	const struct pg_question begin = {
		.sql = conn->write ? "BEGIN READ WRITE" : "BEGIN READ ONLY"
	};
	const struct pg_question limits = {
		.sql = "SELECT pg_catalog.set_config("
		       "'statement_timeout', $1, true), pg_catalog.set_config("
		       "'lock_timeout', $2, true), CASE WHEN $3::text IS NOT "
		       "NULL THEN pg_catalog.set_config('search_path', $3, "
		       "true) END",
		.params = params,
		.param_count = 3,
	};

	snprintf(statement, sizeof(statement), "%lld",
	    (long long)conn->statement_ms);
	snprintf(lock, sizeof(lock), "%lld", (long long)conn->lock_ms);
	return run_ask(run, &begin) && run_ask(run, &limits);
}

/* Questions from first up to end, one Sync behind each group. */
static enum err_code
run_send(struct pg_run *run, size_t first, size_t end, bool wrapped)
{
	static const struct pg_question commit = { .sql = "COMMIT" };
	PGconn *pq = run->conn->pq;
	bool good = PQenterPipelineMode(pq) == 1;

	if (good && wrapped)
		good = run_ask_begin(run);
	for (size_t i = first; i < end && good; i++) {
		bool last = i + 1 == end || !run->questions[i + 1].joined;

		good = run_ask(run, &run->questions[i]);
		if (good && wrapped && last)
			good = run_ask(run, &commit);
		if (good && last)
			good = PQpipelineSync(pq) == 1;
	}
	return good ? ERR_OK : run_broken(run);
}

/* What could not be committed was not done, whatever it answered before. */
static enum err_code
run_collect_commit(struct pg_run *run, struct pg_answer *answer)
{
	struct pg_answer end = { .result = NULL };
	enum err_code code = run_collect(run, &end);

	pg_result_free(end.result);
	if (code == ERR_OK && end.why.code != ERR_OK &&
	    answer->why.code == ERR_OK) {
		answer->result = pg_result_free(answer->result);
		answer->why = end.why;
	}
	return code;
}

static enum err_code
run_receive(struct pg_run *run, size_t first, size_t end, bool wrapped)
{
	struct pg_answer *answers = run->answers->list;
	struct pg_answer begun = { .result = NULL };
	enum err_code code = ERR_OK;

	for (int i = 0; wrapped && i < 2 && code == ERR_OK; i++) {
		pg_result_free(begun.result);
		begun.result = NULL;
		code = run_collect(run, &begun);
	}
	for (size_t i = first; i < end && code == ERR_OK; i++) {
		bool last = i + 1 == end || !run->questions[i + 1].joined;

		code = run_collect(run, &answers[i]);
		if (code == ERR_OK && wrapped && last)
			code = run_collect_commit(run, &answers[i]);
		if (code == ERR_OK && last)
			code = run_collect_sync(run);
	}
	pg_result_free(begun.result);
	if (code == ERR_OK && begun.why.code != ERR_OK) {
		*run->err = begun.why;
		return begun.why.code;
	}
	if (code == ERR_OK && PQexitPipelineMode(run->conn->pq) != 1)
		code = run_broken(run);
	return code;
}

/* Leaves no transaction behind, failed or opened by a question. */
static enum err_code
run_roll_back(struct pg_run *run)
{
	static const struct pg_question question = { .sql = "ROLLBACK" };
	PGTransactionStatusType status = PQtransactionStatus(run->conn->pq);
	enum err_code code;

	if (status == PQTRANS_IDLE)
		return ERR_OK;
	if (status != PQTRANS_INERROR && status != PQTRANS_INTRANS)
		return run_broken(run);
	code = run_ask(run, &question) ? ERR_OK : run_broken(run);
	if (code == ERR_OK)
		code = run_collect(run, NULL);
	return code;
}

static enum err_code
run_flight(struct pg_run *run, size_t first, size_t end, bool wrapped)
{
	enum err_code code = run_send(run, first, end, wrapped);

	if (code == ERR_OK)
		code = run_receive(run, first, end, wrapped);
	if (code == ERR_OK)
		code = run_roll_back(run);
	return code;
}

/* Behind a pooler: one group at a time. */
static enum err_code
run_groups(struct pg_run *run)
{
	enum err_code code = ERR_OK;
	size_t first = 0;

	while (first < run->count && code == ERR_OK) {
		size_t end = first + 1;

		while (end < run->count && run->questions[end].joined)
			end++;
		code = run_flight(run, first, end, true);
		first = end;
	}
	return code;
}

enum err_code
pg_conn_run(struct pg_connection *conn, const struct pg_question *questions,
    size_t count, int64_t deadline, const struct cancel *cancel,
    struct pg_answers *ret_answers, struct err *err)
{
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct err own = ERR_INIT;
	struct pg_run run = {
		.conn = conn,
		.questions = questions,
		.count = count,
		.deadline = deadline,
		.cancel = cancel,
		.answers = &answers,
		.err = &own,
	};
	int64_t start = clock_now();
	enum err_code code;

	if (conn->dead)
		return err_set(err, ERR_CLOSED, "postgres",
		    "the connection failed earlier");
	if (count == 0 || count > PG_QUESTIONS_MAX)
		return err_set(err, ERR_LIMIT, "postgres",
		    "1 to %d questions can be asked at once", PG_QUESTIONS_MAX);
	answers.count = count;
	conn->run_bytes = run_received(conn);
	code =
	    conn->wrap ? run_groups(&run) : run_flight(&run, 0, count, false);
	answers.took_ns = clock_now() - start;
	code = run_last_words(&run, code);
	if (code != ERR_OK) {
		conn->dead = true;
		pg_answers_release(&answers);
		if (err != NULL)
			*err = own;
		return code;
	}
	*ret_answers = answers;
	return ERR_OK;
}
