/*  uplink_state.h - an uplink's sockets, and what its two files share: uplink.c has the DEALER, uplink_notes.c the SUB socket
*/
#ifndef UPLINK_STATE_H_INCLUDED
#define UPLINK_STATE_H_INCLUDED

#include "uplink.h"

enum { READY_DEALER = 1, READY_MONITOR = 2, READY_NOTES = 4, READY_WAKE = 8, READY_BUNDLE = 16 };

struct uplink {
    void *context;
    void *dealer;
    void *monitor;
    void *notes;
    int epoll;
    int wake;
    unsigned ready;
    unsigned deaf;    //  sources that are not waited for
    unsigned opened;  //  how many DEALERs there were: each monitor needs an address of its own

    bool bundles;  //  the broker understands them
    bool gathers;  //  what is sent waits in `out` for more
    outbound_t out;
    inbound_t in;  //  a bundle that came, while READY_BUNDLE
    bool is_lost;  //  memory was short for what was to be sent
};

void socket_set (void *socket, int option, int value);
int socket_fd (void *socket);
int socket_connect (void *socket, const char *endpoint);

//  Has uplink_wait wait for a socket, whose bit is set from then on.
int uplink_watch (uplink_t *self, void *socket, unsigned bit);
void uplink_close_socket (uplink_t *self, void **socket_p, unsigned bit, int linger_ms);
//  The next message of one frame; false, and the bit cleared, if there is none.
bool uplink_receive_one (uplink_t *self, void *socket, unsigned bit, zmq_msg_t *message);

#endif
