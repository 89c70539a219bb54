#include "base/conf_yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/conf_expand.h"

/* A list or map that is still open. */
struct conf_level {
	struct conf_node *node;
	struct conf_node *last;	 /* child; NULL: none yet */
	const char *key;	 /* map: waits for its value; NULL: none */
	struct conf_pos key_pos; /* of key */
	bool drop;		 /* the value of a duplicate key */
};

struct conf_builder {
	const char *file;
	const struct conf_env *env;
	struct arena *arena;
	struct conf_errors *errors;
	struct conf_node *root;
	size_t nodes;
	size_t depth;
	unsigned documents;
	struct conf_level levels[CONF_DEPTH_MAX];
};

static struct conf_pos
conf_yaml_pos(const struct conf_builder *b, yaml_mark_t mark)
{
	return (struct conf_pos) {
		.file = b->file,
		.line = (unsigned)mark.line + 1,
		.column = (unsigned)mark.column + 1,
	};
}

static struct conf_level *
conf_yaml_level(struct conf_builder *b)
{
	return b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
}

/* Whether the next node is a key. */
static bool
conf_yaml_wants_key(struct conf_builder *b)
{
	struct conf_level *level = conf_yaml_level(b);

	return level != NULL && level->node->kind == CONF_MAP &&
	       level->key == NULL;
}

/*
 * Hangs a new node under the open one, or makes it the root. A dropped one
 * is built all the same: what is inside it is read and checked too.
 */
static struct conf_node *
conf_yaml_node(struct conf_builder *b, enum conf_kind kind, struct conf_pos pos)
{
	struct conf_level *level = conf_yaml_level(b);
	struct conf_node *node = arena_alloc(b->arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->pos = pos;
	node->key_pos = pos;
	if (level == NULL) {
		b->root = node;
		return node;
	}
	if (level->node->kind == CONF_MAP) {
		node->key = level->key;
		node->key_pos = level->key_pos;
		level->key = NULL;
		if (level->drop) {
			level->drop = false;
			return node;
		}
	}
	if (level->last != NULL)
		level->last->next = node;
	else
		level->node->first = node;
	level->last = node;
	level->node->count++;
	return node;
}

/* Counts a node; the limits are reached only by a hostile file. */
static enum err_code
conf_yaml_count(struct conf_builder *b, struct conf_pos pos)
{
	struct conf_level *level = conf_yaml_level(b);

	if (++b->nodes > CONF_NODES_MAX) {
		conf_errors_add(b->errors, pos, NULL,
		    "more than %d values in one file", CONF_NODES_MAX);
		return ERR_CONFIG;
	}
	if (level != NULL && level->node->kind == CONF_MAP &&
	    level->node->count > CONF_MAP_MAX) {
		conf_errors_add(b->errors, pos, NULL,
		    "more than %d keys in one map", CONF_MAP_MAX);
		return ERR_CONFIG;
	}
	return ERR_OK;
}

/* Tells of anchors and tags; true when the node is otherwise welcome. */
static bool
conf_yaml_plain(struct conf_builder *b, struct conf_pos pos,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		conf_errors_add(b->errors, pos,
		    "write the value out where it is used",
		    "anchors (&%.40s) are not allowed", (const char *)anchor);
	if (tag != NULL)
		conf_errors_add(b->errors, pos,
		    "drop it: the wanted kind is known from the key",
		    "tags (%.40s) are not allowed", (const char *)tag);
	return anchor == NULL && tag == NULL;
}

static enum err_code
conf_yaml_key(struct conf_builder *b, const yaml_event_t *event)
{
	struct conf_level *level = conf_yaml_level(b);
	struct conf_pos pos = conf_yaml_pos(b, event->start_mark);
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	const struct conf_node *twin;
	const char *key;
	char hint[CONF_HINT_MAX];

	if (len == 0 || strlen(text) != len || conf_has_control(text)) {
		conf_errors_add(b->errors, pos, NULL,
		    len == 0 ? "an empty key" : "control characters in a key");
		return ERR_CONFIG;
	}
	key = arena_copy(b->arena, text, len);
	if (key == NULL)
		return ERR_NOMEM;
	level->key = key;
	level->key_pos = pos;
	twin = conf_get(level->node, key);
	if (twin != NULL) {
		snprintf(hint, sizeof(hint), "the first is in line %u",
		    twin->key_pos.line);
		conf_errors_add(
		    b->errors, pos, hint, "\"%.64s\" is here twice", key);
		level->drop = true;
	}
	return ERR_OK;
}

static bool
conf_yaml_is_null(const yaml_event_t *event)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	const char *text = (const char *)event->data.scalar.value;
	size_t i;

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* Fills in a scalar's texts; CONF_BROKEN when they can't be had. */
static enum err_code
conf_yaml_text(
    struct conf_builder *b, struct conf_node *node, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	enum err_code code;

	if (strlen(text) != len || conf_has_control(text)) {
		conf_errors_add(b->errors, node->pos, NULL,
		    "control characters are not allowed");
		node->kind = CONF_BROKEN;
		return ERR_OK;
	}
	node->raw = arena_copy(b->arena, text, len);
	if (node->raw == NULL)
		return ERR_NOMEM;
	if (node->kind != CONF_SCALAR)
		return ERR_OK;
	code = conf_expand(node->raw, node->pos, b->env, b->arena, b->errors,
	    &node->text, &node->open);
	if (code == ERR_CONFIG) {
		node->kind = CONF_BROKEN;
		code = ERR_OK;
	}
	return code;
}

static enum err_code
conf_yaml_scalar(struct conf_builder *b, const yaml_event_t *event)
{
	struct conf_pos pos = conf_yaml_pos(b, event->start_mark);
	struct conf_node *node;
	bool plain = conf_yaml_plain(
	    b, pos, event->data.scalar.anchor, event->data.scalar.tag);

	if (conf_yaml_wants_key(b))
		return conf_yaml_key(b, event);
	node = conf_yaml_node(
	    b, conf_yaml_is_null(event) ? CONF_NULL : CONF_SCALAR, pos);
	if (node == NULL)
		return ERR_NOMEM;
	if (!plain) {
		node->kind = CONF_BROKEN;
		return ERR_OK;
	}
	return conf_yaml_text(b, node, event);
}

static enum err_code
conf_yaml_open(struct conf_builder *b, const yaml_event_t *event,
    enum conf_kind kind, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct conf_pos pos = conf_yaml_pos(b, event->start_mark);
	struct conf_node *node;

	if (conf_yaml_wants_key(b)) {
		conf_errors_add(b->errors, pos,
		    "quote it if it is meant as text",
		    "a key can't be a list or a map");
		return ERR_CONFIG;
	}
	if (b->depth == CONF_DEPTH_MAX) {
		conf_errors_add(b->errors, pos, NULL,
		    "more than %d levels deep", CONF_DEPTH_MAX);
		return ERR_CONFIG;
	}
	conf_yaml_plain(b, pos, anchor, tag);
	node = conf_yaml_node(b, kind, pos);
	if (node == NULL)
		return ERR_NOMEM;
	b->levels[b->depth++] = (struct conf_level) { .node = node };
	return ERR_OK;
}

static enum err_code
conf_yaml_alias(struct conf_builder *b, const yaml_event_t *event)
{
	struct conf_pos pos = conf_yaml_pos(b, event->start_mark);

	conf_errors_add(b->errors, pos,
	    "write the value out; quote a text that starts with \"*\"",
	    "aliases (*%.40s) are not allowed",
	    (const char *)event->data.alias.anchor);
	if (conf_yaml_wants_key(b))
		return ERR_CONFIG;
	return conf_yaml_node(b, CONF_BROKEN, pos) != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err_code
conf_yaml_event(struct conf_builder *b, const yaml_event_t *event)
{
	struct conf_pos pos = conf_yaml_pos(b, event->start_mark);
	enum err_code code = ERR_OK;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++ == 0)
			break;
		conf_errors_add(b->errors, pos,
		    "one platform per file; give -c or -p several times",
		    "a second document starts here");
		return ERR_CONFIG;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		break;
	case YAML_SCALAR_EVENT:
		code = conf_yaml_count(b, pos);
		return code != ERR_OK ? code : conf_yaml_scalar(b, event);
	case YAML_ALIAS_EVENT:
		code = conf_yaml_count(b, pos);
		return code != ERR_OK ? code : conf_yaml_alias(b, event);
	case YAML_SEQUENCE_START_EVENT:
		code = conf_yaml_count(b, pos);
		if (code != ERR_OK)
			return code;
		return conf_yaml_open(b, event, CONF_LIST,
		    event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		code = conf_yaml_count(b, pos);
		if (code != ERR_OK)
			return code;
		return conf_yaml_open(b, event, CONF_MAP,
		    event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
	default:
		break;
	}
	return code;
}

/* libyaml names the rule that was broken; people need the usual cause. */
static const char *
conf_yaml_hint(const yaml_parser_t *parser, char out[CONF_HINT_MAX])
{
	static const struct {
		const char *problem;
		const char *hint;
	} hints[] = {
		{ "cannot start any token",
		    "quote the text, or put blanks where a tab is" },
		{ "mapping values are not allowed",
		    "check the indentation, and quote a text that holds "
		    "\": \"" },
		{ "could not find expected ':'",
		    "a key ends with \":\" and a blank" },
		{ "expected key", "check the indentation of this line" },
		{ "expected '-'", "check the indentation of this line" },
		{ "unexpected end of stream", "a quote is not closed" },
	};
	size_t i;

	if (strstr(parser->problem, "',' or") != NULL) {
		snprintf(out, CONF_HINT_MAX,
		    "the bracket that opens in line %zu is not closed before "
		    "this; inside brackets quote a text with ${...}",
		    parser->context_mark.line + 1);
		return out;
	}
	for (i = 0; i < ARRAY_LEN(hints); i++) {
		if (strstr(parser->problem, hints[i].problem) != NULL)
			return hints[i].hint;
	}
	return NULL;
}

/* A reader error knows only its offset in bytes. */
static struct conf_pos
conf_yaml_offset(const struct conf_builder *b, const unsigned char *bytes,
    size_t len, size_t offset)
{
	struct conf_pos pos = { .file = b->file, .line = 1, .column = 1 };
	size_t i;

	for (i = 0; i < len && i < offset; i++) {
		if (bytes[i] == '\n') {
			pos.line++;
			pos.column = 1;
		} else if ((bytes[i] & 0xc0) != 0x80) {
			pos.column++;
		}
	}
	return pos;
}

static enum err_code
conf_yaml_problem(const struct conf_builder *b, const yaml_parser_t *parser,
    const void *bytes, size_t len)
{
	char hint[CONF_HINT_MAX];

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return ERR_NOMEM;
	case YAML_READER_ERROR:
		conf_errors_add(b->errors,
		    conf_yaml_offset(b, bytes, len, parser->problem_offset),
		    "save the file as UTF-8 text", "%s", parser->problem);
		return ERR_CONFIG;
	default:
		break;
	}
	conf_errors_add(b->errors, conf_yaml_pos(b, parser->problem_mark),
	    conf_yaml_hint(parser, hint), "%s", parser->problem);
	return ERR_CONFIG;
}

enum err_code
conf_yaml_read(const char *file, const void *bytes, size_t len,
    const struct conf_env *env, struct arena *arena, struct conf_errors *errors,
    const struct conf_node **ret_root)
{
	struct conf_builder b = {
		.file = file,
		.env = env,
		.arena = arena,
		.errors = errors,
	};
	yaml_parser_t parser;
	yaml_event_t event;
	enum err_code code = ERR_OK;
	bool end = false;

	if (!yaml_parser_initialize(&parser))
		return ERR_NOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, bytes, len);
	while (code == ERR_OK && !end) {
		if (!yaml_parser_parse(&parser, &event)) {
			code = conf_yaml_problem(&b, &parser, bytes, len);
			break;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		code = conf_yaml_event(&b, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (code == ERR_OK && b.root == NULL &&
	    conf_yaml_node(&b, CONF_NULL,
		(struct conf_pos) { .file = file, .line = 1, .column = 1 }) ==
		NULL)
		code = ERR_NOMEM;
	if (code == ERR_OK)
		*ret_root = b.root;
	return code;
}
