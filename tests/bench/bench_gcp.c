/*
 * What a poll of Cloud Run costs: a service with many revisions.
 *
 *	bench_gcp [REVISIONS]
 *
 * The answers are as long as Google's, page by page; they are parsed, read
 * and made into rows as gcp.run does it. CPU time and bytes, best of 20.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "datasrc/gcp_run.h"
#include "datasrc/limits.h"
#include "model/build.h"

enum {
	PAGE = 100, /* revisions, as gcp.run asks for them */
	ROUNDS = 20,
	VARIABLES = 24,
};

#define PLACE "projects/shop/locations/europe-west1/services/web"

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The template of a service, and most of a revision. */
static bool
add_spec(struct buf *out)
{
	bool good = buf_str(out,
	    "\"scaling\":{\"minInstanceCount\":1,\"maxInstanceCount\":20},"
	    "\"vpcAccess\":{\"connector\":\"projects/shop/locations/"
	    "europe-west1/connectors/private\",\"egress\":"
	    "\"PRIVATE_RANGES_ONLY\"},\"timeout\":\"300s\",\"serviceAccount\":"
	    "\"web@shop.iam.gserviceaccount.com\",\"containers\":[{\"image\":"
	    "\"europe-west1-docker.pkg.dev/shop/web/web@sha256:"
	    "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945\""
	    ","
	    "\"resources\":{\"limits\":{\"cpu\":\"2\",\"memory\":\"2Gi\"},"
	    "\"cpuIdle\":true},\"ports\":[{\"name\":\"http1\","
	    "\"containerPort\":8080}],\"env\":[");

	for (int i = 0; i < VARIABLES; i++)
		good = good && buf_fmt(out,
				   "%s{\"name\":\"VARIABLE_%d\",\"value\":"
				   "\"the value of it, %d\"}",
				   i > 0 ? "," : "", i, i);
	return good && buf_str(out, "]}],\"maxInstanceRequestConcurrency\":80");
}

static bool
add_revision(struct buf *out, size_t number)
{
	static const char *const conditions[] = { "Ready", "Active",
		"ContainerHealthy", "ContainerReady", "ResourcesAvailable",
		"MinInstancesProvisioned", "Retry" };
	bool good = buf_fmt(out,
			"{\"name\":\"" PLACE "/revisions/web-%05zu-abc\","
			"\"uid\":\"6d1f5a5e-0000-4000-8000-%012zu\","
			"\"generation\":\"1\",\"createTime\":"
			"\"2026-01-02T03:04:05.123456Z\",\"service\":\"web\","
			"\"creator\":\"deploy@shop.example\",",
			number, number) &&
		    add_spec(out) && buf_str(out, ",\"conditions\":[");

	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		good = good && buf_fmt(out,
				   "%s{\"type\":\"%s\",\"state\":\"CONDITION_"
				   "SUCCEEDED\",\"lastTransitionTime\":"
				   "\"2026-01-02T03:05:06.123456Z\"}",
				   i > 0 ? "," : "", conditions[i]);
	return good && buf_str(out, "],\"observedGeneration\":\"1\",\"etag\":"
				    "\"\\\"CL7abc\\\"\"}");
}

static bool
add_service(struct buf *out)
{
	return buf_str(out, "{\"name\":\"" PLACE "\",\"generation\":\"7\",") &&
	       buf_str(out, "\"observedGeneration\":\"7\",\"template\":{") &&
	       add_spec(out) &&
	       buf_str(out,
		   "},\"traffic\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_"
		   "TYPE_LATEST\",\"percent\":100}],\"trafficStatuses\":[{"
		   "\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\","
		   "\"percent\":100}],\"terminalCondition\":{\"type\":"
		   "\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"},"
		   "\"latestReadyRevision\":\"" PLACE
		   "/revisions/web-00000-abc\"}");
}

/* One poll's work on the answers; its CPU seconds, below 0: it failed. */
static double
poll_once(const struct buf *service, const struct buf *pages, size_t count)
{
	struct build *build = build_new();
	struct run_service one;
	struct run_revision *revisions = mem_calloc(count, sizeof(*revisions));
	struct run_list list = { .services = &one, .revisions = revisions };
	double from = cpu_seconds();
	struct cJSON *root = NULL;
	struct payload *payload = NULL;

	if (build == NULL || revisions == NULL)
		goto out;
	const struct run_reader reader = { .arena = build_arena(build),
		.region = "europe-west1" };
	if (json_parse(service->data, service->len, &root, NULL) == ERR_OK)
		list.service_count = run_service_read(&reader, root, &one);
	root = json_free(root);
	for (size_t p = 0; p * PAGE < count; p++) {
		const struct cJSON *item;

		if (json_parse(pages[p].data, pages[p].len, &root, NULL) !=
		    ERR_OK)
			break;
		item = json_first(json_member(root, "revisions"));
		for (; item != NULL; item = json_next(item))
			list.revision_count += run_revision_read(
			    &reader, item, &revisions[list.revision_count]);
		root = json_free(root);
	}
	run_report(&list, build);
	payload = build_finish(build, NULL);
out:
	payload_unref(payload);
	build_free(build);
	mem_free(revisions);
	return payload != NULL && list.revision_count == count
		   ? cpu_seconds() - from
		   : -1;
}

int
main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
	size_t page_count = (count + PAGE - 1) / PAGE, bytes;
	struct buf service = BUF_INIT(64 * 1024);
	struct buf *pages = mem_calloc(page_count + 1, sizeof(*pages));
	double best = -1;

	if (count == 0 || count > 100000 || pages == NULL ||
	    !add_service(&service))
		return 1;
	bytes = service.len;
	for (size_t i = 0; i < count; i++) {
		struct buf *page = &pages[i / PAGE];

		if (i % PAGE == 0) {
			buf_init(page, GCP_BODY_MAX);
			buf_str(page, "{\"revisions\":[");
		}
		if (!add_revision(page, i))
			return 1;
		buf_str(
		    page, i % PAGE == PAGE - 1 || i == count - 1 ? "]}" : ",");
	}
	for (size_t p = 0; p < page_count; p++)
		bytes += pages[p].len;
	for (int i = 0; i < ROUNDS; i++) {
		double seconds = poll_once(&service, pages, count);

		if (seconds < 0) {
			fprintf(stderr, "bench_gcp: a poll failed\n");
			return 1;
		}
		if (best < 0 || seconds < best)
			best = seconds;
	}
	printf("Cloud Run: %zu revisions, %zu pages, %zu bytes: %.2f ms a "
	       "poll\n",
	    count, page_count, bytes, best * 1e3);
	for (size_t p = 0; p < page_count; p++)
		buf_release(&pages[p]);
	mem_free(pages);
	buf_release(&service);
	return 0;
}
