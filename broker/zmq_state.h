/*  zmq_state.h - the libzmq transport's state, and what its parts do for each other
*/
#ifndef ZMQ_STATE_H_INCLUDED
#define ZMQ_STATE_H_INCLUDED

#include <zmq.h>

#include "transport_zmq.h"
#include "wire_note.h"
#include "zmq_links.h"

#define TURN_FRAMES 256
#define CLOCK_EVERY 32  //  frames between two looks at the clock

typedef struct {
    uint8_t data [256];
    size_t size;
} ready_frame_t;

//  Notifications of one topic that were published in this turn.
typedef struct {
    blob_t *first;  //  a reference; NULL: there is none. It is sent as it is if nothing follows
    note_bundle_t bundle;
    uint8_t data [BUNDLE_ROOM];
} gathered_notes_t;

struct transport_zmq {
    core_t *core;
    log_t *log;
    limits_t limits;
    void *context;
    gate_t calls;   //  ROUTER
    gate_t events;  //  XPUB
    links_t links;
    list_t ended;  //  links that are gone, the oldest first
    timers_t timers;
    int64_t now_ms;
    uint64_t drains;  //  times that the ROUTER was found empty
    unsigned frames;  //  taken in within this turn
    bool is_busy;     //  the last turn that brought any, or this one, brought several
    bool in_tail;     //  the rest of a message of several frames is being dropped
    ready_frame_t probe;
    ready_frame_t goodbye;  //  to a peer that sends messages of several frames
    uint8_t subscription_key [SUBSCRIPTIONS_KEY_SIZE];
    list_t gathering;  //  links with frames to be sent when the turn ends
    bundle_buffer_t *spare_buffers;
    unsigned spare_count;
    gathered_notes_t notes;
};

static inline void alarm_start (transport_zmq_t *self, alarm_t *alarm, int64_t at_ms)
{
    timers_start (&self->timers, &alarm->node, at_ms);
}

static inline void alarm_stop (transport_zmq_t *self, alarm_t *alarm)
{
    timers_stop (&self->timers, &alarm->node);
}

//  ---- transport_zmq.c ----

//  Sends bytes of our own to a peer, whatever the core thinks of it, and before what was gathered.
sent_t link_send (transport_zmq_t *self, link_t *link, const ready_frame_t *frame);

//  The same for a message, which is taken if it was sent.
sent_t link_send_message (transport_zmq_t *self, link_t *link, zmq_msg_t *message);
//  Of frames whose storage is a message.
void transport_release (frame_t *frame);

//  ---- zmq_bundles.c ----

//  Makes a few buffers, so that a few links that gather at once need no memory. Returns -1 if memory is short.
int bundles_init (transport_zmq_t *self);
void bundles_clear (transport_zmq_t *self);
//  Sends a frame when the turn ends, or when enough has come together.
sent_t bundles_add (transport_zmq_t *self, link_t *link, frame_t *frame);
//  Sends what was gathered for a link, for all.
sent_t bundles_flush (transport_zmq_t *self, link_t *link);
void bundles_flush_all (transport_zmq_t *self);
//  Forgets it.
void bundles_drop (transport_zmq_t *self, link_t *link);
//  Delivers the frames of a bundle.
void bundles_deliver (transport_zmq_t *self, link_t *link, uint8_t *data, size_t size);

//  ---- zmq_publisher.c ----

//  transport_ops_t's; `context` is the transport.
void publisher_publish (void *context, blob_t *blob);
//  Publishes what was gathered.
void publisher_flush (transport_zmq_t *self);
//  Takes in one message of the XPUB; false if there is none.
bool publisher_receive (transport_zmq_t *self);

//  ---- zmq_admission.c ----

//  Takes in what a monitor says.
void admission_update (transport_zmq_t *self, gate_t *gate);
void admission_count_refused (transport_zmq_t *self);
//  Who the peer behind a link is, by the descriptor that its first frame came over (-1: unknown).
void admission_claim (transport_zmq_t *self, link_t *link, int fd);
//  The peer behind a link whose descriptor was in doubt lives.
void admission_claim_late (transport_zmq_t *self, link_t *link);
//  Ends a connection now, or after a grace that lets out what was sent.
void admission_shut (transport_zmq_t *self, gate_t *gate, connection_t *connection);
void admission_shut_later (transport_zmq_t *self, connection_t *connection);

//  ---- zmq_liveness.c ----

//  There is a hint that the peer has died: find out. link_suspect tells the core, too.
void link_watch (transport_zmq_t *self, link_t *link);
void link_suspect (transport_zmq_t *self, link_t *link);
//  Forgets those that are gone, once nothing of theirs can be unread.
void links_forget (transport_zmq_t *self);

#endif
