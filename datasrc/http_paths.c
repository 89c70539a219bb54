#include "datasrc/http_paths.h"

#include <string.h>

#include "base/buf.h"
#include "datasrc/http.h"

/* Length of the URL in front of its path, and up to its path's end. */
struct paths_cut {
	size_t root;
	size_t path;
};

static struct paths_cut
paths_cut(const char *url)
{
	const char *host = strstr(url, "://");
	struct paths_cut cut = { 0, strcspn(url, "?#") };

	host = host != NULL ? host + 3 : url;
	cut.root = (size_t)(host - url) + strcspn(host, "/?#");
	while (cut.path > cut.root && url[cut.path - 1] == '/')
		cut.path--;
	return cut;
}

void
http_paths_init(
    struct http_paths *paths, const char *url, const struct opt_list *list)
{
	*paths = (struct http_paths) { .url = url, .paths = list };
	paths->settled = list->count == 0;
}

size_t
http_paths_count(const struct http_paths *paths)
{
	struct paths_cut cut = paths_cut(paths->url);
	size_t count = paths->paths->count;

	if (count == 0)
		return 1;
	return cut.path > cut.root ? 2 * count : count;
}

bool
http_paths_url(const struct http_paths *paths, struct buf *out)
{
	struct paths_cut cut = paths_cut(paths->url);
	size_t count = paths->paths->count;

	if (count == 0)
		return buf_str(out, paths->url);
	buf_add(out, paths->url, paths->at < count ? cut.path : cut.root);
	return buf_str(out, paths->paths->items[paths->at % count]);
}

bool
http_paths_take(struct http_paths *paths, const struct http_response *response)
{
	int status = response->status;

	if (paths->settled)
		return true;
	if (status == 401 || status == 403 || status == 404 || status == 405 ||
	    status == 410 || status == 501 || (status >= 300 && status < 400) ||
	    strcmp(response->type, "text/html") == 0)
		return false;
	paths->settled = status >= 200 && status < 300;
	return true;
}

void
http_paths_next(struct http_paths *paths)
{
	paths->at = (paths->at + 1) % http_paths_count(paths);
}
