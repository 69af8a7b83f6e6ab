/*  relay.c - one thread, one poll: pairs of sockets, and what waits to be written to each */

#include "relay.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ENDS_MOST 32  //  two of a connection

typedef struct {
    int fd;  //  -1: free
    char bytes [65536];
    size_t from;  //  of what waits to be written to fd
    size_t size;
} end_t;

struct relay {
    char folder [64];
    char address [128];
    char target [128];
    int listener;
    int orders [2];  //  pipes: 'c'ut, 'm'end, 'e'nd
    int answers [2];
    bool is_cut;
    pthread_t thread;
    end_t ends [ENDS_MOST];  //  the other end of `at` is `at ^ 1`
};

static int unix_socket (const char *path, int (*use) (int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && use (fd, (const struct sockaddr *) &address, sizeof address) == 0)
        return fd;
    close (fd);
    return -1;
}

static void close_pair (relay_t *self, size_t at)
{
    for (size_t end = at & ~(size_t) 1; end <= (at | 1); end++) {
        if (self->ends [end].fd >= 0)
            close (self->ends [end].fd);
        self->ends [end] = (end_t){ .fd = -1 };
    }
}

static void accept_one (relay_t *self)
{
    int fd = accept4 (self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int other = self->is_cut || fd < 0 ? -1 : unix_socket (self->target, connect);
    for (size_t at = 0; other >= 0 && at < ENDS_MOST; at += 2)
        if (self->ends [at].fd < 0) {
            self->ends [at].fd = fd;
            self->ends [at + 1].fd = other;
            return;
        }
    close (fd);
    close (other);
}

//  Writes what waits for this end, then takes more from the other one.
static bool pump (end_t *to, const end_t *from)
{
    if (!to->size) {
        ssize_t size = recv (from->fd, to->bytes, sizeof to->bytes, 0);
        if (size <= 0)
            return false;
        to->from = 0;
        to->size = (size_t) size;
    }
    ssize_t size = send (to->fd, to->bytes + to->from, to->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) {
        to->from += (size_t) size;
        to->size -= (size_t) size;
    }
    return true;
}

static void turn (relay_t *self)
{
    struct pollfd fds [ENDS_MOST + 2] = { { .fd = self->orders [0], .events = POLLIN },
                                          { .fd = self->listener, .events = POLLIN } };
    for (size_t at = 0; at < ENDS_MOST; at++) {
        fds [at + 2].fd = self->ends [at].fd;
        fds [at + 2].events =
            (short) ((self->ends [at ^ 1].size ? 0 : POLLIN) | (self->ends [at].size ? POLLOUT : 0));
    }
    poll (fds, ENDS_MOST + 2, -1);
    if (fds [1].revents)
        accept_one (self);
    for (size_t at = 0; at < ENDS_MOST; at++) {
        if (self->ends [at].fd != fds [at + 2].fd || !fds [at + 2].revents)
            continue;
        size_t to = fds [at + 2].revents & POLLOUT ? at : at ^ 1;
        if (!pump (&self->ends [to], &self->ends [to ^ 1]))
            close_pair (self, at);
    }
}

static void *run (void *context)
{
    relay_t *self = (relay_t *) context;
    for (;;) {
        turn (self);
        struct pollfd order = { .fd = self->orders [0], .events = POLLIN };
        char what = 0;
        if (poll (&order, 1, 0) <= 0 || read (self->orders [0], &what, 1) != 1)
            continue;
        self->is_cut = what != 'm';
        for (size_t at = 0; self->is_cut && at < ENDS_MOST; at += 2)
            close_pair (self, at);
        if (write (self->answers [1], &what, 1) != 1 || what == 'e')
            return NULL;
    }
}

static void order (relay_t *self, char what)
{
    cr_assert_eq (write (self->orders [1], &what, 1), 1);
    cr_assert_eq (read (self->answers [0], &what, 1), 1);
}

relay_t *relay_new (void)
{
    relay_t *self = (relay_t *) calloc (1, sizeof *self);
    cr_assert_not_null (self);
    for (size_t at = 0; at < ENDS_MOST; at++)
        self->ends [at].fd = -1;
    strcpy (self->folder, "/tmp/hearth-XXXXXX");
    cr_assert_not_null (mkdtemp (self->folder));
    snprintf (self->address, sizeof self->address, "ipc://%s/relay", self->folder);
    self->is_cut = true;
    self->listener = unix_socket (self->address + strlen ("ipc://"), bind);
    cr_assert_geq (self->listener, 0);
    cr_assert_eq (listen (self->listener, ENDS_MOST), 0);
    cr_assert (pipe (self->orders) == 0 && pipe (self->answers) == 0);
    cr_assert_eq (pthread_create (&self->thread, NULL, run, self), 0);
    return self;
}

void relay_destroy (relay_t **self_p)
{
    relay_t *self = *self_p;
    *self_p = NULL;
    order (self, 'e');
    pthread_join (self->thread, NULL);
    close (self->listener);
    for (int at = 0; at < 2; at++) {
        close (self->orders [at]);
        close (self->answers [at]);
    }
    unlink (self->address + strlen ("ipc://"));
    rmdir (self->folder);
    free (self);
}

const char *relay_address (const relay_t *self)
{
    return self->address;
}

void relay_cut (relay_t *self)
{
    order (self, 'c');
}

void relay_mend (relay_t *self, const char *target)
{
    snprintf (self->target, sizeof self->target, "%s", target + strlen ("ipc://"));
    order (self, 'm');
}
