/*
 * kill -9 at random instants while flags are set on every backend that can be
 * had here (Redis, PostgreSQL, a file, HTTP) and while configured requests
 * and commands are done. Each server counts for itself what reached it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <libpq-fe.h>

#include "actions/action.h"
#include "base/buf.h"
#include "tests/actions/kill.h"
#include "tests/live/pg_server.h"
#include "tests/live/redis_server.h"
#include "tests/tap.h"

enum {
	ROUNDS = 120,
	HURRY = 400, /* two minutes are 0.3 s */
	FLAGS = 8,   /* of each backend, so that one in doubt stops few */
	CONFIG_MAX = 32 * 1024,
};

enum kind {
	KIND_REDIS,
	KIND_POSTGRES,
	KIND_FILE,
	KIND_HTTP,
	KIND_REQUEST,
	KIND_COMMAND,
	KINDS,
};

static enum kind
kind_of(int number)
{
	return (enum kind)(number % KINDS);
}

/* Which of the flags of its backend. */
static int
flag_of(int number)
{
	return number / KINDS % FLAGS;
}

/* What the servers saw, by number; and what is there now, by place. */
static struct {
	int count[KILL_NUMBERS_MAX];
	int shown[KILL_PLACES_MAX];
} seen;

/* "v17" is 17; anything else is -1. */
static int
number_of(const char *value)
{
	char *end = NULL;
	long number = value[0] == 'v' ? strtol(value + 1, &end, 10) : -1;

	return end != NULL && end != value + 1 && *end == '\0' && number >= 0 &&
		       number < KILL_NUMBERS_MAX
		   ? (int)number
		   : -1;
}

static void
seen_value(const char *value)
{
	int number = number_of(value);

	if (number >= 0)
		seen.count[number]++;
}

static void
seen_at(enum kind kind, int flag, const char *value)
{
	seen.shown[(int)kind * FLAGS + flag] = number_of(value);
}

/* The HTTP server: GET /NAME tells its value, PUT /NAME sets it. */
static struct web {
	int listener;
	int port;
	pthread_mutex_t lock;
	char value[2][FLAGS][16]; /* of flags, of the action's places */
	struct buf log;		  /* values that were set, one a line */
} web = { .log = BUF_INIT(1024 * 1024) };

/* One request, as far as it came: 0 when it is not whole yet. */
static size_t
web_body(const char *bytes, size_t len, size_t *ret_body)
{
	const char *end = memmem(bytes, len, "\r\n\r\n", 4), *length;
	size_t body = 0;

	if (end == NULL)
		return 0;
	length = strcasestr(bytes, "\r\ncontent-length:");
	if (length != NULL && length < end)
		body = (size_t)strtol(length + 17, NULL, 10);
	*ret_body = (size_t)(end - bytes) + 4;
	return len >= *ret_body + body ? *ret_body + body : 0;
}

static void
web_put(char at[16], const char *body)
{
	const char *value = strstr(body, ": \"v");
	char name[16];
	size_t n;

	if (value == NULL)
		return;
	n = strcspn(value + 3, "\"");
	snprintf(name, sizeof(name), "%.*s", (int)n, value + 3);
	buf_fmt(&web.log, "%s\n", name);
	memcpy(at, name, sizeof(name));
}

static void
web_answer(int fd, const char *bytes, size_t body)
{
	const char *slash = strchr(bytes, '/');
	char json[64], out[256], *at = web.value[0][0];
	int n;

	if (slash != NULL && slash[2] >= '0' && slash[2] < '0' + FLAGS)
		at = web.value[slash[1] == 'a'][slash[2] - '0'];
	pthread_mutex_lock(&web.lock);
	if (strncmp(bytes, "PUT ", 4) == 0)
		web_put(at, bytes + body);
	snprintf(json, sizeof(json), "{\"value\": \"%s\"}", at);
	pthread_mutex_unlock(&web.lock);
	n = snprintf(out, sizeof(out),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
	    strlen(json), json);
	(void)!send(fd, out, (size_t)n, MSG_NOSIGNAL);
}

/* Ends when the listener is shut down. */
static void *
web_main(void *opaque)
{
	int fd;

	(void)opaque;
	while ((fd = accept4(web.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct timeval limit = { .tv_sec = 2 };
		char bytes[8192];
		size_t len = 0, body = 0;
		ssize_t n;

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		while (len < sizeof(bytes) - 1 &&
		       (n = recv(fd, bytes + len, sizeof(bytes) - 1 - len, 0)) >
			   0) {
			len += (size_t)n;
			bytes[len] = '\0';
			if (web_body(bytes, len, &body) == 0)
				continue;
			web_answer(fd, bytes, body);
			break;
		}
		close(fd);
	}
	return NULL;
}

static bool
web_start(pthread_t *ret_thread)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pthread_mutex_init(&web.lock, NULL);
	web.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(web.listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(web.listener, 64) != 0 ||
	    getsockname(web.listener, (struct sockaddr *)&at, &len) != 0)
		return false;
	web.port = ntohs(at.sin_port);
	return pthread_create(ret_thread, NULL, web_main, NULL) == 0;
}

/* A text of the file in the folder of the test; "" when there is none. */
static void
read_file(const char *name, struct buf *out)
{
	char path[600], bytes[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fake.dir, name);
	file = fopen(path, "re");
	while (file != NULL && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_add(out, bytes, n);
	if (file != NULL)
		fclose(file);
}

/* The platform's file, with the addresses of the servers. */
static bool
make_config(const struct redis_server *redis, const struct pg_server *pg)
{
	struct buf out = BUF_INIT(CONFIG_MAX);
	bool good;

	buf_fmt(&out,
	    "platform: shop\nsources:\n"
	    "  cache: {type: redis, url: '%s'}\n"
	    "  db: {type: postgres, url: '%s'}\nflags:\n",
	    redis->url, pg->url);
	for (int i = 0; i < FLAGS; i++)
		buf_fmt(&out,
		    "  r%d: {type: redis, source: cache, name: flags, field: "
		    "f%d, text: true}\n"
		    "  p%d:\n    type: postgres\n    db: db\n    text: true\n"
		    "    read: select value from flags where id = %d\n"
		    "    write: update flags set value = $1 where id = %d and "
		    "value is not distinct from $2\n"
		    "  e%d: {type: file, path: '%s/env', variable: E%d, text: "
		    "true}\n"
		    "  h%d: {type: http, url: 'http://127.0.0.1:%d/h%d', path: "
		    "value, text: true, method: PUT, body: '{\"value\": "
		    "${flag.value}}'}\n",
		    i, i, i, i, i, i, fake.dir, i, i, web.port, i);
	good = buf_fmt(&out,
	    "actions:\n"
	    "  put:\n    type: http\n    class: reversible\n    targets: one\n"
	    "    method: PUT\n"
	    "    url: 'http://127.0.0.1:%d/%s'\n"
	    "    body: '{\"value\": ${input.value}}'\n"
	    "    inputs: {value: {required: true}, at: {required: true}}\n"
	    "    reads: {value: {url: 'http://127.0.0.1:%d/%s', path: value, "
	    "want: '${input.value}'}}\n"
	    "  run:\n    type: command\n    class: reversible\n"
	    "    targets: one\n"
	    "    argv: [sh, -c, 'sleep 0.01; echo \"$0\" >> %s/log', "
	    "'${input.value}']\n"
	    "    inputs: {value: {required: true}, at: {}}\n"
	    "    verify: {argv: [grep, -qx, '${input.value}', '%s/log']}\n",
	    web.port, "a${input.at}", web.port, "a${input.at}", fake.dir,
	    fake.dir);
	setenv("TEST_KILL_CONFIG", buf_cstr(&out), 1);
	buf_release(&out);
	return good;
}

static bool
make_flags(struct pg_server *pg)
{
	struct pg_conn *conn = pg_server_connect(pg, "");
	bool good;
	char path[600];
	FILE *file;

	good = conn != NULL &&
	       pg_do(conn, "CREATE TABLE flags (id int PRIMARY KEY, value "
			   "text)") &&
	       pg_do(conn, "CREATE TABLE log (value text)") &&
	       pg_do(conn, "INSERT INTO flags SELECT i, 'none' FROM "
			   "generate_series(0, 7) i") &&
	       pg_do(conn, "CREATE FUNCTION note() RETURNS trigger LANGUAGE "
			   "plpgsql AS 'BEGIN INSERT INTO log VALUES "
			   "(NEW.value); RETURN NEW; END'") &&
	       pg_do(conn, "CREATE TRIGGER note AFTER UPDATE ON flags FOR EACH "
			   "ROW EXECUTE FUNCTION note()");
	PQfinish((PGconn *)conn);
	snprintf(path, sizeof(path), "%s/env", fake.dir);
	file = fopen(path, "we");
	for (int i = 0; file != NULL && i < FLAGS; i++)
		fprintf(file, "E%d=none\n", i);
	return file != NULL && fclose(file) == 0 && good;
}

static bool
kill_open(struct fake_world *world)
{
	static struct platform_types types;

	action_config_types(&types);
	fake_config = getenv("TEST_KILL_CONFIG");
	fake_sources = &types;
	if (fake_config == NULL || !fake_world_open(world, "test", GATE_NORMAL))
		return false;
	world->options.table = action_table;
	world->options.hurry = HURRY;
	return fake_world_again(world);
}

static bool
kill_ask(int number, struct request_spec *spec)
{
	static const char letters[] = "rpeh";
	static struct request_value values[2];
	static struct request_target target;
	static char name[32], value[16], at[16];
	enum kind kind = kind_of(number);

	snprintf(value, sizeof(value), "v%d", number);
	snprintf(at, sizeof(at), "%d", flag_of(number));
	if (kind < KIND_REQUEST)
		snprintf(name, sizeof(name), "%c%s", letters[(int)kind], at);
	else
		snprintf(name, sizeof(name), "place %s", at);
	target.name = name;
	values[0] = (struct request_value) { "value", value };
	values[1] = (struct request_value) { "at", at };
	spec->targets = &target;
	spec->target_count = 1;
	spec->values = values;
	spec->value_count = kind < KIND_REQUEST ? 1 : 2;
	spec->action = kind == KIND_REQUEST   ? "put"
		       : kind == KIND_COMMAND ? "run"
					      : "flag.set";
	return true;
}

static size_t
kill_effects(int number)
{
	if (kind_of(number) == KIND_FILE)
		return SIZE_MAX;
	return (size_t)seen.count[number];
}

static int
kill_place(int number)
{
	enum kind kind = kind_of(number);

	return kind <= KIND_FILE ? (int)kind * FLAGS + flag_of(number) : -1;
}

static int
kill_shown(int place)
{
	return seen.shown[place];
}

/* Every line is a value that was set. */
static void
look_lines(const struct buf *lines)
{
	const char *at = buf_cstr(lines), *nl;
	char value[32];

	for (; (nl = strchr(at, '\n')) != NULL; at = nl + 1) {
		snprintf(value, sizeof(value), "%.*s", (int)(nl - at), at);
		seen_value(value);
	}
}

static struct redis_server redis;
static struct pg_server pg;

/* Which scripts it ran, with their values; and the flags. */
static void
look_redis(void)
{
	redisContext *conn = redisConnectUnix(redis.socket);
	redisReply *slow = redisCommand(conn, "SLOWLOG GET -1");

	for (size_t i = 0; slow != NULL && i < slow->elements; i++) {
		const redisReply *args = slow->element[i]->element[3];

		/* The last word is what it sets. */
		if (strcmp(args->element[0]->str, "EVAL") == 0)
			seen_value(args->element[args->elements - 1]->str);
	}
	freeReplyObject(slow);
	for (int i = 0; i < FLAGS; i++) {
		redisReply *value = redisCommand(conn, "HGET flags f%d", i);

		seen_at(KIND_REDIS, i,
		    value != NULL && value->str != NULL ? value->str : "");
		freeReplyObject(value);
	}
	redisFree(conn);
}

static void
look_postgres(void)
{
	struct pg_conn *conn = pg_server_connect(&pg, "");
	PGresult *log = PQexec((PGconn *)conn, "SELECT value FROM log");
	PGresult *now =
	    PQexec((PGconn *)conn, "SELECT value FROM flags ORDER BY id");

	for (int i = 0; i < PQntuples(log); i++)
		seen_value(PQgetvalue(log, i, 0));
	for (int i = 0; i < PQntuples(now) && i < FLAGS; i++)
		seen_at(KIND_POSTGRES, i, PQgetvalue(now, i, 0));
	PQclear(log);
	PQclear(now);
	PQfinish((PGconn *)conn);
}

static void
look_files(void)
{
	struct buf env = BUF_INIT(64 * 1024), log = BUF_INIT(1024 * 1024);
	char name[8], value[32];

	read_file("log", &log);
	look_lines(&log);
	read_file("env", &env);
	for (int i = 0; i < FLAGS; i++) {
		const char *at;

		snprintf(name, sizeof(name), "E%d=", i);
		at = strstr(buf_cstr(&env), name);
		at = at != NULL ? at + strlen(name) : "";
		snprintf(
		    value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
		seen_at(KIND_FILE, i, value);
	}
	buf_release(&env);
	buf_release(&log);
}

static void
look(void)
{
	for (int i = 0; i < KILL_PLACES_MAX; i++)
		seen.shown[i] = -1;
	look_redis();
	look_postgres();
	look_files();
	pthread_mutex_lock(&web.lock);
	look_lines(&web.log);
	pthread_mutex_unlock(&web.lock);
}

/* That each kind had its share. */
static void
check_kinds(size_t done)
{
	size_t count[KINDS] = { 0 }, least = SIZE_MAX;

	for (int i = 0; i < KILL_NUMBERS_MAX; i++)
		count[kind_of(i)] += seen.count[i] > 0;
	for (int i = 0; i < FLAGS; i++)
		count[KIND_FILE] += seen.shown[KIND_FILE * FLAGS + i] >= 0;
	for (int i = 0; i < KINDS; i++) {
		printf("# kind %d: %zu\n", i, count[i]);
		least = count[i] < least ? count[i] : least;
	}
	ok(least > 0 || done < 10 * KINDS, "of each kind some were done");
}

static void
run(const struct kill_ops *ops)
{
	static const char *const slow[] = { "--slowlog-log-slower-than", "0",
		"--slowlog-max-len", "100000", NULL };
	struct kill_found found;
	pthread_t thread;
	bool served;

	if (!ok(fake_open(), "a folder"))
		return;
	served = ok(web_start(&thread), "a web server");
	if (ok(redis_server_start(&redis, slow), "a Redis") &&
	    ok(pg_server_start(&pg, NULL), "a PostgreSQL") && served &&
	    ok(make_flags(&pg) && make_config(&redis, &pg), "their flags")) {
		found = kill_run(ops, ROUNDS);
		kill_check(&found, ROUNDS);
		check_kinds(found.done);
	}
	if (served) {
		shutdown(web.listener, SHUT_RDWR);
		pthread_join(thread, NULL);
	}
	close(web.listener);
	buf_release(&web.log);
	redis_server_remove(&redis);
	pg_server_remove(&pg);
	fake_close();
}

int
main(int argc, char **argv)
{
	static const struct kill_ops ops = {
		.open = kill_open,
		.ask = kill_ask,
		.look = look,
		.effects = kill_effects,
		.place = kill_place,
		.shown = kill_shown,
	};

	if (argc == 3)
		return kill_child(&ops, argv);
	if (redis_server_available() && pg_server_available())
		run(&ops);
	else
		skip("no Redis or no PostgreSQL server is installed");
	return tap_done();
}
