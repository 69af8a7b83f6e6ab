/*  test_batches.c - calls that are started one after the other go out together

    libzmq writes with send (), which is the test's own here: it counts what a connection writes, and holds the first write up
    until all calls have been started.
*/
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000
#define CALLS       1000
#define CALL_BYTES  64    //  more than one of them takes on the wire
#define BATCH_BYTES 8192  //  that libzmq writes at once
#define OTHERS      4     //  the first write, and heartbeats

static const char *const options [] = { "--settle", "0", NULL };

static atomic_bool counting;
static atomic_int writes;
static int gate [2];

__attribute__ ((visibility ("default"))) ssize_t send (int fd, const void *data, size_t size, int flags)
{
    char byte;
    if (atomic_load (&counting) && atomic_fetch_add (&writes, 1) == 0 && read (gate [0], &byte, 1) != 1)
        abort ();
    return syscall (SYS_sendto, fd, data, size, flags, NULL, 0);
}

Test (batches, what_is_started_while_the_wire_is_busy_goes_out_in_few_writes)
{
    static hearth_pending_t *calls [CALLS];
    int good = 0;
    cr_assert_eq (pipe (gate), 0);
    fixture_broker_t *broker = fixture_broker_new (options);
    hearth_t *client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    hearth_proxy_t *directory = hearth_proxy (client, "hearth");

    atomic_store (&counting, true);
    for (int index = 0; index < CALLS; index++)
        calls [index] = hearth_start (directory, "ping", index);
    bool is_open = write (gate [1], "", 1) == 1;
    for (int index = 0; index < CALLS; index++) {
        hearth_result_t *result = hearth_wait (&calls [index], -1);
        good += !hearth_failed (result) && hearth_result_int (result) == index;
        hearth_result_destroy (&result);
    }
    atomic_store (&counting, false);

    cr_assert (is_open);
    cr_assert_eq (good, CALLS);
    cr_assert_gt (atomic_load (&writes), 0);
    cr_assert_leq (atomic_load (&writes), CALLS * CALL_BYTES / BATCH_BYTES + OTHERS, "%d writes",
                   atomic_load (&writes));
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}
