/*
 * Source type "gcp.vpc": connectors of Serverless VPC Access, through which
 * Cloud Run reaches Redis and databases.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/textbuf.h"
#include "datasrc/gcp_estate.h"

static const struct column vpc_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("network"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("range"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("machine"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("min"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("throughput"), COLUMN_NUMBER, NUM_BYTES_PER_SECOND },
	{ TEXT_INIT("region"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

static enum state
vpc_state(struct text word)
{
	if (text_eq(word, TEXT("ready")))
		return STATE_OK;
	if (text_eq(word, TEXT("unknown")))
		return STATE_UNKNOWN;
	return text_eq(word, TEXT("error")) || text_eq(word, TEXT("deleting"))
		   ? STATE_CRIT
		   : STATE_WARN;
}

static struct text
vpc_detail(const struct gcp_value *to, const struct gcp_item *item)
{
	struct text_buf tb;

	tb_init(&tb);
	if (item->state != STATE_OK) {
		tb_text(&tb, item->word);
		if (item->state == STATE_CRIT)
			tb_lit(&tb, ": nothing behind it is reached");
		return text_copy(to->arena, tb_end(&tb));
	}
	tb_text(&tb, item->cells[2].text);
	tb_lit(&tb, " ");
	tb_text(&tb, item->cells[3].text);
	if (item->cells[6].num > 0) {
		tb_lit(&tb, ", ");
		tb_num(&tb, item->cells[5].num, NUM_COUNT);
		tb_lit(&tb, " to ");
		tb_num(&tb, item->cells[6].num, NUM_COUNT);
		tb_lit(&tb, " machines");
	}
	return text_copy(to->arena, tb_end(&tb));
}

static void
vpc_read(
    const struct gcp_value *to, const struct cJSON *v, struct gcp_item *ret)
{
	const double bytes_per_mbit = 1e6 / 8;

	ret->name = gcp_value_base(to, v, "name");
	ret->word = gcp_value_word(to, v, "state");
	ret->state = vpc_state(ret->word);
	ret->cells[2].text = gcp_value_base(to, v, "network");
	ret->cells[3].text = gcp_value_text(to, v, "ipCidrRange");
	ret->cells[4].text = gcp_value_text(to, v, "machineType");
	ret->cells[5].num = gcp_value_number(v, "minInstances", 0);
	ret->cells[6].num = gcp_value_number(v, "maxInstances", 0);
	ret->cells[7].num =
	    gcp_value_number(v, "maxThroughput", 0) * bytes_per_mbit;
	ret->cells[8].text = ret->region;
	ret->detail = vpc_detail(to, ret);
	ret->cells[9].text = ret->detail;
}

const struct gcp_estate_kind gcp_estate_vpc = {
	.service = "VPC connectors",
	.root = "https://vpcaccess.googleapis.com",
	.version = "v1",
	.collection = "connectors",
	.member = "connectors",
	.table = "connectors",
	.columns = vpc_columns,
	.column_count = ARRAY_LEN(vpc_columns),
	.health = true,
	.read = vpc_read,
	.tell = gcp_estate_tell_change,
};

static enum err_code
src_gcp_vpc_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	return gcp_estate_open(&gcp_estate_vpc, env, config, ret_state, err);
}

static const struct opt gcp_vpc_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_estate_conf, regions, "regions", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = GCP_REGIONS_MAX,
	    .help = "regions to look into, such as europe-west1",
	},
	{
	    OPT_FIELD(struct gcp_estate_conf, names, "connectors", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "names of the connectors to show; without it all of them",
	},
};

static const struct opt_table gcp_vpc_table = OPT_TABLE(gcp_vpc_rows);

const struct source_ops src_gcp_vpc = {
	.name = "gcp.vpc",
	.help = "connectors of Google's Serverless VPC Access",
	.options = &gcp_vpc_table,
	.config_size = sizeof(struct gcp_estate_conf),
	.every_ns = 60 * NS_PER_SEC,
	.timeout_ns = 20 * NS_PER_SEC,
	.open = src_gcp_vpc_open,
	.poll = gcp_estate_poll,
	.close = gcp_estate_close,
	.check = gcp_estate_check,
};
