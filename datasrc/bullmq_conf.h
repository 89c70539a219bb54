/*
 * The configuration of source type "bullmq", for whoever talks to the same
 * queues. Texts are borrowed from the configuration.
 * thread: any; constant.
 */
#ifndef SEV_DATASRC_BULLMQ_CONF_H
#define SEV_DATASRC_BULLMQ_CONF_H

#include "base/opt.h"
#include "datasrc/redis_session.h"

struct platform;

struct bullmq_conf {
	const char *source; /* name of a redis source; NULL: own url */
	struct redis_conf redis;
	struct opt_list queues; /* none: they are found by SCAN */
	const char *prefix;
	int64_t backlog_ns;
};

/*
 * The server that holds the queues: our own options, or those of the source
 * that we refer to. ERR_CONFIG when there is none. platform may be NULL.
 */
enum err_code bullmq_conf_redis(const struct platform *platform,
    const struct bullmq_conf *conf, const struct redis_conf **ret_redis,
    struct err *err) ATTR_MUST_USE;

#endif
