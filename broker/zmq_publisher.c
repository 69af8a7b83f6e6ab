/*  zmq_publisher.c - notifications out, subscriptions in: the XPUB

    What a subscriber does not read is dropped beyond libzmq's mark for each of them; the history is for that. Where frames come
    several at a time, small notifications of one topic that follow each other are gathered into one message.
*/
#include "zmq_state.h"
#include "name.h"

#include <errno.h>
#include <string.h>

#define SMALL     512  //  bytes: up to here a copy costs less than a count of references across threads
#define NOTE_MOST (BUNDLE_MOST + TOPIC_MAX_SIZE)  //  of one that may go with others

static void s_release (void *data, void *blob)
{
    (void) data;
    blob_unref (blob);
}

//  These return 0, or -1 if memory is short.
static int s_make_copy (zmq_msg_t *message, const uint8_t *data, size_t size)
{
    if (zmq_msg_init_size (message, size))
        return -1;
    memcpy (zmq_msg_data (message), data, size);
    return 0;
}

static int s_make_message (zmq_msg_t *message, blob_t *blob)
{
    size_t size = blob_size (blob);
    if (size <= SMALL)
        return s_make_copy (message, blob_data (blob), size);
    if (zmq_msg_init_data (message, blob_data (blob), size, s_release, blob))
        return -1;
    blob_ref (blob);
    return 0;
}

static void s_send (transport_zmq_t *self, zmq_msg_t *message)
{
    self->events.main.quiet = false;
    if (zmq_msg_send (message, self->events.main.socket, ZMQ_DONTWAIT) >= 0)
        return;
    log_printf (self->log, LOG_ERROR, "transport", "-", "cannot publish: %s", zmq_strerror (errno));
    zmq_msg_close (message);
}

void publisher_flush (transport_zmq_t *self)
{
    gathered_notes_t *notes = &self->notes;
    zmq_msg_t message;
    if (!notes->first)
        return;
    bool is_made = notes->bundle.count ? s_make_copy (&message, notes->data, notes->bundle.size) == 0
                                       : s_make_message (&message, notes->first) == 0;
    if (is_made)
        s_send (self, &message);
    note_bundle_clear (&notes->bundle);
    blob_unref (notes->first);
    notes->first = NULL;
}

//  Puts one behind those of its topic; false if it does not go with them.
static bool s_join (gathered_notes_t *notes, blob_t *blob)
{
    note_bundle_t *bundle = &notes->bundle;
    blob_t *first = notes->first;
    bundle->data = notes->data;
    if (!first || (bundle->count == 0 && !note_bundle_begin (bundle, blob_data (first), blob_size (first))))
        return false;
    if (note_bundle_add (bundle, blob_data (blob), blob_size (blob)))
        return true;
    if (bundle->count == 1)
        note_bundle_clear (bundle);
    return false;
}

void publisher_publish (void *context, blob_t *blob)
{
    transport_zmq_t *self = context;
    zmq_msg_t message;
    if (s_join (&self->notes, blob))
        return;
    publisher_flush (self);
    if (self->is_busy && blob_size (blob) <= NOTE_MOST)
        self->notes.first = blob_ref (blob);
    else if (s_make_message (&message, blob) == 0)
        s_send (self, &message);
}

//  Keeps account of a connection's subscriptions; false if it has too many.
static bool s_admit (transport_zmq_t *self, connection_t *connection, bool subscribe, const uint8_t *prefix,
                     size_t size)
{
    if (!subscribe) {
        subscriptions_remove (&connection->subscriptions, self->subscription_key, prefix, size);
        return true;
    }
    if (!subscriptions_add (&connection->subscriptions, self->subscription_key, prefix, size)
        && connection->subscriptions.count <= self->limits.value [LIMIT_SUBSCRIPTIONS])
        return true;
    core_count_limit (self->core, LIMIT_SUBSCRIPTIONS);
    log_printf (self->log, LOG_WARNING, "transport", "-", "observer ended by %s: descriptor %d",
                limit_rows [LIMIT_SUBSCRIPTIONS].option, connection->fd);
    admission_shut (self, &self->events, connection);
    return false;
}

static connection_t *s_find_connection (transport_zmq_t *self, int fd)
{
    connection_t *connection = gate_find (&self->events, fd);
    if (!connection && fd >= 0) {
        admission_update (self, &self->events);
        connection = gate_find (&self->events, fd);
    }
    return connection;
}

//  A cancel that libzmq makes itself, for a connection that has ended, names none.
static void s_take (transport_zmq_t *self, zmq_msg_t *message)
{
    const uint8_t *data = zmq_msg_data (message);
    size_t size = zmq_msg_size (message);
    if (size == 0 || data [0] > 1 || zmq_msg_more (message)) {
        log_write (self->log, LOG_INFO, "transport", "-", "dropped what is no subscription from an observer");
        return;
    }
    bool subscribe = data [0] == 1;
    connection_t *connection = s_find_connection (self, zmq_msg_get (message, ZMQ_SRCFD));
    if (connection && (connection->shut || !s_admit (self, connection, subscribe, data + 1, size - 1)))
        return;
    if (subscribe)
        core_subscribed (self->core, data + 1, size - 1, self->now_ms);
}

bool publisher_receive (transport_zmq_t *self)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    int size = zmq_msg_recv (&message, self->events.main.socket, ZMQ_DONTWAIT);
    self->events.main.quiet = size < 0 && errno == EAGAIN;
    if (size >= 0)
        s_take (self, &message);
    zmq_msg_close (&message);
    return size >= 0;
}
