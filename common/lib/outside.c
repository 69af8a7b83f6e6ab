/*  outside.c - around the program's own code: what is sent goes out together where that makes nobody wait
*/
#include "connection.h"

void turn_gather (hearth_t *self, bool on)
{
    if (!on)
        uplink_flush (self->uplink);
    uplink_gather (self->uplink, on || self->is_held);
}

void turn_hold (hearth_t *self, bool on)
{
    self->is_held = on;
    turn_gather (self, on);
}

//  A turn gathers what is sent in it, but nobody waits for somebody else's callback.
outside_t turn_call_out (hearth_t *self)
{
    outside_t outside = { self->tick, self->is_held };
    self->is_held = false;
    if (!self->is_quick)
        turn_gather (self, false);
    return outside;
}

void turn_called_out (hearth_t *self, outside_t outside)
{
    connection_note_time (self);
    self->is_quick = self->tick == outside.tick;
    self->is_held = outside.is_held;
    turn_gather (self, self->is_quick && self->is_busy);
}

void turn_tell_streams (hearth_t *self)
{
    outside_t outside = turn_call_out (self);
    streams_tell (&self->streams);
    turn_called_out (self, outside);
    turn_tell_ended (self);
}
