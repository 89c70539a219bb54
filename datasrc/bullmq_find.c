#include "datasrc/bullmq_find.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void
bullmq_find_init(struct bullmq_find *find, const char *prefix)
{
	*find = (struct bullmq_find) { .count = 0 };
	snprintf(find->prefix, sizeof(find->prefix), "%s", prefix);
	snprintf(find->cursor, sizeof(find->cursor), "0");
}

bool
bullmq_find_pattern(const char *prefix, char *out, size_t cap)
{
	/* Ends of "meta" and "id"; what else matches is sorted out by us. */
	static const char tail[] = ":*:[mi][ed]*";
	size_t n = 0;

	for (; *prefix != '\0'; prefix++) {
		if (n + 2 + sizeof(tail) > cap)
			return false;
		if (strchr("*?[]\\^", *prefix) != NULL)
			out[n++] = '\\';
		out[n++] = *prefix;
	}
	if (n + sizeof(tail) > cap)
		return false;
	memcpy(out + n, tail, sizeof(tail));
	return true;
}

/* Keeps the names sorted and each once. */
static void
find_add(struct bullmq_find *find, const char *name, size_t len)
{
	char own[BULLMQ_NAME_MAX];
	size_t at = 0;

	memcpy(own, name, len);
	own[len] = '\0';
	while (at < find->count && strcmp(find->names[at], own) < 0)
		at++;
	if (at < find->count && strcmp(find->names[at], own) == 0)
		return;
	if (find->count == BULLMQ_QUEUES_MAX) {
		find->more = true;
		return;
	}
	memmove(find->names[at + 1], find->names[at],
	    (find->count - at) * sizeof(find->names[0]));
	memcpy(find->names[at], own, sizeof(own));
	find->count++;
}

void
bullmq_find_key(struct bullmq_find *find, const char *key, size_t len)
{
	size_t p = strlen(find->prefix);
	const char *name, *colon;
	size_t n;

	if (len < p + 2 || memcmp(key, find->prefix, p) != 0 || key[p] != ':')
		return;
	name = key + p + 1;
	n = len - p - 1;
	colon = memchr(name, ':', n);
	if (colon == NULL || colon == name || memchr(name, '\0', n) != NULL)
		return;
	n -= (size_t)(colon - name);
	if ((n != 5 || memcmp(colon, ":meta", 5) != 0) &&
	    (n != 3 || memcmp(colon, ":id", 3) != 0))
		return;
	if ((size_t)(colon - name) < BULLMQ_NAME_MAX)
		find_add(find, name, (size_t)(colon - name));
}

/* One SCAN; the cursor "0" that comes back ends the round. */
static enum err_code
find_step(struct bullmq_find *find, const char *pattern,
    struct redis_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	const struct redisReply *reply, *keys;
	struct redis_batch batch;
	const char *s;
	size_t len;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "SCAN", find->cursor, "MATCH", pattern, "COUNT",
	    "1000", NULL);
	code =
	    redis_session_run(session, &batch, deadline, cancel, &replies, err);
	reply = redis_replies_at(&replies, 0);
	if (code == ERR_OK)
		code = redis_reply_check(reply, err);
	if (code != ERR_OK)
		goto out;
	keys = redis_reply_at(reply, 1);
	for (size_t i = 0; i < redis_reply_count(keys); i++)
		if (redis_reply_str(redis_reply_at(keys, i), &s, &len))
			bullmq_find_key(find, s, len);
	if (!redis_reply_str(redis_reply_at(reply, 0), &s, &len) ||
	    len >= sizeof(find->cursor))
		code = err_set(err, ERR_PROTOCOL, "redis",
		    "the answer to SCAN has no cursor");
	else
		memcpy(find->cursor, s, len + 1);
out:
	redis_replies_release(&replies);
	redis_batch_release(&batch);
	return code;
}

enum err_code
bullmq_find_some(struct bullmq_find *find, struct redis_session *session,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	char pattern[2 * BULLMQ_PREFIX_MAX + 16];
	enum err_code code = ERR_OK;

	if (clock_now() < find->next_round_at)
		return ERR_OK;
	if (!bullmq_find_pattern(find->prefix, pattern, sizeof(pattern)))
		return err_set(
		    err, ERR_CONFIG, "bullmq", "the prefix is too long");
	for (int i = 0; i < BULLMQ_FIND_STEPS; i++) {
		code = find_step(find, pattern, session, deadline, cancel, err);
		if (code != ERR_OK)
			break;
		find->steps++;
		if (strcmp(find->cursor, "0") != 0 &&
		    find->steps < BULLMQ_FIND_ROUND)
			continue;
		find->complete = true;
		find->steps = 0;
		memcpy(find->cursor, "0", 2);
		find->next_round_at =
		    clock_now() + BULLMQ_FIND_EVERY_MS * NS_PER_MS;
		break;
	}
	return code;
}
