/*  zmq_links.h - the peers behind the ROUTER, found by the routing ids that libzmq has given them

    Knows of connections and sessions only as pointers to keep.
*/
#ifndef ZMQ_LINKS_H_INCLUDED
#define ZMQ_LINKS_H_INCLUDED

#include "bundle.h"
#include "core.h"
#include "zmq_gate.h"

#include <zmq.h>

#define ROUTING_ID_SIZE 5  //  a zero byte and a number of 4 bytes

typedef struct bundle_buffer bundle_buffer_t;

typedef enum {
    LINK_OPEN,    //  the core has a session for it
    LINK_KICKED,  //  the core has none any more; its connection is about to end
    LINK_GONE     //  it cannot be reached; frames of it may still be unread
} link_state_t;

struct link {
    list_t ended;  //  of those that are gone
    uint8_t id [ROUTING_ID_SIZE];
    uint8_t probes;  //  sent since the last hint that it died
    bool suspect;    //  the core was told of the hint
    link_state_t state;
    int doubtful_fd;  //  its connection's, if that may be somebody else's; -1
    session_t *session;
    connection_t *connection;  //  NULL: unknown, or it has ended
    uint64_t drains;           //  the transport's count at the hint, or when it went
    int64_t forget_ms;         //  when it is forgotten at the latest, once it is gone
    alarm_t alarm;             //  the next probe
    uint64_t sent_bytes;       //  ever
    uint64_t look_at_bytes;    //  the kernel is asked again how much the peer has read when so much was sent

    bool bundles;             //  the peer understands bundles
    list_t gathering;         //  of those with frames that are gathered:
    zmq_msg_t first;          //  the only one,
    bundle_buffer_t *buffer;  //  or several
};

typedef struct {
    uint32_t id;
    link_t *link;
} link_slot_t;

typedef struct {
    link_slot_t *slots;  //  open addressing with linear probing, at most half full
    unsigned shift;      //  64 - the binary logarithm of the number of slots
    size_t count;
    uint64_t factor;  //  odd and random: ids that peers choose do not collide by design
} links_t;

//  Returns -1 if memory is short.
int links_init (links_t *self, uint64_t random);
void links_clear (links_t *self);

static inline uint32_t routing_number (const uint8_t id [ROUTING_ID_SIZE])
{
    return (uint32_t) id [1] << 24 | (uint32_t) id [2] << 16 | (uint32_t) id [3] << 8 | id [4];
}

link_t *links_find (const links_t *self, uint32_t id);
//  A new one, open; NULL if memory is short. The id must not be there.
link_t *links_add (links_t *self, const uint8_t id [ROUTING_ID_SIZE]);
//  Its alarm must not be running.
void links_remove (links_t *self, link_t **link_p);

#endif
