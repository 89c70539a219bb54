/*
 * A change of a Cloud Run service as the practice world takes it: the mask
 * is the first line, the body is the rest. What is taken and merged is
 * accepted again, and changes nothing the second time.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "sim/gcp_mask.h"
#include "sim/gcp_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char service[] =
    "{\"name\":\"n\",\"labels\":{\"a\":\"b\"},\"template\":{\"containers\":"
    "[{\"image\":\"i\"}]},\"traffic\":[{\"percent\":100}]}";

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
merge_twice(cJSON *body, const struct gcp_mask *mask)
{
	cJSON *doc = cJSON_Parse(service), *again;
	struct gcp_fault_at fault;

	gcp_mask_merge(doc, body, &gcp_run_service, mask);
	check(gcp_body_take(body, &gcp_run_service, &fault),
	    "what was taken is refused");
	again = cJSON_Duplicate(doc, true);
	gcp_mask_merge(again, body, &gcp_run_service, mask);
	check(cJSON_Compare(doc, again, true), "the second time is different");
	cJSON_Delete(again);
	cJSON_Delete(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1), *line;
	struct gcp_fault_at fault;
	struct gcp_mask mask;
	cJSON *body = NULL;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	line = strchr(text, '\n');
	if (line != NULL)
		*line++ = '\0';
	if (line != NULL &&
	    gcp_mask_parse(text, &gcp_run_service, &mask, &fault) &&
	    json_parse(line, strlen(line), &body, NULL) == ERR_OK) {
		if (gcp_body_take(body, &gcp_run_service, &fault))
			merge_twice(body, &mask);
		else
			check(
			    fault.field[0] != '\0', "refused without a place");
	}
	json_free(body);
	mem_free(text);
	return 0;
}
