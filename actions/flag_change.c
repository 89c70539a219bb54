#include "actions/flag_change.h"

#include "model/platform.h"

static const struct {
	enum flag_kind kind;
	enum flag_wrote (*change)(struct flag_change *change, struct err *err);
	enum err_code (*plan)(
	    struct flag_change *change, struct plan *plan, struct err *err);
} kinds[] = {
	{ FLAG_FILE, flag_change_file, flag_plan_file },
	{ FLAG_HTTP, flag_change_http, flag_plan_http },
	{ FLAG_POSTGRES, flag_change_postgres, flag_plan_postgres },
	{ FLAG_REDIS, flag_change_redis, flag_plan_redis },
	{ FLAG_UNLEASH, flag_change_http, flag_plan_http },
};

enum flag_wrote
flag_change(struct flag_change *change, struct err *err)
{
	const struct flag_type *type = flag_type_of(change->flag);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == type->kind)
			return kinds[i].change(change, err);
	err_set(err, ERR_UNSUPPORTED, "flag", "a %s can't be set", type->name);
	return FLAG_UNSENT;
}

enum err_code
flag_change_plan(struct flag_change *change, struct plan *plan, struct err *err)
{
	const struct flag_type *type = flag_type_of(change->flag);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == type->kind)
			return kinds[i].plan(change, plan, err);
	return err_set(
	    err, ERR_UNSUPPORTED, "flag", "a %s can't be set", type->name);
}
