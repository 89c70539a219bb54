#include "tests/pg_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

struct pg_result *
pg_rows(const char *names, const char *rows)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[32];
	char copy[1024];
	int n = 0, row = 0;
	char *rest = copy;

	snprintf(copy, sizeof(copy), "%s", names);
	memset(columns, 0, sizeof(columns));
	while (rest != NULL && n < 32) {
		char *type;

		columns[n].name = strsep(&rest, "|");
		columns[n].typid = 25; /* text */
		type = strchr(columns[n].name, ':');
		if (type != NULL) {
			*type = '\0';
			columns[n].typid = (Oid)strtoul(type + 1, NULL, 10);
		}
		n++;
	}
	PQsetResultAttrs(result, n, columns);
	while (*rows != '\0') {
		size_t len = strcspn(rows, "\n");

		for (int i = 0; i < n; i++) {
			size_t value = strcspn(rows, "|\n");
			char text[1024];

			snprintf(text, sizeof(text), "%.*s", (int)value, rows);
			for (char *c = text; *c != '\0'; c++)
				*c = *c == '\v' ? '\n' : *c;
			if (strcmp(text, "~") == 0)
				PQsetvalue(result, row, i, NULL, -1);
			else
				PQsetvalue(
				    result, row, i, text, (int)strlen(text));
			rows += value;
			len -= value;
			if (*rows == '|') {
				rows++;
				len--;
			}
		}
		rows += len;
		rows += *rows == '\n';
		row++;
	}
	return result;
}
