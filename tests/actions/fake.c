#include "tests/actions/fake.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"

struct fake fake;
const char *fake_config;
const struct platform_types *fake_sources;

struct fake_args {
	int value; /* index in values */
};

static const char *const values[] = { "off", "on", NULL };

void
fake_reset(void)
{
	atomic_store(&fake.on_plan, FAKE_FINE);
	atomic_store(&fake.on_apply, FAKE_FINE);
	atomic_store(&fake.on_verify, FAKE_FINE);
	atomic_store(&fake.late_ms, 20);
	atomic_store(&fake.lines, 0);
	atomic_store(&fake.plans, 0);
	atomic_store(&fake.applies, 0);
	atomic_store(&fake.verifies, 0);
	atomic_store(&fake.release, false);
}

bool
fake_open(void)
{
	fake_reset();
	umask(077); /* as the program does */
	snprintf(fake.dir, sizeof(fake.dir), "/tmp/sevtop-act-XXXXXX");
	return mkdtemp(fake.dir) != NULL;
}

static void
fake_path(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", fake.dir, name);
}

void
fake_close(void)
{
	DIR *dir = opendir(fake.dir);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(fake.dir);
}

/* The file as a whole; "" when there is none. */
static void
fake_read(struct buf *out)
{
	char path[600], bytes[4096];
	ssize_t n;
	int fd;

	fake_path("effects", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(out, bytes, (size_t)n);
	if (fd >= 0)
		close(fd);
}

/* One effect: one write, so that it is there or is not. */
static void
fake_effect(const char *target, const char *value)
{
	char path[600], line[300];
	int len = snprintf(line, sizeof(line), "%s %s\n", target, value), fd;

	fake_path("effects", path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)len) != len)
		abort();
	close(fd);
}

/* Walks the lines; counts those of target (NULL: all), keeps the last. */
static size_t
fake_scan(const char *target, const char **ret_value)
{
	struct buf all = BUF_INIT(16 * 1024 * 1024);
	size_t count = 0, len = target != NULL ? strlen(target) : 0;
	const char *at, *nl;

	fake_read(&all);
	*ret_value = "off";
	for (at = buf_cstr(&all); (nl = strchr(at, '\n')) != NULL;
	     at = nl + 1) {
		if (target != NULL &&
		    (strncmp(at, target, len) != 0 || at[len] != ' '))
			continue;
		count++;
		*ret_value = nl[-1] == 'n' ? "on" : "off";
	}
	buf_release(&all);
	return count;
}

size_t
fake_effects(const char *target)
{
	const char *value;

	return fake_scan(target, &value);
}

const char *
fake_state(const char *target)
{
	const char *value;

	fake_scan(target, &value);
	return value;
}

static void
fake_hang(void)
{
	while (!atomic_load(&fake.release))
		(void)io_wait(-1, 0, clock_now() + 2 * NS_PER_MS, NULL, NULL);
}

/* Faults that a call of any kind can have; FINE: goes on. */
static enum err_code
fake_common(struct action_ctx *ctx, enum fake_fault fault, struct err *err)
{
	switch (fault) {
	case FAKE_REFUSED:
	case FAKE_UNREADABLE:
		return err_set(
		    err, ERR_REFUSED, "fake", "nobody answers at fake:1");
	case FAKE_SLOW:
		return err_set(err,
		    io_wait(-1, 0, ctx->deadline, ctx->cancel, NULL), "fake",
		    "no answer in time");
	case FAKE_HANGS:
		fake_hang();
		return err_set(err, ERR_TIMEOUT, "fake", "woke up late");
	case FAKE_HELD:
		fake_hang();
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static const char *
fake_wanted(const struct action_ctx *ctx)
{
	const struct fake_args *args = ctx->args;

	return args != NULL ? values[args->value] : "on";
}

static enum err_code
fake_plan_one(struct action_ctx *ctx, struct plan *plan,
    const struct request_target *target, struct err *err)
{
	struct text name = text_ingest(ctx->redactor, plan->arena, target->name,
	    strlen(target->name), PLAN_TEXT_MAX);

	if (strcmp(target->name, "nobody") == 0)
		return err_set(err, ERR_NOTFOUND, "fake",
		    "there is no target \"%.40s\"", target->name);
	if (target->key != NULL && strcmp(target->key, target->name) != 0)
		return err_set(err, ERR_CLOSED, "fake",
		    "changed since you looked: it is another %.40s now",
		    target->name);
	plan_line(plan, name, text_lit(fake_state(target->name)),
	    text_lit(fake_wanted(ctx)), TEXT_EMPTY);
	plan_send(plan,
	    text_fmt(plan->arena, "SET %s %s", target->name, fake_wanted(ctx)));
	plan_sample(plan, name);
	return ERR_OK;
}

static enum err_code
ops_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	enum err_code code = fake_common(ctx, atomic_load(&fake.on_plan), err);

	for (size_t i = 0; code == ERR_OK && values[i] != NULL; i++)
		choices_add(choices, values[i], strlen(values[i]));
	choices_add(choices, "on", 2);
	choices_add(choices, "\xff", 1);
	return strcmp(arg, "value") == 0 ? code : ERR_NOTFOUND;
}

static enum err_code
ops_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct request_value undo = { "value", "off" };
	struct request_spec spec = *is;
	enum err_code code;

	atomic_fetch_add(&fake.plans, 1);
	code = fake_common(ctx, atomic_load(&fake.on_plan), err);
	for (size_t i = 0; code == ERR_OK && i < is->target_count; i++)
		code = fake_plan_one(ctx, plan, &is->targets[i], err);
	if (code != ERR_OK)
		return code;
	plan_reach(plan, TEXT("targets"), NUM_COUNT, (double)is->target_count);
	plan_trap(plan, TEXT("this is a fake"));
	plan_memo(plan, fake_wanted(ctx));
	plan->effect = TEXT("the value changes");
	if (ctx->args == NULL)
		return ERR_OK;
	undo.value = fake_state(is->targets[0].name);
	plan->nothing = strcmp(undo.value, fake_wanted(ctx)) == 0;
	spec.values = &undo;
	spec.value_count = 1;
	plan_undo(plan, &spec);
	return ERR_OK;
}

/* What happens a while after the caller was told nothing. */
struct late {
	const struct action_ctx *ctx;
	char target[64];
	char value[8];
};

static void *
late_main(void *opaque)
{
	struct late *late = opaque;

	(void)io_wait(-1, 0,
	    clock_now() + atomic_load(&fake.late_ms) * NS_PER_MS, NULL, NULL);
	fake_effect(late->target, late->value);
	mem_free(late);
	return NULL;
}

static void
fake_later(const char *target, const char *value)
{
	struct late *late = mem_calloc(1, sizeof(*late));
	struct thread thread;

	snprintf(late->target, sizeof(late->target), "%s", target);
	snprintf(late->value, sizeof(late->value), "%s", value);
	if (thread_start(&thread, "late", late_main, late, NULL) == ERR_OK)
		thread_detach(&thread);
}

/* One target; false: the connection is gone. */
static bool
fake_apply_one(struct action_ctx *ctx, enum fake_fault fault, size_t index,
    const char *target, struct err *err)
{
	const char *value = fake_wanted(ctx);

	switch (fault) {
	case FAKE_FORBIDDEN:
		action_target(ctx, index, TARGET_UNCHANGED, "not permitted");
		err_set(err, ERR_FORBIDDEN, "fake", "not permitted");
		return true;
	case FAKE_CHANGED:
		action_target(ctx, index, TARGET_UNCHANGED,
		    "it changed since the plan was made");
		err_set(err, ERR_CLOSED, "fake", "changed since you looked");
		return true;
	case FAKE_CUT_BEFORE:
		err_set(err, ERR_CLOSED, "fake", "the connection was reset");
		return false;
	case FAKE_CUT_AFTER:
		fake_effect(target, value);
		err_set(err, ERR_CLOSED, "fake", "the connection was reset");
		return false;
	case FAKE_LATE:
		fake_later(target, value);
		err_set(err, ERR_TIMEOUT, "fake", "no answer");
		return false;
	case FAKE_HALF:
		if (index > 0) {
			err_set(err, ERR_CLOSED, "fake", "reset half-way");
			return false;
		}
		break;
	case FAKE_LIES:
		action_target(ctx, index, TARGET_ACCEPTED, NULL);
		return true;
	default:
		break;
	}
	fake_effect(target, value);
	action_target(ctx, index, TARGET_ACCEPTED, NULL);
	return true;
}

static enum err_code
ops_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	enum fake_fault fault = atomic_load(&fake.on_apply);
	enum err_code code;

	(void)plan;
	atomic_fetch_add(&fake.applies, 1);
	code = fake_common(ctx, fault, err);
	if (fault == FAKE_REFUSED)
		action_targets(ctx, TARGET_UNCHANGED, "no connection");
	if (code != ERR_OK)
		return code;
	if (plan->class == ACTION_LOOK) {
		char line[ACTIONS_LINE_MAX];

		memset(line, '\x1b', sizeof(line)); /* takes the most memory */
		for (int i = atomic_load(&fake.lines); i > 0; i--)
			action_say(ctx, line, sizeof(line));
		action_say(ctx, "hello \x1b[31m", 11);
		action_targets(ctx, TARGET_DONE, "it was looked at");
		return ERR_OK;
	}
	for (size_t i = 0; i < is->target_count; i++) {
		if (!fake_apply_one(ctx, fault, i, is->targets[i].name, err))
			break;
	}
	return err->code;
}

static enum err_code
ops_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	enum fake_fault fault = atomic_load(&fake.on_verify);
	enum err_code code;

	atomic_fetch_add(&fake.verifies, 1);
	code = fake_common(ctx, fault, err);
	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < is->target_count; i++) {
		if (!action_is_open(ctx, i))
			continue;
		if (fault == FAKE_NEVER)
			action_target(ctx, i, TARGET_UNCHANGED, "it is gone");
		else if (strcmp(fake_state(is->targets[i].name), plan->memo) ==
			 0)
			action_target(ctx, i, TARGET_DONE, NULL);
	}
	return ERR_OK;
}

static const struct opt fake_rows[] = {
	{
	    OPT_FIELD(struct fake_args, value, "value", OPT_CHOICE),
	    .choices = values,
	    .required = true,
	    .help = "what to set it to",
	},
};
static const struct opt_table fake_args_table = OPT_TABLE(fake_rows);
static const struct action_row fake_on[] = {
	{ "fake", "things", NULL },
	{ NULL, NULL, NULL },
};

#define FAKE_OPS(ops_name, ops_title, ops_class)                               \
	.name = (ops_name), .title = (ops_title), .help = "for tests",         \
	.class = (ops_class), .rows = fake_on, .source_type = "fake",          \
	.targets_min = 1, .targets_max = 8, .plan_ns = 200 * NS_PER_MS,        \
	.apply_ns = 200 * NS_PER_MS, .verify_ns = 100 * NS_PER_MS,             \
	.plan = ops_plan, .apply = ops_apply, .verify = ops_verify

static const struct action_ops fake_drop = {
	FAKE_OPS("fake.drop", "Drop", ACTION_DESTRUCTIVE),
	.key = "act-kill",
};
static const struct action_ops fake_look = {
	FAKE_OPS("fake.look", "Look", ACTION_LOOK),
	.key = "act-scale",
};
static const struct action_ops fake_poke = {
	FAKE_OPS("fake.poke", "Poke it", ACTION_REVERSIBLE),
	.key = "act-pause",
};
static const struct action_ops fake_restart = {
	FAKE_OPS("fake.restart", "Restart", ACTION_DISRUPTIVE),
	.key = "act-retry",
};
static const struct action_ops fake_set = {
	FAKE_OPS("fake.set", "Set", ACTION_REVERSIBLE),
	.key = "act-flag",
	.args = &fake_args_table,
	.args_size = sizeof(struct fake_args),
	.choices = ops_choices,
};

const struct action_ops *const fake_table[] = {
	&fake_drop,
	&fake_look,
	&fake_poke,
	&fake_restart,
	&fake_set,
	NULL,
};

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) { .name = "fake", .help = "a fake" };
	return index == 0;
}

static const struct platform_types fake_types = { .at = types_at };

struct platform *
fake_platform(const char *env)
{
	static struct conf_errors errors;
	static const char small[] = "platform: shop\n"
				    "sources:\n"
				    "  things: {type: fake}\n";
	const char *text = fake_config != NULL ? fake_config : small;
	const struct platform_types *types =
	    fake_sources != NULL ? fake_sources : &fake_types;
	struct platform *platform = NULL;

	if (platform_parse("test.yaml", text, strlen(text), env, types, NULL,
		&errors, &platform) != ERR_OK)
		printf("# %s\n", errors.items[0].msg);
	return platform;
}

static bool
fake_world_start(struct fake_world *world)
{
	struct err err = ERR_INIT;

	if (actions_open(&world->options, &world->actions, &err) == ERR_OK &&
	    actions_start(world->actions, &err) == ERR_OK)
		return true;
	printf("# %s\n", err_text(&err));
	return false;
}

bool
fake_world_open(struct fake_world *world, const char *env, enum gate_mode gate)
{
	memset(world, 0, sizeof(*world));
	world->platform = fake_platform(env);
	world->platforms[0] = world->platform;
	world->store = store_new(1, NULL);
	world->redactor = redactor_new();
	if (wake_init(&world->wake, NULL) != ERR_OK ||
	    store_subscribe(world->store, STORE_ANY, &world->wake, NULL) !=
		ERR_OK)
		return false;
	fake_path("audit.db", world->audit, sizeof(world->audit));
	world->options = (struct actions_options) {
		.table = fake_table,
		.platforms = world->platforms,
		.platform_count = 1,
		.store = world->store,
		.redactor = world->redactor,
		.gate = gate,
		.audit_path = world->audit,
		.hurry = 1000,
	};
	return fake_world_start(world);
}

static void
fake_world_stop(struct fake_world *world)
{
	if (world->actions == NULL)
		return;
	if (!actions_stop(world->actions, clock_now() + 60 * NS_PER_SEC)) {
		printf("# the engine is stuck\n");
		exit(1);
	}
	world->actions = actions_free(world->actions);
}

bool
fake_world_again(struct fake_world *world)
{
	fake_world_stop(world);
	return fake_world_start(world);
}

void
fake_world_close(struct fake_world *world)
{
	fake_world_stop(world);
	store_free(world->store);
	wake_release(&world->wake);
	redactor_free(world->redactor);
	platform_free(world->platform);
}

bool
fake_wait(struct fake_world *world, uint64_t job, unsigned states,
    struct job_view *ret_view)
{
	int64_t deadline = clock_now() + 10 * NS_PER_SEC;
	struct job_view view = { .plan = NULL };
	bool there, found;

	do {
		wake_drain(&world->wake);
		job_view_release(&view);
		there = actions_job(world->actions, job, &view);
		found = there && (((1u << view.state) & states) != 0 ||
				     ((states & FAKE_SETTLED) != 0 &&
					 view.outcome != OUTCOME_NONE));
	} while (!found && there &&
		 io_wait(wake_fd(&world->wake), IO_READ, deadline, NULL,
		     NULL) == ERR_OK);
	*ret_view = view;
	return found;
}

uint64_t
fake_plan(struct fake_world *world, const char *action, const char *target,
    const char *value, struct job_view *ret_view)
{
	const struct request_target one = { .name = target };
	const struct request_value set = { "value", value };
	const struct request_spec spec = {
		.action = action,
		.platform = "shop",
		.targets = &one,
		.target_count = target != NULL,
		.values = &set,
		.value_count = value != NULL,
	};
	struct err err = ERR_INIT;
	uint64_t job = 0;

	*ret_view = (struct job_view) { .plan = NULL };
	if (actions_plan(world->actions, &spec, &job, &err) != ERR_OK) {
		snprintf(ret_view->words, sizeof(ret_view->words), "%s",
		    err_text(&err));
		return 0;
	}
	fake_wait(world, job, 1u << JOB_PLANNED | FAKE_SETTLED, ret_view);
	return job;
}

void
fake_act(struct fake_world *world, const char *action, const char *target,
    const char *value, struct job_view *ret_view)
{
	struct err err = ERR_INIT;
	uint64_t job = fake_plan(world, action, target, value, ret_view);

	if (job == 0 || ret_view->state != JOB_PLANNED)
		return;
	if (actions_confirm(world->actions, job, ret_view->plan, "a test",
		ret_view->plan->word, &err) != ERR_OK) {
		actions_cancel(world->actions, job);
		job_view_release(ret_view);
		fake_wait(world, job, FAKE_SETTLED, ret_view);
		snprintf(ret_view->words, sizeof(ret_view->words), "%s",
		    err_text(&err));
		return;
	}
	job_view_release(ret_view);
	fake_wait(world, job, FAKE_SETTLED, ret_view);
}
