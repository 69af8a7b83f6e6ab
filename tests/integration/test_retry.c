/*  test_retry.c - services and brokers that are killed with calls in their hands: idempotent ones are made once more, no others
*/
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 60000
#define IDS_MOST    4096
#define LARGE       200000
#define SERVICES    6  //  that a test may have

static const char *const options [] = { "--settle", "0", NULL };

//  Shared with the services: how often each call was executed, by its number; and how often before it is answered.
typedef struct {
    atomic_int executed [IDS_MOST];
    atomic_int answered_from;
} journal_t;

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_proxy_t *proxy;
static journal_t *journal;
static int events [2];  //  a service writes a byte when it serves, and one for each call that it does not answer

//  Answers with the size of what came with the number, or never.
static void work (hearth_call_t *call, void *self)
{
    int64_t id = hearth_arg_int (call, 0);
    int runs = atomic_fetch_add (&journal->executed [id], 1) + 1;
    bool is_deaf = *(bool *) self;
    if (!is_deaf && runs >= atomic_load (&journal->answered_from))
        hearth_reply (call, (uint64_t) hearth_value_size (hearth_arg (call, 1)));
    else if (!hearth_keep (call) || write (events [1], "", 1) != 1)
        _exit (1);
}

static const hearth_method_t methods [] = {
    { "again", "id: int, bytes: bin", "int", work, .doc = NULL, .flags = HEARTH_IDEMPOTENT },
    { "once", "id: int, bytes: bin", "int", work, .doc = NULL },
    { .name = NULL },
};

//  Processes that are to serve the pool. They are made before this one has any threads: what those hold would be held in a
//  forked child for ever.
static struct {
    pid_t pid;
    int order [2];  //  tells it to begin, and whether it is deaf
} services [SERVICES];
static int served;

static _Noreturn void run_service (int order)
{
    static const hearth_service_options_t shared = { .mode = HEARTH_SHARED };
    bool is_deaf;
    if (read (order, &is_deaf, sizeof is_deaf) != sizeof is_deaf)
        _exit (0);
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    if (hearth_serve_with (hearth, "pool", methods, &is_deaf, &shared) == 0 && hearth_ready (hearth, PATIENCE_MS) == 0
        && write (events [1], "", 1) == 1)
        hearth_run (hearth);
    _exit (1);
}

static void make_services (void)
{
    for (int index = 0; index < SERVICES; index++) {
        cr_assert_eq (pipe (services [index].order), 0);
        services [index].pid = fork ();
        if (services [index].pid == 0) {
            for (int other = 0; other <= index; other++)
                close (services [other].order [1]);  //  it ends with whoever might tell it
            run_service (services [index].order [0]);
        }
        close (services [index].order [0]);
    }
}

static void end_services (void)
{
    for (; served < SERVICES; served++) {
        kill (services [served].pid, SIGKILL);
        waitpid (services [served].pid, NULL, 0);
    }
}

static void begin (void)
{
    cr_assert_eq (pipe (events), 0);
    journal = mmap (NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq (journal, MAP_FAILED);
    broker = fixture_broker_new (options);
    make_services ();
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "pool");
    hearth_proxy_set_timeout (proxy, PATIENCE_MS);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    end_services ();
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (retry, .init = begin, .fini = end, .timeout = 300);

static void await_events (int count)
{
    char byte;
    while (count-- > 0)
        cr_assert_eq (read (events [0], &byte, 1), 1);
}

//  A process that serves the pool until it is killed; it serves when this returns. One that is deaf answers nothing.
static pid_t serve (bool is_deaf)
{
    cr_assert_lt (served, SERVICES);
    cr_assert_eq (write (services [served].order [1], &is_deaf, sizeof is_deaf), sizeof is_deaf);
    await_events (1);
    return services [served++].pid;
}

static void bury (pid_t pid)
{
    int status;
    kill (pid, SIGKILL);
    cr_assert_eq (waitpid (pid, &status, 0), pid);
    cr_assert (WIFSIGNALED (status));
}

static hearth_pending_t *start_sized (const char *method, int id, size_t size)
{
    static uint8_t bytes [LARGE];
    hearth_pending_t *call = hearth_start (proxy, method, id, hearth_bin (bytes, size));
    cr_assert (call);
    return call;
}

static hearth_pending_t *start (const char *method, int id)
{
    return start_sized (method, id, 0);
}

static void expect_size (hearth_pending_t *call, size_t size)
{
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    cr_assert_eq (hearth_result_int (result), (int64_t) size);
    hearth_result_destroy (&result);
}

static void expect_failed (hearth_pending_t *call, const char *name)
{
    party_expect (hearth_wait (&call, -1), name, HEARTH_MAY_HAVE_EXECUTED);
}

static void expect_runs (int id, int runs)
{
    cr_assert_eq (atomic_load (&journal->executed [id]), runs, "call %d ran %d times", id,
                  atomic_load (&journal->executed [id]));
}

Test (retry, of_a_pool_one_is_killed_and_its_idempotent_calls_are_answered_by_the_other_one_and_no_others)
{
    static const size_t sizes [] = { 0, 60, 100, 5000, LARGE };
    enum { EACH = 20 };
    hearth_pending_t *again [EACH], *once [EACH];
    pid_t victim = serve (true);
    for (int id = 0; id < EACH; id++) {
        again [id] = start_sized ("again", id, sizes [id % 5]);
        once [id] = start_sized ("once", EACH + id, sizes [id % 5]);
    }
    await_events (2 * EACH);
    pid_t heir = serve (false);
    bury (victim);
    for (int id = 0; id < EACH; id++) {
        expect_size (again [id], sizes [id % 5]);
        expect_failed (once [id], "hearth.ServiceGone");
        expect_runs (id, 2);
        expect_runs (EACH + id, 1);
    }
    bury (heir);
}

Test (retry, a_caller_may_say_that_any_method_may_be_called_again)
{
    hearth_proxy_set_idempotent (proxy, true);
    pid_t victim = serve (true);
    hearth_pending_t *once = start ("once", 1);
    await_events (1);
    pid_t heir = serve (false);
    bury (victim);
    expect_size (once, 0);
    expect_runs (1, 2);
    bury (heir);
}

Test (retry, the_name_is_waited_for_when_its_only_owner_was_killed)
{
    pid_t victim = serve (true);
    hearth_pending_t *again = start ("again", 1), *once = start ("once", 2);
    await_events (2);
    bury (victim);
    expect_failed (once, "hearth.ServiceGone");
    pid_t heir = serve (false);
    expect_size (again, 0);
    expect_runs (1, 2);
    bury (heir);
}

Test (retry, a_broker_is_killed_and_started_again_and_calls_whose_caller_allows_it_are_made_again)
{
    pid_t service = serve (false);
    atomic_store (&journal->answered_from, 2);
    hearth_pending_t *other = start ("again", 1);
    hearth_proxy_set_idempotent (proxy, true);
    hearth_pending_t *allowed = start ("again", 2), *large = start_sized ("once", 3, LARGE);
    await_events (3);
    fixture_broker_kill (broker);
    expect_failed (other, "hearth.BrokerGone");
    fixture_broker_start (broker);
    expect_size (allowed, 0);
    expect_size (large, LARGE);
    expect_runs (1, 1);
    expect_runs (2, 2);
    expect_runs (3, 2);
    bury (service);
}

//  What hooks are told of a call, in order.
typedef struct {
    int started;
    int retried;
    int ended;
    unsigned attempt;
    bool has_failed;
} told_t;

static void on_started (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) self;
    told_t *told = context;
    told->started++;
    cr_assert_eq (call->attempt, 1);
}

static void on_retried (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) self;
    told_t *told = context;
    told->retried++;
    told->attempt = call->attempt;
    cr_assert_str_eq (call->service, "pool");
    cr_assert_str_eq (call->method, "again");
    cr_assert_str_eq (call->error->name, "hearth.ServiceGone");
    cr_assert_eq (call->error->mark, HEARTH_MAY_HAVE_EXECUTED);
}

static void on_ended (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) self;
    told_t *told = context;
    told->ended++;
    told->has_failed = call->error;
    cr_assert_eq (call->attempt, told->attempt);
}

Test (retry, hooks_are_told_of_each_attempt)
{
    static const hearth_hooks_t hooks = { .call_started = on_started,
                                          .call_retried = on_retried,
                                          .call_ended = on_ended };
    told_t told = { .has_failed = true };
    hearth_set_hooks (client, &hooks, &told);
    pid_t victim = serve (true);
    hearth_pending_t *again = start ("again", 1);
    await_events (1);
    pid_t heir = serve (false);
    bury (victim);
    expect_size (again, 0);
    cr_assert_eq (told.started, 1);
    cr_assert_eq (told.retried, 1);
    cr_assert_eq (told.attempt, 2);
    cr_assert_eq (told.ended, 1);
    cr_assert_not (told.has_failed);
    bury (heir);
}

//  All that failed is told before anything is answered: each has taken its token by then.
Test (retry, half_of_the_budget_is_spent_and_the_rest_of_the_calls_end_as_they_failed)
{
    enum { ALL = 600, PAID = 500 };
    static hearth_pending_t *calls [ALL];
    int answered = 0;
    pid_t victim = serve (true);
    for (int id = 0; id < ALL; id++)
        calls [id] = start ("again", id);
    await_events (ALL);
    pid_t heir = serve (false);
    bury (victim);
    for (int id = 0; id < ALL; id++) {
        hearth_result_t *result = hearth_wait (&calls [id], -1);
        bool is_good = !hearth_failed (result);
        answered += is_good;
        if (is_good)
            hearth_result_destroy (&result);
        else
            party_expect (result, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
        expect_runs (id, 1 + is_good);
    }
    cr_assert_eq (answered, PAID);
    bury (heir);
}

Test (retry, a_call_whose_name_does_not_come_back_ends_at_its_deadline_as_it_failed)
{
    hearth_proxy_set_timeout (proxy, 500);
    pid_t victim = serve (true);
    hearth_pending_t *again = start ("again", 1);
    await_events (1);
    bury (victim);
    expect_failed (again, "hearth.ServiceGone");
    expect_runs (1, 1);
}

Test (retry, a_call_that_waits_to_be_made_again_can_be_given_up)
{
    pid_t victim = serve (true);
    hearth_pending_t *given_up = start ("again", 1), *kept = start ("again", 2), *other = start ("once", 3);
    await_events (3);
    bury (victim);
    expect_failed (other, "hearth.ServiceGone");
    hearth_pending_destroy (&given_up);
    hearth_destroy (&client);
    party_expect (hearth_wait (&kept, -1), "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    expect_runs (1, 1);
    expect_runs (2, 1);
}
