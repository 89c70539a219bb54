/*
 * What the references in the templates of a configured action stand for:
 *
 *	${input.NAME}		a value that was asked for
 *	${target.name}		what it is done to; ${target.key} is its row
 *	${read.NAME}		a value that was read before
 *	${platform.name}	and ${platform.env}
 *
 * Without a request the inputs have sample values, so that the
 * configuration can be checked when it is loaded.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_SCOPE_H
#define SEV_ACTIONS_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/opt.h"
#include "base/template.h"

struct action_ctx;
struct arena;
struct conf_errors;
struct conf_node;
struct platform;
struct platform_action;
struct request_target;

/* A value by name. */
struct scope_value {
	const char *name;
	const char *value; /* NULL: known, but there was none */
	bool bare;	   /* as struct template_value */
};

/* Everything is borrowed. */
struct scope {
	const struct platform *platform;
	const struct platform_action *action; /* NULL: no inputs */
	const char *const *inputs;	      /* NULL: sample values */
	const struct request_target *target;  /* NULL: none */
	bool may_target;		      /* ${target.*} has a meaning */
	const char *group; /* what more is called: "read", "flag" */
	const struct scope_value *more;
	size_t more_count;
	struct arena *arena; /* what is made lives there */
};

/* The scope of one target of a call; index past the last: no target. */
struct scope scope_of(const struct action_ctx *ctx, size_t index);

/* The same with sample values, to check what the file says. */
struct scope scope_sample(const struct platform *platform,
    const struct platform_action *action, struct arena *arena);

/* text filled in; what says where it stands in messages: "url". */
enum err_code scope_fill(const struct scope *scope, const char *what,
    const char *text, enum template_form form, const char **ret_text,
    struct err *err) ATTR_MUST_USE;

/*
 * The words of a command, ended by NULL. A word that is nothing but an input
 * that was not given, or an option with nothing else (--since=${input.since}),
 * is left out; one that begins with a value must not
 * become an option ("-rf"), unless a word "--" stands before it.
 */
enum err_code scope_argv(const struct scope *scope, const char *what,
    const struct opt_list *argv, const char *const **ret_argv,
    struct err *err) ATTR_MUST_USE;

/* Pairs filled in; a value never becomes a reference to a secret. */
enum err_code scope_pairs(const struct scope *scope, const char *what,
    const struct opt_pairs *pairs, enum template_form form,
    struct opt_pairs *ret_pairs, struct err *err) ATTR_MUST_USE;

/*
 * Adds to errors what is wrong with a template; node is where it stands
 * (NULL: fallback is).
 */
void scope_check_text(const struct scope *scope, const char *text,
    enum template_form form, const struct conf_node *node,
    const struct conf_node *fallback, struct conf_errors *errors);
void scope_check_list(const struct scope *scope, const struct opt_list *list,
    const struct conf_node *fallback, struct conf_errors *errors);
void scope_check_pairs(const struct scope *scope, const struct opt_pairs *pairs,
    enum template_form form, struct conf_errors *errors);

#endif
