#include "model/evaluate.h"

#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "model/limits.h"
#include "model/operand.h"

struct evaluator {
	const struct signal_def *def;
	struct operand *of;
	struct operand *to;		 /* ratio and share; else NULL */
	int64_t fed_at[STORE_SLOTS_MAX]; /* good_at of the last fed answer */
};

static const enum operand_kind evaluator_kinds[] = {
	[SIGNAL_VALUE] = OPERAND_GAUGE,
	[SIGNAL_RATE] = OPERAND_COUNTER,
	[SIGNAL_GROWTH] = OPERAND_GAUGE,
	[SIGNAL_RATIO] = OPERAND_COUNTER,
	[SIGNAL_SHARE] = OPERAND_GAUGE,
	[SIGNAL_QUANTILE] = OPERAND_BUCKETS,
};

static enum err_code
evaluator_operand(const struct signal_def *def,
    const struct signal_selector *selector, struct conf_errors *errors,
    struct operand **ret, struct err *err)
{
	struct err why = ERR_INIT;
	enum err_code code;

	if (selector->text == NULL)
		return ERR_OK;
	code = operand_new(selector->text, evaluator_kinds[def->kind], def->agg,
	    def->window_ns, ret, &why);
	if (code == ERR_OK)
		return code;
	if (code == ERR_CONFIG)
		conf_errors_add(errors, selector->pos, NULL, "signal %s: %s",
		    def->name, err_text(&why));
	return err_set(
	    err, code, "signal", "signal %s: %s", def->name, err_text(&why));
}

enum err_code
evaluator_new(const struct signal_def *def, struct conf_errors *errors,
    struct evaluator **ret_evaluator, struct err *err)
{
	struct evaluator *evaluator = mem_calloc(1, sizeof(*evaluator));
	enum err_code of, to;

	if (evaluator == NULL)
		return err_set(err, ERR_NOMEM, "signal", "no memory");
	evaluator->def = def;
	of = evaluator_operand(def, &def->of, errors, &evaluator->of, err);
	to = evaluator_operand(def, &def->to, errors, &evaluator->to, err);
	if (of != ERR_OK || to != ERR_OK) {
		evaluator_free(evaluator);
		return of != ERR_OK ? of : to;
	}
	*ret_evaluator = evaluator;
	return ERR_OK;
}

struct evaluator *
evaluator_free(struct evaluator *evaluator)
{
	if (evaluator == NULL)
		return NULL;
	operand_free(evaluator->of);
	operand_free(evaluator->to);
	mem_free(evaluator);
	return NULL;
}

void
evaluator_feed(
    struct evaluator *evaluator, size_t slot, const struct section *section)
{
	if (section->payload == NULL || section->good_at == 0 ||
	    section->good_at == evaluator->fed_at[slot])
		return;
	evaluator->fed_at[slot] = section->good_at;
	operand_feed(evaluator->of, slot, section->payload, section->good_at);
	if (evaluator->to != NULL)
		operand_feed(
		    evaluator->to, slot, section->payload, section->good_at);
}

/* Why an operand's answers can't be trusted now; false when they can. */
static bool
operand_doubt(const struct operand *operand,
    const struct signal_selector *selector, const struct frame *frame,
    const bool *watched, int64_t now, char *why, size_t why_size)
{
	bool first = false;

	for (size_t i = 0; i < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];
		enum freshness fresh;

		if (!watched[i] || section == NULL)
			continue;
		fresh = section_freshness(section, now);
		if (fresh == FRESH_FIRST)
			first = true;
		if (fresh == FRESH_OK || !operand_matched(operand, i))
			continue;
		snprintf(why, why_size, "source %s gives no fresh answer",
		    section->name);
		return true;
	}
	if (operand_matched(operand, SIZE_MAX))
		return false;
	if (first)
		snprintf(why, why_size, "first answer pending");
	else
		snprintf(why, why_size, "no series matches %s", selector->text);
	return true;
}

/* No value, and no lack of knowledge: there is nothing to judge. */
static void
verdict_idle(struct verdict *verdict, const char *why)
{
	verdict->value = NAN;
	verdict->idle = true;
	snprintf(verdict->why, sizeof(verdict->why), "%s", why);
}

static void
evaluator_ratio(const struct evaluator *evaluator, struct verdict *ret)
{
	double seconds;
	double of = operand_increase(evaluator->of, &seconds);
	double to = operand_increase(evaluator->to, &seconds);

	ret->value = of / to;
	if (!isnan(to) && to <= 0)
		verdict_idle(ret, "nothing happened in the window");
}

static void
evaluator_compute(const struct evaluator *evaluator, struct verdict *ret)
{
	const struct signal_def *def = evaluator->def;
	double seconds = 0, to;

	snprintf(ret->why, sizeof(ret->why), "a second answer is needed");
	switch (def->kind) {
	case SIGNAL_VALUE:
		ret->value = operand_value(evaluator->of);
		if (isnan(ret->value))
			verdict_idle(ret, "there is nothing to measure now");
		break;
	case SIGNAL_SHARE:
		to = operand_value(evaluator->to);
		ret->value = operand_value(evaluator->of) / to;
		if (to == 0)
			ret->value = NAN;
		snprintf(ret->why, sizeof(ret->why), "%s is 0 or unknown",
		    def->to.text);
		break;
	case SIGNAL_QUANTILE:
		if (isnan(operand_increase(evaluator->of, &seconds)))
			break;
		ret->value = operand_quantile(evaluator->of, def->q);
		if (isnan(ret->value))
			verdict_idle(ret, "nothing happened in the window");
		break;
	case SIGNAL_RATIO:
		evaluator_ratio(evaluator, ret);
		break;
	case SIGNAL_GROWTH:
		ret->value = operand_increase(evaluator->of, &seconds);
		break;
	case SIGNAL_RATE:
	default:
		ret->value = operand_increase(evaluator->of, &seconds);
		/* Two looks at the same figures are no rate of zero. */
		ret->value = seconds * 1000 < WATCH_RATE_MIN_MS
				 ? NAN
				 : ret->value / seconds;
		break;
	}
	if (!isnan(ret->value))
		ret->why[0] = '\0';
}

void
evaluator_value(const struct evaluator *evaluator, const struct frame *frame,
    const bool *watched, int64_t now, struct verdict *ret)
{
	const struct signal_def *def = evaluator->def;
	const struct operand *of = evaluator->of, *to = evaluator->to;

	*ret = (struct verdict) { .value = NAN };
	/*
	 * The counted part of a ratio may have no series yet: an API without
	 * a single error has no error series, and an error share of 0.
	 */
	if ((def->kind != SIGNAL_RATIO || operand_matched(of, SIZE_MAX)) &&
	    operand_doubt(
		of, &def->of, frame, watched, now, ret->why, sizeof(ret->why)))
		return;
	if (to != NULL && operand_doubt(to, &def->to, frame, watched, now,
			      ret->why, sizeof(ret->why)))
		return;
	if (operand_incomplete(of) || (to != NULL && operand_incomplete(to))) {
		snprintf(ret->why, sizeof(ret->why), "too many series match");
		return;
	}
	evaluator_compute(evaluator, ret);
}

bool
evaluator_seen(const struct evaluator *evaluator)
{
	return operand_matched(
	    evaluator->to != NULL ? evaluator->to : evaluator->of, SIZE_MAX);
}

int64_t
evaluator_read_at(const struct evaluator *evaluator)
{
	int64_t newest = 0;

	for (size_t i = 0; i < STORE_SLOTS_MAX; i++) {
		if (evaluator->fed_at[i] <= newest)
			continue;
		if (operand_matched(evaluator->of, i) ||
		    (evaluator->to != NULL &&
			operand_matched(evaluator->to, i)))
			newest = evaluator->fed_at[i];
	}
	return newest;
}

enum state
evaluator_level(const struct signal_def *def, double value, enum state firing)
{
	if (isnan(value))
		return STATE_UNKNOWN;
	if (signal_threshold_hit(&def->crit, value))
		return STATE_CRIT;
	if (signal_threshold_hit(&def->warn, value))
		return STATE_WARN;
	/* Between the threshold and the recovery value nothing changes. */
	if ((firing == STATE_WARN || firing == STATE_CRIT) &&
	    def->recover.set && !signal_threshold_hit(&def->recover, value))
		return firing;
	return STATE_OK;
}
