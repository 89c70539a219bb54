/* The maxima of themes/, each with its reason (base/limits.h). */
#ifndef SEV_THEMES_LIMITS_H
#define SEV_THEMES_LIMITS_H

/* themes */
enum {
	THEME_LOOK_MAX = 96, /* "bright-magenta on bright-magenta" and flags */
	THEME_LISTED_MAX = 512,	      /* all of base16's schemes are 300 */
	THEME_ARENA_MAX = 256 * 1024, /* a theme has 46 lines */
};

#endif
