/*  relay.h - a wire between a peer and an ipc address, which a test can cut and mend

    Runs in a thread of its own. What it carries is bytes to it.
*/
#ifndef RELAY_H_INCLUDED
#define RELAY_H_INCLUDED

typedef struct relay relay_t;

//  Listens on an ipc address of its own, and accepts nothing before relay_mend.
relay_t *relay_new (void);
void relay_destroy (relay_t **self_p);
const char *relay_address (const relay_t *self);

//  From here on each connection becomes one to `target` (ipc://PATH).
void relay_mend (relay_t *self, const char *target);
//  Ends all connections, with what is on its way, and accepts none; returns when that is done.
void relay_cut (relay_t *self);

#endif
