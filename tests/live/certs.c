#include "tests/live/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/live/child.h"

bool
certs_make(char *dir)
{
	char script[2048];
	const char *argv[] = { "sh", "-c", script, NULL };
	struct child child;
	bool made;

	if (mkdtemp(dir) == NULL)
		return false;
	snprintf(script, sizeof(script),
	    "cd %s && exec 2>/dev/null\n"
	    "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
	    "openssl req -x509 $new -days 2 -subj /CN=own -keyout ca.key "
	    "-out ca.pem || exit\n"
	    "openssl req -x509 $new -days 2 -subj /CN=localhost "
	    "-keyout self.key -out self.pem || exit\n"
	    "sign() {\n"
	    "  openssl req $new -subj /CN=$2 -keyout $1.key -out $1.csr && "
	    "  printf subjectAltName=DNS:$2 > ext && "
	    "  openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key "
	    "  -set_serial $3 -days $4 -extfile ext -out $1.pem\n"
	    "}\n"
	    "sign tls localhost 1 2 && sign old localhost 2 -1 && "
	    "sign other elsewhere 3 2 && chmod 755 . && echo READY",
	    dir);
	made = child_start(&child, argv, true);
	child_stop(&child);
	return made;
}

void
certs_remove(const char *dir)
{
	static const char *const names[] = { "ca", "self", "tls", "old",
		"other" };
	static const char *const ends[] = { "key", "pem", "csr" };
	char path[200];

	for (size_t i = 0; i < ARRAY_LEN(names) * ARRAY_LEN(ends); i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", dir,
		    names[i / ARRAY_LEN(ends)], ends[i % ARRAY_LEN(ends)]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/ext", dir);
	unlink(path);
	rmdir(dir);
}
