#include "datasrc/map_fill.h"

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
	parts[1] = text_fmt(arena, "; %zu more problems", problems->count - 1);
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
