/*  subscriptions.c - a set of hashes with linear probing, at most half full */

#include "subscriptions.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SLOTS 8

static uint64_t s_hash (const uint8_t *key, const void *prefix, size_t size)
{
    uint64_t hash;
    crypto_shorthash ((unsigned char *) &hash, prefix, size, key);
    return hash ? hash : 1;
}

//  Where the hash is, or the free slot where it would be.
static size_t s_find (const subscriptions_t *self, uint64_t hash)
{
    size_t at = hash & self->mask;
    while (self->slots [at] && self->slots [at] != hash)
        at = (at + 1) & self->mask;
    return at;
}

static int s_grow (subscriptions_t *self)
{
    subscriptions_t larger = { .count = self->count };
    size_t room = self->slots ? 2 * (self->mask + 1) : LEAST_SLOTS;
    larger.slots = calloc (room, sizeof *larger.slots);
    if (!larger.slots)
        return -1;
    larger.mask = room - 1;
    for (size_t at = 0; self->slots && at <= self->mask; at++)
        if (self->slots [at])
            larger.slots [s_find (&larger, self->slots [at])] = self->slots [at];
    free (self->slots);
    *self = larger;
    return 0;
}

int subscriptions_add (subscriptions_t *self, const uint8_t *key, const void *prefix, size_t size)
{
    if ((!self->slots || 2 * (self->count + 1) > self->mask + 1) && s_grow (self))
        return -1;
    uint64_t hash = s_hash (key, prefix, size);
    size_t at = s_find (self, hash);
    self->count += self->slots [at] == 0;
    self->slots [at] = hash;
    return 0;
}

//  Moves up what was placed behind the gap only because its own place had been taken.
static void s_close_gap (subscriptions_t *self, size_t gap)
{
    for (size_t at = (gap + 1) & self->mask; self->slots [at]; at = (at + 1) & self->mask) {
        size_t home = self->slots [at] & self->mask;
        if (((at - home) & self->mask) < ((at - gap) & self->mask))
            continue;
        self->slots [gap] = self->slots [at];
        gap = at;
    }
    self->slots [gap] = 0;
}

void subscriptions_remove (subscriptions_t *self, const uint8_t *key, const void *prefix, size_t size)
{
    if (!self->slots)
        return;
    size_t at = s_find (self, s_hash (key, prefix, size));
    if (!self->slots [at])
        return;
    s_close_gap (self, at);
    self->count--;
}

void subscriptions_clear (subscriptions_t *self)
{
    free (self->slots);
    memset (self, 0, sizeof *self);
}
