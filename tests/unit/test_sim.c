/* The practice world's parts that need no server. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/thread.h"
#include "sim/child.h"
#include "sim/dir.h"
#include "sim/lobby.h"
#include "sim/logs.h"
#include "sim/model.h"
#include "sim/platform.h"
#include "sim/port.h"
#include "sim/rng.h"
#include "sim/token.h"
#include "tests/tap.h"

enum {
	STEPS = 3000, /* five minutes */
};

static const struct model_route routes[] = {
	{ "GET", "/a", 3, 0.050, 0.6, 200 },
	{ "POST", "/b", 1, 0.100, 0.6, 201 },
};

static const struct model_mood calm;

static void
seen(void *arg, const struct model_request *request)
{
	uint64_t *sum = arg;

	*sum = *sum * 31 + request->number + request->status;
}

static uint64_t
story(uint64_t seed, const struct model_mood *mood, struct model *model)
{
	uint64_t sum = 0;

	model_init(model, routes, 2, 100.0, seed);
	for (int i = 0; i < STEPS; i++)
		model_step(model, mood, seen, &sum);
	return sum;
}

static uint64_t
requests(const struct model *model, unsigned least_status)
{
	uint64_t sum = 0;

	for (unsigned r = 0; r < model->route_count; r++)
		for (unsigned s = 0; s < SIM_STATUSES; s++)
			if (model_status[s] >= least_status)
				sum += model->counts.requests[r][s];
	return sum;
}

static void
test_rng(void)
{
	struct rng rng = rng_make(1, 1);
	double sum = 0, squares = 0, events = 0;
	int below = 0;

	for (int i = 0; i < 20000; i++) {
		double x = rng_normal(&rng);

		sum += x;
		squares += x * x;
		below += rng_lognormal(&rng, 5, 0.7) < 5;
		events += rng_poisson(&rng, i % 2 == 0 ? 0.3 : 45.0);
	}
	is_near(sum / 20000, 0, 0.03, "normal: mean");
	is_near(squares / 20000, 1, 0.05, "normal: variance");
	is_near(below / 20000.0, 0.5, 0.02, "lognormal: median");
	is_near(events / 20000, (0.3 + 45.0) / 2, 0.3, "poisson: mean");
	is_int(rng_poisson(&rng, 0), 0, "no rate, no event");
	is_int(rng_below(&rng, 0) + rng_below(&rng, 1), 0, "below 0 and 1");
}

static void
test_model(void)
{
	struct model a, b;
	struct model_mood bad = { .error_share = 0.1 };
	struct model_mood slow = { .latency = 30 }, none = { .frozen = true };
	double all;

	ok(story(5, &calm, &a) == story(5, &calm, &b), "same seed, same story");
	ok(memcmp(&a.counts, &b.counts, sizeof(a.counts)) == 0, "same counts");
	ok(story(6, &calm, &b) != story(5, &calm, &a), "another seed");
	all = (double)requests(&a, 0);
	ok(all > 30.0 * STEPS / 10 && all < 200.0 * STEPS / 10,
	    "about the rate that was asked for");
	ok((double)requests(&a, 500) < 0.005 * all, "calm: few errors");
	story(5, &bad, &b);
	is_near((double)requests(&b, 500) / (double)requests(&b, 0), 0.1, 0.01,
	    "an error share of 10 %");
	story(5, &slow, &b);
	ok(b.counts.seconds[0] / (double)requests(&b, 0) >
		10 * a.counts.seconds[0] / all,
	    "slow");
	ok(story(5, &none, &b) == 0 && requests(&b, 0) == 0, "frozen");
	model_scale(&a, 3);
	ok((double)requests(&a, 0) == 3 * all, "as if it had run longer");
	model_reset(&a);
	is_int((int64_t)requests(&a, 0), 0, "a restart");
	model_count(&a, 7, 200, 1);
	is_int((int64_t)requests(&a, 0), 0, "an unknown route is not counted");
}

static void
test_tables(void)
{
	for (size_t p = 0; p < platform_count; p++) {
		const struct platform *it = platform_table[p];
		bool good = it->fault_count <= SIM_FAULTS_MAX;

		ok(platform_find(it->name) == it, "%s is found", it->name);
		for (size_t i = 0; i < it->fault_count; i++)
			good &=
			    it->faults[i].help != NULL &&
			    platform_fault(it, it->faults[i].name) == (int)i;
		ok(good, "%s: faults have different names", it->name);
		for (size_t i = 0; i < it->scenario_count; i++) {
			const struct scenario_step *step =
			    it->scenarios[i].steps;
			unsigned last = 0;

			for (good = true; step->fault != NULL; step++) {
				good &= step->at_s >= last &&
					platform_fault(it, step->fault) >= 0;
				last = step->at_s;
			}
			ok(good, "%s: steps in order, of known faults",
			    it->scenarios[i].name);
		}
	}
	ok(platform_find("nowhere") == NULL, "an unknown platform");
}

static unsigned
file_count(const char *path)
{
	DIR *list = opendir(path);
	unsigned n = 0;

	while (list != NULL && readdir(list) != NULL)
		n++;
	if (list != NULL)
		closedir(list);
	return n - 2; /* . and .. */
}

static void
test_logs_and_dirs(void)
{
	char base[] = "/tmp/sevtop-unit-XXXXXX", sub[PATH_MAX];
	char wanted[64], file[PATH_MAX + 16], found[PATH_MAX];
	struct dir dir = DIR_INIT, other = DIR_INIT;
	struct err err = ERR_INIT;
	struct logs *logs = NULL;
	struct stat st;

	if (mkdtemp(base) == NULL) {
		ok(false, "temporary folder");
		return;
	}
	setenv("XDG_RUNTIME_DIR", base, 1);
	is_int(dir_newest(found, &err), ERR_NOTFOUND, "no world");
	is_int(dir_make("p", NULL, &dir, &err), ERR_OK, "a folder");
	is_int(dir_newest(found, &err), ERR_OK, "a world");
	is_str(found, dir.path, "is found");
	is_int(dir_make("p", NULL, &other, &err), ERR_OK, "a second one");
	ok(access(dir.path, F_OK) == 0, "does not sweep a living one");
	dir_remove(&other);
	is_int(dir_make("p", dir.path, &other, &err), ERR_USAGE,
	    "a folder in use is refused");
	ok(access(dir.path, F_OK) == 0, "and stays");

	is_int(dir_sub(&dir, "logs", sub, &err), ERR_OK, "a folder in it");
	is_int(logs_open(sub, "x.log", &logs, &err), ERR_OK, "a log");
	for (int i = 0; logs != NULL && i < 5 * SIM_LOG_FILE_MAX / 65536; i++) {
		struct buf *buf = logs_buf(logs);

		while (buf->len < 65536)
			buf_str(buf, "0123456789abcdef0123456789abcde\n");
		logs_flush(logs);
	}
	logs_close(logs);
	is_int(file_count(sub), 1 + SIM_LOG_KEEP, "rotated, old ones dropped");
	snprintf(file, sizeof(file), "%s/x.log.1", sub);
	ok(stat(file, &st) == 0 && st.st_size <= SIM_LOG_FILE_MAX + 65536,
	    "by size");
	dir_remove(&dir);
	dir_remove(&dir);
	ok(access(dir.path, F_OK) != 0, "removed with all in it, once");

	snprintf(wanted, sizeof(wanted), "%s/own", base);
	is_int(dir_make("p", wanted, &dir, &err), ERR_OK, "a wanted folder");
	dir_remove(&dir);
	snprintf(file, sizeof(file), "%s/sevtop-sim", base);
	is_int(chmod(file, 0755), 0, "open to others");
	is_int(dir_make("p", NULL, &dir, &err), ERR_FORBIDDEN,
	    "an open base folder is refused");
	ok(rmdir(file) == 0 && rmdir(base) == 0, "nothing is left");
}

static void
test_child(void)
{
	const char *const argv[] = { "/bin/sh", "-c", "echo out; exit 3",
		NULL };
	const char *const lasting[] = { "/bin/sh", "-c",
		"trap '' TERM; sleep 600 & wait; sleep 600", NULL };
	char log[] = "/tmp/sevtop-unit-XXXXXX", text[16] = "", found[PATH_MAX];
	int file = mkostemp(log, O_CLOEXEC), status = 0;
	struct child_opt opt = {
		.argv = argv, .log = log, .keep_fd = -1, .orphaned = SIGKILL
	};
	struct child child = CHILD_INIT;
	int64_t soon = clock_now() + 20 * NS_PER_SEC;
	struct err err = ERR_INIT;

	is_int(child_start(&child, &opt, &err), ERR_OK, "a child");
	is_int(child_wait(&child, soon, NULL, &status), ERR_OK, "ends");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 3, "with its status");
	ok(!child_alive(&child) && child.pid == 0, "and is gone");
	ok(read(file, text, sizeof(text) - 1) == 4, "what it printed");
	is_str(text, "out\n", "is in its log");
	close(file);
	unlink(log);

	opt.argv = lasting;
	opt.log = NULL;
	is_int(child_start(&child, &opt, &err), ERR_OK, "one that lasts");
	is_int(child_wait(&child, clock_now() + 20 * NS_PER_MS, NULL, &status),
	    ERR_TIMEOUT, "is not waited for any longer");
	ok(child_alive(&child), "it lives");
	child_end(&child, SIGTERM, 20);
	ok(!child_alive(&child), "killed with its own child");
	child_end(&child, SIGTERM, 20);

	ok(path_find("sh", found) && access(found, X_OK) == 0, "sh is found");
	ok(!path_find("sevtop-no-such-program", found), "others are not");
}

/* What the guest has heard within a while. */
static const char *
hear(int guest, struct lobby *lobby)
{
	static char text[32];
	int64_t deadline = clock_now() + 10 * NS_PER_SEC;
	ssize_t n = -1;

	while (n < 0 && clock_now() < deadline) {
		struct pollfd set[2 * SIM_LOBBY_GUESTS];
		unsigned count = lobby_poll(lobby, set);

		(void)poll(set, count, 10);
		lobby_step(lobby, set);
		n = recv(guest, text, sizeof(text) - 1, MSG_DONTWAIT);
	}
	text[n > 0 ? n : 0] = '\0';
	return n == 0 ? "the end" : text;
}

static int
loopback(unsigned port, bool serve)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (serve ? bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
			listen(fd, 4) != 0
		  : connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
test_lobby(void)
{
	struct lobby *lobby = NULL;
	struct err err = ERR_INIT;
	unsigned port = 0, other = 0;
	int hold = -1, hold_other = -1, guest, server, joined = -1;

	is_int(port_hold(&port, &hold, &err), ERR_OK, "a port");
	is_int(port_hold(&other, &hold_other, &err), ERR_OK, "another");
	ok(port != other && port > 0, "ports differ");
	is_int(loopback(port, false), -1, "nobody listens");
	is_int(lobby_open(port, &lobby, &err), ERR_OK, "a lobby on it");
	guest = loopback(port, false);
	ok(guest >= 0 && send(guest, "hello", 5, MSG_NOSIGNAL) == 5,
	    "a guest comes early");
	lobby_close_door(lobby);
	server = loopback(port, true);
	ok(server >= 0, "the server takes the same port");
	lobby_let_in(lobby);
	joined = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	ok(joined >= 0 && send(joined, "welcome", 7, MSG_NOSIGNAL) == 7,
	    "and has a guest");
	is_str(hear(guest, lobby), "welcome", "who hears it");
	close(joined);
	is_str(hear(guest, lobby), "the end", "and that it went");
	lobby_free(lobby);
	close(guest);
	close(server);
	close(hold);
	close(hold_other);
}

static void
test_token(void)
{
	char a[TOKEN_CAP], b[TOKEN_CAP];
	struct err err = ERR_INIT;

	ok(token_make(a, &err) == ERR_OK && token_make(b, &err) == ERR_OK,
	    "two tokens");
	ok(strlen(a) == TOKEN_CAP - 1 && strcmp(a, b) != 0, "differ");
}

int
main(void)
{
	RUN(test_rng);
	RUN(test_model);
	RUN(test_tables);
	RUN(test_logs_and_dirs);
	RUN(test_child);
	RUN(test_lobby);
	RUN(test_token);
	return tap_done();
}
