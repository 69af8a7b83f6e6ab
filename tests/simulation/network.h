/*  network.h - connections to the broker: two streams of frames, each in order, with delays, cuts and ends

    A link has two ends. A peer's end is closed by the peer, or lost; the broker's ends when the core kicks it, when the
    transport says that it is gone, or with the broker. What had been sent may still arrive.
*/
#ifndef NETWORK_H_INCLUDED
#define NETWORK_H_INCLUDED

#include "core.h"
#include "dice.h"
#include "plan.h"
#include "schedule.h"
#include "seam.h"
#include "stream.h"

typedef struct peer peer_t;

typedef enum { LINK_OPENING, LINK_UP, LINK_LOST } link_state_t;

struct link {
    link_t *next;
    link_t *prev;
    unsigned index;  //  of the peer
    bool is_lying;
    uint64_t id;
    dice_t dice;

    //  the peer's end
    peer_t *peer;  //  NULL: closed
    link_state_t state;
    bool is_ending;  //  lost, once what is on its way has arrived
    bool is_loss_told;
    packet_t *inbox;  //  arrived
    packet_t *inbox_last;
    unsigned inbox_count;

    //  the broker's end
    session_t *session;  //  NULL: not seen yet, or over
    bool is_seen;
    bool is_over;     //  nothing goes to the core any more
    bool is_deaf;     //  sends answer SENT_GONE
    bool is_haunted;  //  the peer has lost it, and the broker does not hear of that for a while
    bool is_suspect;  //  the core was told so
    alarm_t opening;
    alarm_t hangup;  //  the peer's end was closed, and that is noticed
    alarm_t heart;   //  heartbeats that do not come are noticed

    stream_t up;
    stream_t down;
    seam_t seam;
};

void network_begin (void);
void network_end (void);
extern const transport_ops_t network_ops;
extern link_t network_links;  //  the head of a ring

//  A packet as the core sees it.
frame_t network_frame (packet_t *packet);

link_t *link_open (peer_t *peer);
//  Gently: what was sent before arrives.
void link_close (link_t **self_p, bool gently);
//  Takes the packet. False if there is no connection (and then leaves it).
bool link_send (link_t *self, packet_t *packet);
//  What has arrived, in order; NULL if nothing has.
packet_t *link_receive (link_t *self);
bool link_is_writable (const link_t *self);
//  True once: the connection was lost, or could not be made.
bool link_take_loss (link_t *self);

//  Faults.
void link_pause (link_t *self, int64_t ms);
void link_cut (link_t *self, bool up, bool down, int64_t ms);
void link_break (link_t *self);
void link_haunt (link_t *self);
void link_doubt (link_t *self, bool is_trusted);

//  The broker is gone: links end, now, or once heartbeats fail to come (`silently`).
void network_lose_broker (bool silently);

#endif
