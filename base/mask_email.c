#include "base/mask_email.h"

#include <string.h>

#include "base/buf.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Bytes beyond ASCII may be letters of a name. */
static bool
is_local(char c)
{
	return is_alnum(c) || (c != '\0' && strchr(".+_-'", c) != NULL) ||
	       ((unsigned char)c & 0x80) != 0;
}

/* Length of a domain at s: labels with a dot between two; 0: none. */
static size_t
domain_len(const char *s, size_t len)
{
	size_t n = 0, dots = 0;

	while (n < len && (is_alnum(s[n]) || s[n] == '-' || s[n] == '.')) {
		if (s[n] == '.' && n > 0 && n + 1 < len && is_alnum(s[n + 1]))
			dots++;
		n++;
	}
	while (n > 0 && !is_alnum(s[n - 1]))
		n--;
	return dots > 0 ? n : 0;
}

/* Length of the sign at s: "@" or "%40"; 0: none. */
static size_t
at_sign(const char *s, size_t len)
{
	if (s[0] == '@')
		return 1;
	return len >= 3 && memcmp(s, "%40", 3) == 0 ? 3 : 0;
}

static bool
is_service(const char *domain, size_t len)
{
	static const char end[] = "gserviceaccount.com";

	return len >= strlen(end) &&
	       memcmp(domain + len - strlen(end), end, strlen(end)) == 0;
}

bool
mask_emails(struct buf *out, const char *s, size_t len)
{
	size_t done = 0; /* of s: what is in out */

	for (size_t i = 0; i < len; i++) {
		size_t sign = at_sign(s + i, len - i), from = i, domain;

		if (sign == 0)
			continue;
		while (from > done && is_local(s[from - 1]))
			from--;
		domain = domain_len(s + i + sign, len - i - sign);
		if (from == i || domain == 0 ||
		    is_service(s + i + sign, domain))
			continue;
		/* Half a character would be no text. */
		buf_add(out, s + done,
		    from - done + (((unsigned char)s[from] & 0x80) == 0));
		buf_str(out, "…");
		done = i;
		i += sign + domain - 1;
	}
	return buf_add(out, s + done, len - done) && !out->failed;
}
