/*  seam.c - the core's frames, held against what it was told */
#include "seam.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "flows.h"
#include "hub.h"
#include "judge.h"
#include "log.h"
#include "network.h"
#include "program.h"
#include "status.h"
#include "wire.h"

#define CLAIMS_MOST 64

//  What was said within a call into the core, and can only be judged at its end: sessions end meanwhile.
typedef struct {
    status_t status;
    int name;
    uint64_t callee;
    uint64_t at;
} claim_t;

static struct {
    uint64_t last_number;  //  of a session
    uint64_t answers;
    claim_t claims [CLAIMS_MOST];
    unsigned claim_count;
} seam;

void seam_begin (void)
{
    seam.answers = 1;
    seam.claim_count = 0;
    seam.last_number = 0;
}

void seam_epoch (void)
{
    seam.last_number = 0;
}

//  ---- in ----

//  The name in the arguments of `register` and `unregister`: the first one, a short str.
static int s_named (const wire_frame_t *frame)
{
    const uint8_t *body = frame->body;
    size_t size = frame->body_size < 2 ? 0 : body [1] & 0x1f;
    if (frame->body_size < 2 + size || (body [0] & 0xf0) != 0x90 || (body [1] & 0xe0) != 0xa0)
        return -1;
    return size ? name_index ((const char *) body + 2, size) : SEAM_OWN;
}

static int s_target (const link_t *link, span_t name)
{
    (void) link;
    return name_index (name.data, name.size);
}

static void s_ask (link_t *link, const wire_frame_t *frame)
{
    seam_t *self = &link->seam;
    uint32_t slot = frame->block.token.slot;
    bool is_directory = frame->kind == WIRE_REQUEST && span_equals (frame->name, "hearth");
    uint64_t id = frame->kind == WIRE_REQUEST && !is_directory ? judge_read_id (frame->body, frame->body_size) : 0;
    int64_t deadline_ms = now_ms () + frame->block.remaining_ms;
    if (id)
        judge_arrived (id, deadline_ms);
    if (frame->block.flags & WIRE_STREAM)
        flow_arrived (id, frame);
    if (is_directory && span_equals (frame->method, "unregister") && s_named (frame) >= 0)
        self->owns [s_named (frame)] = 0;
    if (frame->block.flags & WIRE_NOACK || slot >= SEAM_SLOTS)
        return;
    ask_t *ask = &self->asks [slot];
    if (ask->is_open)
        broken ("peer %u, which is honest, uses slot %u twice", link->index, slot);
    *ask = (ask_t){ .is_open = true,
                    .kind = frame->kind == WIRE_PUBLISH ? ASK_PUBLISH
                            : is_directory              ? ASK_OTHER
                                                        : ASK_CALL,
                    .generation = frame->block.token.generation,
                    .flags = frame->block.flags,
                    .name = is_directory ? s_named (frame) : s_target (link, frame->name),
                    .id = id,
                    .deadline_ms = deadline_ms };
    if (is_directory && span_equals (frame->method, "register"))
        ask->kind = ASK_REGISTER;
}

//  A service answers each request once, and nothing else.
static void s_answered (link_t *link, wire_token_t token)
{
    seam_t *self = &link->seam;
    for (unsigned at = 0; at < self->given_count; at++)
        if (self->given [at].slot == token.slot && self->given [at].generation == token.generation) {
            self->given [at] = self->given [--self->given_count];
            return;
        }
    broken ("peer %u answers what it was not asked, or again: %u.%u", link->index, token.slot, token.generation);
}

static void s_give (link_t *link, wire_token_t token)
{
    seam_t *self = &link->seam;
    if (self->given_count == self->given_room) {
        self->given_room = self->given_room ? 2 * self->given_room : 16;
        self->given = realloc (self->given, self->given_room * sizeof *self->given);
        if (!self->given)
            abort ();
    }
    self->given [self->given_count++] = token;
    if (self->given_count == plan.limits.value [LIMIT_DISPATCHED])
        COVER (COVER_STALLED);
    if (self->given_count > plan.limits.value [LIMIT_DISPATCHED])
        broken ("peer %u is given more calls than may be dispatched to it", link->index);
}

void seam_in (link_t *link, const uint8_t *data, size_t size)
{
    wire_frame_t frame;
    seam_t *self = &link->seam;
    wire_result_t result = wire_read (&frame, data, size);
    cover_kind_in (result == WIRE_GARBAGE ? 0 : frame.kind, result != WIRE_OK, self->number != 0);
    if (result != WIRE_GARBAGE && (frame.kind == WIRE_REQUEST || frame.kind == WIRE_PUBLISH))
        self->asked++;
    if (result == WIRE_OK && frame.kind == WIRE_REQUEST && span_equals (frame.name, "hearth"))
        cover_method (frame.method.data, frame.method.size);
    if (result == WIRE_OK && self->number && (frame.kind == WIRE_ITEM || frame.kind == WIRE_CREDIT))
        flow_in (link, &frame, size);
    if (link->is_lying || result != WIRE_OK || !self->number)
        return;
    if (frame.kind == WIRE_REQUEST || frame.kind == WIRE_PUBLISH)
        s_ask (link, &frame);
    if (frame.kind == WIRE_REPLY)
        s_answered (link, frame.block.token);
}

//  ---- out ----

//  Somebody who has owned a name since before; or NULL. Whoever is not reached any more may have lost it unheard.
static const link_t *s_owner (int name, uint64_t before)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next)
        if (!link->is_deaf && link->seam.owns [name] && link->seam.owns [name] < before)
            return link;
    return NULL;
}

static void s_claim (status_t status, int name, uint64_t callee)
{
    if (seam.claim_count < CLAIMS_MOST)
        seam.claims [seam.claim_count++] = (claim_t){ status, name, callee, seam.answers };
}

static bool s_is_somebody_deaf (void)
{
    const link_t *link = network_links.next;
    while (link != &network_links && !link->is_deaf)
        link = link->next;
    return link != &network_links;
}

//  Whether all who own a name are under suspicion, and none of them is `asker`.
static bool s_is_in_doubt (int name, const link_t *asker)
{
    bool is_owned = false;
    for (const link_t *link = network_links.next; link != &network_links; link = link->next) {
        if (!link->seam.owns [name])
            continue;
        if (link == asker || !link->is_suspect)
            return false;
        is_owned = true;
    }
    return is_owned;
}

//  Liars own names, too, of which nothing is known; and whoever is not reached any more may not have been told that he does.
static void s_judge_taken (const link_t *asker, int name)
{
    if (plan_has (FAULT_LIE) || s_is_somebody_deaf ())
        return;
    if (!s_owner (name, UINT64_MAX))
        broken ("\"%s\" is said to be taken, and nobody owns it", name_texts [name]);
    if (s_is_in_doubt (name, asker))
        broken ("\"%s\" is said to be taken, and its owner may be dead", name_texts [name]);
}

static void s_judge_status (const link_t *link, const ask_t *ask, int status)
{
    if (status == STATUS_NO_SUCH_SERVICE && ask->kind == ASK_CALL && ask->name >= 0)
        s_claim (STATUS_NO_SUCH_SERVICE, ask->name, 0);
    if (status == STATUS_NAME_TAKEN && ask->kind == ASK_REGISTER && ask->name >= 0 && ask->name < NAMES_MOST)
        s_judge_taken (link, ask->name);
}

static void s_own (seam_t *self, int name)
{
    self->owns [name] = seam.answers;
    self->replaced [name] = false;
}

static void s_answer (link_t *link, const wire_frame_t *frame, int status, const outcome_t *outcome)
{
    seam_t *self = &link->seam;
    wire_token_t token = frame->block.token;
    if (token.slot >= SEAM_SLOTS)
        return;
    ask_t *ask = &self->asks [token.slot];
    if (!ask->is_open || ask->generation != token.generation) {
        broken ("peer %u is answered what it does not ask: %u.%u", link->index, token.slot, token.generation);
        return;
    }
    ask->is_open = false;
    if (ask->kind == ASK_REGISTER && frame->code == HEARTH_OK && ask->name >= 0)
        s_own (self, ask->name);
    flow_answered (ask->id, frame->block.session);
    if (ask->id)
        judge_answered (ask->id, frame->block.session, outcome);
    else if (frame->block.session != 0 && ask->kind != ASK_CALL)
        broken ("peer %u is answered by another one than the broker", link->index);
    if (frame->block.session == 0 && status >= 0)
        s_judge_status (link, ask, status);
}

static void s_reply (link_t *link, const wire_frame_t *frame)
{
    span_t name = { NULL, 0 }, message, details;
    int status = -1;
    if (frame->code && wire_read_error (frame->body, frame->body_size, &name, &message, &details))
        status = status_find (name.data, name.size);
    outcome_t outcome = { frame->code, frame->mark, name.data, name.size, 0, frame->block.flags & WIRE_IDEMPOTENT };
    if (status >= 0 && frame->block.session == 0)
        cover_status (status);
    if (++link->seam.answered > link->seam.asked)
        broken ("peer %u is answered more often than it has asked", link->index);
    if (frame->block.flags && (frame->block.flags != WIRE_IDEMPOTENT || status != STATUS_SERVICE_GONE))
        broken ("peer %u is answered with flags %x", link->index, frame->block.flags);
    if (!link->is_lying)
        s_answer (link, frame, status, &outcome);
}

static void s_request (link_t *link, const wire_frame_t *frame)
{
    seam_t *self = &link->seam;
    int name =
        frame->name.size && frame->name.data [0] == ':' ? SEAM_OWN : name_index (frame->name.data, frame->name.size);
    uint64_t id = judge_read_id (frame->body, frame->body_size);
    if (id)
        judge_dispatched (id, self->number, frame->block.remaining_ms, link->is_lying);
    if (frame->block.flags & WIRE_STREAM)
        flow_dispatched (id, link, frame);
    if (id && frame->block.flags & WIRE_ONEWAY)
        judge_oneway (id);
    if (link->is_lying)
        return;
    if (name >= 0 && !self->owns [name])
        broken ("peer %u is given a call to %.*s, which it does not own", link->index, (int) frame->name.size,
                frame->name.data);
    s_give (link, frame->block.token);
}

static void s_notice (link_t *link, const wire_frame_t *frame)
{
    COVER (COVER_NOTICE);
    const uint8_t *body = frame->body;  //  a map of two: "name", then a short str
    size_t size = frame->body_size > 6 ? body [6] & 0x1f : 0;
    int name = frame->body_size > 7 + size ? name_index ((const char *) body + 7, size) : -1;
    if (name < 0)
        return;
    link->seam.owns [name] = 0;
    link->seam.replaced [name] = true;
}

static void s_goodbye (link_t *link, const wire_frame_t *frame)
{
    span_t name, message, details;
    int status = wire_read_error (frame->body, frame->body_size, &name, &message, &details)
                     ? status_find (name.data, name.size)
                     : -1;
    if (status < 0)
        broken ("peer %u is told goodbye without a reason", link->index);
    else
        cover_status (status);
    link->seam.has_goodbye = status != STATUS_HELLO_FIRST;
}

static bool s_is_refusal (const wire_frame_t *frame)
{
    span_t name, message, details;
    return frame->kind == WIRE_REPLY && frame->mark == HEARTH_NOT_EXECUTED
           && wire_read_error (frame->body, frame->body_size, &name, &message, &details)
           && (span_equals (name, "hearth.Stopping") || span_equals (name, "hearth.Malformed"));
}

//  What crossed the goodbye of a broker that stops is still refused.
void seam_out (link_t *link, const uint8_t *data, size_t size)
{
    wire_frame_t frame;
    log_frame (link->index, false, data, size);
    if (wire_read (&frame, data, size) != WIRE_OK) {
        broken ("the core sends what is no frame");
        return;
    }
    if (frame.block.session == 0 && wire_check_body (&frame, 32) != WIRE_OK)
        broken ("the core sends a body of its own that is malformed");
    seam.answers++;
    cover_kind_out (frame.kind);
    if (link->seam.has_goodbye && !s_is_refusal (&frame))
        broken ("peer %u is sent something behind its goodbye", link->index);
    switch (frame.kind) {
    case WIRE_WELCOME:
        if (link->seam.number || frame.block.session <= seam.last_number)
            broken ("peer %u is welcomed as session %" PRIu64 ", which was there", link->index, frame.block.session);
        seam.last_number = frame.block.session;
        link->seam.number = frame.block.session;
        break;
    case WIRE_GOODBYE: s_goodbye (link, &frame); break;
    case WIRE_REPLY: s_reply (link, &frame); break;
    case WIRE_REQUEST: s_request (link, &frame); break;
    case WIRE_CANCEL:
        cover_reason (frame.reason);
        flow_out (link, &frame, size);
        break;
    case WIRE_ITEM:
    case WIRE_CREDIT: flow_out (link, &frame, size); break;
    case WIRE_PUBLISH: s_notice (link, &frame); break;
    default: broken ("the core sends a frame of kind %d", frame.kind);
    }
}

void seam_free (link_t *link)
{
    free (link->seam.given);
}

void seam_gone (link_t *link)
{
    link->seam.given_count = 0;
    memset (link->seam.owns, 0, sizeof link->seam.owns);
    for (unsigned slot = 0; slot < SEAM_SLOTS; slot++)
        link->seam.asks [slot].is_open = false;
}

static bool s_is_there (uint64_t number)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next)
        if (link->session && link->seam.number == number)
            return true;
    return false;
}

void seam_settle (void)
{
    for (unsigned at = 0; at < seam.claim_count; at++) {
        const claim_t *claim = &seam.claims [at];
        const link_t *owner = claim->status == STATUS_NO_SUCH_SERVICE ? s_owner (claim->name, claim->at) : NULL;
        if (owner)
            broken ("\"%s\" is said not to be there, and peer %u owns it", name_texts [claim->name], owner->index);
        if (claim->status == STATUS_SERVICE_GONE && s_is_there (claim->callee))
            broken ("session %" PRIu64 " is said to have gone, and is there", claim->callee);
    }
    seam.claim_count = 0;
}

void seam_said_gone (uint64_t callee)
{
    s_claim (STATUS_SERVICE_GONE, 0, callee);
}

bool seam_is_owned_since (int name, uint64_t answer)
{
    return s_owner (name, answer);
}

uint64_t seam_answers (void)
{
    return seam.answers;
}
