/*
 * What changed in Cloud Run services from one answer to the next, as events:
 * a new image or revision is a deploy, and so is other traffic; a variable
 * that is shown is a flag; bounds of the instances are scaling. What a
 * service was when it was first seen is no event; what made it that is told
 * by gcp_run_past.h. The time is Google's where it fits, else the answer's.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_RUN_WATCH_H
#define SEV_DATASRC_GCP_RUN_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/keytab.h"
#include "model/section.h"

struct build;
struct run_service;
struct text_buf;

struct run_watch {
	struct keytab services; /* GCP_WATCHED_MAX of them */
	struct keytab flags;	/* GCP_WATCHED_FLAGS_MAX variables */
	int64_t told_ms;	/* the newest event; none is older */
};

void run_watch_init(struct run_watch *watch);
void run_watch_release(struct run_watch *watch);

/* Looks at a service of an answer of wall_ms and adds what happened. True
 * when it is seen for the first time. */
bool run_watch_service(struct run_watch *watch,
    const struct run_service *service, int64_t wall_ms, struct build *build);

/* Adds an event of that service at ms, with words and who did it, if known. */
void run_event(struct build *build, const struct run_service *service,
    int64_t ms, enum event_kind kind, struct text_buf *words, struct text who);

/* Appends "WAS to NOW". */
void run_changed(struct text_buf *words, struct text was, struct text now);

#endif
