/* Words and numbers for severity, as the loggers of our platforms write it. */
#include <string.h>

#include "model/logstore.h"

struct level_word {
	const char *word;
	enum log_level level;
};

/* Lower case; pino, bunyan, winston, syslog, Java, Python, Go, glog, GCP. */
static const struct level_word level_words[] = {
	{ "error", LOG_LEVEL_ERROR },
	{ "info", LOG_LEVEL_INFO },
	{ "warn", LOG_LEVEL_WARN },
	{ "warning", LOG_LEVEL_WARN },
	{ "debug", LOG_LEVEL_DEBUG },
	{ "trace", LOG_LEVEL_TRACE },
	{ "fatal", LOG_LEVEL_FATAL },
	{ "notice", LOG_LEVEL_INFO },
	{ "err", LOG_LEVEL_ERROR },
	{ "severe", LOG_LEVEL_ERROR },
	{ "crit", LOG_LEVEL_FATAL },
	{ "critical", LOG_LEVEL_FATAL },
	{ "alert", LOG_LEVEL_FATAL },
	{ "emerg", LOG_LEVEL_FATAL },
	{ "emergency", LOG_LEVEL_FATAL },
	{ "panic", LOG_LEVEL_FATAL },
	{ "dpanic", LOG_LEVEL_FATAL },
	{ "information", LOG_LEVEL_INFO },
	{ "informational", LOG_LEVEL_INFO },
	{ "log", LOG_LEVEL_INFO },
	{ "http", LOG_LEVEL_INFO },
	{ "verbose", LOG_LEVEL_DEBUG },
	{ "fine", LOG_LEVEL_DEBUG },
	{ "finer", LOG_LEVEL_TRACE },
	{ "finest", LOG_LEVEL_TRACE },
	{ "silly", LOG_LEVEL_TRACE },
	{ "trc", LOG_LEVEL_TRACE },
	{ "dbg", LOG_LEVEL_DEBUG },
	{ "inf", LOG_LEVEL_INFO },
	{ "wrn", LOG_LEVEL_WARN },
	{ "ftl", LOG_LEVEL_FATAL },
	{ "t", LOG_LEVEL_TRACE },
	{ "d", LOG_LEVEL_DEBUG },
	{ "i", LOG_LEVEL_INFO },
	{ "w", LOG_LEVEL_WARN },
	{ "e", LOG_LEVEL_ERROR },
	{ "f", LOG_LEVEL_FATAL },
};

enum {
	LEVEL_WORD_MAX = 16,
	LEVEL_DIGITS_MAX = 3,
	LEVEL_GCP_FIRST = 100, /* LogSeverity: DEBUG 100 ... EMERGENCY 800 */
	LEVEL_PINO_FIRST = 10, /* trace 10 ... fatal 60 */
};

const char *
log_level_name(enum log_level level)
{
	static const char *const names[LOG_LEVEL_COUNT] = {
		[LOG_LEVEL_NONE] = "",
		[LOG_LEVEL_TRACE] = "TRACE",
		[LOG_LEVEL_DEBUG] = "DEBUG",
		[LOG_LEVEL_INFO] = "INFO",
		[LOG_LEVEL_WARN] = "WARN",
		[LOG_LEVEL_ERROR] = "ERROR",
		[LOG_LEVEL_FATAL] = "FATAL",
	};

	return (unsigned)level < LOG_LEVEL_COUNT ? names[level] : "";
}

static enum log_level
level_from_number(int n)
{
	static const enum log_level syslog[] = { LOG_LEVEL_FATAL,
		LOG_LEVEL_FATAL, LOG_LEVEL_FATAL, LOG_LEVEL_ERROR,
		LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_INFO,
		LOG_LEVEL_DEBUG };
	static const enum log_level gcp[] = { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO,
		LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR,
		LOG_LEVEL_FATAL, LOG_LEVEL_FATAL, LOG_LEVEL_FATAL };

	if (n >= LEVEL_GCP_FIRST)
		return n % 100 == 0 && n <= 800 ? gcp[n / 100 - 1]
						: LOG_LEVEL_NONE;
	if (n >= LEVEL_PINO_FIRST)
		return n < 70 ? (enum log_level)(n / 10) : LOG_LEVEL_NONE;
	return n < (int)ARRAY_LEN(syslog) ? syslog[n] : LOG_LEVEL_NONE;
}

enum log_level
log_level_parse(const char *s, size_t len)
{
	char word[LEVEL_WORD_MAX];
	size_t i;
	int n = 0;

	if (len == 0 || len >= sizeof(word))
		return LOG_LEVEL_NONE;
	if (s[0] >= '0' && s[0] <= '9') {
		for (i = 0; i < len && len <= LEVEL_DIGITS_MAX; i++) {
			if (s[i] < '0' || s[i] > '9')
				return LOG_LEVEL_NONE;
			n = n * 10 + (s[i] - '0');
		}
		return len <= LEVEL_DIGITS_MAX ? level_from_number(n)
					       : LOG_LEVEL_NONE;
	}
	for (i = 0; i < len; i++)
		word[i] =
		    (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
	word[len] = '\0';
	for (i = 0; i < ARRAY_LEN(level_words); i++) {
		if (strcmp(level_words[i].word, word) == 0)
			return level_words[i].level;
	}
	return LOG_LEVEL_NONE;
}
