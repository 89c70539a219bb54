/*
 * Texts around PostgreSQL: a URL, and what a server or libpq says of a
 * connection. Whatever is wrong with a URL, no part of a password gets out;
 * a URL that is taken gives hosts and ports; every text of a server becomes
 * an error on one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "datasrc/pg_explain.h"
#include "datasrc/pg_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_url(const char *url)
{
	struct pg_target target;
	struct err err = ERR_INIT;
	char place[PG_TARGET_TEXT_LEN];

	if (pg_target_parse(url, &target, &err) != ERR_OK) {
		check(err.code != ERR_OK && err.msg[0] != '\0');
		check(strstr(err.msg, "hunter2") == NULL);
		return;
	}
	check(target.host_count >= 1 && target.host_count <= PG_HOSTS_MAX);
	for (size_t i = 0; i < target.host_count; i++) {
		check(target.hosts[i].port > 0);
		check(strlen(target.hosts[i].name) < NET_HOST_MAX);
		pg_target_text(&target, i, place);
		check(strlen(place) < sizeof(place));
		pg_target_is_local(&target, i);
	}
	pg_target_release(&target);
}

static void
check_words(const char *text)
{
	struct err err = ERR_INIT;

	check(pg_explain_connect(text, "here:1", &err) != ERR_OK);
	check(err.msg[0] != '\0' && strchr(err.msg, '\n') == NULL);
	err_clear(&err);
	check(pg_explain_server("53300", text, &err) != ERR_OK);
	check(err.msg[0] != '\0' && strchr(err.msg, '\n') == NULL);
	check(pg_explain_server(text, text, &err) != ERR_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_url(text);
	check_words(text);
	mem_free(text);
	return 0;
}
