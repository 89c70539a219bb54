/* The state of one thing that a node is judged by. */
#include "model/deps_impl.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/board.h"
#include "model/watch.h"

/* Why nothing is known of a section, in words. */
static struct text
look_doubt(const struct section *section, struct arena *arena, int64_t now)
{
	if (section_freshness(section, now) == FRESH_FIRST)
		return TEXT("first answer pending");
	if (section_freshness(section, now) == FRESH_ABSENT)
		return text_fmt(arena, "source %s is not there", section->name);
	if (section->code != ERR_OK)
		return text_fmt(arena, "source %s: %s", section->name,
		    section_word(section));
	return text_fmt(
	    arena, "source %s gives no fresh answer", section->name);
}

static void
look_unknown(struct deps_look *look, struct text words)
{
	look->state = STATE_UNKNOWN;
	look->words = words;
}

static const struct health *
find_row(const struct section *section, struct text target)
{
	const struct payload *payload = section->payload;

	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		if (text_eq(payload->health[i].target, target))
			return &payload->health[i];
	}
	return NULL;
}

/* "memory 91 % of maxmemory": a row among others says which it is. */
static struct text
row_words(const struct health *row, const struct section *section, bool alone,
    struct arena *arena)
{
	const struct text parts[] = { row->target, TEXT(" "), row->detail };

	if (row->detail.len == 0)
		return row->target;
	return alone || text_eq(row->target, text_lit(section->name))
		   ? row->detail
		   : text_join(arena, parts, ARRAY_LEN(parts));
}

/* The worst of the rows; when all are well, what answered. */
static void
look_rows(struct deps_look *look, const struct section *section,
    const struct payload *payload, struct arena *arena)
{
	const struct health *worst = NULL;

	for (size_t i = 0; i < payload->health_count; i++) {
		const struct health *row = &payload->health[i];

		if (row->latency_ns > look->latency_ns)
			look->latency_ns = row->latency_ns;
		if (worst == NULL ||
		    state_worst(worst->state, row->state) != worst->state)
			worst = row;
	}
	if (worst != NULL)
		look->state = worst->state;
	if (worst != NULL &&
	    (worst->state != STATE_OK || payload->health_count == 1))
		look->words = row_words(
		    worst, section, payload->health_count == 1, arena);
	else if (payload->note.len > 0)
		look->words = payload->note;
	else if (payload->health_count > 1)
		look->words =
		    text_fmt(arena, "%zu checks ok", payload->health_count);
}

static void
look_source(struct deps_look *look, const struct section *section,
    struct arena *arena, int64_t now)
{
	look->section = section;
	look->state = board_source_state(section, now);
	look->at = section->good_at;
	if (section_freshness(section, now) == FRESH_OK) {
		look_rows(look, section, section->payload, arena);
		return;
	}
	if (section->failing_since != 0)
		look->at = section->failing_since;
	look->words = look->state != STATE_UNKNOWN && section->why.len > 0
			  ? section->why
			  : look_doubt(section, arena, now);
}

static void
look_row(struct deps_look *look, const struct section *section,
    const struct health *row, struct arena *arena, int64_t now)
{
	look->section = section;
	look->at = section->good_at;
	if (section_freshness(section, now) != FRESH_OK) {
		look_unknown(look, look_doubt(section, arena, now));
	} else if (row == NULL) {
		look_unknown(look, text_fmt(arena,
				       "source %s does not report "
				       "it",
				       section->name));
	} else {
		look->state = row->state;
		look->latency_ns = row->latency_ns;
		look->words = row->detail;
	}
}

/* A row that some source of the platform reports, whichever. */
static void
look_row_of_any(struct deps_look *look, const struct platform *platform,
    const struct watch_slot *slots, size_t slot_count,
    const struct frame *frame, struct arena *arena, int64_t now)
{
	const struct section *found = NULL, *also = NULL;

	for (size_t i = 0; i < slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section == NULL || slots[i].platform != platform ||
		    find_row(section, look->name) == NULL)
			continue;
		if (found == NULL)
			found = section;
		else
			also = section;
	}
	if (found == NULL)
		look_unknown(look,
		    TEXT("nothing reports it; name a service, a source, a "
			 "signal or SOURCE/TARGET"));
	else if (also != NULL)
		look_unknown(look,
		    text_fmt(arena, "both %s and %s report it; write %s/%s",
			found->name, also->name, found->name, look->def->name));
	else
		look_row(look, found, find_row(found, look->name), arena, now);
}

/* "7.3 % (> 5 %)" */
static void
look_signal(
    struct deps_look *look, const struct signal *signal, struct arena *arena)
{
	const struct threshold *beyond = &signal->warn;
	char value[NUM_TEXT_MAX], limit[NUM_TEXT_MAX];

	look->at = signal->read_at;
	look->state = signal->state;
	if (isnan(signal->value)) {
		look->state = signal->idle ? STATE_OK : STATE_UNKNOWN;
		look->words =
		    signal->idle ? TEXT("idle") : text_copy(arena, signal->why);
		/* An optional one that no answer ever had. */
		look->absent = signal->idle && signal->read_at == 0;
		if (look->absent)
			look_unknown(look, text_copy(arena, signal->why));
		return;
	}
	num_human(value, signal->value, signal->unit);
	if (signal->state == STATE_CRIT)
		beyond = &signal->crit;
	if (signal->state == STATE_OK || !beyond->set)
		look->words = text_fmt(arena, "%s", value);
	else
		look->words = text_fmt(arena, "%s (%s %s)", value,
		    signal_compare_text(beyond->compare),
		    num_human(limit, beyond->value, signal->unit));
}

/* Remembers when it was well and when that ended. */
static void
look_remember(struct deps_look *look)
{
	if (look->state == STATE_OK) {
		look->ok_at = look->at;
		look->bad_at = 0;
	} else if (deps_is_bad(look->state) && look->bad_at == 0) {
		look->bad_at = look->at;
		look->about_ns = -1;
		if (look->ok_at != 0)
			look->about_ns = look->at - look->ok_at;
		if (look->ok_at != 0 && look->about_ns < look->window_ns)
			look->about_ns = look->window_ns;
	}
}

/* Why the source of what is looked at has no slot. */
static struct text
look_off(const struct deps_look *look, const struct platform *platform,
    struct arena *arena)
{
	const struct platform_source *source =
	    platform_source_find(platform, look->def->source);

	return text_fmt(arena, "not polled: %s",
	    source != NULL && source->off != NULL ? source->off : "no source");
}

void
deps_look_step(struct deps_look *look, const struct deps_graph *graph,
    const struct watch_slot *slots, size_t slot_count,
    const struct frame *frame, const struct signal *signals,
    struct arena *arena, int64_t now)
{
	const struct section *section =
	    look->slot != SIZE_MAX ? frame->sections[look->slot] : NULL;

	look->state = STATE_UNKNOWN;
	look->absent =
	    section != NULL
		? section_freshness(section, now) == FRESH_ABSENT
		: look->def->source != NULL && look->slot == SIZE_MAX;
	look->words = TEXT_EMPTY;
	look->latency_ns = -1;
	look->section = NULL;
	look->at = now;
	if (look->def->kind == LOOK_SIGNAL)
		look_signal(look, &signals[look->signal], arena);
	else if (look->def->source == NULL)
		look_row_of_any(look, graph->platform, slots, slot_count, frame,
		    arena, now);
	else if (look->slot == SIZE_MAX)
		look_unknown(look, look_off(look, graph->platform, arena));
	else if (section == NULL)
		look_unknown(look, TEXT("first answer pending"));
	else if (look->def->kind == LOOK_SOURCE)
		look_source(look, section, arena, now);
	else
		look_row(
		    look, section, find_row(section, look->name), arena, now);
	look_remember(look);
}
