/*  model.h - what a broker owes its peers, kept by somebody else than the broker

    Peers of a made-up world (world.h) that remember what they asked, what they were asked, and which names are theirs.
    Each mail is checked against that when it is taken in: a call ends once, its mark is true, a request goes to an owner
    of the name with room, who declares the method. Whatever a peer does goes through here, so that the model knows.
*/
#ifndef MODEL_H_INCLUDED
#define MODEL_H_INCLUDED

#include <inttypes.h>

#include "name.h"
#include "world.h"

#define MODEL_NAMES   4     //  "n0", "n1", …
#define MODEL_OWN     4     //  the place of the object under a peer's unique name
#define MODEL_METHODS 3     //  "a", "b", "c"
#define MODEL_PEERS   256   //  ever
#define MODEL_CALLS   4096  //  ever
#define MODEL_SLOTS   12    //  of a peer
#define MODEL_INBOX   256   //  requests that a peer has not answered

typedef enum { CALL_PLAIN, CALL_REGISTER, CALL_UNREGISTER, CALL_PUBLISH } call_kind_t;

//  One direction of a stream.
typedef struct {
    int64_t items;  //  credit
    int64_t bytes;
    uint64_t granted_items;  //  by frames of their own, and what the other side was told of that
    uint64_t granted_bytes;
    uint64_t told_items;
    uint64_t told_bytes;
    uint64_t sent;
    uint64_t received;
} model_flow_t;

typedef struct {
    call_kind_t kind;
    int caller;
    wire_token_t token;
    uint32_t flags;
    int64_t deadline_ms;
    int name;         //  -1: none of ours
    bool is_open;     //  its caller awaits an answer
    int ended_at;     //  the step in which it was answered
    int seen;         //  by how many services
    unsigned method;  //  of a request
    bool is_shared;   //  of a registration
    uint32_t capacity;
    unsigned methods;  //  a bit each; 0: any
    int callee;        //  of a request that was sent
    model_flow_t down;
    model_flow_t up;
    bool has_ended_up;
    bool was_told_end;
    bool must_end;  //  its peers broke a rule
    bool may_end;   //  perhaps: what the broker knows of a peer that is lost is not known
    uint32_t silence_ms;
} model_call_t;

typedef struct {
    int call;
    int name;
    int incarnation;
    wire_token_t token;
} model_request_t;

typedef struct {
    bool is_mine;
    bool is_shared;
    uint32_t capacity;
    unsigned methods;
    uint32_t outstanding;
    int incarnation;  //  counts its registrations
} model_name_t;

typedef struct {
    link_t *link;
    bool is_alive;  //  has a session
    bool may_end;   //  something was done that ends it
    bool is_suspect;
    uint64_t number;
    uint64_t instance;
    uint64_t sessions;
    char unique [UNIQUE_NAME_SIZE];
    model_name_t names [MODEL_NAMES + 1];
    int slots [MODEL_SLOTS];  //  its calls; -1: free
    model_request_t inbox [MODEL_INBOX];
    int inbox_count;
} model_peer_t;

typedef struct {
    world_t world;
    uint64_t random;
    uint64_t seed;
    int step;
    model_peer_t peers [MODEL_PEERS];
    int peer_count;
    model_call_t calls [MODEL_CALLS];
    int call_count;
    uint32_t generation;
    bool is_short;  //  of memory: sessions may end, and may not begin
} model_t;

//  The texts of names; that of MODEL_OWN is empty.
extern const char *const model_names [MODEL_NAMES + 1];

#define MODEL_CLAIM(self, condition, ...)                                                                            \
    do {                                                                                                             \
        char what_ [256];                                                                                            \
        snprintf (what_, sizeof what_, __VA_ARGS__);                                                                 \
        cr_assert ((condition), "seed %" PRIu64 ", step %d: %s", (self)->seed, (self)->step, what_);                 \
    } while (0)

//  A world with default limits; they may be changed before world_start.
void model_init (model_t *self, uint64_t seed);
//  A number below `most`, the same for the same seed.
unsigned model_random (model_t *self, unsigned most);
bool model_chance (model_t *self, unsigned percent);

//  A new connection with a session; instance 0: an instance of its own. Returns its place, -1 if it was refused.
int model_peer (model_t *self, uint64_t instance, uint64_t sessions);
//  A peer that has a session, or -1.
int model_any_peer (model_t *self);
int model_find_instance (const model_t *self, uint64_t instance);

//  Each returns the call, or -1 if the peer has no free slot. A request's target is a name's place, or a text.
int model_request (model_t *self, int peer, const char *target, int name, unsigned method, uint32_t flags,
                   uint32_t remaining_ms);
int model_register (model_t *self, int peer, int name, const char *mode, bool replace, uint32_t capacity,
                    unsigned methods);
int model_unregister (model_t *self, int peer, int name);
int model_publish (model_t *self, int peer, int name);
//  Answers a request of the inbox and forgets it.
void model_answer (model_t *self, int peer, int at, unsigned mark);

//  ---- model_streams.c: what a caller does with its call, and a service with a request of its inbox ----

void model_item_up (model_t *self, int call);
void model_item_end (model_t *self, int call);
void model_credit_up (model_t *self, int call, uint64_t items, uint64_t bytes);
void model_item_down (model_t *self, int peer, int at);
void model_credit_down (model_t *self, int peer, int at, uint64_t items, uint64_t bytes);
//  An item or a credit that came to a peer.
void model_take_stream (model_t *self, model_peer_t *peer, const wire_frame_t *wire);
//  What was sent has come, and who broke a rule has ended.
void model_check_streams (model_t *self);

//  The peer's connection is gone.
void model_leave (model_t *self, int peer);
//  What its session had ends with it.
void model_end (model_t *self, int peer);

//  Takes in all mail and checks it, and the core's own state. After each step.
void model_check (model_t *self);
//  After a tick: no call is open whose deadline has passed.
void model_check_deadlines (model_t *self);
//  When all requests are answered and nobody is suspect: no call waits but for a name that is not there.
void model_check_rest (model_t *self);
//  When everybody has left: nothing is left of them.
void model_check_empty (model_t *self);

#endif
