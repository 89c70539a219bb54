#include "datasrc/gcp_estate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/textbuf.h"
#include "datasrc/gcp_regions.h"
#include "model/keytab.h"

struct gcp_estate {
	const struct gcp_estate_kind *kind;
	const struct source_env *env;
	const struct gcp_estate_conf *conf;
	struct gcp_api api;
	struct keytab seen; /* struct seen, by key */
	bool known;	    /* one poll was good: what is new came since */
	char collection[64];
};

/* In which state it was. */
struct seen {
	uint64_t key;
	char word[GCP_WORD_MAX];
};

struct estate_poll {
	struct gcp_estate *s;
	struct poll *poll;
	struct gcp_regions regions;
	struct gcp_value value;
	const char *region; /* asked at the moment */
	struct gcp_item *items;
	size_t count;
	size_t cap;
	bool starved;
	bool odd; /* a page has something else where the list belongs */
};

void
gcp_estate_close(void *state)
{
	struct gcp_estate *s = state;

	if (s == NULL)
		return;
	gcp_api_release(&s->api);
	keytab_release(&s->seen);
	mem_free(s);
}

enum err_code
gcp_estate_open(const struct gcp_estate_kind *kind,
    const struct source_env *env, const void *config, void **ret_state,
    struct err *err)
{
	struct gcp_estate *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "google", "no memory");
	s->kind = kind;
	s->env = env;
	s->conf = config;
	keytab_init(&s->seen, sizeof(struct seen), GCP_WATCHED_MAX);
	snprintf(s->collection, sizeof(s->collection), "%s?pageSize=%d",
	    kind->collection, kind->newest ? (int)s->conf->keep : 100);
	code = gcp_api_init(&s->api, &s->conf->gcp, kind->root, env->tokens,
	    env->redactor, err);
	if (code != ERR_OK) {
		gcp_estate_close(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

/* Whether the configuration wants to see one of this name. */
static bool
wanted(const struct estate_poll *p, struct text name)
{
	const struct opt_list *names = &p->s->conf->names;
	bool found = names->count == 0;

	for (size_t i = 0; i < names->count && !found; i++)
		found = text_eq(
		    name, text_clean_str(p->value.arena, names->items[i]));
	return found;
}

static bool
room(struct estate_poll *p)
{
	size_t cap = p->cap != 0 ? p->cap * 2 : 16;
	struct gcp_item *grown;

	if (p->count < p->cap)
		return true;
	grown = mem_realloc(p->items, cap, sizeof(*grown));
	if (grown == NULL)
		return false;
	p->items = grown;
	p->cap = cap;
	return true;
}

/* "projects/p/locations/europe-west1/instances/x": the third name. */
static struct text
region_of(const struct estate_poll *p, const struct cJSON *v)
{
	const char *name = json_string(json_member(v, "name"));
	const char *from = name != NULL ? strstr(name, "/locations/") : NULL;

	if (from == NULL)
		return text_clean_str(p->value.arena, p->region);
	from += strlen("/locations/");
	return text_clean(
	    p->value.arena, from, strcspn(from, "/"), JSON_TEXT_MAX);
}

static void
take_page(void *ctx, const struct cJSON *page)
{
	struct estate_poll *p = ctx;
	const struct cJSON *list = json_member(page, p->s->kind->member);
	const struct cJSON *v = json_first(json_is_array(list) ? list : NULL);

	/* None at all is how Google writes an empty list. */
	p->odd = p->odd || (list != NULL && !json_is_array(list));
	for (; v != NULL; v = json_next(v)) {
		struct gcp_item *item;

		if (!json_is_object(v))
			continue;
		if (!room(p)) {
			p->starved = true;
			return;
		}
		item = &p->items[p->count];
		*item = (struct gcp_item) { .region = region_of(p, v),
			.detail = TEXT_EMPTY,
			.subject = TEXT_EMPTY,
			.changed_ms = NAN };
		for (size_t c = 0; c < GCP_ESTATE_COLUMNS_MAX; c++)
			item->cells[c] =
			    (struct table_cell) { TEXT_EMPTY, NAN };
		p->s->kind->read(&p->value, v, item);
		if (item->name.len > 0 && wanted(p, item->name))
			p->count++;
	}
}

static enum err_code
ask_region(void *ctx, const char *region, struct err *err)
{
	struct estate_poll *p = ctx;
	size_t count = p->count;
	enum err_code code;

	p->region = region;
	p->odd = false;
	code = gcp_regions_list(&p->regions, p->s->kind->version,
	    p->s->collection, region, take_page, p, err);
	if (code == ERR_OK && p->odd)
		code = err_set(err, ERR_BADDATA, "google",
		    "%s in %s: \"%s\" is no list", p->s->kind->service, region,
		    p->s->kind->member);
	/* Half of a region would look like all of it. */
	if (code != ERR_OK)
		p->count = count;
	return code;
}

static struct text
key_of(const struct estate_poll *p, const struct gcp_item *item)
{
	const struct text parts[] = { item->region, TEXT("/"), item->name };
	const struct opt_list *regions = &p->s->conf->regions;

	if (regions->count < 2)
		return item->name;
	return text_join(p->value.arena, parts, ARRAY_LEN(parts));
}

bool
gcp_estate_tell_change(
    const struct gcp_item *item, const char *was, struct text_buf *out)
{
	if (was[0] == '\0')
		return false;
	tb_text(out, text_kept(was));
	tb_lit(out, " to ");
	tb_text(out, item->word);
	return true;
}

/* Adds what happened to an item since the last good poll. */
static void
watch_item(struct estate_poll *p, const struct gcp_item *item, struct text key)
{
	struct gcp_estate *s = p->s;
	char was[GCP_WORD_MAX], word[GCP_WORD_MAX];
	bool fresh;
	struct seen *seen =
	    keytab_row(&s->seen, metric_id(key, NULL, 0) | 1, &fresh);
	int64_t wall_ms = p->poll->wall_ms;
	struct text_buf tb;

	if (seen == NULL)
		return; /* there is no room to remember it */
	memcpy(was, seen->word, sizeof(was));
	text_keep(word, sizeof(word), item->word);
	memcpy(seen->word, word, sizeof(word));
	if ((fresh && !s->known) || strcmp(was, word) == 0)
		return;
	tb_init(&tb);
	if (!s->kind->tell(item, was, &tb))
		return;
	if (item->changed_ms < (double)wall_ms)
		wall_ms = (int64_t)item->changed_ms;
	build_event(p->poll->build, wall_ms, EVENT_OTHER,
	    item->subject.len > 0 ? item->subject : key,
	    text_copy(p->value.arena, tb_end(&tb)));
}

static void
report_item(struct estate_poll *p, const struct gcp_item *item)
{
	const struct gcp_estate_kind *kind = p->s->kind;
	struct build *build = p->poll->build;
	struct text key = key_of(p, item);

	build_row(build, key, item->state);
	build_cell_text(build, 0, key);
	build_cell_state(build, 1, item->state, item->word);
	for (size_t c = 2; c < kind->column_count; c++) {
		if (kind->columns[c].kind == COLUMN_TEXT)
			build_cell_text(build, c, item->cells[c].text);
		else
			build_cell_num(build, c, item->cells[c].num);
	}
	watch_item(p, item, key);
}

static void
report(struct estate_poll *p)
{
	const struct gcp_estate_kind *kind = p->s->kind;
	struct build *build = p->poll->build;

	gcp_regions_who(&p->regions);
	for (size_t i = 0; kind->health && i < p->count; i++) {
		const struct gcp_item *item = &p->items[i];

		build_health(build, key_of(p, item), item->state,
		    item->detail.len > 0 ? item->detail : item->word, -1);
	}
	build_table(
	    build, text_lit(kind->table), kind->columns, kind->column_count);
	for (size_t i = 0; i < p->count; i++)
		report_item(p, &p->items[i]);
	p->s->known = true;
}

enum err_code
gcp_estate_poll(void *state, struct poll *poll, struct err *err)
{
	struct gcp_estate *s = state;
	struct estate_poll p = {
		.s = s,
		.poll = poll,
		.regions = { .api = &s->api,
		    .poll = poll,
		    .redactor = s->env->redactor,
		    .names = &s->conf->regions,
		    .service = s->kind->service,
		    .first_page = s->kind->newest },
		.value = { .redactor = s->env->redactor,
		    .arena = build_arena(poll->build),
		    .wall_ms = poll->wall_ms },
	};
	enum err_code code = gcp_regions_ask(&p.regions, ask_region, &p, err);

	if (code == ERR_OK && p.starved)
		code = err_set(err, ERR_NOMEM, "google", "no memory");
	if (code == ERR_OK)
		report(&p);
	mem_free(p.items);
	return code;
}

void
gcp_estate_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct gcp_estate_conf *conf = config;

	(void)env;
	gcp_conf_check(&conf->gcp, node, errors);
}
