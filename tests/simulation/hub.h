/*  hub.h - the broker: a core, its clock, and its successor when it dies
*/
#ifndef HUB_H_INCLUDED
#define HUB_H_INCLUDED

#include "network.h"

void hub_begin (void);
void hub_end (void);

bool hub_is_up (void);
uint64_t hub_epoch (void);

//  What the transport tells the core.
void hub_frame (link_t *link, packet_t *packet);
void hub_gone (session_t *session);
void hub_doubt (session_t *session, bool is_trusted);
void hub_subscribed (const char *prefix);
//  Before time passes.
void hub_end_turn (void);

//  Faults: it dies, or is stopped in an orderly way, and another one comes after a while.
void hub_crash (bool silently, int64_t back_ms);
void hub_stop (int64_t back_ms);

//  Walks through the core's state.
void hub_audit (void);
//  Whether the broker remembers a topic.
bool hub_has_topic (const char *topic);
//  Whether somebody owns a name; whether the session of a unique name is there.
bool hub_has_session (const char *unique_name);
bool hub_has_name (const char *name);
//  Whether it may hold hardly more than it does, so that registrations are refused.
bool hub_is_full (void);
//  Everybody has left: nothing is held but what is remembered of topics.
void hub_check_empty (void);

//  publishing.c: the XPUB socket's end of it.
void notes_publish (void *transport, blob_t *blob);

#endif
