#include "datasrc/bullmq_dialect.h"

#include <string.h>

#include "base/attr.h"
#include "base/num.h"

static const char *const dialect_names[] = {
	[BULLMQ_UNKNOWN] = "bullmq, newer than known",
	[BULLMQ_BULL4] = "bull 4",
	[BULLMQ_3] = "bullmq 3",
	[BULLMQ_4] = "bullmq 4",
	[BULLMQ_5] = "bullmq 5",
	[BULLMQ_6] = "bullmq 6",
};

const char *
bullmq_dialect_name(enum bullmq_dialect dialect)
{
	return (size_t)dialect < ARRAY_LEN(dialect_names)
		   ? dialect_names[dialect]
		   : dialect_names[BULLMQ_UNKNOWN];
}

/*
 * "bullmq:5.81.5": the number behind the last colon, because forks write
 * another name before it. 0 when there is none.
 */
static int64_t
version_major(const char *version)
{
	const char *colon = strrchr(version, ':');
	size_t n;
	int64_t major;

	if (colon == NULL)
		return 0;
	n = strspn(colon + 1, "0123456789");
	if (n == 0 || n > 4 || !num_parse_i64(colon + 1, n, &major))
		return 0;
	return major;
}

static enum bullmq_dialect
dialect_of_major(int64_t major)
{
	if (major <= 3)
		return BULLMQ_3;
	if (major == 4)
		return BULLMQ_4;
	if (major == 5)
		return BULLMQ_5;
	return major == 6 ? BULLMQ_6 : BULLMQ_UNKNOWN;
}

enum bullmq_dialect
bullmq_dialect_of(const struct bullmq_evidence *e, bool *ret_sure)
{
	int64_t major = version_major(e->version);

	*ret_sure = true;
	if (major > 0)
		return dialect_of_major(major);
	if (!e->max_len && !e->events) {
		*ret_sure = e->id || e->repeat || e->meta_paused;
		return *ret_sure ? BULLMQ_BULL4 : BULLMQ_5;
	}
	if (e->marker || e->finished == BULLMQ_TRACE_ATM)
		return BULLMQ_5;
	if (e->finished == BULLMQ_TRACE_MADE)
		return e->priority ? BULLMQ_3 : BULLMQ_4;
	if (e->worker_bzpopmin)
		return BULLMQ_5;
	if (e->worker_brpoplpush)
		return e->priority ? BULLMQ_3 : BULLMQ_4;
	*ret_sure = false;
	return BULLMQ_5;
}

bool
bullmq_has_paused_list(enum bullmq_dialect dialect)
{
	return dialect != BULLMQ_6 && dialect != BULLMQ_UNKNOWN;
}

bool
bullmq_has_prioritized(enum bullmq_dialect dialect)
{
	return dialect != BULLMQ_BULL4 && dialect != BULLMQ_3;
}

bool
bullmq_locks_late(enum bullmq_dialect dialect)
{
	return dialect == BULLMQ_BULL4 || dialect == BULLMQ_3 ||
	       dialect == BULLMQ_4;
}

bool
bullmq_is_marker(const char *id, size_t len)
{
	return len >= 2 && id[0] == '0' && id[1] == ':';
}
