/*  caller.h - what objects keep of their callers, and how they hear that one is gone

    A state is an object's and a session's. A call that has asked for it holds it; it is over once the session has ended, the
    object was taken away or the connection goes, and `gone` is told when nobody holds it any more. All under the box's lock
    where there is a box: workers look, too. What is begun and told is the connection's thread's.
*/
#ifndef CALLER_H_INCLUDED
#define CALLER_H_INCLUDED

#include "client.h"
#include "textmap.h"

struct object;

typedef struct caller caller_t;

typedef struct {
    textmap_t sessions;  //  that something is kept of, by their unique names; each has a watch
    caller_t *over;      //  to be told
} callers_t;

//  A call ends: it holds nothing any more. With the box's lock held, if there is one.
void callers_release (hearth_call_t *call);
//  Tells what is to be told. Without the lock.
void callers_tell (hearth_t *hearth);
//  An object is taken away; told at once, but for what its handlers hold.
void callers_drop (hearth_t *hearth, const struct object *object);
//  The connection is going: all is told, whoever holds it.
void callers_close (hearth_t *hearth);

#endif
