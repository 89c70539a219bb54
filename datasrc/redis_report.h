/*
 * What INFO and its companions mean, as rows of a payload. No I/O: the same
 * text gives the same rows.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_REDIS_REPORT_H
#define SEV_DATASRC_REDIS_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "datasrc/limits.h"
#include "datasrc/redis_info.h"
#include "datasrc/redis_reply.h"
#include "model/build.h"

struct redactor;

/* What the next report is compared with; zeroed before the first. */
struct redis_sample {
	bool known;
	double hits;
	double misses;
	double rejected;
	double uptime; /* seconds */
	int64_t wall_ms;
	char run_id[REDIS_RUN_ID_MAX];
	char role[REDIS_ROLE_MAX];
};

/*
 * Health rows "memory", "clients", "persistence", "replication", metrics,
 * the table "keyspace", an event when the server was restarted or changed
 * its role. *last becomes this report. redis_memory_max_bytes is missing
 * without a limit and has the label policy.
 */
void redis_report_info(struct build *build, const struct redis_info *info,
    struct redis_sample *last, int64_t wall_ms);

/*
 * Table "slowlog" from SLOWLOG GET: newest first, commands redacted and
 * cleaned. *last_id is the newest id seen (INT64_MIN before the first report)
 * and moves on; the metric redis_slow_new counts what was above it.
 */
void redis_report_slowlog(struct build *build, const struct redisReply *reply,
    const struct redactor *redactor, int64_t *last_id);

/* Table "latency" from LATENCY LATEST; none when monitoring is off. */
void redis_report_latency(struct build *build, const struct redisReply *reply);

/* "reading its data set, 40 %, about 12 s to go"; returns out. */
enum {
	REDIS_LOADING_TEXT_LEN = 96
};
char *redis_report_loading(
    const struct redis_info *info, char out[REDIS_LOADING_TEXT_LEN]);

#endif
