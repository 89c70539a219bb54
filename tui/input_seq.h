/*
 * What one complete control sequence of the terminal means: the tables
 * behind tui/input.h, without state.
 * thread: any.
 */
#ifndef SEV_TUI_INPUT_SEQ_H
#define SEV_TUI_INPUT_SEQ_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/input.h"

/*
 * CSI seq final: parameters and intermediates in seq (borrowed), the last
 * byte apart. False: unknown, or nothing to report (a key's release).
 * Bracketed paste (200, 201) and X10 mouse (M without parameters) belong to
 * the caller.
 */
bool input_seq_csi(
    const char *seq, size_t len, char final, struct input_event *ret_event);

/* ESC O seq final: application cursor keys, F1 to F4, number pad. */
bool input_seq_ss3(
    const char *seq, size_t len, char final, struct input_event *ret_event);

/* CSI [ final: function keys of the Linux console. */
bool input_seq_linux(char final, struct input_event *ret_event);

/* CSI M b x y, the three bytes raw. False: not a report. */
bool input_seq_x10(const unsigned char b[3], struct input_event *ret_event);

#endif
