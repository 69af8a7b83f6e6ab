/*  posted.c - what hearth_post has sent of which nothing comes back: how much of it may wait to be read by the broker
*/
#include "posted.h"

#include "connection.h"

#define STEP_BYTES 1048576
#define MOST_BYTES (64 * (uint64_t) STEP_BYTES)
#define OVERHEAD   128  //  bytes that a message takes beside its own
#define MARK_MS    86400000

static void send_mark (hearth_t *hearth)
{
    posted_t *self = &hearth->posted;
    wire_frame_t header = { .kind = WIRE_REQUEST, .name = SPAN ("hearth"), .method = SPAN ("ping") };
    hearth_pending_t *mark = frame_open_call (hearth, &header, MARK_MS);
    if (!mark)
        return;
    pack_list (&hearth->scratch, 0);
    frame_send_call (hearth, mark);
    if (mark->state == CALL_SENT) {
        self->mark = mark;
        self->bytes = 0;
        self->look_at_bytes = STEP_BYTES;
    } else
        frame_abandon (hearth, mark);
}

//  However it ended: the broker has read it, or is gone with all that waited for it.
static void forget_mark (hearth_t *hearth)
{
    posted_t *self = &hearth->posted;
    frame_abandon (hearth, self->mark);
    self->mark = NULL;
}

bool posted_may (hearth_t *hearth)
{
    posted_t *self = &hearth->posted;
    if (self->bytes < self->look_at_bytes || self->bytes < STEP_BYTES)
        return true;
    if (self->mark) {
        turn_look (hearth);
        self->look_at_bytes = self->bytes < MOST_BYTES ? self->bytes + STEP_BYTES : MOST_BYTES;
    }
    if (self->mark && self->mark->is_ended)
        forget_mark (hearth);
    if (!client_is_up (hearth))
        self->bytes = 0;
    else if (!self->mark)
        send_mark (hearth);
    return self->bytes < MOST_BYTES;
}

void posted_note (hearth_t *hearth, size_t size)
{
    hearth->posted.bytes += size + OVERHEAD;
}

void posted_clear (hearth_t *hearth)
{
    if (hearth->posted.mark)
        forget_mark (hearth);
}
