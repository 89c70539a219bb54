/*
 * Looking at one thing outside: before an action (the value that changes),
 * again right before sending (it must not have changed), and afterwards (is
 * it so?). Three ways:
 *
 *	{argv: [pm2, pid, api], match: '[0-9]+'}	a program's output
 *	{url: ..., path: settings.throttle}		a JSON endpoint
 *	{health: api/status}				a health row
 *
 * What is looked at is a value; "want" is what it has to be. Without a want
 * the look itself says yes or no: the exit status, the match, a status of
 * 2xx, a health row that is ok.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_PEEK_H
#define SEV_ACTIONS_PEEK_H

#include <stdbool.h>

#include "actions/run.h"
#include "base/err.h"
#include "base/opt.h"
#include "datasrc/http_session.h"

struct action_ctx;
struct conf_errors;
struct conf_node;
struct scope;

enum peek_kind {
	PEEK_NONE,
	PEEK_COMMAND,
	PEEK_HTTP,
	PEEK_HEALTH,
};

struct peek_conf {
	struct http_conf http; /* first: peek_table is bound into it */
	const char *path;      /* of the value in the JSON */
	struct opt_list argv;
	struct run_conf run;
	struct opt_list exit;
	const char *match;  /* of the output; its first group, or all of it */
	bool count;	    /* how often it matches is the value */
	const char *script; /* that the command reads; NULL: none */
	const char *health; /* SOURCE/TARGET */
	const char *want;   /* template; NULL: none */
	const char *label;  /* of its line in the plan; NULL: its name */
};

/* Rows for a struct that begins with a struct peek_conf. */
extern const struct opt_table peek_table;

enum {
	PEEK_ETAG_LEN = 128
};

struct peek {
	bool there;	   /* a value was found */
	bool good;	   /* it is as wanted; without a want: it says yes */
	const char *value; /* raw, in the arena; "" when there is none */
	const char *want;  /* filled in; NULL: none */
	const char *why;   /* what was seen, when it is not good; raw */
	char etag[PEEK_ETAG_LEN]; /* PEEK_HTTP; "": none */
};

enum peek_kind peek_kind(const struct peek_conf *conf);

/*
 * Looks. base (NULL: none) is what the action itself says: its folder and
 * variables count for a command that has none of its own, its headers and
 * credentials for a URL of the same server without any. An error means that
 * nothing was seen.
 */
enum err_code peek_at(struct action_ctx *ctx, const struct peek_conf *conf,
    const struct peek_conf *base, const struct scope *scope,
    struct peek *ret_peek, struct err *err) ATTR_MUST_USE;

/* Where the command of a look runs: as base, where it says nothing itself. */
struct run_conf peek_run_conf(
    const struct peek_conf *conf, const struct peek_conf *base);

/* "GET https://...", "pm2 id api", "health api/status": for the plan. */
enum err_code peek_words(const struct peek_conf *conf,
    const struct scope *scope, const char **ret_words,
    struct err *err) ATTR_MUST_USE;

/* Adds to errors what the rows can't say; node is its map. */
void peek_check(const struct peek_conf *conf, const struct scope *scope,
    const struct conf_node *node, struct conf_errors *errors);

#endif
