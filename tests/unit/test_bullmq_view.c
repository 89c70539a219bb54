/* One word and one sentence for the state of a queue. */
#include "datasrc/bullmq_view.h"

#include "base/clock.h"
#include "tests/tap.h"

/* A healthy queue with one worker; tests change what they are about. */
static struct bullmq_queue queue;
static struct bullmq_track track;
static struct bullmq_view view;

static void
healthy(void)
{
	queue = (struct bullmq_queue) {
		.exists = true,
		.dialect = BULLMQ_5,
		.dialect_sure = true,
		.concurrency = NAN,
		.limited_ms = NAN,
		.due_ms = NAN,
		.check_ms = 20000,
		.oldest_s = NAN,
		.running_s = NAN,
	};
	ok(bullmq_track_init(&track, "bull", "q"), "a queue");
	track.workers.count = 1;
}

static void
judge(bool list_known)
{
	struct bullmq_rate rate = { NAN, NAN, BULLMQ_RATE_NONE };

	bullmq_view_fill(&view, &queue, &track, &rate, 1000000, list_known,
	    300 * NS_PER_SEC);
}

static void
expect(const char *word, enum state state, const char *says)
{
	struct build *build = build_new();
	struct payload *payload;
	const char *detail;

	judge(true);
	bullmq_view_health(build, &view);
	bullmq_view_metrics(build, &view);
	bullmq_view_table(build, &view, 1);
	bullmq_view_failures(build, &view, 1);
	payload = build_finish(build, NULL);
	build_free(build);
	is_str(view.word, word, "word");
	is_int(view.state, state, word);
	detail = payload->health[0].detail.s;
	ok(strstr(detail, says) != NULL, "says: %s", detail);
	payload_unref(payload);
}

static void
test_words(void)
{
	healthy();
	expect("ok", STATE_OK, "0 waiting, 0 active, 0 failed");
	queue.waiting = 5;
	track.workers.count = 0;
	expect("no workers", STATE_CRIT,
	    "no workers: nothing consumes this queue; 5 waiting");
	queue.waiting = 0;
	expect("no workers", STATE_WARN, "no workers");
	healthy();
	queue.paused = true;
	queue.waiting = 24;
	expect("paused", STATE_WARN, "paused, 24 held");
	healthy();
	queue.stalled = 2;
	queue.active_cut = true;
	expect("stalled", STATE_WARN, "at least 2 active without a lock");
	healthy();
	queue.due_ms = 1000000 - 90000;
	expect("overdue", STATE_WARN, "due since 1m30s");
	queue.due_ms = 1000000 - 2000;
	expect("ok", STATE_OK, "waiting");
	healthy();
	queue.oldest_s = 301;
	expect("backlog", STATE_WARN, "has waited 5m01s");
	queue.limited_ms = 4000;
	expect("limited", STATE_OK, "rate limit reached for 4s");
	queue.limited_ms = INFINITY;
	expect("limited", STATE_OK, "no end");
	healthy();
	queue.concurrency = 3;
	queue.active = 3;
	expect("maxed", STATE_OK, "limit of 3");
	healthy();
	queue.broken = "failed";
	expect("broken", STATE_CRIT, "bull:q:failed holds");
	healthy();
	queue.exists = false;
	expect("absent", STATE_UNKNOWN, "nothing under bull:q:");
	healthy();
	queue.code = ERR_FORBIDDEN;
	snprintf(queue.why, sizeof(queue.why), "NOPERM \x1b[2J");
	expect("unreadable", STATE_UNKNOWN, "NOPERM");
	healthy();
	queue.held = 2;
	expect("stray keys", STATE_WARN, "2 ids in bull:q:paused");
}

static void
test_workers(void)
{
	healthy();
	judge(true);
	is_near(view.workers, 1, 0, "one is listed");
	judge(false);
	ok(isnan(view.workers), "the list is refused: unknown, not 0");
	queue.check_ms = NAN;
	queue.waiting = 1;
	judge(false);
	is_str(view.word, "no sign", "and there is no sign of one");
	healthy();
	track.workers.count = 0;
	queue.check_ms = 20000;
	judge(true);
	is_near(view.workers, 0, 0, "none is listed");
	queue.check_ms = 15000;
	judge(true);
	is_near(view.workers, 0, 0, "still none");
	queue.check_ms = 29000;
	judge(true);
	ok(isnan(view.workers), "someone checks without a name: unknown");
	queue.check_ms = NAN;
	judge(true);
	is_near(view.workers, 0, 0, "and is gone");
}

static int
changes(bool paused, bool exists)
{
	struct build *build = build_new();
	struct payload *payload;
	int n;

	queue.paused = paused;
	queue.exists = exists;
	judge(true);
	bullmq_view_changes(build, &view, &track, 1);
	payload = build_finish(build, NULL);
	build_free(build);
	n = (int)payload->event_count;
	payload_unref(payload);
	return n;
}

static void
test_changes(void)
{
	healthy();
	is_int(changes(true, true), 0, "the first poll");
	is_int(changes(true, true), 0, "the same");
	is_int(changes(false, true), 1, "resumed");
	is_int(changes(true, true), 1, "paused");
	is_int(changes(false, false), 0, "gone");
	is_int(changes(true, true), 0, "there again");
	queue.code = ERR_FORBIDDEN;
	is_int(changes(false, true), 0, "not readable");
}

int
main(void)
{
	RUN(test_words);
	RUN(test_workers);
	RUN(test_changes);
	return tap_done();
}
