/*  scene.h - the libzmq transport between a core that only remembers and peers made by hand

    What happens between two turns of the loop is the test's choice. Each failure here fails the calling Criterion test.
*/
#ifndef SCENE_H_INCLUDED
#define SCENE_H_INCLUDED

#include "clock.h"
#include "transport_zmq.h"
#include "zmq_state.h"

#define MOST_SESSIONS 4
#define SLOW          's'  //  first byte of a frame that takes the core until the clock's next millisecond

struct session {
    link_t *link;
    unsigned frames;
    uint8_t first;  //  byte of its first frame
    char all [64];  //  their texts
    bool suspect;
    bool gone;
};

struct core {
    session_t sessions [MOST_SESSIONS];
    size_t count;
    unsigned trusted;
    unsigned subscriptions;
    unsigned limits [LIMIT_COUNT];
};

typedef struct {
    core_t core;
    log_t *log;
    transport_zmq_t *transport;
    uint16_t port;
} scene_t;

//  Binds to a port of its own; a peer has hello_ms for its hello.
void open_scene (scene_t *self, uint64_t hello_ms);
void close_scene (scene_t *self);

//  Waits for what comes or is due, or for fd, and makes a turn. Returns whether fd is readable.
bool make_turn (scene_t *self, int fd);
void run_until_gone (scene_t *self, const session_t *session);
void run_until_heard (scene_t *self, const session_t *session);
//  Until the core has been told so often that a suspect lives.
void run_until_trusted (scene_t *self, unsigned times);
//  Until the transport has ended the connection whose other end is fd; skips what was sent there.
void run_until_closed (scene_t *self, int fd);

//  A DEALER that has finished its handshake and sent one frame, or none.
int connect_peer (const scene_t *self, const char *frame);
//  Messages of at most 255 bytes.
void write_bytes (int fd, const void *bytes, size_t size);
void write_frame (int fd, const char *text);
//  Returns when libzmq's I/O thread has handed over all that was sent before: it has answered a ping, and another.
void await_handover (int fd);
//  Returns when the transport's side of the connection is closed.
void close_peer (int fd);

#endif
