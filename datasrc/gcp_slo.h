/*
 * Service level objectives of Cloud Monitoring: which there are, what Google
 * is asked of each (how much was good in its period, how much of the error
 * budget is left, how fast it is spent over several windows), and their rows.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_SLO_H
#define SEV_DATASRC_GCP_SLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "datasrc/gcp_turns.h"
#include "datasrc/limits.h"

struct arena;
struct buf;
struct build;
struct cJSON;
struct redactor;

enum gcp_slo_kind {
	GCP_SLO_COMPLIANCE,
	GCP_SLO_BUDGET,
	GCP_SLO_BURN, /* over the first window; the others follow */
	GCP_SLO_ASKS = GCP_SLO_BURN + GCP_SLO_WINDOWS_MAX,
};

/* A service that has objectives; name: "projects/p/services/id". */
struct gcp_slo_service {
	const char *name;  /* as it came, without quotes and blanks */
	struct text title; /* of Cloud Run, else what it is called */
};

struct gcp_slo_ask {
	struct gcp_due due;
	double value; /* NaN: not known */
	double end_ms;
};

struct gcp_slo {
	const char *name; /* ".../serviceLevelObjectives/id" */
	struct text title;
	struct text service; /* title of it */
	double goal;
	double period_s; /* NaN: of the calendar */
	struct text period;
	struct gcp_slo_ask asks[GCP_SLO_ASKS];
};

struct gcp_slos {
	struct arena *arena; /* owns all texts; NULL: no list yet */
	struct gcp_slo_service services[GCP_SLO_SERVICES_MAX];
	size_t service_count;
	struct gcp_slo list[GCP_SLOS_MAX];
	size_t count;
	bool cut; /* there are more */
};

/* The windows of the burn rate, as configured ("1h") and in ns. */
struct gcp_slo_windows {
	const char *names[GCP_SLO_WINDOWS_MAX];
	int64_t ns[GCP_SLO_WINDOWS_MAX];
	size_t count;
};

/* An empty list; false: no memory. */
bool gcp_slos_init(struct gcp_slos *slos);
void gcp_slos_release(struct gcp_slos *slos);

/* Adds a page of services.list, or of the objectives of one service. */
void gcp_slos_add_services(struct gcp_slos *slos, const struct cJSON *page,
    const struct redactor *redactor);
void gcp_slos_add(struct gcp_slos *slos, const struct gcp_slo_service *service,
    const struct cJSON *page, const struct redactor *redactor);

/* Whether both name the same objectives, so that values of one are good. */
bool gcp_slos_same(const struct gcp_slos *a, const struct gcp_slos *b);

/* The filter that selects a figure of it; windows as the ask counts them. */
bool gcp_slo_selector(struct buf *out, const struct gcp_slo *slo, size_t ask,
    const struct gcp_slo_windows *windows);

/*
 * Metrics and table "slos". Values that ended before oldest_ms are left out.
 * A row is critical when nothing is left of the budget, and a warning when
 * at the pace of the first window it is spent within a tenth of the period.
 */
void gcp_slos_report(const struct gcp_slos *slos,
    const struct gcp_slo_windows *windows, double oldest_ms,
    struct build *build);

#endif
