/*
 * kill -9 at random instants while the fake actions are done, whose server
 * has all kinds of faults; tests/live/test_act_kill.c is the same for flags
 * and configured actions.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/actions/kill.h"
#include "tests/tap.h"

enum {
	ROUNDS = 80, /* the other 120 are those of the live test */
};

/* Faults that the child's server has in turn; all of them end somehow. */
static const enum fake_fault faults[] = { FAKE_FINE, FAKE_FINE, FAKE_CUT_AFTER,
	FAKE_FINE, FAKE_CUT_BEFORE, FAKE_LATE, FAKE_FORBIDDEN };

static bool
set_open(struct fake_world *world)
{
	return fake_world_open(world, "test", GATE_NORMAL);
}

static bool
set_ask(int number, struct request_spec *spec)
{
	static const struct request_value value = { "value", "on" };
	static struct request_target target;
	static char name[32];

	snprintf(name, sizeof(name), "t%d", number);
	target.name = name;
	spec->action = "fake.set";
	spec->targets = &target;
	spec->target_count = 1;
	spec->values = &value;
	spec->value_count = 1;
	atomic_store(
	    &fake.on_apply, faults[(size_t)number % ARRAY_LEN(faults)]);
	return true;
}

static size_t
set_effects(int number)
{
	char name[32];

	snprintf(name, sizeof(name), "t%d", number);
	return fake_effects(name);
}

/* A child that is in doubt about what was done, until it is killed. */
static int
doubt_child(const char *dir)
{
	static const struct request_target target = { "again", NULL };
	static const struct request_value value = { "value", "on" };
	const struct request_spec spec = { .action = "fake.set",
		.platform = "shop",
		.targets = &target,
		.target_count = 1,
		.values = &value,
		.value_count = 1 };
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job = 0;

	snprintf(fake.dir, sizeof(fake.dir), "%s", dir);
	fake_reset();
	atomic_store(&fake.on_apply, FAKE_CUT_AFTER);
	atomic_store(&fake.on_verify, FAKE_UNREADABLE);
	if (!set_open(&world) ||
	    actions_plan(world.actions, &spec, &job, &err) != ERR_OK ||
	    !fake_wait(&world, job, 1u << JOB_PLANNED, &view) ||
	    actions_confirm(world.actions, job, view.plan, NULL, NULL, &err) !=
		ERR_OK)
		return 1;
	job_view_release(&view);
	if (!fake_wait(&world, job, 1u << JOB_DOUBT, &view) ||
	    write(STDOUT_FILENO, "x", 1) != 1)
		return 1;
	for (;;)
		(void)io_wait(-1, 0, clock_now() + NS_PER_SEC, NULL, NULL);
}

/* Who comes next settles it first, and then does what is asked for. */
static void
test_settled_first(void)
{
	struct fake_world world;
	struct job_view view;
	struct err err = ERR_INIT;
	uint64_t job;
	int fd[2] = { -1, -1 }, status = 0;
	char byte = 0;
	pid_t pid;

	if (!ok(pipe2(fd, O_CLOEXEC) == 0, "a pipe"))
		return;
	pid = fork();
	if (pid == 0) {
		dup2(fd[1], STDOUT_FILENO);
		execl("/proc/self/exe", "child", fake.dir, NULL);
		_exit(127);
	}
	close(fd[1]);
	is_int(read(fd[0], &byte, 1), 1, "it is in doubt");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd[0]);
	fake_reset();
	atomic_store(&fake.on_verify, FAKE_HELD);
	if (!ok(set_open(&world), "the next process"))
		return;
	job = fake_plan(&world, "fake.set", "again", "off", &view);
	is_int(actions_confirm(world.actions, job, view.plan, NULL, NULL, &err),
	    ERR_OK, "confirmed before it is settled");
	job_view_release(&view);
	fake_wait(&world, job, 1u << JOB_WAITING | FAKE_SETTLED, &view);
	job_view_release(&view);
	atomic_store(&fake.release, true);
	fake_wait(&world, job, FAKE_SETTLED, &view);
	ok(view.outcome == OUTCOME_DONE, "acts on the same target: %s",
	    view.words);
	job_view_release(&view);
	is_int((int64_t)fake_effects("again"), 2, "each was done once");
	fake_world_close(&world);
}

int
main(int argc, char **argv)
{
	static const struct kill_ops ops = {
		.open = set_open,
		.ask = set_ask,
		.effects = set_effects,
	};
	struct kill_found found;

	if (argc == 3)
		return kill_child(&ops, argv);
	if (argc == 2)
		return doubt_child(argv[1]);
	if (ok(fake_open(), "folder")) {
		RUN(test_settled_first);
		found = kill_run(&ops, ROUNDS);
		kill_check(&found, ROUNDS);
	}
	fake_close();
	return tap_done();
}
