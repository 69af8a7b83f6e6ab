/*  pending.c - a slab of calls in chunks that never move */

#include "pending.h"

#include <stdlib.h>
#include <string.h>

//  Most of what docs/performance.md says that a pending call takes.
_Static_assert(sizeof (call_t) <= 152, "a pending call is small");

void pending_init (pending_t *self)
{
    memset (self, 0, sizeof *self);
    list_init (&self->free);
}

void pending_clear (pending_t *self)
{
    for (size_t chunk = 0; chunk < self->chunk_count; chunk++) {
        for (size_t at = 0; at < PENDING_CHUNK; at++)
            free (self->chunks [chunk][at].bytes);
        free (self->chunks [chunk]);
    }
    free (self->chunks);
    pending_init (self);
}

static int s_grow (pending_t *self)
{
    call_t **chunks = realloc (self->chunks, (self->chunk_count + 1) * sizeof *chunks);
    if (!chunks)
        return -1;
    self->chunks = chunks;
    call_t *chunk = calloc (PENDING_CHUNK, sizeof *chunk);
    if (!chunk)
        return -1;
    self->chunks [self->chunk_count] = chunk;
    for (uint32_t at = 0; at < PENDING_CHUNK; at++) {
        chunk [at].index = (uint32_t) (self->chunk_count * PENDING_CHUNK) + at;
        list_append (&self->free, &chunk [at].link);
    }
    self->chunk_count++;
    return 0;
}

call_t *pending_new (pending_t *self)
{
    list_t *link = list_pop (&self->free);
    if (!link && s_grow (self) == 0)
        link = list_pop (&self->free);
    if (!link)
        return NULL;
    call_t *call = CONTAINER_OF (link, call_t, link);
    call->generation++;
    call->caller = NULL;
    call->service = NULL;
    call->parked_until_ms = 0;
    call->idempotent = false;
    self->count++;
    return call;
}

//  The freed one is the next to be used: its memory is warm.
void pending_free (pending_t *self, call_t *call)
{
    free (call->bytes);
    call->bytes = NULL;
    call->state = CALL_FREE;
    list_append (self->free.next, &call->link);
    self->count--;
}
