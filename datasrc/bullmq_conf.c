#include "datasrc/bullmq_conf.h"

#include <string.h>

#include "model/platform.h"

enum err_code
bullmq_conf_redis(const struct platform *platform,
    const struct bullmq_conf *conf, const struct redis_conf **ret_redis,
    struct err *err)
{
	const struct platform_source *source = NULL;
	const struct redis_conf *redis = &conf->redis;

	if (conf->source != NULL) {
		if (platform != NULL)
			source = platform_source_find(platform, conf->source);
		redis = source != NULL && strcmp(source->type, "redis") == 0
			    ? source->config
			    : NULL;
	}
	if (redis == NULL || redis->url == NULL)
		return err_set(err, ERR_CONFIG, "bullmq",
		    "no Redis to read from: set redis to the name of a redis "
		    "source, or url");
	*ret_redis = redis;
	return ERR_OK;
}
