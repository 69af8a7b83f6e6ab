/*  flow_record.h - the record of a stream, which flows.c and flows_seam.c share
*/
#ifndef FLOW_RECORD_H_INCLUDED
#define FLOW_RECORD_H_INCLUDED

#include "flows.h"

typedef struct {
    uint64_t items;
    uint64_t bytes;
} amount_t;

//  One way of a stream.
typedef struct {
    amount_t granted;   //  by its receiver, as the broker knows
    amount_t told;      //  to its sender
    amount_t came;      //  from its sender to the broker
    amount_t passed;    //  on
    amount_t asked;     //  by its receiver's library
    amount_t window;    //  of that: as much waits there at most
    amount_t taken;     //  by the receiver
    uint64_t sent;      //  by the sender
    uint64_t received;  //  by the receiver's library
    uint64_t received_bytes;
    uint32_t *sizes;  //  of those
    size_t room;
} lane_t;

typedef struct flow flow_t;

//  Where it is found by its token: at its caller's, or at its service's.
typedef struct end end_t;
struct end {
    end_t *next;
    flow_t *flow;
    uint64_t link;
    wire_token_t token;
    bool is_service;
};

struct flow {
    uint64_t id;
    uint32_t silence_ms;
    lane_t lanes [2];
    end_t caller;
    end_t service;
    int64_t last_ms [2];  //  at its caller, at its service: something came or went
    uint64_t callee;
    bool is_dispatched;
    bool is_answered;
    int64_t answered_ms;  //  by the broker
    bool is_lied_about;
    bool has_said_end;   //  the program
    bool has_sent_end;   //  its library
    bool has_end_come;   //  to the broker
    bool has_ended_up;   //  the service was told
    bool is_cancelled;   //  the service was told
    int64_t dropped_ms;  //  since when all is; 0: not
};

//  NULL: nobody knows it.
flow_t *flow_find (uint64_t id);
flow_t *flow_by_token (const link_t *link, wire_token_t token, bool is_service);
//  From now on it is found by that token.
void flow_bind (flow_t *self, end_t *end, const link_t *link, wire_token_t token);
//  Whether that is the item of that number of the stream.
bool flow_is_item (const flow_t *self, const uint8_t *data, size_t size, uint64_t wanted);

static inline void amount_add (amount_t *self, uint64_t items, uint64_t bytes)
{
    self->items += items;
    self->bytes += bytes;
}

#endif
