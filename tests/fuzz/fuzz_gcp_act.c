/*
 * A line that asks for a division of traffic, and a service as Google may
 * send it. Whatever they hold, parts are a hundred, and what a change puts
 * into the service is to be seen in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/gcp_run_split.h"
#include "actions/gcp_run_template.h"
#include "base/buf.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static struct cJSON *
parsed(const char *text)
{
	struct cJSON *root = NULL;

	check(json_parse(text, strlen(text), &root, NULL) == ERR_OK);
	return root;
}

/* A change, put into a copy of the service: it is asked for then. */
static void
check_edit(const struct run_edit *edit, const struct cJSON *doc,
    const struct cJSON *wants)
{
	struct cJSON *body = json_new_object(), *after = json_copy(doc);
	struct err err = ERR_INIT;

	(void)edit->shown(doc, wants);
	if (edit->put(doc, wants, body, &err) == ERR_OK) {
		json_remove(after, edit->mask);
		check(json_put(after, edit->mask,
		    json_copy(json_member(body, edit->mask))));
		check(edit->shown(after, wants) != RUN_ABSENT);
	} else {
		check(err.code == ERR_BADDATA && err.msg[0] != '\0');
	}
	json_free(body);
	json_free(after);
}

static void
check_split(const char *asked, const struct cJSON *doc)
{
	struct run_split now, to, again, none = { .count = 0 };
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT(64 * 1024);
	struct cJSON *wants;
	int total = 0;

	if (!run_split_read(doc, "traffic", &now))
		return;
	if (run_split_parse(asked, &now, &to, &err) != ERR_OK) {
		check(err.code == ERR_USAGE && err.msg[0] != '\0');
		return;
	}
	for (size_t i = 0; i < to.count; i++) {
		check(to.parts[i].percent > 0);
		total += to.parts[i].percent;
	}
	check(total == 100);
	run_split_text(&to, &text);
	check(run_split_parse(buf_cstr(&text), &none, &again, NULL) == ERR_OK);
	check(run_split_same(&to, &again));
	wants = run_split_wants(&to);
	check_edit(&run_split_edit, doc, wants);
	json_free(wants);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char env[] = "{\"A\":\"true\",\"B\":null,\"C\":\"\"}";
	static const char limits[] =
	    "{\"cpu\":\"2\",\"memory\":\"4Gi\",\"timeout\":\"60s\","
	    "\"concurrency\":\"5\",\"max_instances\":null,"
	    "\"min_instances\":\"1\"}";
	const char *bytes = (const char *)data;
	const char *lf = size > 0 ? memchr(bytes, '\n', size) : NULL;
	struct cJSON *doc = NULL, *wants;
	struct buf asked = BUF_INIT(64 * 1024);

	if (lf == NULL || !buf_add(&asked, bytes, (size_t)(lf - bytes)) ||
	    json_parse(lf + 1, size - (size_t)(lf - bytes) - 1, &doc, NULL) !=
		ERR_OK ||
	    !json_is_object(doc)) {
		json_free(doc);
		buf_release(&asked);
		return 0;
	}
	check_split(buf_cstr(&asked), doc);
	wants = parsed(env);
	check_edit(&run_env_edit, doc, wants);
	json_free(wants);
	wants = parsed(limits);
	check_edit(&run_limits_edit, doc, wants);
	json_free(wants);
	json_free(doc);
	buf_release(&asked);
	return 0;
}
