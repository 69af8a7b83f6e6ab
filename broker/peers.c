/*  peers.c - the tables of sessions and each caller's slots */

#include "peers.h"

#include <stdlib.h>
#include <string.h>

#include "pending.h"

#define SLOTS_LEAST 16

void peers_init (peers_t *self, const uint8_t hash_key [16])
{
    memset (self, 0, sizeof *self);
    table_init (&self->by_number, hash_key);
    table_init (&self->by_instance, hash_key);
    list_init (&self->all);
}

void peers_clear (peers_t *self)
{
    list_t *link;
    while ((link = list_pop (&self->all))) {
        session_t *session = CONTAINER_OF (link, session_t, all);
        peers_close (self, &session);
    }
    table_clear (&self->by_number);
    table_clear (&self->by_instance);
}

session_t *peers_open (peers_t *self, link_t *link)
{
    session_t *session = calloc (1, sizeof *session);
    if (!session)
        return NULL;
    session->link = link;
    session->name [0] = '-';
    list_init (&session->unheard);
    list_init (&session->dispatched);
    list_init (&session->instances);
    list_init (&session->stalled);
    list_init (&session->held);
    list_append (&self->all, &session->all);
    return session;
}

static int s_insert (peers_t *self, session_t *session)
{
    if (table_insert (&self->by_number, &session->by_number) != 0)
        return -1;
    if (table_insert (&self->by_instance, &session->by_instance) == 0)
        return 0;
    table_remove (&self->by_number, &session->by_number);
    return -1;
}

int peers_admit (peers_t *self, session_t *session, const wire_frame_t *hello, uint64_t epoch)
{
    session->number = self->last_number + 1;
    session->by_number.key = (const char *) &session->number;
    session->by_number.size = sizeof session->number;
    memcpy (session->instance, hello->instance.data, WIRE_INSTANCE_SIZE);
    session->by_instance.key = (const char *) session->instance;
    session->by_instance.size = WIRE_INSTANCE_SIZE;
    if (s_insert (self, session) != 0) {
        session->number = 0;
        return -1;
    }
    session->sessions = hello->sessions;
    session->state = SESSION_LIVE;
    name_write_unique (session->name, epoch, session->number);
    self->last_number++;
    self->count++;
    return 0;
}

void peers_close (peers_t *self, session_t **session_p)
{
    session_t *session = *session_p;
    *session_p = NULL;
    if (session->number) {
        table_remove (&self->by_number, &session->by_number);
        table_remove (&self->by_instance, &session->by_instance);
        self->count--;
    }
    list_remove (&session->all);
    list_remove (&session->doomed);
    self->bytes -= session->slot_room * sizeof *session->slots;
    free (session->slots);
    free (session);
}

session_t *peers_find (const peers_t *self, uint64_t number)
{
    keyed_t *found = table_find (&self->by_number, &number, sizeof number);
    return found ? CONTAINER_OF (found, session_t, by_number) : NULL;
}

session_t *peers_find_instance (const peers_t *self, span_t instance)
{
    keyed_t *found = table_find (&self->by_instance, instance.data, instance.size);
    return found ? CONTAINER_OF (found, session_t, by_instance) : NULL;
}

static size_t s_room_for (const session_t *self, uint32_t slot)
{
    size_t room = self->slot_room ? self->slot_room : SLOTS_LEAST;
    while (room <= slot)
        room *= 2;
    return room;
}

size_t session_slot_growth (const session_t *self, uint32_t slot)
{
    if (slot < self->slot_room)
        return 0;
    return (s_room_for (self, slot) - self->slot_room) * sizeof *self->slots;
}

int peers_reserve_slot (peers_t *self, session_t *session, uint32_t slot)
{
    size_t growth = session_slot_growth (session, slot);
    if (!growth)
        return 0;
    size_t room = s_room_for (session, slot);
    call_t **slots = realloc (session->slots, room * sizeof *slots);
    if (!slots)
        return -1;
    memset (slots + session->slot_room, 0, growth);
    session->slots = slots;
    session->slot_room = (uint32_t) room;
    self->bytes += growth;
    return 0;
}

call_t *session_find_call (const session_t *self, wire_token_t token)
{
    call_t *call = token.slot < self->slot_room ? self->slots [token.slot] : NULL;
    return call && call->caller_token.generation == token.generation ? call : NULL;
}
