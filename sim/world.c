#include "sim/world.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"
#include "sim/ctl.h"
#include "sim/limits.h"

enum {
	WORLD_FDS = SIM_CTL_CLIENTS + 3, /* socket, clients, signals, input */
};

struct world {
	const struct world_opt *opt;
	const struct platform *platform;
	struct dir dir;
	struct ctl *ctl;
	void *state;
	uint64_t faults;  /* bit i: row i is on */
	int64_t started;  /* clock_now() */
	int64_t since_ms; /* the same on the wall clock */
	int64_t next;	  /* of the next step, clock_now() */
	uint64_t steps;
	size_t scenario_at; /* next step of the scenario */
	bool stop;
};

/* The one end of the pipe that the signal handler writes to. */
static volatile sig_atomic_t world_signal_fd = -1;

static void
world_on_signal(int number)
{
	int saved = errno;

	(void)number;
	if (write(world_signal_fd, "", 1) < 0) {
		/* a full pipe wakes the loop just as well */
	}
	errno = saved;
}

static enum err_code
world_catch_signals(int fd[2], struct err *err)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction act = { .sa_handler = world_on_signal };
	enum err_code rc = fd_pipe(fd, err);

	if (rc != ERR_OK)
		return rc;
	world_signal_fd = fd[1];
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaction(caught[i], &act, NULL);
	act.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &act, NULL);
	return ERR_OK;
}

static void
world_fault_set(struct world *world, int row, bool on)
{
	const struct fault *fault = &world->platform->faults[row];
	uint64_t bit = UINT64_C(1) << row;

	if (fault->once ? !on : on == ((world->faults & bit) != 0))
		return; /* it is so already */
	if (fault->set != NULL)
		fault->set(world->state, on, clock_wall_ms());
	if (fault->once)
		return;
	world->faults = on ? world->faults | bit : world->faults & ~bit;
	if (world->platform->told != NULL)
		world->platform->told(world->state, world->faults);
}

static void
world_play_scenario(struct world *world)
{
	const struct scenario *scenario = world->opt->scenario;
	int64_t age = (int64_t)world->steps * SIM_TICK_MS / 1000;

	while (scenario != NULL &&
	       scenario->steps[world->scenario_at].fault != NULL) {
		const struct scenario_step *step =
		    &scenario->steps[world->scenario_at];
		int row = platform_fault(world->platform, step->fault);

		if (age < step->at_s)
			break;
		if (row >= 0)
			world_fault_set(world, row, step->on);
		world->scenario_at++;
	}
}

/* A machine that slept does not get the lost hours replayed. */
static void
world_step(struct world *world)
{
	int64_t now = clock_now();
	int done = 0;

	while (!world->stop && now >= world->next && done < SIM_CATCHUP_STEPS) {
		world->steps++;
		world_play_scenario(world);
		world->platform->step(
		    world->state, world->faults, clock_wall_ms());
		world->next += SIM_TICK_MS * NS_PER_MS;
		done++;
	}
	if (now >= world->next)
		world->next = now + SIM_TICK_MS * NS_PER_MS;
}

static void
world_status(struct world *world, struct buf *reply)
{
	const struct scenario *scenario = world->opt->scenario;

	buf_fmt(reply, "ok\nplatform %s\ndir %s\nseed %" PRIu64 "\n",
	    world->platform->name, world->dir.path, world->opt->seed);
	buf_fmt(reply, "up %" PRId64 " s\n",
	    (clock_now() - world->started) / NS_PER_SEC);
	if (scenario != NULL) {
		const struct scenario_step *next =
		    &scenario->steps[world->scenario_at];

		buf_fmt(reply, "scenario %s", scenario->name);
		if (next->fault != NULL)
			buf_fmt(reply, ", next: %s %s at %u s\n", next->fault,
			    next->on ? "on" : "off", next->at_s);
		else
			buf_str(reply, ", at its end\n");
	}
	buf_str(reply, "faults on:");
	for (size_t i = 0; i < world->platform->fault_count; i++)
		if (world->faults >> i & 1)
			buf_fmt(reply, " %s", world->platform->faults[i].name);
	buf_str(reply, world->faults == 0 ? " none\n" : "\n");
	world->platform->status(world->state, reply);
}

static void
world_command_fault(struct world *world, const char *rest, struct buf *reply)
{
	bool on = strncmp(rest, "on ", 3) == 0;
	const char *name = rest + (on ? 3 : 4);
	int row;

	if (!on && strncmp(rest, "off ", 4) != 0) {
		buf_str(reply, "error: say fault on NAME or fault off NAME\n");
		return;
	}
	row = platform_fault(world->platform, name);
	if (row < 0) {
		buf_fmt(
		    reply, "error: no fault is called %s; there are:\n", name);
		platform_list_faults(world->platform, world->faults, reply);
		return;
	}
	world_fault_set(world, row, on);
	buf_str(reply, "ok\n");
}

/* "api jobs" */
static void
world_command_restart(struct world *world, const char *names, struct buf *reply)
{
	const struct platform *platform = world->platform;
	struct buf done = BUF_INIT(SIM_CTL_REPLY_MAX);

	while (*names != '\0') {
		size_t len = strcspn(names, " ");
		char name[SIM_CTL_LINE_MAX];

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		names += len + (names[len] == ' ');
		if (platform->restart == NULL ||
		    !platform->restart(world->state, name, clock_wall_ms())) {
			buf_fmt(
			    reply, "error: no service is called %s\n", name);
			break;
		}
		buf_fmt(&done, "restarted %s\n", name);
	}
	if (reply->len == 0)
		buf_fmt(reply, "ok\n%s", buf_cstr(&done));
	buf_release(&done);
}

static void
world_command(void *arg, const char *line, struct buf *reply)
{
	struct world *world = arg;

	if (strncmp(line, "fault ", 6) == 0) {
		world_command_fault(world, line + 6, reply);
	} else if (strncmp(line, "restart ", 8) == 0) {
		world_command_restart(world, line + 8, reply);
	} else if (strcmp(line, "faults") == 0) {
		buf_str(reply, "ok\n");
		platform_list_faults(world->platform, world->faults, reply);
	} else if (strcmp(line, "status") == 0) {
		world_status(world, reply);
	} else if (strcmp(line, "stop") == 0) {
		world->stop = true;
		buf_str(reply, "ok\n");
	} else {
		buf_str(reply, "error: commands are: status, faults, "
			       "fault on NAME, fault off NAME, "
			       "restart SERVICE..., stop\n");
	}
}

/* True at the end of standard input; what comes in before is ignored. */
static bool
world_input_ended(void)
{
	char sink[256];
	ssize_t n = read(STDIN_FILENO, sink, sizeof(sink));

	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void
world_loop(struct world *world, int signal_fd)
{
	while (!world->stop) {
		struct pollfd set[WORLD_FDS];
		unsigned n = ctl_poll_set(world->ctl, set);
		int64_t left = world->next - clock_now();

		set[n++] =
		    (struct pollfd) { .fd = signal_fd, .events = POLLIN };
		set[n++] = (struct pollfd) {
			.fd = world->opt->until_eof ? STDIN_FILENO : -1,
			.events = POLLIN,
		};
		if (left < 0)
			left = 0;
		(void)poll(set, n, (int)((left + NS_PER_MS - 1) / NS_PER_MS));
		if (set[n - 2].revents != 0 ||
		    (set[n - 1].revents != 0 && world_input_ended()))
			break;
		ctl_step(world->ctl, clock_now());
		world_step(world);
	}
}

/* The lines that a dashboard's environment is made from. */
static enum err_code
world_announce(struct world *world, const struct buf *notes, struct err *err)
{
	struct buf out = BUF_INIT(SIM_CTL_REPLY_MAX);
	enum err_code rc = ERR_OK;

	if (notes->len > 0)
		fprintf(stderr, "%s", buf_cstr(notes));
	buf_fmt(&out,
	    "SEVTOP_SIM_DIR=%s\nSEVTOP_SIM_SEED=%" PRIu64
	    "\nSEVTOP_SIM_SINCE=%" PRId64 "\n",
	    world->dir.path, world->opt->seed, world->since_ms);
	world->platform->env(world->state, &out);
	buf_str(&out, "READY\n");
	if (out.failed)
		rc = err_set(err, ERR_NOMEM, "world", "starting");
	else if (fputs(buf_cstr(&out), stdout) == EOF || fflush(stdout) != 0)
		rc = err_set(err, ERR_IO, "world", "nobody reads the output");
	buf_release(&out);
	return rc;
}

static enum err_code
world_start(struct world *world, struct buf *notes, struct err *err)
{
	const struct world_opt *opt = world->opt;
	struct platform_start start = { .dir = &world->dir,
		.seed = opt->seed,
		.wall_ms = clock_wall_ms(),
		.notes = notes };
	enum err_code rc;

	rc = dir_make(opt->platform->name, opt->dir, &world->dir, err);
	if (rc != ERR_OK)
		return rc;
	rc = ctl_open(world->dir.path, world_command, world, &world->ctl, err);
	if (rc != ERR_OK)
		return rc;
	rc = opt->platform->start(&start, &world->state, err);
	if (rc != ERR_OK)
		return rc;
	world->started = world->next = clock_now();
	for (size_t i = 0; i < opt->platform->fault_count; i++)
		if (opt->faults >> i & 1)
			world_fault_set(world, (int)i, true);
	world_step(world);
	return ERR_OK;
}

enum err_code
world_run(const struct world_opt *opt, struct err *err)
{
	struct world world = { .opt = opt,
		.platform = opt->platform,
		.since_ms = clock_wall_ms(),
		.dir = DIR_INIT };
	struct buf notes = BUF_INIT(SIM_CTL_REPLY_MAX);
	int signals[2] = { -1, -1 };
	enum err_code rc;

#ifdef __linux__
	if (opt->until_eof)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	rc = world_catch_signals(signals, err);
	if (rc != ERR_OK)
		return rc;
	rc = world_start(&world, &notes, err);
	if (rc == ERR_OK)
		rc = world_announce(&world, &notes, err);
	if (rc == ERR_OK)
		world_loop(&world, signals[0]);
	opt->platform->stop(world.state);
	ctl_close(world.ctl);
	dir_remove(&world.dir);
	buf_release(&notes);
	/* the pipe stays open: a late signal may still write to it */
	return rc;
}
