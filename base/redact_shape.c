#include "base/redact_shape.h"

#include <string.h>

#include "base/attr.h"
#include "base/redact.h"
#include "base/redact_look.h"

/*
 * One pass looks at each two neighbouring bytes. Two tables with a bit per
 * group of rules say whether a pair is one of those at which a rule begins;
 * the pairs were picked to be rare in ordinary logs. A rule then looks
 * around from its pair. Rules look ahead either by a bounded number of
 * bytes, or over a run that no other try of theirs begins in, or up to the
 * end of what they hide: the whole stays linear.
 *
 * Redacting twice must change nothing more, so a rule may not depend on
 * bytes that are replaced: redact_before() shows the "]" of "[redacted]"
 * there in the first pass already.
 */

enum {
	GROUP_URL = 1 << 0,	/* :/ */
	GROUP_CAPITAL = 1 << 1, /* -B yJ Iz PX lx */
	GROUP_AWS = 1 << 2,	/* AK AS Be */
	GROUP_KEY = 1 << 3,	/* ke, any case */
	GROUP_PASS = 1 << 4,	/* sw pw, any case */
	GROUP_SECRET = 1 << 5,	/* cr, any case */
	GROUP_HEADER = 1 << 6,	/* za ki, any case */
	GROUP_DASH = 1 << 7,	/* k- k_ i- b- t- t_ m_ s_ u_ */
	GROUP_SHORT = 1 << 8,	/* gh xo */
	GROUP_GOOGLE = 1 << 9,	/* ya */
};

enum {
	REDACT_URL_TAIL = 256,	/* how far a password with a '/' is followed */
	REDACT_LABEL_MAX = 64,	/* "OPENSSH PRIVATE KEY" and longer */
	REDACT_JWT_HEADER = 10, /* shortest header, {"alg":…} in base64 */
	REDACT_BEARER_MIN = 16, /* shorter is a word of the sentence */
};

static const unsigned short redact_first[256] = {
	[':'] = GROUP_URL,
	['-'] = GROUP_CAPITAL,
	['y'] = GROUP_CAPITAL | GROUP_GOOGLE,
	['I'] = GROUP_CAPITAL,
	['P'] = GROUP_CAPITAL | GROUP_PASS,
	['l'] = GROUP_CAPITAL,
	['A'] = GROUP_AWS,
	['B'] = GROUP_AWS,
	['k'] = GROUP_KEY | GROUP_HEADER | GROUP_DASH,
	['K'] = GROUP_KEY | GROUP_HEADER,
	['s'] = GROUP_PASS | GROUP_DASH,
	['S'] = GROUP_PASS,
	['p'] = GROUP_PASS,
	['c'] = GROUP_SECRET,
	['C'] = GROUP_SECRET,
	['z'] = GROUP_HEADER,
	['Z'] = GROUP_HEADER,
	['b'] = GROUP_DASH,
	['m'] = GROUP_DASH,
	['u'] = GROUP_DASH,
	['i'] = GROUP_DASH,
	['t'] = GROUP_DASH,
	['g'] = GROUP_SHORT,
	['x'] = GROUP_SHORT,
};

static const unsigned short redact_second[256] = {
	['/'] = GROUP_URL,
	['B'] = GROUP_CAPITAL,
	['J'] = GROUP_CAPITAL,
	['z'] = GROUP_CAPITAL,
	['X'] = GROUP_CAPITAL,
	['x'] = GROUP_CAPITAL,
	['K'] = GROUP_AWS,
	['S'] = GROUP_AWS,
	['e'] = GROUP_AWS | GROUP_KEY,
	['E'] = GROUP_KEY,
	['w'] = GROUP_PASS,
	['W'] = GROUP_PASS,
	['r'] = GROUP_SECRET,
	['R'] = GROUP_SECRET,
	['a'] = GROUP_HEADER | GROUP_GOOGLE,
	['A'] = GROUP_HEADER,
	['i'] = GROUP_HEADER,
	['I'] = GROUP_HEADER,
	['_'] = GROUP_DASH,
	['-'] = GROUP_DASH,
	['h'] = GROUP_SHORT,
	['o'] = GROUP_SHORT,
};

/*
 * Rules. Each gets the position of its pair and tells what is to be hidden.
 */

/* Where a password that holds a '/' ends: the first '@' not far behind. */
static size_t
redact_url_tail(const struct redact_in *in, size_t at)
{
	size_t from = at;

	while (at < in->len && at - from < REDACT_URL_TAIL &&
	       (redact_in_class(in->s[at], REDACT_HOST) || in->s[at] == '/' ||
		   in->s[at] == '?' || in->s[at] == '#')) {
		if (in->s[at] == '@')
			return at;
		at++;
	}
	return from;
}

/* scheme://user:password@host (RFC 3986, section 3.2.1) */
static bool
redact_url(const struct redact_in *in, size_t at, struct redact_span *span)
{
	const unsigned char *colon, *sign;
	size_t from = at + 3, end;

	if (!redact_is(in, at, "://"))
		return false;
	end = redact_run(in, from, REDACT_HOST);
	sign = memrchr(in->s + from, '@', end - from);
	if (sign != NULL)
		end = (size_t)(sign - in->s);
	colon = memchr(in->s + from, ':', end - from);
	if (colon == NULL)
		return false;
	from = (size_t)(colon - in->s) + 1;
	if (redact_is(in, from, REDACTED "@")) {
		end = from + strlen(REDACTED); /* found again, as it was */
	} else if (sign == NULL) {
		/* host:port or [::1]: a port has nothing but digits */
		if (redact_is(in, at + 3, "["))
			return false;
		if (end > from && redact_run(in, from, REDACT_DIGIT) == end)
			return false;
		if (redact_url_tail(in, end) == end)
			return false;
		end = redact_url_tail(in, end);
	}
	if (end == from)
		return false;
	*span = (struct redact_span) { from, end };
	return true;
}

/*
 * prefix ends before position at and no letter or digit stands before it;
 * then at least so many bytes of class.
 */
static bool
redact_token(const struct redact_in *in, size_t at, const char *prefix,
    enum redact_class class, size_t least, struct redact_span *span)
{
	size_t n = strlen(prefix), end;

	if (at > in->len || at < in->floor + n ||
	    memcmp(in->s + at - n, prefix, n) != 0 ||
	    redact_in_class(redact_before(in, at - n), REDACT_ALNUM))
		return false;
	end = redact_run(in, at, class);
	if (end - at < least || !redact_has_digit(in, at, end))
		return false;
	*span = (struct redact_span) { at - n, end };
	return true;
}

/* -----BEGIN … PRIVATE KEY----- up to its end (RFC 7468) */
static bool
redact_pem(const struct redact_in *in, size_t at, struct redact_span *span)
{
	const unsigned char *end;
	size_t label = at + strlen("-BEGIN "), from;

	if (at < in->floor || at - in->floor < 4 ||
	    !redact_is(in, at - 4, "-----BEGIN "))
		return false;
	from = label;
	while (label < in->len && label - from < REDACT_LABEL_MAX &&
	       (redact_in_class(in->s[label], REDACT_CAPITAL) ||
		   in->s[label] == ' '))
		label++;
	if (label - from < strlen("PRIVATE KEY") ||
	    !redact_is(in, label - strlen("PRIVATE KEY"), "PRIVATE KEY-"))
		return false;
	end = memmem(in->s + label, in->len - label, "-----END ", 9);
	if (end == NULL) {
		label = in->len;
	} else {
		label = (size_t)(end - in->s) + strlen("-----END ");
		while (label < in->len &&
		       (redact_in_class(in->s[label], REDACT_CAPITAL) ||
			   in->s[label] == ' '))
			label++;
		if (redact_is(in, label, "-----"))
			label += 5;
	}
	*span = (struct redact_span) { at - 4, label };
	return true;
}

/* %3D or %22 before a token is a separator, not part of it. */
static bool
redact_after_percent(const struct redact_in *in, size_t at)
{
	return at >= in->floor + 3 && in->s[at - 3] == '%';
}

/* eyJ….eyJ….… (RFC 7519): header and payload are JSON objects in base64 */
static bool
redact_jwt(const struct redact_in *in, size_t at, struct redact_span *span)
{
	size_t from = at - 1, end, parts = 0;
	bool payload;

	if (at <= in->floor || in->s[from] != 'e' ||
	    (redact_in_class(redact_before(in, from), REDACT_TOKEN) &&
		!redact_after_percent(in, from)))
		return false;
	end = redact_run(in, from, REDACT_TOKEN);
	if (end - from < REDACT_JWT_HEADER)
		return false;
	payload = redact_is(in, end, ".eyJ");
	while (parts < 4 && end + 1 < in->len && in->s[end] == '.' &&
	       redact_in_class(in->s[end + 1], REDACT_TOKEN)) {
		end = redact_run(in, end + 1, REDACT_TOKEN);
		parts++;
	}
	if (!payload && parts < 2)
		return false;
	*span = (struct redact_span) { from, end };
	return true;
}

static bool
redact_capital(const struct redact_in *in, size_t at, struct redact_span *span)
{
	switch (in->s[at + 1]) {
	case 'B':
		return redact_pem(in, at, span);
	case 'J':
		return redact_jwt(in, at, span);
	case 'z':
		return redact_token(in, at + 3, "AIza", REDACT_TOKEN, 30, span);
	case 'X':
		return redact_token(
		    in, at + 3, "GOCSPX-", REDACT_TOKEN, 20, span);
	default:
		return redact_token(
		    in, at + 3, "pplx-", REDACT_TOKEN, 20, span);
	}
}

static bool
redact_aws(const struct redact_in *in, size_t at, struct redact_span *span)
{
	size_t token = at + strlen("Bearer "), end;

	if (in->s[at] == 'A')
		return redact_token(
			   in, at + 4, "AKIA", REDACT_CAPITAL, 16, span) ||
		       redact_token(
			   in, at + 4, "ASIA", REDACT_CAPITAL, 16, span);
	if (!redact_is(in, at, "Bearer "))
		return false;
	end = redact_run(in, token, REDACT_BEARER);
	if (end - token < REDACT_BEARER_MIN ||
	    !redact_has_digit(in, token, end))
		return false;
	*span = (struct redact_span) { token, end };
	return true;
}

/* token= and the kinds of key that open something */
static bool
redact_key(const struct redact_in *in, size_t at, struct redact_span *span)
{
	static const char *const kinds[] = { "api", "access", "secret",
		"private", "signing", "encryption", "account", "auth",
		"service", "license", "webhook", "master" };
	size_t before = at;

	if (redact_is_any(in, at, "ken"))
		return redact_ends_any(in, at, "to") &&
		       redact_field(in, at + 3, span);
	if (!redact_is_any(in, at, "key"))
		return false;
	if (before > in->floor && strchr("-_. ", in->s[before - 1]) != NULL)
		before--;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (redact_ends_any(in, before, kinds[i]))
			return redact_field(in, at + 3, span);
	}
	return false;
}

static bool
redact_pass(const struct redact_in *in, size_t at, struct redact_span *span)
{
	/* PWD=/home is where a shell is, no password. */
	if (redact_is_any(in, at, "pwd"))
		return redact_field(in, at + 3, span) &&
		       in->s[span->from] != '/';
	if (!redact_ends_any(in, at, "pas"))
		return false;
	if (redact_is_any(in, at, "sword"))
		return redact_field(in, at + 5, span);
	return redact_is_any(in, at, "swd") && redact_field(in, at + 3, span);
}

static bool
redact_secret(const struct redact_in *in, size_t at, struct redact_span *span)
{
	if (redact_is_any(in, at, "cret"))
		return redact_ends_any(in, at, "se") &&
		       redact_field(in, at + 4, span);
	if (redact_is_any(in, at, "credentials"))
		return redact_field(in, at + 11, span);
	return redact_is_any(in, at, "credential") &&
	       redact_field(in, at + 10, span);
}

static bool
redact_headers(const struct redact_in *in, size_t at, struct redact_span *span)
{
	if (redact_is_any(in, at, "zation"))
		return redact_ends_any(in, at, "authori") &&
		       redact_header(in, at + 6, span);
	return redact_is_any(in, at, "kie") && redact_ends_any(in, at, "coo") &&
	       redact_cookie(in, at + 3, span);
}

/* LaunchDarkly: api-, sdk- or mob- and a UUID */
static bool
redact_flag_key(const struct redact_in *in, size_t at, const char *prefix,
    struct redact_span *span)
{
	struct redact_span token;

	if (!redact_token(in, at, prefix, REDACT_TOKEN, 36, &token) ||
	    in->s[at + 8] != '-' || in->s[at + 13] != '-' ||
	    in->s[at + 18] != '-' || in->s[at + 23] != '-')
		return false;
	*span = token;
	return true;
}

/* sk_live_ and its kin, by Stripe; the pair is "k_" */
static bool
redact_payment(const struct redact_in *in, size_t at, struct redact_span *span)
{
	static const char *const prefixes[] = { "sk_live_", "pk_live_",
		"rk_live_", "sk_test_", "pk_test_", "rk_test_" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (redact_token(
			in, at + 7, prefixes[i], REDACT_ALNUM, 10, span))
			return true;
	}
	return false;
}

/* Prefixes that end in '-' or '_'; only the letter before it is sure. */
static bool
redact_prefix(const struct redact_in *in, size_t at, struct redact_span *span)
{
	bool dash = in->s[at + 1] == '-';

	switch (in->s[at]) {
	case 'k':
		if (!dash)
			return redact_payment(in, at, span);
		return redact_flag_key(in, at + 2, "sdk-", span) ||
		       redact_token(in, at + 2, "sk-", REDACT_TOKEN, 20, span);
	case 'i':
		return dash && redact_flag_key(in, at + 2, "api-", span);
	case 'b':
		return dash && redact_flag_key(in, at + 2, "mob-", span);
	case 't':
		return redact_token(in, at + 2, dash ? "glpat-" : "github_pat_",
		    REDACT_TOKEN, 20, span);
	case 'm':
		return redact_token(in, at + 2, "npm_", REDACT_ALNUM, 30, span);
	case 's':
		return redact_token(
		    in, at + 2, "sntrys_", REDACT_TOKEN, 20, span);
	case 'u':
		return redact_token(
		    in, at + 2, "sntryu_", REDACT_TOKEN, 20, span);
	default:
		return false;
	}
}

/* GitHub's gh?_ and Slack's xox?- */
static bool
redact_short(const struct redact_in *in, size_t at, struct redact_span *span)
{
	static const char *const github[] = { "ghp_", "gho_", "ghu_", "ghs_",
		"ghr_" };
	static const char *const slack[] = { "xoxa-", "xoxb-", "xoxe-", "xoxp-",
		"xoxr-", "xoxs-" };

	for (size_t i = 0; in->s[at] == 'g' && i < ARRAY_LEN(github); i++) {
		if (redact_token(in, at + 4, github[i], REDACT_ALNUM, 20, span))
			return true;
	}
	for (size_t i = 0; in->s[at] == 'x' && i < ARRAY_LEN(slack); i++) {
		if (redact_token(in, at + 5, slack[i], REDACT_TOKEN, 10, span))
			return true;
	}
	return false;
}

/* ya29., by which the access tokens of Google begin */
static bool
redact_google(const struct redact_in *in, size_t at, struct redact_span *span)
{
	return redact_token(in, at + 7, "ya29.c.", REDACT_TOKEN, 16, span) ||
	       redact_token(in, at + 5, "ya29.", REDACT_TOKEN, 16, span);
}

static bool
redact_rules(const struct redact_in *in, size_t at, unsigned groups,
    struct redact_span *span)
{
	static bool (*const rules[])(const struct redact_in *, size_t,
	    struct redact_span *) = { redact_url, redact_capital, redact_aws,
		redact_key, redact_pass, redact_secret, redact_headers,
		redact_prefix, redact_short, redact_google };

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if ((groups >> i & 1) != 0 && rules[i](in, at, span))
			return true;
	}
	return false;
}

bool
redact_shape_next(const unsigned char *s, size_t len, size_t floor,
    struct redact_span *ret_span)
{
	const struct redact_in in = { .s = s, .len = len, .floor = floor };

	for (size_t i = floor; i + 1 < len; i++) {
		unsigned groups = redact_first[s[i]] & redact_second[s[i + 1]];

		if (groups != 0 && redact_rules(&in, i, groups, ret_span))
			return true;
	}
	return false;
}
