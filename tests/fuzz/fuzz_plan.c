/*
 * A plan as it is read back from a record that anybody may have written to:
 * it parses or is refused, and what parses is written the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/limits.h"
#include "actions/plan.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_INIT(PLAN_JSON_MAX);
	struct buf second = BUF_INIT(PLAN_JSON_MAX);
	struct plan *plan = NULL, *again = NULL;
	struct err err = ERR_INIT;

	if (plan_parse(data, size, &plan, &err) != ERR_OK)
		return 0;
	if (plan_json(plan, NULL, &first) == ERR_OK) {
		if (plan_parse(buf_cstr(&first), first.len, &again, &err) !=
		    ERR_OK) {
			fprintf(stderr, "%s\n", err_text(&err));
			abort();
		}
		if (!request_same(plan->request, again->request) ||
		    plan->class != again->class ||
		    (plan->whole && again->whole &&
			strcmp(plan->memo, again->memo) != 0))
			abort();
	}
	plan_text(plan, &second);
	plan_unref(plan);
	plan_unref(again);
	buf_release(&first);
	buf_release(&second);
	return 0;
}
