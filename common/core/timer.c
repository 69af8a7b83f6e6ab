/*  timer.c - many deadlines, cheaply: a hierarchical timing wheel of 1 ms

    Level L has slots of 64^L ms. A timer hangs at the level of the highest digit, to the base of 64, in which its time
    differs from the wheel's, in the slot that this digit names; so whatever hangs at a level comes before whatever
    hangs above it. When the wheel's time reaches a slot, its timers move down. Where a timer hangs follows from its
    time and the wheel's alone.

    No slot 0 is ever used that way, since the differing digit is the greater one. That of the topmost level holds what
    lies beyond the turn of the whole wheel (2.2 years); it is reached, like any slot, when the wheel's time comes there.
*/
#include "timer.h"

#include <stddef.h>

#define SLOT_BITS 6
#define TURN_BITS (SLOT_BITS * TIMER_LEVELS)
#define TOP       (TIMER_LEVELS - 1)

_Static_assert(1 << SLOT_BITS == TIMER_SLOTS && TIMER_SLOTS == 64, "a level is one 64-bit map");

typedef struct {
    unsigned level;
    unsigned slot;
} place_t;

static void list_init (timer_node_t *list)
{
    list->next = list->prev = list;
}

static bool list_is_empty (const timer_node_t *list)
{
    return list->next == list;
}

static void list_append (timer_node_t *list, timer_node_t *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

static void list_remove (timer_node_t *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    node->next = node->prev = NULL;
}

//  Where a time that lies ahead belongs.
static place_t place_of (const timers_t *self, int64_t at_ms)
{
    uint64_t at = (uint64_t) at_ms;
    uint64_t differing = at ^ (uint64_t) self->now_ms;
    if (differing >> TURN_BITS)
        return (place_t){ TOP, 0 };
    unsigned level = (63 - (unsigned) __builtin_clzll (differing)) / SLOT_BITS;
    return (place_t){ level, (unsigned) (at >> level * SLOT_BITS) % TIMER_SLOTS };
}

static void insert (timers_t *self, timer_node_t *node)
{
    if (node->at_ms <= self->now_ms) {
        list_append (&self->due, node);
        return;
    }
    place_t place = place_of (self, node->at_ms);
    list_append (&self->slots [place.level][place.slot], node);
    self->occupied [place.level] |= UINT64_C (1) << place.slot;
}

//  The first slot that the wheel's time will reach; false if all are empty.
static bool first_place (const timers_t *self, place_t *place)
{
    for (unsigned level = 0; level < TIMER_LEVELS; level++) {
        uint64_t occupied = self->occupied [level];
        uint64_t within_turn = occupied & ~UINT64_C (1);
        if (within_turn)
            *place = (place_t){ level, (unsigned) __builtin_ctzll (within_turn) };
        else if (occupied)
            *place = (place_t){ level, 0 };
        if (occupied)
            return true;
    }
    return false;
}

//  When the wheel's time reaches a slot.
static int64_t reached_at (const timers_t *self, place_t place)
{
    uint64_t now = (uint64_t) self->now_ms;
    if (place.slot == 0)
        return (int64_t) (((now >> TURN_BITS) + 1) << TURN_BITS);
    unsigned shift = place.level * SLOT_BITS;
    uint64_t above = now >> (shift + SLOT_BITS) << (shift + SLOT_BITS);
    return (int64_t) (above | (uint64_t) place.slot << shift);
}

//  Moves the wheel's time to the start of a slot, and its timers down or among those that are due.
static void reach (timers_t *self, place_t place)
{
    timer_node_t *list = &self->slots [place.level][place.slot];
    timer_node_t *node = list->next;
    self->now_ms = reached_at (self, place);
    self->occupied [place.level] &= ~(UINT64_C (1) << place.slot);
    list->prev->next = NULL;
    list_init (list);
    while (node) {
        timer_node_t *next = node->next;
        insert (self, node);
        node = next;
    }
}

void timers_init (timers_t *self, int64_t now_ms)
{
    for (unsigned level = 0; level < TIMER_LEVELS; level++) {
        self->occupied [level] = 0;
        for (unsigned slot = 0; slot < TIMER_SLOTS; slot++)
            list_init (&self->slots [level][slot]);
    }
    list_init (&self->due);
    self->now_ms = now_ms;
}

void timers_start (timers_t *self, timer_node_t *node, int64_t at_ms)
{
    if (timer_is_running (node))
        timers_stop (self, node);
    node->at_ms = at_ms;
    insert (self, node);
}

void timers_stop (timers_t *self, timer_node_t *node)
{
    if (!timer_is_running (node))
        return;
    bool is_alone = node->next == node->prev;
    list_remove (node);
    if (!is_alone || node->at_ms <= self->now_ms)
        return;
    place_t place = place_of (self, node->at_ms);
    self->occupied [place.level] &= ~(UINT64_C (1) << place.slot);
}

timer_node_t *timers_next (timers_t *self, int64_t now_ms)
{
    place_t place;
    while (list_is_empty (&self->due) && first_place (self, &place) && reached_at (self, place) <= now_ms)
        reach (self, place);
    if (list_is_empty (&self->due)) {
        if (self->now_ms < now_ms)
            self->now_ms = now_ms;
        return NULL;
    }
    timer_node_t *node = self->due.next;
    list_remove (node);
    return node;
}

int64_t timers_deadline (const timers_t *self)
{
    place_t place;
    if (!list_is_empty (&self->due))
        return 0;  //  at once
    return first_place (self, &place) ? reached_at (self, place) : -1;
}
