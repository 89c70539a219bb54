#include "actions/gcp_run_template.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"

static const char origin[] = "run";

static enum err_code
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, origin, "no memory");
}

struct text
run_template_words(struct arena *arena, const struct buf *different)
{
	return text_fmt(arena,
	    "{\"etag\", \"template\": as read, without its revision, with %s}",
	    different->failed ? "what the lines say" : buf_cstr(different));
}

/* Changes the template; false: no memory, or it has no such place. */
typedef bool template_fn(struct cJSON *template, const struct cJSON *wants);

static enum err_code
template_put(const struct cJSON *doc, const struct cJSON *wants,
    struct cJSON *body, template_fn *change, struct err *err)
{
	struct cJSON *template = json_copy(json_member(doc, "template"));

	if (!json_is_object(template) ||
	    !json_is_object(run_main_container(template))) {
		json_free(template);
		return err_set(err, ERR_BADDATA, origin,
		    "the service came without its template, or that without a "
		    "container");
	}
	/* That name is taken by what is there. */
	json_remove(template, "revision");
	if (!change(template, wants)) {
		json_free(template);
		return no_memory(err);
	}
	return json_put(body, "template", template) ? ERR_OK : no_memory(err);
}

/* The newest revision is the one that was asked for, and is ready. */
static bool
template_is_real(const struct cJSON *doc)
{
	const char *created =
	    run_base(json_member(doc, "latestCreatedRevision"));
	const char *ready = run_base(json_member(doc, "latestReadyRevision"));

	return run_doc_settled(doc) && created != NULL && ready != NULL &&
	       strcmp(created, ready) == 0;
}

static bool
put_text(struct cJSON *object, const char *key, const char *text)
{
	json_remove(object, key);
	return json_put(object, key, json_new_text(text, strlen(text)));
}

/* Another value of one that is there, or null: it goes. */
static bool
put_variable(struct cJSON *list, const struct cJSON *old, const char *name,
    const struct cJSON *want)
{
	const char *value = json_string(want);
	struct cJSON *one;

	if (value == NULL)
		return true;
	one = old != NULL ? json_copy(old) : json_new_object();
	if (one == NULL)
		return false;
	json_remove(one, "valueSource");
	if (!put_text(one, "name", name) || !put_text(one, "value", value)) {
		json_free(one);
		return false;
	}
	return json_put(list, NULL, one);
}

static bool
env_change(struct cJSON *template, const struct cJSON *wants)
{
	const struct cJSON *at = run_main_container(template), *v;
	struct cJSON *container = json_edit(template, at);
	struct cJSON *list = json_new_list();
	bool good = list != NULL && container != NULL;

	for (v = json_first(json_member(container, "env")); good && v != NULL;
	     v = json_next(v)) {
		const char *name = json_string(json_member(v, "name"));
		const struct cJSON *want =
		    name != NULL ? json_member(wants, name) : NULL;

		good = want != NULL ? put_variable(list, v, name, want)
				    : json_put(list, NULL, json_copy(v));
	}
	for (v = json_first(wants); good && v != NULL; v = json_next(v))
		if (run_env(template, json_name(v)) == NULL)
			good = put_variable(list, NULL, json_name(v), v);
	if (!good) {
		json_free(list);
		return false;
	}
	json_remove(container, "env");
	return json_put(container, "env", list);
}

static enum err_code
env_put(const struct cJSON *doc, const struct cJSON *wants, struct cJSON *body,
    struct err *err)
{
	return template_put(doc, wants, body, env_change, err);
}

static enum run_shown
env_shown(const struct cJSON *doc, const struct cJSON *wants)
{
	const struct cJSON *template = json_member(doc, "template");

	for (const struct cJSON *v = json_first(wants); v != NULL;
	     v = json_next(v)) {
		const struct cJSON *now = run_env(template, json_name(v));
		const char *want = json_string(v);
		const char *value = json_string(json_member(now, "value"));

		/* An empty value is left out of what Google sends. */
		if (now != NULL && value == NULL &&
		    json_member(now, "valueSource") == NULL)
			value = "";
		if (want == NULL ? now != NULL
				 : value == NULL || strcmp(value, want) != 0)
			return RUN_ABSENT;
	}
	return template_is_real(doc) ? RUN_REAL : RUN_ASKED;
}

const struct run_edit run_env_edit = {
	.mask = "template",
	.revision = true,
	.proof = true,
	.put = env_put,
	.shown = env_shown,
};

static const char *
number_now(const struct cJSON *v, char out[32])
{
	int64_t n;

	if (!json_int(v, &n) || n == 0)
		return NULL;
	snprintf(out, 32, "%lld", (long long)n);
	return out;
}

const char *
run_limit_now(const struct cJSON *template, const char *name, char out[32])
{
	const struct cJSON *scaling = json_member(template, "scaling");
	const char *text;

	if (strcmp(name, RUN_CONCURRENCY) == 0)
		return number_now(
		    json_member(template, "maxInstanceRequestConcurrency"),
		    out);
	if (strcmp(name, RUN_MIN) == 0)
		return number_now(
		    json_member(scaling, "minInstanceCount"), out);
	if (strcmp(name, RUN_MAX) == 0)
		return number_now(
		    json_member(scaling, "maxInstanceCount"), out);
	text = strcmp(name, RUN_TIMEOUT) == 0
		   ? json_string(json_member(template, "timeout"))
		   : run_limit(template, name);
	if (text == NULL || strlen(text) >= 32)
		return NULL;
	memcpy(out, text, strlen(text) + 1);
	return out;
}

bool
run_limit_same(const char *name, const char *a, const char *b)
{
	double x, y;
	int64_t s, t;

	/* Google leaves out what is 0. */
	if (strcmp(name, RUN_MIN) == 0) {
		a = a != NULL ? a : "0";
		b = b != NULL ? b : "0";
	}
	if (a == NULL || b == NULL)
		return a == b;
	if (strcmp(name, RUN_TIMEOUT) == 0)
		return num_parse_duration(a, strlen(a), &s) &&
		       num_parse_duration(b, strlen(b), &t) && s == t;
	return run_quantity(a, &x) && run_quantity(b, &y) && fabs(x - y) < 1e-6;
}

/* The object under key, made if there is none; NULL: no memory. */
static struct cJSON *
child_of(struct cJSON *parent, const char *key)
{
	struct cJSON *child = json_edit(parent, json_member(parent, key));

	if (json_is_object(child))
		return child;
	json_remove(parent, key);
	child = json_new_object();
	return json_put(parent, key, child) ? child : NULL;
}

/* limits of the container. What is new gets CPU while it serves only, which
 * is Google's default for a service that says nothing. */
static struct cJSON *
limits_of(struct cJSON *template)
{
	struct cJSON *container =
	    json_edit(template, run_main_container(template));
	bool fresh = json_member(container, "resources") == NULL;
	struct cJSON *resources =
	    container != NULL ? child_of(container, "resources") : NULL;

	if (resources == NULL ||
	    (fresh && !json_put(resources, "cpuIdle", json_new_bool(true))))
		return NULL;
	return child_of(resources, "limits");
}

static bool
put_number(struct cJSON *object, const char *key, const char *text)
{
	int64_t n;

	if (object == NULL)
		return false;
	json_remove(object, key);
	if (text == NULL)
		return true;
	return num_parse_i64(text, strlen(text), &n) &&
	       json_put(object, key, json_new_number((double)n));
}

static bool
put_limit(struct cJSON *template, const char *name, const char *want)
{
	struct cJSON *at;

	if (strcmp(name, RUN_CONCURRENCY) == 0)
		return put_number(
		    template, "maxInstanceRequestConcurrency", want);
	if (strcmp(name, RUN_MIN) == 0)
		return put_number(
		    child_of(template, "scaling"), "minInstanceCount", want);
	if (strcmp(name, RUN_MAX) == 0)
		return put_number(
		    child_of(template, "scaling"), "maxInstanceCount", want);
	at = strcmp(name, RUN_TIMEOUT) == 0 ? template : limits_of(template);
	if (at == NULL)
		return false;
	json_remove(at, name);
	return want == NULL || put_text(at, name, want);
}

static bool
limits_change(struct cJSON *template, const struct cJSON *wants)
{
	for (const struct cJSON *v = json_first(wants); v != NULL;
	     v = json_next(v))
		if (!put_limit(template, json_name(v), json_string(v)))
			return false;
	return true;
}

static enum err_code
limits_put(const struct cJSON *doc, const struct cJSON *wants,
    struct cJSON *body, struct err *err)
{
	return template_put(doc, wants, body, limits_change, err);
}

static enum run_shown
limits_shown(const struct cJSON *doc, const struct cJSON *wants)
{
	const struct cJSON *template = json_member(doc, "template");
	char now[32];

	for (const struct cJSON *v = json_first(wants); v != NULL;
	     v = json_next(v)) {
		const char *name = json_name(v), *want = json_string(v);

		/* Google fills in its own where nothing is said. */
		if (want != NULL &&
		    !run_limit_same(
			name, run_limit_now(template, name, now), want))
			return RUN_ABSENT;
	}
	return template_is_real(doc) ? RUN_REAL : RUN_ASKED;
}

const struct run_edit run_limits_edit = {
	.mask = "template",
	.revision = true,
	.proof = true,
	.put = limits_put,
	.shown = limits_shown,
};
