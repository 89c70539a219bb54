/*
 * For guests who come before the server is there: their connections are
 * accepted by the system and wait, and are joined to connections to the
 * server once it runs. So who connects early waits a moment instead of
 * being refused.
 * thread: lobby_open(): any, before the others; else the server's. Nothing
 * here blocks.
 */
#ifndef SEV_SIM_LOBBY_H
#define SEV_SIM_LOBBY_H

#include <poll.h>

#include "base/attr.h"
#include "base/err.h"

struct lobby;

/* Listens on a port of 127.0.0.1 on which the server will listen later. */
enum err_code lobby_open(
    unsigned port, struct lobby **ret_lobby, struct err *err) ATTR_MUST_USE;

/* Stops listening, so that the server can begin to. */
void lobby_close_door(struct lobby *lobby);

/* Joins who has come to the server; whom it does not take is sent away. */
void lobby_let_in(struct lobby *lobby);

/* Fills two entries per guest for poll() and returns how many. */
unsigned lobby_poll(const struct lobby *lobby, struct pollfd *set);

/* Passes on what has come. set is as lobby_poll() filled it, after poll(). */
void lobby_step(struct lobby *lobby, const struct pollfd *set);

/* NULL is allowed. Closes all connections. Returns NULL. */
struct lobby *lobby_free(struct lobby *lobby);

#endif
