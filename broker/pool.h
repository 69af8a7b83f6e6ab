/*  pool.h - which of a name's instances takes the next call: a heap of those with room

    The order is docs/protocol.md's, section 6.3: least outstanding first; among equals whoever was chosen longest ago.
*/
#ifndef POOL_H_INCLUDED
#define POOL_H_INCLUDED

#include "registry.h"

//  Room for one more instance, so that the rest cannot fail. Returns -1 if memory is short.
int pool_reserve (service_t *service);
//  Puts an instance where its outstanding calls and its capacity say: in, elsewhere, or out.
void pool_update (instance_t *instance);
void pool_remove (instance_t *instance);

#endif
