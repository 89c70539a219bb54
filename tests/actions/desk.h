/*
 * A person in front of the dialog of the mitigations, which stands on a real
 * engine with the fakes of tests/actions/fake.h.
 */
#ifndef SEV_TESTS_DESK_H
#define SEV_TESTS_DESK_H

#include "tests/actions/fake.h"
#include "tui/act_impl.h"
#include "tui/keys.h"

enum {
	DESK_H = 30,
	DESK_W = 100
};

/* Time is the engine's, and what was skipped. */
enum {
	DESK_PATIENCE_S = 30 /* far beyond what is measured */
};

struct desk {
	struct fake_world world;
	struct keys keys;
	struct act *act;
	struct canvas *canvas;
	struct section *section; /* the source "things" with two rows */
	int64_t skipped;
	struct act_out out;
};

/* False: said why, or no memory. */
bool desk_open(struct desk *desk, const char *env, enum gate_mode gate);

/* The same where anybody may write to the folder of the record. */
bool desk_open_unsafe(struct desk *desk, const char *env, enum gate_mode gate);

void desk_close(struct desk *desk);
int64_t desk_now(const struct desk *desk);
void desk_draw_at(struct desk *desk, bool tiny);
void desk_draw(struct desk *desk);
/* One look at everything, and a picture. */
void desk_tick(struct desk *desk);

/* Time goes by, with nothing typed. */
void desk_rest(struct desk *desk);

void desk_event(struct desk *desk, const struct input_event *event);
/* One deliberate key. */
void desk_key(struct desk *desk, uint32_t code);

/* Several, one after the other. */
void desk_type(struct desk *desk, const char *ascii);

void desk_paste(struct desk *desk, const char *text);
/* A capital on row number at; SIZE_MAX: nothing is selected. */
void desk_capital(struct desk *desk, enum command command, size_t at);

/* A capital with some rows tagged, by their numbers. */
void desk_capital_on(
    struct desk *desk, enum command command, const size_t *rows, size_t count);

/* Waits until the job of the dialog is in one of the states, as fake_wait(). */
bool desk_job(struct desk *desk, unsigned states);

/* A capital, and the plan is on the screen and was read. */
bool desk_plan(struct desk *desk, enum command command, size_t at);

/* Waits until the screen says it; prints the screen when it does not. */
bool desk_says(struct desk *desk, const char *words);

/* Whether the last notice says it. */
bool desk_told(struct desk *desk, const char *words);

bool desk_is_closed(const struct desk *desk);

#endif
