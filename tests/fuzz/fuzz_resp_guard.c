/*
 * The guard before hiredis' reader. What the guard lets through, the reader
 * takes without an error and with the same number of replies; how the bytes
 * are cut into reads changes nothing; a refusal is for ever.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "datasrc/resp_guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static const struct resp_limits limits = {
	.total_max = 65536,
	.bulk_max = 4096,
	.line_max = 256,
	.array_max = 100,
	.elements_max = 1000,
	.depth_max = RESP_DEPTH_MAX,
};

/* Everything that went through goes to the reader; returns its replies. */
static size_t
read_all(const char *bytes, size_t len)
{
	redisReader *reader = redisReaderCreate();
	size_t n = 0;

	check(reader != NULL);
	check(redisReaderFeed(reader, bytes, len) == REDIS_OK);
	for (;;) {
		void *reply = NULL;

		check(redisReaderGetReply(reader, &reply) == REDIS_OK);
		if (reply == NULL)
			break;
		freeReplyObject(reply);
		n++;
	}
	redisReaderFree(reader);
	return n;
}

/* One byte at a time: the same verdict, the same number of replies. */
static void
check_split(const char *bytes, size_t size, enum err_code whole, size_t replies)
{
	struct resp_guard guard;
	enum err_code code = ERR_OK;
	size_t sum = 0;

	resp_guard_init(&guard, &limits);
	for (size_t i = 0; i < size && code == ERR_OK; i++) {
		size_t one = 0;

		code = resp_guard_scan(&guard, bytes + i, 1, &one, NULL);
		sum += one;
		check(guard.depth <= limits.depth_max);
	}
	check(code == whole);
	check(code != ERR_OK || sum == replies);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct resp_guard guard;
	struct err err = ERR_INIT;
	enum err_code code;
	size_t replies = 0;

	if (size > limits.total_max)
		return 0;
	resp_guard_init(&guard, &limits);
	code = resp_guard_scan(&guard, bytes, size, &replies, &err);
	check(code == ERR_OK || code == ERR_PROTOCOL || code == ERR_TOOBIG);
	check(code == ERR_OK || err.msg[0] != '\0');
	if (code == ERR_OK)
		check(read_all(bytes, size) == replies);
	check_split(bytes, size, code, replies);
	if (code != ERR_OK)
		check(resp_guard_scan(&guard, "+\r\n", 3, &replies, NULL) ==
		      code);
	return 0;
}
