#include "datasrc/sched.h"

#include "base/clock.h"
#include "model/logstore.h"
#include "tests/tap.h"

enum {
	FAKES_MAX = 4,
	PATIENCE_S = 20,
	NEVER_MS = 3600 * 1000, /* an interval: only refreshes poll */
};

/*
 * A source of its own for the tests: what a poll does is switched by the
 * test through its configuration, which all of its threads share.
 */
enum act {
	ACT_ANSWER,
	ACT_FAIL,
	ACT_NOT_THERE,
	ACT_WAIT,
	ACT_HANG
};

struct fake {
	atomic_int act;
	atomic_int opened, closed, polls;
	atomic_int thread;     /* which one polled last */
	atomic_int stays;      /* polls that waited for news */
	struct cancel release; /* ends ACT_HANG, which ignores its own token */
};

static enum err_code
fake_open(const struct source_env *env, const void *config, void **ret_state,
    struct err *err)
{
	struct fake *fake = *(struct fake *const *)config;

	(void)env;
	(void)err;
	atomic_fetch_add(&fake->opened, 1);
	*ret_state = fake;
	return ERR_OK;
}

/* A number for each thread that asks; unlike an id, none comes twice. */
static int
thread_number(void)
{
	static atomic_int last;
	static _Thread_local int number;

	if (number == 0)
		number = atomic_fetch_add(&last, 1) + 1;
	return number;
}

static enum err_code
fake_poll(void *state, struct poll *poll, struct err *err)
{
	struct fake *fake = state;

	atomic_store(&fake->thread, thread_number());
	atomic_fetch_add(&fake->polls, 1);
	if (poll->stay) {
		atomic_fetch_add(&fake->stays, 1);
		io_wait(
		    -1, 0, clock_now() + 10 * NS_PER_MS, poll->cancel, NULL);
	}
	switch (atomic_load(&fake->act)) {
	case ACT_FAIL:
		return err_set(
		    err, ERR_REFUSED, "fake", "refused by \x1b[31m127.0.0.1");
	case ACT_NOT_THERE:
		return err_set(err, ERR_NOTFOUND, "fake", "no such path");
	case ACT_WAIT: /* well-behaved: ends with its token */
		return io_wait(-1, 0, DEADLINE_NONE, poll->cancel, NULL);
	case ACT_HANG:
		io_wait(-1, 0, DEADLINE_NONE, &fake->release, NULL);
		break;
	default:
		break;
	}
	build_gauge(poll->build, TEXT("value"), NUM_COUNT, 42);
	return ERR_OK;
}

static void
fake_close(void *state)
{
	struct fake *fake = state;

	if (fake != NULL)
		atomic_fetch_add(&fake->closed, 1);
}

static const struct source_ops fake_ops = {
	.name = "fake",
	.help = "for the tests",
	.open = fake_open,
	.poll = fake_poll,
	.close = fake_close,
};

static const struct source_ops stream_ops = {
	.name = "stream",
	.help = "for the tests",
	.stream = true,
	.open = fake_open,
	.poll = fake_poll,
	.close = fake_close,
};

struct world {
	struct store *store;
	struct logstore *logs;
	struct sched *sched;
	struct wake wake;
	struct frame frame;
	size_t count;
	struct fake fakes[FAKES_MAX];
	struct fake *configs[FAKES_MAX];
	bool optional;	      /* all of them */
	int marks[FAKES_MAX]; /* of their polls, by world_mark() */
};

static void
world_add(struct world *world, const struct source_ops *ops, size_t i,
    int64_t every_ms, int64_t timeout_ms)
{
	struct sched_item item = {
		.ops = ops,
		.name = "fake",
		.platform_name = "test",
		.config = &world->configs[i],
		.every_ns = every_ms * NS_PER_MS,
		.timeout_ns = timeout_ms * NS_PER_MS,
		.optional = world->optional,
		.slot = i,
	};
	struct fake *fake = &world->fakes[i];

	is_int(cancel_init(&fake->release, NULL), ERR_OK, "release");
	world->configs[i] = fake;
	is_int(sched_add(world->sched, &item, NULL), ERR_OK, "add");
}

/* The first source is one of first; the others answer on a grid. */
static void
world_open_with(struct world *world, const struct source_ops *first,
    size_t count, enum act act, int64_t every_ms, int64_t timeout_ms)
{
	bool optional = world->optional;

	memset(world, 0, sizeof(*world));
	world->optional = optional;
	world->count = count;
	world->store = store_new(count + 1, NULL);
	world->logs = logstore_new(LOG_STORE_MIN, NULL);
	is_int(wake_init(&world->wake, NULL), ERR_OK, "wake");
	is_int(frame_init(&world->frame, world->store, NULL), ERR_OK, "frame");
	is_int(store_subscribe(world->store, STORE_ANY, &world->wake, NULL),
	    ERR_OK, "subscribe");
	world->sched = sched_new(world->store, NULL, world->logs, NULL);
	for (size_t i = 0; i < count; i++) {
		atomic_init(&world->fakes[i].act, act);
		world_add(
		    world, i == 0 ? first : &fake_ops, i, every_ms, timeout_ms);
	}
	is_int(sched_start(world->sched, NULL), ERR_OK, "start");
}

static void
world_open_many(struct world *world, size_t count, enum act act,
    int64_t every_ms, int64_t timeout_ms)
{
	world_open_with(world, &fake_ops, count, act, every_ms, timeout_ms);
}

static void
world_open(struct world *world, enum act act, int64_t every_ms)
{
	world_open_many(world, 1, act, every_ms, 50);
}

static void
world_close(struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		cancel_fire(&world->fakes[i].release);
	ok(sched_stop(world->sched, clock_now() + PATIENCE_S * NS_PER_SEC),
	    "all threads ended");
	for (size_t i = 0; i < world->count; i++) {
		is_int(atomic_load(&world->fakes[i].closed),
		    atomic_load(&world->fakes[i].opened),
		    "every state was closed");
		cancel_release(&world->fakes[i].release);
	}
	sched_free(world->sched);
	frame_release(&world->frame);
	store_free(world->store);
	logstore_free(world->logs);
	wake_release(&world->wake);
}

static int
thread_of(const struct world *world, size_t i)
{
	return atomic_load(&world->fakes[i].thread);
}

static int
polls_of(const struct world *world, size_t i)
{
	return atomic_load(&world->fakes[i].polls);
}

static void
world_mark(struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		world->marks[i] = polls_of(world, i);
}

/* Waits until so many of the first sources were polled since world_mark(). */
static bool
world_begun(const struct world *world, size_t count)
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	size_t i = 0;

	while (i < count && clock_now() < deadline) {
		if (polls_of(world, i) > world->marks[i])
			i++;
		else
			io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	}
	return i == count;
}

/* Checks as the engine does, until the world satisfies want. */
static bool
world_wait(struct world *world, bool (*want)(const struct world *))
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	int64_t check;

	while (clock_now() < deadline) {
		check = sched_check(world->sched, clock_now());
		frame_acquire(&world->frame, world->store);
		if (want(world))
			return true;
		io_wait(wake_fd(&world->wake), IO_READ, check, NULL, NULL);
		wake_drain(&world->wake);
	}
	return false;
}

/* The same of the first source's section; NULL: never. */
static const struct section *
world_until(struct world *world, bool (*want)(const struct section *))
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	int64_t check = sched_check(world->sched, clock_now());

	while (clock_now() < deadline) {
		frame_acquire(&world->frame, world->store);
		if (world->frame.sections[0] != NULL &&
		    want(world->frame.sections[0]))
			return world->frame.sections[0];
		io_wait(wake_fd(&world->wake), IO_READ, check, NULL, NULL);
		wake_drain(&world->wake);
		check = sched_check(world->sched, clock_now());
	}
	return NULL;
}

static bool
is_first(const struct section *section)
{
	return section->polls == 0;
}

static bool
is_good(const struct section *section)
{
	return section->polls > 0 && section->code == ERR_OK;
}

static bool
is_third(const struct section *section)
{
	return section->polls >= 3;
}

static bool
is_failing(const struct section *section)
{
	return section->failures >= 2;
}

static bool
has_failed(const struct section *section)
{
	return section->failures > 0;
}

static bool
is_hung(const struct section *section)
{
	return section->code == ERR_HUNG;
}

static void
test_answers(void)
{
	struct world world = { .optional = false };
	const struct section *seen;

	world_open(&world, ACT_ANSWER, 20);
	seen = world_until(&world, is_third);
	ok(seen != NULL, "polled again and again");
	is_near(seen->payload->metrics[0].value, 42, 0, "with its answer");
	is_str(seen->name, "fake", "name");
	is_int(seen->failures, 0, "no failure");
	is_int(atomic_load(&world.fakes[0].opened), 1, "opened once");
	world_close(&world);
}

static void
test_failure(void)
{
	struct world world = { .optional = false };
	const struct section *seen;

	world_open(&world, ACT_ANSWER, 20);
	ok(world_until(&world, is_good) != NULL, "good at first");
	atomic_store(&world.fakes[0].act, ACT_FAIL);
	seen = world_until(&world, is_failing);
	ok(seen != NULL, "then failing");
	is_int(seen->code, ERR_REFUSED, "with its code");
	ok(text_find(seen->why, 0, TEXT("\x1b"), NULL) < 0,
	    "the reason is clean");
	ok(seen->payload != NULL, "the last answer stays");
	ok(seen->good_at < seen->tried_at, "with its age");
	ok(seen->next_at >= seen->tried_at + 400 * NS_PER_MS,
	    "and the next try waits longer");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	seen = world_until(&world, is_good);
	ok(seen != NULL, "a refresh finds it well at once");
	is_int(seen->failures, 0, "the count begins anew");
	is_int(seen->failing_since, 0, "so does the time");
	world_close(&world);
}

/* Not missed while it has never answered, and not asked often. */
static void
test_optional(void)
{
	struct world world = { .optional = true };
	const struct section *seen;

	world_open_many(&world, 1, ACT_NOT_THERE, 20, 50);
	seen = world_until(&world, has_failed);
	ok(seen != NULL, "not there");
	is_int(section_freshness(seen, clock_now()), FRESH_ABSENT, "is absent");
	ok(seen->next_at >=
		seen->tried_at + SCHED_RETRY_ABSENT_MS / 2 * NS_PER_MS,
	    "and left in peace");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	ok(world_until(&world, is_good) != NULL, "then it answers");
	atomic_store(&world.fakes[0].act, ACT_NOT_THERE);
	seen = world_until(&world, has_failed);
	ok(seen != NULL && section_freshness(seen, clock_now()) != FRESH_ABSENT,
	    "and is missed from then on");
	ok(seen->next_at < seen->tried_at + 30 * NS_PER_SEC, "and soon asked");
	world_close(&world);
}

static void
test_hung(void)
{
	struct world world = { .optional = false };
	const struct section *seen;

	world_open(&world, ACT_HANG, 20);
	ok(world_begun(&world, 1), "a poll has begun");
	seen = world_until(&world, is_hung);
	ok(seen != NULL, "declared hung");
	ok(seen->payload == NULL, "no answer was made up");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	seen = world_until(&world, is_good);
	ok(seen != NULL, "a successor answers while the first still hangs");
	is_int(
	    atomic_load(&world.fakes[0].opened), 2, "with a state of its own");
	world_close(&world);
}

static void
test_leave(void)
{
	struct world world = { .optional = false };

	world_open(&world, ACT_WAIT, 20);
	ok(world_until(&world, is_first) != NULL, "pending is shown");
	ok(world_begun(&world, 1), "a poll has begun");
	world_close(&world);
}

static void
test_stuck(void)
{
	struct world world = { .optional = false };

	world_open(&world, ACT_HANG, 20);
	ok(world_begun(&world, 1), "a poll has begun");
	ok(!sched_stop(world.sched, clock_now() + 30 * NS_PER_MS),
	    "a stuck thread is told, and not waited for");
	world_close(&world);
}

static bool
is_shared_from(const struct world *world, size_t first)
{
	if (thread_of(world, first) == 0)
		return false;
	for (size_t i = first; i < world->count; i++) {
		if (thread_of(world, i) != thread_of(world, first))
			return false;
	}
	return true;
}

static bool
is_shared(const struct world *world)
{
	return is_shared_from(world, 0);
}

/* All but the first share a thread without it. */
static bool
is_parted(const struct world *world)
{
	return is_shared_from(world, 1) &&
	       thread_of(world, 0) != thread_of(world, 1);
}

static bool
is_polled_from(const struct world *world, size_t first, int times)
{
	for (size_t i = first; i < world->count; i++) {
		if (polls_of(world, i) < world->marks[i] + times)
			return false;
	}
	return true;
}

static bool
is_all_polled(const struct world *world)
{
	return is_polled_from(world, 0, 1);
}

static bool
is_others_polled(const struct world *world)
{
	return is_polled_from(world, 1, 3);
}

static bool
is_first_hung(const struct world *world)
{
	return is_hung(world->frame.sections[0]);
}

/* Nothing is in a poll, and nothing would be looked at for a while. */
static bool
is_quiet(const struct world *world)
{
	int64_t now = clock_now();

	return sched_check(world->sched, now) ==
	       now + SCHED_CHECK_MS * NS_PER_MS;
}

/* What was open stayed so, whoever polls for it now. */
static void
is_opened_once(const struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		is_int(atomic_load(&world->fakes[i].opened), 1, "opened once");
}

static void
test_start_apart(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_HANG, 20, 20000);
	ok(world_begun(&world, FAKES_MAX),
	    "all are asked at once, whatever the others do");
	world_close(&world);
}

static void
test_share(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "quick sources share a thread");
	world_mark(&world);
	ok(world_wait(&world, is_others_polled), "which goes on polling all");
	is_opened_once(&world);
	world_close(&world);
}

static void
test_slow(void)
{
	struct world world = { .optional = false };
	int64_t start;

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	world_mark(&world);
	start = clock_now();
	ok(world_wait(&world, is_others_polled),
	    "one is slow: the others are polled on");
	ok(clock_now() < start + SCHED_CHECK_MS / 2 * NS_PER_MS,
	    "without waiting for what else may be to check");
	world_mark(&world);
	ok(world_wait(&world, is_parted), "and share a thread without it");
	is_int(polls_of(&world, 0), world.marks[0], "it is still at work");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	cancel_fire(&world.fakes[0].release);
	ok(world_wait(&world, is_shared), "quick again, it is taken back");
	is_opened_once(&world);
	world_close(&world);
}

static void
test_failing_parts(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_FAIL);
	ok(world_until(&world, is_failing) != NULL, "one fails");
	ok(world_wait(&world, is_parted),
	    "and is tried again on a thread of its own");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_shared), "well again, it is taken back");
	is_opened_once(&world);
	world_close(&world);
}

/* Twice its deadline is over before the others would be parted from it. */
static void
test_hung_shared(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 30);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	ok(world_wait(&world, is_first_hung), "one is declared hung");
	world_mark(&world);
	ok(world_wait(&world, is_others_polled), "the others are polled on");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	ok(world_wait(&world, is_shared), "its successor is taken back");
	ok(atomic_load(&world.fakes[0].opened) > 1, "with a state of its own");
	world_close(&world);
}

/* Polls all by refreshes until they share a thread. */
static bool
world_share(struct world *world)
{
	for (int i = 0; i < 100; i++) {
		world_mark(world);
		sched_refresh(world->sched);
		if (!world_wait(world, is_all_polled))
			return false;
		if (is_shared(world))
			return true;
	}
	return false;
}

static void
test_refresh_shared(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, NEVER_MS, 20000);
	ok(world_share(&world), "refreshes poll all, in the end by one thread");
	ok(world_wait(&world, is_quiet),
	    "between its polls nothing is to be checked");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	world_mark(&world);
	sched_refresh(world.sched);
	ok(world_begun(&world, 1), "one is slow");
	ok(world_wait(&world, is_all_polled), "a refresh reaches the others");
	world_close(&world);
}

static bool
is_first_staying(const struct world *world)
{
	return atomic_load(&world->fakes[0].stays) > 0 && is_parted(world);
}

static void
test_stream(void)
{
	struct world world;
	int stays;

	world_open_with(
	    &world, &stream_ops, FAKES_MAX, ACT_ANSWER, NEVER_MS, 20000);
	ok(world_share(&world), "nobody looks: a stream shares a thread");
	is_int(atomic_load(&world.fakes[0].stays), 0, "and does not stay");
	logstore_subscribe(world.logs, &world.wake);
	ok(world_wait(&world, is_first_staying),
	    "somebody looks: it stays, on a thread of its own");
	logstore_subscribe(world.logs, NULL);
	ok(world_share(&world), "it is over: it is taken back");
	stays = atomic_load(&world.fakes[0].stays);
	world_mark(&world);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_all_polled), "polled like any other");
	is_int(atomic_load(&world.fakes[0].stays), stays, "without staying");
	is_opened_once(&world);
	world_close(&world);
}

static void
test_leave_shared(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	for (size_t i = 0; i < world.count; i++)
		atomic_store(&world.fakes[i].act, ACT_WAIT);
	world_mark(&world);
	ok(world_begun(&world, 1), "a poll has begun");
	world_close(&world);
}

static void
test_stuck_shared(void)
{
	struct world world = { .optional = false };

	world_open_many(&world, FAKES_MAX, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	world_mark(&world);
	ok(world_begun(&world, 1), "which is stuck");
	ok(!sched_stop(world.sched, clock_now() + 30 * NS_PER_MS),
	    "it is told, and not waited for");
	world_close(&world);
}

int
main(void)
{
	RUN(test_answers);
	RUN(test_failure);
	RUN(test_optional);
	RUN(test_hung);
	RUN(test_leave);
	RUN(test_stuck);
	RUN(test_start_apart);
	RUN(test_share);
	RUN(test_slow);
	RUN(test_failing_parts);
	RUN(test_hung_shared);
	RUN(test_refresh_shared);
	RUN(test_stream);
	RUN(test_leave_shared);
	RUN(test_stuck_shared);
	return tap_done();
}
