/*  registry.h - names: who owns them, in which mode, and which instance is next

    Pure: it returns what changed, and the caller tells the world. Owns services, instances and their declarations.
    Modes and pools are those of docs/protocol.md, section 7.1.
*/
#ifndef REGISTRY_H_INCLUDED
#define REGISTRY_H_INCLUDED

#include "interface.h"
#include "limits.h"
#include "pending.h"

typedef enum { MODE_EXCLUSIVE, MODE_REPLACEABLE, MODE_SHARED, MODE_COUNT } service_mode_t;

//  One session's registration of one name.
struct instance {
    service_t *service;  //  NULL: unregistered, kept until what was dispatched to it is answered
    session_t *session;
    interface_t *interface;  //  NULL: takes any method
    uint8_t *metadata;       //  a msgpack map; NULL: empty
    size_t metadata_size;
    uint32_t capacity;
    uint32_t outstanding;
    uint64_t turn;   //  when it was last chosen: the longest ago goes first among equals
    size_t heap_at;  //  position in service->ready; INSTANCE_NOT_READY
    list_t in_service;
    list_t in_session;
    list_t in_stalled;  //  in session->stalled
};

#define INSTANCE_NOT_READY ((size_t) -1)

//  A name: there as long as somebody owns it or waits for it.
struct service {
    keyed_t keyed;  //  in registry_t.names
    bool is_named;  //  it is there; else it is the object under a unique name
    service_mode_t mode;
    list_t instances;
    uint32_t instance_count;
    bool mixed;          //  its instances do not all declare the same
    instance_t **ready;  //  a heap of those with room: least outstanding first
    size_t ready_count;
    size_t ready_room;
    list_t queue;  //  calls that wait for room
    uint32_t queued;
    uint64_t queued_bytes;
    list_t parked;  //  calls that wait for the name
    uint32_t parked_count;
    uint64_t turns;
    char name [];
};

typedef struct {
    index_t names;
    service_t *recent;  //  was found last, or NULL: a call mostly goes where the one before went
    size_t registered;  //  names with at least one owner
    size_t bytes;       //  of names, instances and what they declare
} registry_t;

//  What a session asks to register. Pointers are taken over on success (and set to NULL).
typedef struct {
    service_mode_t mode;
    bool replace;
    uint32_t capacity;
    interface_t *interface;
    uint8_t *metadata;
    size_t metadata_size;
} declaration_t;

typedef enum {
    REGISTER_APPEARED,  //  the name had no owner
    REGISTER_UPDATED,   //  this session had it and has declared it anew
    REGISTER_JOINED,    //  one more instance of a pool
    REGISTER_REPLACED,  //  taken over from `previous`
    REGISTER_TAKEN,     //  refused: `previous` owns it
    REGISTER_NO_MEMORY
} registered_t;

void registry_init (registry_t *self, const uint8_t hash_key [16]);
void registry_clear (registry_t *self);

service_t *registry_look_up (registry_t *self, span_t name);

//  The service of that name, also one that is only waited for; or NULL.
static inline service_t *registry_find (registry_t *self, span_t name)
{
    service_t *recent = self->recent;
    if (recent && recent->keyed.size == name.size && memcmp (recent->keyed.key, name.data, name.size) == 0)
        return recent;
    return registry_look_up (self, name);
}

//  The same; makes one that nobody owns if there is none. NULL if memory is short.
service_t *registry_want (registry_t *self, span_t name);
//  Frees it if nobody owns it or waits for it.
void registry_tidy (registry_t *self, service_t **service_p);

//  A service that is in no table: the object under a unique name.
service_t *service_new (span_t name);
void service_destroy (service_t **self_p);

//  previous: the session that owned it (REPLACED, TAKEN). The instance is the session's.
registered_t registry_register (registry_t *self, service_t *service, session_t *session, declaration_t *declaration,
                                session_t **previous);
//  Takes the instance out of its service and its session; it is freed once nothing is dispatched to it.
void registry_unregister (registry_t *self, instance_t *instance);
//  The session's instance of a service; or NULL.
instance_t *service_instance_of (const service_t *self, const session_t *session);

typedef enum { PICK_INSTANCE, PICK_BUSY, PICK_NO_METHOD, PICK_NO_SERVICE } pick_t;

//  Chooses an instance with room that has the method. BUSY: some have it, none has room.
//  member: as that instance declares it.
pick_t service_pick (service_t *self, span_t method, instance_t **instance, const member_t **member);
//  Whether an instance with room has the method.
bool service_has_room_for (const service_t *self, span_t method);
//  An instance took a call, or has answered one.
void instance_taken (instance_t *self);
void instance_answered (instance_t *self);
//  Takes it out of the choice until instance_resume (its session takes no more at present).
void instance_stall (instance_t *self);
void instance_resume (instance_t *self);
//  Frees an unregistered instance once nothing is dispatched to it.
void instance_release (instance_t **self_p);

//  How an instance declares a method; NULL: it has none of that name. One that declares nothing has any.
static inline const member_t *instance_method (const instance_t *self, span_t method)
{
    static const member_t any = { 0 };
    return self->interface ? interface_method (self->interface, method) : &any;
}

extern const char *const mode_names [MODE_COUNT];

#endif
