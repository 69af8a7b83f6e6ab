/*  posted.h - what hearth_post has sent of which nothing comes back: how much of it may wait to be read by the broker

    Now and then a call that the broker itself answers follows what was posted: its answer says that all before it was read.
*/
#ifndef POSTED_H_INCLUDED
#define POSTED_H_INCLUDED

#include "client.h"

typedef struct {
    uint64_t bytes;          //  posted since the mark, or since nothing was waiting
    uint64_t look_at_bytes;  //  when there are so many, it is looked for what has come
    hearth_pending_t *mark;  //  a call behind what was posted before; NULL: none is under way
} posted_t;

//  Whether more may be posted. Takes in what has come where much was posted, and runs nothing.
bool posted_may (hearth_t *hearth);
//  A frame of that size was posted.
void posted_note (hearth_t *hearth, size_t size);
//  The connection is going.
void posted_clear (hearth_t *hearth);

#endif
