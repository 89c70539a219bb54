/*
 * Programs that configured actions run: their words, never a shell; their
 * output line by line to the output pane; all of them ended together at the
 * deadline and on cancel (base/proc_run.h).
 * thread: owner.
 */
#ifndef SEV_ACTIONS_RUN_H
#define SEV_ACTIONS_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "actions/limits.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/proc_run.h"

struct action_ctx;
struct buf;
struct conf_errors;
struct conf_node;
struct plan;
struct scope;

/* Where and with what a program is run, as the configuration says it. */
struct run_conf {
	const char *dir;      /* NULL: ours */
	struct opt_pairs env; /* templates, or references to secrets */
	bool inherit;
	const char *db; /* postgres source whose server libpq's programs are
			 * to find, by variables; NULL: none */
};

struct run {
	const char *const *argv; /* ended by NULL */
	const struct run_conf *conf;
	const char *input;  /* secret that it reads, by reference; NULL: none */
	const char *script; /* text that it reads instead; NULL: none */
	const struct scope *scope; /* for the values of env */
	bool say;		   /* to the output pane */
	bool rest;	 /* what it leaves in the background goes on */
	struct buf *out; /* what it prints; NULL: not wanted */
};

struct run_end {
	bool began;		     /* the program was started */
	struct proc_end proc;	     /* of one that ended by itself */
	char last[ACTIONS_LINE_MAX]; /* line that it wrote, redacted; or "" */
};

/*
 * Runs it until ctx->deadline. ERR_OK: it ended by itself, with whatever
 * status. Errors of proc_env_make() and proc_run(); ERR_TOOBIG: out is full.
 */
enum err_code run_command(struct action_ctx *ctx, const struct run *run,
    struct run_end *ret_end, struct err *err) ATTR_MUST_USE;

/*
 * Whether it could be started now: program, folder, and every secret is
 * there. Starts nothing but what fetches secrets.
 */
enum err_code run_check(struct action_ctx *ctx, const struct run *run,
    struct err *err) ATTR_MUST_USE;

/* The folder and the variables by name, as lines of a plan. */
void run_plan_lines(struct plan *plan, const struct run_conf *conf);

/* A command as it is typed, with what it is fed below it, for a plan. */
void run_plan_send(
    struct action_ctx *ctx, struct plan *plan, const struct run *run);

/* Whether it ended by itself, with one of these statuses. */
bool run_is_good(const struct run_end *end, const struct opt_list *exits);

/* "status 3 after 120 ms: no such container" */
void run_words(const struct run_end *end, char *out, size_t size);

/*
 * Adds to errors what is wrong with a command: its templates, its variables,
 * statuses that are none, a secret among its words.
 */
void run_conf_check(const struct run_conf *conf, const struct opt_list *argv,
    const struct opt_list *exits, const struct scope *scope,
    const struct conf_node *node, struct conf_errors *errors);

#endif
