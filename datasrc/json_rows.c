/* Metrics and health of a mapped document. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/redact.h"
#include "datasrc/json_map_impl.h"

/* A place that leads nowhere; optional ones may be absent. */
static void
json_walk_problem(
    struct json_fill *fill, const struct json_walk *walk, bool optional)
{
	struct err err = ERR_INIT;

	if (optional && json_walk_is_absent(walk))
		return;
	json_walk_why(walk, &err);
	json_problem_add(fill, err.msg);
}

/* The labels of one row; what is absent is the empty text. */
static struct label *
json_labels(struct json_fill *fill, const struct json_metric *metric,
    const struct json_walk *walk)
{
	size_t count = metric->conf->labels.count;
	struct label *labels =
	    arena_array(fill->arena, count + 1, sizeof(*labels));
	struct err err = ERR_INIT;

	for (size_t i = 0; labels != NULL && i < count; i++) {
		struct json_found found =
		    json_ref_find(&metric->labels[i], fill, walk, &err);

		labels[i].key = text_clean_str(fill->arena, metric->keys[i]);
		labels[i].value = json_found_text(&found, fill);
		if (!found.there && !metric->conf->value.optional)
			json_problem_add(fill, err.msg);
	}
	return labels;
}

static void
json_metric_one(struct json_fill *fill, const struct json_metric *metric,
    struct text name, const struct json_walk *walk, const struct cJSON *v)
{
	const struct map_value *how = &metric->conf->value;
	struct map_scalar scalar = json_scalar(v);
	struct map_number number;
	const struct label *labels;

	if (!map_value_read(how, &scalar, fill->wall_ms, &number)) {
		json_problem_value(fill, walk, NULL, v, map_value_wants(how));
		return;
	}
	labels = json_labels(fill, metric, walk);
	if (labels == NULL)
		return;
	map_metric_add(fill->build, metric->conf, name, &number, labels);
}

void
json_metric_fill(struct json_fill *fill, const struct json_metric *metric)
{
	struct text name = text_clean_str(fill->arena, metric->conf->name);
	struct json_walk walk;
	const struct cJSON *v;

	json_walk_begin(&walk, &metric->path, fill->root, &fill->work);
	while (json_walk_next(&walk, &v)) {
		if (v == NULL)
			json_walk_problem(
			    fill, &walk, metric->conf->value.optional);
		else
			json_metric_one(fill, metric, name, &walk, v);
	}
}

/* TARGET, or TARGET and the name of the row. */
static struct text
json_health_target(struct json_fill *fill, const struct json_health *health,
    const struct json_walk *walk)
{
	struct text target = text_clean_str(fill->arena, health->conf->target);
	const struct json_ref key = { .kind = JSON_REF_KEY,
		.level = health->path.wildcards };
	struct json_found found = { .there = false };
	struct text parts[3];
	struct err err = ERR_INIT;

	/* A walk that ended early stands at no row. */
	if (key.level == 0 || json_walk_at(walk, key.level - 1) == NULL)
		return target;
	if (health->conf->name != NULL) {
		found = json_ref_find(&health->name, fill, walk, &err);
		if (!found.there)
			json_problem_add(fill, err.msg);
	}
	if (!found.there)
		found = json_ref_find(&key, fill, walk, &err);
	parts[0] = target;
	parts[1] = TEXT(" ");
	parts[2] = json_found_text(&found, fill);
	return text_join(fill->arena, parts, ARRAY_LEN(parts));
}

/* One of the places of a state. */
struct json_judged {
	struct map_judged map;
	struct json_found found;
};

static struct json_judged
json_judge(struct json_fill *fill, const struct json_health *health,
    const struct json_found *found)
{
	return (struct json_judged) {
		.map = map_judge(health->conf, &found->scalar, fill->wall_ms),
		.found = *found,
	};
}

/* The worst of all places; those that say nothing don't count. */
static struct json_judged
json_health_judge(struct json_fill *fill, const struct json_health *health,
    const struct json_walk *walk, const struct cJSON *v)
{
	struct json_found found = {
		.scalar = json_scalar(v), .v = v, .there = true
	};
	struct json_judged worst = json_judge(fill, health, &found), one;
	bool said = !map_is_empty(&found.scalar);
	struct err err = ERR_INIT;

	for (size_t i = 1; i < health->conf->state.from.count; i++) {
		found = json_ref_find(&health->others[i - 1], fill, walk, &err);
		if (!found.there &&
		    !(found.absent || health->conf->value.optional))
			json_problem_add(fill, err.msg);
		if (!found.there || map_is_empty(&found.scalar))
			continue;
		one = json_judge(fill, health, &found);
		if (!said || state_worst(one.map.state, worst.map.state) !=
				 worst.map.state)
			worst = one;
		said = true;
	}
	return worst;
}

static struct text
json_health_detail(struct json_fill *fill, const struct json_health *health,
    const struct json_walk *walk, const struct json_judged *judged)
{
	struct text value = json_found_text(&judged->found, fill), words;
	struct json_found more = { .there = false };
	struct err err = ERR_INIT;

	if (health->conf->detail != NULL) {
		more = json_ref_find(&health->detail, fill, walk, &err);
		if (!more.there && !more.absent)
			json_problem_add(fill, err.msg);
	}
	words = more.there ? json_found_text(&more, fill) : TEXT_EMPTY;
	return map_health_words(
	    fill->arena, health->conf, &judged->map, value, words);
}

void
json_health_fill(struct json_fill *fill, const struct json_health *health)
{
	struct json_walk walk;
	const struct cJSON *v;
	struct err err = ERR_INIT;

	json_walk_begin(&walk, &health->path, fill->root, &fill->work);
	while (json_walk_next(&walk, &v)) {
		struct json_judged judged;
		struct text target;

		if (v == NULL && health->conf->value.optional &&
		    json_walk_is_absent(&walk))
			continue;
		target = json_health_target(fill, health, &walk);
		if (v == NULL) {
			json_walk_why(&walk, &err);
			json_problem_add(fill, err.msg);
			build_health(fill->build, target, STATE_UNKNOWN,
			    text_ingest(fill->map->redactor, fill->arena,
				err.msg, strlen(err.msg), ERR_MSG_MAX),
			    -1);
			continue;
		}
		judged = json_health_judge(fill, health, &walk, v);
		build_health(fill->build, target, judged.map.state,
		    json_health_detail(fill, health, &walk, &judged), -1);
	}
}
