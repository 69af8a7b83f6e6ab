/*  library.c - the library's sockets, clock and randomness: uplink.h and clock.h for a world without any

    Takes the place of common/lib/uplink.c and common/core/clock.c. As with these, whoever waits is woken by what comes in
    after the socket was looked at last, so that what is forgotten there is found here.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "flows.h"
#include "log.h"
#include "program.h"
#include "wire.h"

#define TICK_MS 4

#define RECENT 64
#define CALLED 512

struct uplink {
    program_t *program;
    subscriber_t *notes;
    bool is_deaf;  //  to notifications
    bool is_woken;
    unsigned turns;
    struct {
        wire_token_t token;
        uint64_t id;
    } recent [RECENT];  //  requests that came in last
    unsigned recent_at;
    struct {
        wire_token_t token;
        uint64_t id;
    } called [CALLED];  //  calls that went out last, by their slots
};

//  ---- time ----

int64_t clock_now_ms (void)
{
    return now_ms () + (program_now ? program_now->raced_ms : 0);
}

int64_t clock_tick (void)
{
    return 1 + clock_now_ms () / TICK_MS;
}

int64_t clock_wall_ms (void)
{
    return clock_now_ms ();
}

//  Instead of the C library's: what programs draw is their seed's.
ssize_t getrandom (void *bytes, size_t size, unsigned flags)
{
    (void) flags;
    for (size_t at = 0; at < size; at++)
        ((uint8_t *) bytes) [at] = (uint8_t) dice_mix (program_now->random, at);
    program_now->random = dice_mix (program_now->random, 99);
    return (ssize_t) size;
}

//  ---- the session's socket ----

uplink_t *uplink_new (void)
{
    uplink_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->program = program_now;
    program_now->uplink = self;
    return self;
}

void uplink_destroy (uplink_t **self_p, int linger_ms)
{
    uplink_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    uplink_close (self, linger_ms);
    uplink_open_notes (self, "");
    self->program->uplink = NULL;
    free (self);
}

static link_t **s_link (uplink_t *self)
{
    return &self->program->peer->link;
}

int uplink_open (uplink_t *self, const char *endpoint)
{
    (void) endpoint;
    uplink_close (self, 0);
    if (!self->program->is_dying)
        *s_link (self) = link_open (self->program->peer);
    return 0;
}

//  What came in over this session and has not been run is not to be run any more.
void uplink_close (uplink_t *self, int linger_ms)
{
    for (unsigned at = 0; at < RECENT; at++)
        judge_cancelled (self->recent [at].id);
    memset (self->recent, 0, sizeof self->recent);
    memset (self->called, 0, sizeof self->called);
    if (*s_link (self))
        link_close (s_link (self), linger_ms > 0);
}

bool uplink_is_writable (uplink_t *self)
{
    return *s_link (self) && link_is_writable (*s_link (self));
}

//  A dead process' handlers wait for nothing.
bool uplink_is_lost (uplink_t *self)
{
    return self->program->is_dying || (*s_link (self) && link_take_loss (*s_link (self)));
}

//  A call that leaves its caller is known by its first argument.
static void s_note_call (uplink_t *self, const uint8_t *data, size_t size)
{
    wire_frame_t frame;
    const link_t *link = *s_link (self);
    if (wire_read (&frame, data, size) != WIRE_OK)
        return;
    flow_lib_sent (link, &frame);
    if (frame.kind != WIRE_REQUEST)
        return;
    uint64_t id = judge_read_id (frame.body, frame.body_size);
    if (id)
        judge_sent (id, frame.block.remaining_ms);
    self->called [frame.block.token.slot % CALLED].token = frame.block.token;
    self->called [frame.block.token.slot % CALLED].id = id;
    if (frame.block.flags & WIRE_STREAM)
        flow_asked (id, link, &frame);
}

bool uplink_send (uplink_t *self, zmq_msg_t *message)
{
    if (!uplink_is_writable (self))
        return false;
    s_note_call (self, zmq_msg_data (message), zmq_msg_size (message));
    link_send (*s_link (self), packet_new (zmq_msg_data (message), zmq_msg_size (message)));
    zmq_msg_close (message);
    return true;
}

//  Frames travel one by one here.
bool uplink_add (uplink_t *self, const uint8_t *frame, size_t size)
{
    (void) self;
    (void) frame;
    (void) size;
    return false;
}

void uplink_allow_bundles (uplink_t *self)
{
    (void) self;
}

void uplink_gather (uplink_t *self, bool on)
{
    (void) self;
    (void) on;
}

void uplink_flush (uplink_t *self)
{
    (void) self;
}

void uplink_look_again (uplink_t *self)
{
    (void) self;
}

static bool s_take (packet_t *packet, zmq_msg_t *message)
{
    if (!packet)
        return false;
    zmq_msg_close (message);
    if (zmq_msg_init_size (message, packet->size) != 0)
        abort ();
    memcpy (zmq_msg_data (message), packet->data, packet->size);
    packet_free (packet);
    return true;
}

static void s_note_request (uplink_t *self, const wire_frame_t *frame)
{
    uint64_t id = judge_read_id (frame->body, frame->body_size);
    judge_received (id, frame->block.remaining_ms);
    self->recent [self->recent_at].token = frame->block.token;
    self->recent [self->recent_at].id = id;
    self->recent_at = (self->recent_at + 1) % RECENT;
}

static void s_note_cancel (const uplink_t *self, const wire_frame_t *frame)
{
    for (unsigned at = 0; at < RECENT; at++)
        if (self->recent [at].token.slot == frame->block.token.slot
            && self->recent [at].token.generation == frame->block.token.generation)
            judge_cancelled (self->recent [at].id);
}

static void s_note_result (const uplink_t *self, wire_token_t token)
{
    unsigned at = token.slot % CALLED;
    if (self->called [at].token.slot == token.slot && self->called [at].token.generation == token.generation)
        judge_result_came (self->called [at].id);
}

//  The library has read it, and knows.
static void s_note_frame (uplink_t *self, const packet_t *packet)
{
    wire_frame_t frame;
    if (wire_read (&frame, packet->data, packet->size) != WIRE_OK)
        return;
    if (frame.kind == WIRE_REPLY && frame.code == HEARTH_OK)
        s_note_result (self, frame.block.token);
    if (frame.kind == WIRE_REQUEST)
        s_note_request (self, &frame);
    if (frame.kind == WIRE_CANCEL)
        s_note_cancel (self, &frame);
    flow_lib_received (*s_link (self), &frame, packet->size);
}

bool uplink_receive (uplink_t *self, received_t *in)
{
    packet_t *packet = *s_link (self) ? link_receive (*s_link (self)) : NULL;
    if (packet)
        s_note_frame (self, packet);
    if (!s_take (packet, &in->message))
        return false;
    in->data = zmq_msg_data (&in->message);
    in->size = zmq_msg_size (&in->message);
    return true;
}

//  ---- notifications ----

int uplink_open_notes (uplink_t *self, const char *endpoint)
{
    subscriber_destroy (&self->notes);
    if (*endpoint && !self->program->is_dying)
        self->notes = subscriber_new (self->program->peer);
    return 0;
}

bool uplink_has_notes (const uplink_t *self)
{
    return self->notes;
}

void uplink_subscribe (uplink_t *self, const char *prefix, bool on)
{
    if (self->notes)
        subscriber_subscribe (self->notes, prefix, on);
}

bool uplink_receive_note (uplink_t *self, zmq_msg_t *message)
{
    return self->notes && s_take (subscriber_receive (self->notes), message);
}

void uplink_mind_notes (uplink_t *self, bool on)
{
    self->is_deaf = !on;
}

//  ---- waiting ----

bool uplink_is_ready (const uplink_t *self)
{
    const link_t *link = self->program->peer->link;
    return (link && (link->inbox || (link->state == LINK_LOST && !link->is_loss_told)))
           || (self->notes && !self->is_deaf && subscriber_has_notes (self->notes));
}

bool uplink_has_news (const uplink_t *self)
{
    return self->is_woken || uplink_is_ready (self);
}

//  A program that always has something to do lets the others do something, too.
void uplink_wait (uplink_t *self, int64_t timeout_ms)
{
    bool is_ready = self->is_woken || uplink_is_ready (self);
    self->is_woken = false;
    if (is_ready && ++self->turns % 8 && !self->program->is_dying)
        return;
    program_wait (self->program, is_ready ? 0 : timeout_ms);
    self->is_woken = false;
}

void uplink_wake (uplink_t *self)
{
    self->is_woken = true;
    if (self->program->is_waiting)
        peer_news (self->program->peer);
}

int uplink_fd (const uplink_t *self)
{
    (void) self;
    return 0;
}
