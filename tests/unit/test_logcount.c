/* Lines counted by the named searches of a platform, straight from ingest. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/conf_errors.h"
#include "datasrc/logcount.h"
#include "datasrc/logingest.h"
#include "model/platform.h"
#include "tests/tap.h"

static const char yaml[] = "platform: t\n"
			   "env: test\n"
			   "sources: {api: {type: none}}\n"
			   "logs:\n"
			   "  errors: level>=error\n"
			   "  providers: ProviderError\n"
			   "  jobs: source=jobs ProviderError\n"
			   "  costly: '/^(a+)+$/'\n";

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) { .name = "none" };
	return index == 0;
}

static struct platform *
load(void)
{
	static const struct platform_types types = { .at = types_at };
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct platform *platform = NULL;

	if (platform_parse("t.yaml", yaml, strlen(yaml), NULL, &types, NULL,
		errors, &platform) != ERR_OK)
		fprintf(stderr, "%s\n", errors->items[0].msg);
	conf_errors_clear(errors);
	mem_free(errors);
	return platform;
}

/* Value of the counter of a search, NaN when there is none. */
static double
counted(const struct payload *payload, const char *search)
{
	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *metric = &payload->metrics[i];

		if (strcmp(metric->name.s, "log_matches") == 0 &&
		    metric->kind == METRIC_COUNTER &&
		    strcmp(metric_label(metric, "search").s, search) == 0)
			return metric->value;
	}
	return NAN;
}

static void
feed(struct logingest *ingest, const char *line, unsigned flags)
{
	logingest_line(ingest, line, strlen(line), 0, flags);
}

static void
test_counts(const struct platform *platform)
{
	struct logstore *logs = logstore_new(1 << 20, NULL);
	struct build *build = build_new();
	struct logingest *ingest = NULL;
	struct logcount *count = NULL;
	struct payload *payload;
	char heavy[64];
	uint16_t source;

	if (logs == NULL || build == NULL ||
	    logstore_add_source(logs, "api", &source, NULL) != ERR_OK ||
	    logingest_new(logs, source, NULL, LOGPARSE_AUTO, LOGTIME_UTC,
		&ingest, NULL) != ERR_OK ||
	    logcount_new(platform, logstore_source_name(logs, source), &count,
		NULL) != ERR_OK)
		exit(1);
	logingest_count(ingest, count);
	feed(ingest, "{\"level\":50,\"msg\":\"ProviderError: 429\"}", 0);
	feed(ingest, "2026-11-22T14:02:29Z WARN ProviderError: again", 0);
	feed(ingest, "2026-11-22T14:02:29Z INFO all is well", 0);
	feed(ingest, "ProviderError, but the line before goes on", LOG_CONT);
	logingest_notice(ingest, TEXT("ProviderError in words of ours"));
	memset(heavy, 'a', sizeof(heavy));
	heavy[sizeof(heavy) - 2] = 'b';
	heavy[sizeof(heavy) - 1] = '\0';
	feed(ingest, heavy, 0);
	logcount_report(count, build);
	payload = build_finish(build, NULL);
	if (payload == NULL)
		exit(1);
	is_near(counted(payload, "errors"), 1, 0, "a level in JSON counts");
	is_near(counted(payload, "providers"), 2, 0,
	    "heads of both formats count, what goes on does not");
	is_near(counted(payload, "jobs"), 0, 0, "source= looks at the source");
	is_near(counted(payload, "costly"), 0, 0, "too costly is no match");
	ok(payload->health_count == 1 &&
		payload->health[0].state == STATE_WARN &&
		strcmp(payload->health[0].target.s, "search costly") == 0,
	    "too costly is said");
	payload_unref(payload);
	build_free(build);
	logcount_free(count);
	logingest_free(ingest);
	logstore_free(logs);
}

static void
test_nothing(void)
{
	struct logcount *count = (struct logcount *)&yaml;
	struct log_line line = { .text = TEXT("x"), .fields = TEXT_EMPTY };

	ok(logcount_new(NULL, TEXT("api"), &count, NULL) == ERR_OK &&
		count == NULL,
	    "no platform, nothing to count");
	logcount_line(count, &line);
	ok(logcount_free(count) == NULL, "and nothing to free");
}

int
main(void)
{
	struct platform *platform = load();

	if (platform == NULL)
		return 1;
	test_counts(platform);
	RUN(test_nothing);
	platform_free(platform);
	return tap_done();
}
