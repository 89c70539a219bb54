#include "actions/plan.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"

static const char origin[] = "plan";

struct plan *
plan_new(struct request *request)
{
	struct arena *arena = arena_new(PLAN_ARENA_MAX);
	struct plan *plan =
	    arena != NULL ? arena_alloc(arena, sizeof(*plan)) : NULL;

	if (plan == NULL) {
		arena_free(arena);
		return NULL;
	}
	atomic_init(&plan->refs, 1);
	plan->arena = arena;
	plan->request = request_ref(request);
	plan->title = plan->verb = plan->effect = plan->basis = TEXT_EMPTY;
	plan->word = request->is.target_count > 0 ? request->is.targets[0].name
						  : request->is.platform;
	plan->memo = "";
	plan->whole = true;
	return plan;
}

struct plan *
plan_ref(struct plan *plan)
{
	atomic_fetch_add_explicit(&plan->refs, 1, memory_order_relaxed);
	return plan;
}

struct plan *
plan_unref(struct plan *plan)
{
	if (plan == NULL || atomic_fetch_sub(&plan->refs, 1) != 1)
		return NULL;
	request_unref(plan->request);
	request_unref(plan->undo);
	arena_free(plan->arena); /* the plan itself lies in there */
	return NULL;
}

void
plan_class(struct plan *plan, enum action_class class)
{
	if (class > plan->class)
		plan->class = class;
}

/*
 * The place of a new item in a list that is made with all its places when
 * the first one comes: plans are short-lived and few. NULL: no more fit.
 */
static void *
plan_slot(struct plan *plan, const void *list, size_t *count, size_t max,
    size_t size, const void **ret_list)
{
	if (*count == max) {
		plan->dropped++;
		return NULL;
	}
	if (list == NULL)
		list = arena_array(plan->arena, max, size);
	if (list == NULL)
		return NULL;
	*ret_list = list;
	/* The plan is still its builder's: nobody reads the list yet. */
	return (char *)(uintptr_t)list + (*count)++ * size;
}

void
plan_line(struct plan *plan, struct text label, struct text old,
    struct text new, struct text note)
{
	const void *list = plan->lines;
	struct plan_line *line = plan_slot(plan, list, &plan->line_count,
	    PLAN_LINES_MAX, sizeof(*line), &list);

	if (line == NULL)
		return;
	plan->lines = list;
	*line = (struct plan_line) {
		.label = label,
		.old = old,
		.new = new,
		.note = note,
	};
}

void
plan_reach(
    struct plan *plan, struct text label, enum num_unit unit, double value)
{
	const void *list = plan->reach;
	struct plan_reach *reach = plan_slot(plan, list, &plan->reach_count,
	    PLAN_REACH_MAX, sizeof(*reach), &list);

	if (reach == NULL)
		return;
	plan->reach = list;
	*reach = (struct plan_reach) {
		.label = label,
		.unit = unit,
		.value = value,
	};
}

static void
plan_words(struct plan *plan, const struct text **list, size_t *count,
    size_t max, struct text words)
{
	const void *items = *list;
	struct text *text =
	    plan_slot(plan, items, count, max, sizeof(*text), &items);

	if (text == NULL)
		return;
	*list = items;
	*text = words;
}

void
plan_send(struct plan *plan, struct text words)
{
	plan_words(
	    plan, &plan->sends, &plan->send_count, PLAN_SENDS_MAX, words);
}

void
plan_trap(struct plan *plan, struct text words)
{
	plan_words(
	    plan, &plan->traps, &plan->trap_count, PLAN_TRAPS_MAX, words);
}

void
plan_sample(struct plan *plan, struct text row)
{
	plan->sample_total++;
	if (plan->sample_count < PLAN_SAMPLES_MAX)
		plan_words(plan, &plan->samples, &plan->sample_count,
		    PLAN_SAMPLES_MAX, row);
}

void
plan_total(struct plan *plan, size_t total)
{
	if (total > plan->sample_total)
		plan->sample_total = total;
}

void
plan_memo(struct plan *plan, const char *memo)
{
	size_t len = strlen(memo);
	const char *copy = len < PLAN_MEMO_MAX
			       ? arena_copy(plan->arena, memo, len)
			       : arena_alloc(plan->arena, SIZE_MAX);

	if (copy != NULL)
		plan->memo = copy;
}

void
plan_undo(struct plan *plan, const struct request_spec *undo)
{
	struct request *request = NULL;

	if (request_new(undo, &request, NULL) != ERR_OK) {
		/* Fails the arena; plan_finish() says so. */
		(void)!arena_alloc(plan->arena, SIZE_MAX);
		return;
	}
	request_unref(plan->undo);
	plan->undo = request;
}

enum err_code
plan_finish(struct plan *plan, struct err *err)
{
	plan->read_at = clock_now();
	plan->read_wall_ms = clock_wall_ms();
	if (arena_failed(plan->arena))
		return err_set(err, ERR_LIMIT, origin,
		    "the plan is too large, or memory ran out");
	if (plan->dropped > 0)
		return err_set(err, ERR_LIMIT, origin,
		    "the plan has %zu lines more than can be read; name fewer "
		    "targets",
		    plan->dropped);
	return ERR_OK;
}

/* A plan on its way to JSON. */
struct plan_out {
	const struct redactor *redactor;
	struct buf plain;
	struct buf clean;
	bool whole; /* nothing that is needed again was hidden */
	bool failed;
};

/* s without what looks like a secret; valid until the next call. */
static const char *
out_clean(struct plan_out *out, const char *s)
{
	buf_clear(&out->clean);
	if (!redact_bytes(out->redactor, &out->clean, s, strlen(s)))
		out->failed = true;
	return buf_cstr(&out->clean);
}

static const char *
out_text(struct plan_out *out, struct text text)
{
	buf_clear(&out->plain);
	if (!text_plain(&out->plain, text))
		out->failed = true;
	return out_clean(out, buf_cstr(&out->plain));
}

static void
put_text(struct plan_out *out, cJSON *to, const char *key, struct text text)
{
	if (text.len > 0 &&
	    cJSON_AddStringToObject(to, key, out_text(out, text)) == NULL)
		out->failed = true;
}

/* What a later process needs as it is, or not at all. */
static void
put_exact(struct plan_out *out, cJSON *to, const char *key, const char *s)
{
	const char *clean = out_clean(out, s);

	if (strcmp(clean, s) != 0)
		out->whole = false;
	if (cJSON_AddStringToObject(to, key, clean) == NULL)
		out->failed = true;
}

static void
put_request(struct plan_out *out, cJSON *to, const char *key,
    const struct request *request)
{
	cJSON *json = request_json(request, out->redactor, &out->whole);

	if (!cJSON_AddItemToObject(to, key, json)) {
		cJSON_Delete(json);
		out->failed = true;
	}
}

static cJSON *
put_row(struct plan_out *out, cJSON *list)
{
	cJSON *row = cJSON_CreateObject();

	if (cJSON_AddItemToArray(list, row))
		return row;
	cJSON_Delete(row);
	out->failed = true;
	return NULL;
}

static void
put_texts(struct plan_out *out, cJSON *to, const char *key,
    const struct text *texts, size_t count)
{
	cJSON *list = count > 0 ? cJSON_AddArrayToObject(to, key) : NULL;

	for (size_t i = 0; i < count; i++) {
		cJSON *item = cJSON_CreateString(out_text(out, texts[i]));

		if (!cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			out->failed = true;
		}
	}
}

static void
put_lines(struct plan_out *out, cJSON *to, const struct plan *plan)
{
	cJSON *list = cJSON_AddArrayToObject(to, "lines"), *row;

	for (size_t i = 0; i < plan->line_count; i++) {
		row = put_row(out, list);
		put_text(out, row, "label", plan->lines[i].label);
		put_text(out, row, "old", plan->lines[i].old);
		put_text(out, row, "new", plan->lines[i].new);
		put_text(out, row, "note", plan->lines[i].note);
	}
	list = cJSON_AddArrayToObject(to, "reach");
	for (size_t i = 0; i < plan->reach_count; i++) {
		double value = plan->reach[i].value;

		row = put_row(out, list);
		put_text(out, row, "label", plan->reach[i].label);
		if ((isfinite(value)
			    ? cJSON_AddNumberToObject(row, "value", value)
			    : cJSON_AddNullToObject(row, "value")) == NULL ||
		    cJSON_AddStringToObject(row, "unit",
			num_unit_name(plan->reach[i].unit)) == NULL)
			out->failed = true;
	}
}

static void
put_plan(struct plan_out *out, cJSON *to, const struct plan *plan)
{
	char at[CLOCK_RFC3339_LEN];

	if (cJSON_AddNumberToObject(to, "version", 1) == NULL ||
	    cJSON_AddStringToObject(
		to, "class", action_class_word(plan->class)) == NULL ||
	    cJSON_AddBoolToObject(to, "nothing", plan->nothing) == NULL ||
	    cJSON_AddStringToObject(
		to, "read_at", clock_rfc3339(plan->read_wall_ms, at)) == NULL)
		out->failed = true;
	put_text(out, to, "title", plan->title);
	put_text(out, to, "verb", plan->verb);
	put_text(out, to, "effect", plan->effect);
	put_text(out, to, "basis", plan->basis);
	put_lines(out, to, plan);
	put_texts(out, to, "traps", plan->traps, plan->trap_count);
	put_texts(out, to, "sends", plan->sends, plan->send_count);
	put_texts(out, to, "samples", plan->samples, plan->sample_count);
	if (plan->sample_total > 0 &&
	    cJSON_AddNumberToObject(
		to, "sample_total", (double)plan->sample_total) == NULL)
		out->failed = true;
	put_request(out, to, "request", plan->request);
	if (plan->undo != NULL)
		put_request(out, to, "undo", plan->undo);
	put_exact(out, to, "memo", plan->memo);
	if (cJSON_AddBoolToObject(to, "whole", out->whole) == NULL)
		out->failed = true;
}

enum err_code
plan_json(
    const struct plan *plan, const struct redactor *redactor, struct buf *out)
{
	struct plan_out state = {
		.redactor = redactor,
		.plain = BUF_INIT(PLAN_ARENA_MAX),
		.clean = BUF_INIT(PLAN_ARENA_MAX * 3),
		.whole = true,
	};
	cJSON *root = cJSON_CreateObject();
	enum err_code code = ERR_NOMEM;
	char *text = NULL;

	if (root != NULL)
		put_plan(&state, root, plan);
	if (root != NULL && !state.failed)
		text = cJSON_PrintUnformatted(root);
	if (text != NULL)
		code = buf_str(out, text) ? ERR_OK : ERR_TOOBIG;
	cJSON_free(text);
	cJSON_Delete(root);
	buf_release(&state.plain);
	buf_release(&state.clean);
	return code;
}

/* A text of the JSON, which was clean when it was written; empty: none. */
static struct text
get_text(struct plan *plan, const struct cJSON *json, const char *key)
{
	const char *s = json_string(json_member(json, key));

	return s != NULL ? text_clean(plan->arena, s, strlen(s), PLAN_TEXT_MAX)
			 : TEXT_EMPTY;
}

static void
get_lines(struct plan *plan, const struct cJSON *root)
{
	const struct cJSON *row, *traps = json_member(root, "traps");
	const struct cJSON *sends = json_member(root, "sends");

	for (row = json_first(json_member(root, "lines")); row != NULL;
	     row = json_next(row)) {
		plan_line(plan, get_text(plan, row, "label"),
		    get_text(plan, row, "old"), get_text(plan, row, "new"),
		    get_text(plan, row, "note"));
	}
	for (row = json_first(traps); row != NULL; row = json_next(row)) {
		const char *s = json_string(row);

		if (s != NULL)
			plan_trap(plan, text_clean(plan->arena, s, strlen(s),
					    PLAN_TEXT_MAX));
	}
	for (row = json_first(sends); row != NULL; row = json_next(row)) {
		const char *s = json_string(row);

		if (s != NULL)
			plan_send(plan, text_clean(plan->arena, s, strlen(s),
					    PLAN_TEXT_MAX));
	}
}

static enum err_code
get_plan(const struct cJSON *root, struct plan **ret_plan, struct err *err)
{
	const char *class = json_string(json_member(root, "class"));
	const char *memo = json_string(json_member(root, "memo"));
	const struct cJSON *undo = json_member(root, "undo");
	struct request *request = NULL;
	struct plan *plan = NULL;
	enum err_code code;

	if (class == NULL || memo == NULL)
		return err_set(err, ERR_BADDATA, origin, "not a plan");
	code = request_parse(json_member(root, "request"), &request, err);
	if (code != ERR_OK)
		return code;
	plan = plan_new(request);
	request_unref(request);
	if (plan == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	if (!action_class_find(class, &plan->class))
		code = err_set(err, ERR_BADDATA, origin,
		    "no class is called \"%.40s\"", class);
	plan->title = get_text(plan, root, "title");
	plan->verb = get_text(plan, root, "verb");
	plan->effect = get_text(plan, root, "effect");
	get_lines(plan, root);
	/* What was redacted is no request and no memo any more. */
	plan->whole = false;
	if (json_bool(json_member(root, "whole"), &plan->whole) &&
	    plan->whole) {
		plan_memo(plan, memo);
		if (undo != NULL && code == ERR_OK)
			code = request_parse(undo, &plan->undo, err);
	}
	if (code == ERR_OK)
		code = plan_finish(plan, err);
	if (code == ERR_OK)
		*ret_plan = plan;
	else
		plan_unref(plan);
	return code;
}

enum err_code
plan_parse(
    const void *bytes, size_t len, struct plan **ret_plan, struct err *err)
{
	struct cJSON *root = NULL;
	enum err_code code = json_parse(bytes, len, &root, err);

	if (code == ERR_OK)
		code = get_plan(root, ret_plan, err);
	json_free(root);
	return code;
}

static void
text_row(struct buf *out, const char *label, struct text text)
{
	buf_fmt(out, "  %-12s ", label);
	text_plain(out, text);
	buf_char(out, '\n');
}

/* Names in it may hold anything that is UTF-8, also what moves a cursor. */
static void
text_undo(struct buf *out, const struct request *undo)
{
	struct arena *arena = arena_new(PLAN_ARENA_MAX);
	struct buf words = BUF_INIT(PLAN_ARENA_MAX);

	if (arena == NULL || !request_words(undo, &words)) {
		out->failed = true;
	} else {
		text_row(out, "undo", text_clean_str(arena, buf_cstr(&words)));
		if (arena_failed(arena))
			out->failed = true;
	}
	buf_release(&words);
	arena_free(arena);
}

static void
text_line(struct buf *out, const struct plan_line *line)
{
	struct buf label = BUF_INIT(PLAN_TEXT_MAX * 4);

	text_plain(&label, line->label);
	buf_fmt(out, "  %-12s ", buf_cstr(&label));
	buf_release(&label);
	text_plain(out, line->old);
	if (line->old.len > 0 && line->new.len > 0)
		buf_str(out, " -> ");
	text_plain(out, line->new);
	if (line->note.len > 0) {
		buf_str(out, "   ");
		text_plain(out, line->note);
	}
	buf_char(out, '\n');
}

bool
plan_text(const struct plan *plan, struct buf *out)
{
	char number[NUM_TEXT_MAX];

	if (plan->effect.len > 0)
		text_row(out, "", plan->effect);
	for (size_t i = 0; i < plan->line_count; i++)
		text_line(out, &plan->lines[i]);
	for (size_t i = 0; i < plan->reach_count; i++) {
		buf_fmt(out, "  %-12s ", i == 0 ? "reach" : "");
		buf_str(out, num_human(number, plan->reach[i].value,
				 plan->reach[i].unit));
		buf_char(out, ' ');
		text_plain(out, plan->reach[i].label);
		buf_char(out, '\n');
	}
	for (size_t i = 0; i < plan->sample_count; i++)
		text_row(out, i == 0 ? "such as" : "", plan->samples[i]);
	if (plan->sample_total > plan->sample_count)
		buf_fmt(out, "  %-12s and %zu more\n", "",
		    plan->sample_total - plan->sample_count);
	for (size_t i = 0; i < plan->trap_count; i++)
		text_row(out, "mind", plan->traps[i]);
	for (size_t i = 0; i < plan->send_count; i++)
		text_row(out, i == 0 ? "will send" : "", plan->sends[i]);
	if (plan->basis.len > 0)
		text_row(out, "read", plan->basis);
	buf_fmt(out, "  %-12s %s: %s\n", "class",
	    action_class_word(plan->class), action_class_asks(plan->class));
	if (plan->undo != NULL)
		text_undo(out, plan->undo);
	else if (!plan->nothing && plan->class != ACTION_LOOK)
		buf_fmt(out, "  %-12s there is none\n", "undo");
	return !out->failed;
}
