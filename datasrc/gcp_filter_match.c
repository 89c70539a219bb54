#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "base/regex.h"
#include "datasrc/gcp_filter_impl.h"
#include "datasrc/json_value.h"

int
gcp_severity_rank(const char *word)
{
	static const char *const words[] = { "DEFAULT", "DEBUG", "INFO",
		"NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT",
		"EMERGENCY" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

static enum gcp_filter_result
yes_if(bool yes)
{
	return yes ? GCP_FILTER_YES : GCP_FILTER_NO;
}

static bool
contains(const char *s, const char *what)
{
	size_t len = strlen(what), from = 0, left = strlen(s);

	for (; left >= len; from++, left--) {
		if (strncasecmp(s + from, what, len) == 0)
			return true;
	}
	return false;
}

/* Where a is against b: below 0, 0 or above 0. */
static bool
order_holds(enum gcp_op op, double order)
{
	switch (op) {
	case GCP_OP_EQ:
		return order == 0;
	case GCP_OP_NE:
		return order != 0;
	case GCP_OP_GT:
		return order > 0;
	case GCP_OP_GE:
		return order >= 0;
	case GCP_OP_LT:
		return order < 0;
	case GCP_OP_LE:
		return order <= 0;
	default:
		return false;
	}
}

/* Rank of a severity, which may be given as its number. */
static double
severity_of(const char *word)
{
	int64_t number;

	if (num_parse_i64(word, strlen(word), &number))
		return (double)number / 100;
	return gcp_severity_rank(word);
}

/* Both as times, both as spans, or as texts. */
static double
order_of_texts(const char *a, const char *b)
{
	const struct map_scalar left = {
		.kind = MAP_SCALAR_TEXT, .s = a, .len = strlen(a)
	};
	const struct map_scalar right = {
		.kind = MAP_SCALAR_TEXT, .s = b, .len = strlen(b)
	};
	int64_t ns_a, ns_b;
	double ms_a, ms_b;

	if (num_parse_duration(a, left.len, &ns_a) &&
	    num_parse_duration(b, right.len, &ns_b))
		return (double)(ns_a - ns_b);
	if (left.len > 10 && right.len >= 10 &&
	    map_value_time(&left, 0, &ms_a) && !isnan(ms_a) &&
	    map_value_time(&right, 0, &ms_b) && !isnan(ms_b))
		return ms_a - ms_b;
	return strcasecmp(a, b);
}

static enum gcp_filter_result
text_matches(const struct gcp_node *node, const char *s)
{
	enum regex_result result;
	double number;

	switch (node->op) {
	case GCP_OP_EXISTS:
		return GCP_FILTER_YES;
	case GCP_OP_HAS:
		return yes_if(contains(s, node->value));
	case GCP_OP_MATCH:
	case GCP_OP_NO_MATCH:
		result = regex_match(node->regex, s, strlen(s), 0, NULL, NULL);
		if (result == REGEX_TOO_COSTLY)
			return GCP_FILTER_COSTLY;
		return yes_if(
		    (result == REGEX_MATCH) == (node->op == GCP_OP_MATCH));
	default:
		break;
	}
	if (strcasecmp(node->field->steps[0], "severity") == 0)
		return yes_if(order_holds(
		    node->op, severity_of(s) - severity_of(node->value)));
	/* 64-bit numbers come as texts. */
	if (node->is_number && num_parse_double(s, strlen(s), &number))
		return yes_if(order_holds(node->op, number - node->number));
	return yes_if(order_holds(node->op, order_of_texts(s, node->value)));
}

/* Any of several values is enough. */
static enum gcp_filter_result
any_of(enum gcp_filter_result a, enum gcp_filter_result b)
{
	if (a == GCP_FILTER_YES || b == GCP_FILTER_YES)
		return GCP_FILTER_YES;
	return a == GCP_FILTER_COSTLY ? a : b;
}

static enum gcp_filter_result
value_matches(const struct gcp_node *node, const struct cJSON *v)
{
	enum gcp_filter_result result = GCP_FILTER_NO;
	struct buf shown = BUF_INIT(JSON_NUMBER_MAX);
	const struct cJSON *item;

	if (json_is_null(v))
		return GCP_FILTER_NO;
	if (node->op == GCP_OP_EXISTS)
		return GCP_FILTER_YES;
	if (json_string(v) != NULL)
		return text_matches(node, json_string(v));
	if (json_is_array(v) || json_is_object(v)) {
		/* "labels:env" asks for a key, "jsonPayload:x" for any value.
		 */
		for (item = json_first(v);
		     item != NULL && result != GCP_FILTER_YES;
		     item = json_next(item)) {
			if (json_is_object(v) && node->op != GCP_OP_HAS)
				break;
			if (json_is_object(v) &&
			    strcasecmp(json_name(item), node->value) == 0)
				return GCP_FILTER_YES;
			result = any_of(result, value_matches(node, item));
		}
		return result;
	}
	if (json_show(&shown, v))
		result = text_matches(node, buf_cstr(&shown));
	buf_release(&shown);
	return result;
}

static const struct cJSON *
member_of(const struct cJSON *v, const char *name)
{
	const struct cJSON *exact = json_member(v, name), *item;

	if (exact != NULL)
		return exact;
	for (item = json_first(json_is_object(v) ? v : NULL); item != NULL;
	     item = json_next(item)) {
		if (strcasecmp(json_name(item), name) == 0)
			return item;
	}
	return NULL;
}

/* From step on, into every element of a list; *found: something is there. */
static enum gcp_filter_result
path_matches(const struct gcp_node *node, const struct cJSON *v, size_t step,
    bool *found)
{
	enum gcp_filter_result result = GCP_FILTER_NO;
	const struct cJSON *item;

	if (step == node->field->count) {
		*found = *found || v != NULL;
		return v != NULL ? value_matches(node, v) : GCP_FILTER_NO;
	}
	if (!json_is_array(v)) {
		item = member_of(v, node->field->steps[step]);
		return item != NULL ? path_matches(node, item, step + 1, found)
				    : GCP_FILTER_NO;
	}
	for (item = json_first(v); item != NULL && result != GCP_FILTER_YES;
	     item = json_next(item))
		result = any_of(result, path_matches(node, item, step, found));
	return result;
}

/* Payloads and labels have no defaults: there what is missing fails. */
static bool
has_default(const struct gcp_field *field)
{
	const char *first = field->steps[0];

	return strcasecmp(first, "jsonPayload") != 0 &&
	       strcasecmp(first, "protoPayload") != 0 &&
	       strcasecmp(first, "labels") != 0 &&
	       !(field->count > 1 && strcasecmp(first, "resource") == 0 &&
		   strcasecmp(field->steps[1], "labels") == 0);
}

static enum gcp_filter_result
compare_matches(const struct gcp_node *node, const struct cJSON *entry)
{
	const char *missing = node->is_number ? "0" : "";
	bool found = false;
	enum gcp_filter_result result = path_matches(node, entry, 0, &found);

	if (found || node->op == GCP_OP_EXISTS || !has_default(node->field))
		return result;
	if (strcasecmp(node->field->steps[0], "severity") == 0)
		missing = "DEFAULT";
	return text_matches(node, missing);
}

static bool
word_matches(const struct cJSON *v, const char *word)
{
	struct buf shown = BUF_INIT(JSON_NUMBER_MAX);
	const struct cJSON *item;
	bool found = false;

	if (json_string(v) != NULL)
		return contains(json_string(v), word);
	if (json_is_array(v) || json_is_object(v)) {
		for (item = json_first(v); item != NULL && !found;
		     item = json_next(item))
			found = word_matches(item, word);
		return found;
	}
	found = json_show(&shown, v) && contains(buf_cstr(&shown), word);
	buf_release(&shown);
	return found;
}

/* "run.googleapis.com/stderr" against ".../logs/run.googleapis.com%2Fstderr" */
static bool
log_id_matches(const struct cJSON *entry, const char *id)
{
	const char *name = json_string(json_member(entry, "logName"));
	const char *logs = name != NULL ? strstr(name, "/logs/") : NULL;

	if (logs == NULL)
		return false;
	logs += strlen("/logs/");
	while (*logs != '\0' && *id != '\0') {
		bool slash = strncasecmp(logs, "%2F", 3) == 0;

		if (slash ? *id != '/' : strncasecmp(logs, id, 1) != 0)
			return false;
		logs += slash ? 3 : 1;
		id++;
	}
	return *logs == '\0' && *id == '\0';
}

static enum gcp_filter_result
node_matches(const struct gcp_node *node, const struct cJSON *entry)
{
	enum gcp_filter_result result;

	switch (node->kind) {
	case GCP_NODE_ALL:
		return GCP_FILTER_YES;
	case GCP_NODE_AND:
		result = node_matches(node->left, entry);
		if (result == GCP_FILTER_NO)
			return result;
		if (result == GCP_FILTER_YES)
			return node_matches(node->right, entry);
		return node_matches(node->right, entry) == GCP_FILTER_NO
			   ? GCP_FILTER_NO
			   : result;
	case GCP_NODE_OR:
		result = node_matches(node->left, entry);
		return result == GCP_FILTER_YES
			   ? result
			   : any_of(result, node_matches(node->right, entry));
	case GCP_NODE_NOT:
		result = node_matches(node->left, entry);
		return result == GCP_FILTER_COSTLY
			   ? result
			   : yes_if(result == GCP_FILTER_NO);
	case GCP_NODE_COMPARE:
		return compare_matches(node, entry);
	case GCP_NODE_WORD:
		return yes_if(word_matches(entry, node->value));
	case GCP_NODE_LOG_ID:
		return yes_if(log_id_matches(entry, node->value));
	case GCP_NODE_UNMATCHED:
		break;
	}
	return GCP_FILTER_NO;
}

enum gcp_filter_result
gcp_filter_match(const struct gcp_filter *filter, const struct cJSON *entry)
{
	return node_matches(filter->root, entry);
}
