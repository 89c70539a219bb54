/*
 * The value of one signal from the operands of its expression.
 * thread: owner.
 */
#ifndef SEV_MODEL_EVALUATE_H
#define SEV_MODEL_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf_errors.h"
#include "base/err.h"
#include "model/signal_def.h"
#include "model/store.h"

struct evaluator;

/*
 * def is borrowed. A selector that doesn't parse is added to errors with its
 * place: ERR_CONFIG.
 */
enum err_code evaluator_new(const struct signal_def *def,
    struct conf_errors *errors, struct evaluator **ret_evaluator,
    struct err *err) ATTR_MUST_USE;
struct evaluator *evaluator_free(struct evaluator *evaluator);

/* Takes in a section of a slot that belongs to the signal's platform. */
void evaluator_feed(
    struct evaluator *evaluator, size_t slot, const struct section *section);

/*
 * Value now; NaN with a reason when there is none or what there is can't be
 * trusted. watched[slot] tells which slots of the frame belong to the signal.
 */
struct verdict {
	double value;
	bool idle;	       /* no value, but only because nothing happened */
	char why[ERR_MSG_MAX]; /* why there is no value; else empty */
};
void evaluator_value(const struct evaluator *evaluator,
    const struct frame *frame, const bool *watched, int64_t now,
    struct verdict *ret);

/*
 * Whether a series has ever matched: that of the value, or of a ratio's or
 * share's lower part, since what is counted above it may still be none.
 */
bool evaluator_seen(const struct evaluator *evaluator);

/* When the newest answer with a matching series was read; 0: none was. */
int64_t evaluator_read_at(const struct evaluator *evaluator);

/* Level of a value by warn, crit and, from firing on, recover. */
enum state evaluator_level(
    const struct signal_def *def, double value, enum state firing);

#endif
