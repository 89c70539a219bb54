#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/regex.h"
#include "sim/gcp_filter_impl.h"

int
gcp_severity_rank(const char *name)
{
	static const struct {
		const char *name;
		int rank;
	} ranks[] = {
		{ "DEFAULT", 0 },
		{ "DEBUG", 100 },
		{ "INFO", 200 },
		{ "NOTICE", 300 },
		{ "WARNING", 400 },
		{ "ERROR", 500 },
		{ "CRITICAL", 600 },
		{ "ALERT", 700 },
		{ "EMERGENCY", 800 },
	};

	for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
		if (strcasecmp(ranks[i].name, name) == 0)
			return ranks[i].rank;
	return -1;
}

/* Days since 1970 of a day of the Gregorian calendar (Hinnant 2013). */
static int64_t
time_days(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year, day;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year = y - era * 400;
	day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

/* Exactly count digits at *at, which is moved behind them. */
static bool
time_digits(const char **at, int count, int64_t *ret)
{
	*ret = 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*ret = *ret * 10 + (**at - '0');
	}
	return true;
}

static bool
time_byte(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static bool
time_is_day(int64_t y, int64_t m, int64_t d)
{
	return y >= 1970 && y <= 2200 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

/* "2026-01-02T03:04:05": seconds since 1970. */
static bool
time_clock(const char **at, int64_t *ret_s)
{
	int64_t y, mo, d, h, mi, s;

	if (!time_digits(at, 4, &y) || !time_byte(at, "-") ||
	    !time_digits(at, 2, &mo) || !time_byte(at, "-") ||
	    !time_digits(at, 2, &d) || !time_byte(at, "Tt") ||
	    !time_digits(at, 2, &h) || !time_byte(at, ":") ||
	    !time_digits(at, 2, &mi) || !time_byte(at, ":") ||
	    !time_digits(at, 2, &s))
		return false;
	if (!time_is_day(y, mo, d) || h > 23 || mi > 59 || s > 60)
		return false;
	*ret_s = ((time_days(y, mo, d) * 24 + h) * 60 + mi) * 60 + s;
	return true;
}

/* "Z" or "+01:00": seconds to take off. */
static bool
time_zone(const char **at, int64_t *ret_s)
{
	int64_t h, mi, sign = **at == '-' ? -1 : 1;

	*ret_s = 0;
	if (time_byte(at, "Zz"))
		return true;
	if (!time_byte(at, "+-") || !time_digits(at, 2, &h) ||
	    !time_byte(at, ":") || !time_digits(at, 2, &mi))
		return false;
	*ret_s = sign * (h * 60 + mi) * 60;
	return true;
}

bool
gcp_time_parse(const char *text, int64_t *ret_ns)
{
	int64_t s, zone, ns = 0, unit = NS_PER_SEC / 10;
	const char *at = text;

	if (!time_clock(&at, &s))
		return false;
	if (time_byte(&at, "."))
		for (; *at >= '0' && *at <= '9'; at++, unit /= 10)
			ns += (*at - '0') * unit;
	if (!time_zone(&at, &zone) || *at != '\0')
		return false;
	*ret_ns = (s - zone) * NS_PER_SEC + ns;
	return true;
}

static bool
match_part(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text != '\0'; text++)
		if (strncasecmp(text, part, len) == 0)
			return true;
	return len == 0;
}

/* <0, 0, >0; false when they are of two kinds. */
static bool
match_order(const struct gcp_value *value, const char *text, double *ret)
{
	double number;
	int64_t ns;

	switch (value->kind) {
	case GCP_VALUE_TIME:
		if (!gcp_time_parse(text, &ns))
			return false;
		*ret = value->ns < ns ? -1 : value->ns > ns;
		return true;
	case GCP_VALUE_RANK:
		number = gcp_severity_rank(text);
		if (number < 0 &&
		    !num_parse_double(text, strlen(text), &number))
			return false;
		*ret = value->number - number;
		return true;
	case GCP_VALUE_NUMBER:
		if (!num_parse_double(text, strlen(text), &number))
			return false;
		*ret = value->number - number;
		return true;
	case GCP_VALUE_TEXT:
		*ret = strcasecmp(value->text, text);
		return true;
	case GCP_VALUE_NONE:
	case GCP_VALUE_MAP:
		break;
	}
	return false;
}

static const char *
match_text(struct gcp_value *value)
{
	if (value->kind == GCP_VALUE_NUMBER)
		value->text = num_json(value->store, value->number);
	return value->kind == GCP_VALUE_TEXT || value->kind == GCP_VALUE_NUMBER
		   ? value->text
		   : "";
}

static bool
match_compare(
    const struct gcp_node *node, gcp_value_fn *get, const void *subject)
{
	struct gcp_value value;
	const char *text;
	double order = 0;
	bool like;

	value.kind = GCP_VALUE_NONE;
	get(subject, node->field, &value);
	if (value.kind == GCP_VALUE_NONE)
		return false;
	switch (node->compare) {
	case GCP_EXISTS:
		return true;
	case GCP_HAS:
		if (value.kind == GCP_VALUE_RANK)
			break;
		return match_part(match_text(&value), node->text);
	case GCP_STARTS:
		return strncasecmp(match_text(&value), node->text,
			   strlen(node->text)) == 0;
	case GCP_ENDS:
		text = match_text(&value);
		return strlen(text) >= strlen(node->text) &&
		       strcasecmp(text + strlen(text) - strlen(node->text),
			   node->text) == 0;
	case GCP_LIKE:
	case GCP_UNLIKE:
		text = match_text(&value);
		like = regex_match(node->regex, text, strlen(text), 0, NULL,
			   NULL) == REGEX_MATCH;
		return like == (node->compare == GCP_LIKE);
	default:
		break;
	}
	if (!match_order(&value, node->text, &order))
		return node->compare == GCP_NE;
	switch (node->compare) {
	case GCP_NE:
		return order != 0;
	case GCP_GT:
		return order > 0;
	case GCP_LT:
		return order < 0;
	case GCP_GE:
		return order >= 0;
	case GCP_LE:
		return order <= 0;
	default:
		return order == 0;
	}
}

/* All words of SEARCH() are there; an order is not asked for. */
static bool
match_words(const char *text, const char *words)
{
	char word[SIM_GCP_VALUE_MAX];

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (len >= sizeof(word))
			return false;
		memcpy(word, words, len);
		word[len] = '\0';
		if (!match_part(text, word))
			return false;
		words += len + strspn(words + len, " ");
	}
	return true;
}

static bool
match_call(const struct gcp_node *node, gcp_value_fn *get, const void *subject)
{
	bool log = strcmp(node->field, "log_id") == 0;
	struct gcp_value value;
	const char *text, *slash;

	value.kind = GCP_VALUE_NONE;
	get(subject, log ? "log_id" : "*", &value);
	text = match_text(&value);
	slash = node->text;
	if (log)
		return strcasecmp(text, slash) == 0;
	return match_words(text, node->text);
}

static bool
match_node(const struct gcp_filter *filter, unsigned at, gcp_value_fn *get,
    const void *subject)
{
	const struct gcp_node *node = &filter->nodes[at];
	struct gcp_value value;

	switch (node->kind) {
	case GCP_NODE_ALL:
		return true;
	case GCP_NODE_AND:
		return match_node(filter, node->left, get, subject) &&
		       match_node(filter, node->right, get, subject);
	case GCP_NODE_OR:
		return match_node(filter, node->left, get, subject) ||
		       match_node(filter, node->right, get, subject);
	case GCP_NODE_NOT:
		return !match_node(filter, node->left, get, subject);
	case GCP_NODE_COMPARE:
		return match_compare(node, get, subject);
	case GCP_NODE_WORD:
		value.kind = GCP_VALUE_NONE;
		get(subject, "*", &value);
		return match_part(match_text(&value), node->text);
	case GCP_NODE_CALL:
		return match_call(node, get, subject);
	}
	return false;
}

bool
gcp_filter_match(
    const struct gcp_filter *filter, gcp_value_fn *value, const void *subject)
{
	return match_node(filter, filter->root, value, subject);
}

static int64_t
since_node(const struct gcp_filter *filter, unsigned at)
{
	const struct gcp_node *node = &filter->nodes[at];
	int64_t ns = INT64_MIN, other;

	if (node->kind == GCP_NODE_AND) {
		ns = since_node(filter, node->left);
		other = since_node(filter, node->right);
		return ns > other ? ns : other;
	}
	if (node->kind == GCP_NODE_COMPARE &&
	    strcmp(node->field, "timestamp") == 0 &&
	    (node->compare == GCP_GE || node->compare == GCP_GT ||
		node->compare == GCP_EQ) &&
	    gcp_time_parse(node->text, &other))
		ns = other;
	return ns;
}

int64_t
gcp_filter_since(const struct gcp_filter *filter)
{
	return since_node(filter, filter->root);
}

static const char *
demand_node(const struct gcp_filter *filter, unsigned at, const char *field)
{
	const struct gcp_node *node = &filter->nodes[at];
	const char *text = NULL;

	if (node->kind == GCP_NODE_AND) {
		text = demand_node(filter, node->left, field);
		return text != NULL ? text
				    : demand_node(filter, node->right, field);
	}
	if (node->kind == GCP_NODE_COMPARE && node->compare == GCP_EQ &&
	    strcmp(node->field, field) == 0)
		text = node->text;
	return text;
}

const char *
gcp_filter_demand(const struct gcp_filter *filter, const char *field)
{
	return demand_node(filter, filter->root, field);
}

bool
gcp_filter_call(const struct gcp_filter *filter, const char **ret_name,
    const char **ret_first, const char **ret_second)
{
	const struct gcp_node *node = &filter->nodes[filter->root];

	if (node->kind != GCP_NODE_CALL)
		return false;
	*ret_name = node->field;
	*ret_first = node->text;
	*ret_second = node->second;
	return true;
}
