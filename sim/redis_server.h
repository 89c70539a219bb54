/*
 * A private redis-server as a child process: found on PATH, on loopback and
 * a free port, with a random password, its files in one folder. It dies
 * with its parent (on Linux), and never writes to disk by itself.
 * thread: the one that started it.
 */
#ifndef SEV_SIM_REDIS_SERVER_H
#define SEV_SIM_REDIS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

struct redis_server;

/*
 * dir is copied and must exist. ERR_NOTFOUND when there is no redis-server
 * on PATH. Waits until the server answers, at most SIM_REDIS_START_MS.
 */
enum err_code redis_server_start(const char *dir,
    struct redis_server **ret_server, struct err *err) ATTR_MUST_USE;

/* Starts it again on the same port with the same password and data. */
enum err_code redis_server_restart(
    struct redis_server *server, struct err *err) ATTR_MUST_USE;

/*
 * Ends it, with its data written first if keep; waits SIM_REDIS_STOP_MS and
 * then kills. Nothing happens when it isn't running.
 */
void redis_server_halt(struct redis_server *server, bool keep);

/* False once it has ended, by whomever. */
bool redis_server_alive(struct redis_server *server);

pid_t redis_server_pid(const struct redis_server *server);
unsigned redis_server_port(const struct redis_server *server);
const char *redis_server_password(const struct redis_server *server);

/* NULL is allowed. Ends it without keeping data. Returns NULL. */
struct redis_server *redis_server_free(struct redis_server *server);

#endif
