/*
 * Answers of the servers that keep flags. The first byte says of which kind
 * and with which status, for a JSON API the first line is the path of the
 * value; the rest is the body. Whatever it holds, it is refused with words,
 * or it is a value that a flag can have: whole, without a NUL, and the same
 * when it is read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_path.h"
#include "datasrc/flag_type.h"
#include "datasrc/limits.h"
#include "model/platform_flag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

typedef enum err_code take_fn(const struct flag_ask *ask,
    const struct http_response *response, const char *host,
    struct flag_state *state, struct err *err);

static void
check_state(const struct flag_state *state)
{
	check(state->stored == NULL || strlen(state->stored) < FLAG_VALUE_MAX);
	check(state->who == NULL || strlen(state->who) < FLAG_VALUE_MAX);
	check(state->since_ms >= 0);
}

static void
check_take(take_fn *take, const struct platform_flag *flag,
    const struct http_response *response)
{
	struct flag_ask ask = { .flag = flag, .arena = arena_new(1 << 22) };
	struct flag_state one = { .stored = NULL }, two = { .stored = NULL };
	struct err err = ERR_INIT;

	check(ask.arena != NULL);
	if (take(&ask, response, "host", &one, &err) != ERR_OK) {
		check(err.msg[0] != '\0');
	} else {
		check_state(&one);
		check(take(&ask, response, "host", &two, NULL) == ERR_OK);
		check((one.stored == NULL) == (two.stored == NULL));
		check(
		    one.stored == NULL || strcmp(one.stored, two.stored) == 0);
	}
	arena_free(ask.arena);
}

static void
check_http(struct http_response *response, char *body)
{
	struct flag_http_conf conf = { .who = "by", .since = "at" };
	const struct platform_flag flag = { .name = "F", .config = &conf };
	char *newline = strchr(body, '\n');
	struct err err = ERR_INIT;

	if (newline == NULL)
		return;
	*newline = '\0';
	conf.path = body;
	if (json_lookup_check(body, &err) != ERR_OK)
		return;
	response->body_len -= (size_t)(newline + 1 - body);
	response->body = newline + 1;
	check_take(flag_http_take, &flag, response);
}

static void
check_unleash(const struct http_response *response)
{
	static const struct flag_unleash_conf conf = { .project = "default",
		.environment = "production" };
	const struct platform_flag flag = { .name = "F", .config = &conf };

	check_take(flag_unleash_take, &flag, response);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 404, 500 };
	struct http_response response = { .type = "application/json" };
	char *body;

	if (size == 0)
		return 0;
	body = calloc(1, size);
	if (body == NULL)
		return 0;
	memcpy(body, data + 1, size - 1);
	response.status = statuses[data[0] >> 1 & 3];
	response.body = body;
	response.body_len = size - 1;
	if ((data[0] & 1) != 0)
		check_http(&response, body);
	else
		check_unleash(&response);
	free(body);
	return 0;
}
