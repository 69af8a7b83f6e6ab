/*  raw.c - a raw peer's connection: hello, what comes in, and what that means for its calls */
#include "raw.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "flows.h"
#include "hub.h"
#include "judge.h"
#include "log.h"

#define LATE_MS 60000  //  behind a deadline: delays, cuts and pauses of the network are all shorter

//  ---- out ----

void raw_send_bytes (peer_t *self, const void *data, size_t size)
{
    packet_t *packet = packet_new (data, size);
    if (!self->link || !link_send (self->link, packet))
        packet_free (packet);
}

void raw_send (peer_t *self, const wire_frame_t *frame, const void *body, size_t size)
{
    uint8_t bytes [WIRE_HEADER_MAX + RAW_ARGUMENTS_MOST];
    size_t head = wire_write_header (frame, bytes, WIRE_HEADER_MAX);
    if (!head || size > RAW_ARGUMENTS_MOST)
        abort ();
    memcpy (bytes + head, body, size);
    raw_send_bytes (self, bytes, head + size);
}

void raw_hello (peer_t *self, uint64_t sessions)
{
    raw_t *raw = raw_of (self);
    wire_frame_t hello = { .kind = WIRE_HELLO,
                           .version = WIRE_VERSION,
                           .library = SPAN ("simulated/1"),
                           .instance = { (const char *) raw->instance, sizeof raw->instance },
                           .sessions = sessions };
    raw_send (self, &hello, "\xc0", 1);
}

int raw_free_slot (const raw_t *self)
{
    int most = self->calls < RAW_SLOTS ? (int) self->calls : RAW_SLOTS;
    for (int slot = 0; slot < most; slot++)
        if (self->slots [slot].kind == ASKED_NOTHING)
            return slot;
    return -1;
}

size_t raw_write_arguments (uint8_t *out, uint64_t id, size_t payload)
{
    out [0] = payload ? 0x92 : 0x91;
    out [1] = 0xcf;
    for (unsigned at = 0; at < 8; at++)
        out [2 + at] = (uint8_t) (id >> (56 - 8 * at));
    if (!payload)
        return 10;
    size_t at = 10;
    out [at++] = payload < 256 ? 0xc4 : 0xc5;
    if (payload >= 256)
        out [at++] = (uint8_t) (payload >> 8);
    out [at++] = (uint8_t) payload;
    memset (out + at, 'x', payload);
    return at + payload;
}

const char *raw_unique_name (const peer_t *self)
{
    return self->kind == &raw_kind && self->state ? raw_of (self)->unique : "";
}

//  ---- its connection ----

static void s_forget (peer_t *self)
{
    raw_t *raw = raw_of (self);
    for (unsigned slot = 0; slot < RAW_SLOTS; slot++) {
        if (raw->slots [slot].id)
            judge_forgotten (raw->slots [slot].id);
        raw->slots [slot] = (raw_slot_t){ 0 };
    }
    raw->inbox_count = 0;
    raw->is_greeted = raw->is_said = false;
    raw->registered = 0;
    raw->unique [0] = 0;
}

static void s_new_instance (peer_t *self)
{
    raw_t *raw = raw_of (self);
    uint64_t id [2] = { dice_mix (plan.seed, self->index), ++raw->instances };
    memcpy (raw->instance, id, sizeof id);
    raw->sessions = 0;
}

static void s_start (peer_t *self)
{
    if (!self->state) {
        raw_t *raw = calloc (1, sizeof *raw);
        if (!raw)
            abort ();
        self->state = raw;
        raw->mutes = plan_has (FAULT_SLOW) && dice_chance (&self->dice, 20) ? dice_roll (&self->dice, 100) : 0;
        raw->haste = dice_roll (&self->dice, 100);
    }
    s_new_instance (self);
    alarm_set (&self->alarm, peer_pace (self));
}

static void s_act (peer_t *self)
{
    raw_t *raw = raw_of (self);
    if (!self->link)
        self->link = link_open (self);
    else if (self->is_lying)
        liar_act (self);
    else if (raw->is_greeted)
        raw_act (self);
    if (!self->is_resting || !raw->is_greeted || raw->inbox_count)
        alarm_set (&self->alarm, peer_pace (self) + self->is_resting);
}

//  ---- in ----

static void s_on_welcome (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    raw->is_greeted = true;
    raw->epoch = frame->epoch;
    raw->number = frame->block.session;
    raw->calls = plan.limits.value [LIMIT_CALLS];
    size_t size = frame->name.size < sizeof raw->unique ? frame->name.size : 0;
    memcpy (raw->unique, frame->name.data, size);
    raw->unique [size] = 0;
}

//  What the reply says; 0 and 9 bytes: a result that is a call's id.
static outcome_t s_outcome (const wire_frame_t *frame)
{
    outcome_t outcome = { .code = frame->code, .mark = frame->mark };
    span_t name, message, details;
    if (frame->code && wire_read_error (frame->body, frame->body_size, &name, &message, &details)) {
        outcome.name = name.data;
        outcome.name_size = name.size;
    } else if (frame->code) {
        outcome.name = "?";
        outcome.name_size = 1;
    }
    for (size_t at = 1; frame->body_size == 9 && frame->body [0] == 0xcf && at < 9; at++)
        outcome.value = outcome.value << 8 | frame->body [at];
    return outcome;
}

static void s_on_reply (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    uint32_t slot = frame->block.token.slot;
    if (slot >= RAW_SLOTS || raw->slots [slot].kind == ASKED_NOTHING
        || raw->slots [slot].generation != frame->block.token.generation) {
        if (!self->is_lying)
            broken ("peer %u is answered in slot %u, where it asks nothing", self->index, slot);
        return;
    }
    raw_slot_t asked = raw->slots [slot];
    raw->slots [slot] = (raw_slot_t){ 0 };
    outcome_t outcome = s_outcome (frame);
    if (asked.flow.is_stream)
        flow_ended (asked.id, outcome.name ? "" : NULL, NULL, true);
    if (asked.id)
        judge_ended (asked.id, &outcome);
    if (asked.kind == ASKED_CALL && now_ms () > asked.end_ms)
        COVER (COVER_LATE_ANSWER);
}

static void s_on_request (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    if (raw->inbox_count == RAW_INBOX)
        return;  //  never answered
    raw->inbox [raw->inbox_count++] = (raw_request_t){ frame->block.token,
                                                       judge_read_id (frame->body, frame->body_size),
                                                       frame->block.flags,
                                                       now_ms () + frame->block.remaining_ms,
                                                       false,
                                                       { 0 } };
    raw_stream_request (&raw->inbox [raw->inbox_count - 1], frame);
    if (dice_chance (&self->dice, raw->mutes))
        raw->inbox_count--;
    else if (self->is_resting
             || dice_chance (&self->dice, frame->block.flags & WIRE_STREAM ? raw->haste / 4 : raw->haste))
        raw_answer (self, raw->inbox_count - 1);
}

static void s_on_cancel (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    for (unsigned at = 0; at < raw->inbox_count; at++)
        if (raw->inbox [at].token.slot == frame->block.token.slot
            && raw->inbox [at].token.generation == frame->block.token.generation)
            raw->inbox [at].is_cancelled = true;
}

static void s_on_frame (peer_t *self, const packet_t *packet)
{
    wire_frame_t frame;
    if (wire_read (&frame, packet->data, packet->size) != WIRE_OK) {
        broken ("peer %u receives what is no frame", self->index);
        return;
    }
    flow_lib_received (self->link, &frame, packet->size);
    if (frame.kind == WIRE_WELCOME)
        s_on_welcome (self, &frame);
    else if (frame.kind == WIRE_REPLY)
        s_on_reply (self, &frame);
    else if (frame.kind == WIRE_REQUEST && self->is_lying)
        liar_request (self, &frame);
    else if (frame.kind == WIRE_REQUEST)
        s_on_request (self, &frame);
    else if (frame.kind == WIRE_CANCEL)
        s_on_cancel (self, &frame);
    else if ((frame.kind == WIRE_ITEM || frame.kind == WIRE_CREDIT) && !self->is_lying)
        raw_stream_come (self, &frame);
}

static void s_news (peer_t *self)
{
    raw_t *raw = raw_of (self);
    packet_t *packet;
    if (!self->link)
        return;
    if (link_is_writable (self->link) && !raw->is_said) {
        raw->is_said = true;
        bool is_stale = plan_has (FAULT_GHOST) && raw->sessions && dice_chance (&self->dice, 5);
        raw->sessions += !is_stale;
        if (!self->is_lying || dice_chance (&self->dice, 80))
            raw_hello (self, raw->sessions);
    }
    while ((packet = link_receive (self->link))) {
        s_on_frame (self, packet);
        packet_free (packet);
    }
    if (!link_take_loss (self->link))
        return;
    s_forget (self);
    link_close (&self->link, false);
    alarm_set (&self->alarm, peer_pace (self));
}

//  ---- its end ----

static void s_kill (peer_t *self)
{
    s_forget (self);
}

static void s_leave (peer_t *self)
{
    if (!self->link)
        return;
    wire_frame_t frame = { .kind = WIRE_GOODBYE };
    raw_send (self, &frame, "\xc0", 1);
    s_forget (self);
    link_close (&self->link, true);
    alarm_set (&self->alarm, peer_pace (self));
}

static void s_rest (peer_t *self)
{
    alarm_set (&self->alarm, now_ms ());
}

static bool s_is_resting (const peer_t *self)
{
    const raw_t *raw = raw_of (self);
    for (unsigned slot = 0; slot < RAW_SLOTS; slot++)
        if (raw->slots [slot].kind != ASKED_NOTHING)
            return self->is_lying;
    return raw->is_greeted && !raw->inbox_count;
}

static void s_check (peer_t *self)
{
    if (!s_is_resting (self) && !self->is_lying)
        broken ("peer %u has not come to rest", self->index);
}

static void s_destroy (peer_t *self)
{
    free (self->state);
    self->state = NULL;
}

const peer_kind_t raw_kind = { s_start, s_act, s_news, s_kill, s_leave, s_rest, s_is_resting, s_check, s_destroy };
