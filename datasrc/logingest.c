#include "datasrc/logingest.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/logcount.h"
#include "model/limits.h"

struct logingest {
	struct logstore *logs;
	const struct redactor *redactor;
	struct logcount *count_by; /* NULL: no searches to count for */
	struct logparse parse;
	struct arena *arena; /* texts of the batch; NULL: none yet */
	struct log_line batch[LOGFILE_BATCH_LINES];
	size_t count;
	struct logingest_counts counts;
	int64_t now;
	int64_t wall_ms;
	uint16_t source;
};

enum {
	/* A batch is flushed long before; one line of any size fits. */
	ARENA_MAX = LOGFILE_BATCH_BYTES + 8 * LOG_TEXT_MAX,
};

enum err_code
logingest_new(struct logstore *logs, uint16_t source,
    const struct redactor *redactor, enum logparse_format format,
    enum logtime_zone zone, struct logingest **ret_ingest, struct err *err)
{
	struct logingest *ingest = mem_calloc(1, sizeof(*ingest));

	if (ingest == NULL)
		return err_set(err, ERR_NOMEM, "logfile", "no memory");
	ingest->logs = logs;
	ingest->redactor = redactor;
	ingest->source = source;
	logparse_init(&ingest->parse, format, zone);
	*ret_ingest = ingest;
	return ERR_OK;
}

struct logingest *
logingest_free(struct logingest *ingest)
{
	if (ingest == NULL)
		return NULL;
	logparse_release(&ingest->parse);
	arena_free(ingest->arena);
	mem_free(ingest);
	return NULL;
}

void
logingest_count(struct logingest *ingest, struct logcount *count)
{
	ingest->count_by = count;
}

void
logingest_at(struct logingest *ingest, int64_t now, int64_t wall_ms)
{
	ingest->now = now;
	ingest->wall_ms = wall_ms;
}

void
logingest_flush(struct logingest *ingest)
{
	if (ingest->count > 0)
		logstore_append(ingest->logs, ingest->batch, ingest->count);
	ingest->count = 0;
	ingest->arena = arena_free(ingest->arena);
}

/* Room for one more line; false without memory. */
static bool
batch_ready(struct logingest *ingest)
{
	if (ingest->arena != NULL &&
	    (ingest->count == LOGFILE_BATCH_LINES ||
		arena_used(ingest->arena) > LOGFILE_BATCH_BYTES ||
		arena_failed(ingest->arena)))
		logingest_flush(ingest);
	if (ingest->arena == NULL)
		ingest->arena = arena_new(ARENA_MAX);
	return ingest->arena != NULL;
}

static void
batch_lost(struct logingest *ingest)
{
	ingest->counts.lost++;
	logstore_count_dropped(ingest->logs, 1);
}

static struct text
ingest_text(struct logingest *ingest, const char *bytes, size_t len)
{
	return text_ingest(
	    ingest->redactor, ingest->arena, bytes, len, TEXT_LINE_MAX);
}

/*
 * The mark that text_clean() puts at a cut, for bytes that never got as far
 * as here; or only the ellipsis, for a line that goes on.
 */
static struct text
mark_cut(struct logingest *ingest, struct text text, uint64_t cut)
{
	char words[64] = "…";
	struct text parts[2] = { text, { .s = words } };
	size_t len;

	if (cut > 0)
		snprintf(words, sizeof(words), "\001…[+%llu bytes]",
		    (unsigned long long)cut);
	len = strlen(words);
	parts[1].len = (uint32_t)len;
	/* The ellipsis is three bytes in one cell, our mark none. */
	parts[1].width = (uint32_t)(cut > 0 ? len - 3 : 1);
	return text_join(ingest->arena, parts, 2);
}

static void
add_line(struct logingest *ingest, const struct logparse_line *parsed,
    struct text text, struct text fields, unsigned flags)
{
	struct log_line *line = &ingest->batch[ingest->count];

	if (arena_failed(ingest->arena)) {
		batch_lost(ingest);
		return;
	}
	ingest->count++;
	*line = (struct log_line) {
		.wall_ms = parsed->wall_ms,
		.read_at = ingest->now,
		.has_time = parsed->has_time,
		.level = (uint8_t)parsed->level,
		.flags = (uint8_t)(parsed->flags | flags),
		.source = ingest->source,
		.text = text,
		.fields = fields,
	};
	logcount_line(ingest->count_by, line);
}

/* Lines of a stack trace that stood inside a structured line. */
static void
add_stack(struct logingest *ingest, const struct logparse_line *parsed)
{
	const char *s = parsed->stack, *end = s + parsed->stack_len, *lf;
	size_t lines = 0, left = 0;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		if (++lines > LOGFILE_STACK_LINES) {
			left++;
			continue;
		}
		if (!batch_ready(ingest)) {
			batch_lost(ingest);
			continue;
		}
		add_line(ingest, parsed,
		    ingest_text(ingest, s, (size_t)(lf - s)), TEXT_EMPTY,
		    LOG_CONT);
	}
	if (left > 0 && batch_ready(ingest))
		add_line(ingest, parsed,
		    text_fmt(ingest->arena, "… %zu more lines", left),
		    TEXT_EMPTY, LOG_CONT);
}

/* A line that is taken apart; the batch has room for it. */
static void
ingest_parsed(struct logingest *ingest, const struct logparse_line *parsed,
    uint64_t cut, unsigned flags)
{
	struct logingest_counts *counts = &ingest->counts;
	struct text text = ingest_text(ingest, parsed->msg, parsed->msg_len);
	struct text fields = TEXT_EMPTY;

	if (parsed->fields_len > 0)
		fields =
		    ingest_text(ingest, parsed->fields, parsed->fields_len);
	if (cut > 0 || (flags & LOG_OPEN) != 0)
		text = mark_cut(ingest, text, cut);
	add_line(ingest, parsed, text, fields, flags);
	if (((parsed->flags | flags) & LOG_CONT) == 0) {
		counts->lines++;
		counts->by_level[parsed->level]++;
		counts->timeless += !parsed->has_time;
	}
	if (parsed->stack_len > 0)
		add_stack(ingest, parsed);
}

void
logingest_line(struct logingest *ingest, const char *bytes, size_t len,
    uint64_t cut, unsigned flags)
{
	struct logparse_line parsed;

	ingest->counts.bytes += len + cut;
	if (!batch_ready(ingest)) {
		batch_lost(ingest);
		return;
	}
	if (cut > 0 || (flags & LOG_CONT) != 0) {
		/* No whole line: its structure, if any, has no end. */
		parsed = (struct logparse_line) {
			.msg = bytes, .msg_len = len, .wall_ms = ingest->wall_ms
		};
		if ((flags & LOG_CONT) == 0)
			logparse_reset(&ingest->parse);
	} else {
		logparse_line(
		    &ingest->parse, bytes, len, ingest->wall_ms, &parsed);
	}
	ingest_parsed(ingest, &parsed, cut, flags);
}

void
logingest_parsed(struct logingest *ingest, const struct logparse_line *parsed)
{
	ingest->counts.bytes +=
	    parsed->msg_len + parsed->fields_len + parsed->stack_len;
	if (batch_ready(ingest))
		ingest_parsed(ingest, parsed, 0, 0);
	else
		batch_lost(ingest);
}

void
logingest_notice(struct logingest *ingest, struct text words)
{
	struct logparse_line parsed = { .wall_ms = ingest->wall_ms };

	logparse_reset(&ingest->parse);
	if (batch_ready(ingest))
		add_line(ingest, &parsed, text_copy(ingest->arena, words),
		    TEXT_EMPTY, LOG_NOTICE);
}

const struct logingest_counts *
logingest_counts(const struct logingest *ingest)
{
	return &ingest->counts;
}
