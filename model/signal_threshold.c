/*
 * Thresholds of signals: "> 5%" and the like, read and compared.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/signal_def.h"

static const struct {
	const char *text;
	enum compare compare;
} signal_compares[] = {
	/* Longer ones first: ">=" starts with ">". */
	{ ">=", COMPARE_GE },
	{ "<=", COMPARE_LE },
	{ "==", COMPARE_EQ },
	{ ">", COMPARE_GT },
	{ "<", COMPARE_LT },
};

const char *
signal_compare_text(enum compare compare)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(signal_compares); i++) {
		if (signal_compares[i].compare == compare)
			return signal_compares[i].text;
	}
	return "?";
}

/* Units behind a plain number. */
static const struct {
	const char *text;
	enum num_unit unit;
	double factor;
	double divisor;
} signal_suffixes[] = {
	{ "", NUM_NONE, 1, 1 },
	{ "%", NUM_PERCENT, 1, 100 },
	{ "/s", NUM_PER_SECOND, 1, 1 },
	{ "/m", NUM_PER_SECOND, 1, 60 },
	{ "/min", NUM_PER_SECOND, 1, 60 },
	{ "/h", NUM_PER_SECOND, 1, 3600 },
	{ "kB/s", NUM_BYTES_PER_SECOND, 1e3, 1 },
	{ "MB/s", NUM_BYTES_PER_SECOND, 1e6, 1 },
	{ "GB/s", NUM_BYTES_PER_SECOND, 1e9, 1 },
};

static bool
signal_value_parse(const char *text, double *ret_value, enum num_unit *ret_unit)
{
	bool dollars = text[0] == '$';
	const char *number = dollars ? text + 1 : text, *suffix;
	size_t len = strspn(number, "+-.0123456789"), i;
	double value;
	int64_t ns;
	uint64_t bytes;

	if (!num_parse_double(number, len, &value))
		return false;
	suffix = number + len;
	suffix += strspn(suffix, " ");
	for (i = 0; i < ARRAY_LEN(signal_suffixes); i++) {
		if (strcmp(suffix, signal_suffixes[i].text) != 0)
			continue;
		if (dollars && suffix[0] != '\0')
			return false;
		*ret_value = value * signal_suffixes[i].factor /
			     signal_suffixes[i].divisor;
		*ret_unit = dollars ? NUM_DOLLARS : signal_suffixes[i].unit;
		return true;
	}
	if (dollars)
		return false;
	if (num_parse_duration(text, strlen(text), &ns)) {
		*ret_value = (double)ns / (double)NS_PER_SEC;
		*ret_unit = NUM_SECONDS;
		return true;
	}
	if (!num_parse_size(text, strlen(text), &bytes))
		return false;
	*ret_value = (double)bytes;
	*ret_unit = NUM_BYTES;
	return true;
}

bool
signal_threshold_parse(
    const char *text, struct threshold *ret, enum num_unit *ret_unit)
{
	const char *at = text + strspn(text, " ");
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(signal_compares); i++) {
		len = strlen(signal_compares[i].text);
		if (strncmp(at, signal_compares[i].text, len) != 0)
			continue;
		at += len;
		at += strspn(at, " ");
		if (!signal_value_parse(at, &ret->value, ret_unit))
			return false;
		ret->compare = signal_compares[i].compare;
		ret->set = true;
		return true;
	}
	return false;
}

bool
signal_threshold_hit(const struct threshold *threshold, double value)
{
	if (!threshold->set || isnan(value))
		return false;
	switch (threshold->compare) {
	case COMPARE_GT:
		return value > threshold->value;
	case COMPARE_GE:
		return value >= threshold->value;
	case COMPARE_LT:
		return value < threshold->value;
	case COMPARE_LE:
		return value <= threshold->value;
	case COMPARE_EQ:
		return value >= threshold->value && value <= threshold->value;
	}
	return false;
}
