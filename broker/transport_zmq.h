/*  transport_zmq.h - libzmq to the core and back

    A ROUTER for peers and an XPUB for observers. Moves frames, and knows how libzmq tells, or fails to tell, who is
    there; knows nothing of what frames say. Its files:

    transport_zmq.c  what the loop calls, and the way of a frame in both directions
    zmq_publisher.c  notifications and subscriptions
    zmq_admission.c  who may connect, for how long without a word, and how connections are ended
    zmq_liveness.c   which peers have gone
    zmq_gate.c       the sockets with their monitors and connections
    zmq_links.c      the table of peers

    Single-threaded but for the release of what was published. Order of use: new, bind, start; then turn and wait, again and again; destroy.
*/
#ifndef TRANSPORT_ZMQ_H_INCLUDED
#define TRANSPORT_ZMQ_H_INCLUDED

#include "core.h"
#include "log.h"

typedef struct transport_zmq transport_zmq_t;

typedef enum { GATE_CALLS, GATE_EVENTS } gate_kind_t;

extern const transport_ops_t transport_zmq_ops;

//  The limits are copied, the log is borrowed until destroy. NULL with errno set if libzmq refuses or memory is short.
transport_zmq_t *transport_zmq_new (const limits_t *limits, log_t *log, int64_t now_ms);

//  What was sent is still delivered, if that takes no longer than linger_ms.
void transport_zmq_destroy (transport_zmq_t **self_p, int linger_ms);

//  Binds, and writes the real endpoint (with the port that `*` became). Returns 0, or -1 with errno set.
int transport_zmq_bind (transport_zmq_t *self, gate_kind_t kind, const char *endpoint, char *bound, size_t size);

//  From now on frames go to that core. It must live as long as turns are made.
void transport_zmq_start (transport_zmq_t *self, core_t *core);

//  Takes in what has come, in bounded turns: at most 256 frames or a millisecond for each socket.
void transport_zmq_turn (transport_zmq_t *self, int64_t now_ms);

//  Waits until there is something to do, `fd` is readable, or timeout_ms has passed (-1: no end). Does not wait if the
//  last turn has left something. Returns whether `fd` is readable.
bool transport_zmq_wait (transport_zmq_t *self, int fd, int timeout_ms);

//  When its timers want a turn; -1: no need.
int64_t transport_zmq_deadline (const transport_zmq_t *self);

#endif
