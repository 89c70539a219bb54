#include "tests/live/google.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/proc_run.h"
#include "datasrc/http.h"
#include "tests/live/child.h"

enum {
	JUDGE_S = 60
};

bool
google_launch(struct child *server)
{
	static const char *const unset[] = { "GOOGLE_APPLICATION_CREDENTIALS",
		"GOOGLE_CLOUD_QUOTA_PROJECT", "GCE_METADATA_HOST" };
	const char *argv[] = { "/usr/bin/python3",
		child_source_path("tests/live/gcpserver.py"), NULL };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(unset); i++)
		unsetenv(unset[i]);
	setenv("CLOUDSDK_CONFIG", "/nonexistent", 1);
	return child_start(server, argv, true);
}

struct cJSON *
google_ask(const struct child *server, const char *path)
{
	struct http_client *client = NULL;
	struct http_response response;
	struct cJSON *root = NULL;
	char url[256];
	const struct http_request request = { .url = url };

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s",
	    child_number(server, "PORT"), path);
	if (http_client_new(&(struct http_options) { .proxy = NULL }, &client,
		NULL) != ERR_OK ||
	    http_fetch(client, &request, clock_now() + 20 * NS_PER_SEC, NULL,
		&response, NULL) != ERR_OK ||
	    json_parse(response.body, response.body_len, &root, NULL) != ERR_OK)
		printf("# no answer to %s\n", path);
	http_client_free(client);
	return root;
}

void
google_set(const struct child *server, const char *query)
{
	char path[128];

	snprintf(path, sizeof(path), "/set?%s", query);
	json_free(google_ask(server, path));
}

bool
google_judges_there(void)
{
	return access(child_source_path("tests/gcp/node_modules/protobufjs"),
		   R_OK) == 0;
}

/* Its TAP lines become comments of ours. */
static bool
take_words(void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	bool *fresh = ctx;

	(void)stream;
	for (size_t i = 0; i < len; i++) {
		if (*fresh)
			fputs("# ", stdout);
		putchar(bytes[i]);
		*fresh = bytes[i] == '\n';
	}
	return true;
}

bool
google_requests_right(const char *log)
{
	const char *argv[] = { "node", NULL, log != NULL ? log : "/nonexistent",
		NULL };
	bool fresh = true;
	const struct proc_spec spec = { .argv = argv,
		.deadline = clock_now() + JUDGE_S * NS_PER_SEC,
		.chunk = take_words,
		.ctx = &fresh };
	struct proc proc = { .stuck = 0 };
	struct proc_end end = { .status = -1 };
	struct err err = ERR_INIT;

	argv[1] = child_source_path("tests/gcp/requests.mjs");
	if (proc_run(&proc, &spec, NULL, &end, &err) == ERR_OK)
		return end.status == 0;
	printf("# %s\n", err_text(&err));
	return false;
}
