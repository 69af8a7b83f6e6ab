/*  broker_side.c - the made-up sockets (broker_side.h) */

#include "broker_side.h"

#include "clock.h"
#include "fuzz.h"
#include "uplink.h"

#define QUEUE_MOST 256

typedef struct {
    zmq_msg_t messages [QUEUE_MOST];
    unsigned read;
    unsigned written;
} queue_t;

struct uplink {
    queue_t frames;
    queue_t notes;
    bool is_open;
    bool has_notes;
};

side_t side;
static uplink_t *uplink;

//  ---- queues ----

static void s_put (queue_t *queue, const void *data, size_t size)
{
    if (queue->written - queue->read == QUEUE_MOST)
        return;
    zmq_msg_t *message = &queue->messages [queue->written++ % QUEUE_MOST];
    REQUIRE (zmq_msg_init_size (message, size) == 0);
    if (size)
        memcpy (zmq_msg_data (message), data, size);
}

static bool s_take (queue_t *queue, zmq_msg_t *message)
{
    if (queue->read == queue->written)
        return false;
    zmq_msg_t *first = &queue->messages [queue->read++ % QUEUE_MOST];
    REQUIRE (zmq_msg_move (message, first) == 0);
    zmq_msg_close (first);
    return true;
}

static void s_clear (queue_t *queue)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (s_take (queue, &message))
        continue;
    zmq_msg_close (&message);
}

void side_reset (void)
{
    side = (side_t){ .now_ms = 1000 };
}

void side_put (const void *data, size_t size)
{
    if (uplink && uplink->is_open && side.is_connected)
        s_put (&uplink->frames, data, size);
}

void side_put_note (const void *data, size_t size)
{
    if (uplink && uplink->has_notes)
        s_put (&uplink->notes, data, size);
}

bool side_is_empty (void)
{
    return uplink->frames.read == uplink->frames.written && uplink->notes.read == uplink->notes.written;
}

//  ---- clock.h ----

int64_t clock_now_ms (void)
{
    return side.now_ms;
}

int64_t clock_tick (void)
{
    return side.now_ms;
}

int64_t clock_wall_ms (void)
{
    return side.now_ms;
}

//  ---- uplink.h ----

uplink_t *uplink_new (void)
{
    uplink = calloc (1, sizeof *uplink);
    REQUIRE (uplink);
    return uplink;
}

void uplink_destroy (uplink_t **self_p, int linger_ms)
{
    uplink_close (*self_p, linger_ms);
    uplink_open_notes (*self_p, "");
    free (*self_p);
    *self_p = uplink = NULL;
}

int uplink_open (uplink_t *self, const char *endpoint)
{
    (void) endpoint;
    uplink_close (self, 0);
    if (side.refuses) {
        side.refuses = false;
        return -1;
    }
    self->is_open = true;
    side.asked_count = 0;
    side.requests = side.replies = side.items = side.granted = 0;
    return 0;
}

void uplink_close (uplink_t *self, int linger_ms)
{
    (void) linger_ms;
    s_clear (&self->frames);
    self->is_open = side.is_connected = side.is_lost = false;
}

bool uplink_is_writable (uplink_t *self)
{
    return self->is_open && side.is_connected;
}

bool uplink_is_lost (uplink_t *self)
{
    bool is_lost = self->is_open && side.is_lost;
    side.is_lost = false;
    return is_lost;
}

//  What the library sends is well formed.
static void s_look (const zmq_msg_t *message)
{
    wire_frame_t wire;
    const uint8_t *data = zmq_msg_data ((zmq_msg_t *) message);
    REQUIRE (wire_read (&wire, data, zmq_msg_size (message)) == WIRE_OK);
    REQUIRE (wire_check_body (&wire, 32) == WIRE_OK);
    if (wire.kind == WIRE_REQUEST || wire.kind == WIRE_PUBLISH)
        side.asked [side.asked_count++ % SIDE_TOKENS] = wire.block.token;
    side.replies += wire.kind == WIRE_REPLY;
    side.items += wire.kind == WIRE_ITEM && !(wire.block.flags & WIRE_END);
}

bool uplink_send (uplink_t *self, zmq_msg_t *message)
{
    if (!uplink_is_writable (self) || side.is_lost)
        return false;
    s_look (message);
    zmq_msg_close (message);
    return true;
}

//  Frames travel one by one here.
void uplink_allow_bundles (uplink_t *self)
{
    (void) self;
}

void uplink_gather (uplink_t *self, bool on)
{
    (void) self;
    (void) on;
}

bool uplink_add (uplink_t *self, const uint8_t *frame, size_t size)
{
    (void) self;
    (void) frame;
    (void) size;
    return false;
}

void uplink_flush (uplink_t *self)
{
    (void) self;
}

void uplink_look_again (uplink_t *self)
{
    (void) self;
}

bool uplink_receive (uplink_t *self, received_t *in)
{
    wire_frame_t wire;
    if (!self->is_open || !s_take (&self->frames, &in->message))
        return false;
    in->data = zmq_msg_data (&in->message);
    in->size = zmq_msg_size (&in->message);
    side.requests +=
        side_has_session () && wire_read (&wire, in->data, in->size) == WIRE_OK && wire.kind == WIRE_REQUEST;
    return true;
}

int uplink_open_notes (uplink_t *self, const char *endpoint)
{
    s_clear (&self->notes);
    self->has_notes = *endpoint;
    return 0;
}

bool uplink_has_notes (const uplink_t *self)
{
    return self->has_notes;
}

void uplink_subscribe (uplink_t *self, const char *prefix, bool on)
{
    (void) self;
    (void) prefix;
    (void) on;
}

bool uplink_receive_note (uplink_t *self, zmq_msg_t *message)
{
    return self->has_notes && s_take (&self->notes, message);
}

void uplink_mind_notes (uplink_t *self, bool on)
{
    (void) self;
    (void) on;
}

//  Within a wait of the library's the broker goes on, but not within ever more of them.
static bool s_goes_on (void)
{
    static unsigned depth;
    if (depth > 8)
        return false;
    depth++;
    bool goes_on = side_step ();
    depth--;
    return goes_on;
}

//  Who waits without an end would hang.
void uplink_wait (uplink_t *self, int64_t timeout_ms)
{
    (void) self;
    if (timeout_ms == 0 || s_goes_on ())
        return;
    REQUIRE (timeout_ms > 0);
    side.now_ms += timeout_ms;
}

bool uplink_is_ready (const uplink_t *self)
{
    return self->frames.read != self->frames.written || self->notes.read != self->notes.written;
}

void uplink_wake (uplink_t *self)
{
    (void) self;
}

int uplink_fd (const uplink_t *self)
{
    (void) self;
    return -1;
}
