#include "tests/actions/desk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "model/build.h"
#include "tests/panel/golden.h"

static struct section *
things_section(void)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	};
	static const char *const names[] = { "alpha", "beta\xff", "gamma" };
	struct section *section = section_new();
	struct build *build = build_new();

	build_table(build, TEXT("things"), columns, 1);
	for (size_t i = 0; i < 3; i++) {
		struct text name = text_clean_str(build_arena(build), names[i]);

		build_row(build, name, STATE_OK);
		build_cell_text(build, 0, name);
	}
	snprintf(section->name, sizeof(section->name), "things");
	snprintf(section->type, sizeof(section->type), "fake");
	snprintf(section->platform, sizeof(section->platform), "shop");
	section->payload = build_finish(build, NULL);
	build_free(build);
	return section;
}

/* mode is that of the folder of the record, from before the first look. */
static bool
desk_open_in(
    struct desk *desk, const char *env, enum gate_mode gate, mode_t mode)
{
	struct act_setup setup = { .table = fake_table };
	struct err err = ERR_INIT;

	memset(desk, 0, sizeof(*desk));
	if (!fake_open() || chmod(fake.dir, mode) != 0 ||
	    !fake_world_open(&desk->world, env, gate))
		return false;
	keys_init(&desk->keys);
	setup.actions = desk->world.actions;
	setup.store = desk->world.store;
	setup.platforms = desk->world.platforms;
	setup.platform_count = 1;
	setup.keys = &desk->keys;
	desk->section = things_section();
	desk->canvas = canvas_new(DESK_H, DESK_W);
	return act_new(&setup, &desk->act, &err) == ERR_OK;
}

bool
desk_open(struct desk *desk, const char *env, enum gate_mode gate)
{
	return desk_open_in(desk, env, gate, 0700);
}

bool
desk_open_unsafe(struct desk *desk, const char *env, enum gate_mode gate)
{
	return desk_open_in(desk, env, gate, 0777);
}

void
desk_close(struct desk *desk)
{
	act_free(desk->act);
	section_unref(desk->section);
	canvas_free(desk->canvas);
	fake_world_close(&desk->world);
	fake_close();
}

int64_t
desk_now(const struct desk *desk)
{
	return clock_now() + desk->skipped;
}

void
desk_draw_at(struct desk *desk, bool tiny)
{
	static const char *names[COMMAND_COUNT];
	struct panel_ctx ctx = {
		.frame = &desk->act->frame,
		.now = desk_now(desk),
		.wall_ms = clock_wall_ms(),
		.key_names = names,
	};

	canvas_clear(desk->canvas);
	act_draw(
	    desk->act, &ctx, desk->canvas, canvas_rect(desk->canvas), tiny);
}

void
desk_draw(struct desk *desk)
{
	desk_draw_at(desk, false);
}

void
desk_tick(struct desk *desk)
{
	bool changed = false;

	act_tick(desk->act, 0, desk_now(desk), &changed);
	desk_draw(desk);
}

void
desk_rest(struct desk *desk)
{
	desk_tick(desk);
	desk->skipped += 600 * NS_PER_MS;
	desk_tick(desk);
}

void
desk_event(struct desk *desk, const struct input_event *event)
{
	memset(&desk->out, 0, sizeof(desk->out));
	act_event(desk->act, event, desk_now(desk), &desk->out);
}

void
desk_key(struct desk *desk, uint32_t code)
{
	const struct input_event event = { .kind = INPUT_KEY, .code = code };

	desk_event(desk, &event);
	desk->skipped += 30 * NS_PER_MS;
	desk_tick(desk);
}

void
desk_type(struct desk *desk, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		desk_key(desk, (unsigned char)*ascii);
}

void
desk_paste(struct desk *desk, const char *text)
{
	const struct input_event event = {
		.kind = INPUT_PASTE, .text = text, .len = strlen(text)
	};

	desk_event(desk, &event);
	desk_tick(desk);
}

static void
desk_capital_at(
    struct desk *desk, enum command command, const struct panel_target *target)
{
	act_command(desk->act, command, target, desk_now(desk));
	desk->skipped += 30 * NS_PER_MS;
	desk_tick(desk);
}

static struct panel_target
desk_target(const struct desk *desk)
{
	return (struct panel_target) {
		.section = desk->section,
		.table = payload_table(desk->section->payload, "things"),
		.signal = TEXT("errors"),
	};
}

void
desk_capital(struct desk *desk, enum command command, size_t at)
{
	struct panel_target target = desk_target(desk);

	if (at < target.table->row_count)
		target.row = &target.table->rows[at];
	desk_capital_at(desk, command, at == SIZE_MAX ? NULL : &target);
}

void
desk_capital_on(
    struct desk *desk, enum command command, const size_t *rows, size_t count)
{
	struct panel_target target = desk_target(desk);

	for (size_t i = 0; i < count; i++)
		target.tagged[i] = &target.table->rows[rows[i]];
	target.tagged_count = count;
	target.row = target.tagged[0];
	desk_capital_at(desk, command, &target);
}

/*
 * Waits for news, or a moment: what a job has come to is looked at beside
 * what is published. False: the time is over.
 */
static bool
desk_wait(struct desk *desk, int64_t deadline)
{
	(void)io_wait(wake_fd(&desk->world.wake), IO_READ,
	    clock_now() + 50 * NS_PER_MS, NULL, NULL);
	return clock_now() < deadline;
}

bool
desk_job(struct desk *desk, unsigned states)
{
	int64_t deadline = clock_now() + DESK_PATIENCE_S * NS_PER_SEC;

	do {
		const struct job_view *view = &desk->act->view;

		wake_drain(&desk->world.wake);
		desk_tick(desk);
		if (((1u << view->state) & states) != 0 ||
		    ((states & FAKE_SETTLED) != 0 &&
			view->outcome != OUTCOME_NONE))
			return true;
	} while (desk_wait(desk, deadline));
	return false;
}

bool
desk_plan(struct desk *desk, enum command command, size_t at)
{
	desk_capital(desk, command, at);
	if (!desk_job(desk, 1u << JOB_PLANNED))
		return false;
	desk_rest(desk);
	return true;
}

bool
desk_says(struct desk *desk, const char *words)
{
	int64_t deadline = clock_now() + DESK_PATIENCE_S * NS_PER_SEC;

	do {
		wake_drain(&desk->world.wake);
		desk_draw(desk);
		for (int y = 0; y < desk->canvas->h; y++) {
			if (strstr(golden_row(desk->canvas, y), words) != NULL)
				return true;
		}
	} while (desk_wait(desk, deadline));
	for (int y = 0; y < desk->canvas->h; y++)
		printf("# %s\n", golden_row(desk->canvas, y));
	return false;
}

bool
desk_told(struct desk *desk, const char *words)
{
	const char *notice = act_notice(desk->act);

	if (notice != NULL && strstr(notice, words) != NULL)
		return true;
	printf("# told: %s\n", notice != NULL ? notice : "nothing");
	return false;
}

bool
desk_is_closed(const struct desk *desk)
{
	return !act_is_open(desk->act);
}
