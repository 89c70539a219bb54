#include "sim/platform.h"

#include <string.h>

#include "base/attr.h"

const struct platform *const platform_table[] = {
	&platform_ai_visibility,
	&platform_vistralai,
	&platform_fluxori,
	&platform_gcp_demo,
};
const size_t platform_count = ARRAY_LEN(platform_table);

const struct platform *
platform_find(const char *name)
{
	for (size_t i = 0; i < platform_count; i++)
		if (strcmp(platform_table[i]->name, name) == 0)
			return platform_table[i];
	return NULL;
}

const struct scenario *
platform_scenario(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->scenario_count; i++)
		if (strcmp(platform->scenarios[i].name, name) == 0)
			return &platform->scenarios[i];
	return NULL;
}

int
platform_fault(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->fault_count; i++)
		if (strcmp(platform->faults[i].name, name) == 0)
			return (int)i;
	return -1;
}

struct fault
platform_mood(const struct platform *platform, uint64_t faults)
{
	struct fault sum = { .name = "sum" };

	for (size_t i = 0; i < platform->fault_count; i++) {
		const struct fault *fault = &platform->faults[i];

		if (!(faults >> i & 1))
			continue;
		sum.mood = model_mood_add(sum.mood, fault->mood);
		sum.hung |= fault->hung;
		if (fault->hold_ms > sum.hold_ms)
			sum.hold_ms = fault->hold_ms;
	}
	return sum;
}

void
platform_list_faults(
    const struct platform *platform, uint64_t on, struct buf *out)
{
	for (size_t i = 0; i < platform->fault_count; i++)
		buf_fmt(out, "  %-16s %-3s %s\n", platform->faults[i].name,
		    on >> i & 1 ? "on" : "", platform->faults[i].help);
}

void
platform_list(struct buf *out)
{
	for (size_t i = 0; i < platform_count; i++) {
		const struct platform *platform = platform_table[i];

		if (platform->hidden)
			continue;
		buf_fmt(
		    out, "platform %s: %s\n", platform->name, platform->help);
		buf_str(out, "faults:\n");
		platform_list_faults(platform, 0, out);
		buf_str(out, "scenarios:\n");
		for (size_t s = 0; s < platform->scenario_count; s++)
			buf_fmt(out, "  %-20s %s\n",
			    platform->scenarios[s].name,
			    platform->scenarios[s].help);
	}
}
