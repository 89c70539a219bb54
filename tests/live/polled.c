#include "tests/live/polled.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/conf_errors.h"
#include "base/opt.h"

static bool
polled_bind(struct polled *p, const char *yaml, struct conf_errors *errors)
{
	static const struct opt_table none = { NULL, 0 };
	const struct opt_table *table =
	    p->ops->options != NULL ? p->ops->options : &none;
	const struct conf_node *root;

	if (conf_parse("test.yaml", yaml, strlen(yaml), NULL, p->arena, errors,
		&root) != ERR_OK)
		return false;
	p->config = arena_alloc(p->arena, p->ops->config_size + 1);
	if (p->config == NULL ||
	    opt_bind(table, root, p->config, p->arena, errors) != ERR_OK)
		return false;
	if (p->ops->check != NULL)
		p->ops->check(&p->env, p->config, root, errors);
	return errors->errors == 0;
}

bool
polled_open(struct polled *p, const struct source_ops *ops, const char *yaml)
{
	const struct source_env env = { .name = "here" };

	return polled_open_in(p, ops, &env, yaml);
}

bool
polled_open_in(struct polled *p, const struct source_ops *ops,
    const struct source_env *env, const char *yaml)
{
	static struct conf_errors errors;
	bool good;

	conf_errors_clear(&errors);
	*p = (struct polled) {
		.ops = ops,
		.env = *env,
		.arena = arena_new(CONF_ARENA_MAX),
	};
	good = p->arena != NULL && polled_bind(p, yaml, &errors) &&
	       ops->open(&p->env, p->config, &p->state, &p->err) == ERR_OK;
	for (size_t i = 0; i < errors.count; i++)
		printf("# %s\n", errors.items[i].msg);
	if (!good)
		printf("# can't open %s: %s\n", ops->name, err_text(&p->err));
	return good;
}

void
polled_close(struct polled *p)
{
	if (p->payload != NULL)
		payload_unref(p->payload);
	if (p->state != NULL)
		p->ops->close(p->state);
	arena_free(p->arena);
	*p = (struct polled) { .payload = NULL };
}

enum err_code
polled_once(struct polled *p, int64_t timeout_ns)
{
	struct poll poll = {
		.deadline = clock_now() + timeout_ns,
		.wall_ms = clock_wall_ms(),
		.build = build_new(),
	};
	enum err_code code;

	if (p->payload != NULL)
		payload_unref(p->payload);
	p->payload = NULL;
	err_clear(&p->err);
	if (poll.build == NULL)
		return err_set(&p->err, ERR_NOMEM, "test", "no memory");
	code = p->ops->poll(p->state, &poll, &p->err);
	if (code == ERR_OK)
		p->payload = build_finish(poll.build, &p->err);
	if (code == ERR_OK && p->payload == NULL)
		code = p->err.code;
	build_free(poll.build);
	return code;
}

bool
polled_starve(struct polled *p, int64_t timeout_ns)
{
	size_t n = 0, made;
	int odd = 0, failed = 0;

	polled_once(p, timeout_ns);
	do {
		enum err_code code;

		n++;
		mem_fail_at(n, false);
		code = polled_once(p, timeout_ns);
		made = mem_fail_at(0, false);
		odd += code != ERR_OK && code != ERR_NOMEM;
		failed += code == ERR_NOMEM;
	} while (made >= n && n < POLLED_STARVE_MAX);
	printf("# each of %zu allocations failed once: %d polls of no memory, "
	       "%d of another failure\n",
	    n - 1, failed, odd);
	return odd == 0 && failed > 0 && polled_once(p, timeout_ns) == ERR_OK;
}

static const struct metric *
find_metric(const struct polled *p, const char *name, const char *label)
{
	for (size_t i = 0; p->payload != NULL && i < p->payload->metric_count;
	     i++) {
		const struct metric *m = &p->payload->metrics[i];

		if (strcmp(m->name.s, name) != 0 ||
		    (label == NULL) != (m->label_count == 0))
			continue;
		if (label == NULL || strcmp(m->labels[0].value.s, label) == 0)
			return m;
	}
	return NULL;
}

double
polled_metric(const struct polled *p, const char *name, const char *label)
{
	const struct metric *m = find_metric(p, name, label);

	return m != NULL ? m->value : NAN;
}

bool
polled_has_metric(const struct polled *p, const char *name, const char *label)
{
	return find_metric(p, name, label) != NULL;
}

const struct health *
polled_health(const struct polled *p, const char *target)
{
	for (size_t i = 0; p->payload != NULL && i < p->payload->health_count;
	     i++)
		if (strcmp(p->payload->health[i].target.s, target) == 0)
			return &p->payload->health[i];
	return NULL;
}

const struct table_cell *
polled_cell(const struct polled *p, const char *name, const char *key,
    const char *column)
{
	const struct table *table = payload_table(p->payload, name);
	int at = table != NULL ? table_column(table, column) : -1;

	for (size_t i = 0; at >= 0 && i < table->row_count; i++)
		if (strcmp(table->rows[i].key.s, key) == 0)
			return &table->rows[i].cells[at];
	return NULL;
}

double
polled_num(const struct polled *p, const char *table, const char *key,
    const char *column)
{
	const struct table_cell *cell = polled_cell(p, table, key, column);

	return cell != NULL ? cell->num : NAN;
}

const char *
polled_text(const struct polled *p, const char *table, const char *key,
    const char *column)
{
	const struct table_cell *cell = polled_cell(p, table, key, column);

	return cell != NULL && cell->text.s != NULL ? cell->text.s : "";
}

int
polled_events(const struct polled *p, enum event_kind kind)
{
	int n = 0;

	for (size_t i = 0; p->payload != NULL && i < p->payload->event_count;
	     i++)
		n += p->payload->events[i].kind == kind;
	return n;
}

int
polled_rows(const struct polled *p, const char *name)
{
	const struct table *table = payload_table(p->payload, name);

	return table != NULL ? (int)table->row_count : -1;
}
