/*  transport_zmq.c - what the loop calls, and the way of a frame in both directions

    A frame from the ROUTER is a zmq_msg_t within the frame's storage. When the core sends it on it is moved, not copied.
*/
#include "zmq_state.h"
#include "clock.h"
#include "machine.h"
#include "status.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(sizeof (zmq_msg_t) <= sizeof ((frame_t *) 0)->storage, "a message fits into a frame's storage");

//  ---- making and ending ----

static void s_write_frame (ready_frame_t *frame, const wire_frame_t *wire, span_t error_name, const char *message)
{
    static const uint8_t nil = 0xc0;
    frame->size = wire_write_header (wire, frame->data, sizeof frame->data);
    if (message)
        frame->size += wire_write_error (error_name, SPAN (message), frame->data + frame->size,
                                         sizeof frame->data - frame->size);
    else
        frame->data [frame->size++] = nil;
}

static void s_write_frames (transport_zmq_t *self)
{
    const status_row_t *row = status_row (STATUS_MALFORMED);
    s_write_frame (&self->probe, &(wire_frame_t){ .kind = WIRE_PROBE }, (span_t){ 0 }, NULL);
    s_write_frame (&self->goodbye, &(wire_frame_t){ .kind = WIRE_GOODBYE, .code = row->code }, SPAN (row->name),
                   "a message must be a single frame");
}

//  libzmq numbers anonymous peers from rand (), which it seeds by the clock when the first socket is made, if at all (4.3.4
//  does not: the first number is always the same). So the XPUB comes first, then a seed, then the ROUTER.
static int s_open_gates (transport_zmq_t *self)
{
    unsigned seed;
    self->context = zmq_ctx_new ();
    if (!self->context || zmq_ctx_set (self->context, ZMQ_MAX_SOCKETS, 16)
        || gate_open (&self->events, self->context, ZMQ_XPUB, "events", &self->limits)
        || machine_random (&seed, sizeof seed))
        return -1;
    srandom (seed);
    return gate_open (&self->calls, self->context, ZMQ_ROUTER, "calls", &self->limits);
}

transport_zmq_t *transport_zmq_new (const limits_t *limits, log_t *log, int64_t now_ms)
{
    uint64_t factor;
    transport_zmq_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->limits = *limits;
    self->log = log;
    self->now_ms = now_ms;
    timers_init (&self->timers, now_ms);
    list_init (&self->ended);
    s_write_frames (self);
    if (bundles_init (self) || machine_random (&factor, sizeof factor)
        || machine_random (self->subscription_key, sizeof self->subscription_key) || links_init (&self->links, factor)
        || s_open_gates (self)) {
        int problem = errno;
        transport_zmq_destroy (&self, 0);
        errno = problem;
    }
    return self;
}

//  A notification goes before its publisher's answer. Sessions may end here, of which observers are told.
static void s_flush (transport_zmq_t *self)
{
    publisher_flush (self);
    bundles_flush_all (self);
    publisher_flush (self);
}

void transport_zmq_destroy (transport_zmq_t **self_p, int linger_ms)
{
    transport_zmq_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    self->core = NULL;  //  has ended
    s_flush (self);
    gate_close (&self->calls, linger_ms);
    gate_close (&self->events, linger_ms);
    if (self->context)
        zmq_ctx_term (self->context);
    links_clear (&self->links);
    bundles_clear (self);
    free (self);
}

static gate_t *s_gate (transport_zmq_t *self, gate_kind_t kind)
{
    return kind == GATE_CALLS ? &self->calls : &self->events;
}

int transport_zmq_bind (transport_zmq_t *self, gate_kind_t kind, const char *endpoint, char *bound, size_t size)
{
    void *socket = s_gate (self, kind)->main.socket;
    int ipv6 = strchr (endpoint, '[') != NULL;
    if (zmq_setsockopt (socket, ZMQ_IPV6, &ipv6, sizeof ipv6) || zmq_bind (socket, endpoint))
        return -1;
    return zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, bound, &size);
}

void transport_zmq_start (transport_zmq_t *self, core_t *core)
{
    self->core = core;
}

//  ---- to a peer ----

//  Chooses the peer that the next frame goes to.
static sent_t s_address (transport_zmq_t *self, link_t *link)
{
    source_t *router = &self->calls.main;
    router->quiet = false;
    if (zmq_send (router->socket, link->id, ROUTING_ID_SIZE, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        return SENT_OK;
    if (errno != EAGAIN)
        return SENT_GONE;
    source_update (router);  //  the peer may have read meanwhile
    if (zmq_send (router->socket, link->id, ROUTING_ID_SIZE, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        return SENT_OK;
    return errno == EAGAIN ? SENT_FULL : SENT_GONE;
}

sent_t link_send (transport_zmq_t *self, link_t *link, const ready_frame_t *frame)
{
    sent_t sent = s_address (self, link);
    if (sent == SENT_OK && zmq_send (self->calls.main.socket, frame->data, frame->size, ZMQ_DONTWAIT) < 0)
        return SENT_GONE;
    return sent;
}

//  How much of what was sent waits for the peer: the kernel counts what its side has acknowledged (tcp(7), TCP_INFO), framing
//  included, which is on the safe side. 0 where it does not tell, as for ipc.
static uint64_t s_backlog (const link_t *link)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (!link->connection || getsockopt (link->connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size)
        || size < offsetof (struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
        return 0;
    return link->sent_bytes > info.tcpi_bytes_acked ? link->sent_bytes - info.tcpi_bytes_acked : 0;
}

//  libzmq bounds what waits for a peer by number only. Asks the kernel no more often than a quarter of the limit was sent.
static bool s_is_backed_up (transport_zmq_t *self, link_t *link, size_t size)
{
    link->sent_bytes += size;
    if (link->sent_bytes < link->look_at_bytes)
        return false;
    uint64_t most = self->limits.value [LIMIT_BACKLOG];
    link->look_at_bytes = link->sent_bytes + most / 4;
    if (s_backlog (link) <= most)
        return false;
    core_count_limit (self->core, LIMIT_BACKLOG);
    return true;
}

void transport_release (frame_t *frame)
{
    zmq_msg_close ((zmq_msg_t *) frame->storage.bytes);
}

sent_t link_send_message (transport_zmq_t *self, link_t *link, zmq_msg_t *message)
{
    sent_t sent = s_address (self, link);
    if (sent == SENT_OK && zmq_msg_send (message, self->calls.main.socket, ZMQ_DONTWAIT) < 0)
        sent = SENT_GONE;
    if (sent == SENT_GONE)
        link_watch (self, link);
    return sent;
}

static sent_t s_send_copy (transport_zmq_t *self, link_t *link, frame_t *frame)
{
    zmq_msg_t message;
    if (zmq_msg_init_size (&message, frame->size))
        return SENT_FULL;
    memcpy (zmq_msg_data (&message), frame->data, frame->size);
    sent_t sent = link_send_message (self, link, &message);
    if (sent == SENT_OK)
        frame_release (frame);
    else
        zmq_msg_close (&message);
    return sent;
}

//  Where frames come one at a time nothing is gathered: each look for more of them would cost as much as a message does.
static sent_t s_send (void *context, link_t *link, frame_t *frame)
{
    transport_zmq_t *self = context;
    if (link->state != LINK_OPEN)
        return SENT_GONE;
    if (s_is_backed_up (self, link, frame->size))
        return SENT_FULL;
    if (link->bundles && self->is_busy && frame->size <= BUNDLE_MOST)
        return bundles_add (self, link, frame);
    sent_t flushed = bundles_flush (self, link);
    if (flushed != SENT_OK)
        return flushed;
    if (frame->release != transport_release)
        return s_send_copy (self, link, frame);
    sent_t sent = link_send_message (self, link, (zmq_msg_t *) frame->storage.bytes);
    if (sent == SENT_OK)
        frame->release = NULL;
    return sent;
}

static void s_kick (void *context, link_t *link)
{
    transport_zmq_t *self = context;
    bundles_flush (self, link);
    link->state = LINK_KICKED;
    link->session = NULL;
    if (link->connection)
        admission_shut_later (self, link->connection);
    else
        link_watch (self, link);
}

const transport_ops_t transport_zmq_ops = { .send = s_send, .publish = publisher_publish, .kick = s_kick };

//  ---- from a peer ----

//  A peer that is heard for the first time; NULL if it is not welcome.
static link_t *s_open_link (transport_zmq_t *self, const uint8_t *id, int fd)
{
    admission_update (self, &self->calls);
    const connection_t *connection = gate_find (&self->calls, fd);
    link_t *link = connection && connection->shut ? NULL : links_add (&self->links, id);
    if (!link)
        return NULL;
    link->session = core_opened (self->core, link, self->now_ms);
    admission_claim (self, link, fd);
    if (!link->session)
        s_kick (self, link);
    return link;
}

//  libzmq's own ids have five bytes. Others were chosen by the peer, which it has no business to do.
static void s_refuse_id (transport_zmq_t *self, int fd)
{
    log_write (self->log, LOG_WARNING, "transport", "-", "connection ended, its peer chose a routing id");
    admission_update (self, &self->calls);
    connection_t *connection = gate_find (&self->calls, fd);
    if (connection && !connection->shut)
        admission_shut (self, &self->calls, connection);
}

static void s_refuse_parts (transport_zmq_t *self, link_t *link)
{
    session_t *session = link->session;
    log_write (self->log, LOG_WARNING, "transport", "-", "session ended, its peer sent a message of several frames");
    bundles_flush (self, link);  //  the goodbye comes last
    link_send (self, link, &self->goodbye);
    s_kick (self, link);
    core_gone (self->core, session, self->now_ms);
}

//  Finds who a message is from, and delivers it.
static void s_route (transport_zmq_t *self, const uint8_t *id, size_t id_size, frame_t *frame, zmq_msg_t *message)
{
    if (id_size != ROUTING_ID_SIZE || id [0] != 0) {
        s_refuse_id (self, zmq_msg_get (message, ZMQ_SRCFD));
        return;
    }
    link_t *link = links_find (&self->links, routing_number (id));
    if (!link)
        link = s_open_link (self, id, zmq_msg_get (message, ZMQ_SRCFD));
    if (!link || link->state != LINK_OPEN)
        return;
    if (zmq_msg_more (message)) {
        s_refuse_parts (self, link);
        return;
    }
    frame->data = zmq_msg_data (message);
    frame->size = zmq_msg_size (message);
    if (bundle_is (frame->data, frame->size)) {
        self->is_busy = true;
        bundles_deliver (self, link, frame->data, frame->size);
        return;
    }
    if (++self->frames > 1)
        self->is_busy = true;
    core_frame (self->core, link->session, frame, self->now_ms);
}

//  Takes in one frame; false if there is none.
static bool s_receive (transport_zmq_t *self)
{
    source_t *router = &self->calls.main;
    uint8_t id [255];
    int id_size = 0;
    if (!self->in_tail)
        id_size = zmq_recv (router->socket, id, sizeof id, ZMQ_DONTWAIT);
    if (id_size < 0 && errno == EAGAIN && (!list_is_empty (&self->gathering) || self->notes.first)) {
        s_flush (self);
        return true;  //  that may have swallowed the news of what has come meanwhile
    }
    if (id_size < 0) {
        router->quiet = errno == EAGAIN;
        self->drains += router->quiet;
        return false;
    }
    frame_t frame;  //  data and size follow once it is known whose it is
    frame.release = transport_release;
    zmq_msg_t *message = (zmq_msg_t *) frame.storage.bytes;
    bool was_tail = self->in_tail;
    zmq_msg_init (message);
    self->in_tail = zmq_msg_recv (message, router->socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more (message);
    if (!was_tail)
        s_route (self, id, (size_t) id_size, &frame, message);
    frame_release (&frame);
    return true;
}

//  ---- turns ----

//  Receives until there is nothing more, or the turn is over; whether it is shows in the clock's next millisecond.
static void s_turn (transport_zmq_t *self, source_t *source, bool (*receive) (transport_zmq_t *))
{
    if (source->quiet)
        return;
    unsigned looked = self->frames = 0;
    for (unsigned count = 1; count <= TURN_FRAMES && self->frames <= TURN_FRAMES && receive (self); count++) {
        if (count % CLOCK_EVERY && self->frames - looked < CLOCK_EVERY)
            continue;
        looked = self->frames;
        if (clock_now_ms () > self->now_ms)
            return;
    }
}

static void s_ring_alarms (transport_zmq_t *self)
{
    timer_node_t *node;
    while ((node = timers_next (&self->timers, self->now_ms))) {
        alarm_t *alarm = CONTAINER_OF (node, alarm_t, node);
        alarm->ring (self, alarm);
    }
}

void transport_zmq_turn (transport_zmq_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    admission_count_refused (self);
    if (!self->calls.monitor.quiet)
        admission_update (self, &self->calls);
    if (!self->events.monitor.quiet)
        admission_update (self, &self->events);
    s_turn (self, &self->calls.main, s_receive);
    if (self->frames)
        self->is_busy = self->frames > 1;
    s_turn (self, &self->events.main, publisher_receive);
    s_ring_alarms (self);
    links_forget (self);
}

bool transport_zmq_wait (transport_zmq_t *self, int fd, int timeout_ms)
{
    s_flush (self);
    enum { SOURCES = 4 };
    source_t *sources [SOURCES] = { &self->calls.main, &self->calls.monitor, &self->events.main,
                                    &self->events.monitor };
    struct pollfd items [SOURCES + 1] = { [SOURCES] = { .fd = fd, .events = POLLIN } };
    for (unsigned i = 0; i < SOURCES; i++) {
        items [i] = (struct pollfd){ .fd = sources [i]->fd, .events = POLLIN };
        if (!sources [i]->quiet)
            timeout_ms = 0;
    }
    if (poll (items, SOURCES + 1, timeout_ms) <= 0)
        return false;
    for (unsigned i = 0; i < SOURCES; i++)
        if (items [i].revents)
            sources [i]->quiet = false;
    return items [SOURCES].revents != 0;
}

int64_t transport_zmq_deadline (const transport_zmq_t *self)
{
    return timers_deadline (&self->timers);
}
