/*  table.c - hash tables and ordered indexes over keyed entries; knows nothing of what they are */

#include "table.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_LEAST 16

static uint64_t s_hash (const table_t *self, const void *key, size_t size)
{
    uint64_t hash;
    crypto_shorthash ((unsigned char *) &hash, key, size, self->hash_key);
    return hash;
}

void table_init (table_t *self, const uint8_t hash_key [16])
{
    memset (self, 0, sizeof *self);
    memcpy (self->hash_key, hash_key, sizeof self->hash_key);
}

void table_clear (table_t *self)
{
    free (self->slots);
    self->slots = NULL;
    self->mask = self->count = 0;
}

keyed_t *table_find (const table_t *self, const void *key, size_t size)
{
    if (!self->slots)
        return NULL;
    uint64_t hash = s_hash (self, key, size);
    for (size_t at = hash & self->mask;; at = (at + 1) & self->mask) {
        keyed_t *entry = self->slots [at];
        if (!entry)
            return NULL;
        if (entry->hash == hash && entry->size == size && memcmp (entry->key, key, size) == 0)
            return entry;
    }
}

static void s_place (table_t *self, keyed_t *entry)
{
    size_t at = entry->hash & self->mask;
    while (self->slots [at])
        at = (at + 1) & self->mask;
    self->slots [at] = entry;
}

static int s_grow (table_t *self)
{
    keyed_t **old = self->slots;
    size_t old_room = old ? self->mask + 1 : 0;
    size_t room = old ? old_room * 2 : TABLE_LEAST;
    keyed_t **slots = calloc (room, sizeof *slots);
    if (!slots)
        return -1;
    self->slots = slots;
    self->mask = room - 1;
    for (size_t at = 0; at < old_room; at++)
        if (old [at])
            s_place (self, old [at]);
    free (old);
    return 0;
}

int table_insert (table_t *self, keyed_t *entry)
{
    if ((!self->slots || (self->count + 1) * 4 > (self->mask + 1) * 3) && s_grow (self) != 0)
        return -1;
    entry->hash = s_hash (self, entry->key, entry->size);
    s_place (self, entry);
    self->count++;
    return 0;
}

//  Closes the hole by moving back whatever probing would no longer reach (Knuth, TAOCP vol. 3, algorithm 6.4R).
void table_remove (table_t *self, keyed_t *entry)
{
    if (!self->slots)
        return;
    size_t hole = entry->hash & self->mask;
    while (self->slots [hole] != entry) {
        if (!self->slots [hole])
            return;
        hole = (hole + 1) & self->mask;
    }
    for (size_t at = (hole + 1) & self->mask; self->slots [at]; at = (at + 1) & self->mask) {
        size_t home = self->slots [at]->hash & self->mask;
        if (((at - home) & self->mask) >= ((at - hole) & self->mask)) {
            self->slots [hole] = self->slots [at];
            hole = at;
        }
    }
    self->slots [hole] = NULL;
    self->count--;
}

void index_init (index_t *self, const uint8_t hash_key [16])
{
    memset (self, 0, sizeof *self);
    table_init (&self->table, hash_key);
}

void index_clear (index_t *self)
{
    table_clear (&self->table);
    free (self->order);
    self->order = NULL;
    self->room = 0;
}

keyed_t *index_find (const index_t *self, const void *key, size_t size)
{
    return table_find (&self->table, key, size);
}

size_t index_count (const index_t *self)
{
    return self->table.count;
}

keyed_t *index_at (const index_t *self, size_t position)
{
    return self->order [position];
}

static int s_compare (const keyed_t *self, const char *key, size_t size)
{
    size_t common = self->size < size ? self->size : size;
    int order = memcmp (self->key, key, common);
    if (order != 0)
        return order;
    return self->size < size ? -1 : self->size > size;
}

size_t index_lower (const index_t *self, const char *key, size_t size)
{
    size_t low = 0, high = self->table.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s_compare (self->order [middle], key, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t index_page (const index_t *self, const char *prefix, size_t prefix_size, const char *after, size_t after_size)
{
    size_t start = index_lower (self, prefix, prefix_size);
    if (!after_size)
        return start;
    size_t behind = index_lower (self, after, after_size);
    if (index_find (self, after, after_size))
        behind++;
    return behind > start ? behind : start;
}

int index_insert (index_t *self, keyed_t *entry)
{
    size_t count = self->table.count;
    if (count == self->room) {
        size_t room = self->room ? self->room * 2 : TABLE_LEAST;
        keyed_t **order = realloc (self->order, room * sizeof *order);
        if (!order)
            return -1;
        self->order = order;
        self->room = room;
    }
    size_t at = index_lower (self, entry->key, entry->size);
    if (table_insert (&self->table, entry) != 0)
        return -1;
    memmove (self->order + at + 1, self->order + at, (count - at) * sizeof *self->order);
    self->order [at] = entry;
    return 0;
}

void index_remove (index_t *self, keyed_t *entry)
{
    size_t at = index_lower (self, entry->key, entry->size);
    size_t count = self->table.count;
    if (at >= count || self->order [at] != entry)
        return;
    memmove (self->order + at, self->order + at + 1, (count - at - 1) * sizeof *self->order);
    table_remove (&self->table, entry);
}

bool keyed_has_prefix (const keyed_t *self, const char *prefix, size_t size)
{
    return self->size >= size && memcmp (self->key, prefix, size) == 0;
}
