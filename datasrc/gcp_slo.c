#include "datasrc/gcp_slo.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "datasrc/json_value.h"

bool
gcp_slos_init(struct gcp_slos *slos)
{
	*slos = (struct gcp_slos) { .arena = arena_new(GCP_SLO_BYTES_MAX) };
	return slos->arena != NULL;
}

void
gcp_slos_release(struct gcp_slos *slos)
{
	arena_free(slos->arena);
	*slos = (struct gcp_slos) { .arena = NULL };
}

/* A name to put into paths and between quotes; NULL: it could not be. */
static const char *
read_name(struct gcp_slos *slos, const struct cJSON *of)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~:@/";
	const char *name = json_string(json_member(of, "name"));
	size_t len = name != NULL ? strlen(name) : 0;

	if (len == 0 || len > GCP_SLO_NAME_MAX || strspn(name, allowed) != len)
		return NULL;
	return arena_copy(slos->arena, name, len);
}

static struct text
read_text(struct gcp_slos *slos, const struct cJSON *of, const char *key,
    const struct redactor *redactor)
{
	const struct cJSON *value = json_member(of, key);

	return json_string(value) != NULL
		   ? json_text(redactor, slos->arena, value)
		   : TEXT_EMPTY;
}

/* What people call it; else the end of its name. */
static struct text
read_title(struct gcp_slos *slos, const struct cJSON *of, const char *name,
    const struct redactor *redactor)
{
	struct text title = read_text(slos, of, "displayName", redactor);
	const char *slash = strrchr(name, '/');

	if (title.len != 0)
		return title;
	return text_clean_str(slos->arena, slash != NULL ? slash + 1 : name);
}

void
gcp_slos_add_services(struct gcp_slos *slos, const struct cJSON *page,
    const struct redactor *redactor)
{
	const struct cJSON *of = json_first(json_member(page, "services"));

	for (; of != NULL; of = json_next(of)) {
		const char *name = read_name(slos, of);
		const struct cJSON *run = json_member(of, "cloudRun");
		const struct cJSON *labels = json_member(
		    json_member(of, "basicService"), "serviceLabels");
		struct text title;

		if (name == NULL)
			continue;
		if (slos->service_count == GCP_SLO_SERVICES_MAX) {
			slos->cut = true;
			return;
		}
		title = read_text(slos, run, "serviceName", redactor);
		if (title.len == 0)
			title =
			    read_text(slos, labels, "service_name", redactor);
		if (title.len == 0)
			title = read_title(slos, of, name, redactor);
		slos->services[slos->service_count++] =
		    (struct gcp_slo_service) { .name = name, .title = title };
	}
}

static void
read_period(struct gcp_slo *slo, struct gcp_slos *slos, const struct cJSON *of,
    const struct redactor *redactor)
{
	const char *rolling = json_string(json_member(of, "rollingPeriod"));
	int64_t ns;
	int days;

	slo->period_s = NAN;
	if (rolling == NULL) {
		slo->period = read_text(slos, of, "calendarPeriod", redactor);
		return;
	}
	if (!num_parse_duration(rolling, strlen(rolling), &ns) || ns <= 0)
		return;
	slo->period_s = (double)ns / NS_PER_SEC;
	days = (int)(ns / (24 * 3600 * NS_PER_SEC));
	/* Google takes whole days only. */
	slo->period =
	    text_fmt(slos->arena, "%d day%s", days, days == 1 ? "" : "s");
}

void
gcp_slos_add(struct gcp_slos *slos, const struct gcp_slo_service *service,
    const struct cJSON *page, const struct redactor *redactor)
{
	const struct cJSON *of =
	    json_first(json_member(page, "serviceLevelObjectives"));

	for (; of != NULL; of = json_next(of)) {
		const char *name = read_name(slos, of);
		struct gcp_slo *slo;

		if (name == NULL)
			continue;
		if (slos->count == GCP_SLOS_MAX) {
			slos->cut = true;
			return;
		}
		slo = &slos->list[slos->count++];
		*slo = (struct gcp_slo) { .name = name,
			.title = read_title(slos, of, name, redactor),
			.service = service->title,
			.goal = NAN };
		if (!json_double(json_member(of, "goal"), &slo->goal))
			slo->goal = NAN;
		read_period(slo, slos, of, redactor);
		/* What changes slowly is asked for less often. */
		for (size_t i = 0; i < GCP_SLO_ASKS; i++)
			slo->asks[i] = (struct gcp_slo_ask) {
				.due.every =
				    i == GCP_SLO_BURN ? 1 : GCP_SLO_TURNS,
				.value = NAN,
				.end_ms = NAN,
			};
	}
}

bool
gcp_slos_same(const struct gcp_slos *a, const struct gcp_slos *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct gcp_slo *x = &a->list[i], *y = &b->list[i];

		if (strcmp(x->name, y->name) != 0 ||
		    (x->goal != y->goal && !isnan(x->goal)) ||
		    !text_eq(x->title, y->title) ||
		    !text_eq(x->service, y->service) ||
		    !text_eq(x->period, y->period))
			return false;
	}
	return true;
}

bool
gcp_slo_selector(struct buf *out, const struct gcp_slo *slo, size_t ask,
    const struct gcp_slo_windows *windows)
{
	if (ask == GCP_SLO_COMPLIANCE)
		return buf_fmt(out, "select_slo_compliance(\"%s\")", slo->name);
	if (ask == GCP_SLO_BUDGET)
		return buf_fmt(
		    out, "select_slo_budget_fraction(\"%s\")", slo->name);
	return buf_fmt(out, "select_slo_burn_rate(\"%s\",\"%llds\")", slo->name,
	    (long long)(windows->ns[ask - GCP_SLO_BURN] / NS_PER_SEC));
}
