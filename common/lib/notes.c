/*  notes.c - the SUB socket: what it is subscribed to, when it is opened anew, what comes in

    What notifications mean is the observer's business.
*/
#include <stdlib.h>
#include <string.h>

#include "connection.h"

#define NOTES_A_TURN 256
#define NOTES_MOST   4096  //  more than wait in a socket

struct subscription {
    subscription_t *next;
    unsigned count;
    char prefix [];
};

static void take_note (hearth_t *self, zmq_msg_t *message)
{
    wire_note_t note;
    if (wire_read_note (&note, zmq_msg_data (message), zmq_msg_size (message)))
        observers_note (self->observers, &note, self->now_ms);
}

//  What came over the socket of the epoch before.
static void receive_rest (hearth_t *self)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (unsigned count = 0; count < NOTES_MOST && uplink_receive_note (self->uplink, &message); count++)
        take_note (self, &message);
    zmq_msg_close (&message);
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
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (unsigned count = 0; count < NOTES_A_TURN && !observers_busy (self->observers); count++) {
        if (!uplink_receive_note (self->uplink, &message))
            break;
        take_note (self, &message);
    }
    zmq_msg_close (&message);
}

void notes_clear (hearth_t *self)
{
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
