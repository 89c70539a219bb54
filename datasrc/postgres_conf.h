/*
 * The options of a source of type "postgres". thread: owner; the struct is
 * constant once bound.
 */
#ifndef SEV_DATASRC_POSTGRES_CONF_H
#define SEV_DATASRC_POSTGRES_CONF_H

#include <stdint.h>

#include "base/opt.h"
#include "datasrc/pg_report.h"
#include "datasrc/pg_session.h"
#include "datasrc/source.h"

struct postgres_conf {
	struct pg_conf pg; /* first: sources that refer to it read it there */
	struct pg_limits limits;
	int64_t statement_ns;
	int64_t sizes_ns;      /* 0: never */
	int64_t statements_ns; /* 0: never */
};

extern const struct opt_table postgres_conf_table;

/* struct source_ops.check */
void postgres_conf_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors);

#endif
