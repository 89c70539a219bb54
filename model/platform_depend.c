/*
 * Reads `services:` and `dependencies:` into the graph of a platform.
 * Names are looked up in what is written, so that a source with a mistake in
 * it is not unknown as well.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "model/limits.h"
#include "model/platform_impl.h"

/* The keys of one of `services:`. */
struct depend_raw {
	const char *title;
	struct opt_list health;
};

struct depend_load {
	struct platform_load *load;
	const struct conf_node *services; /* the map; NULL: none */
	struct depend_node *nodes;	  /* DEPEND_NODES_MAX */
	size_t count;
	size_t edges;
	bool full; /* said that there are too many */
};

static const char signal_prefix[] = "signal:";

static void
offer_keys(struct nearest *near, const struct conf_node *map)
{
	const struct conf_node *node;

	for (node = map != NULL ? map->first : NULL; node != NULL;
	     node = node->next)
		nearest_offer(near, node->key);
}

/* "signal:NAME" */
static bool
look_signal(struct depend_load *d, const char *name, struct conf_pos pos,
    struct look_def *ret)
{
	struct nearest near = NEAREST_INIT(name);

	*ret = (struct look_def) { .kind = LOOK_SIGNAL, .name = name };
	if (conf_get(d->load->signals, name) != NULL)
		return true;
	offer_keys(&near, d->load->signals);
	conf_errors_add_near(d->load->errors, pos, near.best,
	    "no signal is named \"%.60s\"", name);
	return false;
}

/* "SOURCE/TARGET"; slash points into text. */
static bool
look_row(struct depend_load *d, const char *text, const char *slash,
    struct conf_pos pos, struct look_def *ret)
{
	size_t len = (size_t)(slash - text);
	char *source = arena_copy(d->load->arena, text, len);
	struct nearest near = NEAREST_INIT(source);

	if (source == NULL)
		return false;
	*ret = (struct look_def) { LOOK_ROW, source, slash + 1 };
	if (conf_get(d->load->sources, source) != NULL)
		return true;
	offer_keys(&near, d->load->sources);
	conf_errors_add_near(d->load->errors, pos, near.best,
	    "no source is named \"%.60s\"", source);
	return false;
}

/*
 * A bare name. services: those that it may be a slip of; NULL where none
 * may stand.
 */
static bool
look_name(struct depend_load *d, const char *name,
    const struct conf_node *services, struct conf_pos pos, struct look_def *ret)
{
	struct nearest near = NEAREST_INIT(name);
	char hint[CONF_HINT_MAX];

	*ret = (struct look_def) { .kind = LOOK_SOURCE, .source = name };
	if (conf_get(d->load->sources, name) != NULL)
		return true;
	*ret = (struct look_def) { .kind = LOOK_SIGNAL, .name = name };
	if (conf_get(d->load->signals, name) != NULL)
		return true;
	*ret = (struct look_def) { .kind = LOOK_ROW, .name = name };
	offer_keys(&near, services);
	offer_keys(&near, d->load->sources);
	offer_keys(&near, d->load->signals);
	/* Of two letters one may well differ in another name. */
	if (near.best == NULL || 2 * near.distance >= strlen(name))
		return true;
	snprintf(hint, sizeof(hint),
	    "did you mean \"%.64s\"? A health row is written SOURCE/%.40s",
	    near.best, name);
	conf_errors_add(d->load->errors, pos, hint,
	    "no service, source or signal is named \"%.60s\"", name);
	return false;
}

/* What a text stands for; false: said why it stands for nothing. */
static bool
look_read(struct depend_load *d, const char *text,
    const struct conf_node *services, struct conf_pos pos, struct look_def *ret)
{
	size_t prefix = sizeof(signal_prefix) - 1;
	const char *slash = strchr(text, '/');

	/* Lists of names are shown, and read by others, apart by commas. */
	if (text[0] == '\0' || strlen(text) >= DEPEND_NAME_MAX ||
	    strchr(text, ',') != NULL) {
		conf_errors_add(d->load->errors, pos,
		    "a service, a source, a signal, or SOURCE/TARGET",
		    text[0] == '\0' ? "a name is wanted here%.0s"
		    : strlen(text) >= DEPEND_NAME_MAX
			? "the name is too long: \"%.64s\""
			: "a comma can't be part of a name: \"%.64s\"",
		    text);
		return false;
	}
	if (strncmp(text, signal_prefix, prefix) == 0)
		return look_signal(d, text + prefix, pos, ret);
	if (slash != NULL && slash != text && slash[1] != '\0')
		return look_row(d, text, slash, pos, ret);
	return look_name(d, text, services, pos, ret);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
look_same(const struct look_def *a, const struct look_def *b)
{
	return a->kind == b->kind && same_text(a->source, b->source) &&
	       same_text(a->name, b->name);
}

/* A new node; NULL: there is no room, which was said. */
static struct depend_node *
node_add(struct depend_load *d, const char *name, struct conf_pos pos)
{
	struct depend_node *node;

	if (d->count == DEPEND_NODES_MAX) {
		if (!d->full)
			conf_errors_add(d->load->errors, pos, NULL,
			    "more than %d services and dependencies",
			    DEPEND_NODES_MAX);
		d->full = true;
		return NULL;
	}
	node = &d->nodes[d->count++];
	*node =
	    (struct depend_node) { .name = name, .title = name, .pos = pos };
	return node;
}

/*
 * The node that a text under `dependencies:` names, made when it is new.
 * NULL: said why not, or out of memory (then the arena failed).
 */
static struct depend_node *
node_find(struct depend_load *d, const char *text, struct conf_pos pos)
{
	struct depend_node *node;
	struct look_def look, *kept;

	for (size_t i = 0; i < d->count; i++) {
		if (d->nodes[i].service && strcmp(d->nodes[i].name, text) == 0)
			return &d->nodes[i];
	}
	/* One whose own keys are wrong is not unknown as well. */
	if (conf_get(d->services, text) != NULL)
		return NULL;
	if (!look_read(d, text, d->services, pos, &look))
		return NULL;
	for (size_t i = 0; i < d->count; i++) {
		if (!d->nodes[i].service && look_same(d->nodes[i].looks, &look))
			return &d->nodes[i];
	}
	kept = arena_alloc(d->load->arena, sizeof(*kept));
	node = kept != NULL ? node_add(d, text, pos) : NULL;
	if (node == NULL)
		return NULL;
	*kept = look;
	node->looks = kept;
	node->look_count = 1;
	return node;
}

/* Several texts, or one: a list, or a text that counts as a list of one. */
static const struct conf_node *
items_of(const struct conf_node *node)
{
	return node->kind == CONF_LIST ? node->first : node;
}

static const struct conf_node *
items_next(const struct conf_node *list, const struct conf_node *item)
{
	return list->kind == CONF_LIST ? item->next : NULL;
}

static enum err_code
service_read(struct depend_load *d, const struct conf_node *node)
{
	struct depend_raw raw = { .title = NULL };
	struct depend_node *to;
	struct look_def *looks;
	const struct conf_node *item;
	enum err_code code;

	code = opt_bind(
	    &depend_service_opts, node, &raw, d->load->arena, d->load->errors);
	if (code != ERR_OK)
		return code == ERR_NOMEM ? code : ERR_OK;
	to = node_add(d, node->key, node->key_pos);
	looks = arena_array(d->load->arena, raw.health.count, sizeof(*looks));
	if (looks == NULL)
		return ERR_NOMEM;
	if (to == NULL)
		return ERR_OK;
	to->service = true;
	to->looks = looks;
	if (raw.title != NULL)
		to->title = raw.title;
	for (item = items_of(raw.health.node); item != NULL;
	     item = items_next(raw.health.node, item)) {
		if (item->text != NULL &&
		    look_read(
			d, item->text, NULL, item->pos, &looks[to->look_count]))
			to->look_count++;
	}
	return arena_failed(d->load->arena) ? ERR_NOMEM : ERR_OK;
}

/* Adds what one node needs. */
static enum err_code
needs_add(struct depend_load *d, struct depend_node *node,
    const struct conf_node *list, size_t *needs)
{
	const struct conf_node *item;

	for (item = items_of(list); item != NULL;
	     item = items_next(list, item)) {
		struct depend_node *need;
		size_t index, i = 0;

		if (item->kind != CONF_SCALAR) {
			if (item->kind != CONF_BROKEN)
				conf_errors_add(d->load->errors, item->pos,
				    NULL, "a name is wanted here, not %s",
				    conf_kind_text(item));
			continue;
		}
		need = node_find(d, item->text, item->pos);
		if (need == NULL)
			continue;
		index = (size_t)(need - d->nodes);
		while (i < node->need_count && needs[i] != index)
			i++;
		if (i < node->need_count)
			conf_errors_add(d->load->errors, item->pos, NULL,
			    "\"%.64s\" is in this list already", need->name);
		else
			needs[node->need_count++] = index;
	}
	return arena_failed(d->load->arena) ? ERR_NOMEM : ERR_OK;
}

static enum err_code
needs_read(struct depend_load *d, const struct conf_node *list)
{
	struct depend_node *node = node_find(d, list->key, list->key_pos);
	size_t count = list->kind == CONF_LIST ? list->count : 1, *needs;

	if (list->kind != CONF_LIST && list->kind != CONF_SCALAR) {
		if (list->kind != CONF_BROKEN)
			conf_errors_add(d->load->errors, list->key_pos,
			    "such as [db, redis]",
			    "\"%.64s\" wants a list of what it needs, not %s",
			    list->key, conf_kind_text(list));
		return ERR_OK;
	}
	if (node == NULL)
		return arena_failed(d->load->arena) ? ERR_NOMEM : ERR_OK;
	if (node->needs != NULL) {
		conf_errors_add(d->load->errors, list->key_pos, NULL,
		    "what \"%.64s\" needs is stated twice", node->name);
		return ERR_OK;
	}
	d->edges += count;
	if (d->edges > DEPEND_EDGES_MAX) {
		conf_errors_add(d->load->errors, list->key_pos, NULL,
		    "more than %d dependencies in all", DEPEND_EDGES_MAX);
		return ERR_OK;
	}
	needs = arena_array(d->load->arena, count + 1, sizeof(*needs));
	if (needs == NULL)
		return ERR_NOMEM;
	node->needs = needs;
	return needs_add(d, node, list, needs);
}

/* A walk over the graph; on[0..depth) is the way to where it is. */
struct depend_walk {
	struct depend_load *d;
	size_t on[DEPEND_NODES_MAX];
	size_t depth;
	bool left[DEPEND_NODES_MAX];	 /* done with it and all below */
	size_t height[DEPEND_NODES_MAX]; /* nodes on the longest way down */
};

/* "api > jobs > api": from where the way comes back to. */
static void
cycle_say(const struct depend_walk *walk, size_t from)
{
	const struct depend_node *nodes = walk->d->nodes;
	const struct depend_node *again = &nodes[walk->on[from]];
	struct buf way = BUF_INIT(ERR_MSG_MAX / 2);

	for (size_t i = from; i < walk->depth; i++)
		buf_fmt(&way, "%s > ", nodes[walk->on[i]].name);
	buf_str(&way, again->name);
	conf_errors_add(walk->d->load->errors, again->pos,
	    "leave out the one that it can do without for a while",
	    "\"%.40s\" needs itself: %s", again->name, buf_cstr(&way));
	buf_release(&way);
}

/* Recursion ends: a way has no node twice. */
static void
walk_from(struct depend_walk *walk, size_t at)
{
	const struct depend_node *node = &walk->d->nodes[at];

	walk->on[walk->depth++] = at;
	for (size_t i = 0; i < node->need_count; i++) {
		size_t need = node->needs[i], on = 0;

		while (on < walk->depth && walk->on[on] != need)
			on++;
		if (on < walk->depth) {
			cycle_say(walk, on);
			continue;
		}
		if (!walk->left[need])
			walk_from(walk, need);
		if (walk->height[need] > walk->height[at])
			walk->height[at] = walk->height[need];
	}
	walk->height[at]++;
	walk->left[at] = true;
	walk->depth--;
}

static enum err_code
graph_check(struct depend_load *d)
{
	struct depend_walk *walk = mem_calloc(1, sizeof(*walk));

	if (walk == NULL)
		return ERR_NOMEM;
	walk->d = d;
	for (size_t i = 0; i < d->count; i++) {
		if (!walk->left[i])
			walk_from(walk, i);
	}
	for (size_t i = 0; i < d->count; i++) {
		if (walk->height[i] <= DEPEND_DEPTH_MAX)
			continue;
		conf_errors_add(d->load->errors, d->nodes[i].pos, NULL,
		    "below \"%.64s\" are more than %d levels", d->nodes[i].name,
		    DEPEND_DEPTH_MAX);
		break;
	}
	mem_free(walk);
	return ERR_OK;
}

static enum err_code
services_read(struct depend_load *d)
{
	const struct conf_node *node;
	enum err_code code = ERR_OK;

	if (d->services == NULL)
		return ERR_OK;
	if (!platform_check_map(
		d->load, d->services, "a service", DEPEND_NODES_MAX) &&
	    d->services->kind != CONF_MAP)
		return ERR_OK;
	for (node = d->services->first; node != NULL && code == ERR_OK;
	     node = node->next)
		code = service_read(d, node);
	return code;
}

static enum err_code
dependencies_read(struct depend_load *d, const struct conf_node *map)
{
	const struct conf_node *node;
	enum err_code code = ERR_OK;

	if (map == NULL || map->kind == CONF_BROKEN)
		return ERR_OK;
	if (map->kind != CONF_MAP) {
		conf_errors_add(d->load->errors, map->pos,
		    "such as {api: [db, redis]}",
		    "\"dependencies\" wants a map of names, not %s",
		    conf_kind_text(map));
		return ERR_OK;
	}
	for (node = map->first; node != NULL && code == ERR_OK;
	     node = node->next)
		code = needs_read(d, node);
	return code;
}

enum err_code
platform_read_depends(struct platform_load *load,
    const struct conf_node *services, const struct conf_node *dependencies)
{
	struct depend_load d = { .load = load, .services = services };
	enum err_code code;

	if (services == NULL && dependencies == NULL)
		return ERR_OK;
	d.nodes = arena_array(load->arena, DEPEND_NODES_MAX, sizeof(*d.nodes));
	if (d.nodes == NULL)
		return ERR_NOMEM;
	code = services_read(&d);
	if (code == ERR_OK)
		code = dependencies_read(&d, dependencies);
	if (code == ERR_OK)
		code = graph_check(&d);
	load->platform->nodes = d.nodes;
	load->platform->node_count = d.count;
	return code;
}

static const struct opt depend_service_rows[] = {
	{
	    OPT_FIELD(struct depend_raw, title, "title", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct depend_raw, health, "health", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = DEPEND_LOOKS_MAX,
	    .help = "what has to be well for it to be well: sources, signals "
		    "(signal:NAME) and health rows (SOURCE/TARGET)",
	},
};
const struct opt_table depend_service_opts = OPT_TABLE(depend_service_rows);
