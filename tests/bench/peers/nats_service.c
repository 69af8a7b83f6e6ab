/*  nats_service.c - an echo service with NATS's C library. usage: nats_service URL [asap]

    With `asap` each reply is written at once, which serves one caller's latency; without, the library's flusher writes many.
*/
#include <nats/nats.h>
#include <unistd.h>

#include "bench.h"

static void s_echo (natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *self)
{
    (void) subscription;
    (void) self;
    natsConnection_Publish (connection, natsMsg_GetReply (message), natsMsg_GetData (message),
                            natsMsg_GetDataLength (message));
    natsMsg_Destroy (message);
}

int main (int argc, char **argv)
{
    natsOptions *options;
    natsConnection *connection;
    natsSubscription *subscription;
    bench_check (argc >= 2, "usage: URL [asap]");
    bench_check (natsOptions_Create (&options) == NATS_OK && natsOptions_SetURL (options, argv [1]) == NATS_OK
                     && natsOptions_SetSendAsap (options, argc > 2) == NATS_OK
                     && natsConnection_Connect (&connection, options) == NATS_OK
                     && natsConnection_Subscribe (&subscription, connection, "bench.echo", s_echo, NULL) == NATS_OK
                     && natsSubscription_SetPendingLimits (subscription, -1, -1) == NATS_OK
                     && natsConnection_Flush (connection) == NATS_OK,
                 "cannot serve on NATS");
    bench_say ("ready");
    for (;;)
        pause ();
}
