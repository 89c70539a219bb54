/*
 * An entry of Cloud Logging as a line: its text, fields and further lines
 * are what its program wrote, without the envelope's repetitions.
 *
 *	textPayload	read like a line of a file; what stands below its
 *			first line goes on with it
 *	jsonPayload	message, fields and stack, as a line of JSON
 *	httpRequest	"GET 503 /path" where nothing else is said; status
 *			and latency_s as fields in any case
 *	protoPayload	an audit entry: method, status, who, what
 *
 * The severity counts; where it is DEFAULT, what the line says. Behind the
 * fields come service, revision, log, trace and instance. Bytes from
 * outside: any document is taken.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_ENTRY_H
#define SEV_DATASRC_GCP_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "datasrc/gcp_cursor.h"
#include "model/logparse.h"

struct arena;
struct cJSON;

struct gcp_entry {
	struct gcp_mark mark;
	struct logparse_line line; /* its bytes live in the arena */
};

/* Memory that is kept from entry to entry. */
struct gcp_entry_reader {
	struct logparse parse;
	struct buf text;
	struct buf fields;
	struct buf masked;
	bool mask_emails;
	bool services; /* there are several: a line begins its fields so */
};

void gcp_entry_reader_init(struct gcp_entry_reader *reader);
void gcp_entry_reader_release(struct gcp_entry_reader *reader);

/*
 * The time and identity of an entry. Without a time that can be read it is
 * that of now_ms.
 */
void gcp_entry_mark(
    const struct cJSON *entry, int64_t now_ms, struct gcp_mark *ret);

/*
 * Reads an entry of that mark. names: the named filters that it
 * matches, each ended by a NUL, and one more behind the last. False: no memory,
 * or it has more bytes than a line can have; the mark is set all the same.
 */
bool gcp_entry_read(struct gcp_entry_reader *reader, const struct cJSON *entry,
    const struct gcp_mark *mark, const char *names, struct arena *arena,
    struct gcp_entry *ret);

#endif
