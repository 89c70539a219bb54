#include "datasrc/engine.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/sched.h"
#include "model/history.h"
#include "model/limits.h"
#include "model/logstore.h"
#include "model/platform.h"
#include "model/watch.h"

struct engine {
	struct platform **platforms; /* owned once opened */
	size_t platform_count;
	struct watch_slot *slots;
	size_t source_count; /* the watch section's slot number */
	struct redactor *redactor;
	struct logstore *logs;
	struct history *history;
	struct store *store;
	struct sched *sched;
	struct watch *watch;
	struct thread thread;
	struct cancel cancel;
	struct wake wake;
	struct frame frame; /* the watch thread's */
	bool started;
	bool stuck; /* threads were left behind: nothing may be freed */
};

static enum err_code
engine_add_source(struct engine *engine, const struct platform *platform,
    const struct platform_source *source, size_t slot,
    const struct engine_options *options, struct err *err)
{
	const struct source_ops *ops = source->ops;
	struct sched_item item = {
		.ops = ops,
		.name = source->name,
		.platform_name = platform->name,
		.platform = platform,
		.config = source->config,
		.every_ns = source->every_ns,
		.timeout_ns = source->timeout_ns,
		.optional = source->optional,
		.slot = slot,
	};
	enum err_code code;

	if (options->every_ns > 0 && !ops->stream &&
	    !(options->spare_logs && source_logs(ops, source->config)))
		item.every_ns = options->every_ns;
	if (source_logs(ops, source->config)) {
		code = logstore_add_source(
		    engine->logs, source->name, &item.log_source, err);
		if (code != ERR_OK)
			return code;
	}
	engine->slots[slot] = (struct watch_slot) {
		.platform = platform,
		.source = source->name,
	};
	return sched_add(engine->sched, &item, err);
}

static enum err_code
engine_add_sources(struct engine *engine, struct platform *const *platforms,
    size_t count, const struct engine_options *options, struct err *err)
{
	size_t slot = 0;

	for (size_t p = 0; p < count; p++) {
		for (size_t s = 0; s < platforms[p]->source_count; s++) {
			const struct platform_source *source =
			    &platforms[p]->sources[s];
			enum err_code code;

			if (!source->enabled)
				continue;
			code = engine_add_source(
			    engine, platforms[p], source, slot++, options, err);
			if (code != ERR_OK)
				return code;
		}
	}
	return ERR_OK;
}

static size_t
count_sources(struct platform *const *platforms, size_t count)
{
	size_t n = 0;

	for (size_t p = 0; p < count; p++) {
		for (size_t s = 0; s < platforms[p]->source_count; s++)
			n += platforms[p]->sources[s].enabled;
	}
	return n;
}

/* The parts that need nothing but memory. */
static enum err_code
engine_parts(struct engine *engine, size_t sources, struct err *err)
{
	engine->redactor = redactor_new();
	engine->history = history_new(HISTORY_BYTES_MAX);
	engine->slots = mem_calloc(sources, sizeof(*engine->slots));
	if (engine->redactor == NULL || engine->history == NULL ||
	    engine->slots == NULL)
		return err_set(err, ERR_NOMEM, "engine", "no memory to start");
	engine->logs = logstore_new(ENGINE_LOG_BYTES, err);
	if (engine->logs == NULL)
		return ERR_NOMEM;
	engine->store = store_new(sources + 1, err);
	if (engine->store == NULL)
		return sources < STORE_SLOTS_MAX ? ERR_NOMEM : ERR_LIMIT;
	engine->sched =
	    sched_new(engine->store, engine->redactor, engine->logs, err);
	if (engine->sched == NULL)
		return ERR_NOMEM;
	return frame_init(&engine->frame, engine->store, err);
}

enum err_code
engine_open(struct platform *const *platforms, size_t count,
    const struct engine_options *options, struct engine **ret_engine,
    struct err *err)
{
	struct engine *engine = mem_calloc(1, sizeof(*engine));
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	enum err_code code;

	if (engine == NULL || errors == NULL) {
		code = err_set(err, ERR_NOMEM, "engine", "no memory to start");
		mem_free(engine);
		engine = NULL;
		goto out;
	}
	engine->cancel.fd[0] = engine->cancel.fd[1] = -1;
	engine->wake.fd[0] = engine->wake.fd[1] = -1;
	engine->source_count = count_sources(platforms, count);
	code = engine_parts(engine, engine->source_count, err);
	if (code != ERR_OK)
		goto out;
	code = cancel_init(&engine->cancel, err);
	if (code == ERR_OK)
		code = wake_init(&engine->wake, err);
	if (code == ERR_OK)
		code =
		    engine_add_sources(engine, platforms, count, options, err);
	if (code != ERR_OK)
		goto out;
	code = watch_new(engine->slots, engine->source_count,
	    (const struct platform *const *)platforms, count, engine->history,
	    errors, &engine->watch, err);
	if (code != ERR_OK)
		goto out;
	engine->platforms = mem_calloc(count, sizeof(*engine->platforms));
	if (engine->platforms == NULL) {
		code = err_set(err, ERR_NOMEM, "engine", "no memory to start");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		engine->platforms[i] = platforms[i];
	engine->platform_count = count;
	*ret_engine = engine;
	engine = NULL;
out:
	engine_free(engine);
	mem_free(errors);
	return code;
}

/*
 * Waits for publishes and lets a burst of them finish, so that sources that
 * answer together are looked at, and drawn, once.
 */
static bool
engine_wait(struct engine *engine, int64_t until)
{
	enum err_code code = io_wait(
	    wake_fd(&engine->wake), IO_READ, until, &engine->cancel, NULL);
	int64_t gathered = clock_now() + ENGINE_GATHER_MS * NS_PER_MS;

	if (code == ERR_OK && sched_expects(engine->sched, gathered))
		code = io_wait(-1, 0, gathered, &engine->cancel, NULL);
	wake_drain(&engine->wake);
	return code != ERR_CANCELLED;
}

static void *
engine_main(void *opaque)
{
	struct engine *engine = opaque;
	int64_t next = 0;

	while (engine_wait(engine, next)) {
		int64_t now = clock_now(), check_at;
		struct section *section;

		frame_acquire(&engine->frame, engine->store);
		section = watch_step(
		    engine->watch, &engine->frame, now, clock_wall_ms(), &next);
		if (section != NULL)
			store_publish(
			    engine->store, engine->source_count, section);
		check_at = sched_check(engine->sched, clock_now());
		if (check_at < next)
			next = check_at;
	}
	return NULL;
}

enum err_code
engine_start(struct engine *engine, struct err *err)
{
	enum err_code code =
	    store_subscribe(engine->store, STORE_SOURCES, &engine->wake, err);

	logstore_tell_reader(engine->logs, &engine->wake);
	if (code == ERR_OK)
		code = sched_start(engine->sched, err);
	if (code == ERR_OK)
		code = thread_start(
		    &engine->thread, "watch", engine_main, engine, err);
	engine->started = true;
	return code;
}

bool
engine_stop(struct engine *engine, int64_t deadline)
{
	if (!engine->started)
		return !engine->stuck;
	engine->started = false;
	cancel_fire(&engine->cancel);
	thread_join(&engine->thread);
	engine->stuck = !sched_stop(engine->sched, deadline);
	return !engine->stuck;
}

struct engine *
engine_free(struct engine *engine)
{
	if (engine == NULL || engine->stuck)
		return NULL;
	sched_free(engine->sched);
	watch_free(engine->watch);
	frame_release(&engine->frame);
	store_free(engine->store);
	history_free(engine->history);
	logstore_free(engine->logs);
	redactor_free(engine->redactor);
	cancel_release(&engine->cancel);
	wake_release(&engine->wake);
	for (size_t i = 0; i < engine->platform_count; i++)
		platform_free(engine->platforms[i]);
	mem_free(engine->platforms);
	mem_free(engine->slots);
	mem_free(engine);
	return NULL;
}

void
engine_refresh(struct engine *engine)
{
	sched_refresh(engine->sched);
	/* The time of the next check did not reckon with these polls. */
	wake_signal(&engine->wake);
}

struct store *
engine_store(const struct engine *engine)
{
	return engine->store;
}

struct history *
engine_history(const struct engine *engine)
{
	return engine->history;
}

struct logstore *
engine_logs(const struct engine *engine)
{
	return engine->logs;
}

struct redactor *
engine_redactor(const struct engine *engine)
{
	return engine->redactor;
}

size_t
engine_platform_count(const struct engine *engine)
{
	return engine->platform_count;
}

const struct platform *
engine_platform(const struct engine *engine, size_t i)
{
	return engine->platforms[i];
}
