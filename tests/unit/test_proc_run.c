#include "base/proc_run.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/limits.h"
#include "base/proc_env.h"
#include "base/redact.h"
#include "base/thread.h"
#include "tests/tap.h"

static char dir[] = "/tmp/sevtop-proc-XXXXXX";

/* What a program wrote, and how much the reader wants. */
struct sink {
	struct buf out;
	struct buf err;
	size_t most; /* 0: all */
};

static bool
take(void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	struct sink *sink = ctx;

	buf_add(stream == PROC_OUT ? &sink->out : &sink->err, bytes, len);
	return sink->most == 0 || sink->out.len + sink->err.len <= sink->most;
}

static struct sink sink;
static struct proc proc;
static struct proc_end end;
static struct err err;

static enum err_code
run_spec(struct proc_spec *spec, int ms, const struct cancel *cancel)
{
	buf_clear(&sink.out);
	buf_clear(&sink.err);
	err_clear(&err);
	end = (struct proc_end) { .status = -2 };
	spec->chunk = take;
	spec->ctx = &sink;
	spec->deadline = clock_now() + ms * NS_PER_MS;
	return proc_run(&proc, spec, cancel, &end, &err);
}

/* One line for sh, with all the time it needs. */
static enum err_code
run(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct proc_spec spec = { .argv = argv };

	return run_spec(&spec, 20000, NULL);
}

static void
no_children(void)
{
	ok(waitpid(-1, NULL, WNOHANG) < 0, "every child was reaped");
	is_int(proc.stuck, 0, "none is stuck");
}

static int
open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int n = 0;

	while (fds != NULL && readdir(fds) != NULL)
		n++;
	closedir(fds);
	return n;
}

/* Whether a process is gone, or only waits for a busy parent to notice. */
static bool
is_gone(pid_t pid)
{
	char path[64], text[256] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return true;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	fclose(file);
	state = strrchr(text, ')');
	return state == NULL || state[2] == 'Z';
}

static bool
ends_soon(pid_t pid)
{
	int64_t deadline = clock_now() + 5 * NS_PER_SEC;

	while (!is_gone(pid) && clock_now() < deadline)
		io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	return is_gone(pid);
}

static void
test_output(void)
{
	int before = open_files();

	is_int(run("echo out; echo err >&2; exit 3"), ERR_OK, "runs");
	is_str(buf_cstr(&sink.out), "out\n", "output");
	is_str(buf_cstr(&sink.err), "err\n", "errors");
	is_int(end.status, 3, "status");
	is_int(end.signal, 0, "no signal");
	ok(end.ran_ns > 0, "time");
	is_int(run("kill -9 $$"), ERR_OK, "ended by a signal");
	is_int(end.signal, 9, "which one");
	is_int(end.status, -1, "no status");
	is_int(run("cat; echo done"), ERR_OK, "standard input");
	is_str(buf_cstr(&sink.out), "done\n", "is empty");
	is_int(run("head -c 3000000 /dev/zero"), ERR_OK, "much output");
	is_int((int64_t)sink.out.len, 3000000, "all of it");
	is_int(run("true"), ERR_OK, "none");
	is_int((int64_t)sink.out.len, 0, "none at all");
	is_int(open_files(), before, "no file is left open");
	no_children();
}

/* What it is to read. */
static void
test_input(void)
{
	static char much[PROC_INPUT_MAX + 1];
	const char *const cat[] = { "cat", NULL }, *const deaf[] = { "true",
		NULL };
	struct proc_spec spec = {
		.argv = cat, .input = "a\nb", .input_len = 3
	};
	int before = open_files();

	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "runs");
	is_str(buf_cstr(&sink.out), "a\nb", "it reads what it is given");
	memset(much, 'x', sizeof(much));
	spec.input = much;
	spec.input_len = PROC_INPUT_MAX;
	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "as much as may be");
	is_int((int64_t)sink.out.len, PROC_INPUT_MAX, "all of it");
	spec.argv = deaf;
	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "one that reads nothing");
	is_int(end.status, 0, "ends well");
	spec.input_len++;
	is_int(run_spec(&spec, 20000, NULL), ERR_LIMIT, "more is refused");
	is_int(open_files(), before, "no file is left open");
	no_children();
}

/* What it gets from us, and what not. */
static void
test_surroundings(void)
{
	static const char *const argv[] = { "sh", "-c",
		"pwd; echo \"$A-$HOME\"; ls /proc/self/fd | wc -l", NULL };
	char a[] = "A=b c", path[64];
	char *env[] = { a, NULL };
	struct proc_spec spec = { .argv = argv, .dir = dir, .env = env };
	char want[128];
	int leak = open("/dev/null", O_RDONLY); /* inherited on purpose */

	signal(SIGPIPE, SIG_IGN);
	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "runs elsewhere");
	snprintf(want, sizeof(want), "%s\nb c-\n4\n", dir);
	is_str(buf_cstr(&sink.out), want,
	    "in its folder, with its variables, without our files");
	is_int(run("kill -PIPE $$"), ERR_OK, "no signal is ignored");
	is_int(end.signal, SIGPIPE, "it ends it");
	is_int(run("[ \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ ] && echo own"),
	    ERR_OK, "a session");
	if (sink.out.len > 0)
		is_str(buf_cstr(&sink.out), "own\n", "of its own");
	else
		skip("no ps here");
	close(leak);
	snprintf(path, sizeof(path), "%s/nowhere", dir);
	spec.dir = path;
	is_int(run_spec(&spec, 20000, NULL), ERR_NOTFOUND, "no such folder");
	ok(strstr(err.msg, "there is no folder") != NULL, "%s", err.msg);
	no_children();
}

static void
put_file(const char *name, const char *text, mode_t mode, char path[64])
{
	FILE *file;

	snprintf(path, 64, "%s/%s", dir, name);
	file = fopen(path, "we");
	if (file != NULL) {
		fputs(text, file);
		fclose(file);
	}
	chmod(path, mode);
}

static void
is_refused(const char *program, enum err_code code, const char *says)
{
	const char *argv[] = { program, "s3cret-argument", NULL };
	struct proc_spec spec = { .argv = argv };

	is_int(run_spec(&spec, 20000, NULL), code, program);
	ok(strstr(err.msg, says) != NULL, "%s", err.msg);
	ok(strstr(err.msg, "s3cret") == NULL, "arguments are not named");
}

static void
test_refused(void)
{
	char path[64];
	int before = open_files();

	is_refused("nosuchprogram", ERR_NOTFOUND,
	    "no program nosuchprogram in "
	    "the PATH");
	is_refused(
	    "/nowhere/x", ERR_NOTFOUND, "there is no program /nowhere/x");
	put_file("plain", "just words\n", 0644, path);
	is_refused(path, ERR_FORBIDDEN, "not executable");
	put_file("words", "just words\n", 0755, path);
	is_refused(path, ERR_CONFIG, "no #! line");
	put_file("lost", "#!/nowhere/sh\n", 0755, path);
	is_refused(path, ERR_NOTFOUND, "its first line");
	is_int(open_files(), before, "no file is left open");
	no_children();
}

static void
test_too_much(void)
{
	int64_t start = clock_now();

	sink.most = 1000;
	is_int(run("yes"), ERR_TOOBIG, "endless output");
	is_int(run("yes >&2"), ERR_TOOBIG, "endless errors");
	sink.most = 0;
	ok(clock_now() - start < 10 * NS_PER_SEC, "at once");
	ok(strstr(err.msg, "sh wrote more than it may") != NULL, "%s", err.msg);
	no_children();
}

static void
test_deadline(void)
{
	const char *argv[] = { "sh", "-c", "", NULL };
	struct proc_spec spec = { .argv = argv };
	int64_t start = clock_now();

	argv[2] = "echo before; sleep 30; echo after";
	is_int(run_spec(&spec, 300, NULL), ERR_TIMEOUT, "too slow");
	is_str(buf_cstr(&sink.out), "before\n", "what came is there");
	spec.grace_ns = 10 * NS_PER_SEC;
	argv[2] = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; "
		  "done";
	start = clock_now();
	is_int(run_spec(&spec, 300, NULL), ERR_TIMEOUT, "ends when asked");
	ok(clock_now() - start < 5 * NS_PER_SEC, "before the grace is over");
	spec.grace_ns = 100 * NS_PER_MS;
	argv[2] = "trap '' TERM HUP INT; while :; do sleep 0.01; done";
	start = clock_now();
	is_int(run_spec(&spec, 300, NULL), ERR_TIMEOUT, "does not");
	ok(clock_now() - start < 5 * NS_PER_SEC, "is ended all the same");
	spec.grace_ns = 0;
	argv[2] = "while :; do echo x; sleep 0.01; done";
	is_int(run_spec(&spec, 300, NULL), ERR_TIMEOUT, "busy for ever");
	no_children();
}

/* Children of the child: they hold the pipe, and they must go as well. */
static void
test_rest(void)
{
	const char *argv[] = { "sh", "-c", "sleep 300 & echo $!", NULL };
	struct proc_spec spec = { .argv = argv };
	int64_t start = clock_now();
	pid_t pid;

	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "left one behind");
	ok(clock_now() - start < 10 * NS_PER_SEC, "it is not waited for");
	pid = (pid_t)strtol(buf_cstr(&sink.out), NULL, 10);
	ok(pid > 0 && ends_soon(pid), "and it is ended");
	argv[2] = "sh -c 'echo $$; sleep 300 & wait' & "
		  "sh -c 'trap \"\" TERM; echo $$; sleep 300' & wait";
	spec.grace_ns = 50 * NS_PER_MS;
	is_int(run_spec(&spec, 500, NULL), ERR_TIMEOUT, "a family");
	pid = (pid_t)strtol(buf_cstr(&sink.out), NULL, 10);
	ok(pid > 0 && ends_soon(pid), "is ended as a whole");
	spec.keep_rest = true;
	argv[2] = "sleep 300 & echo $!";
	is_int(run_spec(&spec, 20000, NULL), ERR_OK, "one that may stay");
	pid = (pid_t)strtol(buf_cstr(&sink.out), NULL, 10);
	ok(pid > 0 && !is_gone(pid), "stays");
	kill(pid, SIGKILL);
	argv[2] = "while :; do sh -c 'sleep 0.01' & done";
	spec.keep_rest = false;
	is_int(run_spec(&spec, 200, NULL), ERR_TIMEOUT, "forks and forks");
	no_children();
}

static void *
fire_later(void *arg)
{
	io_wait(-1, 0, clock_now() + 100 * NS_PER_MS, NULL, NULL);
	cancel_fire(arg);
	return NULL;
}

static void
test_cancel(void)
{
	static const char *const argv[] = { "sh", "-c",
		"trap '' TERM; while :; do sleep 0.01; done", NULL };
	struct proc_spec spec = { .argv = argv, .grace_ns = 30 * NS_PER_SEC };
	struct cancel cancel;
	struct thread thread;
	int64_t start = clock_now();

	if (cancel_init(&cancel, &err) != ERR_OK ||
	    thread_start(&thread, "fire", fire_later, &cancel, &err) != ERR_OK)
		return;
	is_int(run_spec(&spec, 60000, &cancel), ERR_CANCELLED, "cancelled");
	ok(clock_now() - start < 5 * NS_PER_SEC, "leaving does not wait");
	thread_join(&thread);
	is_int(run_spec(&spec, 60000, &cancel), ERR_CANCELLED, "before it ran");
	cancel_release(&cancel);
	no_children();
}

/* One that the kernel did not let go is waited for before the next. */
static void
test_stuck(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	proc.stuck = pid;
	is_int(run("true"), ERR_LIMIT, "the last one is still there");
	ok(strstr(err.msg, "hangs in the kernel") != NULL, "%s", err.msg);
	kill(pid, SIGKILL);
	ok(ends_soon(pid), "now it lets go");
	is_int(run("true"), ERR_OK, "and the next may run");
	no_children();
}

/* Several threads run programs at the same time, and each gets its own. */
static void *
runner(void *arg)
{
	static const char *const argv[] = { "sh", "-c", "echo $$; exit 7",
		NULL };
	struct sink own = { .most = 0 };
	struct proc one = { .stuck = 0 };
	struct proc_end ended;
	int *wrong = arg;

	buf_init(&own.out, 4096);
	buf_init(&own.err, 4096);
	for (int i = 0; i < 20; i++) {
		const struct proc_spec spec = { .argv = argv,
			.deadline = clock_now() + 20 * NS_PER_SEC,
			.chunk = take,
			.ctx = &own };

		buf_clear(&own.out);
		if (proc_run(&one, &spec, NULL, &ended, NULL) != ERR_OK ||
		    ended.status != 7 || own.out.len < 2)
			(*wrong)++;
	}
	buf_release(&own.out);
	buf_release(&own.err);
	return NULL;
}

static void
test_threads(void)
{
	struct thread threads[3];
	int wrong[3] = { 0 };

	for (int i = 0; i < 3; i++)
		if (thread_start(&threads[i], "run", runner, &wrong[i], &err) !=
		    ERR_OK)
			return;
	for (int i = 0; i < 3; i++) {
		thread_join(&threads[i]);
		is_int(wrong[i], 0, "each program was its own");
	}
	no_children();
}

static const char *
variable(const struct proc_env *env, const char *name)
{
	size_t len = strlen(name);

	for (char **e = env->vars; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

static void
test_env(void)
{
	static const struct opt_pair pairs[] = { { "A", "plain" },
		{ "B", "env:SEVTOP_TEST_SECRET" }, { "HOME", "/else" } };
	static const struct opt_pair lost[] = { { "C", "env:SEVTOP_UNSET" } };
	const struct opt_pairs more = { .items = pairs, .count = 3 };
	const struct opt_pairs unset = { .items = lost, .count = 1 };
	struct redactor *redactor = redactor_new();
	struct proc_env env = PROC_ENV_INIT;
	struct buf shown = BUF_INIT(100);

	setenv("SEVTOP_TEST_SECRET", "canary-9", 1);
	setenv("SEVTOP_TEST_OTHER", "x", 1);
	is_int(proc_env_make(&env, true, &more, redactor, NULL, &err), ERR_OK,
	    "all of ours and more");
	is_str(variable(&env, "A"), "plain", "a word");
	is_str(variable(&env, "B"), "canary-9", "a secret");
	is_str(variable(&env, "HOME"), "/else", "ours goes behind");
	is_str(variable(&env, "SEVTOP_TEST_OTHER"), "x", "ours");
	ok(redact_bytes(redactor, &shown, "canary-9", 8), "shown");
	is_str(buf_cstr(&shown), REDACTED, "the secret is known as one");
	proc_env_release(&env);
	is_int(proc_env_make(&env, false, &more, NULL, NULL, &err), ERR_OK,
	    "only what is needed");
	ok(variable(&env, "SEVTOP_TEST_OTHER") == NULL, "not ours");
	ok(variable(&env, "PATH") != NULL, "but the PATH");
	proc_env_release(&env);
	is_int(proc_env_make(&env, true, &unset, NULL, NULL, &err),
	    ERR_NOTFOUND, "a secret that is not there");
	ok(strncmp(err.msg, "C: ", 3) == 0, "%s", err.msg);
	ok(env.vars == NULL, "nothing is left");
	buf_release(&shown);
	redactor_free(redactor);
}

/* A status that nobody could read is not called 0. */
static void
test_reaped(void)
{
	signal(SIGCHLD, SIG_IGN);
	is_int(run("exit 3"), ERR_IO, "reaped by the kernel");
	ok(strstr(err_text(&err), "can't be told") != NULL, "%s",
	    err_text(&err));
	signal(SIGCHLD, SIG_DFL);
	is_int(run("exit 3"), ERR_OK, "and again by us");
	is_int(end.status, 3, "with its status");
}

int
main(void)
{
	static const char *const files[] = { "plain", "words", "lost" };
	char path[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	buf_init(&sink.out, (size_t)8 << 20);
	buf_init(&sink.err, (size_t)8 << 20);
	RUN(test_output);
	RUN(test_input);
	RUN(test_surroundings);
	RUN(test_refused);
	RUN(test_too_much);
	RUN(test_deadline);
	RUN(test_rest);
	RUN(test_cancel);
	RUN(test_stuck);
	RUN(test_reaped);
	RUN(test_threads);
	RUN(test_env);
	buf_release(&sink.out);
	buf_release(&sink.err);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
	return tap_done();
}
