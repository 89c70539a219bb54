#include "datasrc/sched.h"

#include "base/clock.h"
#include "tests/tap.h"

/*
 * A source of its own for the tests: what a poll does is switched by the
 * test through its configuration, which all of its threads share.
 */
enum act {
	ACT_ANSWER,
	ACT_FAIL,
	ACT_WAIT,
	ACT_HANG
};

struct fake {
	atomic_int act;
	atomic_int opened, closed, polls;
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

static enum err_code
fake_poll(void *state, struct poll *poll, struct err *err)
{
	struct fake *fake = state;

	atomic_fetch_add(&fake->polls, 1);
	switch (atomic_load(&fake->act)) {
	case ACT_FAIL:
		return err_set(
		    err, ERR_REFUSED, "fake", "refused by \x1b[31m127.0.0.1");
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

struct world {
	struct store *store;
	struct sched *sched;
	struct wake wake;
	struct frame frame;
	struct fake fake;
	struct fake *config;
};

static void
world_open(struct world *world, enum act act, int64_t every_ms)
{
	struct sched_item item = {
		.ops = &fake_ops,
		.name = "fake",
		.platform_name = "test",
		.every_ns = every_ms * NS_PER_MS,
		.timeout_ns = 50 * NS_PER_MS,
	};

	memset(world, 0, sizeof(*world));
	atomic_init(&world->fake.act, act);
	is_int(cancel_init(&world->fake.release, NULL), ERR_OK, "release");
	world->config = &world->fake;
	item.config = &world->config;
	world->store = store_new(2, NULL);
	is_int(wake_init(&world->wake, NULL), ERR_OK, "wake");
	is_int(frame_init(&world->frame, world->store, NULL), ERR_OK, "frame");
	is_int(store_subscribe(world->store, STORE_ANY, &world->wake, NULL),
	    ERR_OK, "subscribe");
	world->sched = sched_new(world->store, NULL, NULL, NULL);
	is_int(sched_add(world->sched, &item, NULL), ERR_OK, "add");
	is_int(sched_start(world->sched, NULL), ERR_OK, "start");
}

static void
world_close(struct world *world)
{
	cancel_fire(&world->fake.release);
	ok(sched_stop(world->sched, clock_now() + 20 * NS_PER_SEC),
	    "all threads ended");
	is_int(atomic_load(&world->fake.closed),
	    atomic_load(&world->fake.opened), "every state was closed");
	sched_free(world->sched);
	frame_release(&world->frame);
	store_free(world->store);
	wake_release(&world->wake);
	cancel_release(&world->fake.release);
}

/* Waits until the section satisfies want, checking for the hung meanwhile. */
static const struct section *
world_until(struct world *world, bool (*want)(const struct section *))
{
	int64_t deadline = clock_now() + 20 * NS_PER_SEC;
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
is_hung(const struct section *section)
{
	return section->code == ERR_HUNG;
}

static void
test_answers(void)
{
	struct world world;
	const struct section *seen;

	world_open(&world, ACT_ANSWER, 20);
	seen = world_until(&world, is_third);
	ok(seen != NULL, "polled again and again");
	is_near(seen->payload->metrics[0].value, 42, 0, "with its answer");
	is_str(seen->name, "fake", "name");
	is_int(seen->failures, 0, "no failure");
	is_int(atomic_load(&world.fake.opened), 1, "opened once");
	world_close(&world);
}

static void
test_failure(void)
{
	struct world world;
	const struct section *seen;

	world_open(&world, ACT_ANSWER, 20);
	ok(world_until(&world, is_good) != NULL, "good at first");
	atomic_store(&world.fake.act, ACT_FAIL);
	seen = world_until(&world, is_failing);
	ok(seen != NULL, "then failing");
	is_int(seen->code, ERR_REFUSED, "with its code");
	ok(text_find(seen->why, 0, TEXT("\x1b"), NULL) < 0,
	    "the reason is clean");
	ok(seen->payload != NULL, "the last answer stays");
	ok(seen->good_at < seen->tried_at, "with its age");
	ok(seen->next_at >= seen->tried_at + 400 * NS_PER_MS,
	    "and the next try waits longer");
	atomic_store(&world.fake.act, ACT_ANSWER);
	sched_refresh(world.sched);
	seen = world_until(&world, is_good);
	ok(seen != NULL, "a refresh finds it well at once");
	is_int(seen->failures, 0, "the count begins anew");
	is_int(seen->failing_since, 0, "so does the time");
	world_close(&world);
}

static void
test_hung(void)
{
	struct world world;
	const struct section *seen;

	world_open(&world, ACT_HANG, 20);
	seen = world_until(&world, is_hung);
	ok(seen != NULL, "declared hung");
	ok(seen->payload == NULL, "no answer was made up");
	atomic_store(&world.fake.act, ACT_ANSWER);
	seen = world_until(&world, is_good);
	ok(seen != NULL, "a successor answers while the first still hangs");
	is_int(atomic_load(&world.fake.opened), 2, "with a state of its own");
	world_close(&world);
}

static void
test_leave(void)
{
	struct world world;
	int64_t start;

	world_open(&world, ACT_WAIT, 20);
	ok(world_until(&world, is_first) != NULL, "pending is shown");
	start = clock_now();
	while (atomic_load(&world.fake.polls) == 0 &&
	       clock_now() < start + 20 * NS_PER_SEC)
		io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	world_close(&world);
}

static void
test_stuck(void)
{
	struct world world;

	world_open(&world, ACT_HANG, 20);
	while (atomic_load(&world.fake.polls) == 0)
		io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	ok(!sched_stop(world.sched, clock_now() + 30 * NS_PER_MS),
	    "a stuck thread is told, and not waited for");
	world_close(&world);
}

int
main(void)
{
	RUN(test_answers);
	RUN(test_failure);
	RUN(test_hung);
	RUN(test_leave);
	RUN(test_stuck);
	return tap_done();
}
