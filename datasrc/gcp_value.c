#include "datasrc/gcp_value.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/num.h"
#include "base/redact.h"
#include "datasrc/json_value.h"
#include "datasrc/limits.h"

struct text
gcp_value_text(
    const struct gcp_value *to, const struct cJSON *v, const char *key)
{
	const struct cJSON *of = json_member(v, key);

	/* A list or map here would read "[3 values]", which is no name. */
	return json_string(of) != NULL ? json_text(to->redactor, to->arena, of)
				       : TEXT_EMPTY;
}

struct text
gcp_value_base(
    const struct gcp_value *to, const struct cJSON *v, const char *key)
{
	const char *s = json_string(json_member(v, key)), *slash;

	if (s == NULL)
		return TEXT_EMPTY;
	slash = strrchr(s, '/');
	if (slash != NULL)
		s = slash + 1;
	return text_ingest(
	    to->redactor, to->arena, s, strlen(s), JSON_TEXT_MAX);
}

double
gcp_value_number(const struct cJSON *v, const char *key, double absent)
{
	const struct cJSON *of = json_member(v, key);
	const char *s = json_string(of);
	double value;
	int64_t i;

	if (of == NULL)
		return absent;
	if (json_double(of, &value))
		return value;
	if (s != NULL && num_parse_i64(s, strlen(s), &i))
		return (double)i;
	return NAN;
}

double
gcp_value_time(
    const struct gcp_value *to, const struct cJSON *v, const char *key)
{
	const struct map_scalar scalar = json_scalar(json_member(v, key));
	double ms;

	return map_value_time(&scalar, to->wall_ms, &ms) ? ms : NAN;
}

struct text
gcp_value_word(
    const struct gcp_value *to, const struct cJSON *v, const char *key)
{
	const char *s = json_string(json_member(v, key));
	char word[GCP_WORD_MAX];
	size_t n = 0;

	for (; s != NULL && s[n] != '\0' && n + 1 < sizeof(word); n++) {
		word[n] = s[n];
		if (s[n] >= 'A' && s[n] <= 'Z')
			word[n] = (char)(s[n] - 'A' + 'a');
		else if (s[n] == '_')
			word[n] = ' ';
	}
	return n > 0 ? text_ingest(
			   to->redactor, to->arena, word, n, JSON_TEXT_MAX)
		     : TEXT("unknown");
}
