/*  textmap.h - finding things by a text; the nodes live inside what they find

    A chained hash table. Owns its slots only; a node's text is borrowed and must stay as long as the node is in the map.
    The hash is not keyed: whoever chose topics that collide would slow down their own observers, nobody else.
*/
#ifndef TEXTMAP_H_INCLUDED
#define TEXTMAP_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

typedef struct textmap_node {
    struct textmap_node *next;
    uint64_t hash;
    span_t text;
} textmap_node_t;

//  Zeroed: empty.
typedef struct {
    textmap_node_t **slots;
    size_t room;  //  a power of two, or 0
    size_t count;
} textmap_t;

//  Forgets all nodes and frees the slots.
void textmap_clear (textmap_t *self);

textmap_node_t *textmap_find (const textmap_t *self, span_t text);

//  The text must not be there yet. Returns 0, or -1 if memory is short.
int textmap_insert (textmap_t *self, textmap_node_t *node, span_t text);
void textmap_remove (textmap_t *self, textmap_node_t *node);

//  The first node, and the one behind another one, in no particular order; NULL at the end. Fetch the next one before
//  a node is removed.
textmap_node_t *textmap_first (const textmap_t *self);
textmap_node_t *textmap_next (const textmap_t *self, const textmap_node_t *node);

#endif
