/*  stream.h - packets on their way: in order, not before their time, and not while the way is cut
*/
#ifndef STREAM_H_INCLUDED
#define STREAM_H_INCLUDED

#include "schedule.h"

typedef struct packet packet_t;
struct packet {
    packet_t *next;
    int64_t at_ms;  //  when it arrives at the earliest
    size_t size;
    uint8_t data [];
};

packet_t *packet_new (const void *data, size_t size);
void packet_free (packet_t *self);
//  How many there are: none when a run is over.
extern long packets_alive;

typedef struct {
    packet_t *first;
    packet_t *last;
    unsigned count;
    int64_t last_ms;       //  of the last arrival: order is kept
    int64_t cut_until_ms;  //  nothing arrives before
    alarm_t alarm;
} stream_t;

//  Arrives at that time, or with the one before. The alarm rings then.
void stream_push (stream_t *self, packet_t *packet, int64_t at_ms);
//  The first packet, if it may arrive now; the alarm is set for the next one, or for this.
packet_t *stream_arrived (stream_t *self);
//  Keeps the first ones only.
void stream_truncate (stream_t *self, unsigned keep);

#endif
