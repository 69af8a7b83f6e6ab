/*  notes.c - the SUB socket: what it is subscribed to, when it is opened anew, what comes in

    What notifications mean is the observer's business.
*/
#include <stdlib.h>
#include <string.h>

#include "connection.h"

#define NOTES_A_TURN 256
#define NOTES_MOST   262144  //  more than wait in a socket, however many come in a message

struct subscription {
    subscription_t *next;
    unsigned count;
    char prefix [];
};

//  What a message with several of them holds has to stay until the last of its handlers is done. (Messages that libzmq copies
//  instead of sharing them are too small to hold a stamp.)
static bool share (incoming_notes_t *in, received_t *holder)
{
    if (holder->bundle == in->number)
        return true;
    holder->bundle = in->number;
    return zmq_msg_copy (&holder->message, &in->message) == 0;
}

//  A message with one of them is its holder's at once, and read from there.
static bool receive_message (hearth_t *self, received_t *holder)
{
    incoming_notes_t *in = &self->notes;
    if (!uplink_receive_note (self->uplink, &in->message))
        return false;
    note_reader_open (&in->reader, zmq_msg_data (&in->message), zmq_msg_size (&in->message));
    in->number += in->reader.is_bundle;
    if (in->reader.is_bundle)
        return true;
    holder->bundle = 0;
    zmq_msg_move (&holder->message, &in->message);
    note_reader_open (&in->reader, zmq_msg_data (&holder->message), zmq_msg_size (&holder->message));
    return true;
}

//  Tells the next one, if what is next can be read; false if nothing is there. What it is told with stays until another is
//  received into the same place: a callback may have those after it told within its turns.
static bool tell_next (hearth_t *self, received_t *holder)
{
    wire_note_t note;
    incoming_notes_t *in = &self->notes;
    if (!in->reader.left && !receive_message (self, holder))
        return false;
    if (note_reader_next (&in->reader, &note) && (!in->reader.is_bundle || share (in, holder)))
        observers_note (self->observers, &note, self->now_ms);
    return true;
}

bool notes_are_waiting (const hearth_t *self)
{
    return self->notes.reader.left && !observers_busy (self->observers);
}

//  What came over the socket of the epoch before.
static void receive_rest (hearth_t *self)
{
    received_t holder;
    received_init (&holder);
    for (unsigned count = 0; count < NOTES_MOST && tell_next (self, &holder); count++)
        continue;
    received_clear (&holder);
}

//  A session that comes back to the same broker finds its socket as it was.
bool notes_open (hearth_t *self)
{
    const client_session_t *session = &self->session;
    if (session->state != CLIENT_UP || !self->subscriptions || !*session->publish)
        return false;
    if (uplink_has_notes (self->uplink) && self->notes_epoch == session->epoch
        && strcmp (self->notes_endpoint, session->publish) == 0)
        return false;
    uint64_t count = session->count;
    receive_rest (self);
    if (session->state != CLIENT_UP || session->count != count)
        return false;  //  a callback waited for something, and the session has gone
    if (uplink_open_notes (self->uplink, session->publish) != 0)
        return false;
    self->notes_epoch = session->epoch;
    strcpy (self->notes_endpoint, session->publish);
    for (subscription_t *subscription = self->subscriptions; subscription; subscription = subscription->next)
        uplink_subscribe (self->uplink, subscription->prefix, true);
    return true;
}

void notes_receive (hearth_t *self)
{
    received_t holder;
    received_init (&holder);
    for (unsigned count = 0; count < NOTES_A_TURN && !observers_busy (self->observers); count++)
        if (!tell_next (self, &holder))
            break;
    received_clear (&holder);
}

void notes_init (hearth_t *self)
{
    zmq_msg_init (&self->notes.message);
}

void notes_clear (hearth_t *self)
{
    zmq_msg_close (&self->notes.message);
    for (subscription_t *subscription; (subscription = self->subscriptions);) {
        self->subscriptions = subscription->next;
        free (subscription);
    }
}

static subscription_t **find (hearth_t *self, const char *prefix)
{
    subscription_t **at = &self->subscriptions;
    while (*at && strcmp ((*at)->prefix, prefix) != 0)
        at = &(*at)->next;
    return at;
}

//  A socket that was left without subscriptions may be one of a broker before this one.
bool client_subscribe (hearth_t *self, const char *prefix)
{
    subscription_t **at = find (self, prefix);
    if (*at) {
        (*at)->count++;
        return true;
    }
    size_t size = strlen (prefix) + 1;
    subscription_t *subscription = malloc (sizeof *subscription + size);
    if (!subscription)
        return false;
    subscription->next = NULL;
    subscription->count = 1;
    memcpy (subscription->prefix, prefix, size);
    *at = subscription;
    if (!notes_open (self))
        uplink_subscribe (self->uplink, prefix, true);
    return true;
}

void client_unsubscribe (hearth_t *self, const char *prefix)
{
    subscription_t **at = find (self, prefix);
    subscription_t *subscription = *at;
    if (!subscription || --subscription->count > 0)
        return;
    *at = subscription->next;
    free (subscription);
    uplink_subscribe (self->uplink, prefix, false);
}

//  The socket counts: the broker hears of the second subscription, and of no end of it.
void client_ask_marker (hearth_t *self, const char *prefix)
{
    uplink_subscribe (self->uplink, prefix, true);
    uplink_subscribe (self->uplink, prefix, false);
}
