#include "actions/redis_keys.h"

#include "base/attr.h"
#include "tests/tap.h"

static void
test_queue_keys(void)
{
	static const struct {
		const char *key;
		const char *base; /* NULL: not a queue's */
	} rows[] = {
		{ "bull:mail:meta", "bull:mail:" },
		{ "bull:mail:waiting-children", "bull:mail:" },
		{ "bull:mail:4711", "bull:mail:" },
		{ "team:a:mail:id", "team:a:mail:" },
		{ "{bull}:mail:wait", "{bull}:mail:" },
		{ "session:id", NULL },
		{ "cache:words:cat", NULL },
		{ "cache:words:", NULL },
		{ "cache:words:12a", NULL },
		{ "meta", NULL },
		{ ":", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct redis_queues queues = { .count = 0 };

		redis_queues_key(&queues, rows[i].key, strlen(rows[i].key));
		redis_queues_key(&queues, rows[i].key, strlen(rows[i].key));
		is_int(queues.count, rows[i].base != NULL, rows[i].key);
		if (rows[i].base != NULL && queues.count == 1)
			is_str(queues.bases[0], rows[i].base, "its queue");
	}
}

static void
test_queue_bounds(void)
{
	struct redis_queues queues = { .count = 0 };
	char key[BULLMQ_BASE_MAX + 64];
	int len;

	for (int i = 0; i < BULLMQ_QUEUES_MAX + 1; i++) {
		len = snprintf(key, sizeof(key), "bull:q%d:meta", i);
		redis_queues_key(&queues, key, (size_t)len);
	}
	is_int(queues.count, BULLMQ_QUEUES_MAX, "so many at most");
	ok(queues.more, "and says that there were more");
	queues = (struct redis_queues) { .count = 0 };
	len = snprintf(key, sizeof(key), "bull:%0*d:meta", BULLMQ_BASE_MAX, 7);
	redis_queues_key(&queues, key, (size_t)len);
	redis_queues_key(&queues, "bull:a\0b:meta", 13);
	is_int(queues.count, 0, "no name that is too long, or holds a NUL");
}

static struct request *
request_make(const char *target)
{
	const struct request_target targets[] = { { target, NULL } };
	const struct request_spec spec = {
		.action = "redis.flushdb",
		.platform = "shop",
		.targets = targets,
		.target_count = target != NULL,
	};
	struct request *request = NULL;

	return request_new(&spec, &request, NULL) == ERR_OK ? request : NULL;
}

static void
test_db(void)
{
	static const struct {
		const char *target;
		int64_t db;
		enum err_code code;
	} rows[] = {
		{ NULL, -1, ERR_OK },
		{ "db0", 0, ERR_OK },
		{ "0", 0, ERR_OK },
		{ "db15", 15, ERR_OK },
		{ "db", 0, ERR_USAGE },
		{ "db-1", 0, ERR_USAGE },
		{ "db0x", 0, ERR_USAGE },
		{ "cache", 0, ERR_USAGE },
		{ "db1000000", 0, ERR_USAGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct request *request = request_make(rows[i].target);
		const char *name =
		    rows[i].target != NULL ? rows[i].target : "no target";
		int64_t db = 77;

		is_int(redis_db_read(request, &db, NULL), rows[i].code, name);
		if (rows[i].code == ERR_OK)
			is_int(db, rows[i].db, "its number");
		request_unref(request);
	}
}

static void
test_memo(void)
{
	struct request *request = request_make("db3");
	struct plan *plan = plan_new(request);
	struct redis_memo again;
	const struct redis_memo memo = {
		.run_id = "590352ec0a8b2a0d4a68825de425e0307219205d",
		.db = 3,
		.count = 100012,
		.calls = -1,
		.saved_s = 1795699970,
		.saves = 4,
		.save_good = true,
	};

	is_int(redis_memo_read(plan, &again, NULL), ERR_BADDATA,
	    "no memo, nothing to act on");
	redis_memo_keep(&memo, plan);
	is_int(plan_finish(plan, NULL), ERR_OK, "it fits");
	is_int(redis_memo_read(plan, &again, NULL), ERR_OK, "read back");
	is_str(again.run_id, memo.run_id, "the server");
	is_int(again.db, 3, "the database");
	is_int(again.count, 100012, "the keys");
	is_int(again.calls, -1, "what is not known stays so");
	is_int(again.saved_s, memo.saved_s, "the last snapshot");
	is_int(again.saves, 4, "their number");
	ok(again.save_good, "that it went well");
	plan_unref(plan);
	request_unref(request);
}

int
main(void)
{
	test_queue_keys();
	test_queue_bounds();
	test_db();
	test_memo();
	return tap_done();
}
