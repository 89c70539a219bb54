/*
 * Everything that runs behind the screen: the platforms' sources with their
 * scheduler, the store, the history, the log store and the watch thread.
 * The dashboard, `once`, `logs` and the tests all start from here.
 * thread: the one that made it; accessors: any.
 */
#ifndef SEV_DATASRC_ENGINE_H
#define SEV_DATASRC_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/store.h"

struct engine;
struct history;
struct logstore;
struct platform;
struct redactor;

struct engine_options {
	int64_t every_ns; /* overrides all intervals; 0: as configured */
	bool spare_logs;  /* but for those of sources of log lines */
};

/*
 * Builds all parts for platforms[0..count); takes them on success, when
 * engine_free() frees them. Starts nothing and does no I/O.
 */
enum err_code engine_open(struct platform *const *platforms, size_t count,
    const struct engine_options *options, struct engine **ret_engine,
    struct err *err) ATTR_MUST_USE;

/*
 * Starts all threads. After a failure some of them may run: engine_stop()
 * comes before engine_free() either way.
 */
enum err_code engine_start(
    struct engine *engine, struct err *err) ATTR_MUST_USE;

/*
 * Cancels everything and waits until the deadline. False when threads are
 * stuck in a library: engine_free() then frees nothing and the process has
 * to end (it is about to).
 */
bool engine_stop(struct engine *engine, int64_t deadline);

struct engine *engine_free(struct engine *engine); /* NULL is allowed */

/* Polls all sources now. */
void engine_refresh(struct engine *engine);

/* All borrowed. The store's last slot is the watch thread's. */
struct store *engine_store(const struct engine *engine);
struct history *engine_history(const struct engine *engine);
struct logstore *engine_logs(const struct engine *engine);
struct redactor *engine_redactor(const struct engine *engine);
size_t engine_platform_count(const struct engine *engine);
const struct platform *engine_platform(const struct engine *engine, size_t i);

#endif
