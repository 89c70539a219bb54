#include "sim/queue_link.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "sim/limits.h"
#include "sim/queue_lua.h"

enum {
	LINK_SHA_LEN = 40,
	LINK_NAME_MAX = 160,
};

struct queue_worker {
	redisContext *c; /* NULL: not connected */
	bool asleep;	 /* BZPOPMIN was sent, its answer is awaited */
};

struct queue_link {
	unsigned port;
	char password[64];
	redisContext *c;
	char sha[LINK_SHA_LEN + 1];
	int64_t next_try; /* on clock_now() */
	struct queue_worker workers[SIM_QUEUES_MAX][SIM_WORKERS_MAX];
};

struct queue_link *
queue_link_new(void)
{
	return mem_calloc(1, sizeof(struct queue_link));
}

static void
link_worker_close(struct queue_worker *worker)
{
	if (worker->c != NULL)
		redisFree(worker->c);
	worker->c = NULL;
	worker->asleep = false;
}

static void
link_down(struct queue_link *link)
{
	if (link->c != NULL)
		redisFree(link->c);
	link->c = NULL;
	for (unsigned q = 0; q < SIM_QUEUES_MAX; q++)
		for (unsigned w = 0; w < SIM_WORKERS_MAX; w++)
			link_worker_close(&link->workers[q][w]);
	link->next_try = clock_now() + SIM_REDIS_RETRY_MS * NS_PER_MS;
}

void
queue_link_target(struct queue_link *link, unsigned port, const char *password)
{
	link_down(link);
	link->port = port;
	link->next_try = 0;
	snprintf(link->password, sizeof(link->password), "%s",
	    password != NULL ? password : "");
}

/* A connection that is known by name; NULL when it can't be had now. */
static redisContext *
link_open(const struct queue_link *link, const char *name)
{
	struct timeval limit = {
		.tv_sec = SIM_REDIS_IO_MS / 1000,
		.tv_usec = (SIM_REDIS_IO_MS % 1000) * 1000,
	};
	redisContext *c =
	    redisConnectWithTimeout("127.0.0.1", (int)link->port, limit);
	redisReply *reply = NULL;
	bool good = false;

	if (c == NULL)
		return NULL;
	if (c->err != 0 || redisSetTimeout(c, limit) != REDIS_OK)
		goto out;
	reply = redisCommand(c, "AUTH %s", link->password);
	if (reply == NULL || reply->type != REDIS_REPLY_STATUS)
		goto out;
	freeReplyObject(reply);
	reply = redisCommand(c, "CLIENT SETNAME %s", name);
	good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
out:
	if (reply != NULL)
		freeReplyObject(reply);
	if (!good) {
		redisFree(c);
		c = NULL;
	}
	return c;
}

static bool
link_load_script(struct queue_link *link)
{
	redisReply *reply = redisCommand(
	    link->c, "SCRIPT LOAD %b", queue_lua, sizeof(queue_lua) - 1);
	bool good = reply != NULL && reply->type == REDIS_REPLY_STRING &&
		    reply->len == LINK_SHA_LEN;

	if (good)
		memcpy(link->sha, reply->str, LINK_SHA_LEN + 1);
	if (reply != NULL)
		freeReplyObject(reply);
	return good;
}

bool
queue_link_up(struct queue_link *link, bool *ret_fresh)
{
	*ret_fresh = false;
	if (link->c != NULL)
		return true;
	if (link->port == 0 || clock_now() < link->next_try)
		return false;
	link->c = link_open(link, "ai-visibility-jobs");
	if (link->c == NULL || !link_load_script(link)) {
		link_down(link);
		return false;
	}
	*ret_fresh = true;
	return true;
}

bool
queue_link_is_up(const struct queue_link *link)
{
	return link->c != NULL;
}

bool
queue_link_run(struct queue_link *link, unsigned count,
    const char *const keys[], const char *const args[], cJSON *ret_replies[])
{
	bool forgotten = false;

	for (unsigned i = 0; i < count; i++) {
		ret_replies[i] = NULL;
		redisAppendCommand(
		    link->c, "EVALSHA %s 1 %s %s", link->sha, keys[i], args[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		void *raw = NULL;
		redisReply *reply;

		if (redisGetReply(link->c, &raw) != REDIS_OK) {
			link_down(link);
			return false;
		}
		reply = raw;
		if (reply->type == REDIS_REPLY_STRING)
			ret_replies[i] =
			    cJSON_ParseWithLength(reply->str, reply->len);
		else if (reply->type == REDIS_REPLY_ERROR)
			forgotten |= strncmp(reply->str, "NOSCRIPT", 8) == 0;
		freeReplyObject(reply);
	}
	if (forgotten && !link_load_script(link)) {
		link_down(link);
		return false;
	}
	return true;
}

/* The name under which the library's workers register, section 3 of its
 * protocol: bull:<base64 of the queue's name>, and ":w:<name>" if named. */
static redisContext *
link_open_worker(const struct queue_link *link, const char *queue_name,
    const char *name, unsigned number)
{
	char full[LINK_NAME_MAX];
	unsigned char code[4 * (NAME_MAX_LEN / 3 + 2)];
	size_t len = strlen(queue_name);

	if (len > NAME_MAX_LEN)
		return NULL;
	EVP_EncodeBlock(code, (const unsigned char *)queue_name, (int)len);
	if (name != NULL)
		snprintf(full, sizeof(full), "bull:%s:w:%s-%u", (char *)code,
		    name, number + 1);
	else
		snprintf(full, sizeof(full), "bull:%s", (char *)code);
	return link_open(link, full);
}

/* True when there is something to read from, or wrong with, the socket. */
static bool
link_readable(const redisContext *c)
{
	struct pollfd set = { .fd = c->fd, .events = POLLIN };

	return poll(&set, 1, 0) > 0;
}

static void
link_worker_step(struct queue_worker *worker, const char *base, bool idle)
{
	void *reply = NULL;
	int sent = 0;

	if (link_readable(worker->c)) {
		if (redisBufferRead(worker->c) != REDIS_OK ||
		    redisGetReplyFromReader(worker->c, &reply) != REDIS_OK) {
			link_worker_close(worker);
			return;
		}
		if (reply != NULL)
			worker->asleep = false;
		freeReplyObject(reply);
	}
	if (!idle || worker->asleep)
		return;
	if (redisAppendCommand(worker->c, "BZPOPMIN %smarker %d", base,
		SIM_WORKER_SLEEP_S) != REDIS_OK) {
		link_worker_close(worker);
		return;
	}
	while (!sent)
		if (redisBufferWrite(worker->c, &sent) != REDIS_OK) {
			link_worker_close(worker);
			return;
		}
	worker->asleep = true;
}

void
queue_link_workers(struct queue_link *link, unsigned queue, const char *base,
    const char *queue_name, const char *name, unsigned count, bool idle)
{
	for (unsigned w = 0; w < SIM_WORKERS_MAX; w++) {
		struct queue_worker *worker = &link->workers[queue][w];

		if (link->c == NULL || w >= count) {
			link_worker_close(worker);
			continue;
		}
		if (worker->c == NULL)
			worker->c = link_open_worker(link, queue_name, name, w);
		if (worker->c == NULL) {
			link_down(link);
			return;
		}
		link_worker_step(worker, base, idle);
	}
}

struct queue_link *
queue_link_free(struct queue_link *link)
{
	if (link == NULL)
		return NULL;
	link_down(link);
	mem_free(link);
	return NULL;
}
