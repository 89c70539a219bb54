#include "model/watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/board.h"
#include "model/build.h"
#include "model/deps.h"
#include "model/evaluate.h"
#include "model/limits.h"
#include "model/rates.h"
#include "model/services.h"
#include "model/track.h"

struct watch_signal {
	const struct signal_def *def;
	size_t platform; /* index */
	struct evaluator *evaluator;
	struct text name, title, platform_name; /* in watch.texts */
	uint64_t history;
	bool *watched; /* [slot_count]: slots that it looks at */
	struct track track;
	enum state state;
	int64_t since_wall_ms;
	struct verdict verdict;
};

/* A health row that is or was bad, found by a hash of slot and target. */
struct watch_health {
	uint64_t key; /* 0: free */
	size_t slot;
	struct track track;
	char target[NAME_MAX_LEN * 4];
	uint32_t seen; /* step in which the row was last there */
};

struct watch_event {
	int64_t wall_ms;
	enum event_kind kind;
	char subject[NAME_MAX_LEN * 2];
	char text[ERR_MSG_MAX];
};

struct watch {
	const struct watch_slot *slots;
	size_t slot_count;
	struct history *history;
	struct rates *rates;
	struct services *services;
	struct pool *texts; /* names and titles, clean */
	struct watch_signal *signals;
	size_t signal_count;
	struct signal *rows; /* [signal_count]: of this step */
	struct deps *deps;
	struct track *lost;	     /* [slot_count]: source alerts */
	struct watch_health *health; /* open addressing */
	size_t health_cap, health_count;
	int64_t *fed_at;    /* [slot_count]: good_at of the last fed answer */
	int64_t *event_ms;  /* [slot_count]: newest event taken over */
	int64_t actions_ms; /* the same of the actions */
	struct watch_event events[WATCH_EVENTS_MAX];
	size_t event_first, event_count;
	uint32_t step;
	uint64_t polls;
	int64_t started_at;
};

static enum err_code
watch_add_signal(struct watch *watch, const struct platform *platform,
    size_t index, const struct signal_def *def, struct conf_errors *errors,
    struct err *err)
{
	struct watch_signal *signal = &watch->signals[watch->signal_count];
	struct arena *texts = watch->texts->arena;

	signal->watched =
	    mem_calloc(watch->slot_count + 1, sizeof(*signal->watched));
	if (signal->watched == NULL)
		return err_set(err, ERR_NOMEM, "watch", "no memory");
	watch->signal_count++;
	signal->def = def;
	signal->platform = index;
	signal->verdict.value = NAN;
	signal->state = STATE_UNKNOWN;
	signal->name = text_clean_str(texts, def->name);
	signal->title = text_clean_str(texts, def->title);
	signal->platform_name = text_clean_str(texts, platform->name);
	signal->history = history_key(
	    watch->slot_count, metric_id(signal->name, NULL, 0) + index);
	for (size_t i = 0; i < watch->slot_count; i++)
		signal->watched[i] =
		    watch->slots[i].platform == platform &&
		    (def->source == NULL ||
			strcmp(def->source, watch->slots[i].source) == 0);
	return evaluator_new(def, errors, &signal->evaluator, err);
}

enum err_code
watch_new(const struct watch_slot *slots, size_t slot_count,
    const struct platform *const *platforms, size_t platform_count,
    struct history *history, struct conf_errors *errors,
    struct watch **ret_watch, struct err *err)
{
	struct watch *watch = mem_calloc(1, sizeof(*watch));
	enum err_code code = ERR_NOMEM, worst = ERR_OK;
	size_t signals = 0;

	if (watch == NULL)
		goto nomem;
	for (size_t p = 0; p < platform_count; p++)
		signals += platforms[p]->signal_count;
	watch->slots = slots;
	watch->slot_count = slot_count;
	watch->history = history;
	watch->rates = rates_new(history);
	watch->services = services_new();
	watch->texts = pool_new(PAYLOAD_BYTES_MAX);
	watch->signals = mem_calloc(signals, sizeof(*watch->signals));
	watch->rows = mem_calloc(signals, sizeof(*watch->rows));
	watch->lost = mem_calloc(slot_count, sizeof(*watch->lost));
	watch->health_cap = WATCH_TRACKS_MAX * 2;
	watch->health = mem_calloc(watch->health_cap, sizeof(*watch->health));
	watch->fed_at = mem_calloc(slot_count, sizeof(*watch->fed_at));
	watch->event_ms = mem_calloc(slot_count, sizeof(*watch->event_ms));
	if (watch->rates == NULL || watch->services == NULL ||
	    watch->texts == NULL || watch->signals == NULL ||
	    watch->rows == NULL || watch->lost == NULL ||
	    watch->health == NULL || watch->fed_at == NULL ||
	    watch->event_ms == NULL)
		goto nomem;
	for (size_t p = 0; p < platform_count; p++) {
		for (size_t s = 0; s < platforms[p]->signal_count; s++) {
			code = watch_add_signal(watch, platforms[p], p,
			    &platforms[p]->signals[s], errors, err);
			if (code != ERR_OK)
				worst = code;
		}
	}
	code = worst;
	if (code == ERR_OK)
		code = deps_new(slots, slot_count, platforms, platform_count,
		    &watch->deps, err);
	if (code != ERR_OK)
		goto out;
	*ret_watch = watch;
	return ERR_OK;
nomem:
	err_set(err, ERR_NOMEM, "watch", "no memory for the signals");
out:
	watch_free(watch);
	return code;
}

struct watch *
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return NULL;
	for (size_t i = 0; i < watch->signal_count; i++) {
		evaluator_free(watch->signals[i].evaluator);
		mem_free(watch->signals[i].watched);
	}
	mem_free(watch->signals);
	mem_free(watch->rows);
	deps_free(watch->deps);
	rates_free(watch->rates);
	services_free(watch->services);
	pool_unref(watch->texts);
	mem_free(watch->lost);
	mem_free(watch->health);
	mem_free(watch->fed_at);
	mem_free(watch->event_ms);
	mem_free(watch);
	return NULL;
}

void
watch_check(const struct platform *platform, struct conf_errors *errors)
{
	for (size_t s = 0; s < platform->signal_count; s++) {
		struct evaluator *evaluator = NULL;

		if (evaluator_new(&platform->signals[s], errors, &evaluator,
			NULL) == ERR_OK)
			evaluator_free(evaluator);
	}
}

static void
watch_event_add(struct watch *watch, int64_t wall_ms, enum event_kind kind,
    struct text subject, struct text text)
{
	struct watch_event *event;
	size_t to =
	    (watch->event_first + watch->event_count) % WATCH_EVENTS_MAX;

	if (watch->event_count == WATCH_EVENTS_MAX)
		watch->event_first =
		    (watch->event_first + 1) % WATCH_EVENTS_MAX;
	else
		watch->event_count++;
	event = &watch->events[to];
	event->wall_ms = wall_ms;
	event->kind = kind;
	text_keep(event->subject, sizeof(event->subject), subject);
	text_keep(event->text, sizeof(event->text), text);
}

static void
watch_service_changed(void *watch, int64_t wall_ms, enum event_kind kind,
    struct text subject, struct text text)
{
	watch_event_add(watch, wall_ms, kind, subject, text);
}

/* Takes events over that are newer than those before; *ms is the newest. */
static void
watch_take_events(
    struct watch *watch, const struct payload *payload, int64_t *ms)
{
	int64_t newest = *ms;

	for (size_t i = 0; i < payload->event_count; i++) {
		const struct event *event = &payload->events[i];

		if (event->wall_ms <= *ms)
			continue;
		if (event->wall_ms > newest)
			newest = event->wall_ms;
		watch_event_add(watch, event->wall_ms, event->kind,
		    event->subject, event->text);
	}
	*ms = newest;
}

/* What a new answer of a slot brings: points, sums and events. */
static void
watch_feed(struct watch *watch, size_t slot, const struct section *section)
{
	const struct payload *payload = section->payload;

	watch->fed_at[slot] = section->good_at;
	rates_feed(watch->rates, slot, section);
	for (size_t i = 0; i < watch->signal_count; i++) {
		if (watch->signals[i].watched[slot])
			evaluator_feed(
			    watch->signals[i].evaluator, slot, section);
	}
	watch_take_events(watch, payload, &watch->event_ms[slot]);
	services_feed(
	    watch->services, slot, section, watch_service_changed, watch);
}

static void
watch_note_change(struct watch *watch, enum track_change change,
    struct text subject, int64_t wall_ms)
{
	if (change == TRACK_FIRED)
		watch_event_add(
		    watch, wall_ms, EVENT_STATE, subject, TEXT("alert fired"));
	else if (change == TRACK_RESOLVED)
		watch_event_add(
		    watch, wall_ms, EVENT_STATE, subject, TEXT("recovered"));
}

/*
 * Puts the next step forward to due. What is due already has been dealt with
 * or can't be: a pending alert whose value went missing waits for an answer,
 * not for the clock.
 */
static void
wake_by(int64_t *next, int64_t due, int64_t now)
{
	if (due > now && due < *next)
		*next = due;
}

static void
watch_signal_step(struct watch *watch, size_t i, const struct frame *frame,
    struct build *build, int64_t now, int64_t wall_ms, int64_t *next)
{
	struct watch_signal *signal = &watch->signals[i];
	const struct signal_def *def = signal->def;
	bool firing =
	    signal->track.active && signal->track.state == ALERT_FIRING;
	bool absent = def->optional && !evaluator_seen(signal->evaluator);
	enum track_change change;
	enum state level;
	int64_t due;

	evaluator_value(
	    signal->evaluator, frame, signal->watched, now, &signal->verdict);
	level = evaluator_level(def, signal->verdict.value,
	    firing ? signal->track.severity : STATE_OK);
	if (level != signal->state || signal->since_wall_ms == 0) {
		signal->state = level;
		signal->since_wall_ms = wall_ms;
	}
	if (!isnan(signal->verdict.value))
		history_append(watch->history, signal->history, now,
		    signal->verdict.value);
	change = track_step(&signal->track, level, false, def->for_ns,
	    def->recover_for_ns, now, wall_ms);
	watch_note_change(watch, change, signal->title, wall_ms);
	due = track_next(&signal->track, def->for_ns, def->recover_for_ns);
	wake_by(next, due, now);
	watch->rows[i] = (struct signal) {
		.name = signal->name,
		.title = signal->title,
		.platform = signal->platform_name,
		.why = text_clean_str(build_arena(build), signal->verdict.why),
		.unit = def->unit,
		.value = signal->verdict.value,
		.idle = signal->verdict.idle || absent,
		.state = level,
		.since_wall_ms = signal->since_wall_ms,
		.read_at = evaluator_read_at(signal->evaluator),
		.warn = def->warn,
		.crit = def->crit,
		.history = signal->history,
	};
	if (!absent)
		build_signal(build, &watch->rows[i]);
}

static void
watch_signal_alert(const struct watch_signal *signal, struct build *build)
{
	const struct track *track = &signal->track;
	const struct signal_def *def = signal->def;
	struct alert alert = {
		.name = signal->name,
		.title = signal->title,
		.platform = signal->platform_name,
		.detail =
		    text_clean_str(build_arena(build), signal->verdict.why),
		.severity = track->severity,
		.state = track->state,
		.since = track->since,
		.since_wall_ms = track->since_wall_ms,
		.unit = def->unit,
		.value = signal->verdict.value,
		.is_signal = true,
	};

	if (!track->active)
		return;
	alert.threshold = track->severity == STATE_CRIT && def->crit.set
			      ? def->crit
			      : def->warn;
	if (!alert.threshold.set)
		alert.threshold = def->crit;
	build_alert(build, &alert);
}

static void
watch_source_step(struct watch *watch, size_t slot,
    const struct section *section, struct build *build, int64_t now,
    int64_t wall_ms, int64_t *next)
{
	struct track *track = &watch->lost[slot];
	struct arena *arena = build_arena(build);
	enum state level = board_source_state(section, now);
	bool lost = level == STATE_UNKNOWN &&
		    section_freshness(section, now) != FRESH_FIRST;
	struct text name = text_clean_str(arena, section->name);
	int64_t due;

	/* One lost poll is a pending alert, the second makes it fire. */
	watch_note_change(watch,
	    track_step(track, level, lost, section->every_ns, 0, now, wall_ms),
	    name, wall_ms);
	due = track_next(track, section->every_ns, 0);
	wake_by(next, due, now);
	if (!track->active)
		return;
	struct alert alert = {
		.name = name,
		.title = text_fmt(arena, "%s: %s", section->name,
		    section->code == ERR_OK ? "no fresh answer"
					    : section_word(section)),
		.platform = text_clean_str(arena, section->platform),
		.detail = text_copy(arena, section->why),
		.severity = track->severity,
		.state = track->state,
		.since = track->since,
		.since_wall_ms = track->since_wall_ms,
		.value = NAN,
	};
	if (track->state == ALERT_RESOLVED)
		alert.title =
		    text_fmt(arena, "%s: answers again", section->name);
	build_alert(build, &alert);
}

static uint64_t
health_key(size_t slot, struct text target)
{
	return history_key(slot, metric_id(target, NULL, 0));
}

/* Its record, made when make is true; NULL: none, or no room. */
static struct watch_health *
watch_health_find(
    struct watch *watch, size_t slot, struct text target, bool make)
{
	uint64_t key = health_key(slot, target);
	size_t i = key & (watch->health_cap - 1);

	while (watch->health[i].key != 0 && watch->health[i].key != key)
		i = (i + 1) & (watch->health_cap - 1);
	if (watch->health[i].key == 0) {
		if (!make || watch->health_count >= WATCH_TRACKS_MAX)
			return NULL;
		watch->health_count++;
		watch->health[i].key = key;
		watch->health[i].slot = slot;
		text_keep(watch->health[i].target,
		    sizeof(watch->health[i].target), target);
	}
	return &watch->health[i];
}

/* Alerts of one section's health rows. What is stale is left as it was. */
static void
watch_health_step(struct watch *watch, size_t slot,
    const struct section *section, struct build *build, int64_t now,
    int64_t wall_ms)
{
	const struct payload *payload = section->payload;
	bool fresh = section_freshness(section, now) == FRESH_OK;

	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		const struct health *row = &payload->health[i];
		struct watch_health *record = watch_health_find(
		    watch, slot, row->target, row->state != STATE_OK && fresh);
		struct alert alert;

		if (record == NULL)
			continue;
		record->seen = watch->step;
		if (fresh)
			watch_note_change(watch,
			    track_step(&record->track, row->state, false, 0, 0,
				now, wall_ms),
			    row->target, wall_ms);
		if (!record->track.active)
			continue;
		alert = (struct alert) {
			.name = text_copy(build_arena(build), row->target),
			.title = text_copy(build_arena(build), row->target),
			.platform = text_clean_str(
			    build_arena(build), section->platform),
			.detail = text_copy(build_arena(build), row->detail),
			.severity = record->track.severity,
			.state = record->track.state,
			.since = record->track.since,
			.since_wall_ms = record->track.since_wall_ms,
			.value = NAN,
		};
		build_alert(build, &alert);
	}
}

/*
 * Forgets rows that are well again, once they fill the table. Without memory
 * it stays full, and rows that turn bad then have no alert of their own; the
 * panels show them all the same.
 */
static void
watch_health_purge(struct watch *watch)
{
	struct watch_health *old = watch->health;
	struct watch_health *table;
	size_t mask = watch->health_cap - 1;

	if (watch->health_count < WATCH_TRACKS_MAX)
		return;
	table = mem_calloc(watch->health_cap, sizeof(*table));
	if (table == NULL)
		return;
	watch->health = table;
	watch->health_count = 0;
	for (size_t i = 0; i <= mask; i++) {
		size_t to = old[i].key & mask;

		if (old[i].key == 0 || !old[i].track.active)
			continue;
		while (table[to].key != 0)
			to = (to + 1) & mask;
		table[to] = old[i];
		watch->health_count++;
	}
	mem_free(old);
}

/*
 * Rows that are no longer reported end their alerts: a queue that was
 * removed is not broken. Linear, but over bad rows only.
 */
static void
watch_health_sweep(struct watch *watch, const struct frame *frame, int64_t now,
    int64_t wall_ms)
{
	for (size_t i = 0; i < watch->health_cap; i++) {
		struct watch_health *record = &watch->health[i];
		const struct section *section;

		if (record->key == 0 || record->seen == watch->step)
			continue;
		section = frame->sections[record->slot];
		if (section != NULL &&
		    section_freshness(section, now) == FRESH_OK)
			track_step(&record->track, STATE_OK, false, 0, 0, now,
			    wall_ms);
	}
}

static void
watch_events_build(const struct watch *watch, struct build *build)
{
	for (size_t i = 0; i < watch->event_count; i++) {
		const struct watch_event *event =
		    &watch->events[(watch->event_first + i) % WATCH_EVENTS_MAX];

		build_event(build, event->wall_ms, event->kind,
		    text_copy(build_arena(build), text_kept(event->subject)),
		    text_copy(build_arena(build), text_kept(event->text)));
	}
}

static struct section *
watch_section(
    struct watch *watch, struct build *build, int64_t now, int64_t wall_ms)
{
	struct section *section = section_new();

	if (section == NULL)
		return NULL;
	section->payload = build_finish(build, NULL);
	if (section->payload == NULL)
		return section_unref(section);
	if (watch->started_at == 0)
		watch->started_at = now;
	snprintf(section->name, sizeof(section->name), "watch");
	snprintf(section->type, sizeof(section->type), "watch");
	section->every_ns = WATCH_TICK_MS * NS_PER_MS;
	section->started_at = watch->started_at;
	section->tried_at = section->good_at = now;
	section->good_wall_ms = wall_ms;
	section->polls = ++watch->polls;
	section->why = TEXT_EMPTY;
	return section;
}

struct section *
watch_step(struct watch *watch, const struct frame *frame, int64_t now,
    int64_t wall_ms, int64_t *ret_next)
{
	struct build *build = build_new();
	struct section *section = NULL;

	*ret_next = now + WATCH_TICK_MS * NS_PER_MS;
	if (build == NULL)
		return NULL;
	watch->step++;
	build_share(build, watch->texts);
	for (size_t i = 0; i < watch->slot_count; i++) {
		const struct section *from = frame->sections[i];

		if (from != NULL && from->payload != NULL &&
		    from->good_at != watch->fed_at[i])
			watch_feed(watch, i, from);
	}
	if (frame->actions != NULL && frame->actions->payload != NULL)
		watch_take_events(
		    watch, frame->actions->payload, &watch->actions_ms);
	for (size_t i = 0; i < watch->signal_count; i++)
		watch_signal_step(
		    watch, i, frame, build, now, wall_ms, ret_next);
	for (size_t i = 0; i < watch->signal_count; i++)
		watch_signal_alert(&watch->signals[i], build);
	for (size_t i = 0; i < watch->slot_count; i++) {
		if (frame->sections[i] == NULL)
			continue;
		watch_source_step(watch, i, frame->sections[i], build, now,
		    wall_ms, ret_next);
		watch_health_step(
		    watch, i, frame->sections[i], build, now, wall_ms);
	}
	watch_health_sweep(watch, frame, now, wall_ms);
	watch_health_purge(watch);
	deps_step(watch->deps, frame, watch->rows, build, now, wall_ms);
	watch_events_build(watch, build);
	section = watch_section(watch, build, now, wall_ms);
	build_free(build);
	return section;
}
