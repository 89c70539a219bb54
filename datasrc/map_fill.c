#include "datasrc/map_fill.h"

#include <math.h>
#include <string.h>

#include "base/redact.h"
#include "model/build.h"

struct map_key_row {
	uint64_t key;
	unsigned count;
};

void
map_problems_entry(struct map_problems *problems)
{
	problems->last = NULL;
}

void
map_problems_add(struct map_problems *problems, const char *msg)
{
	if (problems->last != NULL) {
		problems->last->more++;
		return;
	}
	if (problems->count < MAP_PROBLEMS_MAX) {
		problems->last = &problems->list[problems->count];
		err_set(&problems->last->err, ERR_BADDATA, "map", "%s", msg);
		problems->last->more = 0;
	}
	problems->count++;
}

static struct text
problem_text(const struct map_problem *problem, struct arena *arena,
    const struct redactor *redactor)
{
	struct text parts[2];

	parts[0] = text_ingest(redactor, arena, problem->err.msg,
	    strlen(problem->err.msg), ERR_MSG_MAX);
	if (problem->more == 0)
		return parts[0];
	parts[1] =
	    text_fmt(arena, " (and %zu more of this kind)", problem->more);
	return text_join(arena, parts, ARRAY_LEN(parts));
}

void
map_problems_show(const struct map_problems *problems, struct build *build,
    const struct redactor *redactor)
{
	static const struct column columns[] = {
		{ TEXT_INIT("problem"), COLUMN_TEXT, NUM_NONE },
	};
	struct arena *arena = build_arena(build);
	struct text parts[2];

	if (problems->count == 0)
		return;
	parts[0] = problem_text(&problems->list[0], arena, redactor);
	parts[1] = text_fmt(arena, "; %zu more problem%s", problems->count - 1,
	    problems->count == 2 ? "" : "s");
	build_health(build, TEXT("mapping"), STATE_WARN,
	    problems->count == 1 ? parts[0]
				 : text_join(arena, parts, ARRAY_LEN(parts)),
	    -1);
	if (problems->count == 1)
		return;
	build_table(build, TEXT("mapping"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < problems->count && i < MAP_PROBLEMS_MAX; i++) {
		build_row(build, text_fmt(arena, "%zu", i + 1), STATE_WARN);
		build_cell_text(build, 0,
		    problem_text(&problems->list[i], arena, redactor));
	}
}

/* name with a word behind it, as another metric of the same value. */
static void
metric_more(struct build *build, const struct map_metric *conf,
    const char *behind, enum num_unit unit, double value,
    const struct label *labels)
{
	if (isnan(value))
		return;
	build_metric(build,
	    text_fmt(build_arena(build), "%s_%s", conf->name, behind), unit,
	    METRIC_GAUGE, value, labels, (uint32_t)conf->labels.count);
}

void
map_metric_add(struct build *build, const struct map_metric *conf,
    struct text name, const struct map_number *number,
    const struct label *labels)
{
	build_metric(build, name, number->unit, (enum metric_kind)conf->kind,
	    number->value, labels, (uint32_t)conf->labels.count);
	metric_more(build, conf, "limit", number->unit, number->limit, labels);
	if (!isnan(number->limit))
		metric_more(build, conf, "used_ratio", NUM_PERCENT,
		    number->used_ratio, labels);
}

struct map_judged
map_judge(const struct map_health *conf, const struct map_scalar *scalar,
    int64_t wall_ms)
{
	struct map_judged judged = { .scalar = *scalar,
		.number = { NAN, NAN, NAN, NUM_NONE } };

	judged.numeric =
	    map_value_read(&conf->value, scalar, wall_ms, &judged.number);
	if (!isnan(judged.number.used_ratio)) {
		judged.number.value = judged.number.used_ratio;
		judged.number.unit = NUM_PERCENT;
	}
	judged.state = map_state_of(&conf->state, scalar, judged.number.value);
	return judged;
}

bool
map_is_empty(const struct map_scalar *scalar)
{
	return scalar->kind == MAP_SCALAR_NULL ||
	       (scalar->kind == MAP_SCALAR_TEXT && scalar->len == 0);
}

/* Whether the value is to be shown as the number it was read as. */
static bool
is_measured(const struct map_value *how)
{
	return how->form != MAP_FORM_AUTO || how->unit != MAP_UNIT_NONE;
}

struct text
map_health_words(struct arena *arena, const struct map_health *conf,
    const struct map_judged *judged, struct text value, struct text more)
{
	const struct opt_list *good = &conf->state.ok;
	struct text parts[5] = { TEXT_EMPTY };
	char human[NUM_TEXT_MAX];
	size_t count = 0;

	if (judged->numeric && is_measured(&conf->value))
		parts[count++] =
		    text_clean_str(arena, num_human(human, judged->number.value,
					      judged->number.unit));
	else if (judged->scalar.kind == MAP_SCALAR_NULL)
		parts[count++] = TEXT("null");
	else
		parts[count++] = value;
	/* The usual words stand in no configuration. */
	if (judged->state != STATE_OK && good->node != NULL &&
	    good->count == 1) {
		parts[count++] = TEXT(", expected ");
		parts[count++] = text_clean_str(arena, good->items[0]);
	}
	if (more.len > 0) {
		parts[count++] = TEXT("; ");
		parts[count++] = more;
	}
	return text_join(arena, parts, count);
}

enum column_kind
map_column_shown(enum map_column_kind kind)
{
	switch (kind) {
	case MAP_COLUMN_NUMBER:
		return COLUMN_NUMBER;
	case MAP_COLUMN_STATE:
		return COLUMN_STATE;
	case MAP_COLUMN_TIME:
		return COLUMN_WALL;
	case MAP_COLUMN_AUTO:
	case MAP_COLUMN_TEXT:
		break;
	}
	return COLUMN_TEXT;
}

void
map_keys_init(struct keytab *keys)
{
	keytab_init(keys, sizeof(struct map_key_row), MAP_KEYS_MAX);
}

struct text
map_key(struct keytab *keys, struct arena *arena, struct text key)
{
	struct map_key_row *before;
	struct text parts[2] = { key };
	bool is_new;

	before = keytab_row(keys, metric_id(key, NULL, 0) | 1, &is_new);
	if (before == NULL || before->count++ == 0)
		return key;
	parts[1] = text_fmt(arena, "#%u", before->count);
	return text_join(arena, parts, ARRAY_LEN(parts));
}
