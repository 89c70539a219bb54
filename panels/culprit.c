#include "panels/culprit.h"

#include <math.h>
#include <string.h>

#include "model/platform.h"
#include "model/selector.h"
#include "panels/pick.h"

/* The row of that key in any table of the section. */
static bool
row_of_key(
    const struct section *section, struct text key, struct panel_target *out)
{
	const struct payload *payload = section->payload;

	for (size_t t = 0; payload != NULL && t < payload->table_count; t++) {
		const struct table *table = &payload->tables[t];

		for (size_t r = 0; r < table->row_count; r++) {
			if (!text_eq(table->rows[r].key, key))
				continue;
			out->section = section;
			out->table = table;
			out->row = &table->rows[r];
			return true;
		}
	}
	return false;
}

static bool
has_health(const struct payload *payload, struct text target)
{
	for (size_t i = 0; i < payload->health_count; i++) {
		if (text_eq(payload->health[i].target, target))
			return true;
	}
	return false;
}

/* A health row may be about all rows of a table; the worst stands first. */
static bool
row_of_table(
    const struct section *section, struct text name, struct panel_target *out)
{
	const struct payload *payload = section->payload;

	if (payload == NULL || !has_health(payload, name))
		return false;
	for (size_t t = 0; t < payload->table_count; t++) {
		const struct table *table = &payload->tables[t];

		if (!text_eq(table->name, name) || table->row_count == 0)
			continue;
		out->section = section;
		out->table = table;
		out->row = &table->rows[0];
		return true;
	}
	return false;
}

static struct text
label_of(const struct metric *metric, struct text key)
{
	for (uint32_t i = 0; i < metric->label_count; i++) {
		if (text_eq(metric->labels[i].key, key))
			return metric->labels[i].value;
	}
	return TEXT_EMPTY;
}

/* "NAME", or "REGION/NAME" where there are several regions. */
static bool
is_service(struct text key, struct text name, struct text region)
{
	uint32_t at = region.len + 1;

	if (text_eq(key, name))
		return true;
	return region.len > 0 && key.len == at + name.len &&
	       key.s[region.len] == '/' &&
	       memcmp(key.s, region.s, region.len) == 0 &&
	       memcmp(key.s + at, name.s, name.len) == 0;
}

/* Figures come from one source, and what can be acted on from another. */
static bool
row_of_service(const struct panel_ctx *ctx, struct text platform,
    const struct metric *metric, struct panel_target *out)
{
	struct text name = label_of(metric, TEXT("service"));
	struct text region = label_of(metric, TEXT("region"));
	const struct section *section;
	const struct table *table;

	for (size_t t = 0;
	     name.len > 0 && pick_table(ctx, "services", t, &section, &table);
	     t++) {
		if (!text_eq(text_lit(section->platform), platform))
			continue;
		for (size_t r = 0; r < table->row_count; r++) {
			if (!is_service(table->rows[r].key, name, region))
				continue;
			out->section = section;
			out->table = table;
			out->row = &table->rows[r];
			return true;
		}
	}
	return false;
}

static bool
row_of_metric(const struct panel_ctx *ctx, const struct section *section,
    const struct metric *metric, struct panel_target *out)
{
	if (row_of_service(ctx, text_lit(section->platform), metric, out))
		return true;
	for (uint32_t i = 0; i < metric->label_count; i++) {
		if (row_of_key(section, metric->labels[i].value, out))
			return true;
	}
	return false;
}

static const struct signal_def *
find_signal(const struct panel_ctx *ctx, struct text platform, struct text name)
{
	for (size_t p = 0; p < ctx->platform_count; p++) {
		const struct platform *at = ctx->platforms[p];

		if (!text_eq(text_lit(at->name), platform))
			continue;
		for (size_t i = 0; i < at->signal_count; i++) {
			if (text_eq(text_lit(at->signals[i].name), name))
				return &at->signals[i];
		}
	}
	return NULL;
}

/* Whether the signal is worse when it is smaller. */
static bool
is_downward(const struct signal_def *def)
{
	const struct threshold *t = def->crit.set ? &def->crit : &def->warn;

	return t->set && (t->compare == COMPARE_LT || t->compare == COMPARE_LE);
}

static void
worst_row(const struct panel_ctx *ctx, const struct signal_def *def,
    const struct selector *selector, struct text platform,
    struct panel_target *out)
{
	double sign = is_downward(def) ? -1 : 1, worst = NAN;

	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section == NULL || section->payload == NULL ||
		    !text_eq(text_lit(section->platform), platform) ||
		    (def->source != NULL &&
			strcmp(section->name, def->source) != 0))
			continue;
		for (size_t i = 0; i < section->payload->metric_count; i++) {
			const struct metric *metric =
			    &section->payload->metrics[i];
			double value = sign * metric->value;

			if (isnan(value) || (!isnan(worst) && value <= worst) ||
			    selector_match_metric(selector, metric) !=
				REGEX_MATCH ||
			    !row_of_metric(ctx, section, metric, out))
				continue;
			worst = value;
		}
	}
}

void
culprit_of_signal(const struct panel_ctx *ctx, struct text platform,
    struct text name, struct panel_target *out)
{
	const struct signal_def *def = find_signal(ctx, platform, name);
	struct selector *selector = NULL;

	out->platform = platform;
	out->signal = name;
	if (def == NULL || def->of.text == NULL ||
	    selector_parse(def->of.text, &selector, NULL) != ERR_OK)
		return;
	worst_row(ctx, def, selector, platform, out);
	selector_free(selector);
}

void
culprit_of_part(const struct panel_ctx *ctx, struct text platform,
    struct text source, struct text shown, struct panel_target *out)
{
	if (source.len == 0) {
		culprit_of_signal(ctx, platform, shown, out);
		return;
	}
	out->platform = platform;
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section == NULL ||
		    !text_eq(text_lit(section->name), source) ||
		    !text_eq(text_lit(section->platform), platform))
			continue;
		out->section = section;
		if (!row_of_key(section, shown, out))
			row_of_table(section, shown, out);
		return;
	}
}

void
culprit_find(const struct panel_ctx *ctx, const struct alert *alert,
    struct panel_target *out)
{
	if (alert->is_signal) {
		culprit_of_signal(ctx, alert->platform, alert->name, out);
		return;
	}
	out->platform = alert->platform;
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section != NULL &&
		    text_eq(text_lit(section->platform), alert->platform) &&
		    (row_of_key(section, alert->name, out) ||
			row_of_table(section, alert->name, out)))
			return;
	}
}
