/*  account.c - records by topic, and a queue of those that have something to ask or to tell */

#include "account.h"

#include <stdlib.h>
#include <string.h>

#include "textmap.h"

#define SPARE_TOPICS 1024  //  records beyond twice the last full listing's that are kept before another one

typedef struct record record_t;
struct record {
    textmap_node_t node;
    record_t *next;        //  in the queue
    uint64_t first;        //  of this incarnation
    uint64_t done;         //  delivered or told lost up to here
    uint64_t seen;         //  known to have been published up to here: beyond done is a gap
    uint64_t claim_first;  //  the directory's word, until it is settled
    uint64_t claim_last;
    uint64_t gone;  //  missing of older incarnations, to be told lost
    uint64_t gone_to;
    uint32_t generation;  //  of the listing that it was in, or since when it came
    bool queued;
    bool retained;  //  the value of number `done` is to be fetched
    char topic [];
};

struct account {
    textmap_t topics;
    record_t *head;  //  of the queue
    record_t *tail;
    record_t *asked;  //  the queue's head, while its gap is asked for
    uint64_t asked_first;
    uint64_t asked_to;
    uint64_t epoch;
    uint64_t newest;   //  broker-wide, of what came
    uint64_t floor;    //  up to here notifications of unlisted topics are from before the account
    uint64_t listed;   //  number of the last full listing
    uint64_t since;    //  number of the last listing
    uint64_t listing;  //  number of the one under way
    size_t kept;       //  records after the last full listing
    uint32_t generation;
    bool is_open;
    bool is_full;       //  the listing under way is a full one
    bool has_progress;  //  the answer to what is asked for had something new
    bool has_claims;
};

account_t *account_new (void)
{
    return calloc (1, sizeof (account_t));
}

static void s_clear (account_t *self)
{
    for (textmap_node_t *node = textmap_first (&self->topics), *next; node; node = next) {
        next = textmap_next (&self->topics, node);
        free (node);
    }
    textmap_clear (&self->topics);
}

void account_destroy (account_t **self_p)
{
    if (!*self_p)
        return;
    s_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

void account_begin (account_t *self, uint64_t epoch, bool whole)
{
    s_clear (self);
    *self = (account_t){ .epoch = epoch, .is_open = whole };
}

uint64_t account_epoch (const account_t *self)
{
    return self->epoch;
}

bool account_is_open (const account_t *self)
{
    return self->is_open;
}

bool account_has_gaps (const account_t *self)
{
    return self->is_open && self->head;
}

//  ---- records ----

static record_t *s_find (const account_t *self, span_t topic)
{
    return (record_t *) textmap_find (&self->topics, topic);
}

static record_t *s_add (account_t *self, span_t topic, uint64_t first, uint64_t done)
{
    record_t *record = calloc (1, sizeof *record + topic.size);
    if (!record)
        return NULL;
    memcpy (record->topic, topic.data, topic.size);
    if (textmap_insert (&self->topics, &record->node, (span_t){ record->topic, topic.size }) != 0) {
        free (record);
        return NULL;
    }
    record->first = record->claim_first = first;
    record->done = record->seen = record->claim_last = done;
    return record;
}

static void s_queue (account_t *self, record_t *record)
{
    if (record->queued)
        return;
    record->queued = true;
    record->next = NULL;
    if (self->tail)
        self->tail->next = record;
    else
        self->head = record;
    self->tail = record;
}

static record_t *s_unqueue (account_t *self)
{
    record_t *record = self->head;
    self->head = record->next;
    if (!self->head)
        self->tail = NULL;
    record->queued = false;
    return record;
}

static bool s_wants (const record_t *self)
{
    return self->gone || self->seen > self->done || self->retained;
}

//  The topic came back: what is missing of its old incarnation can be fetched no more.
static void s_restart (account_t *self, record_t *record, uint64_t first)
{
    uint64_t known = record->seen;
    if (record->claim_first == record->first && record->claim_last > known)
        known = record->claim_last;
    if (known > record->done) {
        record->gone += known - record->done;
        record->gone_to = known;
        s_queue (self, record);
    }
    record->first = first;
    record->done = record->seen = first - 1;
    record->retained = false;
}

//  ---- notifications ----

static record_t *s_meet (account_t *self, const wire_note_t *note)
{
    if (!self->is_open || note->number <= self->floor)
        return NULL;
    bool is_ours = note->topic_first > self->listed;
    return s_add (self, note->topic, note->topic_first, (is_ours ? note->topic_first : note->topic_number) - 1);
}

account_verdict_t account_note (account_t *self, const wire_note_t *note, bool deliverable)
{
    if (note->topic_first == 0 || note->topic_number < note->topic_first)
        return ACCOUNT_DROP;
    if (note->number > self->newest)
        self->newest = note->number;
    record_t *record = s_find (self, note->topic);
    if (!record)
        record = s_meet (self, note);
    if (!record || note->topic_first < record->first)
        return ACCOUNT_DROP;
    record->generation = self->generation;
    if (note->topic_first > record->first)
        s_restart (self, record, note->topic_first);
    if (note->topic_number <= record->seen)
        return ACCOUNT_DROP;

    record->seen = note->topic_number;
    if (deliverable && self->is_open && !record->queued && note->topic_number == record->done + 1) {
        record->done = note->topic_number;
        return ACCOUNT_DELIVER;
    }
    s_queue (self, record);
    return ACCOUNT_DROP;
}

//  ---- listings ----

//  A full listing also tells which topics the broker has forgotten: without one, topics that come and go would pile up.
uint64_t account_since (const account_t *self)
{
    return self->topics.count > 2 * self->kept + SPARE_TOPICS ? 0 : self->since;
}

void account_list_begin (account_t *self, uint64_t since, uint64_t number)
{
    self->is_full = since == 0;
    self->listing = number;
    if (number > self->newest)
        self->newest = number;
    self->generation++;
}

int account_listed (account_t *self, span_t topic, uint64_t first, uint64_t last, bool retained)
{
    if (first == 0 || last < first)
        return 0;
    record_t *record = s_find (self, topic);
    if (!record) {
        bool is_ours = self->is_open && first > self->listed;
        record = s_add (self, topic, first, is_ours ? first - 1 : last);
        if (!record)
            return -1;
        record->retained = retained && !self->is_open;
        if (record->retained)
            s_queue (self, record);
    }
    record->generation = self->generation;
    if (first < record->first)
        return 0;
    record->claim_first = first;
    record->claim_last = last;
    if (first > record->first || last > record->seen)
        self->has_claims = true;
    return 0;
}

//  Drops the records of topics that the broker has forgotten and of which nothing is missing. One that began behind the
//  listing could not be in it: its notifications have overtaken the answer.
static void s_sweep (account_t *self)
{
    for (textmap_node_t *node = textmap_first (&self->topics), *next; node; node = next) {
        next = textmap_next (&self->topics, node);
        record_t *record = (record_t *) node;
        bool is_settled = record->claim_first <= record->first && record->claim_last <= record->seen;
        bool is_newer = record->first > self->listing;
        if (record->generation == self->generation || record->queued || !is_settled || is_newer)
            continue;
        textmap_remove (&self->topics, node);
        free (record);
    }
}

bool account_list_end (account_t *self)
{
    self->since = self->listing;
    if (self->is_full) {
        s_sweep (self);
        self->kept = self->topics.count;
        self->listed = self->listing;
        if (!self->is_open)
            self->floor = self->listing;
        self->is_open = true;
    }
    return self->has_claims;
}

void account_settle (account_t *self)
{
    if (!self->has_claims)
        return;
    self->has_claims = false;
    for (textmap_node_t *node = textmap_first (&self->topics); node; node = textmap_next (&self->topics, node)) {
        record_t *record = (record_t *) node;
        if (record->claim_first > record->first)
            s_restart (self, record, record->claim_first);
        if (record->claim_first < record->first || record->claim_last <= record->seen)
            continue;
        record->seen = record->claim_last;
        s_queue (self, record);
    }
}

//  ---- gaps ----

account_need_t account_next (account_t *self, account_gap_t *gap)
{
    while (self->head && !s_wants (self->head))
        s_unqueue (self);
    record_t *record = self->head;
    if (!account_has_gaps (self))
        return ACCOUNT_NOTHING;
    *gap = (account_gap_t){ .topic = record->node.text };
    if (record->gone) {
        gap->to = record->gone_to;
        gap->lost = record->gone;
        record->gone = 0;
        return ACCOUNT_LOST;
    }
    gap->from = record->done + (record->retained ? 0 : 1);
    gap->to = record->seen;
    self->asked = record;
    self->asked_first = record->first;
    self->asked_to = record->seen;
    self->has_progress = false;
    return ACCOUNT_ASK;
}

//  The record that was asked for, unless the topic came back meanwhile as another incarnation.
static record_t *s_asked (const account_t *self)
{
    return self->asked && self->asked->first == self->asked_first ? self->asked : NULL;
}

account_verdict_t account_fill (account_t *self, uint64_t number, uint64_t *lost)
{
    *lost = 0;
    record_t *record = s_asked (self);
    if (!record || number > self->asked_to)
        return ACCOUNT_DROP;
    bool is_retained = record->retained && number == record->done;
    if (!is_retained && number <= record->done)
        return ACCOUNT_DROP;
    record->retained = false;
    self->has_progress = true;
    if (is_retained)
        return ACCOUNT_RETAINED;
    *lost = number - record->done - 1;
    record->done = number;
    return ACCOUNT_DELIVER;
}

void account_filled (account_t *self, bool more, uint64_t *number, uint64_t *lost)
{
    *number = *lost = 0;
    record_t *record = s_asked (self);
    if (record && !(more && self->has_progress)) {
        *number = self->asked_to;
        *lost = self->asked_to - record->done;
        record->done = self->asked_to;
        record->retained = false;
    }
    if (!self->asked)
        return;
    self->asked = NULL;
    record = s_unqueue (self);
    if (s_wants (record))
        s_queue (self, record);
}

void account_unfilled (account_t *self)
{
    self->asked = NULL;
}

//  ---- the end ----

bool account_end (account_t *self, account_gap_t *loss)
{
    account_settle (self);
    self->asked = NULL;
    while (account_has_gaps (self)) {
        record_t *record = s_unqueue (self);
        bool has_gap = record->seen > record->done;
        *loss = (account_gap_t){ .topic = record->node.text,
                                 .to = has_gap ? record->seen : record->gone_to,
                                 .lost = record->gone + (record->seen - record->done) };
        record->gone = 0;
        record->done = record->seen;
        record->retained = false;
        if (loss->lost)
            return true;
    }
    return false;
}

uint64_t account_last (const account_t *self, span_t topic)
{
    if (topic.size == 0)
        return self->newest;
    const record_t *record = s_find (self, topic);
    return record ? record->done : 0;
}
