/* Cloud Monitoring's answers without Google: quantiles, turns, objectives. */
#include "datasrc/gcp_distribution.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "datasrc/gcp_slo.h"
#include "datasrc/gcp_turns.h"
#include "tests/tap.h"

static struct cJSON *
parse(const char *json)
{
	struct cJSON *root = NULL;

	ok(json_parse(json, strlen(json), &root, NULL) == ERR_OK, "%.60s",
	    json);
	return root;
}

static void
test_quantiles(void)
{
	static const struct {
		const char *options;
		const char *counts;
		double p50;
		double p99;
	} cases[] = {
		{ "\"explicitBuckets\":{\"bounds\":[10,20,40]}",
		    "\"0\",\"100\"", 15, 19.9 },
		/* The first bucket begins at 0, the last has no end. */
		{ "\"explicitBuckets\":{\"bounds\":[10,20]}", "\"4\"", 5, 9.9 },
		{ "\"explicitBuckets\":{\"bounds\":[10,20]}",
		    "\"0\",\"0\",\"4\"", 20, 20 },
		/* 1, 2, 4, 8 */
		{ "\"exponentialBuckets\":{\"numFiniteBuckets\":3,"
		  "\"growthFactor\":2,\"scale\":1}",
		    "\"0\",\"0\",\"0\",\"10\"", 6, 7.96 },
		{ "\"linearBuckets\":{\"numFiniteBuckets\":\"2\",\"width\":5}",
		    "0,2,2", 5, 9.9 },
		/* What is wrong has no quantiles. */
		{ "\"explicitBuckets\":{\"bounds\":[20,10]}", "\"4\"", NAN,
		    NAN },
		{ "\"explicitBuckets\":{\"bounds\":[20,\"x\"]}", "\"4\"", NAN,
		    NAN },
		{ "\"explicitBuckets\":{\"bounds\":[1]}", "\"1\",\"1\",\"1\"",
		    NAN, NAN },
		{ "\"explicitBuckets\":{\"bounds\":[1]}", "\"-1\"", NAN, NAN },
		{ "\"explicitBuckets\":{\"bounds\":[1]}", "\"0\"", NAN, NAN },
		{ "\"explicitBuckets\":{\"bounds\":[1]}", "", NAN, NAN },
		{ "\"exponentialBuckets\":{\"numFiniteBuckets\":1000,"
		  "\"growthFactor\":2,\"scale\":1}",
		    "\"1\"", NAN, NAN },
		{ "\"exponentialBuckets\":{\"numFiniteBuckets\":3}", "\"1\"",
		    NAN, NAN },
		{ "", "\"1\"", NAN, NAN },
	};
	char json[512];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct gcp_distribution d;
		struct cJSON *root;

		snprintf(json, sizeof(json),
		    "{\"bucketOptions\":{%s},\"bucketCounts\":[%s]}",
		    cases[i].options, cases[i].counts);
		root = parse(json);
		gcp_distribution_read(root, &d);
		is_near(gcp_distribution_quantile(&d, 0.5), cases[i].p50, 1e-9,
		    "p50");
		is_near(gcp_distribution_quantile(&d, 0.99), cases[i].p99, 1e-9,
		    "p99");
		json_free(root);
	}
}

static void
test_turns(void)
{
	struct gcp_due due[3] = { { .every = 1, .index = 0, .asked = 2 },
		{ .every = 2, .index = 1, .asked = 1 },
		{ .every = 5, .index = 2 } };
	struct gcp_turns turns;

	gcp_turns_init(&turns, 30, 10);
	gcp_turns_begin(&turns, NS_PER_SEC);
	for (int i = 0; i < 3; i++)
		ok(gcp_turns_take(&turns), "a minute's share at once");
	ok(!gcp_turns_take(&turns), "and no more");
	gcp_turns_begin(&turns, 21 * NS_PER_SEC);
	ok(gcp_turns_take(&turns), "a third of a minute, one more");
	ok(!gcp_turns_take(&turns), "not two");
	ok(!gcp_turns_due(&turns, &due[0]), "asked in this turn");
	ok(!gcp_turns_due(&turns, &due[1]), "only every other turn");
	ok(gcp_turns_due(&turns, &due[2]), "never asked");
	gcp_turns_begin(&turns, 3600 * NS_PER_SEC);
	ok(gcp_turns_due(&turns, &due[0]), "a turn later");
	ok(gcp_turns_due(&turns, &due[1]), "two turns later");
	gcp_turns_order(due, 3);
	is_int(due[0].index, 2, "never asked comes first");
	is_int(due[1].index, 1, "then what was asked long ago");
	for (int i = 0; i < 3; i++)
		ok(gcp_turns_take(&turns), "an hour saves up a minute's");
	ok(!gcp_turns_take(&turns), "and no more");
	/* A share below one is still one now and then. */
	gcp_turns_init(&turns, 1, 10);
	gcp_turns_begin(&turns, NS_PER_SEC);
	ok(gcp_turns_take(&turns), "one");
	gcp_turns_begin(&turns, 301 * NS_PER_SEC);
	ok(!gcp_turns_take(&turns), "not after 5 minutes");
	gcp_turns_begin(&turns, 602 * NS_PER_SEC);
	ok(gcp_turns_take(&turns), "after 10");
}

static void
test_objectives(void)
{
	struct cJSON *services = parse(
	    "{\"services\":[{\"name\":\"projects/p/services/a\","
	    "\"cloudRun\":{\"serviceName\":\"web\"},\"displayName\":\"A\"},"
	    "{\"name\":\"projects/p/services/b\\\" OR x\"},{\"name\":5},"
	    "{\"name\":\"projects/p/services/c\"},"
	    "{\"name\":\"projects/p/services/d\",\"displayName\":\"D\"}]}");
	struct cJSON *list = parse(
	    "{\"serviceLevelObjectives\":["
	    "{\"name\":\"projects/p/services/a/serviceLevelObjectives/x\","
	    "\"goal\":0.999,\"rollingPeriod\":\"2592000s\"},"
	    "{\"name\":\"projects/p/services/a/serviceLevelObjectives/y\","
	    "\"goal\":\"much\",\"calendarPeriod\":\"WEEK\","
	    "\"displayName\":\"Y\"}]}");
	struct gcp_slos slos, again;

	if (!ok(gcp_slos_init(&slos) && gcp_slos_init(&again), "lists"))
		return;
	gcp_slos_add_services(&slos, services, NULL);
	is_int((int64_t)slos.service_count, 3, "names fit between quotes");
	is_str(slos.services[0].title.s, "web", "as Cloud Run calls it");
	is_str(slos.services[1].title.s, "c", "by its id");
	is_str(slos.services[2].title.s, "D", "as people call it");
	gcp_slos_add(&slos, &slos.services[0], list, NULL);
	is_int((int64_t)slos.count, 2, "objectives");
	is_str(slos.list[0].title.s, "x", "by its id");
	is_str(slos.list[0].period.s, "30 days", "rolling");
	is_near(slos.list[0].goal, 0.999, 0, "goal");
	is_str(slos.list[1].period.s, "WEEK", "of the calendar");
	is_near(slos.list[1].goal, NAN, 0, "a goal that is none");
	ok(!gcp_slos_same(&slos, &again), "another list");
	gcp_slos_add(&again, &slos.services[0], list, NULL);
	ok(gcp_slos_same(&slos, &again), "the same list");
	for (size_t i = 0; i < 20; i++) {
		gcp_slos_add_services(&again, services, NULL);
		gcp_slos_add(&again, &slos.services[0], list, NULL);
	}
	is_int((int64_t)again.count, GCP_SLOS_MAX, "not more than that");
	ok(again.cut, "which is said");
	gcp_slos_release(&slos);
	gcp_slos_release(&again);
	json_free(services);
	json_free(list);
}

int
main(void)
{
	RUN(test_quantiles);
	RUN(test_turns);
	RUN(test_objectives);
	return tap_done();
}
