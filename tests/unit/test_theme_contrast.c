/*
 * Whether the themes that bring their own colours can be read, and their
 * states told apart, also by who does not see all colours.
 *
 * Contrast: WCAG 2.2, 1.4.3 (text 4.5 to 1), 1.4.6 (7 to 1) and 1.4.11 (what
 * is not text, 3 to 1). Colour vision: Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency"
 * (2009), severity 1.0, on linear RGB; and for tritanopia also Brettel,
 * Vienot and Mollon, "Computerized simulation of color appearance for
 * dichromats" (1997), as libDaltonLens puts it for sRGB, since the former
 * is vague there. Distance: CIE 1976, in L*a*b* with D65; 2.3 is just
 * noticeable, 25 is seen at a glance.
 */
#include <math.h>

#include "tests/tap.h"
#include "themes/color.h"
#include "themes/theme.h"

#define APART_MIN 25.0

enum vision {
	NORMAL,
	PROTAN,
	DEUTAN,
	TRITAN,
	TRITAN_BRETTEL,
};

struct rgb {
	double c[3]; /* linear, 0 to 1 */
};

static const char *const vision_names[] = { "by all", "with protanopia",
	"with deuteranopia", "with tritanopia", "with tritanopia (Brettel)" };

static const char *const role_names[] = {
#define X(role, name, help) name,
	ROLES(X)
#undef X
};

static const double machado[][3][3] = {
	[NORMAL] = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	[PROTAN] = { { 0.152286, 1.052583, -0.204868 },
	    { 0.114503, 0.786281, 0.099216 },
	    { -0.003882, -0.048116, 1.051998 } },
	[DEUTAN] = { { 0.367322, 0.860646, -0.227968 },
	    { 0.280085, 0.672501, 0.047413 },
	    { -0.011820, 0.042940, 0.968881 } },
	[TRITAN] = { { 1.255528, -0.076749, -0.178779 },
	    { -0.078411, 0.930809, 0.147602 },
	    { 0.004733, 0.691367, 0.303900 } },
};

/* One half of the colours, the other half, and the plane between them. */
static const double brettel[2][3][3] = {
	{ { 1.01277, 0.13548, -0.14826 }, { -0.01243, 0.86812, 0.14431 },
	    { 0.07589, 0.80500, 0.11911 } },
	{ { 0.93678, 0.18979, -0.12657 }, { 0.06154, 0.81526, 0.12320 },
	    { -0.37562, 1.12767, 0.24796 } },
};
static const double brettel_plane[3] = { 0.03901, -0.02788, -0.01113 };

static struct rgb
linear(int32_t color)
{
	uint32_t rgb = color & THEME_RGB ? (uint32_t)color & 0xffffff
					 : color_palette(color);
	struct rgb out;

	for (int i = 0; i < 3; i++) {
		double v = (rgb >> (16 - 8 * i) & 255) / 255.0;

		out.c[i] =
		    v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
	}
	return out;
}

static double
luminance(struct rgb x)
{
	return 0.2126 * x.c[0] + 0.7152 * x.c[1] + 0.0722 * x.c[2];
}

static double
contrast(int32_t a, int32_t b)
{
	double x = luminance(linear(a)) + 0.05, y = luminance(linear(b)) + 0.05;

	return x > y ? x / y : y / x;
}

static double
dot(const double row[3], struct rgb x)
{
	return row[0] * x.c[0] + row[1] * x.c[1] + row[2] * x.c[2];
}

static struct rgb
seen(struct rgb x, enum vision vision)
{
	const double(*m)[3] = vision == TRITAN_BRETTEL
				  ? brettel[dot(brettel_plane, x) < 0]
				  : machado[vision];
	struct rgb out;

	for (int i = 0; i < 3; i++) {
		double v = dot(m[i], x);

		out.c[i] = v < 0 ? 0 : v > 1 ? 1 : v;
	}
	return out;
}

static double
lab_curve(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static void
lab(struct rgb x, double ret[3])
{
	static const double xyz[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
		{ 0.2126729, 0.7151522, 0.0721750 },
		{ 0.0193339, 0.1191920, 0.9503041 } };
	double fx = lab_curve(dot(xyz[0], x) / 0.95047);
	double fy = lab_curve(dot(xyz[1], x));
	double fz = lab_curve(dot(xyz[2], x) / 1.08883);

	ret[0] = 116 * fy - 16;
	ret[1] = 500 * (fx - fy);
	ret[2] = 200 * (fy - fz);
}

static double
color_distance(int32_t a, int32_t b, enum vision vision)
{
	double p[3], q[3], sum = 0;

	lab(seen(linear(a), vision), p);
	lab(seen(linear(b), vision), q);
	for (int i = 0; i < 3; i++)
		sum += (p[i] - q[i]) * (p[i] - q[i]);
	return sqrt(sum);
}

/* The greater of what ink and background differ by. */
static double
look_distance(
    const struct theme_look *a, const struct theme_look *b, enum vision vision)
{
	double fg = color_distance(a->fg, b->fg, vision);
	double bg = color_distance(a->bg, b->bg, vision);

	return fg > bg ? fg : bg;
}

/* The formulas themselves, against values from their sources. */
static void
test_formulas(void)
{
	double white[3];

	ok(fabs(contrast(THEME_RGB, THEME_RGB | 0xffffff) - 21) < 1e-9,
	    "black on white is 21 to 1");
	ok(fabs(contrast(THEME_RGB | 0x767676, THEME_RGB | 0xffffff) - 4.54) <
		0.005,
	    "#767676 on white is 4.54 to 1");
	lab(linear(THEME_RGB | 0xffffff), white);
	ok(fabs(white[0] - 100) < 0.01 && fabs(white[1]) < 0.01 &&
		fabs(white[2]) < 0.02,
	    "white is 100, 0, 0");
	ok(color_distance(THEME_RGB | 0xff0000, THEME_RGB | 0x00ff00, NORMAL) >
		170,
	    "red and green are far apart");
	ok(color_distance(THEME_RGB | 0x6b8e23, THEME_RGB | 0xa57f2a, DEUTAN) <
		20,
	    "olive and brown are not, with deuteranopia");
	for (int v = PROTAN; v <= TRITAN_BRETTEL; v++)
		ok(fabs(luminance(seen(
			    linear(THEME_RGB | 0xffffff), (enum vision)v)) -
			1) < 0.01,
		    "white stays white %s", vision_names[v]);
}

static double
contrast_needed(const char *name, int role)
{
	bool high = strcmp(name, "high-contrast") == 0;

	switch (role) {
	case ROLE_RULE: /* its box has a title, which is text */
		return high ? 4.5 : 2.5;
	case ROLE_LIMIT: /* lines, no text */
	case ROLE_CHART:
	case ROLE_CHART_ALT:
		return high ? 7 : 3;
	default:
		return high ? 7 : 4.5;
	}
}

static void
face_is_readable(
    const char *name, const struct theme_look *looks, const char *face)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		const struct theme_look *look = &looks[i];
		double need = contrast_needed(name, i), got;

		if (look->fg < 0 || look->bg < 0) {
			ok(false, "%s %s: %s has no colour", name, face,
			    role_names[i]);
			continue;
		}
		got = contrast(look->fg, look->bg);
		if (got < need || (look->flags & CELL_DIM))
			ok(false, "%s %s: %s has %.2f, needs %.1f", name, face,
			    role_names[i], got, need);
	}
	ok(true, "%s %s: each role was looked at", name, face);
}

static void
face_states_apart(const char *name, const struct theme_look *looks,
    const char *face, enum vision vision)
{
	static const enum role states[] = { ROLE_OK, ROLE_WARN, ROLE_CRIT,
		ROLE_UNKNOWN };
	static const enum role lines[] = { ROLE_CHART, ROLE_CHART_ALT };
	double least = 1000;

	for (size_t a = 0; a < 4; a++) {
		for (size_t b = a + 1; b < 4; b++)
			least = fmin(least, look_distance(&looks[states[a]],
						&looks[states[b]], vision));
	}
	ok(least >= APART_MIN, "%s %s: states are %.0f apart %s", name, face,
	    least, vision_names[vision]);
	least = look_distance(&looks[lines[0]], &looks[lines[1]], vision);
	ok(least >= APART_MIN, "%s %s: two lines of a chart are %.0f apart %s",
	    name, face, least, vision_names[vision]);
}

/* Themes in fixed colours, and who can tell their states apart. */
static const struct {
	const char *name;
	bool visions[TRITAN_BRETTEL + 1];
} fixed[] = {
	{ "dark", { [NORMAL] = true } },
	{ "light", { [NORMAL] = true } },
	{ "high-contrast", { [NORMAL] = true } },
	{ "deuteranopia",
	    { [NORMAL] = true, [PROTAN] = true, [DEUTAN] = true } },
	{ "tritanopia",
	    { [NORMAL] = true, [TRITAN] = true, [TRITAN_BRETTEL] = true } },
};

static void
test_fixed_themes(void)
{
	static const char *const faces[] = { "on dark", "on light" };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		static struct conf_errors errors;
		const char *name = fixed[i].name;
		struct theme theme;

		is_int(theme_load_builtin(name, &errors, &theme), ERR_OK, name);
		for (int f = 0; f < THEME_FACES; f++) {
			if (f == THEME_LIGHT && !theme_two_faces(&theme))
				continue;
			face_is_readable(name, theme.looks[f], faces[f]);
			for (int v = NORMAL; v <= TRITAN_BRETTEL; v++) {
				if (fixed[i].visions[v])
					face_states_apart(name, theme.looks[f],
					    faces[f], (enum vision)v);
			}
		}
	}
}

/* How a look comes out with few colours. */
struct few {
	int fg, bg;
	unsigned flags;
};

static struct few
few_of(const struct theme_look *look, int colors)
{
	int as16 = color_of(look->fg, look->low_fg, 16);
	struct few out = { color_of(look->fg, look->low_fg, colors),
		color_of(look->bg, look->low_bg, colors), look->flags };

	if (colors == 8 && as16 >= 8) /* as tui/term.c does */
		out.flags |= CELL_BOLD;
	return out;
}

/* With 16 colours, 8 and none no two states look the same. */
static void
test_few_colors(void)
{
	static const enum role states[] = { ROLE_OK, ROLE_WARN, ROLE_CRIT,
		ROLE_UNKNOWN };

	for (size_t i = 0; theme_name(i) != NULL; i++) {
		static struct conf_errors errors;
		struct theme theme;

		if (strcmp(theme_name(i), "mono") == 0)
			continue; /* signs and words alone */
		if (theme_load_builtin(theme_name(i), &errors, &theme) !=
		    ERR_OK)
			ok(false, "%s", theme_name(i));
		for (int n = 0; n < 4 * THEME_FACES * 6; n++) {
			const struct theme_look *looks = theme.looks[n % 2];
			int colors = n / 2 % 2 ? 16 : 8;
			int a = n / 4 % 3, b = a + 1 + n / 12 % 3;
			struct few p, q;

			if (b > 3)
				continue;
			p = few_of(&looks[states[a]], colors);
			q = few_of(&looks[states[b]], colors);
			if (p.fg == q.fg && p.bg == q.bg && p.flags == q.flags)
				ok(false, "%s: %s is %s with %d colours",
				    theme_name(i), role_names[states[a]],
				    role_names[states[b]], colors);
			if (p.fg == p.bg)
				ok(false, "%s: %s can't be seen", theme_name(i),
				    role_names[states[a]]);
		}
		ok(true, "%s: all states were compared", theme_name(i));
	}
}

/* Each role's ink differs from its background with few colours. */
static void
test_few_colors_readable(void)
{
	for (size_t i = 0; theme_name(i) != NULL; i++) {
		static struct conf_errors errors;
		struct theme theme;

		if (theme_load_builtin(theme_name(i), &errors, &theme) !=
		    ERR_OK)
			ok(false, "%s", theme_name(i));
		for (int n = 0; n < THEME_FACES * ROLE_COUNT; n++) {
			const struct theme_look *look =
			    &theme.looks[n % 2][n / 2];
			int fg = color_of(look->fg, look->low_fg, 16);
			int bg = color_of(look->bg, look->low_bg, 16);

			if (fg >= 0 && bg >= 0 && contrast(fg, bg) < 2.5)
				ok(false,
				    "%s %d: %s is %d on %d with 16 colours",
				    theme_name(i), n % 2, role_names[n / 2], fg,
				    bg);
			fg = color_of(look->fg, look->low_fg, 8);
			bg = color_of(look->bg, look->low_bg, 8);
			if (fg >= 0 && fg == bg && !(look->flags & CELL_BOLD))
				ok(false,
				    "%s %d: %s is %d on %d with 8 colours",
				    theme_name(i), n % 2, role_names[n / 2], fg,
				    bg);
		}
		ok(true, "%s: each role was looked at", theme_name(i));
	}
}

int
main(void)
{
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	RUN(test_formulas);
	RUN(test_fixed_themes);
	RUN(test_few_colors);
	RUN(test_few_colors_readable);
	return tap_done();
}
