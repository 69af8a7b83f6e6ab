/*  peers.h - sessions: who is connected, under which number, and what hangs on each

    A session owns nothing but its slots; calls, instances and held requests are linked into it by their owners.
*/
#ifndef PEERS_H_INCLUDED
#define PEERS_H_INCLUDED

#include "list.h"
#include "name.h"
#include "table.h"
#include "transport.h"
#include "wire.h"

typedef struct call call_t;
typedef struct service service_t;

typedef enum {
    SESSION_NEW,  //  no hello yet
    SESSION_LIVE,
    SESSION_ENDING  //  doomed: nothing is sent to it or taken from it any more
} session_state_t;

typedef struct session {
    link_t *link;
    session_state_t state;
    bool suspect;     //  there is a hint that it died
    bool silent;      //  its connection is gone: no goodbye, no kick
    uint64_t number;  //  from 1; 0 before the hello
    keyed_t by_number;
    keyed_t by_instance;
    uint8_t instance [WIRE_INSTANCE_SIZE];
    uint64_t sessions;  //  the hello's count
    char name [UNIQUE_NAME_SIZE];
    list_t all;     //  in peers_t.all
    list_t doomed;  //  in the core's list of those to be ended

    call_t **slots;  //  as a caller: its calls by their slot; NULL: free
    uint32_t slot_room;
    uint32_t in_flight;  //  slots in use
    uint32_t parked;     //  calls that wait for a name to appear
    list_t unheard;      //  its one-way calls without acknowledgement that have not been dispatched

    list_t dispatched;  //  as a service: calls that it has not answered
    uint32_t dispatched_count;
    uint64_t dispatched_bytes;
    uint64_t granted;  //  items that it has granted its streams, as caller and as service, and not received
    uint64_t granted_bytes;
    list_t instances;  //  its registrations
    uint32_t names;
    list_t stalled;   //  instances that wait until less is dispatched to this session
    service_t *own;   //  the object under its unique name, or NULL
    uint64_t topics;  //  that it has begun
    list_t held;      //  registrations by others that wait for the verdict about it
} session_t;

typedef struct {
    table_t by_number;
    table_t by_instance;
    list_t all;
    uint64_t last_number;
    size_t count;  //  live ones
    size_t bytes;  //  of their slots
} peers_t;

void peers_init (peers_t *self, const uint8_t hash_key [16]);
//  Frees all sessions.
void peers_clear (peers_t *self);

//  A session that has not said hello; NULL if memory is short.
session_t *peers_open (peers_t *self, link_t *link);
//  The hello came: gives it a number and a unique name. Returns -1 if memory is short. The instance id must be free.
int peers_admit (peers_t *self, session_t *session, const wire_frame_t *hello, uint64_t epoch);
//  Takes it out of the tables and frees it.
void peers_close (peers_t *self, session_t **session_p);

//  The live session of that number, or of that instance id (WIRE_INSTANCE_SIZE bytes); or NULL.
session_t *peers_find (const peers_t *self, uint64_t number);
session_t *peers_find_instance (const peers_t *self, span_t instance);

//  By how many bytes its slots have to grow to hold that one.
size_t session_slot_growth (const session_t *self, uint32_t slot);
//  Makes room for a slot. Returns -1 if memory is short.
int peers_reserve_slot (peers_t *self, session_t *session, uint32_t slot);
//  The call in a slot whose generation fits; or NULL.
call_t *session_find_call (const session_t *self, wire_token_t token);

#endif
