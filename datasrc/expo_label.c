#include "datasrc/expo_impl.h"

struct expo_labels
expo_labels(const struct expo_sample *sample)
{
	return (struct expo_labels) {
		.at = sample->labels,
		.end = sample->labels + sample->labels_len,
	};
}

/* The quote that closes the string whose first byte is p; it is there. */
static const char *
string_end(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	return p;
}

bool
expo_labels_next(struct expo_labels *labels, struct expo_label *ret_label)
{
	const char *p = labels->at, *end = labels->end;
	struct expo_label label;
	bool found = false;

	while (!found) {
		while (p < end && (expo_is(*p, EXPO_IS_BLANK) || *p == ','))
			p++;
		if (p >= end)
			break;
		if (*p == '"') {
			label.name = p + 1;
			p = string_end(p + 1, end);
			label.name_len = (size_t)(p - label.name);
			p++;
		} else {
			label.name = p;
			while (p < end && expo_is(*p, EXPO_IS_LABEL))
				p++;
			label.name_len = (size_t)(p - label.name);
		}
		while (p < end && expo_is(*p, EXPO_IS_BLANK))
			p++;
		if (p >= end || *p != '=')
			continue; /* the quoted name of the metric */
		p++;
		while (p < end && expo_is(*p, EXPO_IS_BLANK))
			p++;
		label.value = p + 1;
		p = string_end(p + 1, end);
		label.value_len = (size_t)(p - label.value);
		p++;
		found = true;
	}
	labels->at = p;
	if (found)
		*ret_label = label;
	return found;
}

size_t
expo_unescape(const char *raw, size_t len, char *out)
{
	size_t from, to = 0;

	for (from = 0; from < len; from++) {
		if (raw[from] == '\\' && from + 1 < len) {
			from++;
			out[to++] = raw[from];
			if (raw[from] == 'n')
				out[to - 1] = '\n';
		} else {
			out[to++] = raw[from];
		}
	}
	return to;
}
