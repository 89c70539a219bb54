#include "datasrc/sched.h"

#include "datasrc/limits.h"
#include "tests/sched_world.h"
#include "tests/tap.h"

/* Several sources that could share a thread. */
static void
world_open_all(
    struct world *world, enum act act, int64_t every_ms, int64_t timeout_ms)
{
	world_open(world, &(struct world_setup) {
			      .count = FAKES_MAX,
			      .act = act,
			      .every_ms = every_ms,
			      .timeout_ms = timeout_ms,
			  });
}

static bool
is_shared_from(const struct world *world, size_t first)
{
	if (world_thread(world, first) == 0)
		return false;
	for (size_t i = first; i < world->count; i++) {
		if (world_thread(world, i) != world_thread(world, first))
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
	       world_thread(world, 0) != world_thread(world, 1);
}

static bool
is_polled_from(const struct world *world, size_t first, int times)
{
	for (size_t i = first; i < world->count; i++) {
		if (world_polls(world, i) < world->marks[i] + times)
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
is_first_failing(const struct world *world)
{
	return world_first(world)->failures >= 2;
}

static bool
is_first_hung(const struct world *world)
{
	return world_first(world)->code == ERR_HUNG;
}

/* Nothing is in a poll, and nothing would be looked at for a while. */
static bool
is_quiet(const struct world *world)
{
	int64_t now = clock_now(), later = now + SCHED_CHECK_MS * NS_PER_MS;

	return sched_check(world->sched, now) == later &&
	       !sched_expects(world->sched, later);
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
	struct world world;

	world_open_all(&world, ACT_HANG, 20, 20000);
	ok(world_begun(&world, FAKES_MAX),
	    "all are asked at once, whatever the others do");
	ok(world_close(&world), "and all is closed");
}

static void
test_share(void)
{
	struct world world;

	world_open_all(&world, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "quick sources share a thread");
	world_mark(&world);
	ok(world_wait(&world, is_others_polled), "which goes on polling all");
	is_opened_once(&world);
	ok(world_close(&world), "and all is closed");
}

static void
test_slow(void)
{
	struct world world;
	int64_t start;

	world_open_all(&world, ACT_ANSWER, 50, 20000);
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
	is_int(world_polls(&world, 0), world.marks[0], "it is still at work");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	cancel_fire(&world.fakes[0].release);
	ok(world_wait(&world, is_shared), "quick again, it is taken back");
	is_opened_once(&world);
	ok(world_close(&world), "and all is closed");
}

static void
test_failing_parts(void)
{
	struct world world;

	world_open_all(&world, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_FAIL);
	ok(world_wait(&world, is_first_failing), "one fails");
	ok(world_wait(&world, is_parted),
	    "and is tried again on a thread of its own");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_shared), "well again, it is taken back");
	is_opened_once(&world);
	ok(world_close(&world), "and all is closed");
}

/* Twice its deadline is over before the others would be parted from it. */
static void
test_hung_shared(void)
{
	struct world world;

	world_open_all(&world, ACT_ANSWER, 50, 30);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	ok(world_wait(&world, is_first_hung), "one is declared hung");
	world_mark(&world);
	ok(world_wait(&world, is_others_polled), "the others are polled on");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	ok(world_wait(&world, is_shared), "its successor is taken back");
	ok(atomic_load(&world.fakes[0].opened) > 1, "with a state of its own");
	ok(world_close(&world), "and all is closed");
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
	struct world world;

	world_open_all(&world, ACT_ANSWER, NEVER_MS, 20000);
	ok(world_share(&world), "refreshes poll all, in the end by one thread");
	ok(world_wait(&world, is_quiet),
	    "between its polls nothing is to be checked");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	world_mark(&world);
	sched_refresh(world.sched);
	ok(world_begun(&world, 1), "one is slow");
	ok(sched_expects(world.sched, 0), "its answer is expected");
	ok(world_wait(&world, is_all_polled), "a refresh reaches the others");
	ok(world_close(&world), "and all is closed");
}

static bool
is_first_staying(const struct world *world)
{
	return atomic_load(&world->fakes[0].stays) > 0 && is_parted(world);
}

static void
test_stream(void)
{
	const struct world_setup setup = {
		.count = FAKES_MAX,
		.stream = true,
		.every_ms = NEVER_MS,
		.timeout_ms = 20000,
	};
	struct world world;
	int stays;

	world_open(&world, &setup);
	ok(world_share(&world), "nobody looks: a stream shares a thread");
	is_int(atomic_load(&world.fakes[0].stays), 0, "and does not stay");
	logstore_subscribe(world.logs, &world.wake);
	ok(world_wait(&world, is_first_staying),
	    "somebody looks: it stays, on a thread of its own");
	wake_drain(&world.wake);
	is_int(io_wait(wake_fd(&world.wake), IO_READ,
		   clock_now() + PATIENCE_S * NS_PER_SEC, NULL, NULL),
	    ERR_OK, "and each of its answers is told");
	logstore_subscribe(world.logs, NULL);
	ok(world_share(&world), "it is over: it is taken back");
	stays = atomic_load(&world.fakes[0].stays);
	world_mark(&world);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_all_polled), "polled like any other");
	is_int(atomic_load(&world.fakes[0].stays), stays, "without staying");
	is_opened_once(&world);
	ok(world_close(&world), "and all is closed");
}

static void
test_leave_shared(void)
{
	struct world world;

	world_open_all(&world, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	for (size_t i = 0; i < world.count; i++)
		atomic_store(&world.fakes[i].act, ACT_WAIT);
	world_mark(&world);
	ok(world_begun(&world, 1), "a poll has begun");
	ok(world_close(&world), "and all is closed");
}

static void
test_stuck_shared(void)
{
	struct world world;

	world_open_all(&world, ACT_ANSWER, 50, 20000);
	ok(world_wait(&world, is_shared), "they share a thread");
	atomic_store(&world.fakes[0].act, ACT_HANG);
	world_mark(&world);
	ok(world_begun(&world, 1), "which is stuck");
	ok(!sched_stop(world.sched, clock_now() + 30 * NS_PER_MS),
	    "it is told, and not waited for");
	ok(world_close(&world), "and all is closed");
}

int
main(void)
{
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
