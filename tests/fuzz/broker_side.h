/*  broker_side.h - sockets and a clock that a fuzz target makes up: the functions of uplink.h and clock.h

    What the library sends is looked at and forgotten. What it receives is what the target put in, in order. Time passes
    where the library would wait: the target is asked for more first, so that all may happen in the middle of a call.
*/
#ifndef BROKER_SIDE_H_INCLUDED
#define BROKER_SIDE_H_INCLUDED

#include "wire.h"

#define SIDE_TOKENS 16

typedef struct {
    int64_t now_ms;
    bool is_connected;
    bool is_lost;
    bool refuses;                      //  the next socket
    wire_token_t asked [SIDE_TOKENS];  //  requests of the library's own, in this session
    unsigned asked_count;
    uint64_t requests;  //  that were put in and taken out, in this session
    uint64_t replies;   //  that the library sent in it
    uint64_t items;     //  the same of items, ends apart
    uint64_t granted;   //  the target's: items that the library may send in it, whether they are anybody's or not
} side_t;

extern side_t side;

void side_reset (void);
//  A frame for the DEALER, a notification for the SUB socket. Copied; dropped where there is no socket.
void side_put (const void *data, size_t size);
void side_put_note (const void *data, size_t size);
bool side_is_empty (void);

//  The target's: whether there is a session, so that a request counts.
bool side_has_session (void);
//  The target's: what the broker does next; false: there is nothing more to do.
bool side_step (void);

#endif
