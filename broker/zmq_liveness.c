/*  zmq_liveness.c - which peers have gone

    A ROUTER tells nobody that a peer left. What there is: a monitor's event, which comes before the peer's pipe ends, and
    a send that fails once it has ended. So after a hint probes are sent, at growing distances, until one fails (the peer
    is gone) or the last one has gone through (the hint was about somebody else). What the peer had sent before is
    delivered first. Frames prove nothing: they may have been waiting since before its death. Of a peer whose connection
    is not known no monitor will tell: that one is probed on and on.
*/
#include "zmq_state.h"

#define PROBES    8      //  after 1, 2, 4 … 128 ms
#define FORGET_MS 60000  //  a ROUTER that is never found empty is fair all the same: by then it was their turn

static void s_bury (transport_zmq_t *self, link_t *link)
{
    session_t *session = link->state == LINK_OPEN ? link->session : NULL;
    bundles_drop (self, link);
    alarm_stop (self, &link->alarm);
    link->state = LINK_GONE;
    link->session = NULL;
    link->drains = self->drains;
    link->forget_ms = self->now_ms + FORGET_MS;
    list_append (&self->ended, &link->ended);
    if (session)
        core_gone (self->core, session, self->now_ms);
}

static void s_acquit (transport_zmq_t *self, link_t *link)
{
    link->suspect = false;
    if (!link->connection)
        admission_claim_late (self, link);
    if (!link->connection)
        alarm_start (self, &link->alarm, self->now_ms + (1 << PROBES));
    if (link->state == LINK_OPEN)
        core_trust (self->core, link->session, self->now_ms);
}

static void s_start_probe (transport_zmq_t *self, link_t *link)
{
    alarm_start (self, &link->alarm, self->now_ms + (1 << link->probes));
    link->probes++;
}

static void s_ring_probe (transport_zmq_t *self, alarm_t *alarm)
{
    link_t *link = CONTAINER_OF (alarm, link_t, alarm);
    bool last = link->probes == PROBES;
    source_update (&self->calls.main);
    sent_t sent = link_send (self, link, &self->probe);
    if (sent == SENT_GONE && (last || self->drains > link->drains))
        s_bury (self, link);
    else if (!last)
        s_start_probe (self, link);
    else
        s_acquit (self, link);
}

void link_watch (transport_zmq_t *self, link_t *link)
{
    if (link->state == LINK_GONE || timer_is_running (&link->alarm.node))
        return;
    link->probes = 0;
    link->drains = self->drains;
    link->alarm.ring = s_ring_probe;
    s_start_probe (self, link);
}

void link_suspect (transport_zmq_t *self, link_t *link)
{
    link_watch (self, link);
    if (link->state != LINK_OPEN || link->suspect)
        return;
    link->suspect = true;
    core_suspect (self->core, link->session, self->now_ms);
}

void links_forget (transport_zmq_t *self)
{
    list_t *first;
    while ((first = list_first (&self->ended))) {
        link_t *link = CONTAINER_OF (first, link_t, ended);
        if (self->drains < link->drains + 2 && self->now_ms < link->forget_ms)
            return;
        list_remove (first);
        links_remove (&self->links, &link);
    }
}
