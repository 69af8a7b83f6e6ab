/*  peer.c - life, pauses and death of peers */
#include "peer.h"

#include "coverage.h"
#include "log.h"
#include "plan.h"

peer_t peers [PEERS_MOST];
unsigned peer_count;

static void s_act (alarm_t *alarm)
{
    peer_t *self = CONTAINER (alarm, peer_t, alarm);
    if (self->is_paused || !self->is_alive)
        return;
    self->kind->act (self);
}

static void s_tell (alarm_t *alarm)
{
    peer_t *self = CONTAINER (alarm, peer_t, told);
    if (self->is_paused)
        self->has_news = true;
    else if (self->is_alive)
        self->kind->news (self);
}

static void s_wake (alarm_t *alarm)
{
    peer_wake (CONTAINER (alarm, peer_t, wake));
}

void peer_init (peer_t *self, unsigned index, const peer_kind_t *kind)
{
    *self = (peer_t){ .kind = kind, .index = index };
    dice_init (&self->dice, plan.seed, 1000 + index);
    alarm_init (&self->alarm, index * 16, s_act);
    alarm_init (&self->wake, index * 16 + 1, s_wake);
    alarm_init (&self->told, index * 16 + 2, s_tell);
}

void peer_start (peer_t *self)
{
    self->is_alive = true;
    self->kind->start (self);
}

void peer_news (peer_t *self)
{
    if (self->is_alive && !self->told.place)
        alarm_set (&self->told, now_ms ());
}

void peer_kill (peer_t *self, int64_t back_ms)
{
    if (!self->is_alive)
        return;
    log_event (self->index, "dies, back in", (uint64_t) back_ms, 0);
    self->is_alive = self->is_paused = self->has_news = false;
    alarm_stop (&self->alarm);
    alarm_stop (&self->told);
    if (self->link)
        link_close (&self->link, false);
    self->kind->kill (self);
    alarm_set (&self->wake, now_ms () + back_ms);
}

void peer_pause (peer_t *self, int64_t ms)
{
    if (!self->is_alive || self->is_paused)
        return;
    log_event (self->index, "is paused for", (uint64_t) ms, 0);
    self->is_paused = true;
    self->pauses++;
    alarm_set (&self->wake, now_ms () + ms);
    if (self->link)
        link_pause (self->link, ms);
}

void peer_wake (peer_t *self)
{
    alarm_stop (&self->wake);
    if (!self->is_alive) {
        log_event (self->index, "is back", 0, 0);
        peer_start (self);
        return;
    }
    if (!self->is_paused)
        return;
    log_event (self->index, "goes on", 0, 0);
    self->is_paused = false;
    if (self->has_news) {
        self->has_news = false;
        self->kind->news (self);
    }
    if (self->is_alive && !self->alarm.place)
        self->kind->act (self);
}

int64_t peer_pace (peer_t *self)
{
    return now_ms () + dice_skewed (&self->dice, 2 * plan.pace_ms);
}
