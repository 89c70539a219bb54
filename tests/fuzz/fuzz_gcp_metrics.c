/*
 * The first byte says what the rest is an answer of Cloud Monitoring to: a
 * figure, by its number, or S for a list of services with objectives and O
 * for one of objectives. Whatever it holds, what is made of it may be drawn,
 * quantiles do not fall, and names fit between quotes.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "datasrc/gcp_figure.h"
#include "datasrc/gcp_slo.h"
#include "model/build.h"

#define NOW_MS INT64_C(1795356149000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_payload(struct build *build)
{
	struct payload *payload = build_finish(build, NULL);

	for (size_t i = 0; payload != NULL && i < payload->metric_count; i++) {
		const struct metric *m = &payload->metrics[i];

		for (uint32_t k = 0; k < m->label_count; k++)
			check(text_is_valid(m->labels[k].value));
		check(!isinf(m->value));
		for (uint32_t k = 1; k < m->label_count; k++)
			check(text_cmp(m->labels[k - 1].key, m->labels[k].key) <
			      0);
	}
	for (size_t t = 0; payload != NULL && t < payload->table_count; t++) {
		const struct table *table = &payload->tables[t];

		for (size_t r = 0; r < table->row_count; r++)
			check(text_is_valid(table->rows[r].key));
		for (size_t r = 0; r < table->row_count; r++) {
			for (size_t c = 0; c < table->column_count; c++)
				check(text_is_valid(
				    table->rows[r].cells[c].text));
		}
	}
	payload_unref(payload);
}

static void
check_figure(const struct cJSON *root, size_t number, struct build *build)
{
	static const struct opt_list none = { .count = 0 };
	const struct gcp_scope scope = { .project = "p",
		.regions = &none,
		.services = &none,
		.wall_ms = NOW_MS };
	struct gcp_question question = { .figure = &gcp_figures[number],
		.why = ERR_INIT };
	struct gcp_points *points = &question.points;

	if (!gcp_points_clear(points))
		return;
	/* Two pages with the same series are the same series. */
	gcp_points_add(points, question.figure, &scope, NULL, root);
	gcp_points_add(points, question.figure, &scope, NULL, root);
	for (size_t i = 0; i < points->count; i++) {
		const double *values = points->points[i].values;

		check(isfinite(points->points[i].end_ms));
		check(text_is_valid(points->points[i].subject));
		if (question.figure->spread)
			check(values[0] <= values[1] && values[1] <= values[2]);
	}
	question.due.asked = 1;
	check(gcp_points_keep(&question.known, points));
	check(question.known.count == points->count);
	check(gcp_figures_report(&question, 1, -INFINITY, false, build));
	check(gcp_figures_report(&question, 1, INFINITY, false, build));
	gcp_points_release(points);
	gcp_points_release(&question.known);
}

static void
check_slos(const struct cJSON *root, bool services, struct build *build)
{
	const struct gcp_slo_windows windows = {
		.names = { "1h" }, .ns = { INT64_C(3600000000000) }, .count = 1
	};
	const struct gcp_slo_service service = {
		.name = "projects/p/services/s", .title = TEXT("s")
	};
	struct gcp_slos *slos = mem_calloc(1, sizeof(*slos));
	struct buf words = BUF_INIT(4096);

	if (slos == NULL || !gcp_slos_init(slos)) {
		mem_free(slos);
		return;
	}
	if (services)
		gcp_slos_add_services(slos, root, NULL);
	else
		gcp_slos_add(slos, &service, root, NULL);
	check(gcp_slos_same(slos, slos) || slos->count > 0);
	for (size_t i = 0; i < slos->count; i++) {
		const char *at = buf_cstr(&words);
		int quotes = 0;

		buf_clear(&words);
		check(gcp_slo_selector(
		    &words, &slos->list[i], GCP_SLO_BUDGET, &windows));
		for (at = buf_cstr(&words); *at != '\0'; at++)
			quotes += *at == '"';
		check(quotes == 2);
	}
	gcp_slos_report(slos, &windows, 0, build);
	gcp_slos_release(slos);
	mem_free(slos);
	buf_release(&words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct build *build = build_new();
	struct cJSON *root = NULL;

	if (size > 0 && build != NULL &&
	    json_parse(data + 1, size - 1, &root, NULL) == ERR_OK) {
		if (data[0] == 'S' || data[0] == 'O')
			check_slos(root, data[0] == 'S', build);
		else
			check_figure(root, data[0] % gcp_figure_count, build);
		check_payload(build);
	}
	json_free(root);
	build_free(build);
	return 0;
}
