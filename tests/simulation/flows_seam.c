/*  flows_seam.c - streams at the core's seam: what is passed on was granted, is what comes next, and is told with the right word */
#include "flow_record.h"

#include <inttypes.h>

#include "judge.h"
#include "log.h"

void flow_arrived (uint64_t id, const wire_frame_t *request)
{
    flow_t *self = flow_find (id);
    uint64_t items = 0, bytes = 0;
    if (!self)
        return;
    self->silence_ms = request->block.remaining_ms;
    if (wire_option_credit (request->options, &items, &bytes))
        amount_add (&self->lanes [FLOW_DOWN].granted, items, bytes);
}

void flow_dispatched (uint64_t id, const link_t *link, const wire_frame_t *request)
{
    flow_t *self = flow_find (id);
    uint64_t items = 0, bytes = 0;
    if (!self)
        return;
    self->is_dispatched = true;
    self->is_lied_about |= link->is_lying;
    self->callee = link->seam.number;
    flow_bind (self, &self->service, link, request->block.token);
    if (wire_option_credit (request->options, &items, &bytes))
        amount_add (&self->lanes [FLOW_DOWN].told, items, bytes);
}

//  Of an honest sender: he has been told that he may.
static void s_came (flow_t *self, const link_t *link, way_t way, size_t size)
{
    lane_t *lane = &self->lanes [way];
    if (!link->is_lying && (lane->came.items >= lane->told.items || lane->came.bytes >= lane->told.bytes))
        broken ("peer %u sends item %" PRIu64 " of stream %u without credit", link->index, lane->came.items,
                (uint32_t) self->id);
    amount_add (&lane->came, 1, size);
}

void flow_in (const link_t *link, const wire_frame_t *frame, size_t size)
{
    bool is_caller = frame->block.flags & WIRE_UP;
    flow_t *self = flow_by_token (link, frame->block.token, !is_caller);
    if (!self || self->is_answered || (!is_caller && !self->is_dispatched))
        return;
    if (self->is_dispatched)
        judge_may_last (self->id, now_ms () + self->silence_ms);
    if (frame->kind == WIRE_CREDIT) {
        if (is_caller || !self->has_ended_up)
            amount_add (&self->lanes [is_caller ? FLOW_DOWN : FLOW_UP].granted, frame->items, frame->bytes);
        return;
    }
    if (frame->block.flags & WIRE_END)
        self->has_end_come = true;
    else
        s_came (self, link, is_caller ? FLOW_UP : FLOW_DOWN, size);
}

static void s_passed (flow_t *self, const link_t *link, way_t way, const wire_frame_t *frame, size_t size)
{
    lane_t *lane = &self->lanes [way];
    if (lane->passed.items >= lane->granted.items || lane->passed.bytes >= lane->granted.bytes)
        broken ("peer %u is given item %" PRIu64 " of stream %u, which it has not asked for", link->index,
                lane->passed.items, (uint32_t) self->id);
    size_t head = frame->body [0] == 0xc4 ? 2 : 3;
    bool is_bin = frame->body_size > head && (frame->body [0] == 0xc4 || frame->body [0] == 0xc5);
    if (!self->is_lied_about
        && (!is_bin || !flow_is_item (self, frame->body + head, frame->body_size - head, lane->passed.items)))
        broken ("peer %u is given an item of stream %u that is not number %" PRIu64, link->index, (uint32_t) self->id,
                lane->passed.items);
    amount_add (&lane->passed, 1, size);
}

static void s_ended_up (flow_t *self, const link_t *link)
{
    if (self->has_ended_up)
        broken ("peer %u is told twice that stream %u brings nothing more", link->index, (uint32_t) self->id);
    self->has_ended_up = true;
}

static void s_told_credit (flow_t *self, const link_t *link, way_t way, const wire_frame_t *frame)
{
    lane_t *lane = &self->lanes [way];
    amount_add (&lane->told, frame->items, frame->bytes);
    if (lane->told.items > lane->granted.items || lane->told.bytes > lane->granted.bytes)
        broken ("peer %u is told of credit for stream %u that nobody has granted", link->index, (uint32_t) self->id);
}

static void s_check_block (const flow_t *self, const link_t *link, const wire_frame_t *frame, bool is_service)
{
    if (self->is_answered)
        broken ("peer %u is sent something of stream %u, which has ended", link->index, (uint32_t) self->id);
    if (frame->block.remaining_ms != self->silence_ms)
        broken ("peer %u: stream %u may be silent for %u ms, not for %u", link->index, (uint32_t) self->id,
                self->silence_ms, frame->block.remaining_ms);
    if (!is_service && frame->block.session != self->callee)
        broken ("peer %u is told of stream %u by session %" PRIu64 ", which has not got it", link->index,
                (uint32_t) self->id, frame->block.session);
}

void flow_out (const link_t *link, const wire_frame_t *frame, size_t size)
{
    bool is_service = frame->block.flags & WIRE_UP || frame->kind == WIRE_CANCEL;
    flow_t *self = flow_by_token (link, frame->block.token, is_service);
    if (self && frame->kind == WIRE_CANCEL)
        self->is_cancelled = true;
    else if (self)
        judge_lasts (self->id, now_ms () + self->silence_ms);
    if (frame->kind == WIRE_CANCEL || link->is_lying)
        return;
    if (!self && (!is_service || !seam_is_given (link, frame->block.token)))
        broken ("peer %u is sent something of what is no stream of its own", link->index);
    if (!self)
        return;  //  a liar's
    s_check_block (self, link, frame, is_service);
    if (frame->kind == WIRE_CREDIT)
        s_told_credit (self, link, is_service ? FLOW_DOWN : FLOW_UP, frame);
    else if (self->has_ended_up && is_service)
        broken ("peer %u is sent an item of stream %u behind the last", link->index, (uint32_t) self->id);
    else if (frame->block.flags & WIRE_END)
        s_ended_up (self, link);
    else
        s_passed (self, link, is_service ? FLOW_UP : FLOW_DOWN, frame, size);
}

static bool s_is_reached (uint64_t id)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next)
        if (link->id == id)
            return !link->is_deaf;
    return false;
}

//  What a service sent before its answer has gone before it, and it was told of all credit.
void flow_answered (uint64_t id, uint64_t session)
{
    flow_t *self = flow_find (id);
    if (!self)
        return;
    self->is_answered = true;
    self->answered_ms = now_ms ();
    const lane_t *lane = &self->lanes [FLOW_DOWN];
    if (!session || self->is_lied_about)
        return;
    if (lane->passed.items != lane->came.items)
        broken ("stream %u: %" PRIu64 " of %" PRIu64 " items were passed on before the answer", (uint32_t) id,
                lane->passed.items, lane->came.items);
    if (self->has_end_come && !self->has_ended_up && s_is_reached (self->service.link))
        broken ("stream %u: its service was not told that its caller sends nothing more", (uint32_t) id);
    if ((lane->told.items != lane->granted.items || lane->told.bytes != lane->granted.bytes)
        && s_is_reached (self->service.link))
        broken ("stream %u: of %" PRIu64 " items that were granted its service was told of %" PRIu64, (uint32_t) id,
                lane->granted.items, lane->told.items);
}
