/*
 * Which of many questions are asked in which poll. Each is due in every so
 * many polls (turns), and there is a quota a minute, of which each of several
 * dashboards takes its share. What is not asked in one poll is asked in the
 * next, the longest unasked first.
 *
 *	gcp_turns_begin(&turns, clock_now());
 *	gcp_turns_order(due, count);
 *	for (i = 0; i < count && gcp_turns_take(&turns); i++)
 *		ask(&due[i]);
 *
 * thread: owner fetcher; pure.
 */
#ifndef SEV_DATASRC_GCP_TURNS_H
#define SEV_DATASRC_GCP_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gcp_turns {
	double per_minute; /* that are ours */
	double left;	   /* to be asked now; below 0: in debt */
	int64_t at;	   /* of the last turn; 0: none yet */
	uint64_t turn;	   /* counts them */
};

/* When a question is due. What it is, the asker says in its own numbers. */
struct gcp_due {
	unsigned every; /* turns */
	unsigned kind;
	unsigned index;
	unsigned part;
	uint64_t asked; /* in which turn; 0: never */
};

/* quota of all, and how many share it; both at least 1. */
void gcp_turns_init(struct gcp_turns *turns, int64_t quota, int64_t share);

/* A poll begins. What was saved up is a minute's worth at most. */
void gcp_turns_begin(struct gcp_turns *turns, int64_t now);

bool gcp_turns_due(const struct gcp_turns *turns, const struct gcp_due *due);

/* The longest unasked first, else as they are. */
void gcp_turns_order(struct gcp_due *due, size_t count);

/* One question; false: there is none left. */
bool gcp_turns_take(struct gcp_turns *turns);

#endif
