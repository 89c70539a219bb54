/*
 * A type of things that a configuration names: of sources ("http"), of
 * configured actions ("command"), of flags ("redis"). Who implements it
 * tells the model its keys; the model binds them and knows no more.
 * thread: any; it is const.
 */
#ifndef SEV_MODEL_PLATFORM_TYPE_H
#define SEV_MODEL_PLATFORM_TYPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"

struct platform_type {
	const char *name;      /* "http", "prometheus.scrape" */
	const char *help;      /* one line */
	int64_t every_ns;      /* source: default interval; 0: the usual */
	int64_t timeout_ns;    /* source: default deadline; 0: the usual */
	struct opt_table opts; /* its own keys */
	size_t config_size;    /* of the struct that they are bound into */
	const void *ops;       /* the caller's, handed through */
	const char *filters;   /* source: its key of named filters of log lines,
				  whose names its lines have in the field
				  "filter"; NULL: it has none */
};

#endif
