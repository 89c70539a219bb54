/*
 * The board as text and as JSON, for `once`. The JSON is the contract of the
 * command line: one object {version, at, state, platforms: [...]}.
 * thread: any; pure.
 */
#ifndef SEV_TUI_REPORT_H
#define SEV_TUI_REPORT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/store.h"

struct engine;

/* ERR_TOOBIG when out can't hold it, ERR_NOMEM. */
enum err_code report_text(const struct engine *engine,
    const struct frame *frame, int64_t now, int64_t wall_ms, struct buf *out);
enum err_code report_json(const struct engine *engine,
    const struct frame *frame, int64_t now, int64_t wall_ms, struct buf *out);

#endif
