/*  looping.c - what a connection does in an event loop of a program's own, whatever that loop is (looping.h)

    The scenarios of test_loop_poll.c and test_loop_uv.c: each is linked with its loop.
*/
#include "looping.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000
#define LINES       50

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static loop_t *loop;
static hearth_t *client;  //  what the loop drives
static hearth_proxy_t *proxy;
static atomic_uint told;  //  how many of its calls have ended

//  ---- the service, in a thread of its own ----

static int entered [2];   //  a handler writes a byte when it has begun
static int released [2];  //  and reads one before it answers

static void hold (hearth_call_t *call, void *self)
{
    char byte;
    (void) self;
    if (write (entered [1], "", 1) == 1 && read (released [0], &byte, 1) == 1)
        hearth_reply_nil (call);
}

//  Tells its caller's own object, publishes, and answers.
static void work (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_t *hearth = hearth_connection (call);
    hearth_result_t *noted = hearth_call (hearth_proxy_within (call, "test.loop"), "note", hearth_arg (call, 0));
    bool is_published = hearth_publish (hearth, "test.service", "done", hearth_arg (call, 0)) == 0;
    hearth_reply (call, hearth_bool (!hearth_failed (noted) && is_published));
    hearth_result_destroy (&noted);
}

static const hearth_method_t methods [] = {
    { "hold", "", "nil", hold, .doc = NULL },
    { "work", "line: int", "bool", work, .doc = NULL },
    { .name = NULL },
};

static party_t *service;

static void begin (void)
{
    cr_assert_eq (pipe (entered), 0);
    cr_assert_eq (pipe (released), 0);
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
    loop = loop_new ();
}

static void end (void)
{
    loop_destroy (&loop);
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (looping, .init = begin, .fini = end);

static void await_handler (void)
{
    char byte;
    cr_assert_eq (read (entered [0], &byte, 1), 1);
}

static void release_handler (void)
{
    cr_assert_eq (write (released [1], "", 1), 1);
}

//  Until the connection has nothing to do: its descriptor says nothing then until something comes.
static void calm_down (hearth_t *hearth)
{
    do
        cr_assert_eq (hearth_process (hearth), 0);
    while (hearth_next_timeout_ms (hearth) == 0);
}

static void note_end (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    (void) context;
    party_good (result);
    hearth_result_destroy (&result);
    atomic_fetch_add (&told, 1);
}

static void start_hold (void)
{
    cr_assert_eq (hearth_when_done (hearth_start (proxy, "hold"), note_end, NULL), 0);
}

//  ---- everything at once ----

static struct {
    int lines [2];  //  the program's own pipe
    unsigned ticks;
    unsigned noted;  //  requests that its object was sent
    unsigned observed;
    atomic_uint facts;
} program;

static void tick (void *context)
{
    (void) context;
    if (program.ticks++ < LINES)
        cr_assert_eq (write (program.lines [1], "x", 1), 1);
}

static void count_fact (void)
{
    atomic_fetch_add (&program.facts, 1);
}

static void work_is_done (hearth_t *hearth, hearth_result_t *result, void *context)
{
    cr_assert (hearth_result_bool (result));
    note_end (hearth, result, context);
    count_fact ();
}

static void take_line (void *context)
{
    char line;
    (void) context;
    cr_assert_eq (read (program.lines [0], &line, 1), 1);
    cr_assert_eq (hearth_when_done (hearth_start (proxy, "work", line), work_is_done, NULL), 0);
}

static void note (hearth_call_t *call, void *self)
{
    (void) self;
    program.noted += hearth_arg_int (call, 0) == 'x';
    count_fact ();
    hearth_reply_nil (call);
}

static void observe (const hearth_notification_t *notification, void *context)
{
    (void) context;
    cr_assert_eq (notification->kind, HEARTH_MESSAGE);
    program.observed += hearth_value_int (notification->value) == 'x';
    count_fact ();
}

Test (looping, it_serves_calls_and_observes_beside_a_pipe_and_a_timer)
{
    static const hearth_method_t own [] = { { "note", "line: int", "nil", note, .doc = NULL }, { .name = NULL } };
    cr_assert_eq (pipe (program.lines), 0);
    cr_assert_eq (hearth_serve (client, "test.loop", own, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    hearth_observation_t *observation = hearth_observe (client, "test.service", "done", PATIENCE_MS, observe, NULL);
    cr_assert (observation);
    loop_drive (loop, client);
    loop_on_input (loop, program.lines [0], take_line, NULL);
    loop_every (loop, 1, tick, NULL);
    loop_until (loop, &program.facts, 3 * LINES);
    cr_assert_eq (atomic_load (&told), LINES);
    cr_assert_eq (program.noted, LINES);
    cr_assert_eq (program.observed, LINES);
    close (program.lines [0]);
    close (program.lines [1]);
}

//  ---- the descriptor ----

//  A send takes commands out of a ZeroMQ socket's mailbox, and with them the news that something has come: the socket's own
//  descriptor is silent then, although an answer waits.
Test (looping, a_call_that_is_sent_outside_the_loop_does_not_hide_an_answer_that_has_come)
{
    loop_drive_by_fd (loop, client);
    for (int round = 0; round < 20; round++) {
        unsigned before = atomic_load (&told);
        start_hold ();
        await_handler ();
        calm_down (client);
        release_handler ();
        struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
        cr_assert_eq (poll (&item, 1, PATIENCE_MS), 1);  //  the answer has come, and is not looked at
        start_hold ();                                   //  this is not answered before the loop has told of that
        loop_until (loop, &told, before + 1);
        await_handler ();
        release_handler ();
        loop_until (loop, &told, before + 2);
    }
}

Test (looping, a_call_before_the_first_turn_is_answered_in_the_loop)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_proxy_t *name = hearth_proxy (other, "hearth");
    loop_drive_by_fd (loop, other);
    cr_assert_eq (hearth_when_done (hearth_start (name, "ping", 1), note_end, NULL), 0);
    loop_until (loop, &told, 1);
    loop_destroy (&loop);
    hearth_destroy (&other);
    loop = loop_new ();
}

//  ---- the time ----

typedef struct {
    atomic_uint count;
    char name [64];
    hearth_mark_t mark;
} failure_t;

static void note_failure (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    failure_t *failure = context;
    cr_assert (hearth_failed (result));
    strcpy (failure->name, hearth_error (result)->name);
    failure->mark = hearth_error (result)->mark;
    hearth_result_destroy (&result);
    atomic_fetch_add (&failure->count, 1);
}

Test (looping, a_call_to_a_broker_that_is_dead_ends_in_the_loop)
{
    failure_t failure = { 0 };
    loop_drive (loop, client);
    fixture_broker_kill (broker);
    for (unsigned count = 1; count <= 2; count++) {
        hearth_proxy_set_timeout (proxy, 50);
        cr_assert_eq (hearth_when_done (hearth_start (proxy, "hold"), note_failure, &failure), 0);
        loop_until (loop, &failure.count, count);
    }
    cr_assert_str_eq (failure.name, "hearth.BrokerGone");
    cr_assert_eq (failure.mark, HEARTH_NOT_EXECUTED);
    fixture_broker_start (broker);
}

//  Nothing comes any more, and nothing tells of that: only the time ends it.
Test (looping, a_call_to_a_broker_that_hangs_ends_with_its_deadline)
{
    failure_t failure = { 0 };
    loop_drive (loop, client);
    calm_down (client);
    fixture_broker_stop (broker);
    hearth_proxy_set_timeout (proxy, 50);
    cr_assert_eq (hearth_when_done (hearth_start (proxy, "hold"), note_failure, &failure), 0);
    loop_until (loop, &failure.count, 1);
    cr_assert_str_eq (failure.name, "hearth.Deadline");
    cr_assert_eq (failure.mark, HEARTH_MAY_HAVE_EXECUTED);
    fixture_broker_continue (broker);
    release_handler ();
}

//  ---- hearth_stop ----

static atomic_uint stopped;

static void on_signal (int number)
{
    (void) number;
    atomic_fetch_add (&stopped, 1);
    hearth_stop (client);
}

static void catch_signal (void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    cr_assert_eq (sigaction (SIGUSR1, &action, NULL), 0);
}

Test (looping, hearth_stop_in_a_signal_handler_wakes_it)
{
    catch_signal ();
    loop_drive_by_fd (loop, client);
    calm_down (client);
    raise (SIGUSR1);
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    cr_assert_eq (poll (&item, 1, 0), 1);
    loop_until (loop, &stopped, 1);
    calm_down (client);
    cr_assert_eq (poll (&item, 1, 0), 0);
}

//  The handler runs in this thread, so that no call of the loop's is interrupted: only the descriptor can wake it.
static void *raise_in_thread (void *context)
{
    char byte;
    int *go = context;
    cr_assert_eq (read (*go, &byte, 1), 1);
    raise (SIGUSR1);
    return NULL;
}

Test (looping, hearth_stop_in_a_signal_handler_of_another_thread_wakes_it)
{
    pthread_t thread;
    int go [2];
    catch_signal ();
    cr_assert_eq (pipe (go), 0);
    cr_assert_eq (pthread_create (&thread, NULL, raise_in_thread, &go [0]), 0);
    loop_drive_by_fd (loop, client);
    calm_down (client);
    cr_assert_eq (write (go [1], "", 1), 1);
    loop_until (loop, &stopped, 1);
    cr_assert_eq (pthread_join (thread, NULL), 0);
    close (go [0]);
    close (go [1]);
}

//  ---- two connections ----

#define CHAIN 100

typedef struct {
    hearth_t *hearth;
    hearth_proxy_t *other;
    int left;  //  calls to be made
    int answered;
} side_t;

static side_t sides [2];
static atomic_uint chains;  //  that have come to their end

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

//  Each answer begins the next call.
static void go_on (hearth_t *hearth, hearth_result_t *result, void *context)
{
    side_t *side = context;
    cr_assert_eq (hearth, side->hearth);
    if (result) {
        cr_assert_eq (hearth_result_int (party_good (result)), side->left);
        hearth_result_destroy (&result);
        side->answered++;
    }
    if (side->left == 0)
        atomic_fetch_add (&chains, 1);
    else
        cr_assert_eq (hearth_when_done (hearth_start (side->other, "echo", --side->left), go_on, side), 0);
}

Test (looping, two_connections_in_one_loop_call_each_other)
{
    static const hearth_method_t echoing [] = { { "echo", "value: int", "int", echo, .doc = NULL },
                                                { .name = NULL } };
    static const char *const names [] = { "test.one", "test.other" };
    for (int index = 0; index < 2; index++) {
        sides [index].hearth = index ? hearth_connect (fixture_broker_address (broker)) : client;
        cr_assert_eq (hearth_serve (sides [index].hearth, names [index], echoing, NULL), 0);
        cr_assert_eq (hearth_ready (sides [index].hearth, PATIENCE_MS), 0);
        loop_drive (loop, sides [index].hearth);
    }
    for (int index = 0; index < 2; index++) {
        sides [index].other = hearth_proxy (sides [index].hearth, names [!index]);
        sides [index].left = CHAIN;
        go_on (sides [index].hearth, NULL, &sides [index]);
    }
    loop_until (loop, &chains, 2);
    cr_assert_eq (sides [0].answered, CHAIN);
    cr_assert_eq (sides [1].answered, CHAIN);
    loop_destroy (&loop);
    hearth_destroy (&sides [1].hearth);
    loop = loop_new ();
}
