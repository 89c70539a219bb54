#include "base/json_out.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "base/clock.h"

cJSON *
json_out_open(struct json_out *out)
{
	cJSON *root = cJSON_CreateObject();

	if (root == NULL)
		out->failed = true;
	return root;
}

enum err_code
json_out_close(struct json_out *out, cJSON *root, struct buf *to)
{
	enum err_code code = ERR_NOMEM;
	char *text = NULL;

	if (!out->failed)
		text = cJSON_PrintUnformatted(root);
	if (text != NULL)
		code = buf_str(to, text) ? ERR_OK : ERR_TOOBIG;
	cJSON_free(text);
	cJSON_Delete(root);
	return code;
}

void
json_out_text(
    struct json_out *out, cJSON *to, const char *key, struct text text)
{
	buf_clear(out->scratch);
	if (!text_plain(out->scratch, text) ||
	    cJSON_AddStringToObject(to, key, buf_cstr(out->scratch)) == NULL)
		out->failed = true;
}

void
json_out_str(struct json_out *out, cJSON *to, const char *key, const char *s)
{
	if (cJSON_AddStringToObject(to, key, s) == NULL)
		out->failed = true;
}

void
json_out_raw(
    struct json_out *out, struct cJSON *to, const char *key, const char *json)
{
	if (cJSON_AddRawToObject(to, key, json) == NULL)
		out->failed = true;
}

void
json_out_num(struct json_out *out, cJSON *to, const char *key, double value)
{
	const cJSON *item = isfinite(value)
				? cJSON_AddNumberToObject(to, key, value)
				: cJSON_AddNullToObject(to, key);

	if (item == NULL)
		out->failed = true;
}

void
json_out_ms(struct json_out *out, cJSON *to, const char *key, int64_t ns)
{
	json_out_num(out, to, key,
	    ns < 0 ? NAN : (double)(ns / (NS_PER_MS / 1000)) / 1000);
}

void
json_out_time(struct json_out *out, cJSON *to, const char *key, int64_t wall_ms)
{
	char text[CLOCK_RFC3339_LEN];

	json_out_str(out, to, key, clock_rfc3339(wall_ms, text));
}

cJSON *
json_out_list(struct json_out *out, cJSON *to, const char *key)
{
	cJSON *list = cJSON_AddArrayToObject(to, key);

	if (list == NULL)
		out->failed = true;
	return list;
}

cJSON *
json_out_map(struct json_out *out, cJSON *to, const char *key)
{
	cJSON *map = cJSON_AddObjectToObject(to, key);

	if (map == NULL)
		out->failed = true;
	return map;
}

static bool
json_out_append(struct json_out *out, cJSON *list, cJSON *item)
{
	if (item != NULL && cJSON_AddItemToArray(list, item))
		return true;
	cJSON_Delete(item);
	out->failed = true;
	return false;
}

cJSON *
json_out_row(struct json_out *out, cJSON *list)
{
	cJSON *row = cJSON_CreateObject();

	return json_out_append(out, list, row) ? row : NULL;
}

void
json_out_item(struct json_out *out, cJSON *list, struct text text)
{
	buf_clear(out->scratch);
	if (!text_plain(out->scratch, text))
		out->failed = true;
	else
		json_out_append(
		    out, list, cJSON_CreateString(buf_cstr(out->scratch)));
}
