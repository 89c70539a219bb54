#include "datasrc/service_watch.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "datasrc/limits.h"
#include "model/build.h"

/* A service as it was. */
struct service_seen {
	uint64_t key;
	char version[INSTANCE_VERSION_MAX]; /* "": not told */
	double restarts;		    /* NaN: not told */
	double since_ms;		    /* NaN: not told */
};

void
service_watch_init(struct service_watch *watch)
{
	keytab_init(
	    &watch->seen, sizeof(struct service_seen), SERVICE_WATCH_MAX);
}

void
service_watch_release(struct service_watch *watch)
{
	keytab_release(&watch->seen);
}

/* The version without marks; "" for what is too long to be one. */
static void
service_version(struct text version, char out[INSTANCE_VERSION_MAX])
{
	struct buf plain = BUF_INIT(INSTANCE_VERSION_MAX - 1);

	out[0] = '\0';
	if (text_plain(&plain, version))
		memcpy(out, buf_cstr(&plain), plain.len + 1);
	buf_release(&plain);
}

static bool
service_deployed(struct service_seen *seen, const struct service_row *row,
    int64_t wall_ms, struct build *build)
{
	struct arena *arena = build_arena(build);
	char now[INSTANCE_VERSION_MAX];
	struct text parts[3];
	bool other;

	service_version(row->version, now);
	other = now[0] != '\0' && seen->version[0] != '\0' &&
		strcmp(now, seen->version) != 0;
	if (other) {
		parts[0] = text_clean_str(arena, seen->version);
		parts[1] = TEXT(" to ");
		parts[2] = row->version;
		build_event(build, wall_ms, EVENT_DEPLOY, row->name,
		    text_join(arena, parts, ARRAY_LEN(parts)));
	}
	/* A version that is gone for a moment is still the last one known. */
	if (now[0] != '\0')
		memcpy(seen->version, now, sizeof(now));
	return other;
}

static void
service_restarted(const struct service_seen *seen,
    const struct service_row *row, int64_t wall_ms, struct build *build)
{
	const double slack = INSTANCE_UPTIME_SLACK_S * 1000.0;
	bool moved = row->since_ms > seen->since_ms + slack;
	bool more = row->restarts > seen->restarts;
	struct text words = TEXT("started anew");
	char was[NUM_TEXT_MAX], now[NUM_TEXT_MAX];

	if (!more && (!moved || !isnan(row->restarts)))
		return;
	if (more)
		words = text_fmt(build_arena(build), "restarts: %s to %s",
		    num_human(was, seen->restarts, NUM_COUNT),
		    num_human(now, row->restarts, NUM_COUNT));
	/* Its own word for when, unless that lies in the future. */
	if (moved && row->since_ms < (double)wall_ms)
		wall_ms = (int64_t)row->since_ms;
	build_event(build, wall_ms, EVENT_RESTART, row->name, words);
}

void
service_watch_row(struct service_watch *watch, const struct service_row *row,
    int64_t wall_ms, struct build *build)
{
	bool is_new;
	struct service_seen *seen =
	    keytab_row(&watch->seen, metric_id(row->key, NULL, 0) | 1, &is_new);

	if (seen == NULL)
		return; /* there is no room to remember it */
	if (is_new)
		seen->restarts = seen->since_ms = NAN;
	/* A deploy starts it anew; that is one event and not two. */
	if (!service_deployed(seen, row, wall_ms, build))
		service_restarted(seen, row, wall_ms, build);
	if (!isnan(row->restarts))
		seen->restarts = row->restarts;
	if (!isnan(row->since_ms))
		seen->since_ms = row->since_ms;
}
