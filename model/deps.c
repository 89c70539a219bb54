#include "model/deps.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/deps_impl.h"
#include "model/watch.h"

struct deps {
	const struct watch_slot *slots;
	size_t slot_count;
	struct deps_graph *graphs; /* one per platform */
	size_t graph_count;
	size_t node_count; /* of all */
	struct arena *arena;
};

enum {
	DEPS_ARENA_MAX = 8 * 1024 * 1024 /* 128 nodes take under 64 KiB */
};

const struct column deps_columns[DEPS_COLUMN_COUNT] = {
#define X(name, kind, unit) { TEXT_INIT(#name), COLUMN_##kind, NUM_##unit },
	DEPS_COLUMNS(X)
#undef X
};

static size_t
find_slot(const struct deps *deps, const struct platform *platform,
    const char *source)
{
	for (size_t i = 0; source != NULL && i < deps->slot_count; i++) {
		if (deps->slots[i].platform == platform &&
		    strcmp(deps->slots[i].source, source) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* signals: how many those of the platforms before have. */
static void
look_init(struct deps *deps, const struct platform *platform, size_t signals,
    const struct look_def *def, struct deps_look *look)
{
	*look = (struct deps_look) {
		.def = def,
		.name = text_clean_str(deps->arena, def->name),
		.slot = find_slot(deps, platform, def->source),
	};
	for (size_t i = 0;
	     def->kind == LOOK_SIGNAL && i < platform->signal_count; i++) {
		if (strcmp(platform->signals[i].name, def->name) != 0)
			continue;
		look->signal = signals + i;
		look->window_ns = platform->signals[i].window_ns;
	}
}

static bool
all_placed(const struct depend_node *def, const bool *placed)
{
	for (size_t n = 0; n < def->need_count; n++) {
		if (!placed[def->needs[n]])
			return false;
	}
	return true;
}

/* Ends: the configuration has no circles, so each pass places some. */
static void
graph_sort(struct deps_graph *graph)
{
	bool placed[DEPEND_NODES_MAX] = { false };
	size_t n = 0;

	while (n < graph->count) {
		for (size_t i = 0; i < graph->count; i++) {
			if (placed[i] ||
			    !all_placed(graph->nodes[i].def, placed))
				continue;
			placed[i] = true;
			graph->order[n++] = i;
		}
	}
}

/* Counts who needs node i in the end. */
static size_t
graph_reach(const struct deps_graph *graph, size_t of)
{
	bool reached[DEPEND_NODES_MAX] = { false };
	size_t count = 0;

	reached[of] = true;
	for (size_t o = 0; o < graph->count; o++) {
		size_t i = graph->order[o];
		const struct depend_node *def = graph->nodes[i].def;

		for (size_t n = 0; n < def->need_count && !reached[i]; n++)
			reached[i] = reached[def->needs[n]];
		count += reached[i];
	}
	return count - 1;
}

static bool
graph_init(struct deps *deps, const struct platform *platform, size_t signals,
    struct deps_graph *graph)
{
	size_t count = platform->node_count;

	graph->platform = platform;
	graph->name = text_clean_str(deps->arena, platform->name);
	graph->nodes = arena_array(deps->arena, count, sizeof(*graph->nodes));
	graph->order = arena_array(deps->arena, count, sizeof(*graph->order));
	graph->roots = arena_array(deps->arena, count, sizeof(*graph->roots));
	if (arena_failed(deps->arena))
		return false;
	graph->count = count;
	deps->node_count += count;
	for (size_t i = 0; i < count; i++) {
		const struct depend_node *def = &platform->nodes[i];
		struct deps_node *node = &graph->nodes[i];

		node->def = def;
		node->name = text_clean_str(deps->arena, def->name);
		node->title = text_clean_str(deps->arena, def->title);
		node->state = node->turned = STATE_UNKNOWN;
		node->looks = arena_array(
		    deps->arena, def->look_count, sizeof(*node->looks));
		if (node->looks == NULL)
			return false;
		for (size_t l = 0; l < def->look_count; l++)
			look_init(deps, platform, signals, &def->looks[l],
			    &node->looks[l]);
	}
	graph_sort(graph);
	for (size_t i = 0; i < count; i++)
		graph->nodes[i].reach = graph_reach(graph, i);
	return !arena_failed(deps->arena);
}

enum err_code
deps_new(const struct watch_slot *slots, size_t slot_count,
    const struct platform *const *platforms, size_t platform_count,
    struct deps **ret_deps, struct err *err)
{
	struct deps *deps = mem_calloc(1, sizeof(*deps));
	size_t signals = 0;

	if (deps == NULL)
		goto nomem;
	deps->slots = slots;
	deps->slot_count = slot_count;
	deps->arena = arena_new(DEPS_ARENA_MAX);
	if (deps->arena == NULL)
		goto nomem;
	deps->graphs =
	    arena_array(deps->arena, platform_count, sizeof(*deps->graphs));
	if (deps->graphs == NULL)
		goto nomem;
	for (size_t p = 0; p < platform_count; p++) {
		if (!graph_init(deps, platforms[p], signals, &deps->graphs[p]))
			goto nomem;
		deps->graph_count++;
		signals += platforms[p]->signal_count;
	}
	*ret_deps = deps;
	return ERR_OK;
nomem:
	deps_free(deps);
	return err_set(err, ERR_NOMEM, "watch", "no memory for dependencies");
}

struct deps *
deps_free(struct deps *deps)
{
	if (deps == NULL)
		return NULL;
	arena_free(deps->arena);
	mem_free(deps);
	return NULL;
}

/* The beginning of the trouble is that of its first part. */
static void
node_went_bad(struct deps_node *node, int64_t now, int64_t wall_ms)
{
	const struct deps_look *first = NULL;

	for (size_t l = 0; l < node->def->look_count; l++) {
		const struct deps_look *look = &node->looks[l];

		if (deps_is_bad(look->state) &&
		    (first == NULL || look->bad_at < first->bad_at))
			first = look;
	}
	if (first == NULL)
		return;
	node->bad_at = first->bad_at;
	node->about_ns = first->about_ns;
	node->bad_wall_ms = wall_ms - (now - first->bad_at) / NS_PER_MS;
}

static void
node_step(struct deps_node *node, int64_t now, int64_t wall_ms)
{
	enum state turned;

	node->state = STATE_OK;
	node->absent = true;
	node->worst = &node->looks[0];
	for (size_t l = 0; l < node->def->look_count; l++) {
		const struct deps_look *look = &node->looks[l];
		enum state worst = state_worst(node->state, look->state);

		if (look->absent)
			continue;
		node->absent = false;
		if (worst != node->state)
			node->worst = look;
		node->state = worst;
	}
	if (node->absent)
		node->state = STATE_UNKNOWN;
	if (node->state == STATE_OK || node->absent)
		node->bad_at = 0;
	turned = deps_is_bad(node->state) ? STATE_CRIT : node->state;
	/* Trouble that could not be seen for a while is still the same. */
	if (turned == STATE_CRIT && node->bad_at == 0)
		node_went_bad(node, now, wall_ms);
	if (turned == STATE_CRIT)
		node->since_wall_ms = node->bad_wall_ms;
	else if (turned != node->turned)
		node->since_wall_ms = node->seen ? wall_ms : 0;
	node->turned = turned;
	node->seen = node->seen || turned != STATE_UNKNOWN;
}

/* "queues no workers · p95 3.1 s (> 2 s)": what is not well, and why. */
static struct text
service_words(const struct deps_node *node, struct arena *arena)
{
	struct text parts[4 * DEPEND_LOOKS_MAX];
	size_t n = 0, well = 0;

	for (size_t l = 0; l < node->def->look_count; l++)
		well += node->looks[l].state == STATE_OK;
	if (node->state == STATE_OK)
		return text_fmt(
		    arena, "%zu check%s ok", well, well == 1 ? "" : "s");
	for (size_t l = 0; l < node->def->look_count; l++) {
		const struct deps_look *look = &node->looks[l];

		/* Beside what is bad, what is not known only distracts. */
		if (look->state == STATE_OK ||
		    (look->absent && !node->absent) ||
		    deps_is_bad(look->state) != deps_is_bad(node->state))
			continue;
		if (n > 0)
			parts[n++] = TEXT(" · ");
		parts[n++] = look->def->name != NULL
				 ? look->name
				 : text_clean_str(arena, look->def->source);
		parts[n++] = TEXT(" ");
		parts[n++] = look->words;
	}
	return text_join(arena, parts, n);
}

static struct text
needs_text(const struct deps_graph *graph, const struct deps_node *node,
    struct arena *arena)
{
	struct text parts[2 * DEPEND_NODES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < node->def->need_count; i++) {
		if (n > 0)
			parts[n++] = TEXT(", ");
		parts[n++] = graph->nodes[node->def->needs[i]].name;
	}
	return text_join(arena, parts, n);
}

static const char *
node_kind(const struct depend_node *def)
{
	if (def->service)
		return "service";
	switch (def->looks[0].kind) {
	case LOOK_SOURCE:
		return "source";
	case LOOK_SIGNAL:
		return "signal";
	default:
		return "row";
	}
}

static double
seconds(int64_t ns)
{
	return ns >= 0 ? (double)ns / NS_PER_SEC : NAN;
}

/* Where a person finds the worst part of the node. */
static void
build_shown(const struct deps_look *worst, struct build *build)
{
	struct arena *arena = build_arena(build);
	const char *source =
	    worst->section != NULL ? worst->section->name : worst->def->source;

	if (source != NULL)
		build_cell_text(
		    build, DEPS_source, text_clean_str(arena, source));
	build_cell_text(build, DEPS_shown, text_copy(arena, worst->name));
}

static void
build_node(const struct deps *deps, const struct deps_graph *graph, size_t i,
    struct build *build)
{
	const struct deps_node *node = &graph->nodes[i];
	struct arena *arena = build_arena(build);
	bool bad = deps_is_bad(node->state);
	int64_t latency = -1;
	const struct text key[] = { graph->name, TEXT("/"), node->name };
	struct text words;

	for (size_t l = 0; l < node->def->look_count; l++) {
		if (node->looks[l].latency_ns > latency)
			latency = node->looks[l].latency_ns;
	}
	words = node->def->service ? service_words(node, arena)
				   : text_copy(arena, node->looks[0].words);
	build_row(build,
	    deps->graph_count > 1 ? text_join(arena, key, 3)
				  : text_copy(arena, node->name),
	    node->state);
	build_cell_text(build, DEPS_node, text_copy(arena, node->name));
	build_cell_state(
	    build, DEPS_state, node->state, text_lit(state_name(node->state)));
	if (node->since_wall_ms != 0)
		build_cell_num(build, DEPS_since, (double)node->since_wall_ms);
	build_cell_num(
	    build, DEPS_about_s, bad ? seconds(node->about_ns) : NAN);
	build_cell_num(build, DEPS_latency_s, seconds(latency));
	build_cell_text(build, DEPS_needs, needs_text(graph, node, arena));
	build_cell_num(build, DEPS_reach, (double)node->reach);
	build_cell_text(build, DEPS_verdict, deps_verdict(graph, i, arena));
	build_cell_text(build, DEPS_because, deps_because(graph, i, arena));
	if (node->order > 0)
		build_cell_num(build, DEPS_order, (double)node->order);
	build_cell_text(build, DEPS_title, text_copy(arena, node->title));
	build_cell_text(build, DEPS_kind, text_lit(node_kind(node->def)));
	build_shown(node->worst, build);
	build_cell_num(build, DEPS_watched, node->absent ? 0 : 1);
	build_cell_text(build, DEPS_platform, text_copy(arena, graph->name));
	build_cell_text(build, DEPS_detail, words);
}

void
deps_step(struct deps *deps, const struct frame *frame,
    const struct signal *signals, struct build *build, int64_t now,
    int64_t wall_ms)
{
	if (deps->node_count == 0)
		return;
	build_table(
	    build, TEXT("dependencies"), deps_columns, ARRAY_LEN(deps_columns));
	for (size_t g = 0; g < deps->graph_count; g++) {
		struct deps_graph *graph = &deps->graphs[g];

		for (size_t i = 0; i < graph->count; i++) {
			struct deps_node *node = &graph->nodes[i];

			for (size_t l = 0; l < node->def->look_count; l++)
				deps_look_step(&node->looks[l], graph,
				    deps->slots, deps->slot_count, frame,
				    signals, build_arena(build), now);
			node_step(node, now, wall_ms);
		}
		deps_find_roots(graph);
		for (size_t i = 0; i < graph->count; i++)
			build_node(deps, graph, i, build);
	}
}
