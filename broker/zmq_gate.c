/*  zmq_gate.c - the sockets' options, monitors and tables of connections */

#include "zmq_gate.h"
#include "name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define FRAME_ROOM 4096  //  that a header may take beyond the limit of a message
#define BACKLOG    1024  //  everybody comes back at once after a restart

//  A peer's heartbeats tell the broker how long to wait for the next one, but libzmq forgets that with whatever else the
//  peer sends, until its next heartbeat. A network that is cut just then is found by the kernel, which probes who is
//  silent, and gives up who has not confirmed what it was sent, within LIMIT_HEARTBEAT_END in all.
#define KEEPALIVE_IDLE  3  //  seconds
#define KEEPALIVE_EVERY 2
#define KEEPALIVE_COUNT 3
#define UNCONFIRMED_MS  ((int) limit_rows [LIMIT_HEARTBEAT_END].value - 1000 * KEEPALIVE_IDLE)

//  A peer that is stopped just then is found by the broker's own heartbeats, which are rare: libzmq's timers take time in
//  proportion to their number.
#define HEARTBEAT_EVERY_MS 30000
#define HEARTBEAT_END_MS   10000

//  A subscription is a byte and a prefix; the longest other frame is the handshake's.
#define SUBSCRIPTION_ROOM (TOPIC_MAX_SIZE + 512)
//  XPUB takes in all that a peer has queued at one go: whoever floods it must not keep the broker's thread busy.
#define SUBSCRIPTION_HWM 16

static void s_set (void *socket, int option, int value, int *result)
{
    if (zmq_setsockopt (socket, option, &value, sizeof value))
        *result = -1;
}

static void s_set_maximum (void *socket, int64_t size, int *result)
{
    if (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &size, sizeof size))
        *result = -1;
}

static void s_set_common (void *socket, const limits_t *limits, int *result)
{
    s_set (socket, ZMQ_LINGER, 0, result);
    s_set (socket, ZMQ_SNDTIMEO, 0, result);
    s_set (socket, ZMQ_RCVTIMEO, 0, result);
    s_set (socket, ZMQ_BACKLOG, BACKLOG, result);
    s_set (socket, ZMQ_HANDSHAKE_IVL, (int) limits->value [LIMIT_HELLO], result);
    s_set (socket, ZMQ_TCP_KEEPALIVE, 1, result);
    s_set (socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE, result);
    s_set (socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_EVERY, result);
    s_set (socket, ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_COUNT, result);
}

//  libzmq tells a sender of what was read only every half of a high-water mark, hence twice of what may be under way.
static void s_set_router (void *socket, const limits_t *limits, int *result)
{
    uint64_t calls = limits->value [LIMIT_CALLS];
    uint64_t dispatched = limits->value [LIMIT_DISPATCHED];
    uint64_t most = (calls > dispatched ? calls : dispatched) + limits->value [LIMIT_GRANTED];
    s_set (socket, ZMQ_SNDHWM, (int) (2 * (most + 64)), result);
    s_set (socket, ZMQ_TCP_MAXRT, UNCONFIRMED_MS, result);
    s_set (socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_EVERY_MS, result);
    s_set (socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_END_MS, result);
    s_set (socket, ZMQ_ROUTER_MANDATORY, 1, result);
    s_set (socket, ZMQ_ROUTER_HANDOVER, 0, result);
    s_set_maximum (socket, (int64_t) limits->value [LIMIT_MESSAGE] + FRAME_ROOM, result);
}

//  VERBOSER: each subscription and each cancel is passed on, not only the first and the last of a prefix.
static void s_set_xpub (void *socket, int *result)
{
    s_set (socket, ZMQ_XPUB_VERBOSER, 1, result);
    s_set (socket, ZMQ_RCVHWM, SUBSCRIPTION_HWM, result);
    s_set_maximum (socket, SUBSCRIPTION_ROOM, result);
}

static int s_read_fd (source_t *self)
{
    size_t size = sizeof self->fd;
    return zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
}

//  The monitor's queue has no bound: if it had one, the I/O thread would wait for us when it is full.
static int s_open_monitor (gate_t *self, void *context)
{
    char address [64];
    int result = 0;
    snprintf (address, sizeof address, "inproc://monitor-%s", self->name);
    if (zmq_socket_monitor (self->main.socket, address, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED))
        return -1;
    self->monitor.socket = zmq_socket (context, ZMQ_PAIR);
    if (!self->monitor.socket)
        return -1;
    s_set (self->monitor.socket, ZMQ_LINGER, 0, &result);
    s_set (self->monitor.socket, ZMQ_RCVHWM, 0, &result);
    if (result || zmq_connect (self->monitor.socket, address))
        return -1;
    return s_read_fd (&self->monitor);
}

int gate_open (gate_t *self, void *context, int type, const char *name, const limits_t *limits)
{
    int result = 0;
    *self = (gate_t){ .name = name };
    self->main.socket = zmq_socket (context, type);
    if (!self->main.socket)
        return -1;
    s_set_common (self->main.socket, limits, &result);
    if (type == ZMQ_ROUTER)
        s_set_router (self->main.socket, limits, &result);
    else
        s_set_xpub (self->main.socket, &result);
    if (result || s_read_fd (&self->main))
        return -1;
    return s_open_monitor (self, context);
}

void gate_close (gate_t *self, int linger_ms)
{
    int result = 0;
    if (self->main.socket) {
        s_set (self->main.socket, ZMQ_LINGER, linger_ms, &result);
        zmq_socket_monitor (self->main.socket, NULL, 0);
        zmq_close (self->main.socket);
    }
    if (self->monitor.socket)
        zmq_close (self->monitor.socket);
    for (size_t fd = 0; fd < self->room; fd++) {
        connection_t *connection = self->descriptors [fd].connection;
        gate_remove (self, &connection);
    }
    free (self->descriptors);
    *self = (gate_t){ .name = self->name };
}

//  An event is a frame of its number (2 bytes) and its value (4 bytes), in the host's order, and one of the address.
int gate_next_event (gate_t *self, int *fd)
{
    uint8_t frame [6];
    uint16_t event;
    uint32_t value;
    int size = zmq_recv (self->monitor.socket, frame, sizeof frame, ZMQ_DONTWAIT);
    self->monitor.quiet = size < 0 && errno == EAGAIN;
    if (size < (int) sizeof frame)
        return 0;
    zmq_recv (self->monitor.socket, NULL, 0, ZMQ_DONTWAIT);
    memcpy (&event, frame, sizeof event);
    memcpy (&value, frame + sizeof event, sizeof value);
    *fd = (int) value;
    return event;
}

void source_update (source_t *self)
{
    int events;
    size_t size = sizeof events;
    self->quiet = false;
    zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size);
}

connection_t *gate_find (const gate_t *self, int fd)
{
    return fd >= 0 && (size_t) fd < self->room ? self->descriptors [fd].connection : NULL;
}

static int s_make_room (gate_t *self, size_t room)
{
    if (room <= self->room)
        return 0;
    if (room < 2 * self->room)
        room = 2 * self->room;
    descriptor_t *descriptors = realloc (self->descriptors, room * sizeof *descriptors);
    if (!descriptors)
        return -1;
    memset (descriptors + self->room, 0, (room - self->room) * sizeof *descriptors);
    self->descriptors = descriptors;
    self->room = room;
    return 0;
}

connection_t *gate_add (gate_t *self, int fd)
{
    if (s_make_room (self, (size_t) fd + 1))
        return NULL;
    connection_t *connection = calloc (1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
    connection->serial = ++self->serial;
    self->descriptors [fd].connection = connection;
    self->connections++;
    return connection;
}

void gate_remove (gate_t *self, connection_t **connection_p)
{
    connection_t *connection = *connection_p;
    *connection_p = NULL;
    if (!connection)
        return;
    self->descriptors [connection->fd].connection = NULL;
    self->connections--;
    subscriptions_clear (&connection->subscriptions);
    free (connection);
}
