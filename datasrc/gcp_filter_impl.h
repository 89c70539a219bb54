/*
 * The tree of a filter: private to datasrc/gcp_filter*.c. Made by the
 * parser, then constant.
 */
#ifndef SEV_DATASRC_GCP_FILTER_IMPL_H
#define SEV_DATASRC_GCP_FILTER_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "datasrc/gcp_filter.h"
#include "datasrc/limits.h"

struct arena;
struct regex;

enum gcp_node_kind {
	GCP_NODE_ALL, /* an empty filter: every entry */
	GCP_NODE_AND,
	GCP_NODE_OR,
	GCP_NODE_NOT,	   /* left */
	GCP_NODE_COMPARE,  /* field op value */
	GCP_NODE_WORD,	   /* value in any field */
	GCP_NODE_LOG_ID,   /* value */
	GCP_NODE_UNMATCHED /* another function; value is its name */
};

enum gcp_op {
	GCP_OP_EQ,
	GCP_OP_NE,
	GCP_OP_GT,
	GCP_OP_GE,
	GCP_OP_LT,
	GCP_OP_LE,
	GCP_OP_HAS,
	GCP_OP_MATCH,
	GCP_OP_NO_MATCH,
	GCP_OP_EXISTS
};

struct gcp_field {
	const char *steps[GCP_FILTER_STEPS_MAX];
	size_t count;
};

struct gcp_node {
	enum gcp_node_kind kind;
	const struct gcp_node *left;
	const struct gcp_node *right;
	const struct gcp_field *field;
	enum gcp_op op;
	const char *value;
	bool is_number; /* value is one */
	double number;
	struct regex *regex; /* of a pattern; owned by the filter */
};

struct gcp_filter {
	struct arena *arena; /* owns nodes, fields and values */
	const struct gcp_node *root;
	const char *unmatched;
	struct regex *regexes[GCP_FILTER_REGEX_MAX];
	size_t regex_count;
};

#endif
