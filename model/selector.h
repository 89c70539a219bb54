/*
 * Which series are meant: name{label="v",l!="v",l=~"re",l!~"re"}, as in
 * Prometheus' query language. A name alone is a selector; so are matchers
 * without a name, if at least one of them refuses the empty string. A label
 * that a series does not have is the empty string. Regular expressions must
 * match the whole value. Values stand in "", '' (with \\ \" \' \n \t) or in
 * `` (raw). A name that is no identifier is quoted: {"my.metric",l="v"}.
 *
 * thread: any; a selector is constant once parsed and may be shared.
 */
#ifndef SEV_MODEL_SELECTOR_H
#define SEV_MODEL_SELECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/regex.h"
#include "base/text.h"

struct label;
struct metric;
struct selector;

/*
 * Parses text into *ret_selector (returned, free with selector_free()).
 * ERR_CONFIG: "column 12: expected a value in quotes, got "5..}"", columns
 * counted in bytes from 1; ERR_NOMEM.
 */
enum err_code selector_parse(const char *text, struct selector **ret_selector,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct selector *selector_free(struct selector *selector);

/* The text it was parsed from; lives as long as the selector. */
const char *selector_text(const struct selector *selector);

/*
 * The one name that can match, or NULL when more than one can. For tables
 * by name that leave out most series before they look at labels.
 */
const char *selector_name(const struct selector *selector);

/*
 * Labels in any order. REGEX_TOO_COSTLY when an expression met its limits
 * before it was decided: neither yes nor no.
 */
enum regex_result selector_match(const struct selector *selector,
    struct text name, const struct label *labels, size_t label_count);

/* The same for name and labels of a metric. */
enum regex_result selector_match_metric(
    const struct selector *selector, const struct metric *metric);

#endif
