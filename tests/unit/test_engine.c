/*
 * The engine as a whole: built without memory, started and left, with a
 * source that nobody answers.
 */
#include "datasrc/engine.h"

#include <stdlib.h>
#include <string.h>

#include "actions/action.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "model/platform.h"
#include "tests/tap.h"

static const struct engine_options options = { 0 };

static const char *
env_get(void *ctx, const char *name)
{
	(void)ctx;
	/* tcpmux: nobody listens */
	if (strcmp(name, "REDIS_URL") == 0)
		return "redis://127.0.0.1:1";
	return strcmp(name, "API_URL") == 0 ? "http://127.0.0.1:1" : NULL;
}

static const struct conf_env env = { .get = env_get };

static struct platform *
load(void)
{
	static struct conf_errors errors;
	const char *top = getenv("SEV_SRCDIR");
	struct platform *platform = NULL;
	struct platform_types types;
	char path[1024];

	snprintf(path, sizeof(path), "%s/profiles/ai-visibility.yaml",
	    top != NULL ? top : ".");
	conf_errors_clear(&errors);
	action_config_types(&types);
	is_int(platform_load(path, "drill", &types, &env, &errors, &platform),
	    ERR_OK, "the platform");
	return platform;
}

/* Every allocation of opening fails once; nothing is taken then. */
static void
test_memory(void)
{
	struct platform *platform = load();
	struct engine *engine = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_NOMEM;
	size_t n, silent = 0;

	for (n = 1; n < 100000 && code != ERR_OK; n++) {
		err_clear(&err);
		mem_fail_at(n, false);
		code = engine_open(&platform, 1, &options, &engine, &err);
		mem_fail_at(0, false);
		if (code != ERR_OK && err.code == ERR_OK)
			silent++;
	}
	ok(engine != NULL && n > 10, "opened after %zu failures", n - 1);
	is_int((int64_t)silent, 0, "every failure says why");
	engine_free(engine);
}

static void
test_life(void)
{
	struct platform *platform = load();
	struct engine *engine = NULL;
	struct wake wake;
	struct frame frame;

	is_int(
	    engine_open(&platform, 1, &options, &engine, NULL), ERR_OK, "open");
	ok(engine_stop(engine, clock_now()), "what never ran is stopped");
	is_int(wake_init(&wake, NULL), ERR_OK, "wake");
	is_int(frame_init(&frame, engine_store(engine), NULL), ERR_OK, "frame");
	is_int(store_subscribe(engine_store(engine), STORE_WATCH, &wake, NULL),
	    ERR_OK, "subscribe");
	is_int(engine_start(engine, NULL), ERR_OK, "start");
	do {
		is_int(io_wait(wake_fd(&wake), IO_READ,
			   clock_now() + 60 * NS_PER_SEC, NULL, NULL),
		    ERR_OK, "the watch thread publishes");
		wake_drain(&wake);
		frame_acquire(&frame, engine_store(engine));
	} while (frame.sections[frame.slot_count - 1] == NULL);
	ok(engine_stop(engine, clock_now() + 60 * NS_PER_SEC), "stop");
	ok(engine_stop(engine, clock_now()), "stop again");
	frame_release(&frame);
	engine_free(engine);
	wake_release(&wake);
}

int
main(void)
{
	RUN(test_memory);
	RUN(test_life);
	return tap_done();
}
