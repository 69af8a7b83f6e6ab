/*  zmq_links.c - a hash table of peers, and the peers in it */

#include "zmq_links.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_BITS 6

static size_t s_room (const links_t *self)
{
    return (size_t) 1 << (64 - self->shift);
}

//  Multiplicative hashing: the topmost bits are the best ones.
static size_t s_home (const links_t *self, uint32_t id)
{
    return (size_t) (id * self->factor >> self->shift);
}

//  Where the id is, or the free slot where it would be.
static size_t s_find (const links_t *self, uint32_t id)
{
    size_t mask = s_room (self) - 1;
    size_t at = s_home (self, id);
    while (self->slots [at].link && self->slots [at].id != id)
        at = (at + 1) & mask;
    return at;
}

int links_init (links_t *self, uint64_t random)
{
    *self = (links_t){ .shift = 64 - LEAST_BITS, .factor = random | 1 };
    self->slots = calloc (s_room (self), sizeof *self->slots);
    return self->slots ? 0 : -1;
}

void links_clear (links_t *self)
{
    for (size_t at = 0; self->slots && at < s_room (self); at++)
        free (self->slots [at].link);
    free (self->slots);
    self->slots = NULL;
    self->count = 0;
}

link_t *links_find (const links_t *self, uint32_t id)
{
    return self->slots [s_find (self, id)].link;
}

static int s_grow (links_t *self)
{
    links_t larger = { .shift = self->shift - 1, .count = self->count, .factor = self->factor };
    larger.slots = calloc (s_room (&larger), sizeof *larger.slots);
    if (!larger.slots)
        return -1;
    for (size_t at = 0; at < s_room (self); at++)
        if (self->slots [at].link)
            larger.slots [s_find (&larger, self->slots [at].id)] = self->slots [at];
    free (self->slots);
    *self = larger;
    return 0;
}

link_t *links_add (links_t *self, const uint8_t id [ROUTING_ID_SIZE])
{
    if (2 * (self->count + 1) > s_room (self) && s_grow (self))
        return NULL;
    link_t *link = calloc (1, sizeof *link);
    if (!link)
        return NULL;
    memcpy (link->id, id, ROUTING_ID_SIZE);
    link->doubtful_fd = -1;
    uint32_t number = routing_number (id);
    self->slots [s_find (self, number)] = (link_slot_t){ number, link };
    self->count++;
    return link;
}

//  Moves up what was placed behind the gap only because its own place had been taken.
static void s_close_gap (links_t *self, size_t gap)
{
    size_t mask = s_room (self) - 1;
    for (size_t at = (gap + 1) & mask; self->slots [at].link; at = (at + 1) & mask) {
        size_t home = s_home (self, self->slots [at].id);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        self->slots [gap] = self->slots [at];
        gap = at;
    }
    self->slots [gap] = (link_slot_t){ 0 };
}

void links_remove (links_t *self, link_t **link_p)
{
    link_t *link = *link_p;
    *link_p = NULL;
    s_close_gap (self, s_find (self, routing_number (link->id)));
    self->count--;
    free (link);
}
