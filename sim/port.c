#include "sim/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum err_code
port_hold(unsigned *ret_port, int *ret_fd, struct err *err)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, (struct sockaddr *)&addr, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
		int saved = errno;

		if (fd >= 0)
			close(fd);
		return err_set_errno(
		    err, ERR_IO, "port", saved, "no free port on 127.0.0.1");
	}
#ifndef __linux__
	/* two sockets on one port are refused, listening or not */
	close(fd);
	fd = -1;
#endif
	*ret_port = ntohs(addr.sin_port);
	*ret_fd = fd;
	return ERR_OK;
}
