/*
 * Why jobs of a queue failed: the newest BULLMQ_FAILS_MAX of its failed
 * set, their reasons folded and counted. A reason is read once per job and
 * kept, so that a poll asks only for what is new.
 * thread: owner.
 */
#ifndef SEV_DATASRC_BULLMQ_FAIL_H
#define SEV_DATASRC_BULLMQ_FAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datasrc/limits.h"

struct redactor;

struct bullmq_fail {
	uint64_t id;			/* hash of the job's id */
	double at;			/* finishedOn, ms since 1970 */
	bool known;			/* the reason was read */
	bool asked;			/* it is being read */
	char job[BULLMQ_JOB_MAX];	/* its id; "" when it is too odd */
	char name[BULLMQ_JOB_MAX];	/* of the job; cut, not cleaned */
	double added;			/* ms since 1970; NaN */
	double attempts;		/* made; NaN */
	char reason[BULLMQ_REASON_MAX]; /* redacted and folded, not cleaned */
};

/* What a failed job's hash says; borrowed, NULL for what is not there. */
struct bullmq_fail_facts {
	const char *job;
	size_t job_len;
	const char *name;
	size_t name_len;
	const char *reason;
	size_t reason_len;
	double added;
	double attempts;
};

struct bullmq_fails {
	struct bullmq_fail list[BULLMQ_FAILS_MAX]; /* newest first */
	size_t count;
};

struct bullmq_reason {
	const char *reason; /* borrowed from the list */
	size_t count;
	double first; /* ms since 1970 */
	double last;
};

/*
 * Replaces the list by the jobs that are in the set now; reasons of those
 * that were in it stay known. ids and ats have n elements, newest first.
 */
void bullmq_fails_set(struct bullmq_fails *fails, const uint64_t *ids,
    const double *ats, size_t n);

/* Keeps what is known of job i; its reason is hidden and folded. */
void bullmq_fails_learn(struct bullmq_fails *fails, size_t i,
    const struct bullmq_fail_facts *facts, const struct redactor *redactor);

/*
 * Equal reasons counted, most frequent first, newest first among equals.
 * Returns how many; those past cap are left out.
 */
size_t bullmq_fails_fold(
    const struct bullmq_fails *fails, struct bullmq_reason *rets, size_t cap);

/* FNV-1a, for ids that only need to be told apart. */
uint64_t bullmq_id_hash(const char *id, size_t len);

#endif
