/*
 * Source type "flags": all flags of the platform, each asked at its backend,
 * as one table. A platform with flags has one such source without saying so.
 *
 * Table "flags": name, value, since, who, backend, note; the key is the name.
 * A kill switch is a row as well, with the key "kill/NAME". A change is an
 * event. The metric flag_on{flag} is 1 or 0.
 */
#include "datasrc/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/flag_type.h"
#include "datasrc/flag_words.h"
#include "model/platform.h"

/* What is remembered of a flag. */
struct flag_seen {
	bool known;
	bool there;
	size_t len;
	uint64_t sum;	  /* of its text, which may be a secret */
	int64_t since_ms; /* when it was seen to change; 0: it was not */
	char *word;	  /* as it was shown; NULL without memory */
};

struct src_flags {
	const struct source_env *env;
	struct flag_links links;
	struct flag_seen *seen; /* one for each flag */
	size_t count;
};

enum flags_column {
	FLAGS_NAME,
	FLAGS_VALUE,
	FLAGS_STATE,
	FLAGS_SINCE,
	FLAGS_WHO,
	FLAGS_BACKEND,
	FLAGS_NOTE,
	FLAGS_COLUMNS,
};

static const struct column flags_columns[FLAGS_COLUMNS] = {
	[FLAGS_NAME] = { TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	[FLAGS_VALUE] = { TEXT_INIT("value"), COLUMN_TEXT, NUM_NONE },
	[FLAGS_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	[FLAGS_SINCE] = { TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	[FLAGS_WHO] = { TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	[FLAGS_BACKEND] = { TEXT_INIT("backend"), COLUMN_TEXT, NUM_NONE },
	[FLAGS_NOTE] = { TEXT_INIT("note"), COLUMN_TEXT, NUM_NONE },
};

/* One flag of one round. */
struct flag_look {
	const struct platform_flag *flag;
	struct flag_state state;
	struct err err;
	struct text word;
};

/* One round. */
struct flags_round {
	struct src_flags *source;
	struct poll *poll;
	struct arena *arena; /* of the raw texts */
	struct flag_look *looks;
	size_t failed;
};

static void
src_flags_close(void *state)
{
	struct src_flags *s = state;

	if (s == NULL)
		return;
	flag_links_close(&s->links);
	for (size_t i = 0; s->seen != NULL && i < s->count; i++)
		mem_free(s->seen[i].word);
	mem_free(s->seen);
	mem_free(s);
}

static enum err_code
src_flags_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_flags *s = mem_calloc(1, sizeof(*s));

	(void)config;
	if (s == NULL)
		return err_set(err, ERR_NOMEM, "flags", "no memory");
	s->env = env;
	s->count = env->platform != NULL ? env->platform->flag_count : 0;
	flag_links_init(&s->links, env->platform, env->redactor, false);
	s->links.tokens = env->tokens;
	s->seen = mem_calloc(s->count + 1, sizeof(*s->seen));
	if (s->seen == NULL) {
		src_flags_close(s);
		return err_set(err, ERR_NOMEM, "flags", "no memory");
	}
	*ret_state = s;
	return ERR_OK;
}

/* FNV-1a: enough to see that it is another text. */
static uint64_t
sum_of(const char *text)
{
	uint64_t sum = 14695981039346656037u;

	for (; *text != '\0'; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211u;
	return sum;
}

static void
round_read(struct flags_round *round, struct flag_look *look)
{
	const struct poll *poll = round->poll;
	struct flag_ask ask = {
		.links = &round->source->links,
		.flag = look->flag,
		.deadline = clock_now() + FLAG_READ_MS * NS_PER_MS,
		.cancel = poll->cancel,
		.arena = round->arena,
	};

	if (ask.deadline > poll->deadline)
		ask.deadline = poll->deadline;
	err_clear(&look->err);
	if (flag_read(&ask, &look->state, &look->err) != ERR_OK)
		round->failed++;
	else
		look->word = flag_words(look->flag, look->state.stored,
		    round->source->env->redactor, build_arena(poll->build));
}

/* Tells a change, and remembers what it is now. */
static void
round_change(struct flags_round *round, const struct flag_look *look,
    struct flag_seen *seen)
{
	const struct flag_state *state = &look->state;
	struct arena *arena = build_arena(round->poll->build);
	struct buf words = BUF_INIT(FLAG_VALUE_MAX);
	struct flag_seen now = { .known = true,
		.there = state->stored != NULL };
	struct text parts[5];
	size_t n = 0;

	if (now.there) {
		now.len = strlen(state->stored);
		now.sum = sum_of(state->stored);
	}
	if (seen->known && seen->there == now.there && seen->len == now.len &&
	    seen->sum == now.sum)
		return;
	text_plain(&words, look->word);
	now.word = mem_strdup(buf_cstr(&words));
	buf_release(&words);
	if (seen->known) {
		now.since_ms = round->poll->wall_ms;
		parts[n++] = text_clean_str(arena, seen->word);
		parts[n++] = TEXT(" to ");
		parts[n++] = look->word;
		if (state->who != NULL) {
			parts[n++] = TEXT(" by ");
			parts[n++] =
			    text_ingest(round->source->env->redactor, arena,
				state->who, strlen(state->who), NAME_MAX_LEN);
		}
		build_event(round->poll->build, round->poll->wall_ms,
		    EVENT_FLAG, text_clean_str(arena, look->flag->name),
		    text_join(arena, parts, n));
	}
	mem_free(seen->word);
	*seen = now;
}

/* What is to be known beside the value. */
static struct text
note_of(const struct flags_round *round, const struct flag_look *look)
{
	const struct flag_state *state = &look->state;
	struct arena *arena = build_arena(round->poll->build);
	char left[NUM_TEXT_MAX];

	if (look->err.code != ERR_OK)
		return text_ingest(round->source->env->redactor, arena,
		    look->err.msg, strlen(look->err.msg), ERR_MSG_MAX);
	if (state->stored != NULL && !look->flag->text &&
	    platform_flag_word(look->flag, state->stored) == NULL)
		return TEXT("none of the values that are configured");
	if (state->no_place)
		return TEXT("there is no row for it");
	if (state->note != NULL)
		return text_ingest(round->source->env->redactor, arena,
		    state->note, strlen(state->note), ERR_MSG_MAX);
	if (state->expires_ms > 0)
		return text_fmt(arena, "goes away in %s",
		    num_duration(left, state->expires_ms * NS_PER_MS));
	return look->flag->help != NULL
		   ? text_clean_str(arena, look->flag->help)
		   : TEXT_EMPTY;
}

static enum state
state_of(const struct flag_look *look)
{
	if (look->err.code != ERR_OK)
		return STATE_UNKNOWN;
	if (look->state.stored != NULL && !look->flag->text &&
	    platform_flag_word(look->flag, look->state.stored) == NULL)
		return STATE_WARN;
	return STATE_OK;
}

static void
round_row(const struct flags_round *round, const struct flag_look *look,
    const struct flag_seen *seen)
{
	struct build *b = round->poll->build;
	struct arena *arena = build_arena(b);
	struct text name = text_clean_str(arena, look->flag->name);
	struct buf place = BUF_INIT(FLAG_VALUE_MAX);
	enum state state = state_of(look);
	int64_t since =
	    look->state.since_ms != 0 ? look->state.since_ms : seen->since_ms;

	flag_type_of(look->flag)->place(look->flag, &place);
	build_row(b, name, state);
	build_cell_text(b, FLAGS_NAME, name);
	build_cell_text(b, FLAGS_VALUE, look->word);
	build_cell_state(b, FLAGS_STATE, state, text_lit(state_name(state)));
	build_cell_num(b, FLAGS_SINCE, since != 0 ? (double)since : NAN);
	if (look->state.who != NULL)
		build_cell_text(b, FLAGS_WHO,
		    text_ingest(round->source->env->redactor, arena,
			look->state.who, strlen(look->state.who),
			NAME_MAX_LEN));
	build_cell_text(
	    b, FLAGS_BACKEND, text_clean_str(arena, buf_cstr(&place)));
	build_cell_text(b, FLAGS_NOTE, note_of(round, look));
	buf_release(&place);
}

/* Whether it is on, where that has a meaning; NaN where it has none. */
static double
on_of(const struct flag_look *look)
{
	const char *word =
	    look->err.code == ERR_OK && !look->flag->text
		? platform_flag_word(look->flag, look->state.stored)
		: NULL;

	if (word == NULL ||
	    (strcmp(word, "on") != 0 && strcmp(word, "off") != 0))
		return NAN;
	return strcmp(word, "on") == 0;
}

static void
round_kill(const struct flags_round *round, const struct platform_kill *kill)
{
	struct build *b = round->poll->build;
	struct arena *arena = build_arena(b);
	struct buf names = BUF_INIT(FLAG_VALUE_MAX);
	size_t off = 0;

	for (size_t i = 0; i < kill->flags.count; i++) {
		buf_fmt(
		    &names, "%s%s", i > 0 ? ", " : "", kill->flags.items[i]);
		for (size_t k = 0; k < round->source->count; k++)
			if (strcmp(round->looks[k].flag->name,
				kill->flags.items[i]) == 0)
				off += on_of(&round->looks[k]) == 0;
	}
	build_row(
	    b, text_fmt(arena, FLAG_KILL_PREFIX "%s", kill->name), STATE_OK);
	build_cell_text(b, FLAGS_NAME, text_fmt(arena, "kill %s", kill->name));
	build_cell_text(b, FLAGS_VALUE,
	    text_fmt(arena, "%zu of %zu off", off, kill->flags.count));
	build_cell_state(b, FLAGS_STATE, STATE_OK, TEXT("ok"));
	build_cell_num(b, FLAGS_SINCE, NAN);
	build_cell_text(b, FLAGS_BACKEND, TEXT("several"));
	build_cell_text(b, FLAGS_NOTE, text_clean_str(arena, buf_cstr(&names)));
	buf_release(&names);
}

/* How many could not be read, and why the first of them. */
static struct text
why_of(const struct flags_round *round, const struct flag_look *bad)
{
	struct arena *arena = build_arena(round->poll->build);
	struct text parts[] = {
		text_fmt(arena, "%zu of %zu can't be read; %s: ", round->failed,
		    round->source->count, bad->flag->name),
		text_ingest(round->source->env->redactor, arena, bad->err.msg,
		    strlen(bad->err.msg), ERR_MSG_MAX),
	};

	return text_join(arena, parts, 2);
}

/* How the reading went, as one row of health. */
static void
round_health(const struct flags_round *round)
{
	struct build *b = round->poll->build;
	struct arena *arena = build_arena(b);
	const struct flag_look *bad = NULL;

	for (size_t i = 0; bad == NULL && i < round->source->count; i++)
		if (round->looks[i].err.code != ERR_OK)
			bad = &round->looks[i];
	if (bad == NULL)
		build_health(b, TEXT("flags"), STATE_OK,
		    text_fmt(arena, "%zu read", round->source->count), -1);
	else
		build_health(
		    b, TEXT("flags"), STATE_WARN, why_of(round, bad), -1);
}

static void
round_publish(struct flags_round *round)
{
	const struct src_flags *s = round->source;
	const struct platform *platform = s->env->platform;
	struct build *b = round->poll->build;

	round_health(round);
	for (size_t i = 0; i < s->count; i++)
		build_gauge_of(b, TEXT("flag_on"), NUM_NONE,
		    on_of(&round->looks[i]), TEXT("flag"),
		    text_clean_str(build_arena(b), round->looks[i].flag->name));
	build_table(b, TEXT("flags"), flags_columns, FLAGS_COLUMNS);
	/* First what is wanted first: three keys from any panel. */
	for (size_t i = 0; i < platform->kill_count; i++)
		round_kill(round, &platform->kills[i]);
	for (size_t i = 0; i < s->count; i++)
		round_row(round, &round->looks[i], &s->seen[i]);
}

static enum err_code
src_flags_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_flags *s = state;
	struct flags_round round = {
		.source = s,
		.poll = poll,
		.arena = arena_new(FLAG_ARENA_MAX),
	};

	if (round.arena != NULL)
		round.looks = arena_array(
		    round.arena, s->count + 1, sizeof(*round.looks));
	if (round.looks == NULL) {
		arena_free(round.arena);
		return err_set(err, ERR_NOMEM, "flags", "no memory");
	}
	flag_links_round(&s->links);
	for (size_t i = 0; i < s->count; i++) {
		round.looks[i].flag = &s->env->platform->flags[i];
		round.looks[i].word = TEXT("unread");
		round_read(&round, &round.looks[i]);
		if (round.looks[i].err.code == ERR_OK)
			round_change(&round, &round.looks[i], &s->seen[i]);
	}
	if (s->count > 0 && round.failed == s->count) {
		*err = round.looks[0].err;
		arena_free(round.arena);
		return err->code;
	}
	round_publish(&round);
	arena_free(round.arena);
	return ERR_OK;
}

static void
src_flags_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	(void)config;
	if (env->platform->flag_count + env->platform->flag_off_count == 0)
		conf_errors_add(errors, node->key_pos, "flags: {...}",
		    "there are no flags to read");
}

const struct source_ops src_flags = {
	.name = "flags",
	.help = "the flags of the platform; added by itself where there are "
		"flags",
	.every_ns = 15 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.open = src_flags_open,
	.poll = src_flags_poll,
	.close = src_flags_close,
	.check = src_flags_check,
};
