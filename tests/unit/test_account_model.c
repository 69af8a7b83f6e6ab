/*  test_account_model.c - random runs of an account against a model of everything around it

    The model is a publisher, a broker with a short history that forgets topics and is restarted, a channel that keeps the
    order and loses, and a directory that answers late, in pages, or not at all. After each step, for each topic:

        what was delivered or told lost = what was published since the account was opened, in order, nothing twice,
        and nothing is told lost that the history still has

    A run is made of its seed alone, which a failure names.
*/
#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "repetitions.h"

#define RUNS     30000
#define STEPS    160
#define TOPICS   3
#define MOST     (STEPS + 1)
#define RETAINED 0  //  the topic whose last value is kept

static const char *const names [TOPICS] = { "a/one/", "a/two/", "b/three/" };

typedef struct {
    bool is_known;  //  to the broker
    uint64_t first;
    uint64_t last;
    uint64_t published [MOST];  //  numbers, of all incarnations
    uint64_t first_of [MOST];
    uint64_t stamp [MOST];  //  broker-wide numbers
    size_t count;
    size_t at;     //  how many are delivered, told lost, or not ours
    bool is_owed;  //  the last value
} topic_t;

typedef struct {
    int topic;  //  -1: a marker
    wire_note_t note;
} packet_t;

typedef enum { IDLE, LISTING, ASKING } call_t;

typedef struct {
    uint64_t seed;
    uint64_t random;
    account_t *account;
    topic_t topics [TOPICS];
    uint64_t epoch;
    uint64_t number;
    uint64_t history;  //  how many a topic keeps
    bool forgets;
    bool restarts;
    packet_t channel [2 * MOST];
    size_t head;
    size_t tail;
    bool is_live;     //  subscribed: what is published enters the channel
    bool is_marked;   //  and the marker has come
    unsigned losing;  //  packets that are lost from here on
    call_t call;
    size_t page;  //  of the listing
    uint64_t listed;
    bool is_closing;
    uint64_t claimed;  //  0, or the listing that waits for a marker
    account_gap_t gap;
} model_t;

static uint64_t draw (model_t *self, uint64_t below)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (self->random >> 11) % below;
}

#define HOLDS(condition)                                                                                             \
    do {                                                                                                             \
        if (!(condition))                                                                                            \
            cr_assert_fail ("seed %" PRIu64 ": %s", self->seed, #condition);                                         \
    } while (0)

//  ---- the publisher and the channel ----

static void enter (model_t *self, int topic, wire_note_t note)
{
    if (!self->is_live)
        return;
    if (!self->losing && draw (self, 12) == 0)
        self->losing = 1 + (unsigned) draw (self, 8);
    if (self->losing && !self->is_closing) {
        self->losing--;
        return;
    }
    self->channel [self->tail++ % (2 * MOST)] = (packet_t){ topic, note };
}

static void publish (model_t *self)
{
    int at = (int) draw (self, TOPICS);
    topic_t *topic = &self->topics [at];
    self->number++;
    if (!topic->is_known)
        topic->first = topic->last = self->number;
    else
        topic->last++;
    topic->is_known = true;
    topic->published [topic->count] = topic->last;
    topic->first_of [topic->count] = topic->first;
    topic->stamp [topic->count++] = self->number;
    enter (self, at,
           (wire_note_t){ .topic = SPAN (names [at]),
                          .epoch = self->epoch,
                          .number = self->number,
                          .topic_number = topic->last,
                          .topic_first = topic->first });
}

static uint64_t oldest (const model_t *self, const topic_t *topic)
{
    uint64_t kept = topic->last - topic->first + 1;
    return topic->last + 1 - (kept < self->history ? kept : self->history);
}

static bool has (const model_t *self, const topic_t *topic, uint64_t number)
{
    if (!topic->is_known || number > topic->last || number < topic->first)
        return false;
    return number >= oldest (self, topic) || (number == topic->last && topic == &self->topics [RETAINED]);
}

//  ---- what the account says ----

static topic_t *find (model_t *self, span_t name)
{
    for (int at = 0; at < TOPICS; at++)
        if (span_equals (name, names [at]))
            return &self->topics [at];
    HOLDS (!"a topic that was published");
    return NULL;
}

//  What is passed over in silence may only be the end of an incarnation that the broker has forgotten.
static void pass_over (model_t *self, const topic_t *topic, size_t from, size_t to)
{
    for (size_t at = from; at < to; at++)
        HOLDS (!topic->is_known || topic->first_of [at] < topic->first);
}

static size_t find_number (model_t *self, topic_t *topic, uint64_t number)
{
    size_t at = topic->at;
    while (at < topic->count && topic->published [at] != number)
        at++;
    HOLDS (at < topic->count);
    return at;
}

static void delivered (model_t *self, topic_t *topic, uint64_t number)
{
    HOLDS (topic->at < topic->count);
    size_t at = find_number (self, topic, number);
    pass_over (self, topic, topic->at, at);
    topic->at = at + 1;
}

static void lost (model_t *self, topic_t *topic, uint64_t count, uint64_t to, bool is_end)
{
    if (!count)
        return;
    size_t end = find_number (self, topic, to) + 1;
    HOLDS (end - topic->at >= count);
    if (end - topic->at > count)
        HOLDS (self->forgets);
    for (size_t at = topic->at; at < end; at++)
        HOLDS (is_end || !has (self, topic, topic->published [at]));
    topic->at = end;
}

//  ---- the observer ----

static void receive (model_t *self)
{
    if (self->head == self->tail)
        return;
    packet_t *packet = &self->channel [self->head++ % (2 * MOST)];
    if (packet->topic < 0) {
        self->is_marked = true;
        if (self->claimed && packet->note.number >= self->claimed) {
            account_settle (self->account);
            self->claimed = 0;
        }
    } else if (account_note (self->account, &packet->note, draw (self, 16) != 0) == ACCOUNT_DELIVER)
        delivered (self, &self->topics [packet->topic], packet->note.topic_number);
}

static void mark (model_t *self)
{
    self->is_live = true;
    enter (self, -1, (wire_note_t){ .number = self->number });
}

//  The account is open from here on: what was published before is not its own.
static void opened (model_t *self, const bool is_listed [TOPICS], const uint64_t last [TOPICS], uint64_t number)
{
    for (int at = 0; at < TOPICS; at++) {
        topic_t *topic = &self->topics [at];
        topic->at = 0;
        while (topic->at < topic->count
               && (is_listed [at] ? topic->published [topic->at] <= last [at] : topic->stamp [topic->at] <= number))
            topic->at++;
        topic->is_owed = at == RETAINED && is_listed [at];
    }
}

static void list (model_t *self, bool *is_listed, uint64_t *last)
{
    bool was_open = account_is_open (self->account);
    if (self->page == 0) {
        self->listed = self->number;
        if (!was_open)
            account_begin (self->account, self->epoch, false);
        account_list_begin (self->account, account_since (self->account), self->number);
    }
    int at = (int) self->page++;
    topic_t *topic = &self->topics [at];
    is_listed [at] = topic->is_known;
    last [at] = topic->last;
    if (topic->is_known)
        HOLDS (account_listed (self->account, SPAN (names [at]), topic->first, topic->last, at == RETAINED) == 0);
    if (self->page < TOPICS)
        return;
    self->call = IDLE;
    if (account_list_end (self->account))
        self->claimed = self->listed;
    if (!was_open)
        opened (self, is_listed, last, self->listed);
}

static void fill (model_t *self)
{
    topic_t *topic = find (self, self->gap.topic);
    uint64_t left = self->is_closing ? MOST : draw (self, 4), number = self->gap.from, gone;
    for (; number <= self->gap.to && left; number++) {
        if (!has (self, topic, number))
            continue;
        left--;
        account_verdict_t verdict = account_fill (self->account, number, &gone);
        lost (self, topic, gone, number - 1, false);
        if (verdict == ACCOUNT_DELIVER)
            delivered (self, topic, number);
        if (verdict == ACCOUNT_RETAINED) {
            HOLDS (topic->is_owed && topic->at && topic->published [topic->at - 1] == number);
            topic->is_owed = false;
        }
    }
    if (number <= self->gap.to && left == 0 && number == self->gap.from) {
        account_unfilled (self->account);
        return;
    }
    uint64_t to;
    account_filled (self->account, number <= self->gap.to, &to, &gone);
    lost (self, topic, gone, to, false);
}

static void ask (model_t *self)
{
    switch (account_next (self->account, &self->gap)) {
    case ACCOUNT_NOTHING: break;
    case ACCOUNT_ASK: self->call = ASKING; break;
    case ACCOUNT_LOST: lost (self, find (self, self->gap.topic), self->gap.lost, self->gap.to, false); break;
    }
}

static void converse (model_t *self, bool *is_listed, uint64_t *last)
{
    if (self->call == LISTING)
        list (self, is_listed, last);
    else if (self->call == ASKING) {
        self->call = IDLE;
        fill (self);
    } else if (self->claimed)
        mark (self);
    else if (account_has_gaps (self->account) && draw (self, 4))
        ask (self);
    else if (self->is_marked) {
        self->call = LISTING;
        self->page = 0;
    } else
        mark (self);
}

//  The connection is lost, with all that is on its way.
static void disconnect (model_t *self)
{
    self->head = self->tail;
    self->is_live = self->is_marked = false;
    if (self->call == ASKING)
        account_unfilled (self->account);
    self->call = IDLE;
    self->claimed = 0;
}

static void restart (model_t *self)
{
    disconnect (self);
    bool was_open = account_is_open (self->account);
    account_gap_t loss;
    while (account_end (self->account, &loss))
        lost (self, find (self, loss.topic), loss.lost, loss.to, true);
    memset (self->topics, 0, sizeof self->topics);
    self->number = 0;
    account_begin (self->account, ++self->epoch, was_open);
}

static void forget (model_t *self)
{
    self->topics [draw (self, TOPICS)].is_known = false;
}

//  Everything arrives from now on: nothing may be left that is not accounted for.
static void close_account (model_t *self, bool *is_listed, uint64_t *last)
{
    self->is_closing = true;
    for (int turn = 0; turn < 4 * MOST; turn++) {
        while (self->head != self->tail)
            receive (self);
        converse (self, is_listed, last);
    }
    for (int at = 0; at < TOPICS; at++) {
        topic_t *topic = &self->topics [at];
        pass_over (self, topic, topic->at, topic->count);
    }
}

static void run (uint64_t seed)
{
    static model_t model;
    model_t *self = &model;
    memset (self, 0, sizeof *self);
    self->seed = seed;
    self->random = (seed + 1) * 0x9e3779b97f4a7c15u;
    self->account = account_new ();
    self->epoch = 1;
    self->history = draw (self, 12);
    self->forgets = seed % 3 == 1;
    self->restarts = seed % 5 == 2;
    account_begin (self->account, self->epoch, false);

    bool is_listed [TOPICS] = { false };
    uint64_t last [TOPICS] = { 0 };
    for (int step = 0; step < STEPS; step++) {
        uint64_t dice = draw (self, 100);
        if (dice < 30)
            publish (self);
        else if (dice < 62)
            receive (self);
        else if (dice < 97 || (dice == 97 && !self->forgets) || (dice == 98 && !self->restarts))
            converse (self, is_listed, last);
        else if (dice == 97)
            forget (self);
        else if (dice == 98)
            restart (self);
        else
            disconnect (self);
    }
    close_account (self, is_listed, last);
    account_destroy (&self->account);
}

Test (account_model, received_and_lost_are_what_was_published)
{
    int runs = repetitions (RUNS);
    for (int seed = 0; seed < runs; seed++)
        run ((uint64_t) seed);
}
