/*
 * Header lines of a response. Whatever they hold, the status has three
 * digits, no wait is longer than the maximum, and the type is drawable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "datasrc/http_head.h"
#include "datasrc/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_head(const struct http_head *head)
{
	int64_t wait = http_head_retry_after(head, 1795000000);

	check(head->status >= 0 && head->status <= 999);
	check(wait >= -1 && wait <= HTTP_RETRY_AFTER_MAX_S);
	check(head->date_s >= 0 && head->retry_after_date >= 0);
	check(memchr(head->type, '\0', sizeof(head->type)) != NULL);
	check(memchr(head->location, '\0', sizeof(head->location)) != NULL);
	check(strpbrk(head->location, "/?#@") == NULL);
	check(memchr(head->etag, '\0', sizeof(head->etag)) != NULL);
	check(head->etag[0] == '\0' || head->etag[0] == '"');
	for (const char *s = head->type; *s != '\0'; s++)
		check(*s > ' ' && *s < 0x7F && (*s < 'A' || *s > 'Z'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size;
	struct http_head head;

	http_head_clear(&head);
	while (line < end) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		const char *next = lf != NULL ? lf + 1 : end;

		http_head_line(&head, line, (size_t)(next - line));
		check_head(&head);
		line = next;
	}
	return 0;
}
