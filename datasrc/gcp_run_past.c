#include "datasrc/gcp_run_past.h"

#include <math.h>

#include "base/textbuf.h"
#include "datasrc/gcp_run.h"
#include "datasrc/gcp_run_watch.h"
#include "datasrc/limits.h"
#include "model/build.h"

/* One service's past. */
struct run_past {
	const struct run_list *list;
	const struct run_service *service;
	struct build *build;
};

/* The newest revision made before ms; NULL: none. */
static const struct run_revision *
newest_before(const struct run_past *past, double ms)
{
	const struct run_revision *newest = NULL;

	for (size_t i = 0; i < past->list->revision_count; i++) {
		const struct run_revision *r = &past->list->revisions[i];

		/* Written so that a time that is missing is never before. */
		if (!(r->created_ms < ms) ||
		    !text_eq(r->service_key, past->service->key))
			continue;
		if (newest == NULL || r->created_ms > newest->created_ms)
			newest = r;
	}
	return newest;
}

static const struct run_variable *
variable_of(const struct run_spec *spec, struct text name)
{
	for (size_t i = 0; i < spec->variable_count; i++)
		if (text_eq(spec->variables[i].name, name))
			return &spec->variables[i];
	return NULL;
}

/* How many flags are others than in the revision before. */
static size_t
tell_flags(const struct run_past *past, const struct run_revision *now,
    const struct run_revision *was)
{
	size_t told = 0;

	for (size_t i = 0; i < now->spec.variable_count; i++) {
		const struct run_variable *v = &now->spec.variables[i];
		const struct run_variable *old =
		    variable_of(&was->spec, v->name);
		struct text_buf tb;

		if (!v->shown || (old != NULL && !old->shown) ||
		    (old != NULL && text_eq(old->value, v->value)))
			continue;
		tb_init(&tb);
		tb_text(&tb, v->name);
		tb_lit(&tb, " ");
		if (old != NULL) {
			run_changed(&tb, old->value, v->value);
		} else {
			tb_lit(&tb, "set to ");
			tb_text(&tb, v->value);
		}
		run_event(past->build, past->service, (int64_t)now->created_ms,
		    EVENT_FLAG, &tb, now->who);
		told++;
	}
	return told;
}

static void
tell_revision(const struct run_past *past, const struct run_revision *now,
    const struct run_revision *was)
{
	bool version = !text_eq(was->spec.version, now->spec.version);
	bool image = !text_eq(was->spec.image, now->spec.image);
	size_t flags = tell_flags(past, now, was);
	struct text_buf tb;

	if (!version && !image && flags > 0)
		return;
	tb_init(&tb);
	if (version) {
		run_changed(&tb, was->spec.version, now->spec.version);
	} else if (image) {
		tb_lit(&tb, "image ");
		run_changed(&tb, was->spec.image, now->spec.image);
	} else {
		tb_lit(&tb, "same image, revision ");
		run_changed(&tb, was->name, now->name);
	}
	run_event(past->build, past->service, (int64_t)now->created_ms,
	    EVENT_DEPLOY, &tb, now->who);
}

void
run_past_service(const struct run_list *list, const struct run_service *service,
    int64_t wall_ms, struct build *build)
{
	const struct run_past past = {
		.list = list, .service = service, .build = build
	};
	double since = (double)(wall_ms - GCP_PAST_MS);
	const struct run_revision *now = newest_before(&past, HUGE_VAL);

	/* It is touched when its newest revision is made; later is more. */
	if (service->changed_ms > since && service->changed_ms <= wall_ms &&
	    (now == NULL ||
		service->changed_ms > now->created_ms + GCP_DEPLOY_MS)) {
		struct text_buf tb;

		tb_init(&tb);
		tb_lit(&tb, "traffic or bounds, now ");
		tb_text(&tb, run_traffic(build_arena(build), service));
		run_event(build, service, (int64_t)service->changed_ms,
		    EVENT_DEPLOY, &tb, service->who);
	}
	for (size_t i = 0; i < GCP_PAST_MAX && now != NULL; i++) {
		const struct run_revision *was;

		if (!(now->created_ms > since) || now->created_ms > wall_ms)
			return;
		was = newest_before(&past, now->created_ms);
		if (was != NULL)
			tell_revision(&past, now, was);
		now = was;
	}
}
