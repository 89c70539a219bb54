#include "datasrc/prom_conf.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/conf.h"
#include "datasrc/prom_report.h"
#include "datasrc/prom_target.h"
#include "model/selector.h"
#include "tests/tap.h"

static void
test_table(void)
{
	struct err err = ERR_INIT;

	ok(opt_table_check(&prom_conf_table, &err), "options: %s",
	    err_text(&err));
	ok(source_find("prometheus.scrape") != NULL, "the type is known");
}

static void
test_names(void)
{
	static const struct {
		const char *spec;
		const char *url;
		const char *name;
	} rows[] = {
		{ "a:9100", "http://a:9100/metrics", "a:9100" },
		{ "a", "http://a/metrics", "a" },
		{ "10.0.0.7:80/", "http://10.0.0.7:80/metrics", "10.0.0.7:80" },
		{ "[::1]:9100", "http://[::1]:9100/metrics", "[::1]:9100" },
		{ "a:1/other", "http://a:1/other", "a:1/other" },
		{ "https://a/metrics", "https://a/metrics", "https://a" },
		{ "http://u:p@a:1/m?x=y", "http://u:p@a:1/m?x=y", "a:1/m" },
	};
	struct prom_conf conf = { .path = "/metrics" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct prom_targets targets = PROM_TARGETS_INIT;
		struct err err = ERR_INIT;

		conf.targets.items = &rows[i].spec;
		conf.targets.count = 1;
		if (prom_targets_load(&targets, &conf, &err) != ERR_OK) {
			ok(false, "%s: %s", rows[i].spec, err_text(&err));
			continue;
		}
		is_str(targets.items[0].url, rows[i].url, rows[i].spec);
		is_str(targets.names[0], rows[i].name, "its name");
		prom_targets_release(&targets);
	}
}

/* What loading says of a list. */
static const char *
verdict(const struct prom_conf *conf)
{
	static struct err err;
	struct prom_targets targets = PROM_TARGETS_INIT;

	err_clear(&err);
	if (prom_targets_load(&targets, conf, &err) == ERR_OK)
		err_clear(&err);
	prom_targets_release(&targets);
	return err_text(&err);
}

static void
test_lists(void)
{
	const char *twice[] = { "b:1", "a:1", "http://b:1/metrics" };
	const char *bad[] = { "a:1", "ftp://x" };
	struct prom_conf conf = { .path = "/metrics" };
	char path[] = "/tmp/sevtop-test-XXXXXX";
	struct prom_targets targets = PROM_TARGETS_INIT;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	conf.targets.items = twice;
	conf.targets.count = ARRAY_LEN(twice);
	is_str(verdict(&conf), "target b:1 is there twice", "twice");
	conf.targets.items = bad;
	conf.targets.count = ARRAY_LEN(bad);
	is_str(verdict(&conf),
	    "target 2: a target is host:port or a http or https URL",
	    "a scheme");
	conf.targets.count = 0;
	is_str(verdict(&conf), "there is no target in the list", "none");
	conf.targets_file = "/nowhere/at/all";
	is_str(verdict(&conf),
	    "targets_file /nowhere/at/all: No such file or directory",
	    "no file");
	if (file == NULL)
		return;
	fputs("# ours\n\n a:1 \r\nb:1 # second\n\tc:1", file);
	fflush(file);
	conf.targets_file = path;
	is_int(prom_targets_load(&targets, &conf, NULL), ERR_OK, "a file");
	is_int((int64_t)targets.count, 3, "three targets");
	is_str(targets.names[2], "c:1", "the last without a line feed");
	ok(!prom_targets_changed(&targets, &conf), "unchanged");
	fputs("\nb:1\n", file);
	fclose(file);
	targets.file_mtime--;
	ok(prom_targets_changed(&targets, &conf), "changed");
	prom_targets_release(&targets);
	is_str(verdict(&conf), "target b:1 is there twice", "then refused");
	unlink(path);
}

/* The problems that a source's map has, one a line. */
static void
check(const char *yaml, const char *want)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf out = BUF_INIT(1 << 16);
	struct conf_errors errors = { .count = 0 };
	const struct conf_node *root = NULL;
	struct prom_conf conf = { .path = NULL };
	struct source_env env = { .name = "metrics" };

	if (arena == NULL ||
	    conf_parse("f", yaml, strlen(yaml), NULL, arena, &errors, &root) !=
		ERR_OK ||
	    opt_bind(&prom_conf_table, root, &conf, arena, &errors) != ERR_OK) {
		ok(false, "%s: does not bind", yaml);
		goto out;
	}
	prom_conf_check(&env, &conf, root, &errors);
	conf_errors_print(&errors, &out);
	is_str(buf_cstr(&out), want, yaml);
out:
	buf_release(&out);
	arena_free(arena);
}

static void
test_check(void)
{
	check("url: http://a:1/m\n", "");
	check("targets: [a:1, b:2]\nkeep: [up, 'a{b=~\"c.*\"}']\n"
	      "auth: {bearer: env:TOKEN}\n",
	    "");
	check("path: /m\n",
	    "f:1:1: a prometheus.scrape source needs a url, targets or a "
	    "targets_file\n\turl: http://localhost:3000/metrics\n");
	check("url: http://a:1/m\ntargets: [a:1]\n",
	    "f:1:1: only one of url, targets and targets_file can be given\n"
	    "\turl: http://localhost:3000/metrics\n");
	check("url: http://a:1/m\nkeep:\n  - up\n  - 'a{b}'\n",
	    "f:4:5: column 4: expected one of = != =~ !~, got \"}\"\n");
	check("targets: [a:1, a:1]\n", "f:1:10: target a:1 is there twice\n");
	check("url: http://a:1/m\n"
	      "auth: {bearer: env:T, user: me, password: env:P}\n",
	    "f:2:1: auth has a bearer token or user and password, not "
	    "both\n");
}

/* A payload's report of so many targets, every tenth of which is down. */
static struct payload *
report(size_t count)
{
	struct build *build = build_new();
	struct prom_targets targets = { .count = count };
	struct series_usage usage = { .metrics = 7 };
	struct err list_err = ERR_INIT;
	struct payload *payload;
	char name[32];
	size_t i;

	targets.items = mem_calloc(count, sizeof(*targets.items));
	if (build == NULL || targets.items == NULL)
		abort();
	for (i = 0; i < count; i++) {
		struct prom_target *target = &targets.items[i];

		snprintf(name, sizeof(name), "t%04zu:1", i);
		target->name = mem_strdup(name);
		target->latency_ns = (int64_t)(i + 1) * NS_PER_MS;
		target->samples = 10;
		if (i % 10 == 5) {
			target->code = ERR_REFUSED;
			snprintf(target->why, sizeof(target->why),
			    "%s refused\x1b[2J", name);
		}
	}
	prom_report(build, &targets, &usage, &list_err, NULL);
	payload = build_finish(build, NULL);
	build_free(build);
	prom_targets_release(&targets);
	return payload;
}

static void
test_report(void)
{
	struct payload *payload = report(8);
	const struct table *table;

	is_int((int64_t)payload->health_count, 8, "few: a row for each");
	is_int(payload->health[5].state, STATE_CRIT, "down");
	ok(strncmp(payload->health[5].detail.s, "refused", 7) == 0 &&
		text_is_valid(payload->health[5].detail),
	    "the reason, clean: %s", payload->health[5].detail.s);
	is_int(payload->health[0].latency_ns, NS_PER_MS, "latency");
	payload_unref(payload);

	payload = report(1000);
	is_int((int64_t)payload->health_count, 21, "many: one row and the bad");
	is_str(payload->health[0].detail.s,
	    "900 up, 100 down, slowest t0999:1 1s", "in numbers");
	is_int(payload->health[0].state, STATE_WARN, "a warning");
	is_int(payload->health[1].state, STATE_WARN, "each of them too");
	table = payload_table(payload, "targets");
	is_int((int64_t)table->row_count, 100, "the table is bounded");
	is_str(table->rows[0].key.s, "t0005:1", "those down come first");
	is_near(
	    payload_metric(payload, "scrape_targets_up")->value, 900, 0, "up");
	is_str(payload->note.s, "1,000 targets, 9,000 samples, 7 series kept",
	    "note");
	payload_unref(payload);
}

int
main(void)
{
	RUN(test_table);
	RUN(test_names);
	RUN(test_lists);
	RUN(test_check);
	RUN(test_report);
	return tap_done();
}
