#include "datasrc/bullmq_workers.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "datasrc/redis_info.h"

bool
bullmq_client_name(
    const char *prefix, const char *queue, char out[BULLMQ_CLIENT_NAME_LEN])
{
	size_t n = strlen(queue), p = strlen(prefix);

	if (n >= BULLMQ_NAME_MAX || p >= BULLMQ_PREFIX_MAX)
		return false;
	memcpy(out, prefix, p);
	out[p] = ':';
	EVP_EncodeBlock(
	    (unsigned char *)out + p + 1, (const unsigned char *)queue, (int)n);
	return true;
}

/* Exactly the name, or the name with ":w:" and a worker's own behind. */
static bool
client_is_worker(struct redis_word client, const char *name)
{
	size_t n = strlen(name);

	if (client.at == NULL || client.len < n ||
	    memcmp(client.at, name, n) != 0)
		return false;
	return client.len == n ||
	       (client.len > n + 3 && memcmp(client.at + n, ":w:", 3) == 0);
}

void
bullmq_workers_count(const char *list, size_t len, const char *const *names,
    size_t n, struct bullmq_workers *rets)
{
	const char *at = list, *end = list + len;
	struct redis_client client;

	memset(rets, 0, n * sizeof(*rets));
	while (redis_client_next(&at, end, &client)) {
		if (client.name.len == 0)
			continue;
		for (size_t i = 0; i < n; i++) {
			if (!client_is_worker(client.name, names[i]))
				continue;
			rets[i].count++;
			if (redis_word_is(client.cmd, "bzpopmin"))
				rets[i].bzpopmin = true;
			if (redis_word_is(client.cmd, "brpoplpush"))
				rets[i].brpoplpush = true;
			break;
		}
	}
}
