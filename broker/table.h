/*  table.h - finding things by their key

    A table finds by hash (SipHash-2-4, keyed with random bytes, so that nobody can choose names that collide); an index
    also knows the order of its keys. Neither owns what it holds: entries carry their key in a keyed_t.
*/
#ifndef TABLE_H_INCLUDED
#define TABLE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

//  The key of an entry: borrowed bytes that stay as long as the entry is held.
typedef struct {
    const char *key;
    size_t size;
    uint64_t hash;  //  the table's
} keyed_t;

//  Open addressing with linear probing; at most three quarters full.
typedef struct {
    keyed_t **slots;
    size_t mask;  //  slots - 1; 0: none yet
    size_t count;
    uint8_t hash_key [16];
} table_t;

void table_init (table_t *self, const uint8_t hash_key [16]);
void table_clear (table_t *self);
keyed_t *table_find (const table_t *self, const void *key, size_t size);
//  The key must not be there yet. Returns -1 if memory is short.
int table_insert (table_t *self, keyed_t *entry);
void table_remove (table_t *self, keyed_t *entry);

//  A table and the entries in the order of their keys (bytewise, a prefix first).
typedef struct {
    table_t table;
    keyed_t **order;
    size_t room;
} index_t;

void index_init (index_t *self, const uint8_t hash_key [16]);
void index_clear (index_t *self);
keyed_t *index_find (const index_t *self, const void *key, size_t size);
int index_insert (index_t *self, keyed_t *entry);
void index_remove (index_t *self, keyed_t *entry);
size_t index_count (const index_t *self);
keyed_t *index_at (const index_t *self, size_t position);
//  The position of the first key that is not below `key`.
size_t index_lower (const index_t *self, const char *key, size_t size);
//  The position of the first key behind `after` (if that is not empty) that is not below a prefix.
size_t index_page (const index_t *self, const char *prefix, size_t prefix_size, const char *after, size_t after_size);
//  Whether an entry's key begins with a prefix.
bool keyed_has_prefix (const keyed_t *self, const char *prefix, size_t size);

#endif
