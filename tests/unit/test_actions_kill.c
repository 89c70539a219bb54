/*
 * kill -9 at random instants while actions are done: a child process acts as
 * fast as it can, the test kills it, and the next one finds what it left.
 * In the end every intent has an outcome, the outcome is what the server
 * shows, nothing was done twice, and the chain is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/actions/fake.h"
#include "tests/tap.h"

enum {
	ROUNDS = 200,
	KILL_MIN_MS = 45,  /* range of the instants, at least ... */
	KILL_MAX_MS = 150, /* ... and at most */
	ACTED_MAX = 20000,
};

/* Faults that the child's server has in turn; all of them end somehow. */
static const enum fake_fault faults[] = { FAKE_FINE, FAKE_FINE, FAKE_CUT_AFTER,
	FAKE_FINE, FAKE_CUT_BEFORE, FAKE_LATE, FAKE_FORBIDDEN };

/* The child: acts until it is killed; says what it knows to be done. */
static int
child(const char *dir, const char *first)
{
	struct fake_world world;
	struct job_view view;
	char target[32], line[64];
	int number = (int)strtol(first, NULL, 10);

	snprintf(fake.dir, sizeof(fake.dir), "%s", dir);
	fake_reset();
	if (!fake_world_open(&world, "test", GATE_NORMAL))
		return 1;
	/* Only reads back what others left. */
	while (number < 0)
		(void)io_wait(-1, 0, clock_now() + NS_PER_SEC, NULL, NULL);
	for (;; number++) {
		atomic_store(
		    &fake.on_apply, faults[(size_t)number % ARRAY_LEN(faults)]);
		snprintf(target, sizeof(target), "t%d", number);
		fake_act(&world, "fake.set", target, "on", &view);
		if (view.outcome == OUTCOME_DONE) {
			snprintf(line, sizeof(line), "done %d\n", number);
			if (write(STDOUT_FILENO, line, strlen(line)) < 0)
				return 1;
		}
		job_view_release(&view);
	}
}

/* What the children said before they died. */
struct said {
	bool done[ACTED_MAX];
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

		if (number < 0 || number >= ACTED_MAX)
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
	int ms;

	for (ms = KILL_MIN_MS / 3; ms < KILL_MAX_MS / 2; ms += ms / 2) {
		round_of(ACTED_MAX - 1000, ms, said);
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
	} acted[ACTED_MAX];
	size_t count;
	size_t index_of[ACTED_MAX]; /* by number; 0: none, else index + 1 */
};

static bool
tally_row(void *ctx, const struct audit_row *row)
{
	struct tally *tally = ctx;
	const char *target = row->field[AUDIT_TARGET];
	int number = (int)strtol(target + 1, NULL, 10);
	size_t at;

	if (number < 0 || number >= ACTED_MAX || target[0] != 't')
		return true;
	at = tally->index_of[number];
	if (at == 0) {
		at = tally->index_of[number] = ++tally->count;
		tally->acted[at - 1].number = number;
	}
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
	for (int i = 0; i < 40 && left > 0; i++) {
		round_of(-1, 400, said);
		left = open_intents(path);
	}
}

static void
check_record(const char *path, const struct said *said)
{
	static struct tally tally;
	const struct audit_conf conf = { .path = path };
	struct audit *audit = NULL;
	struct audit_head head = { .seq = 0 }, kept = { .seq = 0 };
	struct err err = ERR_INIT;
	size_t wrong = 0, twice = 0, lost = 0, open = 0, done = 0;

	is_int(audit_open(&conf, NULL, &audit, &err), ERR_OK, "open");
	is_int(audit_kept_head(&conf, &kept, &err), ERR_OK, "head file");
	is_int(audit_verify(audit, &kept, &head, &err), ERR_OK,
	    "the chain is whole and continues the head that was kept");
	is_int(audit_walk(audit, 0, tally_row, &tally, &err), ERR_OK, "walk");
	audit_close(audit);
	for (size_t i = 0; i < tally.count; i++) {
		char target[32];
		size_t effects;

		snprintf(target, sizeof(target), "t%d", tally.acted[i].number);
		effects = fake_effects(target);
		twice += effects > 1 || tally.acted[i].intents != 1 ||
			 tally.acted[i].outcomes > 1;
		open += tally.acted[i].outcomes == 0;
		wrong += tally.acted[i].outcomes == 1 &&
			 tally.acted[i].done != (effects == 1);
		done += tally.acted[i].done;
	}
	for (size_t i = 0; i < ACTED_MAX; i++) {
		if (!said->done[i])
			continue;
		lost += tally.index_of[i] == 0 ||
			!tally.acted[tally.index_of[i] - 1].done;
	}
	printf("# %lld rows, %zu actions, %zu done, %d said to be done\n",
	    (long long)head.seq, tally.count, done, said->count);
	ok(tally.count >= ROUNDS / 8, "enough was done to prove something");
	is_int((int64_t)twice, 0, "nothing was done or recorded twice");
	is_int((int64_t)open, 0, "every intent has an outcome in the end");
	is_int((int64_t)wrong, 0, "every outcome is what the server shows");
	is_int((int64_t)lost, 0, "what was said to be done is on record");
	is_int((int64_t)fake_effects(NULL), (int64_t)done,
	    "every effect has its row");
}

int
main(int argc, char **argv)
{
	static struct said said;
	char path[600];
	int first = 0, killed = 0, range;
	unsigned seed = 20261122;

	if (argc == 3)
		return child(argv[1], argv[2]);
	if (!ok(fake_open(), "folder"))
		return tap_done();
	snprintf(path, sizeof(path), "%s/audit.db", fake.dir);
	range = measure(&said);
	printf("# killed within %d ms\n", range);
	for (int i = 0; i < ROUNDS; i++) {
		killed += round_of(
		    first, 1 + (int)(rand_r(&seed) % (unsigned)range), &said);
		first += 50;
	}
	is_int(killed, ROUNDS, "every child was killed");
	settle(path, &said);
	check_record(path, &said);
	fake_close();
	return tap_done();
}
