/*  uplink.c - the sockets of a connection, and libzmq's traps around them

    A ZeroMQ descriptor is edge-triggered in disguise: it tells of commands in the socket's mailbox, and any call on the
    socket, a send too, may swallow them together with the news that something can be received. So each source has a bit
    in `ready`: set when its descriptor was readable or a call may have swallowed that, cleared only when the socket says
    that nothing is left. Nobody sleeps while a bit is set.

    Nearly every call on a socket looks into that mailbox first, and gives up with EINTR, having done nothing, if a signal
    comes at that moment: such calls are made again.
*/
#include "uplink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bundle.h"
#include "limits.h"

enum { READY_DEALER = 1, READY_MONITOR = 2, READY_NOTES = 4, READY_WAKE = 8, READY_BUNDLE = 16 };

#define DESCRIPTORS 16    //  more than a session's sockets and libzmq's two threads take
#define NOTES_HWM   1000  //  notifications that wait here; what is beyond is filled in from the broker's history

struct uplink {
    void *context;
    void *dealer;
    void *monitor;
    void *notes;
    int epoll;
    int wake;
    unsigned ready;
    unsigned deaf;    //  sources that are not waited for
    unsigned opened;  //  how many DEALERs there were: each monitor needs an address of its own

    bool bundles;  //  the broker understands them
    bool gathers;  //  what is sent waits in `out` for more
    bundle_t out;  //  those; its data: NULL at first
    bool is_lost;  //  memory was short for what was to be sent
    zmq_msg_t in;  //  a bundle that came, while READY_BUNDLE
    bundle_reader_t reader;
    uint64_t count;  //  of bundles that came
};

//  libzmq ends the process if its threads find no descriptor. False, with errno, if a session might not get all of its own.
static bool has_descriptors (void)
{
    int fds [DESCRIPTORS], count = 0;
    while (count < DESCRIPTORS && (fds [count] = eventfd (0, EFD_CLOEXEC)) >= 0)
        count++;
    bool good = count == DESCRIPTORS;
    int why = errno;
    while (count > 0)
        close (fds [--count]);
    errno = why;
    return good;
}

uplink_t *uplink_new (void)
{
    uplink_t *self = has_descriptors () ? calloc (1, sizeof *self) : NULL;
    if (!self)
        return NULL;
    self->context = zmq_ctx_new ();
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = READY_WAKE };
    if (self->context && self->epoll >= 0 && self->wake >= 0
        && epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->wake, &event) == 0)
        return self;

    int why = errno;
    uplink_destroy (&self, 0);
    errno = why;
    return NULL;
}

void uplink_destroy (uplink_t **self_p, int linger_ms)
{
    uplink_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    uplink_close (self, linger_ms);
    uplink_open_notes (self, "");
    if (self->context)
        TEMP_FAILURE_RETRY (zmq_ctx_term (self->context));
    if (self->wake >= 0)
        close (self->wake);
    if (self->epoll >= 0)
        close (self->epoll);
    free (self->out.data);
    free (self);
}

/* ------------------------------------------------------------------------
    Sockets
*/

static void set_option (void *socket, int option, int value)
{
    zmq_setsockopt (socket, option, &value, sizeof value);
}

static int socket_fd (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
    return fd;
}

static int connect_socket (void *socket, const char *endpoint)
{
    return (int) TEMP_FAILURE_RETRY (zmq_connect (socket, endpoint));
}

static int watch_socket (uplink_t *self, void *socket, unsigned bit)
{
    struct epoll_event event = { .events = self->deaf & bit ? 0 : EPOLLIN, .data.u32 = bit };
    self->ready |= bit;
    return epoll_ctl (self->epoll, EPOLL_CTL_ADD, socket_fd (socket), &event);
}

//  The descriptor is taken out first: in a forked child a copy of it may live on, which epoll would go on reporting.
static void close_socket (uplink_t *self, void **socket_p, unsigned bit, int linger_ms)
{
    void *socket = *socket_p;
    if (!socket)
        return;
    *socket_p = NULL;
    self->ready &= ~bit;
    epoll_ctl (self->epoll, EPOLL_CTL_DEL, socket_fd (socket), NULL);
    set_option (socket, ZMQ_LINGER, linger_ms);
    zmq_close (socket);
}

static void forget_bundle (uplink_t *self)
{
    if (!(self->ready & READY_BUNDLE))
        return;
    self->ready &= ~(unsigned) READY_BUNDLE;
    zmq_msg_close (&self->in);
}

//  A session is a socket: this one never connects again behind our back, and sends nothing before it is connected.
//  It receives without a bound, since a peer that stops reading loses its heartbeats; capacity and calls in flight
//  bound what can come.
static void configure_dealer (void *dealer)
{
    set_option (dealer, ZMQ_LINGER, 0);
    set_option (dealer, ZMQ_RECONNECT_IVL, -1);
    set_option (dealer, ZMQ_IMMEDIATE, 1);
    set_option (dealer, ZMQ_RCVHWM, 0);
    set_option (dealer, ZMQ_SNDHWM, 0);
    set_option (dealer, ZMQ_HEARTBEAT_IVL, (int) limit_rows [LIMIT_HEARTBEAT].value);
    set_option (dealer, ZMQ_HEARTBEAT_TTL, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    set_option (dealer, ZMQ_HEARTBEAT_TIMEOUT, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    //  libzmq's timeout begins with the first heartbeat after whatever came last; the kernel's, with what is not confirmed.
    const uint64_t unconfirmed_ms = limit_rows [LIMIT_HEARTBEAT_END].value - limit_rows [LIMIT_HEARTBEAT].value;
    set_option (dealer, ZMQ_TCP_MAXRT, (int) unconfirmed_ms);
}

//  With RECONNECT_IVL -1 a failed connect shows as CLOSED, a lost connection as DISCONNECTED.
static int open_monitor (uplink_t *self)
{
    char address [64];
    snprintf (address, sizeof address, "inproc://monitor-%u", ++self->opened);
    const int events = ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED;
    if (TEMP_FAILURE_RETRY (zmq_socket_monitor (self->dealer, address, events)) != 0)
        return -1;
    self->monitor = zmq_socket (self->context, ZMQ_PAIR);
    if (!self->monitor)
        return -1;
    set_option (self->monitor, ZMQ_RCVHWM, 0);
    if (connect_socket (self->monitor, address) != 0)
        return -1;
    return watch_socket (self, self->monitor, READY_MONITOR);
}

int uplink_open (uplink_t *self, const char *endpoint)
{
    uplink_close (self, 0);
    self->dealer = zmq_socket (self->context, ZMQ_DEALER);
    if (!self->dealer)
        return -1;
    configure_dealer (self->dealer);
    if (open_monitor (self) == 0 && watch_socket (self, self->dealer, READY_DEALER) == 0
        && connect_socket (self->dealer, endpoint) == 0)
        return 0;

    int why = errno;
    uplink_close (self, 0);
    errno = why;
    return -1;
}

void uplink_close (uplink_t *self, int linger_ms)
{
    uplink_flush (self);
    self->bundles = false;
    forget_bundle (self);
    if (self->dealer)
        zmq_socket_monitor (self->dealer, NULL, 0);
    close_socket (self, &self->monitor, READY_MONITOR, 0);
    close_socket (self, &self->dealer, READY_DEALER, linger_ms);
}

bool uplink_is_writable (uplink_t *self)
{
    if (!self->dealer)
        return false;
    int events = 0;
    size_t size = sizeof events;
    uplink_flush (self);
    self->ready |= READY_DEALER;
    return TEMP_FAILURE_RETRY (zmq_getsockopt (self->dealer, ZMQ_EVENTS, &events, &size)) == 0
           && (events & ZMQ_POLLOUT);
}

static bool receive (void *socket, zmq_msg_t *message)
{
    return TEMP_FAILURE_RETRY (zmq_msg_recv (message, socket, ZMQ_DONTWAIT)) >= 0;
}

bool uplink_is_lost (uplink_t *self)
{
    if (!(self->ready & READY_MONITOR) && !self->is_lost)
        return false;
    bool lost = self->is_lost;
    self->is_lost = false;
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (receive (self->monitor, &message)) {
        uint16_t event = 0;
        if (zmq_msg_size (&message) >= sizeof event)
            memcpy (&event, zmq_msg_data (&message), sizeof event);
        if (zmq_msg_more (&message) && (event == ZMQ_EVENT_CLOSED || event == ZMQ_EVENT_DISCONNECTED))
            lost = true;
    }
    zmq_msg_close (&message);
    self->ready &= ~(unsigned) READY_MONITOR;
    return lost;
}

bool uplink_gathered (uplink_t *self, const uint8_t *frame, size_t size)
{
    if (!self->gathers || !self->bundles || size > BUNDLE_MOST)
        return false;
    if (!bundle_add (&self->out, frame, size)) {
        uplink_flush (self);
        bundle_add (&self->out, frame, size);
    }
    return true;
}

static bool send_message (uplink_t *self, zmq_msg_t *message)
{
    self->ready |= READY_DEALER;
    return TEMP_FAILURE_RETRY (zmq_msg_send (message, self->dealer, ZMQ_DONTWAIT)) >= 0;
}

bool uplink_send (uplink_t *self, zmq_msg_t *message)
{
    if (!self->dealer)
        return false;
    if (uplink_gathered (self, zmq_msg_data (message), zmq_msg_size (message)))
        return zmq_msg_close (message) == 0;
    uplink_flush (self);
    return send_message (self, message);
}

//  Messages of several frames are no part of the protocol: they are read to their end and dropped.
static bool receive_one (uplink_t *self, void *socket, unsigned bit, zmq_msg_t *message)
{
    if (!(self->ready & bit))
        return false;
    bool tail = false;
    while (receive (socket, message)) {
        bool more = zmq_msg_more (message);
        if (!more && !tail)
            return true;
        tail = more;
    }
    self->ready &= ~bit;
    return false;
}

void uplink_look_again (uplink_t *self)
{
    if (self->dealer)
        self->ready |= READY_DEALER | READY_MONITOR;
}

//  The next frame of a bundle that came; false if there is none. What cannot be read is dropped. Frames lie in their bundle, which
//  is shared: who handles one may wait for another meanwhile. (What libzmq copies instead is too small to hold any.)
static bool receive_bundled (uplink_t *self, received_t *in)
{
    const uint8_t *frame;
    if (!bundle_next (&self->reader, &frame, &in->size)) {
        forget_bundle (self);
        return false;
    }
    in->data = (uint8_t *) frame;
    if (in->bundle == self->count)
        return true;
    in->bundle = self->count;
    return zmq_msg_copy (&in->message, &self->in) == 0;
}

static void open_bundle (uplink_t *self, zmq_msg_t *message)
{
    zmq_msg_init (&self->in);
    zmq_msg_move (&self->in, message);
    bundle_open (&self->reader, zmq_msg_data (&self->in), zmq_msg_size (&self->in));
    self->count++;
    self->ready |= READY_BUNDLE;
}

static bool receive_message (uplink_t *self, received_t *in)
{
    if (!receive_one (self, self->dealer, READY_DEALER, &in->message))
        return false;
    in->bundle = 0;
    in->data = zmq_msg_data (&in->message);
    in->size = zmq_msg_size (&in->message);
    return true;
}

bool uplink_receive (uplink_t *self, received_t *in)
{
    for (;;) {
        if (self->ready & READY_BUNDLE && receive_bundled (self, in))
            return true;
        if (!receive_message (self, in)) {
            if (!self->out.count)
                return false;
            uplink_flush (self);
            continue;
        }
        if (!bundle_is (in->data, in->size))
            return true;
        open_bundle (self, &in->message);
    }
}

/* ------------------------------------------------------------------------
    Bundles
*/

void uplink_allow_bundles (uplink_t *self)
{
    zmq_msg_t message;
    size_t size;
    if (!self->out.data && !(self->out.data = malloc (BUNDLE_ROOM)))
        return;
    bundle_begin (&self->out);
    const uint8_t *bytes = bundle_message (&self->out, &size);
    if (!self->dealer || zmq_msg_init_size (&message, size) != 0)
        return;
    memcpy (zmq_msg_data (&message), bytes, size);
    self->bundles = send_message (self, &message);
    if (!self->bundles)
        zmq_msg_close (&message);
}

void uplink_gather (uplink_t *self, bool on)
{
    self->gathers = on;
}

//  What was gathered counts as sent: if it cannot be, the connection is lost.
void uplink_flush (uplink_t *self)
{
    zmq_msg_t message;
    size_t size;
    if (!self->out.count)
        return;
    const uint8_t *bytes = bundle_message (&self->out, &size);
    bool is_made = zmq_msg_init_size (&message, size) == 0;
    if (is_made)
        memcpy (zmq_msg_data (&message), bytes, size);
    bundle_begin (&self->out);
    if (!is_made)
        self->is_lost = true;
    else if (!self->dealer || !send_message (self, &message))
        zmq_msg_close (&message);
}

/* ------------------------------------------------------------------------
    Notifications
*/

//  Its receive queue is bounded, and what does not fit is lost and found again by the account. While the queue is full
//  the socket does not read, PONGs neither: it must not give up the connection for that.
int uplink_open_notes (uplink_t *self, const char *endpoint)
{
    close_socket (self, &self->notes, READY_NOTES, 0);
    if (!*endpoint)
        return 0;
    self->notes = zmq_socket (self->context, ZMQ_SUB);
    if (!self->notes)
        return -1;
    set_option (self->notes, ZMQ_LINGER, 0);
    set_option (self->notes, ZMQ_RCVHWM, NOTES_HWM);
    set_option (self->notes, ZMQ_HEARTBEAT_IVL, (int) limit_rows [LIMIT_HEARTBEAT].value);
    set_option (self->notes, ZMQ_HEARTBEAT_TTL, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    set_option (self->notes, ZMQ_HEARTBEAT_TIMEOUT, 0);
    if (watch_socket (self, self->notes, READY_NOTES) == 0 && connect_socket (self->notes, endpoint) == 0)
        return 0;

    int why = errno;
    close_socket (self, &self->notes, READY_NOTES, 0);
    errno = why;
    return -1;
}

bool uplink_has_notes (const uplink_t *self)
{
    return self->notes;
}

void uplink_subscribe (uplink_t *self, const char *prefix, bool on)
{
    if (!self->notes)
        return;
    self->ready |= READY_NOTES;
    zmq_setsockopt (self->notes, on ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, prefix, strlen (prefix));
}

bool uplink_receive_note (uplink_t *self, zmq_msg_t *message)
{
    return receive_one (self, self->notes, READY_NOTES, message);
}

void uplink_mind_notes (uplink_t *self, bool on)
{
    unsigned deaf = on ? 0 : READY_NOTES;
    if (self->deaf == deaf)
        return;
    self->deaf = deaf;
    struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.u32 = READY_NOTES };
    if (self->notes)
        epoll_ctl (self->epoll, EPOLL_CTL_MOD, socket_fd (self->notes), &event);
}

/* ------------------------------------------------------------------------
    Waiting
*/

void uplink_wait (uplink_t *self, int64_t timeout_ms)
{
    uplink_flush (self);
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > 60000 ? 60000 : (int) timeout_ms;
    struct epoll_event events [4];
    int count = epoll_wait (self->epoll, events, 4, uplink_is_ready (self) ? 0 : timeout);
    for (int index = 0; index < count; index++)
        self->ready |= events [index].data.u32;

    if (self->ready & READY_WAKE) {
        uint64_t wakes;
        TEMP_FAILURE_RETRY (read (self->wake, &wakes, sizeof wakes));
        self->ready &= ~(unsigned) READY_WAKE;
    }
}

bool uplink_is_ready (const uplink_t *self)
{
    return self->ready & ~self->deaf;
}

void uplink_wake (uplink_t *self)
{
    int why = errno;
    uint64_t one = 1;
    TEMP_FAILURE_RETRY (write (self->wake, &one, sizeof one));
    errno = why;
}

int uplink_fd (const uplink_t *self)
{
    return self->epoll;
}
