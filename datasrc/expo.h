/*
 * Exposition text: a parser for what applications answer on /metrics.
 *
 * Both formats are read whole: the Prometheus text format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0
 * (github.com/OpenObservability/OpenMetrics, specification), with the quoted
 * UTF-8 names of Prometheus 3 in either. The verdict is the one of
 * Prometheus' own parsers, with four deliberate exceptions: a last line
 * without its line feed is accepted in 0.0.4 (the transport knows whether
 * the page is whole), so are a signed NaN (what printf() makes of it) and
 * blanks behind a TYPE; a page that repeats a series is not refused.
 *
 * One pass, nothing is allocated per sample and nothing is copied: a sample
 * is slices of the page. The page must be followed by one NUL byte (struct
 * buf does it) and must stay unchanged while it is read.
 *
 *	struct expo expo = EXPO_INIT;
 *	expo_start(&expo, EXPO_TEXT, page, len);
 *	while ((code = expo_next(&expo, &sample, &err)) == ERR_OK &&
 *sample.line) use(&sample); expo_release(&expo);
 *
 * thread: a struct expo belongs to one thread at a time.
 */
#ifndef SEV_DATASRC_EXPO_H
#define SEV_DATASRC_EXPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum expo_format {
	EXPO_TEXT,	  /* text/plain; version=0.0.4 */
	EXPO_OPENMETRICS, /* application/openmetrics-text; version=1.0.0 */
};

enum expo_type {
	EXPO_UNTYPED, /* no TYPE line, untyped or unknown */
	EXPO_COUNTER,
	EXPO_GAUGE,
	EXPO_HISTOGRAM,
	EXPO_SUMMARY,
	EXPO_GAUGEHISTOGRAM,
	EXPO_INFO,
	EXPO_STATESET,
};

/* Which part of its family a sample is, by the suffix of its name. */
enum expo_part {
	EXPO_VALUE,   /* the family's own name, _total or _info */
	EXPO_BUCKET,  /* _bucket of a histogram: cumulative, label le */
	EXPO_SUM,     /* _sum, _gsum */
	EXPO_COUNT,   /* _count, _gcount */
	EXPO_CREATED, /* _created: when counting began, seconds since 1970 */
};

/* A sample without a time of its own. */
#define EXPO_NO_TIME INT64_MIN

/* One sample. Slices point into the page. */
struct expo_sample {
	const char *series; /* from the name up to and with the "}" */
	size_t series_len;
	const char *name; /* may be escaped when quoted: expo_unescape() */
	size_t name_len;
	const char *labels; /* between the braces, raw; length 0 if none */
	size_t labels_len;
	double value;	 /* may be NaN or infinite */
	int64_t time_ms; /* since 1970, or EXPO_NO_TIME */
	unsigned line;	 /* counted from 1; 0: the page is at its end */
	enum expo_type type;
	enum expo_part part;
	bool hinted; /* the series is the known one; labels are not set */
};

/* A series that was returned before, kept by the caller. */
struct expo_known {
	const char *series;
	uint32_t series_len;
	uint32_t name_at; /* of the name within series */
	uint32_t name_len;
	uint8_t type;	/* enum expo_type */
	uint8_t part;	/* enum expo_part */
	uint8_t format; /* enum expo_format of the page */
};

struct expo_family; /* private */

/* State of one reading. Fields are private but for those marked. */
struct expo {
	const char *at; /* first byte that is not read yet */
	const char *end;
	enum expo_format format;
	bool ended;	/* # EOF was seen */
	unsigned line;	/* read-only: the line read last */
	size_t samples; /* read-only: how many were returned */

	const struct expo_known *hint;

	const char *name; /* of the last sample, whose type and part hold */
	size_t name_len;
	enum expo_type type;
	enum expo_part part;

	struct expo_family *families; /* open hash table, cap a power of 2 */
	size_t families_cap;
	size_t families_len;
	struct err *err; /* where the running call reports */
	enum err_code code;
};

#define EXPO_INIT                                                              \
	{                                                                      \
		.at = NULL                                                     \
	}

/* Begins to read a page (borrowed until the last sample). */
void expo_start(
    struct expo *expo, enum expo_format format, const char *page, size_t len);

/* Frees what reading needed. */
void expo_release(struct expo *expo);

/*
 * The next sample. At the end of the page sample->line is 0.
 * ERR_BADDATA: "line 12: expected label value, got "v1"", and the rest of
 * the page can't be read; ERR_TOOBIG: one of EXPO_*_MAX is passed;
 * ERR_NOMEM.
 */
enum err_code expo_next(struct expo *expo, struct expo_sample *sample,
    struct err *err) ATTR_MUST_USE;

/*
 * Says which series the next sample will likely be. If it is that, of the
 * same type and in the same format, its labels are not looked at again.
 * known is borrowed until the next expo_next(), which forgets it; NULL: none.
 */
void expo_hint(struct expo *expo, const struct expo_known *known);

/* What to keep of a sample for that; series is borrowed from the caller. */
struct expo_known expo_known(const struct expo *expo,
    const struct expo_sample *sample, const char *series);

/* Format by an answer's Content-Type; NULL is EXPO_TEXT. */
enum expo_format expo_format_of(const char *content_type);

/* A walk over the labels of a sample, which must be unhinted. */
struct expo_labels {
	const char *at;
	const char *end;
};

/* One label; the name without quotes, both still escaped. */
struct expo_label {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

struct expo_labels expo_labels(const struct expo_sample *sample);

/* False at the end. */
bool expo_labels_next(struct expo_labels *labels, struct expo_label *ret_label);

/*
 * Resolves \\, \" and \n of len raw bytes into out, which has room for len
 * (never more is written; no NUL is added). Returns the length.
 */
size_t expo_unescape(const char *raw, size_t len, char *out);

/* "counter" and so on; never NULL. */
const char *expo_type_name(enum expo_type type);

#endif
