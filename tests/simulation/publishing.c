/*  publishing.c - SUB sockets, and what happens to notifications on their way */
#include "publishing.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "log.h"
#include "peer.h"
#include "published.h"
#include "wire_note.h"

typedef struct subscription subscription_t;
struct subscription {
    subscription_t *next;
    unsigned count;  //  at the socket
    bool is_live;    //  at the broker
    size_t size;
    char prefix [];
};

struct subscriber {
    subscriber_t *next;
    peer_t *peer;
    dice_t dice;
    bool is_connected;
    alarm_t connect;
    subscription_t *subscriptions;
    stream_t up;  //  the first byte: whether it begins or ends
    stream_t down;
    packet_t *inbox;
    packet_t *inbox_last;
};

static subscriber_t *subscribers;
static int64_t deaf_until_ms;

static int64_t s_arrival (subscriber_t *self)
{
    return now_ms () + dice_skewed (&self->dice, plan.latency_ms);
}

static void s_tell (subscriber_t *self, const subscription_t *subscription, bool on)
{
    packet_t *packet = packet_new (NULL, subscription->size + 2);
    packet->data [0] = on;
    memcpy (packet->data + 1, subscription->prefix, subscription->size + 1);
    stream_push (&self->up, packet, s_arrival (self));
}

static void s_on_connect (alarm_t *alarm)
{
    subscriber_t *self = CONTAINER (alarm, subscriber_t, connect);
    if (!hub_is_up ()) {
        alarm_set (alarm, now_ms () + 50 + dice_roll (&self->dice, 100));
        return;
    }
    self->is_connected = true;
    for (subscription_t *subscription = self->subscriptions; subscription; subscription = subscription->next)
        s_tell (self, subscription, true);
}

static subscription_t **s_find (subscriber_t *self, const char *prefix)
{
    subscription_t **at = &self->subscriptions;
    while (*at && strcmp ((*at)->prefix, prefix) != 0)
        at = &(*at)->next;
    return at;
}

//  A subscription, or the end of one, reaches the broker.
static void s_on_up (alarm_t *alarm)
{
    subscriber_t *self = CONTAINER (alarm, subscriber_t, up.alarm);
    packet_t *packet = stream_arrived (&self->up);
    if (!packet)
        return;
    const char *prefix = (const char *) packet->data + 1;
    subscription_t **at = s_find (self, prefix);
    if (*at && self->is_connected) {
        (*at)->is_live = packet->data [0] || (*at)->count;
        if (packet->data [0])
            hub_subscribed (prefix);
        else if (!(*at)->count) {
            subscription_t *subscription = *at;
            *at = subscription->next;
            free (subscription);
        }
    }
    packet_free (packet);
}

static void s_on_down (alarm_t *alarm)
{
    subscriber_t *self = CONTAINER (alarm, subscriber_t, down.alarm);
    packet_t *packet = stream_arrived (&self->down);
    if (!packet)
        return;
    packet->next = NULL;
    if (self->inbox)
        self->inbox_last->next = packet;
    else
        self->inbox = packet;
    self->inbox_last = packet;
    peer_news (self->peer);
}

static void s_disconnect (subscriber_t *self)
{
    self->is_connected = false;
    stream_truncate (&self->up, 0);
    stream_truncate (&self->down, dice_roll (&self->dice, self->down.count + 1));
    for (subscription_t *subscription = self->subscriptions; subscription; subscription = subscription->next)
        subscription->is_live = false;
    alarm_set (&self->connect, now_ms () + 1 + dice_skewed (&self->dice, 300));
}

static packet_t *s_pop (subscriber_t *self)
{
    packet_t *packet = self->inbox;
    if (packet)
        self->inbox = packet->next;
    return packet;
}

subscriber_t *subscriber_new (peer_t *peer)
{
    subscriber_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->peer = peer;
    self->next = subscribers;
    subscribers = self;
    dice_init (&self->dice, dice_next (&peer->dice), 4);
    uint64_t id = (uint64_t) peer->index * 16 + 10;
    alarm_init (&self->up.alarm, id, s_on_up);
    alarm_init (&self->down.alarm, id + 1, s_on_down);
    alarm_init (&self->connect, id + 2, s_on_connect);
    alarm_set (&self->connect, s_arrival (self));
    return self;
}

void subscriber_destroy (subscriber_t **self_p)
{
    subscriber_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    subscriber_t **at = &subscribers;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    alarm_stop (&self->connect);
    stream_truncate (&self->up, 0);
    stream_truncate (&self->down, 0);
    for (packet_t *packet; (packet = s_pop (self));)
        packet_free (packet);
    for (subscription_t *subscription; (subscription = self->subscriptions);) {
        self->subscriptions = subscription->next;
        free (subscription);
    }
    free (self);
}

//  The socket counts; the broker hears of each beginning and of the last end.
void subscriber_subscribe (subscriber_t *self, const char *prefix, bool on)
{
    subscription_t **at = s_find (self, prefix);
    if (!*at && on) {
        size_t size = strlen (prefix);
        *at = calloc (1, sizeof **at + size + 1);
        if (!*at)
            abort ();
        (*at)->size = size;
        memcpy ((*at)->prefix, prefix, size);
    }
    if (!*at || (!on && !(*at)->count))
        return;
    (*at)->count += on ? 1 : -1u;
    if (self->is_connected && (on || !(*at)->count))
        s_tell (self, *at, on);
}

//  A broker sends those of one topic that it publishes in one turn as one message.
packet_t *subscriber_receive (subscriber_t *self)
{
    static uint8_t room [BUNDLE_ROOM];
    note_bundle_t bundle = { .data = room };
    packet_t *packet = s_pop (self);
    if (!packet || !self->inbox || !note_bundle_begin (&bundle, packet->data, packet->size))
        return packet;
    while (self->inbox && dice_roll (&self->dice, 8)
           && note_bundle_add (&bundle, self->inbox->data, self->inbox->size))
        packet_free (s_pop (self));
    if (bundle.count == 1)
        return packet;
    COVER (COVER_NOTES_TOGETHER);
    packet_free (packet);
    return packet_new (room, bundle.size);
}

bool subscriber_has_notes (const subscriber_t *self)
{
    return self->inbox;
}

static bool s_wants (const subscriber_t *self, const uint8_t *data, size_t size)
{
    for (const subscription_t *subscription = self->subscriptions; subscription; subscription = subscription->next)
        if (subscription->is_live && subscription->size <= size
            && memcmp (subscription->prefix, data, subscription->size) == 0)
            return true;
    return false;
}

void notes_publish (void *transport, blob_t *blob)
{
    (void) transport;
    const uint8_t *data = blob_data (blob);
    size_t size = blob_size (blob);
    published_add (data, size);
    for (subscriber_t *self = subscribers; self; self = self->next) {
        if (!self->is_connected || !s_wants (self, data, size))
            continue;
        if (now_ms () < deaf_until_ms || self->down.count >= plan.room) {
            COVER (COVER_NOTE_DROPPED);
            continue;
        }
        stream_push (&self->down, packet_new (data, size), s_arrival (self));
    }
}

void publishing_lose_broker (bool silently)
{
    (void) silently;
    for (subscriber_t *self = subscribers; self; self = self->next)
        if (self->is_connected)
            s_disconnect (self);
}

void subscriber_deafen (int64_t ms)
{
    log_event (0, "notifications are dropped for", (uint64_t) ms, 0);
    deaf_until_ms = now_ms () + ms;
}

void subscriber_break (peer_t *peer)
{
    for (subscriber_t *self = subscribers; self; self = self->next)
        if (self->peer == peer && self->is_connected) {
            log_event (peer->index, "loses its notifications", 0, 0);
            s_disconnect (self);
        }
}

void publishing_begin (void)
{
    deaf_until_ms = 0;
    subscribers = NULL;
    published_begin ();
}

void publishing_end (void)
{
    subscribers = NULL;
    published_end ();
}
