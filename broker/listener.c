/*  listener.c - binding, and the locks of ipc paths

    The lock of PATH is flock on PATH.lock, which stays there: to remove it would let two brokers hold two files of that
    name.
*/
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <zmq.h>

#define IPC "ipc://"

static int s_fail (char *problem, size_t size, const char *what)
{
    snprintf (problem, size, "%s", what);
    return -1;
}

static const char *s_bind_advice (int error)
{
    switch (error) {
    case EADDRINUSE: return "address already in use; stop the other broker or choose another address";
    case EADDRNOTAVAIL:
    case ENODEV:
        return "this machine has no such address or interface; bind one of its own addresses, in numbers (host names "
               "are not looked up), the name of an interface, or * for all";
    case EACCES: return "permission denied; choose a port from 1024, or a path that may be written";
    case EINVAL:
    case EPROTONOSUPPORT: return "no such address; give tcp://HOST:PORT or ipc:///PATH";
    case ENAMETOOLONG: return "the path is too long for a socket; choose one of at most 107 bytes";
    case ENOENT: return "no such directory; create it or choose another path";
    default: return NULL;
    }
}

//  Nobody can connect to all interfaces.
static void s_advertise (listener_t *self)
{
    static const char *const any [] = { "tcp://0.0.0.0:", "tcp://[::]:" };
    snprintf (self->advertised, sizeof self->advertised, "%s", self->bound);
    for (size_t i = 0; i < sizeof any / sizeof *any; i++)
        if (strncmp (self->bound, any [i], strlen (any [i])) == 0)
            snprintf (self->advertised, sizeof self->advertised, "tcp://*:%s", self->bound + strlen (any [i]));
}

static int s_bind (listener_t *self, transport_zmq_t *transport, const char *endpoint, char *problem, size_t size)
{
    if (!transport_zmq_bind (transport, self->kind, endpoint, self->bound, sizeof self->bound))
        return 0;
    int error = errno;
    const char *advice = s_bind_advice (error);
    s_fail (problem, size, advice ? advice : zmq_strerror (error));
    return error == EADDRINUSE ? LISTENER_TAKEN : -1;
}

static void s_unlock (listener_t *self)
{
    if (self->lock >= 0)
        close (self->lock);
    self->lock = -1;
}

//  Whether somebody answers at the path, who may be no broker that knows of our lock.
static bool s_is_served (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    bool served = connect (fd, (struct sockaddr *) &address, sizeof address) == 0 || errno == EAGAIN;
    close (fd);
    return served;
}

static bool s_is_no_socket (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0 && !S_ISSOCK (status.st_mode);
}

static int s_lock_path (listener_t *self, const char *path, char *problem, size_t size)
{
    char name [sizeof self->bound];
    snprintf (name, sizeof name, "%s.lock", path);
    self->lock = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->lock < 0) {
        snprintf (problem, size, "cannot open %s.lock: %s; choose a path in a directory that may be written", path,
                  strerror (errno));
        return -1;
    }
    if (flock (self->lock, LOCK_EX | LOCK_NB)) {
        s_unlock (self);
        s_fail (problem, size, "another broker serves this path; stop it or choose another path");
        return LISTENER_TAKEN;
    }
    return 0;
}

//  Returns 0, or what listener_open does. A path that begins with @ is abstract: no file, and the kernel keeps it to one process.
static int s_guard_path (listener_t *self, const char *path, char *problem, size_t size)
{
    if (*path == '@')
        return 0;
    if (s_is_no_socket (path))
        return s_fail (problem, size, "the path exists and is no socket; remove it or choose another path");
    int result = s_lock_path (self, path, problem, size);
    if (result || !s_is_served (path))
        return result;
    s_unlock (self);
    return s_fail (problem, size, "another process serves this path; stop it or choose another path");
}

int listener_open (listener_t *self, transport_zmq_t *transport, gate_kind_t kind, const char *endpoint,
                   char *problem, size_t size)
{
    int result = 0;
    *self = (listener_t){ .kind = kind, .lock = -1 };
    if (strncmp (endpoint, IPC, strlen (IPC)) == 0)
        result = s_guard_path (self, endpoint + strlen (IPC), problem, size);
    if (!result)
        result = s_bind (self, transport, endpoint, problem, size);
    if (result)
        s_unlock (self);
    else
        s_advertise (self);
    return result;
}

//  libzmq leaves the socket's file behind. The lock says that it is ours.
void listener_close (listener_t *self)
{
    if (self->lock >= 0)
        unlink (self->bound + strlen (IPC));
    s_unlock (self);
}
