/*  flows.c - a record for each stream, and the rules of streams (docs/protocol.md, section 6.1) for its ends: programs, the
    library, raw peers
*/
#include "flow_record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coverage.h"
#include "hub.h"
#include "judge.h"
#include "log.h"
#include "peer.h"
#include "program.h"

#define BUCKETS     4096
#define SLACK_MS    10
#define GRACE_MS    250
#define USUAL_ITEMS 1000
#define USUAL_BYTES 1048576
#define NUMBER_SIZE 8

static struct {
    flow_t **flows;  //  by the index of the call
    size_t room;
    end_t *buckets [BUCKETS];
} all;

//  ---- finding ----

void flows_begin (void)
{
    memset (all.buckets, 0, sizeof all.buckets);
}

void flows_end (void)
{
    for (size_t at = 0; at < all.room; at++) {
        if (!all.flows [at])
            continue;
        free (all.flows [at]->lanes [FLOW_DOWN].sizes);
        free (all.flows [at]->lanes [FLOW_UP].sizes);
        free (all.flows [at]);
        all.flows [at] = NULL;
    }
}

flow_t *flow_find (uint64_t id)
{
    size_t index = (uint32_t) id;
    return id && index < all.room && all.flows [index] && all.flows [index]->id == id ? all.flows [index] : NULL;
}

bool flow_is_known (uint64_t id)
{
    return flow_find (id);
}

void flow_open (uint64_t id, unsigned peer, uint32_t silence_ms, uint32_t items, uint32_t bytes)
{
    size_t index = (uint32_t) id;
    if (index >= all.room) {
        size_t room = 2 * index + 1024;
        all.flows = realloc (all.flows, room * sizeof (flow_t *));
        if (!all.flows)
            abort ();
        memset (all.flows + all.room, 0, (room - all.room) * sizeof (flow_t *));
        all.room = room;
    }
    flow_t *self = all.flows [index] = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->id = id;
    self->silence_ms = silence_ms;
    self->last_ms [0] = now_ms ();
    if (peers [peer].kind == &program_kind)
        self->lanes [FLOW_DOWN].window = (amount_t){ items ? items : USUAL_ITEMS, bytes ? bytes : USUAL_BYTES };
    self->lanes [FLOW_UP].window = (amount_t){ USUAL_ITEMS, USUAL_BYTES };
}

static end_t **s_bucket (uint64_t link, wire_token_t token)
{
    return &all.buckets [dice_mix (link, (uint64_t) token.slot << 32 | token.generation) % BUCKETS];
}

void flow_bind (flow_t *self, end_t *end, const link_t *link, wire_token_t token)
{
    if (end->link || !link)
        return;
    end_t **bucket = s_bucket (link->id, token);
    *end = (end_t){ *bucket, self, link->id, token, end == &self->service };
    *bucket = end;
}

flow_t *flow_by_token (const link_t *link, wire_token_t token, bool is_service)
{
    for (end_t *end = *s_bucket (link->id, token); end; end = end->next)
        if (end->link == link->id && end->token.slot == token.slot && end->token.generation == token.generation
            && end->is_service == is_service)
            return end->flow;
    return NULL;
}

//  ---- items ----

size_t flow_write (uint64_t id, way_t way, uint8_t *out, size_t payload)
{
    const flow_t *self = flow_find (id);
    uint64_t number = id << 24 | (self ? self->lanes [way].sent : 0);
    for (unsigned at = 0; at < NUMBER_SIZE; at++)
        out [at] = (uint8_t) (number >> (56 - 8 * at));
    if (NUMBER_SIZE + payload > FLOW_ITEM_MOST)
        payload = FLOW_ITEM_MOST - NUMBER_SIZE;
    memset (out + NUMBER_SIZE, 'z', payload);
    return NUMBER_SIZE + payload;
}

void flow_sent (uint64_t id, way_t way)
{
    flow_t *self = flow_find (id);
    if (self)
        self->lanes [way].sent++;
}

bool flow_is_item (const flow_t *self, const uint8_t *data, size_t size, uint64_t wanted)
{
    uint64_t number = 0;
    for (unsigned at = 0; at < NUMBER_SIZE && size >= NUMBER_SIZE; at++)
        number = number << 8 | data [at];
    return size >= NUMBER_SIZE && number == (self->id << 24 | wanted);
}

void flow_took (uint64_t id, way_t way, const void *data, size_t size)
{
    flow_t *self = flow_find (id);
    if (!self)
        return;
    lane_t *lane = &self->lanes [way];
    if (!self->is_lied_about && !flow_is_item (self, data, size, lane->taken.items))
        broken ("stream %u: an item %s is not number %" PRIu64 ", which comes next", (uint32_t) id,
                way == FLOW_DOWN ? "down" : "up", lane->taken.items);
    amount_add (&lane->taken, 1,
                lane->taken.items < lane->received && lane->sizes ? lane->sizes [lane->taken.items] : 0);
}

void flow_drops (uint64_t id)
{
    flow_t *self = flow_find (id);
    if (self)
        self->dropped_ms = now_ms ();
}

void flow_said_end (uint64_t id)
{
    flow_t *self = flow_find (id);
    if (self)
        self->has_said_end = true;
}

//  ---- the caller's edge, and the library's ----

void flow_asked (uint64_t id, const link_t *link, const wire_frame_t *request)
{
    flow_t *self = flow_find (id);
    if (!self)
        return;
    flow_bind (self, &self->caller, link, request->block.token);
    if (request->block.remaining_ms)
        self->last_ms [0] = now_ms ();
    else
        self->last_ms [0] += self->silence_ms;  //  it was held for too long
    self->silence_ms = request->block.remaining_ms;
    uint64_t items = 0, bytes = 0;
    if (wire_option_credit (request->options, &items, &bytes))
        amount_add (&self->lanes [FLOW_DOWN].asked, items, bytes);
}

//  A queue in the library is never longer than its window.
static void s_check_window (const flow_t *self, way_t way)
{
    const lane_t *lane = &self->lanes [way];
    if (self->dropped_ms && way == FLOW_DOWN)
        return;
    //  One is just being taken.
    uint64_t next = lane->taken.items < lane->received ? lane->sizes [lane->taken.items] : 0;
    if (lane->asked.items > lane->taken.items + (next > 0) + lane->window.items
        || lane->asked.bytes > lane->taken.bytes + next + lane->window.bytes)
        broken ("stream %u: %" PRIu64 " items and %" PRIu64 " bytes were asked for, %" PRIu64 " and %" PRIu64
                " taken, and the window is of %" PRIu64 " and %" PRIu64,
                (uint32_t) self->id, lane->asked.items, lane->asked.bytes, lane->taken.items, lane->taken.bytes,
                lane->window.items, lane->window.bytes);
}

//  A service says that it came too late.
static void s_check_late (const flow_t *self, const wire_frame_t *frame)
{
    span_t name, message, details;
    if (frame->code != HEARTH_DEADLINE_EXCEEDED || self->is_cancelled
        || now_ms () >= self->last_ms [1] + self->silence_ms - SLACK_MS
        || !wire_read_error (frame->body, frame->body_size, &name, &message, &details))
        return;
    if (span_equals (name, "hearth.Deadline"))
        broken ("stream %u: its service says that the deadline has passed, %" PRId64 " of %u ms after the last sign",
                (uint32_t) self->id, now_ms () - self->last_ms [1], self->silence_ms);
}

void flow_lib_sent (const link_t *link, const wire_frame_t *frame)
{
    bool is_caller = frame->block.flags & WIRE_UP;
    if (frame->kind != WIRE_ITEM && frame->kind != WIRE_CREDIT && frame->kind != WIRE_REPLY)
        return;
    flow_t *self = flow_by_token (link, frame->block.token, !is_caller);
    if (!self)
        return;
    if (frame->kind == WIRE_REPLY) {
        s_check_late (self, frame);
        return;
    }
    self->last_ms [!is_caller] = now_ms ();
    self->has_sent_end |= frame->block.flags & WIRE_END;
    if (frame->kind == WIRE_ITEM)
        return;
    way_t way = is_caller ? FLOW_DOWN : FLOW_UP;
    amount_add (&self->lanes [way].asked, frame->items, frame->bytes);
    s_check_window (self, way);
}

static void s_keep_size (lane_t *self, size_t size)
{
    if (self->received == self->room) {
        self->room = self->room ? 2 * self->room : 16;
        self->sizes = realloc (self->sizes, self->room * sizeof *self->sizes);
        if (!self->sizes)
            abort ();
    }
    self->sizes [self->received++] = (uint32_t) size;
    self->received_bytes += size;
}

void flow_lib_received (const link_t *link, const wire_frame_t *frame, size_t size)
{
    bool is_service = frame->block.flags & WIRE_UP || frame->kind == WIRE_REQUEST;
    if (frame->kind != WIRE_ITEM && frame->kind != WIRE_CREDIT && frame->kind != WIRE_REQUEST)
        return;
    flow_t *self = flow_by_token (link, frame->block.token, is_service);
    if (!self)
        return;
    self->last_ms [is_service] = now_ms ();
    if (frame->kind == WIRE_REQUEST)
        self->last_ms [1] -= (int64_t) self->silence_ms - frame->block.remaining_ms;
    else if (is_service && link->peer && link->peer->kind == &program_kind)
        judge_received (self->id, frame->block.remaining_ms);
    if (frame->kind == WIRE_ITEM && !(frame->block.flags & WIRE_END))
        s_keep_size (&self->lanes [is_service ? FLOW_UP : FLOW_DOWN], size);
}

uint32_t flow_find_silence (uint64_t id)
{
    const flow_t *self = flow_find (id);
    return self ? self->silence_ms : 0;
}

int64_t flow_last_ms (uint64_t id)
{
    const flow_t *self = flow_find (id);
    return self ? self->last_ms [0] : 0;
}

//  Who is told so by nobody has heard nothing for as long as a stream may be silent.
void flow_seen_cancelled (uint64_t id, const link_t *link)
{
    const flow_t *self = flow_find (id);
    if (!self || !link || link->id != self->service.link || link->state != LINK_UP || self->is_cancelled)
        return;
    if (now_ms () < self->last_ms [1] + self->silence_ms - SLACK_MS)
        broken ("stream %u: its handler sees that it is cancelled, which it is not: %" PRId64
                " of %u ms after the last sign",
                (uint32_t) id, now_ms () - self->last_ms [1], self->silence_ms);
}

//  The number of items that an error's message tells; -1: none.
static long s_told (const char *message)
{
    const char *at = message ? strstr (message, ", after ") : NULL;
    return at ? strtol (at + strlen (", after "), NULL, 10) : -1;
}

//  What its caller's library may have ended by itself: items may come behind.
static bool s_may_cross (const char *error)
{
    static const char *const errors [] = { "hearth.Deadline", "hearth.Cancelled", "hearth.Limit",
                                           "hearth.BadResult" };
    for (size_t at = 0; error && at < sizeof errors / sizeof errors [0]; at++)
        if (strcmp (errors [at], error) == 0)
            return true;
    return false;
}

//  Who drops all that comes asks for more, unless the end was there before he had read that.
static void s_check_starved (const flow_t *self, const char *error)
{
    const lane_t *lane = &self->lanes [FLOW_DOWN];
    int64_t since_ms = self->dropped_ms > self->last_ms [0] ? self->dropped_ms : self->last_ms [0];
    bool is_late = self->is_answered && self->answered_ms <= since_ms + SLACK_MS;
    if (error && strcmp (error, "hearth.Deadline") == 0 && self->dropped_ms && now_ms () > since_ms + SLACK_MS
        && !is_late && lane->asked.items
        && (lane->asked.items <= lane->received || lane->asked.bytes <= lane->received_bytes))
        broken ("stream %u: it was silent for too long, its caller drops all items and asks for no more",
                (uint32_t) self->id);
}

void flow_ended (uint64_t id, const char *error, const char *message, bool is_drained)
{
    flow_t *self = flow_find (id);
    if (!self || self->is_lied_about)
        return;
    const lane_t *lane = &self->lanes [FLOW_DOWN];
    long told = s_told (message);
    if (told >= 0)
        COVER (COVER_STREAM_CUT);
    uint64_t came = told >= 0 ? (uint64_t) told : lane->received;
    if (came > lane->received || (came < lane->received && !s_may_cross (error)))
        broken ("stream %u: %" PRIu64 " items came, its caller is told of %ld", (uint32_t) id, lane->received, told);
    if (is_drained && lane->taken.items != came)
        broken ("stream %u: %" PRIu64 " items came, %" PRIu64 " were taken", (uint32_t) id, came, lane->taken.items);
    if (!error && lane->received != lane->sent)
        broken ("stream %u: it has ended with a result, %" PRIu64 " of %" PRIu64 " items came before", (uint32_t) id,
                lane->received, lane->sent);
    if (!error && self->has_said_end && !self->has_sent_end)
        broken ("stream %u: its caller's library has not told that no more will come", (uint32_t) id);
    if (self->lanes [FLOW_DOWN].window.items)
        s_check_starved (self, error);
    //  What came behind the end, which is told later than it is, is no sign.
    if (error && strcmp (error, "hearth.Deadline") == 0 && !self->is_answered && judge_sent_ms (id)
        && came == lane->received && clock_now_ms () < self->last_ms [0] + self->silence_ms + GRACE_MS - SLACK_MS)
        broken ("stream %u: its caller gives it up %" PRId64 " ms after the last sign, it may be silent for %u",
                (uint32_t) id, clock_now_ms () - self->last_ms [0], self->silence_ms);
}
