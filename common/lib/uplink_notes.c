/*  uplink_notes.c - the SUB socket of a connection
*/
#include "uplink_state.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "limits.h"

#define NOTES_HWM 1000  //  messages that wait here; what is beyond is filled in from the broker's history

//  Its receive queue is bounded, and what does not fit is lost and found again by the account. While the queue is full
//  the socket does not read, PONGs neither: it must not give up the connection for that.
int uplink_open_notes (uplink_t *self, const char *endpoint)
{
    uplink_close_socket (self, &self->notes, READY_NOTES, 0);
    if (!*endpoint)
        return 0;
    self->notes = zmq_socket (self->context, ZMQ_SUB);
    if (!self->notes)
        return -1;
    socket_set (self->notes, ZMQ_LINGER, 0);
    socket_set (self->notes, ZMQ_RCVHWM, NOTES_HWM);
    socket_set (self->notes, ZMQ_HEARTBEAT_IVL, (int) limit_rows [LIMIT_HEARTBEAT].value);
    socket_set (self->notes, ZMQ_HEARTBEAT_TTL, (int) limit_rows [LIMIT_HEARTBEAT_END].value);
    socket_set (self->notes, ZMQ_HEARTBEAT_TIMEOUT, 0);
    if (uplink_watch (self, self->notes, READY_NOTES) == 0 && socket_connect (self->notes, endpoint) == 0)
        return 0;

    int why = errno;
    uplink_close_socket (self, &self->notes, READY_NOTES, 0);
    errno = why;
    return -1;
}

bool uplink_has_notes (const uplink_t *self)
{
    return self->notes;
}

void uplink_subscribe (uplink_t *self, const char *prefix, bool on)
{
    if (!self->notes)
        return;
    self->ready |= READY_NOTES;
    zmq_setsockopt (self->notes, on ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, prefix, strlen (prefix));
}

bool uplink_receive_note (uplink_t *self, zmq_msg_t *message)
{
    return uplink_receive_one (self, self->notes, READY_NOTES, message);
}

void uplink_mind_notes (uplink_t *self, bool on)
{
    unsigned deaf = on ? 0 : READY_NOTES;
    if (self->deaf == deaf)
        return;
    self->deaf = deaf;
    struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.u32 = READY_NOTES };
    if (self->notes)
        epoll_ctl (self->epoll, EPOLL_CTL_MOD, socket_fd (self->notes), &event);
}
