/*  publishing.h - the publishing socket: who subscribed to what, and what is dropped on the way
*/
#ifndef PUBLISHING_H_INCLUDED
#define PUBLISHING_H_INCLUDED

#include "network.h"

typedef struct subscriber subscriber_t;

void publishing_begin (void);
void publishing_end (void);
void publishing_lose_broker (bool silently);

//  A SUB socket: connects by itself, again and again. Its peer is told when something has come.
subscriber_t *subscriber_new (peer_t *peer);
void subscriber_destroy (subscriber_t **self_p);
void subscriber_subscribe (subscriber_t *self, const char *prefix, bool on);
packet_t *subscriber_receive (subscriber_t *self);
bool subscriber_has_notes (const subscriber_t *self);

//  Faults: all is lost for a while; a peer's connections end.
void subscriber_deafen (int64_t ms);
void subscriber_break (peer_t *peer);

#endif
