/*
 * True colours on a terminal whose description has 256: curses is given
 * stand-ins from the palette, and what it wrote for them is replaced in the
 * finished frame.
 *
 *	ESC [ 0 ; 38 ; 5 ; 16 m   becomes   ESC [ 0 ; 38 ; 2 ; 28 ; 28 ; 40 m
 *
 * So a terminal that says in COLORTERM that it knows all colours gets them
 * without a terminfo entry that few machines have. thread: UI.
 */
#ifndef SEV_TUI_TERM_RGB_H
#define SEV_TUI_TERM_RGB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;

struct term_rgb {
	bool taken[256]; /* used as itself, or a stand-in already */
	bool stands[256];
	uint32_t rgb[256]; /* 0xrrggbb that it stands for */
	int count;
};

/* Forgets everything; all zero is a fresh one too. */
void term_rgb_clear(struct term_rgb *map);

/* This index means itself: never a stand-in. Before term_rgb_slot(). */
void term_rgb_reserve(struct term_rgb *map, int index);

/* The index to give to curses for 0xrrggbb; -1 when none is left. */
int term_rgb_slot(struct term_rgb *map, uint32_t rgb);

/* Appends bytes to out with the stand-ins replaced. False: out is full. */
bool term_rgb_rewrite(const struct term_rgb *map, const char *bytes, size_t len,
    struct buf *out) ATTR_MUST_USE;

#endif
