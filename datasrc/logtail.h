/*
 * Follows one growing file, line by line, through everything that log
 * files go through: rotation by renaming (the old one is read to its end,
 * and for a while longer, beside the new one), truncation by copytruncate
 * (found also when the file has outgrown its old size since, by what stood
 * before the place that was read last), deletion and return, a swapped
 * symbolic link, FIFOs. Opens nothing but regular files and FIFOs: never a
 * terminal or a device.
 *
 * Lines over max_line are cut; a reader that falls far behind a live writer
 * skips whole lines and says how many. A last line without its line feed is
 * held until logtail_flush().
 * thread: owner. Nothing here waits, but a file system that hangs.
 */
#ifndef SEV_DATASRC_LOGTAIL_H
#define SEV_DATASRC_LOGTAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct logtail;

/* Flags of what is handed over. */
enum {
	LOGTAIL_OPEN = 1, /* has no end yet; the rest comes as LOGTAIL_REST */
	LOGTAIL_REST = 2, /* goes on with a line that was handed over open */
};

/* Told by logtail_read() and logtail_flush(). Must not call the tail. */
struct logtail_sink {
	void *ctx;
	/* bytes: borrowed, without the line feed; cut: bytes left out. */
	void (*line)(void *ctx, const char *bytes, size_t len, uint64_t cut,
	    unsigned flags);
	/* The file was truncated; a line that was held came before. */
	void (*truncated)(void *ctx);
	/* Whole lines that were not read. */
	void (*dropped)(void *ctx, uint64_t lines);
};

struct logtail_options {
	size_t max_line;    /* at most LOGTAIL_LINE_MAX */
	int64_t tail;	    /* bytes before the end to begin with; -1: all */
	int64_t behind_max; /* skip when this far behind; 0: the default */
};

/* path and sink's ctx are borrowed. Opens nothing yet. */
enum err_code logtail_new(const char *path,
    const struct logtail_options *options, const struct logtail_sink *sink,
    struct logtail **ret_tail, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct logtail *logtail_free(struct logtail *tail);

const char *logtail_path(const struct logtail *tail);

/*
 * Looks whether the path still leads to what is open, and opens what is
 * new. first: the file was there when sevtop started, so its tail is
 * wanted; a file that comes later is read from its start.
 * ERR_OK: it is followed. ERR_WAITING: there is none yet, or not again.
 * ERR_FORBIDDEN, ERR_UNSUPPORTED (a directory, a terminal), ERR_IO,
 * ERR_LIMIT (no descriptor), ERR_NOMEM. What is open is kept on failure.
 */
enum err_code logtail_check(struct logtail *tail, int64_t now, bool first,
    struct err *err) ATTR_MUST_USE;

/*
 * Reads at most budget bytes, about, and hands over their lines. True when
 * there is more to read now.
 */
bool logtail_read(struct logtail *tail, int64_t now, size_t budget);

/*
 * Hands over a line that was held for hold_ns, as open. Returns when the
 * next such line will have been held as long, DEADLINE_NONE when none is.
 */
int64_t logtail_flush(struct logtail *tail, int64_t now, int64_t hold_ns);

/* Bytes that are written and not read yet. */
int64_t logtail_behind(const struct logtail *tail);

/*
 * Descriptor of the open file for a watch, -1 when none; grows with every
 * change of it.
 */
int logtail_fd(const struct logtail *tail, uint64_t *ret_change);

#endif
