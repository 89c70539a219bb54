/* Reasons of failures: read once, hidden, folded, counted. */
#include "datasrc/bullmq_fail.h"

#include "tests/tap.h"

static struct bullmq_fails fails;

static void
learn(size_t i, const char *reason)
{
	const struct bullmq_fail_facts facts = {
		.job = "4711",
		.job_len = 4,
		.reason = reason,
		.reason_len = reason != NULL ? strlen(reason) : 0,
		.added = NAN,
		.attempts = 3,
	};

	bullmq_fails_learn(&fails, i, &facts, NULL);
}

static void
test_keep(void)
{
	static const uint64_t first[] = { 3, 2, 1 }, later[] = { 4, 3, 1 };
	static const double at[] = { 30, 20, 10 }, at_later[] = { 40, 30, 10 };
	static const double moved[] = { 40, 31, 10 };

	bullmq_fails_set(&fails, first, at, 3);
	is_int((int64_t)fails.count, 3, "three failed");
	learn(0, "timeout after 31 ms");
	learn(1, "timeout after 7 ms");
	learn(2, "gone");
	bullmq_fails_set(&fails, later, at_later, 3);
	ok(!fails.list[0].known, "a new one is not known");
	ok(fails.list[1].known && fails.list[2].known, "the others stay known");
	is_str(fails.list[2].reason, "gone", "with their reasons");
	bullmq_fails_set(&fails, later, moved, 3);
	ok(!fails.list[1].known, "one that failed again is asked again");
	bullmq_fails_set(&fails, NULL, NULL, 0);
	is_int((int64_t)fails.count, 0, "none left");
}

static void
test_fold(void)
{
	static const uint64_t ids[] = { 5, 4, 3, 2, 1 };
	static const double ats[] = { 50, 40, 30, 20, 10 };
	struct bullmq_reason reasons[8];

	bullmq_fails_set(&fails, ids, ats, 5);
	learn(0, "gone");
	learn(1, "timeout after 31 ms");
	learn(3, "timeout after 7 ms");
	learn(4, NULL);
	is_int((int64_t)bullmq_fails_fold(&fails, reasons, 8), 3,
	    "three reasons, the unread one is none");
	is_str(reasons[0].reason, "timeout after # ms", "the frequent first");
	is_int((int64_t)reasons[0].count, 2, "counted");
	is_near(reasons[0].first, 20, 0, "first");
	is_near(reasons[0].last, 40, 0, "last");
	is_str(reasons[1].reason, "gone", "the newer first");
	is_str(reasons[2].reason, "(no reason)", "a job without a reason");
	is_int((int64_t)bullmq_fails_fold(&fails, reasons, 1), 1, "bounded");
}

static void
test_hide(void)
{
	static const uint64_t ids[] = { 1 };
	static const double ats[] = { 1 };
	static char big[100000];

	bullmq_fails_set(&fails, ids, ats, 1);
	learn(0, "connect redis://u:hunter22secret@db:6379 refused");
	ok(strstr(fails.list[0].reason, "hunter22") == NULL, "hidden: %s",
	    fails.list[0].reason);
	memset(big, 'x', sizeof(big) - 1);
	learn(0, big);
	is_int((int64_t)strlen(fails.list[0].reason), BULLMQ_REASON_MAX - 1,
	    "cut");
	ok(bullmq_id_hash("a", 1) != bullmq_id_hash("b", 1), "ids differ");
}

static void
test_facts(void)
{
	static const uint64_t ids[] = { 1 };
	static const double ats[] = { 1 };
	struct bullmq_fail_facts facts = {
		.job = "order-4711",
		.job_len = 10,
		.name = "mail to redis://u:hunter22secret@db:6379",
		.name_len = 40,
		.added = 12,
		.attempts = NAN,
	};
	const struct bullmq_fail *fail = &fails.list[0];

	bullmq_fails_set(&fails, ids, ats, 1);
	bullmq_fails_learn(&fails, 0, &facts, NULL);
	is_str(fail->job, "order-4711", "the id is kept");
	ok(strstr(fail->name, "mail to") != NULL &&
		strstr(fail->name, "hunter22") == NULL,
	    "so is the name, without its secret: %s", fail->name);
	is_near(fail->added, 12, 0, "when it was added");
	ok(isnan(fail->attempts), "attempts that are missing stay so");
	facts.job = facts.name;
	facts.job_len = facts.name_len;
	bullmq_fails_learn(&fails, 0, &facts, NULL);
	is_str(fail->job, "", "an id that can't be shown names no job");
	facts.job = "a\0b";
	facts.job_len = 3;
	bullmq_fails_learn(&fails, 0, &facts, NULL);
	is_str(fail->job, "", "nor does one with a NUL");
}

int
main(void)
{
	RUN(test_keep);
	RUN(test_fold);
	RUN(test_hide);
	RUN(test_facts);
	return tap_done();
}
