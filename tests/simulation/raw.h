/*  raw.h - a peer that speaks in frames, from docs/protocol.md alone: what its parts share

    raw.c      its connection, what comes in
    raw_acts.c what an honest one does; raw_streams.c: to streams
    liar.c     what a lying one does; liar_streams.c: to streams
*/
#ifndef RAW_H_INCLUDED
#define RAW_H_INCLUDED

#include <string.h>

#include "name.h"
#include "peer.h"
#include "value.h"
#include "wire.h"

#define RAW_SLOTS  12
#define RAW_INBOX  64
#define RAW_SERVED 4

//  What it may send in a stream.
typedef struct {
    bool is_stream;
    bool has_ended;
    int64_t items;
    int64_t bytes;
    uint32_t silence_ms;
} raw_flow_t;

typedef enum { ASKED_NOTHING, ASKED_CALL, ASKED_REGISTER, ASKED_OTHER } asked_t;

typedef struct {
    asked_t kind;
    uint32_t generation;
    uint64_t id;
    int64_t end_ms;  //  when an answer must have come
    raw_flow_t flow;
} raw_slot_t;

typedef struct {
    wire_token_t token;
    uint64_t id;
    uint32_t flags;
    int64_t deadline_ms;
    bool is_cancelled;
    raw_flow_t flow;
} raw_request_t;

typedef struct {
    uint8_t instance [WIRE_INSTANCE_SIZE];
    uint64_t instances;
    uint64_t sessions;
    bool is_greeted;
    bool is_said;  //  hello
    uint64_t epoch;
    uint64_t number;
    uint64_t calls;  //  as many as the welcome allows
    unsigned mutes;  //  percent of requests that it never answers
    unsigned haste;  //  percent that it answers at once
    uint32_t generation;
    raw_slot_t slots [RAW_SLOTS];
    raw_request_t inbox [RAW_INBOX];
    unsigned inbox_count;
    wire_token_t served [RAW_SERVED];  //  a liar's: some requests that it was given
    unsigned registered;               //  a bit for each name that it has asked for in this session
    char unique [UNIQUE_NAME_SIZE];
} raw_t;

extern const peer_kind_t raw_kind;

static inline raw_t *raw_of (const peer_t *peer)
{
    return peer->state;
}

//  SPAN looks at its text twice: this is for one that is drawn.
static inline span_t raw_span (const char *text)
{
    return SPAN (text);
}

//  Sends a frame of a header and a body.
void raw_send (peer_t *self, const wire_frame_t *frame, const void *body, size_t size);
void raw_send_bytes (peer_t *self, const void *data, size_t size);
void raw_hello (peer_t *self, uint64_t sessions);
//  A free slot; -1: none.
int raw_free_slot (const raw_t *self);

//  Of a call: an id, and some bytes.
size_t raw_write_arguments (uint8_t *out, uint64_t id, size_t payload);
#define RAW_ARGUMENTS_MOST 8192

//  An answer to the request at that place, which is done with.
void raw_answer (peer_t *self, unsigned at);
void raw_act (peer_t *self);
//  ---- for raw_streams.c ----

//  Sends a request with a token of that slot.
void raw_ask (peer_t *self, int slot, asked_t kind, wire_frame_t *frame, const void *body, size_t size);
const char *raw_callee (peer_t *self);
uint32_t raw_deadline (peer_t *self);

void raw_stream_open (peer_t *self);
void raw_stream_act (peer_t *self);
//  A request that came, and an item or credit.
void raw_stream_request (raw_request_t *request, const wire_frame_t *frame);
void raw_stream_come (peer_t *self, const wire_frame_t *frame);

//  The arguments of `register`.
void raw_pack_registration (peer_t *self, pack_t *pack, const char *name);

//  Of its present session; "" if there is none, or it is no such peer.
const char *raw_unique_name (const peer_t *self);

void liar_act (peer_t *self);
void liar_request (peer_t *self, const wire_frame_t *frame);
void liar_stream_act (peer_t *self);
//  True: it is dealt with.
bool liar_stream_request (peer_t *self, const wire_frame_t *frame);

#endif
