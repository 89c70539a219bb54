/*
 * One log line taken apart: time, level, message, fields. What is not
 * understood with certainty stays in the message as it was written: a log
 * view that drops bytes lies.
 *
 * JSON (an object on a line, as pino, winston, bunyan, structlog, zap and
 * Cloud Logging write it): msg, message, text, event or log is the message;
 * time, timestamp, ts, @timestamp, date or t the time; level, severity, lvl,
 * levelname, log.level the level; stack, err.stack, error.stack, exception,
 * stack_trace, stackTrace or exc_info further lines. All else is fields, nested
 * objects as "a.b"; identifiers and what every line repeats come last. An
 * object with doubtful numbers, a key twice or no end is kept as text.
 *
 * logfmt (level=info msg="..."): as JSON, when the whole line is fields.
 *
 * Others: a time at the start, in brackets or not, and a level word behind
 * it are taken off; a level elsewhere near the start ("[pid] ERROR: ...",
 * "level=error") is read but stays. Access logs (CLF) keep their text; a
 * status of 500 and above is an error. Syslog priorities, Redis marks, klog
 * heads, NestJS lines and container prefixes ("... stdout F ...") are read.
 *
 * Indented lines, "Caused by:", and what follows "Traceback" go on with the
 * line before and take over its level and time.
 *
 * thread: owner.
 */
#ifndef SEV_MODEL_LOGPARSE_H
#define SEV_MODEL_LOGPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/limits.h"
#include "model/logstore.h"
#include "model/logtime.h"

struct cJSON;

enum logparse_format {
	LOGPARSE_AUTO,
	LOGPARSE_JSON,	/* what is no JSON object is kept as text, untouched */
	LOGPARSE_PLAIN, /* nothing is taken apart: neither time nor level */
	LOGPARSE_SERVICES, /* AUTO behind "NAME  | " of docker compose */
};

/* Between two lines of one source; begin with logparse_init(). */
struct logparse {
	enum logparse_format format;
	enum logtime_zone zone; /* of times without one */
	/* What lines that go on take over; level of the last head. */
	bool has_head;
	bool in_traceback;
	enum log_level head_level;
	bool head_has_time;
	int64_t head_wall_ms;
	uint8_t head_flags;
	char service[LOGPARSE_SERVICE_MAX]; /* of the last head; "" */
	/* Memory of the result, kept from line to line. */
	struct buf message;
	struct buf fields;
	struct buf stack;
};

/*
 * Bytes are as unclean as they came; they borrow from the line or from the
 * parser and are valid until its next line.
 */
struct logparse_line {
	const char *msg;
	size_t msg_len;
	const char *fields; /* logfield.h; "" when there are none */
	size_t fields_len;
	const char *stack; /* lines apart by \n that go on; "" for none */
	size_t stack_len;
	int64_t wall_ms; /* near_ms when has_time is false */
	bool has_time;
	enum log_level level;
	uint8_t flags; /* LOG_CONT, LOG_NO_ZONE */
};

void logparse_init(
    struct logparse *p, enum logparse_format format, enum logtime_zone zone);
void logparse_release(struct logparse *p);

/*
 * Forgets the line before: what comes now goes on with nothing (after a
 * truncation).
 */
void logparse_reset(struct logparse *p);

/*
 * Takes one line apart, without its line feed. near_ms: when it was read.
 * Never fails: without memory the line is kept as text.
 */
void logparse_line(struct logparse *p, const char *line, size_t len,
    int64_t near_ms, struct logparse_line *ret);

/*
 * The same for an object that is read already and may have no message: then
 * msg is empty and all is in the fields. False: it can't be shown as fields
 * without a loss; time and level are in *ret all the same. ret borrows from
 * the parser until its next line or object, and nothing from root.
 */
bool logparse_object(struct logparse *p, const struct cJSON *root,
    int64_t near_ms, struct logparse_line *ret);

#endif
