/*
 * Redaction: no known value survives in any form, nothing changes the
 * second time, shapes and values do not depend on who comes first, and the
 * output grows by no more than its bound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const values[] = { "canary-secret", "canary", "s3cr3t/+\"",
	"Y2FuYXJ5LXNlY3Jl", "redis://:url-canary@h:1" };

/* Forms of the values above that must not be left. */
static const char *const forms[] = { "canary", "s3cr3t/+\"", "s3cr3t%2F%2B%22",
	"s3cr3t/+\\\"", "Y2FuYXJ5LXNlY3Jl", "url-canary" };

static void
check(bool good)
{
	if (!good)
		abort();
}

static struct redactor *
make(const uint8_t *data, size_t size)
{
	struct redactor *redactor = redactor_new();
	struct err err = ERR_INIT;
	enum err_code code;

	check(redactor != NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		check(redactor_add(redactor, values[i], strlen(values[i]),
			  &err) == ERR_OK);
	/* One value from the input itself. */
	code = redactor_add(redactor, data, size, &err);
	check(code == ERR_OK || code == ERR_LIMIT);
	return redactor;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT(size * 3), twice = BUF_INIT(size * 9);
	struct redactor *redactor;
	size_t value = size > 0 ? data[0] % 16 : 0;

	if (size < value + 1)
		return 0;
	redactor = make(data + 1, value);
	data += 1 + value;
	size -= 1 + value;
	check(redact_bytes(redactor, &once, data, size));
	check(redact_bytes(redactor, &twice, once.data, once.len));
	check(once.len == twice.len);
	check(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		check(once.len == 0 || memmem(once.data, once.len, forms[i],
					   strlen(forms[i])) == NULL);
	buf_clear(&once);
	check(redact_bytes(NULL, &once, data, size));
	buf_release(&once);
	buf_release(&twice);
	redactor_free(redactor);
	return 0;
}
