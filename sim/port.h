/*
 * A free TCP port of the loopback interface for a server that is started
 * later, perhaps several times.
 * thread: any.
 */
#ifndef SEV_SIM_PORT_H
#define SEV_SIM_PORT_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Finds a port. On Linux nobody else is given it for as long as *ret_fd
 * (returned, close it) is open, while a server that sets SO_REUSEADDR, as
 * servers do, can listen on it. Elsewhere *ret_fd is -1 and the port was
 * free a moment ago.
 */
enum err_code port_hold(
    unsigned *ret_port, int *ret_fd, struct err *err) ATTR_MUST_USE;

#endif
