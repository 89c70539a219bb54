/*
 * The options of a prometheus.scrape source, and what they say about which
 * series to keep. thread: owner; the struct is constant once bound.
 */
#ifndef SEV_DATASRC_PROM_CONF_H
#define SEV_DATASRC_PROM_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "datasrc/http_session.h"
#include "datasrc/series.h"
#include "datasrc/source.h"

/* Given is either http.url (one target), targets or targets_file. */
struct prom_conf {
	struct http_conf http;
	struct opt_list targets;
	const char *targets_file; /* one a line */
	const char *path;	  /* for targets without one */
	struct opt_list keep;
	struct opt_list per_target;
	struct opt_list without;
	int gauges; /* enum series_gauges */
	bool compressed;
};

extern const struct opt_table prom_conf_table;

/* struct source_ops.check */
void prom_conf_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors);

/* What is kept: the lists of the configuration and the platform's signals. */
struct prom_rules {
	struct series_rules rules; /* targets are the caller's to set */
	struct selector **keep;
	size_t keep_count;
	struct selector **per_target;
	size_t per_target_count;
};

/* ERR_CONFIG, ERR_NOMEM. Release also after a failure. */
enum err_code prom_rules_init(struct prom_rules *rules,
    const struct prom_conf *conf, const struct source_env *env,
    struct err *err) ATTR_MUST_USE;
void prom_rules_release(struct prom_rules *rules);

#endif
