#include "sim/gcp_schema.h"

#include <string.h>

#define TYPE(name) "TRAFFIC_TARGET_ALLOCATION_TYPE_" name

static const char *const traffic_types[] = { TYPE("UNSPECIFIED"),
	TYPE("LATEST"), TYPE("REVISION"), NULL };
static const char *const ingresses[] = { "INGRESS_TRAFFIC_UNSPECIFIED",
	"INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY",
	"INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_NONE",
	NULL };
static const char *const stages[] = { "LAUNCH_STAGE_UNSPECIFIED",
	"EARLY_ACCESS", "ALPHA", "BETA", "GA", "DEPRECATED", "UNIMPLEMENTED",
	"PRELAUNCH", NULL };
static const char *const modes[] = { "SCALING_MODE_UNSPECIFIED", "AUTOMATIC",
	"MANUAL", NULL };
static const char *const environments[] = { "EXECUTION_ENVIRONMENT_UNSPECIFIED",
	"EXECUTION_ENVIRONMENT_GEN1", "EXECUTION_ENVIRONMENT_GEN2", NULL };
static const char *const egresses[] = { "VPC_EGRESS_UNSPECIFIED", "ALL_TRAFFIC",
	"PRIVATE_RANGES_ONLY", NULL };

#define MESSAGE(id, title)                                                     \
	static const struct gcp_message id = { .name = title,                  \
		.fields = id##_fields }

static const struct gcp_field secret_fields[] = {
	{ .name = "secret", .kind = GCP_STRING },
	{ .name = "version", .kind = GCP_STRING },
	{ .name = NULL },
};
MESSAGE(secret, "SecretKeySelector");

static const struct gcp_field source_fields[] = {
	{ .name = "secretKeyRef", .kind = GCP_MESSAGE, .message = &secret },
	{ .name = NULL },
};
MESSAGE(source, "EnvVarSource");

static const struct gcp_field env_fields[] = {
	{ .name = "name", .kind = GCP_STRING },
	{ .name = "value", .kind = GCP_STRING },
	{ .name = "valueSource", .kind = GCP_MESSAGE, .message = &source },
	{ .name = NULL },
};
MESSAGE(env, "EnvVar");

static const struct gcp_field resources_fields[] = {
	{ .name = "cpuIdle", .kind = GCP_BOOL },
	{ .name = "limits", .kind = GCP_TEXTS },
	{ .name = "startupCpuBoost", .kind = GCP_BOOL },
	{ .name = NULL },
};
MESSAGE(resources, "ResourceRequirements");

static const struct gcp_field port_fields[] = {
	{ .name = "containerPort", .kind = GCP_INT },
	{ .name = "name", .kind = GCP_STRING },
	{ .name = NULL },
};
MESSAGE(port, "ContainerPort");

static const struct gcp_field container_fields[] = {
	{ .name = "args", .kind = GCP_STRING, .list = true },
	{ .name = "baseImageUri", .kind = GCP_STRING },
	{ .name = "buildInfo", .kind = GCP_OUTPUT },
	{ .name = "command", .kind = GCP_STRING, .list = true },
	{ .name = "dependsOn", .kind = GCP_STRING, .list = true },
	{ .name = "env", .kind = GCP_MESSAGE, .list = true, .message = &env },
	{ .name = "image", .kind = GCP_STRING },
	{ .name = "livenessProbe", .kind = GCP_ANY },
	{ .name = "name", .kind = GCP_STRING },
	{ .name = "ports",
	    .kind = GCP_MESSAGE,
	    .list = true,
	    .message = &port },
	{ .name = "readinessProbe", .kind = GCP_ANY },
	{ .name = "resources", .kind = GCP_MESSAGE, .message = &resources },
	{ .name = "sourceCode", .kind = GCP_ANY },
	{ .name = "startupProbe", .kind = GCP_ANY },
	{ .name = "volumeMounts", .kind = GCP_ANY },
	{ .name = "workingDir", .kind = GCP_STRING },
	{ .name = NULL },
};
MESSAGE(container, "Container");

static const struct gcp_field revision_scaling_fields[] = {
	{ .name = "maxInstanceCount", .kind = GCP_INT },
	{ .name = "minInstanceCount", .kind = GCP_INT },
	{ .name = NULL },
};
MESSAGE(revision_scaling, "RevisionScaling");

static const struct gcp_field vpc_fields[] = {
	{ .name = "connector", .kind = GCP_STRING },
	{ .name = "egress", .kind = GCP_ENUM, .names = egresses },
	{ .name = "networkInterfaces", .kind = GCP_ANY },
	{ .name = NULL },
};
MESSAGE(vpc, "VpcAccess");

static const struct gcp_field template_fields[] = {
	{ .name = "annotations", .kind = GCP_TEXTS },
	{ .name = "containers",
	    .kind = GCP_MESSAGE,
	    .list = true,
	    .message = &container },
	{ .name = "encryptionKey", .kind = GCP_STRING },
	{ .name = "encryptionKeyRevocationAction", .kind = GCP_ANY },
	{ .name = "encryptionKeyShutdownDuration", .kind = GCP_DURATION },
	{ .name = "executionEnvironment",
	    .kind = GCP_ENUM,
	    .names = environments },
	{ .name = "gpuZonalRedundancyDisabled", .kind = GCP_BOOL },
	{ .name = "healthCheckDisabled", .kind = GCP_BOOL },
	{ .name = "labels", .kind = GCP_TEXTS },
	{ .name = "maxInstanceRequestConcurrency", .kind = GCP_INT },
	{ .name = "nodeSelector", .kind = GCP_ANY },
	{ .name = "revision", .kind = GCP_STRING },
	{ .name = "scaling",
	    .kind = GCP_MESSAGE,
	    .message = &revision_scaling },
	{ .name = "serviceAccount", .kind = GCP_STRING },
	{ .name = "serviceMesh", .kind = GCP_ANY },
	{ .name = "sessionAffinity", .kind = GCP_BOOL },
	{ .name = "timeout", .kind = GCP_DURATION },
	{ .name = "volumes", .kind = GCP_ANY },
	{ .name = "vpcAccess", .kind = GCP_MESSAGE, .message = &vpc },
	{ .name = NULL },
};
MESSAGE(template, "RevisionTemplate");

static const struct gcp_field traffic_fields[] = {
	{ .name = "percent", .kind = GCP_INT },
	{ .name = "revision", .kind = GCP_STRING },
	{ .name = "tag", .kind = GCP_STRING },
	{ .name = "type", .kind = GCP_ENUM, .names = traffic_types },
	{ .name = NULL },
};
MESSAGE(traffic, "TrafficTarget");

static const struct gcp_field scaling_fields[] = {
	{ .name = "manualInstanceCount", .kind = GCP_INT },
	{ .name = "maxInstanceCount", .kind = GCP_INT },
	{ .name = "minInstanceCount", .kind = GCP_INT },
	{ .name = "scalingMode", .kind = GCP_ENUM, .names = modes },
	{ .name = NULL },
};
MESSAGE(scaling, "ServiceScaling");

static const struct gcp_field service_fields[] = {
	{ .name = "annotations", .kind = GCP_TEXTS },
	{ .name = "binaryAuthorization", .kind = GCP_ANY },
	{ .name = "buildConfig", .kind = GCP_ANY },
	{ .name = "client", .kind = GCP_STRING },
	{ .name = "clientVersion", .kind = GCP_STRING },
	{ .name = "conditions", .kind = GCP_OUTPUT },
	{ .name = "createTime", .kind = GCP_OUTPUT },
	{ .name = "creator", .kind = GCP_OUTPUT },
	{ .name = "customAudiences", .kind = GCP_STRING, .list = true },
	{ .name = "defaultUriDisabled", .kind = GCP_BOOL },
	{ .name = "deleteTime", .kind = GCP_OUTPUT },
	{ .name = "description", .kind = GCP_STRING },
	{ .name = "etag", .kind = GCP_OUTPUT },
	{ .name = "expireTime", .kind = GCP_OUTPUT },
	{ .name = "generation", .kind = GCP_OUTPUT },
	{ .name = "iapEnabled", .kind = GCP_BOOL },
	{ .name = "ingress", .kind = GCP_ENUM, .names = ingresses },
	{ .name = "invokerIamDisabled", .kind = GCP_BOOL },
	{ .name = "labels", .kind = GCP_TEXTS },
	{ .name = "lastModifier", .kind = GCP_OUTPUT },
	{ .name = "latestCreatedRevision", .kind = GCP_OUTPUT },
	{ .name = "latestReadyRevision", .kind = GCP_OUTPUT },
	{ .name = "launchStage", .kind = GCP_ENUM, .names = stages },
	{ .name = "multiRegionSettings", .kind = GCP_ANY },
	{ .name = "name", .kind = GCP_OUTPUT },
	{ .name = "observedGeneration", .kind = GCP_OUTPUT },
	{ .name = "reconciling", .kind = GCP_OUTPUT },
	{ .name = "satisfiesPzs", .kind = GCP_OUTPUT },
	{ .name = "scaling", .kind = GCP_MESSAGE, .message = &scaling },
	{ .name = "template", .kind = GCP_MESSAGE, .message = &template },
	{ .name = "terminalCondition", .kind = GCP_OUTPUT },
	{ .name = "threatDetectionEnabled", .kind = GCP_OUTPUT },
	{ .name = "traffic",
	    .kind = GCP_MESSAGE,
	    .list = true,
	    .message = &traffic },
	{ .name = "trafficStatuses", .kind = GCP_OUTPUT },
	{ .name = "uid", .kind = GCP_OUTPUT },
	{ .name = "updateTime", .kind = GCP_OUTPUT },
	{ .name = "uri", .kind = GCP_OUTPUT },
	{ .name = "urls", .kind = GCP_OUTPUT },
	{ .name = NULL },
};

const struct gcp_message gcp_run_service = { .name = "Service",
	.fields = service_fields };

/* min_instance_count is minInstanceCount. */
static bool
field_is_called(const char *name, const char *word, size_t len)
{
	bool upper = false;

	for (size_t i = 0; i < len; i++) {
		char c = word[i];

		if (c == '_' && !upper && i > 0) {
			upper = true;
			continue;
		}
		if (upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		upper = false;
		if (*name == '\0' || *name++ != c)
			return false;
	}
	return *name == '\0' && !upper;
}

const struct gcp_field *
gcp_field_find(const struct gcp_message *message, const char *name, size_t len)
{
	for (const struct gcp_field *f = message->fields; f->name != NULL; f++)
		if (field_is_called(f->name, name, len))
			return f;
	return NULL;
}
