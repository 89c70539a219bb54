/* Names of queues from keys; the server's part is in tests/live. */
#include "datasrc/bullmq_find.h"

#include "datasrc/bullmq_workers.h"
#include "tests/tap.h"

static struct bullmq_find find;

static void
take(const char *key)
{
	bullmq_find_key(&find, key, strlen(key));
}

static void
test_keys(void)
{
	bullmq_find_init(&find, "bull");
	take("bull:runPrompt:meta");
	take("bull:runBatch:id");
	take("bull:runPrompt:id");
	is_int((int64_t)find.count, 2, "each name once");
	is_str(find.names[0], "runBatch", "sorted");
	is_str(find.names[1], "runPrompt", "sorted");
	take("bull:runPrompt:identity");
	take("bull:runPrompt:7:meta");
	take("bull::meta");
	take("bull:meta");
	take("bullx:a:meta");
	take("other:a:meta");
	take("bull");
	take("");
	bullmq_find_key(&find, "bull:a\0b:meta", 13);
	is_int((int64_t)find.count, 2, "what is no queue is left out");
}

static void
test_many(void)
{
	char key[300];

	bullmq_find_init(&find, "{bull}");
	for (int i = 0; i < BULLMQ_QUEUES_MAX + 5; i++) {
		snprintf(key, sizeof(key), "{bull}:q%03d:meta", i);
		take(key);
	}
	is_int((int64_t)find.count, BULLMQ_QUEUES_MAX, "queues are bounded");
	ok(find.more, "and it is said");
	bullmq_find_init(&find, "bull");
	memset(key, 'x', sizeof(key));
	memcpy(key, "bull:", 5);
	memcpy(key + sizeof(key) - 6, ":meta", 6);
	take(key);
	is_int((int64_t)find.count, 0, "a name that is too long");
}

static void
test_pattern(void)
{
	char out[64];

	ok(bullmq_find_pattern("bull", out, sizeof(out)), "plain");
	is_str(out, "bull:*:[mi][ed]*", "the pattern");
	ok(bullmq_find_pattern("a*[b]?\\", out, sizeof(out)), "special");
	is_str(out, "a\\*\\[b\\]\\?\\\\:*:[mi][ed]*", "means itself");
	ok(!bullmq_find_pattern("bull", out, 10), "too small");
}

static void
test_workers(void)
{
	static const char list[] =
	    "id=1 name=bull:cnVuUHJvbXB0 cmd=bzpopmin\n"
	    "id=2 name=bull:cnVuUHJvbXB0:w:alpha cmd=evalsha\n"
	    "id=3 name=bull:cnVuUHJvbXB0:qe cmd=xread\n"
	    "id=4 name=bull:cnVuUHJvbXB0X cmd=brpoplpush\n"
	    "id=5 name=bull:YQ== cmd=brpoplpush\n"
	    "id=6 name= cmd=bzpopmin\n"
	    "id=7 name=bull:cnVuUHJvbXB0:w: cmd=bzpopmin\n";
	char a[BULLMQ_CLIENT_NAME_LEN], b[BULLMQ_CLIENT_NAME_LEN];
	struct bullmq_workers w[2];
	char name[BULLMQ_NAME_MAX + 1];

	ok(bullmq_client_name("bull", "runPrompt", a), "a name");
	is_str(a, "bull:cnVuUHJvbXB0", "as BullMQ makes it");
	ok(bullmq_client_name("bull", "a", b), "a short name");
	is_str(b, "bull:YQ==", "padded");
	bullmq_workers_count(
	    list, sizeof(list) - 1, (const char *const[]) { a, b }, 2, w);
	is_int((int64_t)w[0].count, 2, "workers, not listeners");
	ok(w[0].bzpopmin && !w[0].brpoplpush, "what they sleep in");
	is_int((int64_t)w[1].count, 1, "of the other queue");
	ok(!w[1].bzpopmin && w[1].brpoplpush, "what it sleeps in");
	memset(name, 'n', BULLMQ_NAME_MAX);
	name[BULLMQ_NAME_MAX] = '\0';
	ok(!bullmq_client_name("bull", name, a), "too long");
	name[BULLMQ_NAME_MAX - 1] = '\0';
	ok(bullmq_client_name("bull", name, a), "just fits");
}

int
main(void)
{
	RUN(test_keys);
	RUN(test_many);
	RUN(test_pattern);
	RUN(test_workers);
	return tap_done();
}
