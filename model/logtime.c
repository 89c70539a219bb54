#include "model/logtime.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum {
	YEAR_MIN = 1970,
	YEAR_MAX = 2200,
	MS_PER_DAY = 24 * 60 * 60 * 1000,
	EPOCH_DIGITS_MAX = 19,
	AHEAD_MAX_MS = 7 * MS_PER_DAY, /* clocks and zones differ by less */
};

/* A time in parts; zone_min is only set with has_zone. */
struct parts {
	int year, month, day; /* year 0: none was given */
	int hour, minute, second, ms;
	bool has_zone;
	int zone_min;
};

struct cursor {
	const char *s;
	size_t len;
	size_t pos;
};

static int
peek(const struct cursor *c)
{
	return c->pos < c->len ? (unsigned char)c->s[c->pos] : -1;
}

static bool
is_digit(int ch)
{
	return ch >= '0' && ch <= '9';
}

static bool
take(struct cursor *c, char want)
{
	if (peek(c) != want)
		return false;
	c->pos++;
	return true;
}

/* Between min and max digits, as many as there are. */
static bool
take_number(struct cursor *c, int min, int max, int *ret)
{
	int n = 0, digits = 0;

	while (digits < max && is_digit(peek(c))) {
		n = n * 10 + (c->s[c->pos++] - '0');
		digits++;
	}
	if (digits < min || is_digit(peek(c)))
		return false;
	*ret = n;
	return true;
}

static bool
take_month(struct cursor *c, int *ret)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	if (c->len - c->pos < 3)
		return false;
	for (i = 0; i < 12; i++) {
		if (memcmp(names + i * 3, c->s + c->pos, 3) == 0) {
			c->pos += 3;
			*ret = i + 1;
			return true;
		}
	}
	return false;
}

/* HH:MM:SS with a fraction behind '.' or ','. */
static bool
take_clock(struct cursor *c, int hour_digits, struct parts *p)
{
	int digits, scale = 100;

	if (!take_number(c, hour_digits, 2, &p->hour) || !take(c, ':') ||
	    !take_number(c, 2, 2, &p->minute) || !take(c, ':') ||
	    !take_number(c, 2, 2, &p->second))
		return false;
	if ((peek(c) == '.' || peek(c) == ',') && c->pos + 1 < c->len &&
	    is_digit((unsigned char)c->s[c->pos + 1])) {
		c->pos++;
		for (digits = 0; is_digit(peek(c)); digits++, c->pos++) {
			p->ms += (c->s[c->pos] - '0') * scale;
			scale /= 10;
		}
		if (digits > 12)
			return false;
	}
	return true;
}

static bool
take_offset(struct cursor *c, struct parts *p)
{
	int sign = take(c, '-') ? -1 : 1, hour, minute = 0;

	if (sign == 1)
		c->pos++;
	/* +0100 in one go, or +01 and a minute behind an optional colon. */
	if (c->len - c->pos < 2 || !is_digit((unsigned char)c->s[c->pos]) ||
	    !is_digit((unsigned char)c->s[c->pos + 1]))
		return false;
	hour = (c->s[c->pos] - '0') * 10 + (c->s[c->pos + 1] - '0');
	c->pos += 2;
	if (take(c, ':') || is_digit(peek(c))) {
		if (!take_number(c, 2, 2, &minute))
			return false;
	}
	if (hour > 15 || minute > 59)
		return false;
	p->has_zone = true;
	p->zone_min = sign * (hour * 60 + minute);
	return true;
}

/* Z, an offset, " UTC", " GMT", or nothing. */
static void
take_zone(struct cursor *c, struct parts *p)
{
	struct cursor at = *c;

	if (take(&at, 'Z')) {
		p->has_zone = true;
		*c = at;
		return;
	}
	(void)take(&at, ' ');
	if (peek(&at) == '+' || peek(&at) == '-') {
		if (take_offset(&at, p))
			*c = at;
	} else if (at.len - at.pos >= 3 &&
		   (memcmp(at.s + at.pos, "UTC", 3) == 0 ||
		       memcmp(at.s + at.pos, "GMT", 3) == 0)) {
		at.pos += 3;
		p->has_zone = true;
		*c = at;
	}
}

/* 2026-11-22T14:02:29.114Z and its kin, 2026/11/22 14:02:29 */
static bool
take_iso(struct cursor *c, struct parts *p)
{
	char sep;

	if (!take_number(c, 4, 4, &p->year) || p->year == 0)
		return false;
	sep = peek(c) == '/' ? '/' : '-';
	if (!take(c, sep) || !take_number(c, 2, 2, &p->month) ||
	    !take(c, sep) || !take_number(c, 2, 2, &p->day))
		return false;
	if (!take(c, 'T') && !take(c, ' ') && !take(c, 't'))
		return false;
	if (!take_clock(c, 2, p))
		return false;
	take_zone(c, p);
	return true;
}

/* 22/Nov/2026:14:02:29 +0000, 22 Nov 2026 14:02:29.114 */
static bool
take_day_first(struct cursor *c, struct parts *p)
{
	char sep;

	if (!take_number(c, 1, 2, &p->day))
		return false;
	sep = peek(c) == '/' ? '/' : ' ';
	if (!take(c, sep) || !take_month(c, &p->month) || !take(c, sep) ||
	    !take_number(c, 4, 4, &p->year) ||
	    !take(c, sep == '/' ? ':' : ' ') || !take_clock(c, 2, p))
		return false;
	take_zone(c, p);
	return true;
}

/* Nov 22 14:02:29, Nov  2 14:02:29 */
static bool
take_syslog(struct cursor *c, struct parts *p)
{
	if (!take_month(c, &p->month) || !take(c, ' '))
		return false;
	(void)take(c, ' ');
	return take_number(c, 1, 2, &p->day) && take(c, ' ') &&
	       take_clock(c, 2, p);
}

/* 11/22/2026, 2:02:29 PM */
static bool
take_us(struct cursor *c, struct parts *p)
{
	bool pm;

	if (!take_number(c, 1, 2, &p->month) || !take(c, '/') ||
	    !take_number(c, 1, 2, &p->day) || !take(c, '/') ||
	    !take_number(c, 4, 4, &p->year) || !take(c, ',') || !take(c, ' ') ||
	    !take_clock(c, 1, p) || !take(c, ' '))
		return false;
	pm = peek(c) == 'P';
	if (!(take(c, 'P') || take(c, 'A')) || !take(c, 'M') || p->hour < 1 ||
	    p->hour > 12)
		return false;
	p->hour = p->hour % 12 + (pm ? 12 : 0);
	return true;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool
parts_valid(const struct parts *p)
{
	int year = p->year != 0 ? p->year : 2000;

	return year >= YEAR_MIN && year <= YEAR_MAX && p->month >= 1 &&
	       p->month <= 12 && p->day >= 1 &&
	       p->day <= month_days(year, p->month) && p->hour <= 23 &&
	       p->minute <= 59 && p->second <= 60;
}

/* Days from 1970-01-01; the years are counted from March. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day -
	       1 - 719468;
}

static int64_t
parts_utc(const struct parts *p, int year)
{
	int64_t minutes = days_of(year, p->month, p->day) * 24 * 60 +
			  p->hour * 60 + p->minute - p->zone_min;

	return (minutes * 60 + p->second) * 1000 + p->ms;
}

static int64_t
parts_wall(const struct parts *p, int year, enum logtime_zone zone)
{
	struct tm tm = {
		.tm_year = year - 1900,
		.tm_mon = p->month - 1,
		.tm_mday = p->day,
		.tm_hour = p->hour,
		.tm_min = p->minute,
		.tm_sec = p->second,
		.tm_isdst = -1, /* of that day, not of today */
	};

	if (p->has_zone || zone == LOGTIME_UTC)
		return parts_utc(p, year);
	return (int64_t)mktime(&tm) * 1000 + p->ms;
}

/* The latest year in which the time is not further ahead than a week. */
static int
likely_year(const struct parts *p, int64_t near_ms)
{
	int year = (int)(near_ms / MS_PER_DAY * 400 / 146097) + 1970 + 1;
	int tries;

	/* Eight years: 29 February needs as many around 2100. */
	for (tries = 0; tries <= 9; tries++, year--) {
		if (year >= YEAR_MIN && p->day <= month_days(year, p->month) &&
		    parts_utc(p, year) <= near_ms + AHEAD_MAX_MS)
			return year;
	}
	return 0;
}

bool
logtime_number(double value, int64_t *ret_wall_ms)
{
	double ms;

	if (!isfinite(value) || value < 1e8)
		return false;
	if (value < 1e11)
		ms = value * 1e3;
	else if (value < 1e14)
		ms = value;
	else if (value < 1e17)
		ms = value / 1e3;
	else if (value < 1e20)
		ms = value / 1e6;
	else
		return false;
	if (ms > 7.26e12) /* the year 2200 */
		return false;
	*ret_wall_ms = (int64_t)ms;
	return true;
}

/* 10, 13, 16 or 19 digits, then anything that is no digit or letter. */
static bool
take_epoch(struct cursor *c, int64_t *ret_wall_ms)
{
	uint64_t n = 0;
	int64_t wall_ms;
	size_t digits = 0;
	int ms = 0, scale = 100, ch;

	for (; is_digit(peek(c)) && digits < EPOCH_DIGITS_MAX; digits++)
		n = n * 10 + (uint64_t)(c->s[c->pos++] - '0');
	if (digits != 10 && digits != 13 && digits != 16 && digits != 19)
		return false;
	if (digits == 10 && peek(c) == '.') {
		for (c->pos++; is_digit(peek(c)); c->pos++, scale /= 10)
			ms += (c->s[c->pos] - '0') * scale;
	}
	ch = peek(c);
	if (ch != -1 && ch != ' ' && ch != '\t' && ch != ']' && ch != ',' &&
	    ch != ':')
		return false;
	if (!logtime_number((double)n, &wall_ms))
		return false;
	*ret_wall_ms = wall_ms + ms;
	return true;
}

bool
logtime_parse(const char *s, size_t len, int64_t near_ms,
    enum logtime_zone zone, struct logtime *ret)
{
	static bool (*const forms[])(struct cursor *, struct parts *) = {
		take_iso,
		take_day_first,
		take_syslog,
		take_us,
	};
	struct cursor c;
	struct parts p;
	int64_t wall_ms;
	int year;
	size_t i;

	for (i = 0; i < ARRAY_LEN(forms); i++) {
		c = (struct cursor) { .s = s, .len = len };
		p = (struct parts) { .year = 0 };
		if (!forms[i](&c, &p))
			continue;
		if (!parts_valid(&p))
			return false;
		year = p.year != 0 ? p.year : likely_year(&p, near_ms);
		if (year == 0)
			return false;
		ret->wall_ms = parts_wall(&p, year, zone);
		ret->has_zone = p.has_zone;
		ret->len = c.pos;
		return true;
	}
	c = (struct cursor) { .s = s, .len = len };
	if (!take_epoch(&c, &wall_ms))
		return false;
	ret->wall_ms = wall_ms;
	ret->has_zone = true;
	ret->len = c.pos;
	return true;
}
