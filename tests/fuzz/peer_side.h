/*  peer_side.h - what the peers of a broker's core say: frames whose fields come from the fuzzer's bytes

    Most fields are chosen from small pools, so that tokens and names meet; now and then a byte of a frame is changed, or its
    end is missing. It knows nothing of what the core makes of them.
*/
#ifndef PEER_SIDE_H_INCLUDED
#define PEER_SIDE_H_INCLUDED

#include "core.h"
#include "feed.h"
#include "wire.h"

#define PEER_EPOCH 0xabcdef012345
#define PEER_ASKED 16

struct link {
    session_t *session;  //  NULL: not connected; nothing is said then
    bool is_full;
    bool is_gone;
    wire_token_t asked [PEER_ASKED];  //  requests that it was sent
    unsigned asked_count;
};

typedef struct {
    feed_t feed;
    core_t *core;
    int64_t now_ms;
} script_t;

//  The target's.
extern script_t script;

void say_hello (link_t *link);
//  Bytes that are no frame, or are one.
void say_raw (link_t *link);
void say_request (link_t *link);
void say_register (link_t *link);
//  The directory's methods with bytes for arguments.
void say_ask (link_t *link);
void say_reply (link_t *link);
void say_item (link_t *link);
void say_credit (link_t *link);
void say_cancel (link_t *link);
void say_publish_event (link_t *link);
void say_goodbye (link_t *link);

#endif
