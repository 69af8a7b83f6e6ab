/*  accept.c - accept4 with a bound on descriptors; see accept.h */

#include "accept.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int bound = 1 << 30;
static atomic_uint refused;

void accept_set_bound (int fd)
{
    atomic_store (&bound, fd);
}

unsigned accept_take_refused (void)
{
    return atomic_exchange (&refused, 0);
}

//  libzmq takes ECONNABORTED for a peer that left while it waited.
__attribute__ ((visibility ("default"))) int accept4 (int fd, struct sockaddr *addr, socklen_t *addr_len, int flags)
{
    int accepted = (int) syscall (SYS_accept4, fd, addr, addr_len, flags);
    if (accepted < 0 || accepted < atomic_load (&bound))
        return accepted;
    close (accepted);
    atomic_fetch_add (&refused, 1);
    errno = ECONNABORTED;
    return -1;
}
