#include "tests/sched_world.h"

#include <stdlib.h>
#include <string.h>

#include "model/limits.h"

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
	case ACT_REST:
		poll->retry_after_ns = 60 * NS_PER_SEC;
		break;
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

static const struct source_ops fake_stream_ops = {
	.name = "stream",
	.help = "for the tests",
	.stream = true,
	.open = fake_open,
	.poll = fake_poll,
	.close = fake_close,
};

static bool
world_add(struct world *world, const struct world_setup *setup, size_t i)
{
	struct sched_item item = {
		.ops = setup->stream && i == 0 ? &fake_stream_ops : &fake_ops,
		.name = "fake",
		.platform_name = "test",
		.config = &world->configs[i],
		.every_ns = setup->every_ms * NS_PER_MS,
		.timeout_ns = setup->timeout_ms * NS_PER_MS,
		.optional = setup->optional,
		.slot = i,
	};

	atomic_init(&world->fakes[i].act, setup->act);
	world->configs[i] = &world->fakes[i];
	return cancel_init(&world->fakes[i].release, NULL) == ERR_OK &&
	       sched_add(world->sched, &item, NULL) == ERR_OK;
}

void
world_open(struct world *world, const struct world_setup *setup)
{
	memset(world, 0, sizeof(*world));
	world->count = setup->count;
	world->store = store_new(setup->count + 1, NULL);
	world->logs = logstore_new(LOG_STORE_MIN, NULL);
	if (world->store == NULL || world->logs == NULL ||
	    wake_init(&world->wake, NULL) != ERR_OK ||
	    frame_init(&world->frame, world->store, NULL) != ERR_OK ||
	    store_subscribe(world->store, STORE_ANY, &world->wake, NULL) !=
		ERR_OK)
		exit(1);
	world->sched = sched_new(world->store, NULL, world->logs, NULL);
	if (world->sched == NULL)
		exit(1);
	for (size_t i = 0; i < setup->count; i++) {
		if (!world_add(world, setup, i))
			exit(1);
	}
	if (sched_start(world->sched, NULL) != ERR_OK)
		exit(1);
}

bool
world_close(struct world *world)
{
	bool good;

	for (size_t i = 0; i < world->count; i++)
		cancel_fire(&world->fakes[i].release);
	good = sched_stop(world->sched, clock_now() + PATIENCE_S * NS_PER_SEC);
	for (size_t i = 0; i < world->count; i++) {
		if (atomic_load(&world->fakes[i].closed) !=
		    atomic_load(&world->fakes[i].opened))
			good = false;
		cancel_release(&world->fakes[i].release);
	}
	sched_free(world->sched);
	frame_release(&world->frame);
	store_free(world->store);
	logstore_free(world->logs);
	wake_release(&world->wake);
	return good;
}

const struct section *
world_first(const struct world *world)
{
	return world->frame.sections[0];
}

int
world_thread(const struct world *world, size_t i)
{
	return atomic_load(&world->fakes[i].thread);
}

int
world_polls(const struct world *world, size_t i)
{
	return atomic_load(&world->fakes[i].polls);
}

void
world_mark(struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		world->marks[i] = world_polls(world, i);
}

bool
world_begun(const struct world *world, size_t count)
{
	int64_t deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	size_t i = 0;

	while (i < count && clock_now() < deadline) {
		if (world_polls(world, i) > world->marks[i])
			i++;
		else
			io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	}
	return i == count;
}

bool
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
