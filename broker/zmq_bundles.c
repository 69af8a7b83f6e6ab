/*  zmq_bundles.c - several small frames to a peer, or from it, in one message

    Where frames come several at a time, what is sent to a peer that understands bundles is gathered until the ROUTER is empty
    or the turn ends. One frame alone is sent as it came, uncopied. A peer says that it understands them by sending one.
*/
#include "zmq_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SPARE_LEAST 4   //  buffers that are there from the start
#define SPARE_MOST  64  //  that are kept

struct bundle_buffer {
    bundle_buffer_t *next;
    bundle_t bundle;
    uint8_t data [BUNDLE_ROOM];
};

static bundle_buffer_t *s_new_buffer (void)
{
    bundle_buffer_t *buffer = malloc (sizeof *buffer);
    if (buffer)
        buffer->bundle.data = buffer->data;
    return buffer;
}

static bool s_begin (transport_zmq_t *self, link_t *link)
{
    bundle_buffer_t *buffer = self->spare_buffers;
    if (buffer) {
        self->spare_buffers = buffer->next;
        self->spare_count--;
    } else if (!(buffer = s_new_buffer ()))
        return false;
    link->buffer = buffer;
    bundle_begin (&buffer->bundle);
    return true;
}

static void s_keep (transport_zmq_t *self, bundle_buffer_t *buffer)
{
    buffer->next = self->spare_buffers;
    self->spare_buffers = buffer;
    self->spare_count++;
}

static void s_end (transport_zmq_t *self, link_t *link)
{
    bundle_buffer_t *buffer = link->buffer;
    link->buffer = NULL;
    if (self->spare_count == SPARE_MOST)
        free (buffer);
    else
        s_keep (self, buffer);
}

int bundles_init (transport_zmq_t *self)
{
    list_init (&self->gathering);
    while (self->spare_count < SPARE_LEAST) {
        bundle_buffer_t *buffer = s_new_buffer ();
        if (!buffer)
            return -1;
        s_keep (self, buffer);
    }
    return 0;
}

void bundles_clear (transport_zmq_t *self)
{
    for (bundle_buffer_t *buffer; (buffer = self->spare_buffers);) {
        self->spare_buffers = buffer->next;
        free (buffer);
    }
}

void bundles_drop (transport_zmq_t *self, link_t *link)
{
    if (!list_is_linked (&link->gathering))
        return;
    list_remove (&link->gathering);
    if (link->buffer)
        s_end (self, link);
    else
        zmq_msg_close (&link->first);
}

//  The whole of what was gathered, as one message.
static bool s_make_message (transport_zmq_t *self, link_t *link, zmq_msg_t *message)
{
    if (!link->buffer) {
        zmq_msg_init (message);
        zmq_msg_move (message, &link->first);
        zmq_msg_close (&link->first);
        return true;
    }
    size_t size;
    const uint8_t *bytes = bundle_message (&link->buffer->bundle, &size);
    bool is_made = zmq_msg_init_size (message, size) == 0;
    if (is_made)
        memcpy (zmq_msg_data (message), bytes, size);
    s_end (self, link);
    return is_made;
}

sent_t bundles_flush (transport_zmq_t *self, link_t *link)
{
    zmq_msg_t message;
    if (!list_is_linked (&link->gathering))
        return SENT_OK;
    list_remove (&link->gathering);
    if (!s_make_message (self, link, &message))
        return SENT_FULL;
    sent_t sent = link_send_message (self, link, &message);
    if (sent != SENT_OK)
        zmq_msg_close (&message);
    return sent;
}

//  The core was told that all of it was sent.
static void s_flush_late (transport_zmq_t *self, link_t *link)
{
    session_t *session = link->state == LINK_OPEN ? link->session : NULL;
    if (bundles_flush (self, link) == SENT_FULL && session && self->core)
        core_full (self->core, session, self->now_ms);
}

void bundles_flush_all (transport_zmq_t *self)
{
    list_t *link;
    while ((link = list_first (&self->gathering)))
        s_flush_late (self, CONTAINER_OF (link, link_t, gathering));
}

static bool s_has_room (transport_zmq_t *self, link_t *link)
{
    if (link->buffer)
        return true;
    if (!s_begin (self, link))
        return false;
    bundle_add (&link->buffer->bundle, zmq_msg_data (&link->first), zmq_msg_size (&link->first));
    zmq_msg_close (&link->first);
    return true;
}

//  The first one keeps its message, which is moved on if nothing follows.
static sent_t s_add_first (transport_zmq_t *self, link_t *link, frame_t *frame)
{
    if (frame->release == transport_release) {
        zmq_msg_init (&link->first);
        zmq_msg_move (&link->first, (zmq_msg_t *) frame->storage.bytes);
    } else {
        if (zmq_msg_init_size (&link->first, frame->size) != 0)
            return SENT_FULL;
        memcpy (zmq_msg_data (&link->first), frame->data, frame->size);
    }
    frame_release (frame);
    list_append (&self->gathering, &link->gathering);
    return SENT_OK;
}

sent_t bundles_add (transport_zmq_t *self, link_t *link, frame_t *frame)
{
    if (!list_is_linked (&link->gathering))
        return s_add_first (self, link, frame);
    if (s_has_room (self, link) && bundle_add (&link->buffer->bundle, frame->data, frame->size)) {
        frame_release (frame);
        return SENT_OK;
    }
    sent_t sent = bundles_flush (self, link);
    return sent == SENT_OK ? s_add_first (self, link, frame) : sent;
}

//  One frame of garbage, whatever the bytes would mean elsewhere.
static void s_deliver_garbage (transport_zmq_t *self, link_t *link, uint8_t *data)
{
    frame_t frame = { .data = data };
    core_frame (self->core, link->session, &frame, self->now_ms);
}

//  What cannot be read of it counts as garbage. So does one that is too large: what a peer's turn costs the others would grow
//  with it.
void bundles_deliver (transport_zmq_t *self, link_t *link, uint8_t *data, size_t size)
{
    bundle_reader_t reader;
    const uint8_t *bytes;
    frame_t frame = { .release = NULL };
    link->bundles = true;
    if (size > BUNDLE_TAKEN) {
        s_deliver_garbage (self, link, data);
        return;
    }
    bundle_open (&reader, data, size);
    while (link->state == LINK_OPEN && bundle_next (&reader, &bytes, &frame.size)) {
        frame.data = data + (bytes - data);  //  ours, and to be patched
        self->frames++;
        core_frame (self->core, link->session, &frame, self->now_ms);
    }
    if (link->state == LINK_OPEN && bundle_rest (&reader))
        s_deliver_garbage (self, link, data);
}
