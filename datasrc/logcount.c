#include "datasrc/logcount.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "model/limits.h"
#include "model/logfilter.h"
#include "model/platform.h"

struct search {
	struct logfilter *filter;
	const char *name; /* the platform's */
	struct logcount_found found;
};

struct logcount {
	struct text source;
	struct buf scratch;
	size_t search_count;
	struct search searches[];
};

enum err_code
logcount_new(const struct platform *platform, struct text source,
    struct logcount **ret_count, struct err *err)
{
	size_t n = platform != NULL ? platform->search_count : 0;
	struct logcount *count;

	if (n == 0) {
		*ret_count = NULL;
		return ERR_OK;
	}
	count = mem_calloc(1, sizeof(*count) + n * sizeof(*count->searches));
	if (count == NULL)
		return err_set(err, ERR_NOMEM, "logs", "no memory");
	count->source = source;
	count->scratch = (struct buf)BUF_INIT(LOG_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		struct search *search = &count->searches[count->search_count];
		enum err_code code;

		search->name = platform->searches[i].name;
		code = logfilter_new(
		    platform->searches[i].expr, &search->filter, err);
		if (code != ERR_OK) {
			logcount_free(count);
			return code;
		}
		count->search_count++;
	}
	*ret_count = count;
	return ERR_OK;
}

struct logcount *
logcount_free(struct logcount *count)
{
	if (count == NULL)
		return NULL;
	for (size_t i = 0; i < count->search_count; i++)
		logfilter_free(count->searches[i].filter);
	buf_release(&count->scratch);
	mem_free(count);
	return NULL;
}

void
logcount_line(struct logcount *count, const struct log_line *line)
{
	if (count == NULL || (line->flags & (LOG_CONT | LOG_NOTICE)) != 0)
		return;
	for (size_t i = 0; i < count->search_count; i++) {
		struct search *search = &count->searches[i];

		switch (logfilter_match(
		    search->filter, line, count->source, &count->scratch)) {
		case LOGFILTER_YES:
			search->found.lines++;
			break;
		case LOGFILTER_COSTLY:
			search->found.costly++;
			break;
		case LOGFILTER_NO:
			break;
		}
	}
}

void
logcount_found_report(
    const char *name, const struct logcount_found *found, struct build *build)
{
	struct arena *arena = build_arena(build);
	struct label *label = arena_array(arena, 1, sizeof(*label));

	if (label == NULL)
		return;
	*label = (struct label) { TEXT("search"), text_clean_str(arena, name) };
	build_metric(build, TEXT("log_matches"), NUM_COUNT, METRIC_COUNTER,
	    (double)found->lines, label, 1);
	if (found->costly > 0)
		build_health(build, text_fmt(arena, "search %s", name),
		    STATE_WARN,
		    text_fmt(arena,
			"too costly on %llu lines, which are not "
			"counted: simplify its pattern",
			(unsigned long long)found->costly),
		    -1);
}

void
logcount_report(const struct logcount *count, struct build *build)
{
	for (size_t i = 0; count != NULL && i < count->search_count; i++)
		logcount_found_report(
		    count->searches[i].name, &count->searches[i].found, build);
}
