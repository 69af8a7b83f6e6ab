/*  stream.c - packets in order */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

long packets_alive;

//  ---- packets ----

packet_t *packet_new (const void *data, size_t size)
{
    packet_t *packet = malloc (sizeof *packet + size);
    if (!packet)
        abort ();
    packet->next = NULL;
    packet->size = size;
    if (data)
        memcpy (packet->data, data, size);
    packets_alive++;
    return packet;
}

void packet_free (packet_t *self)
{
    packets_alive -= self != NULL;
    free (self);
}

//  ---- streams ----

void stream_push (stream_t *self, packet_t *packet, int64_t at_ms)
{
    packet->at_ms = self->last_ms = at_ms > self->last_ms ? at_ms : self->last_ms;
    packet->next = NULL;
    if (self->first)
        self->last->next = packet;
    else
        self->first = packet;
    self->last = packet;
    if (!self->count++)
        alarm_set (&self->alarm, packet->at_ms);
}

static packet_t *s_pop (stream_t *self)
{
    packet_t *packet = self->first;
    if (!packet)
        return NULL;
    self->first = packet->next;
    self->count--;
    return packet;
}

//  Keeps the first ones only.
void stream_truncate (stream_t *self, unsigned keep)
{
    packet_t **at = &self->first, *last = NULL;
    for (; keep && *at; keep--) {
        last = *at;
        at = &(*at)->next;
    }
    while (*at) {
        packet_t *packet = *at;
        *at = packet->next;
        self->count--;
        packet_free (packet);
    }
    self->last = last;
    if (!self->count)
        alarm_stop (&self->alarm);
}

//  The first packet, if it may arrive; otherwise the alarm is set for it.
packet_t *stream_arrived (stream_t *self)
{
    if (!self->first)
        return NULL;
    int64_t at_ms = self->first->at_ms > self->cut_until_ms ? self->first->at_ms : self->cut_until_ms;
    if (at_ms > now_ms ()) {
        alarm_set (&self->alarm, at_ms);
        return NULL;
    }
    packet_t *packet = s_pop (self);
    if (self->first)
        alarm_set (&self->alarm, self->first->at_ms);
    return packet;
}
