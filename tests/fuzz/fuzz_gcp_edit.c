/*
 * A Cloud Run service as anybody may send it, and what is made of it for a
 * change: the body has the etag and the one part that the mask names, no more
 * than what is wanted is different there, and what was sent is seen again
 * when it comes back.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/gcp_run_split.h"
#include "actions/gcp_run_template.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One kind of change, what it is to be, and what it may touch. */
struct edit_case {
	const struct run_edit *edit;
	const char *wants;
	const char *of_template[4];
	const char *of_container[2];
};

static const struct edit_case cases[] = {
	{ &run_env_edit, "{\"A\":\"1\",\"B\":null,\"C\":\"\"}", { NULL },
	    { "env", NULL } },
	{ &run_limits_edit,
	    "{\"memory\":\"2Gi\",\"cpu\":null,\"timeout\":\"60s\","
	    "\"concurrency\":\"8\",\"min_instances\":\"0\","
	    "\"max_instances\":null}",
	    { "scaling", "timeout", "maxInstanceRequestConcurrency", NULL },
	    { "resources", NULL } },
	{ &run_split_edit, "{\"web-1\":30,\"LATEST\":70}", { NULL },
	    { NULL, NULL } },
};

static void
check(bool good)
{
	if (!good)
		abort();
}

/* The template without what the change may touch. */
static struct cJSON *
rest_of(const struct cJSON *template, const struct edit_case *c)
{
	struct cJSON *copy = json_copy(template);
	struct cJSON *container = json_edit(copy, run_main_container(copy));

	json_remove(copy, "revision");
	for (size_t i = 0; c->of_template[i] != NULL; i++)
		json_remove(copy, c->of_template[i]);
	for (size_t i = 0; c->of_container[i] != NULL; i++)
		json_remove(container, c->of_container[i]);
	return copy;
}

/* What has a key twice, or 1e999, is not even like its copy. */
static bool
is_odd(const struct cJSON *v)
{
	struct cJSON *twin = json_copy(v);
	bool odd = !cJSON_Compare(v, twin, true);

	json_free(twin);
	return odd;
}

/* Variables that nobody named are there as they were, in their order. */
static void
check_others(const struct cJSON *before, const struct cJSON *after,
    const struct cJSON *wants)
{
	const struct cJSON *v =
	    json_first(json_member(run_main_container(before), "env"));
	const struct cJSON *at =
	    json_first(json_member(run_main_container(after), "env"));

	for (; v != NULL; v = json_next(v)) {
		const char *name = json_string(json_member(v, "name"));

		if (is_odd(v) ||
		    (name != NULL && json_member(wants, name) != NULL))
			continue;
		while (at != NULL && !cJSON_Compare(v, at, true))
			at = json_next(at);
		check(at != NULL);
		at = json_next(at);
	}
}

static void
check_template(const struct cJSON *before, const struct cJSON *after,
    const struct edit_case *c, const struct cJSON *wants)
{
	struct cJSON *old = rest_of(before, c), *new = rest_of(after, c);

	check(json_member(after, "revision") == NULL);
	if (!is_odd(old)) {
		check(cJSON_Compare(old, new, true));
		if (c->edit == &run_env_edit)
			check_others(before, after, wants);
	}
	json_free(old);
	json_free(new);
}

static void
check_edit(const struct cJSON *doc, const struct edit_case *c)
{
	struct cJSON *wants = NULL, *body = json_new_object();
	struct cJSON *came = json_copy(doc);
	struct err err = ERR_INIT;

	check(json_parse(c->wants, strlen(c->wants), &wants, NULL) == ERR_OK);
	if (c->edit->put(doc, wants, body, &err) == ERR_OK) {
		const struct cJSON *part = json_member(body, c->edit->mask);

		check(json_count(body) == 1 && part != NULL);
		if (c->edit != &run_split_edit)
			check_template(
			    json_member(doc, c->edit->mask), part, c, wants);
		json_remove(came, c->edit->mask);
		check(json_put(came, c->edit->mask, json_copy(part)));
		check(c->edit->shown(came, wants) != RUN_ABSENT);
	} else {
		check(err.msg[0] != '\0');
	}
	json_free(wants);
	json_free(body);
	json_free(came);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cJSON *root = NULL;
	struct run_split split;

	if (json_parse(data, size, &root, NULL) != ERR_OK)
		return 0;
	for (size_t i = 0; json_is_object(root) && i < ARRAY_LEN(cases); i++) {
		/* Of traffic that can't be read there is no plan. */
		if (cases[i].edit != &run_split_edit ||
		    run_split_read(root, "traffic", &split))
			check_edit(root, &cases[i]);
	}
	json_free(root);
	return 0;
}
