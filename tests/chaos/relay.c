/*  relay.c - a wire to another host that delays what it carries while there is a file `delay` in the folder

    usage: chaos_relay FOLDER HOST PORT…. Listens on the same ports. A process for each connection and direction: what comes is bytes to it.
*/
#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>

#include "chaos.h"

#define DELAY_MS 400
#define BACKLOG  64

static void s_carry (const chaos_t *self, int from, int to)
{
    char bytes [16384];
    ssize_t size;
    while ((size = recv (from, bytes, sizeof bytes, 0)) > 0) {
        if (chaos_told (self, "delay"))
            chaos_pause (DELAY_MS);
        for (ssize_t sent = 0, some = 0; sent < size; sent += some)
            if ((some = send (to, bytes + sent, (size_t) (size - sent), MSG_NOSIGNAL)) < 0)
                break;
    }
    shutdown (from, SHUT_RDWR);
    shutdown (to, SHUT_RDWR);
    exit (0);
}

static int s_dial (const char *host, const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found = NULL;
    if (getaddrinfo (host, port, &hints, &found) != 0)
        return -1;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect (fd, found->ai_addr, found->ai_addrlen) != 0) {
        close (fd);
        fd = -1;
    }
    freeaddrinfo (found);
    return fd;
}

//  In a process of its own, so that a host that does not answer holds up no other connection.
static void s_join (const chaos_t *self, int peer, const char *host, const char *port)
{
    int target = s_dial (host, port);
    if (target < 0)
        exit (0);
    if (fork () == 0)
        s_carry (self, peer, target);
    s_carry (self, target, peer);
}

static void s_listen (const chaos_t *self, const char *host, const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *own = NULL;
    chaos_check (getaddrinfo (NULL, port, &hints, &own) == 0, "no address");
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    chaos_check (bind (listener, own->ai_addr, own->ai_addrlen) == 0 && listen (listener, BACKLOG) == 0,
                 "cannot listen");
    freeaddrinfo (own);
    for (;;) {
        int peer = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
        if (peer >= 0 && fork () == 0)
            s_join (self, peer, host, port);
        if (peer >= 0)
            close (peer);
    }
}

int main (int argc, char **argv)
{
    chaos_check (argc >= 4, "usage: chaos_relay FOLDER HOST PORT…");
    chaos_t self = { .folder = argv [1] };
    signal (SIGCHLD, SIG_IGN);
    for (int at = 4; at < argc; at++)
        if (fork () == 0)
            s_listen (&self, argv [2], argv [at]);
    s_listen (&self, argv [2], argv [3]);
    return 0;
}
