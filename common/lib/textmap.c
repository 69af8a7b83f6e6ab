/*  textmap.c - a chained hash table over FNV-1a, doubled when it holds as many nodes as slots */

#include "textmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 8

static uint64_t s_hash (span_t text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t at = 0; at < text.size; at++)
        hash = (hash ^ (uint8_t) text.data [at]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

static textmap_node_t **s_slot (const textmap_t *self, uint64_t hash)
{
    return &self->slots [hash & (self->room - 1)];
}

static bool s_grow (textmap_t *self)
{
    textmap_t grown = { .room = self->room ? self->room * 2 : FIRST_ROOM, .count = self->count };
    grown.slots = calloc (grown.room, sizeof *grown.slots);
    if (!grown.slots)
        return false;
    for (size_t at = 0; at < self->room; at++)
        for (textmap_node_t *node = self->slots [at], *next; node; node = next) {
            next = node->next;
            textmap_node_t **slot = s_slot (&grown, node->hash);
            node->next = *slot;
            *slot = node;
        }
    free (self->slots);
    *self = grown;
    return true;
}

void textmap_clear (textmap_t *self)
{
    free (self->slots);
    *self = (textmap_t){ 0 };
}

textmap_node_t *textmap_find (const textmap_t *self, span_t text)
{
    if (!self->count)
        return NULL;
    uint64_t hash = s_hash (text);
    textmap_node_t *node = *s_slot (self, hash);
    while (node
           && (node->hash != hash || node->text.size != text.size
               || (text.size && memcmp (node->text.data, text.data, text.size) != 0)))
        node = node->next;
    return node;
}

int textmap_insert (textmap_t *self, textmap_node_t *node, span_t text)
{
    if (self->count >= self->room && !s_grow (self) && !self->room)
        return -1;
    node->text = text;
    node->hash = s_hash (text);
    textmap_node_t **slot = s_slot (self, node->hash);
    node->next = *slot;
    *slot = node;
    self->count++;
    return 0;
}

void textmap_remove (textmap_t *self, textmap_node_t *node)
{
    textmap_node_t **link = s_slot (self, node->hash);
    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    node->next = NULL;
    self->count--;
}

static textmap_node_t *s_first_from (const textmap_t *self, size_t at)
{
    while (at < self->room && !self->slots [at])
        at++;
    return at < self->room ? self->slots [at] : NULL;
}

textmap_node_t *textmap_first (const textmap_t *self)
{
    return s_first_from (self, 0);
}

textmap_node_t *textmap_next (const textmap_t *self, const textmap_node_t *node)
{
    return node->next ? node->next : s_first_from (self, (size_t) (node->hash & (self->room - 1)) + 1);
}
