#include "panels/box.h"

#include "base/clock.h"
#include "panels/page.h"

struct rect
box_below(struct rect area)
{
	int title = area.h > 0 ? 1 : 0;

	return (struct rect) { area.y + title, area.x, area.h - title, area.w };
}

struct rect
box_title(struct canvas *canvas, struct rect area, struct text title,
    struct text age, enum role age_role)
{
	struct rect row = { area.y, area.x, area.h > 0 ? 1 : 0, area.w };
	int x, right = area.x + area.w;
	int age_w = (int)age.width;

	canvas_fill(canvas, row, TEXT("─"), ROLE_RULE, 0);
	if (age_w > area.w / 2)
		age_w = area.w / 2;
	/* With a blank on either side: no title is so long that it goes. */
	x = canvas_text_cut(canvas, row, area.y, area.x,
	    area.w - (age_w > 0 ? age_w + 2 : 0), title, ROLE_TITLE, CELL_BOLD);
	if (x < right)
		canvas_text(canvas, row, area.y, x, TEXT(" "), ROLE_RULE, 0);
	if (age_w > 0 && right - age_w - 1 > x) {
		canvas_text(canvas, row, area.y, right - age_w - 1, TEXT(" "),
		    ROLE_RULE, 0);
		canvas_text_cut(canvas, row, area.y, right - age_w, age_w, age,
		    age_role, 0);
	}
	return box_below(area);
}

void
put_age(struct text_buf *out, int64_t ns)
{
	if (ns < NS_PER_SEC)
		tb_lit(out, "0s");
	else
		tb_duration(out, ns);
}

/* ": why, retry in 8s" as far as they are known. */
static void
age_why(const struct section *section, int64_t now, struct text_buf *out)
{
	if (section->why.len > 0) {
		tb_lit(out, ": ");
		tb_text(out, section->why);
	}
	if (section->next_at > now) {
		tb_lit(out, ", retry in ");
		tb_duration(out, section->next_at - now + NS_PER_SEC / 2);
	}
}

enum role
box_age(const struct section *section, int64_t now, struct text_buf *out)
{
	tb_init(out);
	switch (section_freshness(section, now)) {
	case FRESH_ABSENT:
		tb_lit(out, "not there");
		age_why(section, now, out);
		return ROLE_DIM;
	case FRESH_FIRST:
		tb_fmt(out, "first answer… %.1fs",
		    (double)(now - section->started_at) / 1e9);
		return ROLE_DIM;
	case FRESH_OK:
		put_age(out, now - section->good_at);
		return ROLE_DIM;
	case FRESH_STALE:
		tb_lit(out, "STALE ");
		put_age(out, now - section->good_at);
		age_why(section, now, out);
		return ROLE_STALE;
	case FRESH_DOWN:
		break;
	}
	tb_fmt(out, "%s ", section_word(section));
	tb_duration(
	    out, now - (section->good_at != 0 ? section->good_at
					      : section->failing_since));
	age_why(section, now, out);
	return section->code == ERR_WAITING ? ROLE_UNKNOWN : ROLE_CRIT;
}

struct rect
box_section(struct canvas *canvas, struct rect area, struct text title,
    const struct section *section, int64_t now)
{
	struct text_buf age;
	enum role role;

	if (section == NULL)
		return box_title(
		    canvas, area, title, TEXT("not configured"), ROLE_DIM);
	role = box_age(section, now, &age);
	return box_title(canvas, area, title, tb_end(&age), role);
}

void
box_dim(struct canvas *canvas, struct rect area, const struct section *section,
    int64_t now)
{
	if (section != NULL && section_freshness(section, now) != FRESH_OK)
		canvas_restyle(canvas, area, ROLE_STALE, 0);
}

void
box_words(
    struct canvas *canvas, struct rect area, struct text words, enum role role)
{
	struct page page = { .canvas = canvas, .area = area };

	if (area.h == 1)
		page_row(&page, 2, words, role);
	else if (area.h > 0)
		page_words(&page, 2, words, role);
}

struct text
state_sign(enum state state)
{
	switch (state) {
	case STATE_OK:
		return TEXT("ok");
	case STATE_WARN:
		return TEXT("!");
	case STATE_CRIT:
		return TEXT("✗");
	case STATE_UNKNOWN:
		break;
	}
	return TEXT("?");
}

enum role
state_role(enum state state)
{
	switch (state) {
	case STATE_OK:
		return ROLE_OK;
	case STATE_WARN:
		return ROLE_WARN;
	case STATE_CRIT:
		return ROLE_CRIT;
	case STATE_UNKNOWN:
		break;
	}
	return ROLE_UNKNOWN;
}
