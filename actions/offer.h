/*
 * What can be chosen, as a command tells it: words of an input, targets.
 * They are asked for when a plan is made, and a value that is not among
 * them is refused before anything is sent.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_OFFER_H
#define SEV_ACTIONS_OFFER_H

#include "actions/choices.h"
#include "actions/peek.h"
#include "actions/scope.h"
#include "base/err.h"

struct action_ctx;
struct conf_errors;
struct conf_node;
struct platform_action;

/* The choices() of a kind. ERR_UNSUPPORTED: the input asks no command. */
enum err_code offer_input(struct action_ctx *ctx, const char *arg,
    const struct peek_conf *base, struct choices *choices,
    struct err *err) ATTR_MUST_USE;

/* ERR_USAGE for an input that is none of its choices. */
enum err_code offer_check_inputs(struct action_ctx *ctx,
    const struct peek_conf *base, struct err *err) ATTR_MUST_USE;

/*
 * ERR_NOTFOUND for a target that is not there: not in the list that from
 * gives (NULL: none does), else not in a table that the screen has.
 */
enum err_code offer_check_targets(struct action_ctx *ctx,
    const struct conf_node *from, const struct peek_conf *base,
    struct err *err) ATTR_MUST_USE;

/* Adds to errors what is wrong with the maps of an action. */
void offer_check_conf(const struct platform_action *action,
    const struct conf_node *targets, const struct scope *scope,
    struct conf_errors *errors);

#endif
