#include "datasrc/gcp_run.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/num.h"
#include "base/opt.h"
#include "base/redact.h"
#include "datasrc/gcp_value.h"
#include "datasrc/limits.h"

const char *
run_base(const struct cJSON *v)
{
	const char *s = json_string(v);
	const char *slash = s != NULL ? strrchr(s, '/') : NULL;

	return slash != NULL ? slash + 1 : s;
}

const struct cJSON *
run_main_container(const struct cJSON *spec)
{
	const struct cJSON *first = json_first(json_member(spec, "containers"));
	const struct cJSON *v = first;

	for (; v != NULL; v = json_next(v)) {
		if (json_first(json_member(v, "ports")) != NULL)
			return v;
	}
	return first;
}

const char *
run_limit(const struct cJSON *spec, const char *key)
{
	const struct cJSON *resources =
	    json_member(run_main_container(spec), "resources");

	return json_string(json_member(json_member(resources, "limits"), key));
}

const char *
run_switch_other(const char *value)
{
	static const char *const pairs[][2] = { { "true", "false" },
		{ "on", "off" }, { "yes", "no" }, { "enabled", "disabled" },
		{ "1", "0" }, { "TRUE", "FALSE" }, { "True", "False" },
		{ "ON", "OFF" } };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(value, pairs[i][0]) == 0)
			return pairs[i][1];
		if (strcmp(value, pairs[i][1]) == 0)
			return pairs[i][0];
	}
	return NULL;
}

bool
run_is_switch(const char *value)
{
	static const char *const words[] = { "true", "false", "on", "off",
		"yes", "no", "enabled", "disabled", "0", "1" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

const struct cJSON *
run_env(const struct cJSON *spec, const char *name)
{
	const struct cJSON *v =
	    json_first(json_member(run_main_container(spec), "env"));

	for (; v != NULL; v = json_next(v)) {
		const char *its = json_string(json_member(v, "name"));

		if (its != NULL && strcmp(its, name) == 0)
			return v;
	}
	return NULL;
}

static struct gcp_value
value_of(const struct run_reader *r)
{
	return (struct gcp_value) { .redactor = r->redactor,
		.arena = r->arena,
		.wall_ms = r->wall_ms };
}

static struct text
read_text(const struct run_reader *r, const struct cJSON *v, const char *key)
{
	const struct gcp_value to = value_of(r);

	return gcp_value_text(&to, v, key);
}

static struct text
read_base(const struct run_reader *r, const struct cJSON *v, const char *key)
{
	const struct gcp_value to = value_of(r);

	return gcp_value_base(&to, v, key);
}

static double
read_time(const struct run_reader *r, const struct cJSON *v, const char *key)
{
	const struct gcp_value to = value_of(r);

	return gcp_value_time(&to, v, key);
}

bool
run_quantity(const char *s, double *ret_value)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {
		{ "", 1 },
		{ "m", 0.001 },
		{ "k", 1e3 },
		{ "M", 1e6 },
		{ "G", 1e9 },
		{ "Ki", 1024 },
		{ "Mi", 1024.0 * 1024 },
		{ "Gi", 1024.0 * 1024 * 1024 },
	};
	size_t digits = strspn(s, "0123456789.");
	double value;

	if (!num_parse_double(s, digits, &value))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(s + digits, units[i].suffix) == 0) {
			*ret_value = value * units[i].factor;
			return true;
		}
	}
	return false;
}

static double
read_limit(const struct cJSON *spec, const char *key)
{
	const char *s = run_limit(spec, key);
	double value;

	return s != NULL && run_quantity(s, &value) ? value : NAN;
}

static bool
is_flag(const struct run_reader *r, const char *name)
{
	for (size_t i = 0; r->flags != NULL && i < r->flags->count; i++) {
		if (strcmp(r->flags->items[i], name) == 0)
			return true;
	}
	return false;
}

static struct run_variable
read_variable(const struct run_reader *r, const struct cJSON *v)
{
	const struct cJSON *secret =
	    json_member(json_member(v, "valueSource"), "secretKeyRef");
	const char *name = json_string(json_member(v, "name"));
	const char *value = json_string(json_member(v, "value"));
	struct run_variable variable = { .name = read_text(r, v, "name"),
		.value = TEXT("set, not shown") };

	if (secret != NULL) {
		const struct text parts[] = { TEXT("secret "),
			read_base(r, secret, "secret"), TEXT(" version "),
			read_text(r, secret, "version") };

		variable.value = text_join(r->arena, parts, ARRAY_LEN(parts));
	} else if (value == NULL || value[0] == '\0') {
		variable.value = TEXT("empty");
	} else if (run_is_switch(value) || (name != NULL && is_flag(r, name))) {
		variable.value = read_text(r, v, "value");
		variable.shown = true;
	}
	return variable;
}

static struct text
image_version(const struct run_reader *r, const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *digest = strstr(image, "@sha256:");
	const char *tag = strchr(slash != NULL ? slash : image, ':');
	size_t len;

	if (digest != NULL) {
		digest += strlen("@sha256:");
		len = strlen(digest);
		return text_ingest(r->redactor, r->arena, digest,
		    len < GCP_DIGEST_SHOWN ? len : GCP_DIGEST_SHOWN,
		    JSON_TEXT_MAX);
	}
	return tag != NULL ? text_ingest(r->redactor, r->arena, tag + 1,
				 strlen(tag + 1), JSON_TEXT_MAX)
			   : TEXT_EMPTY;
}

static void
read_variables(const struct run_reader *r, const struct cJSON *container,
    struct run_spec *spec)
{
	const struct cJSON *v = json_first(json_member(container, "env"));
	size_t count = json_count(json_member(container, "env"));
	struct run_variable *list;

	if (count > GCP_VARIABLES_MAX)
		count = GCP_VARIABLES_MAX;
	list = arena_array(r->arena, count, sizeof(*list));
	if (list == NULL)
		return;
	spec->variables = list;
	for (; v != NULL && spec->variable_count < count; v = json_next(v))
		list[spec->variable_count++] = read_variable(r, v);
}

static void
read_spec(
    const struct run_reader *r, const struct cJSON *v, struct run_spec *ret)
{
	const struct cJSON *container = run_main_container(v);
	const struct cJSON *scaling = json_member(v, "scaling");
	const char *image = json_string(json_member(container, "image"));

	*ret = (struct run_spec) {
		.image = read_text(r, container, "image"),
		.version = TEXT_EMPTY,
		.cpu = read_limit(v, "cpu"),
		.memory = read_limit(v, "memory"),
		.min = gcp_value_number(scaling, "minInstanceCount", 0),
		.max = gcp_value_number(scaling, "maxInstanceCount", NAN),
		.concurrency =
		    gcp_value_number(v, "maxInstanceRequestConcurrency", NAN),
	};
	if (image != NULL)
		ret->version = image_version(r, image);
	read_variables(r, container, ret);
}

static struct run_condition
read_condition(const struct run_reader *r, const struct cJSON *v)
{
	const char *state = json_string(json_member(v, "state"));
	const char *severity = json_string(json_member(v, "severity"));
	struct run_condition c = { .type = read_text(r, v, "type"),
		.state = STATE_WARN,
		.word = TEXT("pending"),
		.reason = read_text(r, v, "reason"),
		.message = read_text(r, v, "message"),
		.since_ms = read_time(r, v, "lastTransitionTime") };

	if (c.reason.len == 0)
		c.reason = read_text(r, v, "revisionReason");
	if (state == NULL) {
		c.state = STATE_UNKNOWN;
		c.word = TEXT("unknown");
	} else if (strcmp(state, "CONDITION_SUCCEEDED") == 0) {
		c.state = STATE_OK;
		c.word = TEXT("ready");
	} else if (strcmp(state, "CONDITION_FAILED") == 0) {
		c.state = STATE_CRIT;
		c.word = TEXT("failed");
	} else if (strcmp(state, "CONDITION_RECONCILING") == 0) {
		c.word = TEXT("deploying");
	}
	/* "Active: failed" of a revision without traffic is only a remark. */
	if (c.state != STATE_OK && severity != NULL &&
	    strcmp(severity, "INFO") == 0)
		c.state = STATE_OK;
	return c;
}

static const struct run_condition *
read_conditions(
    const struct run_reader *r, const struct cJSON *v, size_t *ret_count)
{
	const struct cJSON *last = json_member(v, "terminalCondition");
	const struct cJSON *item = json_first(json_member(v, "conditions"));
	struct run_condition *list =
	    arena_array(r->arena, GCP_CONDITIONS_MAX, sizeof(*list));
	size_t n = 0;

	if (list == NULL)
		return NULL;
	if (json_is_object(last))
		list[n++] = read_condition(r, last);
	for (; item != NULL && n < GCP_CONDITIONS_MAX; item = json_next(item))
		list[n++] = read_condition(r, item);
	*ret_count = n;
	return list;
}

static struct run_share
read_share(const struct run_reader *r, const struct cJSON *v, struct text ready)
{
	const char *type = json_string(json_member(v, "type"));
	struct run_share share = { .revision = read_base(r, v, "revision"),
		.tag = read_text(r, v, "tag"),
		.percent = gcp_value_number(v, "percent", 0),
		.latest = type != NULL && strstr(type, "LATEST") != NULL };

	if (share.latest)
		share.revision = ready;
	return share;
}

static void
read_shares(const struct run_reader *r, const struct cJSON *v,
    struct run_service *service)
{
	const struct cJSON *list = json_member(v, "trafficStatuses"), *item;
	struct run_share *shares;
	size_t count;

	if (json_first(list) == NULL)
		list = json_member(v, "traffic");
	count = json_count(list);
	if (count > GCP_SHARES_MAX)
		count = GCP_SHARES_MAX;
	shares = arena_array(r->arena, count, sizeof(*shares));
	if (shares == NULL)
		return;
	service->shares = shares;
	service->pinned = count != 0;
	for (item = json_first(list);
	     item != NULL && service->share_count < count;
	     item = json_next(item)) {
		struct run_share *share = &shares[service->share_count++];

		*share = read_share(r, item, service->ready);
		if (share->latest && share->percent > 0)
			service->pinned = false;
	}
}

/* How a service is, from what is read of it already. */
static void
judge_service(
    const struct run_reader *r, const struct cJSON *v, struct run_service *s)
{
	const struct run_condition *bad = NULL;
	bool busy = false;

	for (size_t i = 0; i < s->condition_count; i++) {
		const struct run_condition *c = &s->conditions[i];

		if (c->state != STATE_OK &&
		    (bad == NULL ||
			state_worst(bad->state, c->state) != bad->state))
			bad = c;
	}
	busy = json_bool(json_member(v, "reconciling"), &busy) && busy;
	s->state = STATE_OK;
	s->word = TEXT("ready");
	if (s->condition_count == 0) {
		s->state = STATE_UNKNOWN;
		s->word = TEXT("unknown");
	} else if (bad != NULL && bad->state == STATE_CRIT) {
		s->state = STATE_CRIT;
		s->word = TEXT("failed");
	} else if (busy || bad != NULL || s->generation != s->observed) {
		s->state = STATE_WARN;
		s->word = TEXT("deploying");
	}
	if (bad != NULL) {
		const struct text parts[] = { bad->type, TEXT(" "), bad->word,
			text_lit(bad->message.len != 0 ? ": " : ""),
			bad->message };

		s->detail = text_join(r->arena, parts, ARRAY_LEN(parts));
	} else if (s->created.len != 0 && !text_eq(s->created, s->ready)) {
		const struct text parts[] = { s->created,
			TEXT(" is not ready; "), s->ready,
			TEXT(" is the latest that is") };

		s->state = state_worst(s->state, STATE_WARN);
		s->detail = text_join(r->arena, parts, ARRAY_LEN(parts));
	} else if (s->pinned && !(run_share_of(s, s->ready) > 0)) {
		const struct text parts[] = { TEXT("pinned: "), s->ready,
			TEXT(" is ready and gets no traffic") };

		s->detail = text_join(r->arena, parts, ARRAY_LEN(parts));
	}
}

static struct text
service_key(const struct run_reader *r, struct text name)
{
	const struct text parts[] = { text_clean_str(r->arena, r->region),
		TEXT("/"), name };

	return r->regions ? text_join(r->arena, parts, ARRAY_LEN(parts)) : name;
}

bool
run_service_read(
    const struct run_reader *r, const struct cJSON *v, struct run_service *ret)
{
	const struct cJSON *scaling = json_member(v, "scaling");
	struct run_service s = { .name = read_base(r, v, "name"),
		.detail = TEXT_EMPTY };

	if (s.name.len == 0)
		return false;
	s.key = service_key(r, s.name);
	s.generation = gcp_value_number(v, "generation", 0);
	s.observed = gcp_value_number(v, "observedGeneration", 0);
	s.ready = read_base(r, v, "latestReadyRevision");
	s.created = read_base(r, v, "latestCreatedRevision");
	read_spec(r, json_member(v, "template"), &s.spec);
	s.min = gcp_value_number(scaling, "minInstanceCount", s.spec.min);
	s.max = gcp_value_number(scaling, "maxInstanceCount", s.spec.max);
	s.who = read_text(r, v, "lastModifier");
	s.changed_ms = read_time(r, v, "updateTime");
	s.conditions = read_conditions(r, v, &s.condition_count);
	read_shares(r, v, &s);
	judge_service(r, v, &s);
	*ret = s;
	return !arena_failed(r->arena);
}

bool
run_revision_read(
    const struct run_reader *r, const struct cJSON *v, struct run_revision *ret)
{
	struct run_revision rev = { .name = read_base(r, v, "name"),
		.service = read_base(r, v, "service"),
		.state = STATE_UNKNOWN,
		.word = TEXT("unknown"),
		.detail = TEXT_EMPTY };
	const struct run_condition *conditions;
	struct text parts[3];
	size_t count = 0;

	if (rev.name.len == 0)
		return false;
	rev.service_key = service_key(r, rev.service);
	parts[0] = rev.service_key;
	parts[1] = TEXT("/");
	parts[2] = rev.name;
	rev.key = text_join(r->arena, parts, ARRAY_LEN(parts));
	rev.created_ms = read_time(r, v, "createTime");
	read_spec(r, v, &rev.spec);
	rev.who = read_text(r, v, "creator");
	conditions = read_conditions(r, v, &count);
	for (size_t i = 0; i < count; i++) {
		if (!text_eq(conditions[i].type, TEXT("Ready")))
			continue;
		rev.state = conditions[i].state;
		rev.word = conditions[i].word;
		rev.detail = conditions[i].message;
	}
	*ret = rev;
	return !arena_failed(r->arena);
}

double
run_share_of(const struct run_service *service, struct text revision)
{
	double percent = service->share_count != 0 ? 0 : NAN;

	for (size_t i = 0; i < service->share_count; i++) {
		if (text_eq(service->shares[i].revision, revision))
			percent += service->shares[i].percent;
	}
	return percent;
}
