#include "datasrc/map_rows.h"

#include "datasrc/limits.h"

const char *const map_form_words[] = {
#define X(form, word, help) word,
	MAP_FORMS(X)
#undef X
	    NULL,
};

/* In the order of enum metric_kind and enum map_column_kind. */
static const char *const map_metric_kinds[] = { "gauge", "counter", NULL };
static const char *const map_column_kinds[] = { "auto", "text", "number",
	"state", "time", NULL };

/* In the order of enum state, then MAP_OTHER_AUTO. */
static const char *const map_others[] = { "ok", "warn", "crit", "unknown",
	"auto", NULL };

#define MAP_FROM_ROW(word)                                                     \
	{                                                                      \
		OPT_FIELD(struct map_value, from, word, OPT_STRING),           \
		    .required = true, .help = "where the value is",            \
	}

#define MAP_VALUE_ROWS                                                         \
	{                                                                      \
		OPT_FIELD(struct map_value, form, "form", OPT_CHOICE),         \
		.choices = map_form_words,                                     \
		.preset = "auto",                                              \
		.help = "how it is read: auto takes 12, 100MB, 12 %, 4.2s; "   \
			"used/limit takes 97/100; age and until take times; "  \
			"count takes lists",                                   \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(struct map_value, unit, "unit", OPT_CHOICE),     \
		    .choices = num_unit_names,                                 \
		    .help = "what the number is in; without it the text "      \
			    "tells",                                           \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(struct map_value, scale, "scale", OPT_NUMBER),   \
		    .preset = "1",                                             \
		    .help = "what the number is multiplied with: 0.001 makes " \
			    "seconds of milliseconds",                         \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct map_value, optional, "optional", OPT_BOOL),   \
		    .preset = "false",                                         \
		    .help = "may be absent without being a mistake",           \
	}

#define MAP_METRIC_ROWS(word)                                                  \
	{                                                                      \
		MAP_FROM_ROW(word), MAP_VALUE_ROWS,                            \
		    {                                                          \
			    OPT_FIELD(                                         \
				struct map_metric, kind, "kind", OPT_CHOICE),  \
			    .choices = map_metric_kinds,                       \
			    .preset = "gauge",                                 \
			    .help = "a counter only grows, and its rate is "   \
				    "shown",                                   \
		    },                                                         \
		{                                                              \
			OPT_FIELD(                                             \
			    struct map_metric, labels, "labels", OPT_PAIRS),   \
			    .max = MAP_LABELS_MAX,                             \
			    .help = "labels and where their values are",       \
		}                                                              \
	}

#define MAP_STATE_ROWS(owner, field, word)                                     \
	{                                                                      \
		OPT_FIELD(owner, field from, word, OPT_LIST),                  \
		.required = true,                                              \
		.min = 1,                                                      \
		.max = MAP_PLACES_MAX,                                         \
		.help = "where the word is; of several the worst counts",      \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(owner, field ok, "ok", OPT_LIST),                \
		    .max = MAP_WORDS_MAX,                                      \
		    .help = "words that are good, or \"> 0\"; \"up*\" takes "  \
			    "all that begin so; with none given the usual "    \
			    "ones are known",                                  \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(owner, field warn, "warn", OPT_LIST),            \
		    .max = MAP_WORDS_MAX,                                      \
		    .help = "words that are a warning",                        \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(owner, field crit, "crit", OPT_LIST),            \
		    .max = MAP_WORDS_MAX,                                      \
		    .help = "words that are critical",                         \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(owner, field other, "other", OPT_CHOICE),            \
		    .choices = map_others, .preset = "auto",                   \
		    .help = "what all other words are; auto is crit where "    \
			    "good ones are listed",                            \
	}

#define MAP_HEALTH_ROWS(word)                                                  \
	{                                                                      \
		MAP_STATE_ROWS(struct map_health, state., word),               \
		    MAP_VALUE_ROWS,                                            \
		    {                                                          \
			    OPT_FIELD(                                         \
				struct map_health, name, "name", OPT_STRING),  \
			    .help = "where the name of each row of a "         \
				    "wildcard is; else its key",               \
		    },                                                         \
		{                                                              \
			OPT_FIELD(                                             \
			    struct map_health, detail, "detail", OPT_STRING),  \
			    .help = "where more words are",                    \
		}                                                              \
	}

#define MAP_COLUMN_ROWS(word)                                                  \
	{                                                                      \
		MAP_FROM_ROW(word), MAP_VALUE_ROWS,                            \
		{                                                              \
			OPT_FIELD(                                             \
			    struct map_column, kind, "kind", OPT_CHOICE),      \
			    .choices = map_column_kinds, .preset = "auto",     \
			    .help = "what the cells are; state is the row's",  \
		}                                                              \
	}

#define MAP_TABLE_ROWS(place)                                                  \
	{                                                                      \
		OPT_FIELD(struct map_table_raw, key, "key", OPT_STRING),       \
		.help = "where a row's own key is; else the first column",     \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct map_table_raw, columns, "columns", OPT_NODE),   \
		    .group = &map_column_opts[place],                          \
		    .help = "columns and where their values are; without "     \
			    "them all there are",                              \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct map_table_raw, state, "state", OPT_NODE),     \
		    .help = "how bad a row is: where the word is, or a map "   \
			    "of path, ok, warn, crit and other",               \
	}

static const struct opt map_metric_paths[] = MAP_METRIC_ROWS("path");
static const struct opt map_metric_columns[] = MAP_METRIC_ROWS("column");
static const struct opt map_health_paths[] = MAP_HEALTH_ROWS("path");
static const struct opt map_health_columns[] = MAP_HEALTH_ROWS("column");
static const struct opt map_column_paths[] = MAP_COLUMN_ROWS("path");
static const struct opt map_column_columns[] = MAP_COLUMN_ROWS("column");
static const struct opt map_state_paths[] = { MAP_STATE_ROWS(
    struct map_state, , "path") };
static const struct opt map_state_columns[] = { MAP_STATE_ROWS(
    struct map_state, , "column") };

/* Both places of one kind of entry. */
#define MAP_BOTH(name)                                                         \
	{                                                                      \
		[MAP_PATH] = OPT_TABLE(name##_paths),                          \
		[MAP_COLUMN] = OPT_TABLE(name##_columns),                      \
	}

const struct opt_table map_metric_opts[] = MAP_BOTH(map_metric);
const struct opt_table map_health_opts[] = MAP_BOTH(map_health);
const struct opt_table map_column_opts[] = MAP_BOTH(map_column);
const struct opt_table map_state_opts[] = MAP_BOTH(map_state);

static const struct opt map_table_paths[] = {
	{
	    OPT_FIELD(struct map_table_raw, rows, "rows", OPT_STRING),
	    .required = true,
	    .help = "path of the rows: a list, a map, or a wildcard",
	},
	{
	    OPT_FIELD(struct map_table_raw, optional, "optional", OPT_BOOL),
	    .preset = "false",
	    .help = "may be absent without being a mistake",
	},
	MAP_TABLE_ROWS(MAP_PATH),
};
static const struct opt map_table_columns[] = {
	MAP_TABLE_ROWS(MAP_COLUMN),
};

const struct opt_table map_table_opts[] = MAP_BOTH(map_table);
