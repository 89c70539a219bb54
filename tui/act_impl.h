/*
 * What the files of the dialog share. Private to tui/act*.c.
 */
#ifndef SEV_TUI_ACT_IMPL_H
#define SEV_TUI_ACT_IMPL_H

#include "actions/engine.h"
#include "actions/limits.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "model/platform_action.h"
#include "model/store.h"
#include "panels/limits.h"
#include "tui/act.h"
#include "tui/confirm.h"
#include "tui/limits.h"
#include "tui/prompt.h"

enum act_mode {
	ACT_CLOSED,
	ACT_MENU,  /* which of several actions */
	ACT_FORM,  /* the arguments of one */
	ACT_JOB,   /* a job: its plan, its progress, its result */
	ACT_ASK,   /* a line of text */
	ACT_FORCE, /* what is in force */
	ACT_LEAVE, /* leave although something is in force? */
};

/* What a line of text is asked for. */
enum act_ask {
	ASK_ARM,   /* why the gate is opened */
	ASK_KEEP,  /* why something stays in force */
	ASK_CLOSE, /* what was found about what is in doubt */
};

/* What a key that is being held for CONFIRM_HOLD_MS will do. */
enum act_hold {
	HOLD_NONE,
	HOLD_PLAN, /* the capital: choose and plan */
	HOLD_STOP, /* x: cancel what is being sent */
};

/* What was selected when the key was pressed; texts live in the arena. */
struct act_subject {
	const struct platform *platform; /* NULL: not known */
	const char *source;		 /* NULL: none */
	const char *type;		 /* of the source; NULL: none */
	const char *key;		 /* of the row; NULL: no row */
	const char *const *keys;	 /* of all rows that are meant */
	size_t key_count;		 /* 0: no row */
	const char *outer;  /* of what the row is a part of; NULL */
	const char *signal; /* NULL: none */
	uint64_t job;	    /* a row of jobs is one; 0: it is not */
	bool unclean;	    /* the key holds bytes that can't be shown */
};

/* An action that fits the subject. */
struct act_choice {
	const char *name;
	const struct action_ops *ops;
	const struct platform_action *configured; /* NULL: built in */
	struct request_target *targets; /* rows it acts on; the arena's */
	size_t target_count;		/* 0: it acts on its source */
	size_t fits; /* of the rows that are meant; two may be one target */
	bool mends;  /* was configured to mend the signal */
};

/* One row of the form. */
struct act_field {
	const struct opt *opt;
	char *value; /* owned by the arena; "": not given */
};

/* A job whose end is to be told though no dialog shows it. */
struct act_follow {
	uint64_t job;
	char title[ERR_MSG_MAX];
};

struct act {
	struct act_setup is;
	struct frame frame; /* of its own: the picture may be frozen */
	enum act_mode mode;
	enum act_mode back; /* where a line of text leads back to */
	int64_t quiet_until;
	bool shown; /* what can be decided was drawn */
	bool tiny;  /* at the last draw */
	int scroll;
	int page; /* rows that scroll, at the last draw */
	int rows; /* of them there are */

	enum act_hold hold;
	int64_t hold_at;

	struct arena *arena; /* of what follows; NULL: closed */
	struct act_subject subject;
	enum command command; /* that it was opened with */
	const char *named;    /* COMMAND_ACT_NAMED: which; borrowed */
	struct act_choice choices[ACT_CHOICES_MAX];
	size_t choice_count;
	size_t at; /* selected, in a list */
	size_t top;
	const struct act_choice *chosen;
	struct act_field *fields;
	size_t field_count;
	size_t field;
	struct request *request; /* a reference; NULL: none was made */
	uint64_t asked;		 /* job that reads words for field asked_for */
	size_t asked_for;
	struct choices *words_read; /* a reference; NULL: not (yet) read */

	uint64_t job; /* 0: none */
	struct job_view view;
	bool gone;		/* the engine has forgotten the job */
	struct confirm confirm; /* of the plan that is shown */

	enum act_ask ask;
	struct prompt prompt;
	char subject_id[AUDIT_ID_LEN]; /* ASK_KEEP: of what is in force */
	const char *arm;	       /* platform to arm; NULL: all */
	char words[ERR_MSG_MAX];       /* what is wrong, in the dialog; "" */

	struct act_follow follow[ACT_FOLLOW_MAX];
	size_t follow_count;
	char notice[ERR_MSG_MAX];
	bool notice_new;
	char hint[ACT_HINT_MAX];
};

/* act.c */
void act_close(struct act *act);
void act_go(struct act *act, enum act_mode mode, int64_t now);
void act_say(struct act *act, const char *fmt, ...) ATTR_PRINTF(2, 3);
void act_tell(struct act *act, const char *fmt, ...) ATTR_PRINTF(2, 3);
void act_ask(struct act *act, enum act_ask ask, int64_t now);
void act_crowded(struct act *act);

/*
 * act_ask.c: whether a key may decide: alone in its read, not in a burst, and
 * not before what it is about could be read. Says why not.
 */
bool act_key_counts(
    struct act *act, const struct input_event *event, int64_t now);
bool act_gate(const struct act *act, const struct platform *platform,
    struct gate *ret_gate);

/* Why nothing can be recorded, and so nothing be done; empty: it can. */
struct text act_audit_words(
    const struct act *act, const struct platform *platform);

/* act_pick.c: from what is selected to what can be done to it. */
bool act_subject_bind(struct act *act, const struct panel_target *target);

/* The bytes that text was cleaned from; NULL: they can't be told. */
const char *act_plain_of(struct arena *arena, struct text text);

/* The rows that are meant: those tagged, else the selected one; how many. */
size_t act_target_rows(const struct panel_target *target,
    const struct table_row *const **ret_rows);

/* What is selected, in the words of what can be done to it; "": no row. */
void act_subject_name(const struct act *act, char out[ERR_MSG_MAX]);

/* The rows of an action: "runPrompt", "runPrompt and 2 more"; "": none. */
void act_choice_rows(const struct act_choice *choice, char out[ERR_MSG_MAX]);

const char *act_choice_title(const struct act_choice *choice);
const char *act_choice_help(const struct act_choice *choice);
enum action_class act_choice_class(const struct act_choice *choice);
const char *act_choice_key(const struct act_choice *choice);

/* act_collect.c: fills act->choices with what command means for target. */
void act_collect(
    struct act *act, enum command command, const struct panel_target *target);

/* Takes the action: its form if something has to be given, else its plan. */
void act_choose(struct act *act, size_t choice, int64_t now);

/* act_form.c */
bool act_form_open(struct act *act);
void act_form_start(struct act *act, int64_t now);
bool act_form_look(struct act *act);
bool act_form_wants(const struct act *act);
void act_form_event(
    struct act *act, const struct input_event *event, int64_t now);
void act_form_draw(struct act *act, struct canvas *canvas, struct rect area);

/* act_pick.c: the request with the values of the form, which may be missing;
 * false: err says why not. */
bool act_request(struct act *act, struct err *err);

/* Plans what was chosen with the values of the form. */
void act_plan(struct act *act, int64_t now);

/* act_job.c: keys on a job */
void act_job_event(struct act *act, const struct input_event *event,
    int64_t now, struct act_out *out);
void act_job_draw(struct act *act, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
bool act_job_look(struct act *act);

/* A held y may decide now. True: the picture changed. */
bool act_job_tick(struct act *act, int64_t fed_at, int64_t now);

/* Of the plan, or of what was selected; NULL: not known. */
const struct platform *act_job_platform(const struct act *act);

/* act_list.c: the menu and what is in force */
void act_menu_event(
    struct act *act, const struct input_event *event, int64_t now);
void act_menu_draw(struct act *act, struct canvas *canvas, struct rect area);
void act_force_event(
    struct act *act, const struct input_event *event, int64_t now);
void act_force_draw(struct act *act, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
const struct table *act_force_table(const struct act *act);

#endif
