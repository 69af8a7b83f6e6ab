/*  schedule.c - a binary heap of alarms, each of which knows its place */
#include "schedule.h"

#include <stdlib.h>

#include "dice.h"

#define BEGIN_MS 1000000

static struct {
    alarm_t **heap;  //  from 1
    size_t count;
    size_t room;
    uint64_t seed;
    int64_t now_ms;
} schedule;

void schedule_begin (uint64_t seed)
{
    schedule.count = 0;
    schedule.seed = seed;
    schedule.now_ms = BEGIN_MS;
}

void schedule_end (void)
{
    for (size_t at = 1; at <= schedule.count; at++)
        schedule.heap [at]->place = 0;
    schedule.count = 0;
}

int64_t now_ms (void)
{
    return schedule.now_ms;
}

void alarm_init (alarm_t *self, uint64_t id, void (*ring) (alarm_t *self))
{
    *self = (alarm_t){ .ring = ring, .id = id };
}

static int s_before (const alarm_t *one, const alarm_t *other)
{
    return one->at_ms != other->at_ms ? one->at_ms < other->at_ms : one->order < other->order;
}

static void s_put (size_t at, alarm_t *alarm)
{
    schedule.heap [at] = alarm;
    alarm->place = at;
}

static void s_settle (size_t at, alarm_t *alarm)
{
    for (; at > 1 && s_before (alarm, schedule.heap [at / 2]); at /= 2)
        s_put (at, schedule.heap [at / 2]);
    for (size_t child; (child = 2 * at) <= schedule.count; at = child) {
        if (child < schedule.count && s_before (schedule.heap [child + 1], schedule.heap [child]))
            child++;
        if (!s_before (schedule.heap [child], alarm))
            break;
        s_put (at, schedule.heap [child]);
    }
    s_put (at, alarm);
}

void alarm_set (alarm_t *self, int64_t at_ms)
{
    self->at_ms = at_ms < schedule.now_ms ? schedule.now_ms : at_ms;
    self->order = dice_mix (schedule.seed ^ self->id, ++self->set);
    if (!self->place) {
        if (schedule.count + 1 >= schedule.room) {
            schedule.room = schedule.room ? 2 * schedule.room : 1024;
            schedule.heap = realloc (schedule.heap, schedule.room * sizeof (alarm_t *));
            if (!schedule.heap)
                abort ();
        }
        self->place = ++schedule.count;
    }
    s_settle (self->place, self);
}

void alarm_stop (alarm_t *self)
{
    size_t at = self->place;
    if (!at)
        return;
    self->place = 0;
    alarm_t *last = schedule.heap [schedule.count--];
    if (last != self)
        s_settle (at, last);
}

int64_t schedule_peek (void)
{
    return schedule.count ? schedule.heap [1]->at_ms : -1;
}

alarm_t *schedule_next (void)
{
    if (!schedule.count)
        return NULL;
    alarm_t *alarm = schedule.heap [1];
    alarm_stop (alarm);
    schedule.now_ms = alarm->at_ms;
    return alarm;
}
