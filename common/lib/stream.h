/*  stream.h - one end of a stream: items that came, and the credit for those that go; no socket, no clock

    The other end may send what it has credit for (docs/protocol.md, section 6.1). What came is put into a queue; as it
    is taken, its share of the window is owed to the other end, and granted again in portions.
*/
#ifndef STREAM_H_INCLUDED
#define STREAM_H_INCLUDED

#include <zmq.h>

#include "value.h"
#include "wire.h"

#define STREAM_FIRST_ITEMS 32  //  a window at first, and when it has grown
#define STREAM_FIRST_BYTES 65536
#define STREAM_MOST_ITEMS  1000
#define STREAM_MOST_BYTES  1048576

typedef struct stream stream_t;
typedef struct stream_item stream_item_t;

//  The streams of a connection: what their windows take of the session's limit, and whom to tell that something moved.
typedef struct {
    uint64_t items;
    uint64_t bytes;
    uint64_t items_limit;
    uint64_t bytes_limit;
    stream_t *due;
    stream_t *telling;  //  were due when streams_tell began
} streams_t;

struct stream {
    streams_t *home;  //  NULL: the connection is gone

    stream_item_t *first;  //  came, and not taken yet
    stream_item_t **last;
    stream_item_t *shown;  //  was taken last: its value is in use
    stream_item_t *spare;  //  to be used again, in a list
    unsigned spares;
    msgpack_zone zone;
    uint64_t received;
    uint32_t window_items;  //  0: nothing was granted yet
    uint32_t window_bytes;
    uint32_t items_most;  //  it grows to that as items are taken; 0: no window was opened
    uint32_t bytes_most;
    uint32_t owed_items;  //  taken, and not granted again
    uint64_t owed_bytes;
    bool is_over;      //  nothing more comes
    bool is_dropping;  //  what comes is not wanted
    bool is_broken;    //  memory was short: an item is missing

    int64_t items;  //  that may be sent
    int64_t bytes;  //  while this is above 0
    uint64_t sent;
    bool is_ended;        //  nothing more goes
    bool ends_when_sent;  //  that is to be said as soon as the request was sent
    uint32_t silence_ms;  //  the longest that is allowed

    bool can_read;   //  an item is there, or none will come
    bool can_write;  //  an item may be sent, or none ever will

    void (*tell) (stream_t *self);  //  calls whoever asked for it; NULL: nobody did
    void *owner;                    //  the call, on either side
    hearth_ready_fn *ready;         //  the caller's, or
    hearth_asked_fn *asked;         //  the handler's,
    void *context;                  //  with this
    stream_t *next_due;
    stream_t **at_due;  //  what points to it in its list
    bool is_due;
};

//  What the broker of a session lets it grant.
void streams_set_limits (streams_t *self, uint64_t items, uint64_t bytes);

//  NULL if memory is short.
stream_t *stream_new (streams_t *home);
void stream_destroy (stream_t **self_p);
//  The connection is going.
void stream_leave (stream_t *self);

//  Takes a window of what the session's limit leaves, which is to be granted to the other end. items, bytes: exactly so much
//  or what is left; 0: little at first, so that there may be many, and more for one that is read from. False if nothing is
//  left.
bool stream_open_window (stream_t *self, uint32_t items, uint32_t bytes);
//  An item came in a frame of that size. Its body must have been checked. message: holds the frame alone, and is taken where the
//  item is large; NULL: it is copied.
void stream_receive (stream_t *self, const wire_frame_t *frame, size_t size, zmq_msg_t *message);
//  Nothing more comes.
void stream_over (stream_t *self);
//  The next item; NULL if there is none yet. Valid until the next one is taken.
const hearth_value_t *stream_take (stream_t *self);
//  What comes, and has come, is not wanted.
void stream_drop (stream_t *self);
//  Whether it is time to grant; and what, which is granted then.
bool stream_owes (const stream_t *self);
bool stream_grants (stream_t *self, uint32_t *items, uint32_t *bytes);

//  Credit came.
void stream_credit (stream_t *self, uint64_t items, uint64_t bytes);
//  An item of that size was sent.
void stream_sent (stream_t *self, size_t size);
//  Nothing more goes.
void stream_end (stream_t *self);

//  Something moved: whoever asked for it is told by streams_tell.
void stream_moved (stream_t *self);
void streams_tell (streams_t *self);

#endif
