#include "datasrc/sched.h"

#include "datasrc/limits.h"
#include "tests/sched_world.h"
#include "tests/tap.h"

static bool
is_first(const struct world *world)
{
	return world_first(world)->polls == 0;
}

static bool
is_good(const struct world *world)
{
	return world_first(world)->polls > 0 &&
	       world_first(world)->code == ERR_OK;
}

static bool
is_third(const struct world *world)
{
	return world_first(world)->polls >= 3;
}

static bool
is_failing(const struct world *world)
{
	return world_first(world)->failures >= 2;
}

static bool
is_hung(const struct world *world)
{
	return world_first(world)->code == ERR_HUNG;
}

static bool
has_failed(const struct world *world)
{
	return world_first(world)->failures > 0;
}

/* One source that soon counts as hung. */
static void
world_open_one(struct world *world, enum act act)
{
	world_open(world, &(struct world_setup) {
			      .count = 1,
			      .act = act,
			      .every_ms = 20,
			      .timeout_ms = 50,
			  });
}

static void
test_answers(void)
{
	struct world world;

	world_open_one(&world, ACT_ANSWER);
	ok(world_wait(&world, is_third), "polled again and again");
	is_near(world_first(&world)->payload->metrics[0].value, 42, 0,
	    "with its answer");
	is_str(world_first(&world)->name, "fake", "name");
	is_int(world_first(&world)->failures, 0, "no failure");
	is_int(atomic_load(&world.fakes[0].opened), 1, "opened once");
	ok(world_close(&world), "and all is closed");
}

/* What a source asks to wait for after an answer is no delay. */
static void
test_rest(void)
{
	struct world world;

	world_open_one(&world, ACT_REST);
	ok(world_wait(&world, is_good), "it answers");
	is_int(world_first(&world)->every_ns, 60 * NS_PER_SEC, "its interval");
	ok(section_freshness(world_first(&world),
	       world_first(&world)->good_at + 90 * NS_PER_SEC) == FRESH_OK,
	    "and it is not late in that");
	ok(world_first(&world)->next_at >=
		world_first(&world)->tried_at + 60 * NS_PER_SEC,
	    "it is left alone for so long");
	ok(world_close(&world), "and all is closed");
}

static void
test_failure(void)
{
	struct world world;

	world_open_one(&world, ACT_ANSWER);
	ok(world_wait(&world, is_good), "good at first");
	atomic_store(&world.fakes[0].act, ACT_FAIL);
	ok(world_wait(&world, is_failing), "then failing");
	is_int(world_first(&world)->code, ERR_REFUSED, "with its code");
	ok(text_find(world_first(&world)->why, 0, TEXT("\x1b"), NULL) < 0,
	    "the reason is clean");
	ok(world_first(&world)->payload != NULL, "the last answer stays");
	ok(world_first(&world)->good_at < world_first(&world)->tried_at,
	    "with its age");
	ok(world_first(&world)->next_at >=
		world_first(&world)->tried_at + 400 * NS_PER_MS,
	    "and the next try waits longer");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_good), "a refresh finds it well at once");
	is_int(world_first(&world)->failures, 0, "the count begins anew");
	is_int(world_first(&world)->failing_since, 0, "so does the time");
	ok(world_close(&world), "and all is closed");
}

/* Not missed while it has never answered, and not asked often. */
static void
test_absent(void)
{
	const struct world_setup setup = {
		.count = 1,
		.optional = true,
		.act = ACT_NOT_THERE,
		.every_ms = 20,
		.timeout_ms = 50,
	};
	struct world world;

	world_open(&world, &setup);
	ok(world_wait(&world, has_failed), "not there");
	is_int(section_freshness(world_first(&world), clock_now()),
	    FRESH_ABSENT, "is absent");
	ok(world_first(&world)->next_at >=
		world_first(&world)->tried_at +
		    SCHED_RETRY_ABSENT_MS / 2 * NS_PER_MS,
	    "and left in peace");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	sched_refresh(world.sched);
	ok(world_wait(&world, is_good), "then it answers");
	atomic_store(&world.fakes[0].act, ACT_NOT_THERE);
	ok(world_wait(&world, has_failed), "it is not there again");
	ok(section_freshness(world_first(&world), clock_now()) != FRESH_ABSENT,
	    "and is missed from then on");
	ok(world_first(&world)->next_at <
		world_first(&world)->tried_at + 30 * NS_PER_SEC,
	    "and soon asked");
	ok(world_close(&world), "and all is closed");
}

static void
test_hung(void)
{
	struct world world;

	world_open_one(&world, ACT_HANG);
	ok(world_begun(&world, 1), "a poll has begun");
	ok(world_wait(&world, is_hung), "declared hung");
	ok(world_first(&world)->payload == NULL, "no answer was made up");
	atomic_store(&world.fakes[0].act, ACT_ANSWER);
	ok(world_wait(&world, is_good),
	    "a successor answers while the first still hangs");
	is_int(
	    atomic_load(&world.fakes[0].opened), 2, "with a state of its own");
	ok(world_close(&world), "and all is closed");
}

static void
test_leave(void)
{
	struct world world;

	world_open_one(&world, ACT_WAIT);
	ok(world_wait(&world, is_first), "pending is shown");
	ok(world_begun(&world, 1), "a poll has begun");
	ok(world_close(&world), "and all is closed");
}

static void
test_stuck(void)
{
	struct world world;

	world_open_one(&world, ACT_HANG);
	ok(world_begun(&world, 1), "a poll has begun");
	ok(!sched_stop(world.sched, clock_now() + 30 * NS_PER_MS),
	    "a stuck thread is told, and not waited for");
	ok(world_close(&world), "and all is closed");
}

int
main(void)
{
	RUN(test_answers);
	RUN(test_rest);
	RUN(test_failure);
	RUN(test_absent);
	RUN(test_hung);
	RUN(test_leave);
	RUN(test_stuck);
	return tap_done();
}
