/*  zmq_gate.h - a bound libzmq socket, what its monitor says, and the connections that it has accepted

    Owns the options of the sockets. Knows connections by descriptor only, not who is behind them.
*/
#ifndef ZMQ_GATE_H_INCLUDED
#define ZMQ_GATE_H_INCLUDED

#include "limits.h"
#include "list.h"
#include "subscriptions.h"
#include "timer.h"
#include "transport.h"

typedef struct transport_zmq transport_zmq_t;

//  A timer, and what it calls.
typedef struct alarm {
    timer_node_t node;
    void (*ring) (transport_zmq_t *transport, struct alarm *alarm);
} alarm_t;

typedef struct {
    int fd;
    uint64_t serial;                //  tells it from others on the same descriptor
    bool shut;                      //  shutdown(2) was called: nothing is taken from it any more
    link_t *link;                   //  ROUTER: who speaks on it, once that is known
    subscriptions_t subscriptions;  //  XPUB
    alarm_t alarm;                  //  the time for a hello, or the grace of a kick, is over
} connection_t;

//  What is known of a descriptor: the connection that it is now, and until which count of drains (transport_zmq) there
//  may be unread frames of an earlier one that nobody had claimed.
typedef struct {
    connection_t *connection;
    uint64_t doubtful;
} descriptor_t;

//  A libzmq socket as something to wait for. ZMQ_FD tells of what is new only: it may be waited for once the socket
//  had nothing more (quiet), as long as nothing was done with it since, for a send takes in what is new, too.
typedef struct {
    void *socket;
    int fd;
    bool quiet;
} source_t;

typedef struct {
    const char *name;  //  for the log
    source_t main;
    source_t monitor;
    descriptor_t *descriptors;
    size_t room;
    size_t connections;
    uint64_t serial;  //  connections ever
} gate_t;

//  Applies the options of a ROUTER or XPUB (type). Returns 0, or -1 with errno set.
int gate_open (gate_t *self, void *context, int type, const char *name, const limits_t *limits);
//  What has been sent is still delivered, for at most linger_ms, while the context ends.
void gate_close (gate_t *self, int linger_ms);

//  The next thing that the monitor has to say, ZMQ_EVENT_ACCEPTED or ZMQ_EVENT_DISCONNECTED; 0: nothing.
int gate_next_event (gate_t *self, int *fd);

//  The connection on that descriptor; NULL if there is none. gate_add: NULL if memory is short.
connection_t *gate_find (const gate_t *self, int fd);
connection_t *gate_add (gate_t *self, int fd);
//  Its alarm must not be running.
void gate_remove (gate_t *self, connection_t **connection_p);

//  Takes in what the I/O thread reports about the socket's peers, without reading a message.
void source_update (source_t *self);

#endif
