#include "actions/gcp_run_split.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"

static const char origin[] = "run";

enum {
	ALL = 100
};

/* What Google calls revisions, and RUN_LATEST. */
static bool
is_name(const char *name)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789-"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return name[0] != '\0' && name[strspn(name, bytes)] == '\0';
}

/* Adds to a part that is there, or a new one. False: there is no room. */
static bool
split_add(struct run_split *split, const char *name, int percent)
{
	struct run_part *part = split->parts;
	struct run_part *end = part + split->count;

	while (part < end && strcmp(part->name, name) != 0)
		part++;
	if (part == end) {
		if (split->count == ARRAY_LEN(split->parts) ||
		    strlen(name) >= sizeof(part->name))
			return false;
		split->count++;
		*part = (struct run_part) { .percent = 0 };
		snprintf(part->name, sizeof(part->name), "%s", name);
	}
	part->percent += percent;
	return true;
}

/* The name that a target goes by; NULL: it has none. */
static const char *
target_name(const struct cJSON *target)
{
	const char *type = json_string(json_member(target, "type"));

	if (type != NULL && strstr(type, RUN_LATEST) != NULL)
		return RUN_LATEST;
	return run_base(json_member(target, "revision"));
}

bool
run_split_read(const struct cJSON *doc, const char *list, struct run_split *ret)
{
	const struct cJSON *target = json_first(json_member(doc, list));

	ret->count = 0;
	if (target == NULL)
		return split_add(ret, RUN_LATEST, ALL);
	for (; target != NULL; target = json_next(target)) {
		const struct cJSON *percent = json_member(target, "percent");
		const char *name = target_name(target);
		int64_t n = 0;

		if (name == NULL || !is_name(name) ||
		    (percent != NULL && !json_int(percent, &n)))
			return false;
		if (n < 0 || n > ALL ||
		    (n > 0 && !split_add(ret, name, (int)n)))
			return false;
	}
	return true;
}

int
run_split_of(const struct run_split *split, const char *name)
{
	for (size_t i = 0; i < split->count; i++)
		if (strcmp(split->parts[i].name, name) == 0)
			return split->parts[i].percent;
	return 0;
}

void
run_split_pin(
    const struct run_split *split, const char *ready, struct run_split *ret)
{
	struct run_split pinned = { .count = 0 };

	for (size_t i = 0; i < split->count; i++) {
		const struct run_part *part = &split->parts[i];
		bool latest = strcmp(part->name, RUN_LATEST) == 0;

		/* There are no more of them than there were. */
		(void)split_add(
		    &pinned, latest ? ready : part->name, part->percent);
	}
	*ret = pinned;
}

/* "web-00010=20" into a part. */
static enum err_code
parse_part(
    const char *word, size_t len, struct run_split *asked, struct err *err)
{
	const char *eq = memchr(word, '=', len);
	size_t name_len = eq != NULL ? (size_t)(eq - word) : 0;
	char name[GCP_SERVICE_MAX];
	int64_t percent = -1;

	if (name_len == 0 || name_len >= sizeof(name) ||
	    !num_parse_i64(eq + 1, len - name_len - 1, &percent) ||
	    percent < 0 || percent > ALL)
		return err_set(err, ERR_USAGE, origin,
		    "to is latest, hold, or parts such as web-00010-abc=20, "
		    "not \"%.*s\"",
		    (int)(len < 60 ? len : 60), word);
	memcpy(name, word, name_len);
	name[name_len] = '\0';
	if (!is_name(name))
		return err_set(err, ERR_USAGE, origin,
		    "\"%.60s\" is no name of a revision", name);
	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->parts[i].name, name) == 0)
			return err_set(
			    err, ERR_USAGE, origin, "%s is there twice", name);
	if (!split_add(asked, name, (int)percent))
		return err_set(err, ERR_USAGE, origin, "more than %d revisions",
		    GCP_SHARES_MAX);
	return ERR_OK;
}

/*
 * Gives what is left of the whole to those that were not named, in their old
 * proportions, by the largest remainders.
 */
static void
fill_up(const struct run_split *now, int left, struct run_split *asked)
{
	struct run_split rest = { .count = 0 };
	int remainder[GCP_SHARES_MAX] = { 0 };
	int before = 0, given = 0;

	for (size_t i = 0; i < now->count; i++) {
		const struct run_part *part = &now->parts[i];
		bool named = false;

		for (size_t k = 0; k < asked->count && !named; k++)
			named = strcmp(asked->parts[k].name, part->name) == 0;
		if (named)
			continue;
		before += part->percent;
		rest.parts[rest.count++] = *part;
	}
	for (size_t i = 0; i < rest.count; i++) {
		int product = rest.parts[i].percent * left;

		rest.parts[i].percent = product / before;
		remainder[i] = product % before;
		given += rest.parts[i].percent;
	}
	for (; given < left; given++) {
		size_t most = 0;

		for (size_t i = 1; i < rest.count; i++)
			if (remainder[i] > remainder[most])
				most = i;
		rest.parts[most].percent++;
		remainder[most] = -1;
	}
	for (size_t i = 0; i < rest.count; i++)
		(void)split_add(
		    asked, rest.parts[i].name, rest.parts[i].percent);
}

/* Without those that get nothing. */
static void
drop_empty(struct run_split *split)
{
	size_t n = 0;

	for (size_t i = 0; i < split->count; i++)
		if (split->parts[i].percent > 0)
			split->parts[n++] = split->parts[i];
	split->count = n;
}

int
run_split_total(const struct run_split *split)
{
	int total = 0;

	for (size_t i = 0; i < split->count; i++)
		total += split->parts[i].percent;
	return total;
}

enum err_code
run_split_parse(const char *text, const struct run_split *now,
    struct run_split *ret, struct err *err)
{
	struct run_split asked = { .count = 0 }, others;
	int left;

	if (strcmp(text, "latest") == 0) {
		(void)split_add(&asked, RUN_LATEST, ALL);
		*ret = asked;
		return ERR_OK;
	}
	for (const char *at = text + strspn(text, " ,"); *at != '\0';
	     at += strspn(at, " ,")) {
		size_t len = strcspn(at, " ,");
		enum err_code code = parse_part(at, len, &asked, err);

		if (code != ERR_OK)
			return code;
		at += len;
	}
	left = ALL - run_split_total(&asked);
	if (left < 0)
		return err_set(err, ERR_USAGE, origin,
		    "the parts are %d %% together", ALL - left);
	others = *now;
	for (size_t i = 0; i < others.count; i++)
		for (size_t k = 0; k < asked.count; k++)
			if (strcmp(others.parts[i].name, asked.parts[k].name) ==
			    0)
				others.parts[i].percent = 0;
	drop_empty(&others);
	if (left > 0 && others.count == 0)
		return err_set(err, ERR_USAGE, origin,
		    "the parts are %d %% together, and there is no other "
		    "revision to get the rest",
		    ALL - left);
	if (left > 0 && others.count + asked.count > GCP_SHARES_MAX)
		return err_set(err, ERR_USAGE, origin, "more than %d revisions",
		    GCP_SHARES_MAX);
	if (left > 0)
		fill_up(&others, left, &asked);
	drop_empty(&asked);
	*ret = asked;
	return ERR_OK;
}

bool
run_split_same(const struct run_split *a, const struct run_split *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (run_split_of(b, a->parts[i].name) != a->parts[i].percent)
			return false;
	return true;
}

void
run_split_text(const struct run_split *split, struct buf *out)
{
	if (split->count == 1 &&
	    strcmp(split->parts[0].name, RUN_LATEST) == 0) {
		buf_str(out, "latest");
		return;
	}
	for (size_t i = 0; i < split->count; i++)
		buf_fmt(out, "%s%s=%d", i > 0 ? "," : "", split->parts[i].name,
		    split->parts[i].percent);
}

struct cJSON *
run_split_wants(const struct run_split *split)
{
	struct cJSON *wants = json_new_object();
	bool good = wants != NULL;

	for (size_t i = 0; good && i < split->count; i++) {
		const struct run_part *part = &split->parts[i];

		good =
		    json_put(wants, part->name, json_new_number(part->percent));
	}
	return good ? wants : json_free(wants);
}

static bool
wants_read(const struct cJSON *wants, struct run_split *ret)
{
	ret->count = 0;
	for (const struct cJSON *v = json_first(wants); v != NULL;
	     v = json_next(v)) {
		int64_t percent;

		if (!json_int(v, &percent) || percent < 0 || percent > ALL ||
		    !split_add(ret, json_name(v), (int)percent))
			return false;
	}
	return ret->count > 0;
}

/* One entry of traffic[]; tag may be NULL. */
static bool
put_target(struct cJSON *list, const char *name, int percent, const char *tag)
{
	static const char latest[] = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
	static const char named[] = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
	struct cJSON *target = json_new_object();
	bool is_latest = strcmp(name, RUN_LATEST) == 0;
	const char *type = is_latest ? latest : named;
	bool good = target != NULL &&
		    json_put(target, "type", json_new_text(type, strlen(type)));

	if (good && !is_latest)
		good = json_put(
		    target, "revision", json_new_text(name, strlen(name)));
	if (good && percent > 0)
		good = json_put(target, "percent", json_new_number(percent));
	if (good && tag != NULL)
		good = json_put(target, "tag", json_new_text(tag, strlen(tag)));
	if (!good) {
		json_free(target);
		return false;
	}
	return json_put(list, NULL, target);
}

static enum err_code
split_put(const struct cJSON *doc, const struct cJSON *wants,
    struct cJSON *body, struct err *err)
{
	struct cJSON *list = json_new_list();
	struct run_split split;
	bool good = list != NULL && wants_read(wants, &split);

	for (size_t i = 0; good && i < split.count; i++)
		good = put_target(
		    list, split.parts[i].name, split.parts[i].percent, NULL);
	for (const struct cJSON *v = json_first(json_member(doc, "traffic"));
	     good && v != NULL; v = json_next(v)) {
		const char *tag = json_string(json_member(v, "tag"));
		const char *name = target_name(v);

		if (tag != NULL && name != NULL)
			good = put_target(list, name, 0, tag);
	}
	if (!good) {
		json_free(list);
		return err_set(err, ERR_NOMEM, origin, "no memory");
	}
	if (!json_put(body, "traffic", list))
		return err_set(err, ERR_NOMEM, origin, "no memory");
	return ERR_OK;
}

static enum run_shown
split_shown(const struct cJSON *doc, const struct cJSON *wants)
{
	struct run_split wanted, asked, served;

	if (!wants_read(wants, &wanted) ||
	    !run_split_read(doc, "traffic", &asked) ||
	    !run_split_same(&wanted, &asked))
		return RUN_ABSENT;
	if (!run_doc_settled(doc) ||
	    json_first(json_member(doc, "trafficStatuses")) == NULL ||
	    !run_split_read(doc, "trafficStatuses", &served) ||
	    !run_split_same(&wanted, &served))
		return RUN_ASKED;
	return RUN_REAL;
}

const struct run_edit run_split_edit = {
	.mask = "traffic",
	.proof = true,
	.put = split_put,
	.shown = split_shown,
};
