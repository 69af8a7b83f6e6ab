/*  epoll_forwarder.c - what a transport without libzmq would gain: the forwarder once more, in one thread on epoll

    Speaks ZMTP 3.0 (rfc.zeromq.org/spec/23) with the mechanism NULL to libzmq's DEALERs, as far as the benchmark needs it:
    whoever breaks the protocol ends it. Forwards like forwarder.c; what is read in one turn is written at its end, with one
    call a peer. usage: epoll_forwarder ENDPOINT
*/
#include "raw.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEERS    1024
#define SERVICES 16
#define EVENTS   64
#define READ     65536  //  bytes, at least, that a read has room for
#define GREETING 64

enum { MORE = 1, LONG = 2, COMMAND = 4 };

typedef struct {
    uint8_t *data;
    size_t from, to, room;
} buffer_t;

typedef struct peer {
    uint32_t index;
    int fd;
    int is_greeted;
    int is_dirty;    //  something is to be written when the turn ends
    int is_blocked;  //  until the kernel says that there is room
    buffer_t in, out;
} peer_t;

static peer_t *peers [PEERS];
static uint32_t peer_count;
static peer_t *dirty [PEERS];
static size_t dirty_count;
static uint32_t services [SERVICES];
static size_t service_count, turn;
static int events_fd;

//  ---- buffers ----

//  Room for so many more bytes behind what is there.
static uint8_t *s_room (buffer_t *self, size_t size)
{
    if (self->room - self->to >= size)
        return self->data + self->to;
    memmove (self->data, self->data + self->from, self->to - self->from);
    self->to -= self->from;
    self->from = 0;
    if (self->room - self->to < size) {
        self->room = 2 * (self->to + size);
        self->data = realloc (self->data, self->room);
        bench_check (self->data != NULL, "out of memory");
    }
    return self->data + self->to;
}

static void s_take (buffer_t *self, size_t size)
{
    self->from += size;
    if (self->from == self->to)
        self->from = self->to = 0;
}

//  ---- out ----

static void s_put (peer_t *self, const void *bytes, size_t size)
{
    memcpy (s_room (&self->out, size), bytes, size);
    self->out.to += size;
    if (!self->is_dirty && !self->is_blocked)
        dirty [dirty_count++] = self;
    self->is_dirty = 1;
}

static void s_put_frame (peer_t *self, int flags, const void *bytes, size_t size)
{
    uint8_t head [9] = { (uint8_t) (flags | (size > 255 ? LONG : 0)), (uint8_t) size };
    uint64_t wide = htobe64 (size);
    if (size > 255)
        memcpy (head + 1, &wide, sizeof wide);
    s_put (self, head, size > 255 ? 9 : 2);
    s_put (self, bytes, size);
}

static void s_watch (peer_t *self, int operation)
{
    struct epoll_event event = { .events = EPOLLIN | (self->is_blocked ? EPOLLOUT : 0), .data.ptr = self };
    bench_check (epoll_ctl (events_fd, operation, self->fd, &event) == 0, "cannot watch a peer");
}

static void s_flush (peer_t *self)
{
    int was_blocked = self->is_blocked;
    ssize_t sent = send (self->fd, self->out.data + self->out.from, self->out.to - self->out.from, MSG_NOSIGNAL);
    if (sent > 0)
        s_take (&self->out, (size_t) sent);
    self->is_blocked = self->out.from != self->out.to;
    self->is_dirty = self->is_blocked;
    if (was_blocked != self->is_blocked)
        s_watch (self, EPOLL_CTL_MOD);
}

//  ---- in ----

static void s_forward (uint32_t from, uint8_t *data, size_t size)
{
    uint32_t to;
    if (size < RAW_HEADER) {
        services [service_count++ % SERVICES] = to = from;
    } else if (data [RAW_KIND] == RAW_REPLY) {
        memcpy (&to, data, sizeof to);
    } else {
        memcpy (data, &from, sizeof from);
        if (data [RAW_SERVICE] == RAW_POOL && ++turn >= service_count)
            turn = 0;
        to = services [data [RAW_SERVICE] == RAW_POOL ? turn : data [RAW_SERVICE] % SERVICES];
    }
    bench_check (to < peer_count, "a frame to nobody");
    s_put_frame (peers [to], 0, data, size);
}

//  The size of the frame that begins there, its own head included; 0 while that is not known.
static size_t s_frame_size (const uint8_t *data, size_t size, size_t *head)
{
    uint64_t wide;
    *head = size && data [0] & LONG ? 9 : 2;
    if (size < *head)
        return 0;
    memcpy (&wide, data + 1, *head == 9 ? sizeof wide : 1);
    return *head + (*head == 9 ? be64toh (wide) : data [1]);
}

static void s_take_frames (peer_t *self)
{
    buffer_t *in = &self->in;
    size_t head, size;
    if (!self->is_greeted && in->to - in->from < GREETING)
        return;
    if (!self->is_greeted)
        s_take (in, GREETING);
    self->is_greeted = 1;
    while ((size = s_frame_size (in->data + in->from, in->to - in->from, &head)) && size <= in->to - in->from) {
        uint8_t *data = in->data + in->from;
        bench_check (!(data [0] & MORE), "a message of several frames");
        if (!(data [0] & COMMAND))
            s_forward (self->index, data + head, size - head);
        s_take (in, size);
    }
    if (size > READ)
        s_room (in, size);
}

static void s_read (peer_t *self)
{
    s_room (&self->in, READ);
    ssize_t got = recv (self->fd, self->in.data + self->in.to, self->in.room - self->in.to, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        epoll_ctl (events_fd, EPOLL_CTL_DEL, self->fd, NULL);
        return;
    }
    self->in.to += got > 0 ? (size_t) got : 0;
    s_take_frames (self);
}

//  ---- connections ----

static void s_greet (peer_t *self)
{
    static const uint8_t greeting [GREETING] = { 0xff, [9] = 0x7f, [10] = 3, [12] = 'N', 'U', 'L', 'L' };
    static const char ready [] = "\5READY\13Socket-Type\0\0\0\6ROUTER";
    s_put (self, greeting, sizeof greeting);
    s_put_frame (self, COMMAND, ready, sizeof ready - 1);
}

static void s_accept (int listener)
{
    int on = 1;
    peer_t *peer = calloc (1, sizeof *peer);
    bench_check (peer && peer_count < PEERS, "too many peers");
    peer->fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    bench_check (peer->fd >= 0, "cannot accept");
    setsockopt (peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peer->index = peer_count;
    peers [peer_count++] = peer;
    s_watch (peer, EPOLL_CTL_ADD);
    s_greet (peer);
}

static int s_listen_tcp (void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    char endpoint [64];
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    bench_check (fd >= 0 && bind (fd, (void *) &address, size) == 0 && listen (fd, PEERS) == 0
                     && getsockname (fd, (void *) &address, &size) == 0,
                 "cannot bind");
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", ntohs (address.sin_port));
    bench_say (endpoint);
    return fd;
}

static int s_listen (const char *endpoint)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strncmp (endpoint, "ipc://", 6) != 0)
        return s_listen_tcp ();
    bench_check (strlen (endpoint + 6) < sizeof address.sun_path, "the path is too long");
    strcpy (address.sun_path, endpoint + 6);
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    bench_check (fd >= 0 && bind (fd, (void *) &address, sizeof address) == 0 && listen (fd, PEERS) == 0,
                 "cannot bind");
    bench_say (endpoint);
    return fd;
}

int main (int argc, char **argv)
{
    bench_check (argc == 2, "usage: ENDPOINT");
    events_fd = epoll_create1 (EPOLL_CLOEXEC);
    int listener = s_listen (argv [1]);
    struct epoll_event ready [EVENTS], event = { .events = EPOLLIN, .data.ptr = NULL };
    bench_check (epoll_ctl (events_fd, EPOLL_CTL_ADD, listener, &event) == 0, "cannot wait");
    for (;;) {
        int count = epoll_wait (events_fd, ready, EVENTS, -1);
        for (int at = 0; at < count; at++) {
            peer_t *peer = ready [at].data.ptr;
            if (!peer)
                s_accept (listener);
            else if (ready [at].events & EPOLLOUT)
                s_flush (peer);
            if (peer && ready [at].events & ~(unsigned) EPOLLOUT)
                s_read (peer);
        }
        while (dirty_count > 0)
            s_flush (dirty [--dirty_count]);
    }
}
