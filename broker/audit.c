/*  audit.c - the invariants of the core's state, as code

    Each call is in one state and in the list that its state names; slots, counts and bytes are what a walk finds; the
    heaps are heaps; who waits could not be served. Reads everything and changes nothing.
*/

#include "audit.h"

#include "state.h"

#define CLAIM(condition, text)                                                                                       \
    do {                                                                                                             \
        if (!(condition))                                                                                            \
            return text;                                                                                             \
    } while (0)

//  What the walk has found so far.
typedef struct {
    size_t listed;    //  calls in lists
    size_t slots;     //  calls in slots
    size_t callers;   //  calls that have a caller and a token
    size_t unheard;   //  calls in lists of unheard ones
    size_t declined;  //  calls that have a caller who declined the answer
    size_t live;      //  sessions
    size_t slot_bytes;
    size_t waiting_bytes;
    size_t owned;      //  services with an owner
    size_t instances;  //  in services
    size_t names;      //  instances in sessions
} tally_t;

//  ---- calls ----

static const char *s_call (const call_t *call, tally_t *tally)
{
    bool waits = call->state != CALL_DISPATCHED;
    bool is_declined = call->flags & WIRE_NOACK;
    CLAIM (list_is_linked (&call->link), "a call is in no list");
    CLAIM (waits == (call->bytes != NULL), "a call has a copy of its frame if and only if it waits");
    CLAIM (waits || call->callee, "a dispatched call has a callee");
    CLAIM (waits || call->instance, "a dispatched call has an instance");
    CLAIM (waits || !call->caller || !(call->flags & WIRE_ONEWAY), "a one-way call has left its caller");
    CLAIM (timer_is_running (&call->timer) == (waits || call->caller), "a timer runs while somebody waits");
    CLAIM (call->caller || !waits || is_declined, "a call that waits has a caller, or one who declined");
    CLAIM (call->flags & WIRE_STREAM || list_is_linked (&call->unheard) == (is_declined && call->caller),
           "an unheard call is its caller's");
    if (call->caller && !is_declined) {
        CLAIM (session_find_call (call->caller, call->caller_token) == call, "a call is in its caller's slot");
        tally->callers++;
    }
    tally->declined += is_declined && call->caller;
    tally->waiting_bytes += waits ? sizeof *call + call->size : 0;
    return NULL;
}

static const char *s_calls (const core_t *self, tally_t *tally)
{
    size_t count = 0;
    for (size_t at = 0; at < pending_room (&self->pending); at++) {
        const call_t *call = pending_at (&self->pending, at);
        const char *problem = call ? s_call (call, tally) : NULL;
        if (problem)
            return problem;
        count += call != NULL;
    }
    CLAIM (count == self->pending.count, "the count of calls");
    CLAIM (count == tally->listed, "each call is in exactly one list of an owner");
    CLAIM (tally->callers == tally->slots, "each slot has its call");
    CLAIM (tally->declined == tally->unheard, "each declined call is in its caller's list");
    CLAIM (tally->waiting_bytes == self->waiting_bytes, "the bytes of waiting calls");
    return NULL;
}

//  ---- sessions ----

static const char *s_slots (const session_t *session, tally_t *tally)
{
    uint32_t in_flight = 0, parked = 0;
    for (uint32_t slot = 0; slot < session->slot_room; slot++) {
        const call_t *call = session->slots [slot];
        if (!call)
            continue;
        CLAIM (call->caller == session && call->caller_token.slot == slot, "a slot holds a call of its own");
        in_flight++;
        parked += call->state == CALL_PARKED;
    }
    for (const list_t *link = session->unheard.next; link != &session->unheard; link = link->next) {
        const call_t *call = CONTAINER_OF (link, call_t, unheard);
        CLAIM (call->caller == session && call->state != CALL_DISPATCHED, "an unheard call waits");
        tally->unheard++;
        parked += call->state == CALL_PARKED;
    }
    CLAIM (in_flight == session->in_flight, "the count of calls in flight");
    CLAIM (parked == session->parked, "the count of a session's parked calls");
    tally->slots += in_flight;
    tally->slot_bytes += session->slot_room * sizeof *session->slots;
    return NULL;
}

static const char *s_dispatched (const session_t *session, tally_t *tally)
{
    uint32_t count = 0;
    uint64_t bytes = 0;
    for (const list_t *link = session->dispatched.next; link != &session->dispatched; link = link->next) {
        const call_t *call = CONTAINER_OF (link, call_t, link);
        CLAIM (call->state == CALL_DISPATCHED && call->callee == session, "a dispatched call is its callee's");
        count++;
        bytes += call->size;
    }
    CLAIM (count == session->dispatched_count, "the count of calls dispatched to a session");
    CLAIM (bytes == session->dispatched_bytes, "the bytes of calls dispatched to a session");
    tally->listed += count;
    return NULL;
}

static void s_add_credit (const credit_t *credit, credit_t *sum)
{
    sum->bytes += credit->bytes > 0 ? credit->bytes : 0;
    sum->items += credit->items;
}

//  What a session has granted and not received: down to it as a caller, up to it as a service.
static const char *s_granted (const core_t *self, const session_t *session)
{
    credit_t sum = { 0 };
    for (uint32_t slot = 0; slot < session->slot_room; slot++)
        if (session->slots [slot] && session->slots [slot]->flags & WIRE_STREAM)
            s_add_credit (&session->slots [slot]->down, &sum);
    for (const list_t *link = session->dispatched.next; link != &session->dispatched; link = link->next) {
        const call_t *call = CONTAINER_OF (link, call_t, link);
        if (call->caller && call->flags & WIRE_STREAM)
            s_add_credit (&call->up, &sum);
    }
    CLAIM (sum.items == session->granted, "the items that a session has granted");
    CLAIM ((uint64_t) sum.bytes == session->granted_bytes, "the bytes that a session has granted");
    CLAIM (session->granted <= core_limit (self, LIMIT_GRANTED), "a session grants no more items than it may");
    CLAIM (session->granted_bytes <= core_limit (self, LIMIT_GRANTED_BYTES), "a session grants no more than it may");
    return NULL;
}

static const char *s_limits (const core_t *self, const session_t *session)
{
    CLAIM (session->slot_room < 2 * core_limit (self, LIMIT_CALLS) + 32, "slots lie within the limit");
    CLAIM (session->parked <= core_limit (self, LIMIT_PARKED), "a session parks no more calls than it may");
    CLAIM (session->names <= core_limit (self, LIMIT_NAMES), "a session has no more names than it may");
    CLAIM (session->dispatched_count <= core_limit (self, LIMIT_DISPATCHED), "no more is dispatched than may be");
    CLAIM (session->dispatched_count <= 1 || session->dispatched_bytes <= core_limit (self, LIMIT_DISPATCHED_BYTES),
           "no more bytes are dispatched than may be");
    return NULL;
}

static const char *s_session (const session_t *session, tally_t *tally)
{
    const char *problem = s_slots (session, tally);
    if (!problem)
        problem = s_dispatched (session, tally);
    if (problem)
        return problem;
    CLAIM (session->state != SESSION_ENDING, "a session that ends has ended when the turn is over");
    CLAIM ((session->state == SESSION_LIVE) == (session->number != 0), "a live session has a number");
    for (const list_t *link = session->held.next; link != &session->held; link = link->next) {
        CLAIM (session->suspect, "registrations are held for suspects only");
        CLAIM (CONTAINER_OF (link, call_t, link)->state == CALL_HELD, "a held call is held");
        tally->listed++;
    }
    uint32_t names = 0;
    for (const list_t *link = session->instances.next; link != &session->instances; link = link->next) {
        CLAIM (CONTAINER_OF (link, instance_t, in_session)->session == session, "a session's instance is its own");
        names++;
    }
    CLAIM (names == session->names, "the count of a session's names");
    tally->names += names;
    tally->live += session->state == SESSION_LIVE;
    return NULL;
}

//  ---- names ----

static const char *s_instance (const instance_t *instance, const service_t *service)
{
    uint32_t outstanding = 0;
    const list_t *dispatched = &instance->session->dispatched;
    for (const list_t *link = dispatched->next; link != dispatched; link = link->next)
        outstanding += CONTAINER_OF (link, call_t, link)->instance == instance;
    bool is_stalled = list_is_linked (&instance->in_stalled);
    bool is_ready = instance->heap_at != INSTANCE_NOT_READY;
    CLAIM (instance->service == service, "a service's instance is its own");
    CLAIM (outstanding == instance->outstanding, "the count of an instance's outstanding calls");
    CLAIM (is_ready == (!is_stalled && outstanding < instance->capacity), "an instance with room is ready");
    CLAIM (!is_ready || service->ready [instance->heap_at] == instance, "an instance knows its place in the heap");
    return NULL;
}

static const char *s_heap (const service_t *service)
{
    for (size_t at = 1; at < service->ready_count; at++) {
        const instance_t *parent = service->ready [(at - 1) / 2], *child = service->ready [at];
        CLAIM (parent->outstanding < child->outstanding
                   || (parent->outstanding == child->outstanding && parent->turn <= child->turn),
               "a heap is in order");
    }
    return NULL;
}

//  A call in a queue could not be given to anybody.
static const char *s_queued (const call_t *call, const service_t *service)
{
    wire_frame_t wire;
    CLAIM (call->state == CALL_QUEUED && call->service == service, "a queued call is its service's");
    CLAIM (wire_read (&wire, call->bytes, call->size) == WIRE_OK, "the copy of a frame is a frame");
    for (size_t at = 0; at < service->ready_count; at++)
        CLAIM (!instance_method (service->ready [at], wire.method), "a call waits while an instance has room");
    return NULL;
}

static const char *s_waiting (const service_t *service, tally_t *tally)
{
    uint32_t queued = 0, parked = 0;
    uint64_t bytes = 0;
    for (const list_t *link = service->queue.next; link != &service->queue; link = link->next, queued++) {
        const call_t *call = CONTAINER_OF (link, call_t, link);
        const char *problem = s_queued (call, service);
        if (problem)
            return problem;
        bytes += call->size;
    }
    for (const list_t *link = service->parked.next; link != &service->parked; link = link->next, parked++) {
        const call_t *call = CONTAINER_OF (link, call_t, link);
        CLAIM (call->state == CALL_PARKED && call->service == service, "a parked call is its service's");
    }
    CLAIM (queued == service->queued && bytes == service->queued_bytes, "the count and bytes of a queue");
    CLAIM (parked == service->parked_count, "the count of calls that wait for a name");
    CLAIM (!service->instance_count || !parked, "nobody waits for a name that is there");
    CLAIM (service->instance_count || !queued, "nobody queues for a name that is not there");
    CLAIM (service->instance_count || parked || !service->is_named, "a name is owned or waited for");
    tally->listed += queued + parked;
    return NULL;
}

static const char *s_service (const service_t *service, tally_t *tally)
{
    uint32_t count = 0;
    for (const list_t *link = service->instances.next; link != &service->instances; link = link->next, count++) {
        const char *problem = s_instance (CONTAINER_OF (link, instance_t, in_service), service);
        if (problem)
            return problem;
    }
    CLAIM (count == service->instance_count, "the count of a name's instances");
    CLAIM (count <= 1 || service->mode == MODE_SHARED, "a name that is not shared has one owner");
    CLAIM (count >= service->ready_count, "as many are ready as there are");
    CLAIM (count > 1 || !service->mixed, "one instance declares what it declares");
    tally->instances += count;
    tally->owned += count > 0;
    const char *problem = s_heap (service);
    return problem ? problem : s_waiting (service, tally);
}

static const char *s_named (const core_t *self, const service_t *service, tally_t *tally)
{
    CLAIM (service->queued <= core_limit (self, LIMIT_QUEUE), "a queue is no longer than it may be");
    CLAIM (service->queued_bytes <= core_limit (self, LIMIT_QUEUE_BYTES), "a queue holds no more than it may");
    return s_service (service, tally);
}

//  ---- topics ----

static const char *s_topics (const topics_t *topics)
{
    size_t bytes = 0;
    for (size_t at = 0; at < index_count (&topics->names); at++) {
        const topic_t *topic = CONTAINER_OF (index_at (&topics->names, at), topic_t, keyed);
        size_t held = 0;
        CLAIM (topic->count <= topic->room && topic->count <= topics->history, "a topic keeps no more than it may");
        CLAIM (list_is_linked (&topic->by_memory) == (topic->room > 0), "a topic with a history can be shrunk");
        for (size_t note = 0; note < topic->count; note++)
            held += blob_size (topic->notes [(topic->start + note) % topic->room]);
        CLAIM (held == topic->bytes && held <= topics->history_bytes, "the bytes of a topic");
        bytes += held + topic->room * sizeof *topic->notes + (topic->retained ? blob_size (topic->retained) : 0);
    }
    CLAIM (bytes == topics->bytes, "the bytes of all topics");
    return NULL;
}

const char *core_audit (const core_t *self)
{
    tally_t tally = { 0 };
    const char *problem = NULL;
    for (const list_t *link = self->peers.all.next; link != &self->peers.all && !problem; link = link->next) {
        const session_t *session = CONTAINER_OF (link, session_t, all);
        problem = s_limits (self, session);
        if (!problem)
            problem = s_granted (self, session);
        if (!problem)
            problem = s_session (session, &tally);
        if (!problem && session->own)
            problem = s_service (session->own, &tally);
    }
    for (size_t at = 0; at < index_count (&self->registry.names) && !problem; at++)
        problem = s_named (self, CONTAINER_OF (index_at (&self->registry.names, at), service_t, keyed), &tally);
    if (!problem)
        problem = s_calls (self, &tally);
    if (!problem)
        problem = s_topics (&self->topics);
    if (problem)
        return problem;
    CLAIM (list_is_empty (&self->doomed), "nobody is doomed when the turn is over");
    CLAIM (tally.live == self->peers.count, "the count of live sessions");
    CLAIM (tally.live == self->peers.by_number.count && tally.live == self->peers.by_instance.count,
           "live sessions are found by number and by instance");
    CLAIM (tally.slot_bytes == self->peers.bytes, "the bytes of slots");
    CLAIM (tally.instances == tally.names, "what sessions registered is what services have");
    CLAIM (tally.owned == self->registry.registered, "the count of names with an owner");
    CLAIM (index_count (&self->registry.names) || tally.instances || !self->registry.bytes, "no names, no bytes");
    return NULL;
}
