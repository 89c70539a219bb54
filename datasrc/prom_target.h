/*
 * The targets of a prometheus.scrape source: who is asked, and what came of
 * it last. thread: owner.
 */
#ifndef SEV_DATASRC_PROM_TARGET_H
#define SEV_DATASRC_PROM_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct prom_conf;

struct prom_target {
	char *name; /* host:port, with the path if that is not the usual */
	char *url;
	int64_t latency_ns; /* of the last answer; -1: none */
	size_t samples;
	uint32_t failures; /* in a row */
	uint32_t ask_at;   /* round in which it is asked again */
	enum err_code code;
	char why[ERR_MSG_MAX]; /* of the last failure */
};

struct prom_targets {
	struct prom_target *items;
	size_t count;
	const char **names; /* of the items, together */
	const char **urls;  /* the same */
	/* of targets_file as it was read; all 0: no file */
	int64_t file_mtime; /* ns */
	uint64_t file_inode;
	int64_t file_size;
};

#define PROM_TARGETS_INIT                                                      \
	{                                                                      \
		.items = NULL                                                  \
	}

/*
 * Fills the list from the configuration. ERR_CONFIG for what is no target or
 * is there twice, ERR_NOTFOUND, ERR_IO, ERR_TOOBIG for the file, ERR_NOMEM.
 * Release also after a failure.
 */
enum err_code prom_targets_load(struct prom_targets *targets,
    const struct prom_conf *conf, struct err *err) ATTR_MUST_USE;

/*
 * For a new list of the same source: what is known of targets that stay is
 * taken over, and from[i] is the place of target i in the old list, or
 * SERIES_NEW.
 */
void prom_targets_inherit(
    struct prom_targets *targets, const struct prom_targets *old, size_t *from);

/* Whether targets_file is another than the one that was read. */
bool prom_targets_changed(
    const struct prom_targets *targets, const struct prom_conf *conf);

void prom_targets_release(struct prom_targets *targets);

#endif
