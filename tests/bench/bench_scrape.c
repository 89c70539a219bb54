/*
 * What scraping many targets costs us: polls a list of targets once a second
 * as the scheduler does, then prints CPU time per scrape and memory.
 *
 *	bench_scrape TARGETS_FILE SECONDS [SELECTOR]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "datasrc/limits.h"
#include "datasrc/prom_conf.h"

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Text of the first health row, or what went wrong. */
static void
show(const struct payload *payload, const struct err *err)
{
	if (payload != NULL && payload->health_count != 0)
		printf("last round: %s; %s; %zu metrics\n",
		    payload->health[0].detail.s, payload->note.s,
		    payload->metric_count);
	else
		printf("last round: %s\n", err_text(err));
}

static struct payload *
poll_once(const struct source_ops *ops, void *state, struct err *err)
{
	struct build *build = build_new();
	struct poll poll = {
		.deadline = clock_now() + 5 * NS_PER_SEC,
		.wall_ms = clock_wall_ms(),
		.build = build,
	};
	struct payload *payload = NULL;

	if (build == NULL)
		return NULL;
	if (ops->poll(state, &poll, err) == ERR_OK)
		payload = build_finish(build, err);
	build_free(build);
	return payload;
}

int
main(int argc, char **argv)
{
	const struct source_ops *ops = source_find("prometheus.scrape");
	const char *keep[] = { argc > 3 ? argv[3] : "http_requests_total" };
	struct prom_conf conf = {
		.path = "/metrics",
		.http.max_body = HTTP_BODY_DEFAULT,
		.keep = { .items = keep, .count = 1 },
	};
	struct source_env env = { .name = "bench" };
	struct payload *payload = NULL;
	struct err err = ERR_INIT;
	struct rusage usage;
	long rounds, i, scrapes = 0;
	double from = 0;
	void *state;
	int64_t next;

	if (argc < 3 || ops == NULL) {
		fprintf(stderr, "usage: bench_scrape TARGETS_FILE SECONDS\n");
		return 64;
	}
	conf.targets_file = argv[1];
	rounds = strtol(argv[2], NULL, 10);
	if (ops->open(&env, &conf, &state, &err) != ERR_OK) {
		fprintf(stderr, "%s\n", err_text(&err));
		return 1;
	}
	next = clock_now();
	/* The first round connects; what it costs is no one's daily bread. */
	for (i = 0; i <= rounds; i++) {
		payload_unref(payload);
		err_clear(&err);
		payload = poll_once(ops, state, &err);
		if (i == 0)
			from = cpu_seconds();
		else if (payload != NULL)
			scrapes += payload->table_count != 0
				       ? (long)payload_metric(
					     payload, "scrape_targets_up")
					     ->value
				       : 1;
		next += NS_PER_SEC;
		io_wait(-1, 0, next, NULL, NULL);
	}
	from = cpu_seconds() - from;
	getrusage(RUSAGE_SELF, &usage);
	show(payload, &err);
	printf("sevtop: %ld scrapes, %.1f us CPU a scrape, %.1f MB\n", scrapes,
	    scrapes != 0 ? from * 1e6 / (double)scrapes : 0,
	    (double)usage.ru_maxrss / 1024);
	payload_unref(payload);
	ops->close(state);
	return 0;
}
