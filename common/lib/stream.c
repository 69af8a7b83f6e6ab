/*  stream.c - one end of a stream: items that came, and the credit for those that go
*/
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define ZONE_CHUNK  1024
#define COPY_MOST   8192  //  bytes of an item that are copied rather than kept in their message
#define SPARE_ROOM  128   //  bytes of items that are used again,
#define SPARES_MOST 16    //  and how many are kept: more than a turn takes in while somebody waits

struct stream_item {
    stream_item_t *next;
    size_t frame_size;
    size_t size;
    uint8_t *body;  //  in the room, or in the message
    size_t room_size;
    bool has_message;
    zmq_msg_t message;  //  not cleared
    uint8_t room [];
};

/* ------------------------------------------------------------------------
    Items
*/

//  With that much room; NULL if memory is short.
static stream_item_t *take_item (stream_t *self, size_t size)
{
    stream_item_t *item = self->spare;
    if (item && size <= SPARE_ROOM) {
        self->spare = item->next;
        self->spares--;
        return item;
    }
    size = size < SPARE_ROOM ? SPARE_ROOM : size;
    item = malloc (sizeof *item + size);
    if (item)
        item->room_size = size;
    return item;
}

static void free_item (stream_t *self, stream_item_t *item)
{
    if (!item)
        return;
    if (item->has_message)
        zmq_msg_close (&item->message);
    if (item->room_size != SPARE_ROOM || self->spares == SPARES_MOST) {
        free (item);
        return;
    }
    item->next = self->spare;
    self->spare = item;
    self->spares++;
}

//  NULL if memory is short. A large one keeps its message, which libzmq has allocated for it alone.
static stream_item_t *make_item (stream_t *self, const wire_frame_t *frame, zmq_msg_t *message)
{
    bool keeps = message && frame->body_size > COPY_MOST;
    stream_item_t *item = take_item (self, keeps ? 0 : frame->body_size);
    if (!item)
        return NULL;
    item->next = NULL;
    item->size = frame->body_size;
    item->has_message = keeps;
    item->body = keeps ? (uint8_t *) frame->body : item->room;
    if (keeps) {
        zmq_msg_init (&item->message);
        zmq_msg_move (&item->message, message);
    } else
        memcpy (item->room, frame->body, frame->body_size);
    return item;
}

/* ------------------------------------------------------------------------
    Beginning and ending
*/

void streams_set_limits (streams_t *self, uint64_t items, uint64_t bytes)
{
    self->items_limit = items;
    self->bytes_limit = bytes;
}

stream_t *stream_new (streams_t *home)
{
    stream_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    if (!msgpack_zone_init (&self->zone, ZONE_CHUNK)) {
        free (self);
        return NULL;
    }
    self->home = home;
    self->last = &self->first;
    return self;
}

static void link_due (stream_t *self, stream_t **first)
{
    self->next_due = *first;
    self->at_due = first;
    if (self->next_due)
        self->next_due->at_due = &self->next_due;
    *first = self;
    self->is_due = true;
}

static void unlink_due (stream_t *self)
{
    if (!self->is_due)
        return;
    *self->at_due = self->next_due;
    if (self->next_due)
        self->next_due->at_due = self->at_due;
    self->is_due = false;
}

void stream_leave (stream_t *self)
{
    if (!self || !self->home)
        return;
    unlink_due (self);
    self->home->items -= self->window_items;
    self->home->bytes -= self->window_bytes;
    self->home = NULL;
}

static stream_item_t *pop (stream_t *self)
{
    stream_item_t *item = self->first;
    if (!item)
        return NULL;
    self->first = item->next;
    if (!self->first)
        self->last = &self->first;
    return item;
}

void stream_destroy (stream_t **self_p)
{
    stream_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    stream_leave (self);
    for (stream_item_t *item; (item = pop (self));)
        free_item (self, item);
    free_item (self, self->shown);
    for (stream_item_t *item; (item = self->spare);) {
        self->spare = item->next;
        free (item);
    }
    msgpack_zone_destroy (&self->zone);
    free (self);
}

static uint64_t left_of (uint64_t limit, uint64_t used)
{
    return limit > used ? limit - used : 0;
}

static uint32_t least (uint64_t one, uint64_t other)
{
    return (uint32_t) (one < other ? one : other);
}

bool stream_open_window (stream_t *self, uint32_t items, uint32_t bytes)
{
    streams_t *home = self->home;
    self->items_most = items ? items : STREAM_MOST_ITEMS;
    self->bytes_most = bytes ? bytes : STREAM_MOST_BYTES;
    self->window_items = least (items ? items : STREAM_FIRST_ITEMS, left_of (home->items_limit, home->items));
    self->window_bytes = least (bytes ? bytes : STREAM_FIRST_BYTES, left_of (home->bytes_limit, home->bytes));
    home->items += self->window_items;
    home->bytes += self->window_bytes;
    return self->window_items && self->window_bytes;
}

//  By how much a window grows that was read from: doubled, within what leaves others room.
static uint32_t growth (uint32_t window, uint32_t most, uint64_t left)
{
    return window < most ? least (least (window, most - window), left / 8) : 0;
}

static void grow_window (stream_t *self)
{
    streams_t *home = self->home;
    uint32_t items = growth (self->window_items, self->items_most, left_of (home->items_limit, home->items));
    uint32_t bytes = growth (self->window_bytes, self->bytes_most, left_of (home->bytes_limit, home->bytes));
    self->window_items += items;
    self->window_bytes += bytes;
    self->owed_items += items;
    self->owed_bytes += bytes;
    home->items += items;
    home->bytes += bytes;
}

/* ------------------------------------------------------------------------
    What comes
*/

static void note_readable (stream_t *self)
{
    self->can_read = self->first || self->is_over;
}

static void owe (stream_t *self, size_t size)
{
    self->owed_items++;
    self->owed_bytes += size;
}

void stream_receive (stream_t *self, const wire_frame_t *frame, size_t size, zmq_msg_t *message)
{
    if (self->is_over)
        return;
    self->received++;
    if (self->is_dropping) {
        owe (self, size);
        return;
    }
    stream_item_t *item = make_item (self, frame, message);
    if (!item) {
        self->is_broken = true;
        stream_over (self);
        return;
    }
    item->frame_size = size;
    *self->last = item;
    self->last = &item->next;
    note_readable (self);
    stream_moved (self);
}

void stream_over (stream_t *self)
{
    if (self->is_over)
        return;
    self->is_over = true;
    note_readable (self);
    stream_moved (self);
}

const hearth_value_t *stream_take (stream_t *self)
{
    stream_item_t *item = pop (self);
    if (!item)
        return NULL;
    note_readable (self);
    owe (self, item->frame_size);
    free_item (self, self->shown);
    self->shown = item;
    msgpack_zone_clear (&self->zone);
    const hearth_value_t *value = value_decode_scanned (&self->zone, item->body, item->size);
    if (value)
        return value;
    self->is_broken = true;
    stream_drop (self);
    return NULL;
}

void stream_drop (stream_t *self)
{
    self->is_dropping = true;
    for (stream_item_t *item; (item = pop (self));) {
        owe (self, item->frame_size);
        free_item (self, item);
    }
    note_readable (self);
}

//  In halves of the window: credit is seldom on its way alone, and the other end does not run dry.
bool stream_owes (const stream_t *self)
{
    bool is_time =
        2 * (uint64_t) self->owed_items >= self->window_items || 2 * self->owed_bytes >= self->window_bytes;
    return is_time && !self->is_over && self->window_items && self->owed_items;
}

bool stream_grants (stream_t *self, uint32_t *items, uint32_t *bytes)
{
    if (!stream_owes (self))
        return false;
    if (self->home)
        grow_window (self);
    *items = self->owed_items;
    *bytes = self->owed_bytes < WIRE_CREDIT_MOST ? (uint32_t) self->owed_bytes : WIRE_CREDIT_MOST;
    self->owed_items = 0;
    self->owed_bytes -= *bytes;
    return true;
}

/* ------------------------------------------------------------------------
    What goes
*/

static void note_writable (stream_t *self)
{
    self->can_write = self->is_ended || (self->items > 0 && self->bytes > 0);
}

//  Nobody is taken at his word beyond what a credit can be.
void stream_credit (stream_t *self, uint64_t items, uint64_t bytes)
{
    self->items += (int64_t) items;
    self->bytes += (int64_t) bytes;
    if (self->items > WIRE_CREDIT_MOST)
        self->items = WIRE_CREDIT_MOST;
    if (self->bytes > WIRE_CREDIT_MOST)
        self->bytes = WIRE_CREDIT_MOST;
    note_writable (self);
    stream_moved (self);
}

void stream_sent (stream_t *self, size_t size)
{
    self->sent++;
    self->items--;
    self->bytes -= (int64_t) size;
    note_writable (self);
}

void stream_end (stream_t *self)
{
    if (self->is_ended)
        return;
    self->is_ended = true;
    note_writable (self);
    stream_moved (self);
}

/* ------------------------------------------------------------------------
    Telling
*/

void stream_moved (stream_t *self)
{
    if (!self->tell || self->is_due || !self->home)
        return;
    link_due (self, &self->home->due);
}

//  Those of this moment: what they do may make others due, or themselves, for the next time. A turn within one of them tells
//  the rest, too.
void streams_tell (streams_t *self)
{
    for (stream_t *stream; (stream = self->due);) {
        unlink_due (stream);
        link_due (stream, &self->telling);
    }
    for (stream_t *stream; (stream = self->telling);) {
        unlink_due (stream);
        stream->tell (stream);
    }
}
