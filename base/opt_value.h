/*
 * One value of the configuration, checked against its row and put into its
 * field. For base/opt*.c, and for who makes rows at run time.
 * thread: any.
 */
#ifndef SEV_BASE_OPT_VALUE_H
#define SEV_BASE_OPT_VALUE_H

#include "base/opt.h"

/*
 * Reads node into field (the row's C type; not for OPT_GROUP). ERR_CONFIG
 * with the reason in errors, ERR_NOMEM; the field is then untouched.
 */
enum err_code opt_value_read(const struct opt *opt,
    const struct conf_node *node, void *field, struct arena *arena,
    struct conf_errors *errors) ATTR_MUST_USE;

/* The same from a preset. */
enum err_code opt_value_preset(const struct opt *opt, void *field,
    struct arena *arena, struct conf_errors *errors) ATTR_MUST_USE;

/* Pieces of opt_value_read() that live in base/opt_secret.c. */
enum err_code opt_read_url(const struct opt *opt, const struct conf_node *node,
    void *field, struct conf_errors *errors) ATTR_MUST_USE;
enum err_code opt_read_secret(const struct opt *opt,
    const struct conf_node *node, void *field, struct arena *arena,
    struct conf_errors *errors) ATTR_MUST_USE;

/* Says what is there instead of the wanted kind; returns ERR_CONFIG. */
enum err_code opt_wrong_kind(const struct opt *opt,
    const struct conf_node *node, struct conf_errors *errors);

/* Index of len bytes of text in the row's choices; -1: none of them. */
int opt_choice_index(const struct opt *opt, const char *text, size_t len);

/* What a message calls the kind: "a duration such as ..."; never NULL. */
const char *opt_kind_wants(enum opt_kind kind);

/* Type of the field that a kind needs. */
enum opt_type opt_kind_type(enum opt_kind kind);

/* A bound as text in the row's kind and unit; returns out. */
enum {
	OPT_BOUND_LEN = 64
};
char *opt_bound_text(
    const struct opt *opt, int64_t bound, char out[OPT_BOUND_LEN]);

#endif
