/*  flow.h - what yield.c needs of a stream that is served: moving its deadline, and granting what it owes
*/
#ifndef FLOW_H_INCLUDED
#define FLOW_H_INCLUDED

#include "call.h"

//  Something came or went: it may be silent from now on. With the box's lock if the call is kept.
void flow_touch (hearth_call_t *call, int64_t now_ms);
//  Grants what is owed, or a window at first. In the connection's thread.
void flow_grant (hearth_t *hearth, hearth_call_t *call);

#endif
