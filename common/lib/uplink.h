/*  uplink.h - the sockets of a connection, and libzmq's traps around them; nothing about what travels, but that
    several frames may travel together

    A DEALER that lives as long as one session, with its monitor; a SUB socket, opened when something is subscribed to;
    one epoll descriptor over all of them and an eventfd, with which any thread wakes whoever waits.
*/
#ifndef UPLINK_H_INCLUDED
#define UPLINK_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "packing.h"

typedef struct uplink uplink_t;

//  NULL with errno for want of memory or descriptors.
uplink_t *uplink_new (void);
//  Sends what is left for at most linger_ms.
void uplink_destroy (uplink_t **self_p, int linger_ms);

//  Opens a new DEALER and begins to connect it; closes the one before. 0, or -1 with errno.
int uplink_open (uplink_t *self, const char *endpoint);
void uplink_close (uplink_t *self, int linger_ms);

//  Whether the connection is made, so that a frame can be sent.
bool uplink_is_writable (uplink_t *self);
//  True once when the connection was lost or could not be made. What came before can still be received.
bool uplink_is_lost (uplink_t *self);
//  Takes the message; false if there is no connection (and then leaves it).
bool uplink_send (uplink_t *self, zmq_msg_t *message);
//  Adds a frame to what is gathered; false if it has to be sent as a message.
bool uplink_add (uplink_t *self, const uint8_t *frame, size_t size);
//  Looks again at what was found empty, for whoever does not wait in between.
void uplink_look_again (uplink_t *self);
//  The next frame. False if there is none.
bool uplink_receive (uplink_t *self, received_t *in);

//  The broker understands bundles (bundle.h): tells it that we do, too.
void uplink_allow_bundles (uplink_t *self);
//  Whether what is sent from now on is gathered, until there is enough for a message, uplink_flush, or uplink_wait. Nothing is
//  gathered unless bundles are allowed.
void uplink_gather (uplink_t *self, bool on);
void uplink_flush (uplink_t *self);

//  The SUB socket: where it connects to ("" closes it), what it subscribes to, what comes in. Subscriptions are given
//  again by the caller after uplink_open_notes. 0, or -1 with errno.
int uplink_open_notes (uplink_t *self, const char *endpoint);
bool uplink_has_notes (const uplink_t *self);
void uplink_subscribe (uplink_t *self, const char *prefix, bool on);
bool uplink_receive_note (uplink_t *self, zmq_msg_t *message);
//  Whether uplink_wait waits for notifications, too (yes, unless told otherwise).
void uplink_mind_notes (uplink_t *self, bool on);

//  Waits until a socket may have something, uplink_wake was called, or the time has passed (-1: for ever).
void uplink_wait (uplink_t *self, int64_t timeout_ms);
//  Whether something may be left to receive without waiting.
bool uplink_is_ready (const uplink_t *self);
//  Ends uplink_wait, now or when it is called next. Any thread; safe in signal handlers.
void uplink_wake (uplink_t *self);
int uplink_fd (const uplink_t *self);

#endif
