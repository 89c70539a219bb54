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
#include "datasrc/series.h"
#include "datasrc/source.h"

struct prom_conf {
	const char *url;	  /* one target ... */
	struct opt_list targets;  /* ... or many */
	const char *targets_file; /* ... or many more, one a line */
	const char *path;	  /* for targets without one */
	struct opt_pairs headers; /* values may be references to secrets */
	const char *bearer;
	const char *user;
	const char *password;
	struct opt_list keep;
	struct opt_list per_target;
	struct opt_list without;
	int gauges; /* enum series_gauges */
	int64_t max_body;
	bool compressed;
	const char *ca_file;
	bool insecure;
	const char *proxy;
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
