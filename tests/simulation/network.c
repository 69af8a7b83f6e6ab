/*  network.c - links, their streams and their ends; the transport that the core sees */
#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "log.h"
#include "peer.h"

#define HEARTBEAT_MS 10000

link_t network_links;
static uint64_t link_count;

//  ---- ends ----

static int64_t s_arrival (link_t *link)
{
    return now_ms () + dice_skewed (&link->dice, plan.latency_ms);
}

static void s_free (link_t *self)
{
    stream_truncate (&self->up, 0);
    stream_truncate (&self->down, 0);
    for (packet_t *packet; (packet = link_receive (self));)
        packet_free (packet);
    alarm_stop (&self->opening);
    alarm_stop (&self->hangup);
    alarm_stop (&self->heart);
    seam_free (self);
    self->next->prev = self->prev;
    self->prev->next = self->next;
    free (self);
}

static bool s_tidy (link_t *self)
{
    if (self->peer || !self->is_over)
        return false;
    s_free (self);
    return true;
}

//  The peer's end hears that the connection is lost, once what was on its way has arrived.
static void s_lose (link_t *self)
{
    if (!self->peer || self->state == LINK_LOST)
        return;
    self->is_ending = true;
    if (!self->down.count) {
        self->state = LINK_LOST;
        peer_news (self->peer);
    }
}

//  The broker's end is over; the core knows, or is told.
static void s_end_broker (link_t *self, bool tell)
{
    if (self->is_over)
        return;
    session_t *session = self->session;
    self->session = NULL;
    self->is_over = true;
    stream_truncate (&self->up, 0);
    seam_gone (self);
    if (tell && session)
        hub_gone (session);
}

static void s_on_up (alarm_t *alarm)
{
    link_t *self = CONTAINER (alarm, link_t, up.alarm);
    packet_t *packet = stream_arrived (&self->up);
    if (packet)
        hub_frame (self, packet);
}

static void s_on_down (alarm_t *alarm)
{
    link_t *self = CONTAINER (alarm, link_t, down.alarm);
    packet_t *packet = stream_arrived (&self->down);
    if (!packet)
        return;
    packet->next = NULL;
    if (self->inbox)
        self->inbox_last->next = packet;
    else
        self->inbox = packet;
    self->inbox_last = packet;
    self->inbox_count++;
    if (self->is_ending && !self->down.count)
        self->state = LINK_LOST;
    peer_news (self->peer);
}

static void s_on_opening (alarm_t *alarm)
{
    link_t *self = CONTAINER (alarm, link_t, opening);
    if (!self->peer || self->state != LINK_OPENING)
        return;
    self->state = hub_is_up () ? LINK_UP : LINK_LOST;
    self->is_over = self->state == LINK_LOST;
    peer_news (self->peer);
}

//  The peer has closed its end: a hint, perhaps, and then the certainty.
static void s_on_hangup (alarm_t *alarm)
{
    link_t *self = CONTAINER (alarm, link_t, hangup);
    if (self->up.count) {
        alarm_set (alarm, now_ms () + 1 + dice_roll (&self->dice, 50));
        return;
    }
    if (self->session && !self->is_deaf && dice_chance (&self->dice, 70)) {
        self->is_deaf = true;
        if (dice_chance (&self->dice, 70))
            link_doubt (self, false);
        alarm_set (alarm, now_ms () + dice_roll (&self->dice, 260));
        return;
    }
    s_end_broker (self, true);
    s_tidy (self);
}

//  Heartbeats have not come for too long.
static void s_on_heart (alarm_t *alarm)
{
    link_break (CONTAINER (alarm, link_t, heart));
}

//  ---- what the core asks for ----

static void s_release (frame_t *frame)
{
    packet_free (frame->storage.align);
}

static sent_t s_send (void *self, link_t *link, frame_t *frame)
{
    (void) self;
    if (link->is_over) {
        broken ("the core sends to a link that is gone or was kicked");
        return SENT_GONE;
    }
    if (link->is_deaf)
        return SENT_GONE;
    bool is_tight = !link->peer || !link->peer->is_resting;  //  who says much at once has to come to rest, too
    if (is_tight && link->down.count + link->inbox_count >= plan.room) {
        COVER (COVER_SENT_FULL);
        return SENT_FULL;
    }
    seam_out (link, frame->data, frame->size);
    bool is_ours = frame->release == s_release;
    packet_t *packet = is_ours ? frame->storage.align : packet_new (frame->data, frame->size);
    if (is_ours)
        frame->release = NULL;
    if (link->peer && !link->is_ending)
        stream_push (&link->down, packet, s_arrival (link));
    else
        packet_free (packet);
    return SENT_OK;
}

//  Most of what was sent before arrives.
static void s_kick (void *self, link_t *link)
{
    (void) self;
    if (link->is_over) {
        broken ("the core kicks a link that is gone or was kicked");
        return;
    }
    log_event (link->index, "is kicked", 0, 0);
    if (dice_chance (&link->dice, 30))
        stream_truncate (&link->down, dice_roll (&link->dice, link->down.count + 1));
    s_end_broker (link, false);
    s_lose (link);
    if (!link->peer)
        alarm_set (&link->hangup, now_ms ());
}

const transport_ops_t network_ops = { s_send, notes_publish, s_kick };

frame_t network_frame (packet_t *packet)
{
    frame_t frame = { .data = packet->data, .size = packet->size, .release = s_release };
    frame.storage.align = packet;
    return frame;
}

//  ---- what peers ask for ----

link_t *link_open (peer_t *peer)
{
    link_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->id = ++link_count;
    self->index = peer->index;
    self->peer = peer;
    self->is_lying = peer->is_lying;
    dice_init (&self->dice, dice_next (&peer->dice), 3);
    uint64_t id = (uint64_t) peer->index * 16 + 3;
    alarm_init (&self->up.alarm, id, s_on_up);
    alarm_init (&self->down.alarm, id + 1, s_on_down);
    alarm_init (&self->opening, id + 2, s_on_opening);
    alarm_init (&self->hangup, id + 3, s_on_hangup);
    alarm_init (&self->heart, id + 4, s_on_heart);
    self->prev = network_links.prev;
    self->next = &network_links;
    self->prev->next = self->next->prev = self;
    alarm_set (&self->opening, s_arrival (self));
    return self;
}

void link_close (link_t **self_p, bool gently)
{
    link_t *self = *self_p;
    *self_p = NULL;
    self->peer = NULL;
    alarm_stop (&self->opening);
    stream_truncate (&self->down, 0);
    if (!gently)
        stream_truncate (&self->up, dice_roll (&self->dice, self->up.count + 1));
    if (!s_tidy (self) && !self->is_haunted)
        alarm_set (&self->hangup, now_ms () + dice_skewed (&self->dice, 300));
}

bool link_send (link_t *self, packet_t *packet)
{
    if (self->state != LINK_UP)
        return false;
    log_frame (self->index, true, packet->data, packet->size);
    if (self->is_over)
        packet_free (packet);  //  the moment between the end and the word of it
    else
        stream_push (&self->up, packet, s_arrival (self));
    return true;
}

packet_t *link_receive (link_t *self)
{
    packet_t *packet = self->inbox;
    if (!packet)
        return NULL;
    self->inbox = packet->next;
    self->inbox_count--;
    return packet;
}

bool link_is_writable (const link_t *self)
{
    return self->state == LINK_UP;
}

bool link_take_loss (link_t *self)
{
    if (self->state != LINK_LOST || self->is_loss_told)
        return false;
    self->is_loss_told = true;
    return true;
}

//  ---- faults ----

//  Whoever is silent for too long is given up; earlier if his last sign of life was some time ago.
static void s_starve (link_t *self, int64_t ms)
{
    int64_t patience_ms = HEARTBEAT_MS - dice_roll (&self->dice, 3000);
    if (ms >= patience_ms && !self->heart.place)
        alarm_set (&self->heart, now_ms () + patience_ms);
}

void link_pause (link_t *self, int64_t ms)
{
    s_starve (self, ms);
}

void link_cut (link_t *self, bool up, bool down, int64_t ms)
{
    log_event (self->index, "is cut for", (uint64_t) ms, (uint64_t) (up + 2 * down));
    int64_t until_ms = now_ms () + ms;
    if (up)
        self->up.cut_until_ms = until_ms;
    if (down)
        self->down.cut_until_ms = until_ms;
    s_starve (self, ms);
}

void link_break (link_t *self)
{
    log_event (self->index, "loses its connection", 0, 0);
    self->down.cut_until_ms = self->up.cut_until_ms = 0;
    stream_truncate (&self->down, dice_roll (&self->dice, self->down.count + 1));
    s_end_broker (self, true);
    s_lose (self);
    s_tidy (self);
}

//  The peer's end is lost; the broker hears of it much later.
void link_haunt (link_t *self)
{
    if (self->state != LINK_UP || self->is_over)
        return;
    log_event (self->index, "becomes a ghost", 0, 0);
    stream_truncate (&self->down, dice_roll (&self->dice, self->down.count + 1));
    s_lose (self);
    if (!self->heart.place)
        alarm_set (&self->heart, now_ms () + HEARTBEAT_MS - dice_roll (&self->dice, 3000));
    self->is_haunted = true;
}

void link_doubt (link_t *self, bool is_trusted)
{
    if (!self->session || self->is_suspect == !is_trusted)
        return;
    log_event (self->index, is_trusted ? "is trusted" : "is suspected", 0, 0);
    self->is_suspect = !is_trusted;
    hub_doubt (self->session, is_trusted);
}

void network_lose_broker (bool silently)
{
    for (link_t *link = network_links.next, *next; link != &network_links; link = next) {
        next = link->next;
        stream_truncate (&link->down, dice_roll (&link->dice, link->down.count + 1));
        s_end_broker (link, false);
        if (silently && link->peer)
            s_starve (link, HEARTBEAT_MS);
        else
            s_lose (link);
        s_tidy (link);
    }
}

void network_begin (void)
{
    network_links.next = network_links.prev = &network_links;
    link_count = 0;
}

void network_end (void)
{
    while (network_links.next != &network_links)
        s_free (network_links.next);
}
