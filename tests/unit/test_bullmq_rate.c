#include "datasrc/bullmq_rate.h"

#include "base/clock.h"
#include "tests/tap.h"

static struct bullmq_rates rates;

static struct bullmq_rate
poll(double s, double added, double done, double pending, double in_window,
    double kept)
{
	struct bullmq_count c = {
		.at = (int64_t)(s * 1e9) + NS_PER_SEC,
		.added = added,
		.done = done,
		.pending = pending,
		.in_window = in_window,
		.kept = kept,
	};

	return bullmq_rate_add(&rates, &c);
}

static void
start(void)
{
	memset(&rates, 0, sizeof(rates));
}

static void
test_ways(void)
{
	struct bullmq_rate r;

	start();
	r = poll(0, 100, NAN, 10, 0, 0);
	ok(isnan(r.in) && isnan(r.out), "one poll tells nothing: missing");
	r = poll(10, 150, NAN, 30, 0, 0);
	is_near(r.in, 5, 1e-9, "50 in 10 s");
	is_near(r.out, 3, 1e-9, "30 of them are gone");
	is_int(r.way, BULLMQ_RATE_BALANCE, "by balance");

	start();
	r = poll(0, 100, NAN, 10, 60, 500);
	is_near(r.out, 2, 1e-9, "60 finished in 30 s, at the first poll");
	is_int(r.way, BULLMQ_RATE_SETS, "by the sets");
	r = poll(10, 150, NAN, 30, 500, 500);
	is_int(r.way, BULLMQ_RATE_BALANCE,
	    "all that is kept is new: jobs are removed");

	start();
	poll(0, 100, 40, 10, 60, 500);
	r = poll(10, 150, 90, 30, 60, 500);
	is_near(r.out, 5, 1e-9, "50 finished in 10 s");
	is_int(r.way, BULLMQ_RATE_METRICS, "by the workers' counters");
}

static void
test_edges(void)
{
	struct bullmq_rate r;

	start();
	poll(0, 100, NAN, 10, 0, 0);
	r = poll(5, 100, NAN, 12, 0, 0);
	is_near(r.in, 0, 0, "nothing came: zero, not missing");
	is_near(r.out, 0, 0, "a retried job is no negative rate");
	r = poll(6, 3, NAN, 3, 0, 0);
	ok(isnan(r.in), "a counter that fell starts over");
	r = poll(8, 13, NAN, 3, 0, 0);
	is_near(r.in, 5, 1e-9, "and goes on from there");
	r = poll(100, 20, NAN, 3, 0, 0);
	ok(isnan(r.in), "a gap longer than the window is no rate");
	start();
	poll(0, NAN, NAN, NAN, NAN, NAN);
	r = poll(1, NAN, NAN, NAN, NAN, NAN);
	ok(isnan(r.in) && isnan(r.out), "missing stays missing");
	poll(2, 10, NAN, 0, 0, 0);
	r = poll(4, 20, NAN, 0, 0, 0);
	is_near(r.in, 5, 1e-9, "a queue that appeared counts from there");
	start();
	for (int i = 0; i < 200; i++)
		r = poll(i, 3.0 * i, NAN, 0, 0, 0);
	is_near(r.in, 3, 1e-9, "steady over many polls");
	is_near(r.out, 3, 1e-9, "out as well");
	r = poll(199, 600, NAN, 0, 0, 0);
	ok(!isinf(r.in), "two polls at one time do no harm");
}

int
main(void)
{
	RUN(test_ways);
	RUN(test_edges);
	return tap_done();
}
