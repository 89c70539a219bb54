#include "tests/actions/kill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	KILL_MIN_MS = 45,  /* range of the instants, at least ... */
	KILL_MAX_MS = 150, /* ... and at most */
	SETTLE_MS = 400,
	SETTLES_MAX = 60,
};

/* Plans, confirms with the number as the reason, waits for the end. */
static void
kill_act(struct fake_world *world, const struct request_spec *spec, int number,
    struct job_view *ret_view)
{
	struct err err = ERR_INIT;
	char reason[16];
	uint64_t job = 0;

	*ret_view = (struct job_view) { .plan = NULL };
	snprintf(reason, sizeof(reason), "n%d", number);
	if (actions_plan(world->actions, spec, &job, &err) != ERR_OK ||
	    !fake_wait(
		world, job, 1u << JOB_PLANNED | FAKE_SETTLED, ret_view) ||
	    ret_view->state != JOB_PLANNED)
		return;
	if (actions_confirm(world->actions, job, ret_view->plan, reason,
		ret_view->plan->word, &err) != ERR_OK)
		actions_cancel(world->actions, job);
	job_view_release(ret_view);
	fake_wait(world, job, FAKE_SETTLED, ret_view);
}

int
kill_child(const struct kill_ops *ops, char **argv)
{
	struct fake_world world;
	int number = (int)strtol(argv[2], NULL, 10);

	snprintf(fake.dir, sizeof(fake.dir), "%s", argv[1]);
	fake_reset();
	if (!ops->open(&world))
		return 1;
	/* Only reads back what others left. */
	while (number < 0)
		(void)io_wait(-1, 0, clock_now() + NS_PER_SEC, NULL, NULL);
	for (;; number++) {
		struct request_spec spec = { .platform = "shop" };
		struct job_view view;
		char line[32];

		if (!ops->ask(number, &spec))
			continue;
		kill_act(&world, &spec, number, &view);
		snprintf(line, sizeof(line), "done %d\n", number);
		if (view.outcome == OUTCOME_DONE &&
		    write(STDOUT_FILENO, line, strlen(line)) < 0)
			return 1;
		job_view_release(&view);
	}
}

/* What the children said before they died. */
struct said {
	bool done[KILL_NUMBERS_MAX];
	int count;
};

static void
read_said(int fd, struct said *said)
{
	char bytes[65536], *at, *nl;
	ssize_t n, used = 0;

	while (
	    (n = read(fd, bytes + used, sizeof(bytes) - 1 - (size_t)used)) > 0)
		used += n;
	bytes[used] = '\0';
	for (at = bytes; (nl = strchr(at, '\n')) != NULL; at = nl + 1) {
		long number = strncmp(at, "done ", 5) == 0
				  ? strtol(at + 5, NULL, 10)
				  : -1;

		if (number < 0 || number >= KILL_NUMBERS_MAX)
			continue;
		said->done[number] = true;
		said->count++;
	}
}

/* Starts a child, lets it live for ms, kills it. */
static bool
round_of(int first, int ms, struct said *said)
{
	char number[16];
	int fd[2], status;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", first);
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(fd[1], STDOUT_FILENO);
		execl("/proc/self/exe", "child", fake.dir, number, NULL);
		_exit(127);
	}
	close(fd[1]);
	(void)io_wait(-1, 0, clock_now() + ms * NS_PER_MS, NULL, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	read_said(fd[0], said);
	close(fd[0]);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/*
 * How long a child needs here until it has done something: the instants are
 * spread over a multiple of that, also under a sanitizer.
 */
static int
measure(struct said *said)
{
	int first = KILL_NUMBERS_MAX - 1000, ms;

	/* What an earlier one left has its numbers. */
	for (ms = KILL_MIN_MS / 3; ms < KILL_MAX_MS / 2; ms += ms / 2) {
		round_of(first, ms, said);
		first += KILL_STEP;
		if (said->count > 0)
			break;
	}
	ms *= 2;
	if (ms < KILL_MIN_MS)
		return KILL_MIN_MS;
	return ms < KILL_MAX_MS ? ms : KILL_MAX_MS;
}

/* Every action on record: its intent, its end. */
struct tally {
	struct {
		char id[AUDIT_ID_LEN];
		int number;
		int intents;
		int outcomes;
		bool done;
	} acted[KILL_NUMBERS_MAX];
	size_t count;
	size_t index_of[KILL_NUMBERS_MAX]; /* by number; 0: none, else + 1 */
};

/* The place of an action, by its id; a new one for an intent. */
static size_t
tally_find(struct tally *tally, const struct audit_row *row)
{
	const char *reason = row->field[AUDIT_REASON];
	size_t at = tally->count;
	int number;

	while (at > 0 &&
	       strcmp(tally->acted[at - 1].id, row->field[AUDIT_ID]) != 0)
		at--;
	if (at > 0 || strcmp(row->field[AUDIT_KIND], "intent") != 0 ||
	    reason[0] != 'n' || tally->count == KILL_NUMBERS_MAX)
		return at;
	number = (int)strtol(reason + 1, NULL, 10);
	if (number < 0 || number >= KILL_NUMBERS_MAX)
		return 0;
	at = ++tally->count;
	snprintf(
	    tally->acted[at - 1].id, AUDIT_ID_LEN, "%s", row->field[AUDIT_ID]);
	tally->acted[at - 1].number = number;
	tally->acted[at - 1].intents = tally->index_of[number] > 0;
	tally->index_of[number] = at;
	return at;
}

static bool
tally_row(void *ctx, const struct audit_row *row)
{
	struct tally *tally = ctx;
	size_t at = tally_find(tally, row);

	if (at == 0)
		return true;
	if (strcmp(row->field[AUDIT_KIND], "intent") == 0) {
		tally->acted[at - 1].intents++;
	} else if (strcmp(row->field[AUDIT_KIND], "outcome") == 0) {
		tally->acted[at - 1].outcomes++;
		tally->acted[at - 1].done =
		    strcmp(row->field[AUDIT_RESULT], "done") == 0;
	}
	return true;
}

static bool
count_row(void *ctx, const struct audit_row *row)
{
	size_t *count = ctx;

	(void)row;
	(*count)++;
	return true;
}

static size_t
open_intents(const char *path)
{
	const struct audit_conf conf = { .path = path };
	struct audit *audit = NULL;
	size_t count = 0;

	if (audit_open(&conf, NULL, &audit, NULL) != ERR_OK ||
	    audit_open_intents(audit, count_row, &count, NULL) != ERR_OK)
		count = SIZE_MAX;
	audit_close(audit);
	return count;
}

/* What is left is read back by processes that live long enough. */
static void
settle(const char *path, struct said *said)
{
	size_t left = open_intents(path);

	printf("# %zu actions left in doubt\n", left);
	for (int i = 0; i < SETTLES_MAX && left > 0; i++) {
		round_of(-1, SETTLE_MS, said);
		left = open_intents(path);
	}
}

/* Places that show another action than the last one that was done there. */
static size_t
wrong_places(const struct kill_ops *ops, const struct tally *tally)
{
	int last[KILL_PLACES_MAX];
	size_t wrong = 0;

	for (int i = 0; i < KILL_PLACES_MAX; i++)
		last[i] = -1;
	for (size_t i = 0; i < tally->count; i++) {
		int place = ops->place(tally->acted[i].number);

		if (place >= 0 && tally->acted[i].done)
			last[place] = tally->acted[i].number;
	}
	for (int i = 0; i < KILL_PLACES_MAX; i++) {
		int shown = ops->shown(i);

		if (shown == last[i])
			continue;
		printf("# place %d shows %d, not %d\n", i, shown, last[i]);
		wrong++;
	}
	return wrong;
}

static void
look_record(const struct kill_ops *ops, const char *path,
    const struct said *said, struct kill_found *found)
{
	static struct tally tally;
	const struct audit_conf conf = { .path = path };
	struct audit *audit = NULL;
	struct audit_head head = { .seq = 0 }, kept = { .seq = 0 };
	enum err_code code = audit_open(&conf, NULL, &audit, &found->chain);

	if (code == ERR_OK)
		code = audit_kept_head(&conf, &kept, &found->chain);
	if (code == ERR_OK)
		code = audit_verify(audit, &kept, &head, &found->chain);
	if (code == ERR_OK)
		code = audit_walk(audit, 0, tally_row, &tally, &found->chain);
	audit_close(audit);
	for (size_t i = 0; i < tally.count; i++) {
		int number = tally.acted[i].number;
		size_t effects = ops->effects(number);
		bool known = effects != SIZE_MAX;

		found->twice += (known && effects > 1) ||
				tally.acted[i].intents != 1 ||
				tally.acted[i].outcomes > 1;
		found->open += tally.acted[i].outcomes == 0;
		if (known && tally.acted[i].outcomes == 1 &&
		    tally.acted[i].done != (effects == 1)) {
			printf("# %d: %s, but %zu effects\n", number,
			    tally.acted[i].done ? "done" : "not done", effects);
			found->wrong++;
		}
		found->done += tally.acted[i].done;
	}
	found->acted = tally.count;
	if (ops->place != NULL)
		found->wrong += wrong_places(ops, &tally);
	for (int i = 0; i < KILL_NUMBERS_MAX; i++) {
		size_t at = tally.index_of[i];
		size_t effects = at == 0 ? ops->effects(i) : SIZE_MAX;

		found->lost += effects != SIZE_MAX ? effects : 0;
		found->lost +=
		    said->done[i] && (at == 0 || !tally.acted[at - 1].done);
	}
	printf("# %lld rows, %zu actions, %zu done, %d said to be done\n",
	    (long long)head.seq, tally.count, found->done, said->count);
}

struct kill_found
kill_run(const struct kill_ops *ops, int rounds)
{
	static struct said said;
	struct kill_found found = { .killed = 0 };
	char path[600];
	int first = 0, range;
	unsigned seed = 20261122;

	snprintf(path, sizeof(path), "%s/audit.db", fake.dir);
	range = measure(&said);
	printf("# killed within %d ms\n", range);
	for (int i = 0; i < rounds; i++) {
		found.killed += round_of(
		    first, 1 + (int)(rand_r(&seed) % (unsigned)range), &said);
		first += KILL_STEP;
	}
	settle(path, &said);
	if (ops->look != NULL)
		ops->look();
	look_record(ops, path, &said, &found);
	return found;
}
