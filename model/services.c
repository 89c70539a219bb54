#include "model/services.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "model/history.h"
#include "model/keytab.h"
#include "model/limits.h"

enum {
	SINCE_SLACK_MS = 5000 /* starts are told in seconds, by other clocks */
};

/* A row as it was in the last answer; NaN and "": not told. */
struct service_last {
	uint64_t key;
	char version[WATCH_VERSION_MAX]; /* clean bytes, whole cells */
	double since_ms;
	double restarts;
	double instances;
	int64_t good_wall_ms; /* of that answer */
};

struct services {
	struct keytab lasts; /* of struct service_last */
	int64_t pruned_ms;   /* when room was made last */
};

/* One row while it is looked at. */
struct service_now {
	const struct table *table;
	size_t row;
	struct text name;
	const struct section *section;
	services_change *change;
	void *ctx;
};

struct services *
services_new(void)
{
	struct services *services = mem_calloc(1, sizeof(*services));

	if (services != NULL)
		keytab_init(&services->lasts, sizeof(struct service_last),
		    WATCH_SERVICES_MAX);
	return services;
}

struct services *
services_free(struct services *services)
{
	if (services != NULL)
		keytab_release(&services->lasts);
	mem_free(services);
	return NULL;
}

static double
number(const struct service_now *now, const char *column)
{
	int c = table_column(now->table, column);

	return c >= 0 ? now->table->rows[now->row].cells[c].num : NAN;
}

static struct text
words(const struct service_now *now, const char *column)
{
	int c = table_column(now->table, column);

	return c >= 0 ? now->table->rows[now->row].cells[c].text : TEXT_EMPTY;
}

/* Whether the source told of such a change of it in the same answer. */
static bool
is_told(const struct service_now *now, enum event_kind kind)
{
	const struct payload *payload = now->section->payload;

	for (size_t i = 0; i < payload->event_count; i++) {
		if (payload->events[i].kind == kind &&
		    text_eq(payload->events[i].subject, now->name))
			return true;
	}
	return false;
}

static void
tell(const struct service_now *now, int64_t wall_ms, enum event_kind kind,
    const struct text_buf *tb)
{
	if (!is_told(now, kind))
		now->change(now->ctx, wall_ms, kind, now->name, tb_end(tb));
}

static void
look_version(const struct service_now *now, struct service_last *last)
{
	char version[WATCH_VERSION_MAX];
	struct text_buf tb;

	text_keep(version, sizeof(version), words(now, "version"));
	if (version[0] == '\0' || strcmp(version, last->version) == 0)
		return;
	if (last->version[0] != '\0') {
		tb_init(&tb);
		tb_text(&tb, text_kept(last->version));
		tb_lit(&tb, " to ");
		tb_text(&tb, text_kept(version));
		tell(now, now->section->good_wall_ms, EVENT_DEPLOY, &tb);
	}
	memcpy(last->version, version, sizeof(version));
}

/*
 * A later start alone may be that of another instance: it counts when that
 * lies behind the last answer.
 */
static void
look_restart(const struct service_now *now, struct service_last *last)
{
	double restarts = number(now, "restarts"), since = number(now, "since");
	double more = restarts - last->restarts;
	bool later = since > last->since_ms + SINCE_SLACK_MS &&
		     since >= (double)last->good_wall_ms - SINCE_SLACK_MS;
	int64_t at = now->section->good_wall_ms;
	struct text_buf tb;

	tb_init(&tb);
	if (later)
		at = (int64_t)since;
	if (more >= 1)
		tb_fmt(&tb, "%.0f more restart%s, %.0f in all", more,
		    more >= 2 ? "s" : "", restarts);
	else if (later) {
		tb_lit(&tb, "was up ");
		tb_duration(&tb,
		    (int64_t)(((double)last->good_wall_ms - last->since_ms) *
			      NS_PER_MS));
	}
	if (more >= 1 || later)
		tell(now, at, EVENT_RESTART, &tb);
	if (isfinite(restarts))
		last->restarts = restarts;
	if (isfinite(since))
		last->since_ms = since;
}

static void
look_instances(const struct service_now *now, struct service_last *last)
{
	double instances = number(now, "instances");
	struct text_buf tb;

	if (isfinite(instances) && isfinite(last->instances) &&
	    instances != last->instances) {
		tb_init(&tb);
		tb_fmt(
		    &tb, "%.0f to %.0f instances", last->instances, instances);
		tell(now, now->section->good_wall_ms, EVENT_SCALE, &tb);
	}
	if (isfinite(instances))
		last->instances = instances;
}

/*
 * Makes room: what no source told of for a while is forgotten. A row of
 * which there is no news begins anew when it comes back.
 */
static void
services_prune(struct services *services, int64_t wall_ms)
{
	struct keytab fresh, old = services->lasts;
	const struct service_last *last;
	size_t at = 0;
	bool new;

	keytab_init(&fresh, sizeof(*last), WATCH_SERVICES_MAX);
	while ((last = keytab_next(&old, &at)) != NULL) {
		struct service_last *copy = NULL;

		if (last->good_wall_ms >= wall_ms - WATCH_SERVICES_KEPT_MS)
			copy = keytab_row(&fresh, last->key, &new);
		if (copy != NULL)
			*copy = *last;
	}
	keytab_release(&old);
	services->lasts = fresh;
}

static void
look_row(struct services *services, size_t slot, const struct service_now *now)
{
	uint64_t key = history_key(
	    slot, metric_id(now->table->rows[now->row].key, NULL, 0));
	struct service_last *last;
	bool new;

	last = keytab_row(&services->lasts, key, &new);
	if (last == NULL &&
	    now->section->good_wall_ms >=
		services->pruned_ms + WATCH_SERVICES_KEPT_MS / 10) {
		services->pruned_ms = now->section->good_wall_ms;
		services_prune(services, services->pruned_ms);
		last = keytab_row(&services->lasts, key, &new);
	}
	if (last == NULL)
		return;
	if (new)
		last->since_ms = last->restarts = last->instances = NAN;
	look_version(now, last);
	look_restart(now, last);
	look_instances(now, last);
	last->good_wall_ms = now->section->good_wall_ms;
}

void
services_feed(struct services *services, size_t slot,
    const struct section *section, services_change *change, void *ctx)
{
	struct service_now now = {
		.table = payload_table(section->payload, "services"),
		.section = section,
		.change = change,
		.ctx = ctx,
	};

	for (size_t r = 0; now.table != NULL && r < now.table->row_count; r++) {
		now.row = r;
		now.name = words(&now, "name");
		if (now.name.len == 0)
			now.name = now.table->rows[r].key;
		look_row(services, slot, &now);
	}
}
