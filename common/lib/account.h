/*  account.h - one observation's account of its topics: what was delivered, what is missing, what is lost

    Pure: it is told what came and answers what is to be done; it has no socket, no clock, no values, and holds no message,
    only one small record a topic. docs/protocol.md, section 8.4. The invariant, for every topic and within an epoch:

        delivered + lost = published since the account was opened, in order, nothing twice

    Numbers. Within an epoch a topic's numbers only grow, even when the broker forgets the topic and it comes back: its first
    number is then the broker-wide one, which is higher than any before. An incarnation of a topic is told by its `first`.

    Gaps. A number that jumps, and a claim of the directory (`topics`) that nothing on the SUB socket has come up to, make
    a topic wait: from then on the account keeps only the newest number seen, hands out the gap to be asked for (`history`),
    has the answer delivered in order, and asks again for what came meanwhile, until the topic has caught up. What the
    history no longer has is lost, and told once, in its place.

    Claims. Notifications that the directory counts may still be on their way on the SUB socket. A claim becomes a gap only
    when account_settle is called: after a marker that is at least as new as the listing.

    Forgotten topics. When a topic comes back as another incarnation, what is known of the old one and was not delivered is
    lost. What was published there after the last number known, while nothing came through, cannot be known: the broker
    forgets a topic only if its service has gone and the room is needed (--max-topics), and a listing is taken often.
*/
#ifndef ACCOUNT_H_INCLUDED
#define ACCOUNT_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "wire_note.h"

typedef struct account account_t;

typedef enum {
    ACCOUNT_DROP,  //  nothing: not ours, a duplicate, or kept back behind a gap
    ACCOUNT_DELIVER,
    ACCOUNT_RETAINED  //  deliver it as the last value from before the account was opened
} account_verdict_t;

typedef enum {
    ACCOUNT_NOTHING,
    ACCOUNT_ASK,  //  for the history of topic, from … to
    ACCOUNT_LOST  //  tell that `lost` notifications of the topic are gone, up to `to`
} account_need_t;

//  The topic is borrowed: until account_begin, or a listing ends.
typedef struct {
    span_t topic;
    uint64_t from;
    uint64_t to;
    uint64_t lost;
} account_gap_t;

//  An account without an epoch (0). NULL if memory is short.
account_t *account_new (void);
void account_destroy (account_t **self_p);

//  Forgets everything and begins the account of an epoch. Whole: all of the epoch is accounted for, from its first
//  notification. Otherwise the account is opened by the end of its first listing, and begins there.
void account_begin (account_t *self, uint64_t epoch, bool whole);
uint64_t account_epoch (const account_t *self);
bool account_is_open (const account_t *self);

//  A notification came (no marker, and of this epoch). If it cannot be delivered now it becomes a gap.
account_verdict_t account_note (account_t *self, const wire_note_t *note, bool deliverable);

//  A listing: the pages of one answer to `topics (prefix, since)`, asked for with account_since. `number` is that of the
//  first page. One that is not brought to an end is begun again. account_listed returns -1 if memory is short.
uint64_t account_since (const account_t *self);
void account_list_begin (account_t *self, uint64_t since, uint64_t number);
int account_listed (account_t *self, span_t topic, uint64_t first, uint64_t last, bool retained);
//  Returns whether there are claims to be settled.
bool account_list_end (account_t *self);
void account_settle (account_t *self);

//  What is to be done next. ACCOUNT_ASK is to be brought to its end by account_filled or account_unfilled before the next
//  call; ACCOUNT_LOST is done with.
account_need_t account_next (account_t *self, account_gap_t *gap);
bool account_has_gaps (const account_t *self);

//  The answer to the last ACCOUNT_ASK: its items in order, then account_filled, with whether the broker has more of it.
//  *lost is how many are gone for good just before this number; they are told first. account_filled: up to *number. An
//  answer that has more, but nothing new, is taken for its last one.
account_verdict_t account_fill (account_t *self, uint64_t number, uint64_t *lost);
void account_filled (account_t *self, bool more, uint64_t *number, uint64_t *lost);
//  There was no answer: the gap will be handed out again.
void account_unfilled (account_t *self);

//  The end of the epoch: what is known and was not delivered, topic by topic, until it returns false.
bool account_end (account_t *self, account_gap_t *loss);
//  The last number of a topic that was delivered or told lost; of an empty topic: the newest broker-wide number that came.
uint64_t account_last (const account_t *self, span_t topic);

#endif
