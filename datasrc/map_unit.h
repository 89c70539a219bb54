/*
 * Numbers that are texts and may carry their unit (datasrc/map_value.h says
 * which ones). Private to datasrc/map_value.c.
 * thread: any.
 */
#ifndef SEV_DATASRC_MAP_UNIT_H
#define SEV_DATASRC_MAP_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "datasrc/map_value.h"

/*
 * Reads all len bytes into value and unit of *ret. False when it is no
 * number, or one in another unit than how names.
 */
bool map_unit_read(const struct map_value *how, const char *s, size_t len,
    struct map_number *ret) ATTR_MUST_USE;

/* Drops blanks and line feeds at both ends. */
void map_trim(const char **s, size_t *len);

/* Whether the text is word, ASCII letters in any case. */
bool map_is_word(const char *s, size_t len, const char *word);

/* "-", "n/a" and other ways to say that there is nothing. */
bool map_says_nothing(const char *s, size_t len);

#endif
