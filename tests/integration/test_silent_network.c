/*  test_silent_network.c - a network that is cut tells nobody: the kernel is asked to notice, since libzmq's heartbeats do too late */

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hearth.h"

#define DESCRIPTORS   256
#define GIVEN_UP_MS   10000
#define HEARTBEATS_MS 3000

static int s_listen (char *address, size_t size, in_port_t *port)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t length = sizeof own;
    int listener = socket (AF_INET, SOCK_STREAM, 0);
    cr_assert_eq (bind (listener, (struct sockaddr *) &own, sizeof own), 0);
    cr_assert_eq (listen (listener, 1), 0);
    cr_assert_eq (getsockname (listener, (struct sockaddr *) &own, &length), 0);
    *port = own.sin_port;
    snprintf (address, size, "tcp://127.0.0.1:%d", ntohs (own.sin_port));
    return listener;
}

//  The descriptor of this process that is connected to the port.
static int s_connected_to (in_port_t port)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        struct sockaddr_in peer = { 0 };
        socklen_t length = sizeof peer;
        if (getpeername (fd, (struct sockaddr *) &peer, &length) == 0 && peer.sin_family == AF_INET
            && peer.sin_port == port)
            return fd;
    }
    return -1;
}

Test (silent_network, a_connection_whose_other_side_confirms_nothing_ends_before_its_heartbeats_would)
{
    char address [64], greeting;
    in_port_t port;
    unsigned unconfirmed_ms = 0;
    socklen_t length = sizeof unconfirmed_ms;
    int listener = s_listen (address, sizeof address, &port);
    hearth_t *hearth = hearth_connect (address);
    cr_assert_eq (hearth_process (hearth), 0);
    int accepted = accept (listener, NULL, NULL);
    cr_assert_eq (recv (accepted, &greeting, 1, 0), 1);
    cr_assert_eq (getsockopt (s_connected_to (port), IPPROTO_TCP, TCP_USER_TIMEOUT, &unconfirmed_ms, &length), 0);
    cr_assert_eq (unconfirmed_ms, GIVEN_UP_MS - HEARTBEATS_MS);
    hearth_destroy (&hearth);
    close (accepted);
    close (listener);
}
