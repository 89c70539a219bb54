#include "datasrc/map_value.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "datasrc/map_unit.h"
#include "model/logtime.h"
#include "model/signal_def.h"

/* Where the second number of "97/100" or "97 of 100" begins; NULL: nowhere. */
static const char *
map_split(const char *s, size_t len, size_t *ret_first)
{
	for (size_t i = 1; i + 1 < len; i++) {
		if (s[i] == '/') {
			*ret_first = i;
			return s + i + 1;
		}
		if (i + 4 < len && memcmp(s + i, " of ", 4) == 0) {
			*ret_first = i;
			return s + i + 4;
		}
	}
	return NULL;
}

static bool
map_limit_read(const struct map_value *how, const struct map_scalar *from,
    struct map_number *ret)
{
	struct map_value part = *how;
	struct map_number limit = *ret;
	const char *second;
	size_t first = 0;

	if (from->kind != MAP_SCALAR_TEXT)
		return false;
	second = map_split(from->s, from->len, &first);
	/* The share is what is wanted; the numbers are in what they are. */
	if (part.unit == NUM_PERCENT)
		part.unit = MAP_UNIT_NONE;
	if (second == NULL || !map_unit_read(&part, from->s, first, ret) ||
	    !map_unit_read(
		&part, second, from->len - (size_t)(second - from->s), &limit))
		return false;
	ret->limit = limit.value;
	ret->unit = limit.unit;
	if (limit.value > 0)
		ret->used_ratio =
		    (how->form == MAP_FORM_LEFT ? limit.value - ret->value
						: ret->value) /
		    limit.value;
	if (how->unit == NUM_PERCENT) {
		ret->value = ret->used_ratio;
		ret->limit = NAN;
		ret->unit = NUM_PERCENT;
	}
	return true;
}

bool
map_value_time(
    const struct map_scalar *from, int64_t wall_ms, double *ret_wall_ms)
{
	const char *s = from->s;
	size_t len = from->len;
	struct logtime time;
	int64_t ms;

	if (from->kind == MAP_SCALAR_NULL ||
	    (from->kind == MAP_SCALAR_NUMBER && from->num == 0)) {
		*ret_wall_ms = NAN;
		return true;
	}
	if (from->kind == MAP_SCALAR_NUMBER) {
		if (!logtime_number(from->num, &ms))
			return false;
		*ret_wall_ms = (double)ms;
		return true;
	}
	if (from->kind != MAP_SCALAR_TEXT)
		return false;
	map_trim(&s, &len);
	if (map_says_nothing(s, len) || map_is_word(s, len, "0") ||
	    (len >= 10 && memcmp(s, "0001-01-01", 10) == 0)) {
		*ret_wall_ms = NAN;
		return true;
	}
	if (!logtime_parse(s, len, wall_ms, LOGTIME_UTC, &time))
		return false;
	/* Go says the zone twice: "+0000 UTC". */
	for (s += time.len, len -= time.len; len > 0; s++, len--)
		if (*s != ' ' && (*s < 'A' || *s > 'Z'))
			return false;
	*ret_wall_ms = (double)time.wall_ms;
	return true;
}

static bool
map_timed_read(const struct map_value *how, const struct map_scalar *from,
    int64_t wall_ms, struct map_number *ret)
{
	double at;

	if (!map_value_time(from, wall_ms, &at))
		return false;
	ret->value = how->form == MAP_FORM_AGE ? (double)wall_ms - at
					       : at - (double)wall_ms;
	ret->value *= 1e-3;
	ret->unit = NUM_SECONDS;
	return true;
}

static bool
map_auto_read(const struct map_value *how, const struct map_scalar *from,
    struct map_number *ret)
{
	switch (from->kind) {
	case MAP_SCALAR_NULL:
		return true;
	case MAP_SCALAR_NUMBER:
	case MAP_SCALAR_BOOL:
		ret->value = from->num * how->scale;
		return true;
	case MAP_SCALAR_TEXT:
		return map_unit_read(how, from->s, from->len, ret);
	case MAP_SCALAR_MANY:
		return false;
	}
	return false;
}

static bool
map_count_read(const struct map_scalar *from, struct map_number *ret)
{
	if (ret->unit == NUM_NONE)
		ret->unit = NUM_COUNT;
	if (from->kind == MAP_SCALAR_MANY)
		ret->value = from->num;
	return from->kind == MAP_SCALAR_MANY || from->kind == MAP_SCALAR_NULL;
}

bool
map_value_read(const struct map_value *how, const struct map_scalar *from,
    int64_t wall_ms, struct map_number *ret)
{
	struct map_number number = { NAN, NAN, NAN, NUM_NONE };
	bool good = false;

	if (how->unit != MAP_UNIT_NONE)
		number.unit = (enum num_unit)how->unit;
	switch ((enum map_form)how->form) {
	case MAP_FORM_AUTO:
	case MAP_FORM_COUNT_OF:
		good = map_auto_read(how, from, &number);
		break;
	case MAP_FORM_USED:
	case MAP_FORM_LEFT:
		good = from->kind == MAP_SCALAR_NULL ||
		       map_limit_read(how, from, &number);
		break;
	case MAP_FORM_AGE:
	case MAP_FORM_UNTIL:
		good = map_timed_read(how, from, wall_ms, &number);
		break;
	case MAP_FORM_COUNT:
		good = map_count_read(from, &number);
		break;
	}
	if (good)
		*ret = number;
	return good;
}

const char *
map_value_wants(const struct map_value *how)
{
	static const char *const by_unit[] = {
		[NUM_PERCENT] = "a share such as 0.12 or 12 %",
		[NUM_SECONDS] = "a duration",
		[NUM_BYTES] = "a size",
		[NUM_PER_SECOND] = "a rate",
		[NUM_BYTES_PER_SECOND] = "a rate such as 3.4 MB/s",
		[NUM_DOLLARS] = "an amount",
		[NUM_UNIT_COUNT] = NULL,
	};

	switch ((enum map_form)how->form) {
	case MAP_FORM_USED:
	case MAP_FORM_LEFT:
		return "a pair such as 97/100";
	case MAP_FORM_AGE:
	case MAP_FORM_UNTIL:
		return "a time";
	case MAP_FORM_COUNT:
		return "a list";
	default:
		break;
	}
	if (how->unit != MAP_UNIT_NONE && by_unit[how->unit] != NULL)
		return by_unit[how->unit];
	return "a number";
}

/* The value as the words of a list write it; false when it has no words. */
static bool
map_scalar_is(const struct map_scalar *from, const char *word)
{
	size_t len = strlen(word);
	double number;

	switch (from->kind) {
	case MAP_SCALAR_TEXT:
		if (len > 0 && word[len - 1] == '*')
			return from->len >= len - 1 &&
			       strncasecmp(from->s, word, len - 1) == 0;
		return map_is_word(from->s, from->len, word);
	case MAP_SCALAR_BOOL:
		return strcasecmp(word, from->num != 0 ? "true" : "false") == 0;
	case MAP_SCALAR_NUMBER:
		return num_parse_double(word, len, &number) &&
		       number == from->num;
	default:
		return false;
	}
}

static bool
map_listed(
    const struct opt_list *list, const struct map_scalar *from, double number)
{
	struct threshold threshold;
	enum num_unit unit;

	for (size_t i = 0; i < list->count; i++) {
		if (signal_threshold_parse(list->items[i], &threshold, &unit)) {
			if (signal_threshold_hit(&threshold, number))
				return true;
		} else if (map_scalar_is(from, list->items[i])) {
			return true;
		}
	}
	return false;
}

enum state
map_state_of(
    const struct map_state *state, const struct map_scalar *from, double number)
{
	/* Good first, so that "< 15" is not a warning for being "< 18", too. */
	if (map_listed(&state->ok, from, number))
		return STATE_OK;
	if (map_listed(&state->crit, from, number))
		return STATE_CRIT;
	if (map_listed(&state->warn, from, number))
		return STATE_WARN;
	if (from->kind == MAP_SCALAR_NULL)
		return STATE_UNKNOWN;
	return (enum state)state->other;
}
