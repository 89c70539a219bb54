#include "datasrc/bullmq_fail.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/redact.h"
#include "datasrc/reason_fold.h"

uint64_t
bullmq_id_hash(const char *id, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
	return h;
}

/*
 * Both lists are in the same order, new jobs at the front and gaps where
 * one was retried, so the search goes on from the last one found.
 */
void
bullmq_fails_set(struct bullmq_fails *fails, const uint64_t *ids,
    const double *ats, size_t n)
{
	struct bullmq_fail kept[BULLMQ_FAILS_MAX];
	size_t kept_count = fails->count, from = 0;

	if (n > BULLMQ_FAILS_MAX)
		n = BULLMQ_FAILS_MAX;
	memcpy(kept, fails->list, kept_count * sizeof(kept[0]));
	for (size_t i = 0; i < n; i++) {
		size_t j = from;

		while (j < kept_count &&
		       (kept[j].id != ids[i] || kept[j].at != ats[i]))
			j++;
		if (j < kept_count) {
			fails->list[i] = kept[j];
			from = j + 1;
		} else {
			fails->list[i] = (struct bullmq_fail) {
				.id = ids[i],
				.at = ats[i],
			};
		}
	}
	fails->count = n;
}

/*
 * Bytes as a C string, secrets hidden. False, and "", when they are too many
 * or hold NUL; whole: also when something had to be hidden, because an id
 * that was changed names another job.
 */
static bool
keep_bytes(char *out, size_t cap, const char *bytes, size_t len, bool whole,
    const struct redactor *redactor)
{
	struct buf clean = BUF_INIT(8 * BULLMQ_JOB_MAX);
	bool good =
	    bytes != NULL && len < cap && memchr(bytes, '\0', len) == NULL &&
	    redact_bytes(redactor, &clean, bytes, len) && clean.len < cap &&
	    (!whole || (clean.len == len &&
			   memcmp(buf_cstr(&clean), bytes, len) == 0));

	snprintf(out, cap, "%s", good ? buf_cstr(&clean) : "");
	buf_release(&clean);
	return good;
}

static bool
keep_reason(struct bullmq_fail *fail, const struct bullmq_fail_facts *facts,
    const struct redactor *redactor)
{
	struct buf clean = BUF_INIT(BULLMQ_REASON_READ_MAX * 2);
	size_t len = facts->reason_len;
	bool good;

	if (facts->reason == NULL || len == 0) {
		snprintf(fail->reason, sizeof(fail->reason), "(no reason)");
		return true;
	}
	if (len > BULLMQ_REASON_READ_MAX)
		len = BULLMQ_REASON_READ_MAX;
	good = redact_bytes(redactor, &clean, facts->reason, len);
	if (good)
		reason_fold(buf_cstr(&clean), clean.len, fail->reason,
		    sizeof(fail->reason));
	buf_release(&clean);
	return good;
}

void
bullmq_fails_learn(struct bullmq_fails *fails, size_t i,
    const struct bullmq_fail_facts *facts, const struct redactor *redactor)
{
	struct bullmq_fail *fail = &fails->list[i];

	keep_bytes(fail->job, sizeof(fail->job), facts->job, facts->job_len,
	    true, redactor);
	if (!keep_bytes(fail->name, sizeof(fail->name), facts->name,
		facts->name_len, false, redactor) &&
	    facts->name != NULL)
		snprintf(fail->name, sizeof(fail->name), "(name too long)");
	fail->added = facts->added;
	fail->attempts = facts->attempts;
	fail->known = keep_reason(fail, facts, redactor);
}

static void
reason_count(struct bullmq_reason *reason, double at)
{
	reason->count++;
	if (at < reason->first)
		reason->first = at;
	if (at > reason->last)
		reason->last = at;
}

/* Frequent before rare; the list is short, so insertion does. */
static void
reasons_sort(struct bullmq_reason *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct bullmq_reason r = list[i];
		size_t j = i;

		for (; j > 0 && list[j - 1].count < r.count; j--)
			list[j] = list[j - 1];
		list[j] = r;
	}
}

size_t
bullmq_fails_fold(
    const struct bullmq_fails *fails, struct bullmq_reason *rets, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < fails->count; i++) {
		const struct bullmq_fail *f = &fails->list[i];
		size_t j = 0;

		if (!f->known)
			continue;
		while (j < n && strcmp(rets[j].reason, f->reason) != 0)
			j++;
		if (j == n && n == cap)
			continue;
		if (j == n)
			rets[n++] = (struct bullmq_reason) {
				.reason = f->reason,
				.first = f->at,
				.last = f->at,
			};
		reason_count(&rets[j], f->at);
	}
	reasons_sort(rets, n);
	return n;
}
