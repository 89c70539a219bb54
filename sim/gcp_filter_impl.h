/*
 * A filter as it is kept: nodes that name each other by index, the last one
 * is the root, texts in one block. Reading is in gcp_filter.c, matching in
 * gcp_filter_match.c.
 */
#ifndef SEV_SIM_GCP_FILTER_IMPL_H
#define SEV_SIM_GCP_FILTER_IMPL_H

#include <stddef.h>

#include "sim/gcp_filter.h"

struct regex;

enum gcp_node_kind {
	GCP_NODE_ALL,
	GCP_NODE_AND,
	GCP_NODE_OR,
	GCP_NODE_NOT,
	GCP_NODE_COMPARE,
	GCP_NODE_WORD,
	GCP_NODE_CALL, /* of a function */
};

enum gcp_compare {
	GCP_EQ,
	GCP_NE,
	GCP_GT,
	GCP_LT,
	GCP_GE,
	GCP_LE,
	GCP_HAS,
	GCP_EXISTS,
	GCP_LIKE,
	GCP_UNLIKE,
	GCP_STARTS,
	GCP_ENDS,
};

struct gcp_node {
	enum gcp_node_kind kind;
	enum gcp_compare compare;
	unsigned left, right; /* AND, OR; NOT has left */
	const char *field;    /* COMPARE; name of a CALL */
	const char *text;     /* COMPARE, WORD; first word of a CALL */
	const char *second;   /* CALL; NULL: none */
	struct regex *regex;  /* LIKE, UNLIKE */
};

struct gcp_filter {
	struct gcp_node nodes[SIM_GCP_FILTER_NODES];
	unsigned count, root;
	char *texts; /* what the nodes point to */
	size_t used;
};

#endif
