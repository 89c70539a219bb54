#include "datasrc/http_paths.h"

#include <stdio.h>

#include "base/buf.h"
#include "datasrc/http.h"
#include "tests/tap.h"

static const char *const two[] = { "/healthz", "/health" };
static const struct opt_list pair = { .items = two, .count = 2 };
static const struct opt_list none = { .count = 0 };

static void
url_is(const struct http_paths *paths, const char *want)
{
	struct buf url = BUF_INIT(256);

	ok(http_paths_url(paths, &url), "fits");
	is_str(buf_cstr(&url), want, want);
	buf_release(&url);
}

static struct http_response
answer(int status, const char *type)
{
	struct http_response response = { .status = status };

	snprintf(response.type, sizeof(response.type), "%s", type);
	return response;
}

static void
test_urls(void)
{
	struct http_paths paths;

	http_paths_init(&paths, "http://h:3000/api/v1/?x=1", &pair);
	is_int((int64_t)http_paths_count(&paths), 4, "below the path and not");
	url_is(&paths, "http://h:3000/api/v1/healthz");
	http_paths_next(&paths);
	url_is(&paths, "http://h:3000/api/v1/health");
	http_paths_next(&paths);
	url_is(&paths, "http://h:3000/healthz");
	http_paths_next(&paths);
	url_is(&paths, "http://h:3000/health");
	http_paths_next(&paths);
	url_is(&paths, "http://h:3000/api/v1/healthz");
	http_paths_init(&paths, "https://h/", &pair);
	is_int((int64_t)http_paths_count(&paths), 2, "no path, once each");
	url_is(&paths, "https://h/healthz");
	http_paths_init(&paths, "https://h", &pair);
	url_is(&paths, "https://h/healthz");
	http_paths_init(&paths, "https://h/a?b=c", &none);
	is_int((int64_t)http_paths_count(&paths), 1, "no candidates");
	url_is(&paths, "https://h/a?b=c");
}

static void
test_take(void)
{
	static const int away[] = { 301, 302, 308, 401, 403, 404, 405, 410,
		501 };
	struct http_response response;
	struct http_paths paths;

	http_paths_init(&paths, "http://h", &pair);
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		response = answer(away[i], "application/json");
		ok(!http_paths_take(&paths, &response), "%d is not there",
		    away[i]);
	}
	response = answer(200, "text/html");
	ok(!http_paths_take(&paths, &response), "a web page is for everything");
	response = answer(502, "text/html");
	ok(!http_paths_take(&paths, &response), "a proxy's words");
	response = answer(503, "application/json");
	ok(http_paths_take(&paths, &response), "unwell, but there");
	ok(!paths.settled, "and not yet for good");
	response = answer(200, "");
	ok(http_paths_take(&paths, &response) && paths.settled, "found");
	response = answer(404, "");
	ok(http_paths_take(&paths, &response), "what was found counts");
	http_paths_init(&paths, "http://h/a", &none);
	ok(http_paths_take(&paths, &response), "one URL is what it is");
}

int
main(void)
{
	RUN(test_urls);
	RUN(test_take);
	return tap_done();
}
