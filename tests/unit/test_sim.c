/* The practice world's parts that need no server. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/dir.h"
#include "sim/logs.h"
#include "sim/model.h"
#include "sim/platform.h"
#include "sim/rng.h"
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

int
main(void)
{
	RUN(test_rng);
	RUN(test_model);
	RUN(test_tables);
	RUN(test_logs_and_dirs);
	return tap_done();
}
