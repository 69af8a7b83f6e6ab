/*  uplink.c - the sockets of a connection, and libzmq's traps around them

    A ZeroMQ descriptor is edge-triggered in disguise: it tells of commands in the socket's mailbox, and any call on the
    socket, a send too, may swallow them together with the news that something can be received. So each source has a bit
    in `ready`: set when its descriptor was readable or a call may have swallowed that, cleared only when the socket says
    that nothing is left. Nobody sleeps while a bit is set.

    Nearly every call on a socket looks into that mailbox first, and gives up with EINTR, having done nothing, if a signal
    comes at that moment: such calls are made again.
*/
#include "uplink_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "limits.h"

#define DESCRIPTORS 16  //  more than a session's sockets and libzmq's two threads take

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
    outbound_clear (&self->out);
    free (self);
}

/* ------------------------------------------------------------------------
    Sockets
*/

void socket_set (void *socket, int option, int value)
{
    zmq_setsockopt (socket, option, &value, sizeof value);
}

int socket_fd (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
    return fd;
}

int socket_connect (void *socket, const char *endpoint)
{
    return (int) TEMP_FAILURE_RETRY (zmq_connect (socket, endpoint));
}

int uplink_watch (uplink_t *self, void *socket, unsigned bit)
{
    struct epoll_event event = { .events = self->deaf & bit ? 0 : EPOLLIN, .data.u32 = bit };
    self->ready |= bit;
    return epoll_ctl (self->epoll, EPOLL_CTL_ADD, socket_fd (socket), &event);
}

//  The descriptor is taken out first: in a forked child a copy of it may live on, which epoll would go on reporting.
void uplink_close_socket (uplink_t *self, void **socket_p, unsigned bit, int linger_ms)
{
    void *socket = *socket_p;
    if (!socket)
        return;
    *socket_p = NULL;
    self->ready &= ~bit;
    epoll_ctl (self->epoll, EPOLL_CTL_DEL, socket_fd (socket), NULL);
    socket_set (socket, ZMQ_LINGER, linger_ms);
    zmq_close (socket);
}

//  A session is a socket: this one never connects again behind our back, and sends nothing before it is connected.
//  It receives without a bound, since a peer that stops reading loses its heartbeats; capacity and calls in flight
//  bound what can come.
static void configure_dealer (void *dealer)
{
    socket_set (dealer, ZMQ_LINGER, 0);
    socket_set (dealer, ZMQ_RECONNECT_IVL, -1);
    socket_set (dealer, ZMQ_IMMEDIATE, 1);
    socket_set (dealer, ZMQ_RCVHWM, 0);
    socket_set (dealer, ZMQ_SNDHWM, 0);
    socket_set (dealer, ZMQ_HEARTBEAT_IVL, (int) limit_rows [LIMIT_HEARTBEAT].value);
    socket_set (dealer, ZMQ_HEARTBEAT_TTL, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    socket_set (dealer, ZMQ_HEARTBEAT_TIMEOUT, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    //  libzmq's timeout begins with the first heartbeat after whatever came last; the kernel's, with what is not confirmed.
    const uint64_t unconfirmed_ms = limit_rows [LIMIT_HEARTBEAT_END].value - limit_rows [LIMIT_HEARTBEAT].value;
    socket_set (dealer, ZMQ_TCP_MAXRT, (int) unconfirmed_ms);
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
    socket_set (self->monitor, ZMQ_RCVHWM, 0);
    if (socket_connect (self->monitor, address) != 0)
        return -1;
    return uplink_watch (self, self->monitor, READY_MONITOR);
}

int uplink_open (uplink_t *self, const char *endpoint)
{
    uplink_close (self, 0);
    self->dealer = zmq_socket (self->context, ZMQ_DEALER);
    if (!self->dealer)
        return -1;
    configure_dealer (self->dealer);
    if (open_monitor (self) == 0 && uplink_watch (self, self->dealer, READY_DEALER) == 0
        && socket_connect (self->dealer, endpoint) == 0)
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
    inbound_close (&self->in);
    self->ready &= ~(unsigned) READY_BUNDLE;
    if (self->dealer)
        zmq_socket_monitor (self->dealer, NULL, 0);
    uplink_close_socket (self, &self->monitor, READY_MONITOR, 0);
    uplink_close_socket (self, &self->dealer, READY_DEALER, linger_ms);
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

bool uplink_add (uplink_t *self, const uint8_t *frame, size_t size)
{
    if (!self->gathers || !self->bundles || size > BUNDLE_MOST)
        return false;
    if (outbound_add (&self->out, frame, size))
        return true;
    uplink_flush (self);
    return outbound_add (&self->out, frame, size);
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
    if (uplink_add (self, zmq_msg_data (message), zmq_msg_size (message)))
        return zmq_msg_close (message) == 0;
    uplink_flush (self);
    return send_message (self, message);
}

//  Messages of several frames are no part of the protocol: they are read to their end and dropped.
bool uplink_receive_one (uplink_t *self, void *socket, unsigned bit, zmq_msg_t *message)
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

bool uplink_receive (uplink_t *self, received_t *in)
{
    for (;;) {
        if (self->ready & READY_BUNDLE && inbound_next (&self->in, in))
            return true;
        self->ready &= ~(unsigned) READY_BUNDLE;
        if (uplink_receive_one (self, self->dealer, READY_DEALER, &in->message)) {
            if (!inbound_open (&self->in, in))
                return true;
            self->ready |= READY_BUNDLE;
        } else if (outbound_is_empty (&self->out))
            return false;
        else
            uplink_flush (self);
    }
}

/* ------------------------------------------------------------------------
    Bundles
*/

//  An empty one says so.
void uplink_allow_bundles (uplink_t *self)
{
    zmq_msg_t message;
    if (!self->dealer || !outbound_init (&self->out) || !outbound_take (&self->out, &message))
        return;
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
    if (outbound_is_empty (&self->out))
        return;
    if (!outbound_take (&self->out, &message)) {
        self->is_lost = true;
        return;
    }
    if (!self->dealer || !send_message (self, &message))
        zmq_msg_close (&message);
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
