#include "datasrc/gcp_run_watch.h"

#include <math.h>
#include <string.h>

#include "base/textbuf.h"
#include "datasrc/gcp_run.h"
#include "datasrc/limits.h"
#include "model/build.h"

/* A service as it was; texts as text_keep() keeps them. */
struct run_seen {
	uint64_t key;
	char image[GCP_SEEN_MAX];
	char version[GCP_SEEN_MAX];
	char revision[GCP_SEEN_MAX];
	char traffic[GCP_SEEN_MAX];
	double min;
	double max;
};

struct flag_seen {
	uint64_t key;
	char value[GCP_FLAG_MAX];
};

/* One look at one service. */
struct run_look {
	struct run_watch *watch;
	const struct run_service *service;
	int64_t at_ms;
	struct build *build;
	bool fresh; /* seen for the first time */
	bool told;  /* an event says already why there is a new revision */
};

void
run_watch_init(struct run_watch *watch)
{
	watch->told_ms = 0;
	keytab_init(&watch->services, sizeof(struct run_seen), GCP_WATCHED_MAX);
	keytab_init(
	    &watch->flags, sizeof(struct flag_seen), GCP_WATCHED_FLAGS_MAX);
}

void
run_watch_release(struct run_watch *watch)
{
	keytab_release(&watch->services);
	keytab_release(&watch->flags);
}

void
run_event(struct build *build, const struct run_service *service, int64_t ms,
    enum event_kind kind, struct text_buf *words, struct text who)
{
	if (who.len != 0) {
		tb_lit(words, " by ");
		tb_text(words, who);
	}
	build_event(build, ms, kind, service->key,
	    text_copy(build_arena(build), tb_end(words)));
}

void
run_changed(struct text_buf *words, struct text was, struct text now)
{
	tb_text(words, was);
	tb_lit(words, " to ");
	tb_text(words, now);
}

static void
tell(struct run_look *look, enum event_kind kind, struct text_buf *tb)
{
	run_event(look->build, look->service, look->at_ms, kind, tb,
	    look->service->who);
	look->told = true;
	look->watch->told_ms = look->at_ms;
}

/* Takes a text into its place. True when there was another one. */
static bool
took(char seen[GCP_SEEN_MAX], struct text now, char was[GCP_SEEN_MAX])
{
	memcpy(was, seen, GCP_SEEN_MAX);
	text_keep(seen, GCP_SEEN_MAX, now);
	return was[0] != '\0' && strcmp(was, seen) != 0;
}

static void
tell_change(struct run_look *look, enum event_kind kind, const char *head,
    const char *was, struct text now)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, text_lit(head));
	run_changed(&tb, text_kept(was), now);
	tell(look, kind, &tb);
}

static void
look_flags(struct run_look *look)
{
	const struct run_spec *spec = &look->service->spec;
	struct text_buf tb;

	for (size_t i = 0; i < spec->variable_count; i++) {
		const struct run_variable *v = &spec->variables[i];
		const struct label of = { .key = look->service->key,
			.value = v->name };
		uint64_t key = metric_id(TEXT("flag"), &of, 1) | 1;
		struct flag_seen *seen;
		char was[GCP_FLAG_MAX];
		bool fresh;

		if (!v->shown)
			continue;
		seen = keytab_row(&look->watch->flags, key, &fresh);
		if (seen == NULL)
			return; /* there is no room to remember it */
		memcpy(was, seen->value, sizeof(was));
		text_keep(seen->value, sizeof(seen->value), v->value);
		/* A variable that is new with its service is no change. */
		if ((fresh && look->fresh) || strcmp(was, seen->value) == 0)
			continue;
		tb_init(&tb);
		tb_text(&tb, v->name);
		tb_lit(&tb, " ");
		if (!fresh)
			tb_text(&tb, text_kept(was));
		tb_text(&tb, fresh ? TEXT("set to ") : TEXT(" to "));
		tb_text(&tb, text_kept(seen->value));
		tell(look, EVENT_FLAG, &tb);
	}
}

static void
look_scale(struct run_look *look, struct run_seen *seen)
{
	const struct run_service *s = look->service;
	const double was[] = { seen->min, seen->max };
	const double now[] = { s->min, s->max };
	static const char *const names[] = { "min ", "max " };

	for (size_t i = 0; i < 2 && !look->fresh; i++) {
		struct text_buf tb;

		if (was[i] == now[i] || (isnan(was[i]) && isnan(now[i])))
			continue;
		tb_init(&tb);
		tb_text(&tb, text_lit(names[i]));
		tb_num(&tb, was[i], NUM_COUNT);
		tb_lit(&tb, " to ");
		tb_num(&tb, now[i], NUM_COUNT);
		tell(look, EVENT_SCALE, &tb);
	}
	seen->min = s->min;
	seen->max = s->max;
}

/*
 * When the service was changed, by Google's clock; the time of the answer
 * when that can't be. An event before one that was told already would count
 * as known.
 */
static int64_t
changed_at(const struct run_watch *watch, const struct run_service *service,
    int64_t wall_ms)
{
	double ms = service->changed_ms;

	if (!(ms > (double)watch->told_ms && ms <= (double)wall_ms &&
		ms > (double)(wall_ms - GCP_LATE_MS)))
		return wall_ms;
	return (int64_t)ms;
}

bool
run_watch_service(struct run_watch *watch, const struct run_service *service,
    int64_t wall_ms, struct build *build)
{
	struct run_look look = { .watch = watch,
		.service = service,
		.at_ms = changed_at(watch, service, wall_ms),
		.build = build };
	struct text traffic = run_traffic(build_arena(build), service);
	struct run_seen *seen = keytab_row(&watch->services,
	    metric_id(service->key, NULL, 0) | 1, &look.fresh);
	char was[GCP_SEEN_MAX], version[GCP_SEEN_MAX];
	bool image;

	if (seen == NULL)
		return false; /* there is no room to remember it */
	look_flags(&look);
	look_scale(&look, seen);
	image = took(seen->image, service->spec.image, was);
	if (took(seen->version, service->spec.version, version))
		tell_change(
		    &look, EVENT_DEPLOY, "", version, service->spec.version);
	else if (image)
		tell_change(
		    &look, EVENT_DEPLOY, "image ", was, service->spec.image);
	if (took(seen->revision, service->created, was) && !look.told)
		tell_change(&look, EVENT_DEPLOY, "same image, revision ", was,
		    service->created);
	if (took(seen->traffic, traffic, was))
		tell_change(&look, EVENT_DEPLOY, "traffic ", was, traffic);
	return look.fresh;
}
