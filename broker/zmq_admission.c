/*  zmq_admission.c - who may connect, for how long without a word, and how connections are ended

    The monitors report descriptors; what may be done to a connection is shutdown(2). A descriptor may have been closed
    and used again since it was reported, so the monitor is asked once more before anything is done to one.
*/
#include "zmq_state.h"
#include "accept.h"

#include <sys/socket.h>

#define KICK_GRACE_MS 100

//  Unread frames of a connection that ended cannot outlast this many times that the ROUTER was found empty: the first
//  may have been found just before the I/O thread handed over the last of them.
#define DOUBTFUL_DRAINS 2

void admission_shut (transport_zmq_t *self, gate_t *gate, connection_t *connection)
{
    int fd = connection->fd;
    uint64_t serial = connection->serial;
    admission_update (self, gate);
    connection = gate_find (gate, fd);
    if (!connection || connection->serial != serial)
        return;
    alarm_stop (self, &connection->alarm);
    connection->shut = true;
    shutdown (fd, SHUT_RDWR);
}

static void s_ring_grace (transport_zmq_t *self, alarm_t *alarm)
{
    admission_shut (self, &self->calls, CONTAINER_OF (alarm, connection_t, alarm));
}

static void s_ring_hello (transport_zmq_t *self, alarm_t *alarm)
{
    connection_t *connection = CONTAINER_OF (alarm, connection_t, alarm);
    const link_t *link = connection->link;
    if (link && link->state == LINK_OPEN && core_is_greeted (link->session))
        return;
    core_count_limit (self->core, LIMIT_HELLO);
    log_printf (self->log, LOG_INFO, "transport", "-", "connection ended by %s: descriptor %d",
                limit_rows [LIMIT_HELLO].option, connection->fd);
    admission_shut (self, &self->calls, connection);
}

void admission_shut_later (transport_zmq_t *self, connection_t *connection)
{
    if (connection->shut)
        return;
    connection->alarm.ring = s_ring_grace;
    alarm_start (self, &connection->alarm, self->now_ms + KICK_GRACE_MS);
}

static void s_refuse (transport_zmq_t *self, gate_t *gate, connection_t *connection)
{
    core_count_limit (self->core, LIMIT_CONNECTIONS);
    log_printf (self->log, LOG_WARNING, "transport", "-", "connection refused by %s: %zu on the %s socket",
                limit_rows [LIMIT_CONNECTIONS].option, gate->connections, gate->name);
    connection->shut = true;
    shutdown (connection->fd, SHUT_RDWR);
}

//  Connections that were closed before libzmq saw them.
void admission_count_refused (transport_zmq_t *self)
{
    unsigned refused = accept_take_refused ();
    if (refused == 0)
        return;
    log_printf (self->log, LOG_WARNING, "transport", "-", "connections refused by %s: %u",
                limit_rows [LIMIT_SPARE_FDS].option, refused);
    for (; refused > 0; refused--)
        core_count_limit (self->core, LIMIT_SPARE_FDS);
}

static void s_end (transport_zmq_t *self, gate_t *gate, int fd)
{
    connection_t *connection = gate_find (gate, fd);
    if (!connection)
        return;
    link_t *link = connection->link;
    alarm_stop (self, &connection->alarm);
    gate_remove (gate, &connection);
    if (!link) {
        gate->descriptors [fd].doubtful = self->drains + DOUBTFUL_DRAINS;
        return;
    }
    link->connection = NULL;
    link_suspect (self, link);
}

static void s_begin (transport_zmq_t *self, gate_t *gate, int fd)
{
    s_end (self, gate, fd);
    connection_t *connection = gate_add (gate, fd);
    if (!connection) {
        shutdown (fd, SHUT_RDWR);
        return;
    }
    if (gate->connections > self->limits.value [LIMIT_CONNECTIONS]) {
        s_refuse (self, gate, connection);
    } else if (gate == &self->calls) {
        connection->alarm.ring = s_ring_hello;
        alarm_start (self, &connection->alarm, self->now_ms + (int64_t) self->limits.value [LIMIT_HELLO]);
    }
}

void admission_update (transport_zmq_t *self, gate_t *gate)
{
    int event, fd;
    while ((event = gate_next_event (gate, &fd))) {
        if (event == ZMQ_EVENT_ACCEPTED)
            s_begin (self, gate, fd);
        else if (event == ZMQ_EVENT_DISCONNECTED)
            s_end (self, gate, fd);
    }
}

static void s_bind (transport_zmq_t *self, link_t *link, connection_t *connection)
{
    link_t *other = connection->link;
    if (other) {
        other->connection = NULL;
        link_suspect (self, other);
    }
    connection->link = link;
    link->connection = connection;
}

//  A connection that is not there has ended before its first frame was read. One that is there may be another's that
//  came after it: then the peer must prove first that it lives.
void admission_claim (transport_zmq_t *self, link_t *link, int fd)
{
    connection_t *connection = gate_find (&self->calls, fd);
    bool doubtful = connection && self->drains < self->calls.descriptors [fd].doubtful;
    if (connection && !doubtful) {
        s_bind (self, link, connection);
        return;
    }
    link->doubtful_fd = doubtful ? fd : -1;
    link_watch (self, link);
}

void admission_claim_late (transport_zmq_t *self, link_t *link)
{
    connection_t *connection = gate_find (&self->calls, link->doubtful_fd);
    link->doubtful_fd = -1;
    if (!connection || connection->link)
        return;
    s_bind (self, link, connection);
    if (link->state == LINK_KICKED)
        admission_shut (self, &self->calls, connection);
}
