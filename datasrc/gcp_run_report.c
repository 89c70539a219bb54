/*
 * What is read of Cloud Run, as rows.
 */
#include "datasrc/gcp_run.h"

#include <math.h>

#include "base/textbuf.h"
#include "model/build.h"

struct text
run_traffic(struct arena *arena, const struct run_service *service)
{
	struct text_buf tb;

	tb_init(&tb);
	for (size_t i = 0; i < service->share_count; i++) {
		const struct run_share *share = &service->shares[i];

		if (!(share->percent > 0))
			continue;
		if (tb.len != 0)
			tb_lit(&tb, ", ");
		tb_text(&tb, share->revision);
		tb_lit(&tb, " ");
		tb_num(&tb, share->percent / 100, NUM_PERCENT);
	}
	return text_copy(arena, tb_end(&tb));
}

/* When the revision with most of the traffic was made; NaN: not known. */
static double
serving_since(const struct run_list *list, const struct run_service *service)
{
	double since = NAN, most = 0;

	for (size_t i = 0; i < list->revision_count; i++) {
		const struct run_revision *rev = &list->revisions[i];
		double share;

		if (!text_eq(rev->service_key, service->key))
			continue;
		share = run_share_of(service, rev->name);
		if (share > most) {
			most = share;
			since = rev->created_ms;
		}
	}
	return since;
}

static struct text
flags_of(struct arena *arena, const struct run_spec *spec)
{
	struct text_buf tb;

	tb_init(&tb);
	for (size_t i = 0; i < spec->variable_count; i++) {
		if (!spec->variables[i].shown)
			continue;
		if (tb.len != 0)
			tb_lit(&tb, " ");
		tb_text(&tb, spec->variables[i].name);
		tb_lit(&tb, "=");
		tb_text(&tb, spec->variables[i].value);
	}
	return text_copy(arena, tb_end(&tb));
}

/* What is worth a glance at a service that is well. */
static struct text
summary_of(struct arena *arena, const struct run_service *service)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, run_traffic(arena, service));
	tb_text(&tb, service->pinned ? TEXT(", pinned") : TEXT_EMPTY);
	if (tb.len != 0)
		tb_lit(&tb, "; ");
	tb_num(&tb, service->min, NUM_COUNT);
	tb_lit(&tb, " to ");
	tb_num(&tb, service->max, NUM_COUNT);
	tb_lit(&tb, " instances");
	return text_copy(arena, tb_end(&tb));
}

static void
report_services(const struct run_list *list, struct build *build)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("traffic"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("pin"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("min"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("flags"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("changed"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("generation"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("observed"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
	};
	struct arena *arena = build_arena(build);

	build_table(build, TEXT("services"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < list->service_count; i++) {
		const struct run_service *s = &list->services[i];

		build_row(build, s->key, s->state);
		build_cell_text(build, 0, s->key);
		build_cell_state(build, 1, s->state, s->word);
		build_cell_text(build, 2, s->spec.version);
		build_cell_num(build, 3, serving_since(list, s));
		build_cell_text(build, 4, run_traffic(arena, s));
		build_cell_text(
		    build, 5, s->pinned ? TEXT("pinned") : TEXT("latest"));
		build_cell_num(build, 6, s->min);
		build_cell_num(build, 7, s->max);
		build_cell_text(build, 8, flags_of(arena, &s->spec));
		build_cell_num(build, 9, s->changed_ms);
		build_cell_text(build, 10, s->who);
		build_cell_num(build, 11, s->generation);
		build_cell_num(build, 12, s->observed);
		build_cell_text(build, 13,
		    s->detail.len != 0 ? s->detail : summary_of(arena, s));
	}
}

static const struct run_service *
service_of(const struct run_list *list, const struct run_revision *rev)
{
	for (size_t i = 0; i < list->service_count; i++) {
		if (text_eq(list->services[i].key, rev->service_key))
			return &list->services[i];
	}
	return NULL;
}

static void
report_revisions(const struct run_list *list, struct build *build)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("revision"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("traffic"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("created"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("cpu_limit"), COLUMN_NUMBER, NUM_NONE },
		{ TEXT_INIT("memory_limit"), COLUMN_NUMBER, NUM_BYTES },
		{ TEXT_INIT("min"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("concurrency"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("image"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(build, TEXT("revisions"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < list->revision_count; i++) {
		const struct run_revision *rev = &list->revisions[i];
		const struct run_service *s = service_of(list, rev);
		double share = s != NULL ? run_share_of(s, rev->name) : NAN;

		build_row(build, rev->key, rev->state);
		build_cell_text(build, 0, rev->service_key);
		build_cell_text(build, 1, rev->name);
		build_cell_state(build, 2, rev->state, rev->word);
		build_cell_num(build, 3, share / 100);
		build_cell_num(build, 4, rev->created_ms);
		build_cell_num(build, 5, rev->spec.cpu);
		build_cell_num(build, 6, rev->spec.memory);
		build_cell_num(build, 7, rev->spec.min);
		build_cell_num(build, 8, rev->spec.max);
		build_cell_num(build, 9, rev->spec.concurrency);
		build_cell_text(build, 10, rev->who);
		build_cell_text(build, 11, rev->spec.image);
		build_cell_text(build, 12, rev->detail);
		build_cell_text(build, 13, rev->spec.version);
	}
}

static struct text
row_key(struct build *build, struct text service, struct text name)
{
	const struct text parts[] = { service, TEXT("/"), name };

	return text_join(build_arena(build), parts, ARRAY_LEN(parts));
}

static void
report_conditions(const struct run_list *list, struct build *build)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("condition"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		{ TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
		{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("message"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(build, TEXT("conditions"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < list->service_count; i++) {
		const struct run_service *s = &list->services[i];

		for (size_t k = 0; k < s->condition_count; k++) {
			const struct run_condition *c = &s->conditions[k];

			build_row(
			    build, row_key(build, s->key, c->type), c->state);
			build_cell_text(build, 0, s->key);
			build_cell_text(build, 1, c->type);
			build_cell_state(build, 2, c->state, c->word);
			build_cell_num(build, 3, c->since_ms);
			build_cell_text(build, 4, c->reason);
			build_cell_text(build, 5, c->message);
		}
	}
}

static void
report_variables(const struct run_list *list, struct build *build)
{
	static const struct column columns[] = {
		{ TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("value"), COLUMN_TEXT, NUM_NONE },
	};

	build_table(build, TEXT("variables"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < list->service_count; i++) {
		const struct run_service *s = &list->services[i];

		for (size_t k = 0; k < s->spec.variable_count; k++) {
			const struct run_variable *v = &s->spec.variables[k];

			build_row(
			    build, row_key(build, s->key, v->name), STATE_OK);
			build_cell_text(build, 0, s->key);
			build_cell_text(build, 1, v->name);
			build_cell_text(build, 2, v->value);
		}
	}
}

/* How many instances there may be, with the labels of gcp.monitoring. */
static void
report_bound(const struct run_service *service, struct build *build)
{
	struct label *labels =
	    arena_array(build_arena(build), 2, sizeof(*labels));
	uint32_t n = 0;

	if (labels == NULL)
		return;
	/* "REGION/NAME" where there are several */
	if (service->key.len > service->name.len)
		labels[n++] = (struct label) {
			.key = TEXT("region"),
			.value = { service->key.s,
			    service->key.len - service->name.len - 1, 0 },
		};
	labels[n++] = (struct label) {
		.key = TEXT("service"),
		.value = service->name,
	};
	build_metric(build, TEXT("run_max_instances"), NUM_COUNT, METRIC_GAUGE,
	    service->max, labels, n);
}

void
run_report(const struct run_list *list, struct build *build)
{
	for (size_t i = 0; i < list->service_count; i++) {
		const struct run_service *s = &list->services[i];

		build_health(build, s->key, s->state,
		    s->detail.len != 0 ? s->detail : s->word, -1);
		report_bound(s, build);
	}
	report_services(list, build);
	report_revisions(list, build);
	report_conditions(list, build);
	report_variables(list, build);
}
