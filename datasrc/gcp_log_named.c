#include "datasrc/gcp_log_named.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/gcp_filter.h"
#include "datasrc/logcount.h"

struct named {
	const char *name;
	struct gcp_filter *filter;
	struct logcount_found found;
};

struct gcp_log_named {
	size_t count;
	struct named items[];
};

enum err_code
gcp_log_named_new(const struct opt_pairs *pairs,
    struct gcp_log_named **ret_named, struct err *err)
{
	struct gcp_log_named *named =
	    mem_calloc(1, sizeof(*named) + pairs->count * sizeof(struct named));

	if (named == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	for (size_t i = 0; i < pairs->count; i++) {
		struct named *item = &named->items[i];
		enum err_code code =
		    gcp_filter_new(pairs->items[i].value, &item->filter, err);

		if (code != ERR_OK) {
			gcp_log_named_free(named);
			return code;
		}
		item->name = pairs->items[i].key;
		named->count++;
	}
	*ret_named = named;
	return ERR_OK;
}

struct gcp_log_named *
gcp_log_named_free(struct gcp_log_named *named)
{
	if (named == NULL)
		return NULL;
	for (size_t i = 0; i < named->count; i++)
		gcp_filter_free(named->items[i].filter);
	mem_free(named);
	return NULL;
}

struct gcp_log_found
gcp_log_named_match(const struct gcp_log_named *named,
    const struct cJSON *entry, struct buf *out)
{
	struct gcp_log_found found = { .yes = 0 };

	buf_clear(out);
	for (size_t i = 0; i < named->count; i++) {
		const struct named *item = &named->items[i];

		switch (gcp_filter_match(item->filter, entry)) {
		case GCP_FILTER_YES:
			found.yes |= UINT32_C(1) << i;
			buf_add(out, item->name, strlen(item->name) + 1);
			break;
		case GCP_FILTER_COSTLY:
			found.costly |= UINT32_C(1) << i;
			break;
		case GCP_FILTER_NO:
			break;
		}
	}
	return found;
}

void
gcp_log_named_count(
    struct gcp_log_named *named, const struct gcp_log_found *found)
{
	for (size_t i = 0; i < named->count; i++) {
		named->items[i].found.lines += found->yes >> i & 1;
		named->items[i].found.costly += found->costly >> i & 1;
	}
}

void
gcp_log_named_report(const struct gcp_log_named *named, struct build *build)
{
	for (size_t i = 0; i < named->count; i++)
		logcount_found_report(
		    named->items[i].name, &named->items[i].found, build);
}
