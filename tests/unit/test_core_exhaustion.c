/*  test_core_exhaustion.c - memory runs out at each of the core's allocations in turn

    A script of peers that do everything that takes memory, judged by the model (model.h): each call ends once with a true
    mark and the state is consistent, whatever was refused. Then memory is there again, and so is the service.
*/

#include <limits.h>
#include <string.h>

#include "audit.h"
#include "failing.h"
#include "model.h"
#include "state.h"
#include "repetitions.h"

#define ALL        7  //  of the model's methods
#define MOST_STEPS 2000

static model_t model;

//  ---- only within the core ----

// NOLINTBEGIN (bugprone-reserved-identifier): the linker's names
#define WITHIN(result, name, parameters, ...)                                                                        \
    result __real_##name parameters;                                                                                 \
    result __wrap_##name parameters;                                                                                 \
    result __wrap_##name parameters                                                                                  \
    {                                                                                                                \
        failing_begin ();                                                                                            \
        __VA_ARGS__;                                                                                                 \
        failing_end ();
#define WITHIN_VOID(name, parameters, arguments)                                                                     \
    WITHIN (void, name, parameters, __real_##name arguments)                                                         \
    }
#define WITHIN_VALUE(type, name, parameters, arguments)                                                              \
    WITHIN (type, name, parameters, type value = __real_##name arguments) return value;                              \
    }

WITHIN_VALUE (core_t *, core_new, (const core_config_t *config, const transport_ops_t *ops, void *to, int64_t now_ms),
              (config, ops, to, now_ms))
WITHIN_VALUE (session_t *, core_opened, (core_t * self, link_t *link, int64_t now_ms), (self, link, now_ms))
WITHIN_VOID (core_frame, (core_t * self, session_t *from, frame_t *frame, int64_t now_ms),
             (self, from, frame, now_ms))
WITHIN_VOID (core_gone, (core_t * self, session_t *session, int64_t now_ms), (self, session, now_ms))
WITHIN_VOID (core_trust, (core_t * self, session_t *session, int64_t now_ms), (self, session, now_ms))
WITHIN_VOID (core_tick, (core_t * self, int64_t now_ms), (self, now_ms))
WITHIN_VOID (core_turn_end, (core_t * self, int64_t now_ms), (self, now_ms))
WITHIN_VOID (core_stop, (core_t * self, int64_t now_ms), (self, now_ms))
WITHIN_VOID (core_subscribed, (core_t * self, const uint8_t *prefix, size_t size, int64_t now_ms),
             (self, prefix, size, now_ms))
// NOLINTEND (bugprone-reserved-identifier)

//  ---- what peers do ----

static bool s_is_alive (int at)
{
    return at >= 0 && at < model.peer_count && model.peers [at].is_alive;
}

static void s_check (void)
{
    model.step++;
    model_check (&model);
}

static void s_register (int at, int name, const char *mode, bool replace, uint32_t capacity, unsigned methods)
{
    if (s_is_alive (at))
        model_register (&model, at, name, mode, replace, capacity, methods);
    s_check ();
}

static void s_request (int at, int name, uint32_t flags)
{
    if (s_is_alive (at))
        model_request (&model, at, NULL, name, 0, flags, 5000);
    s_check ();
}

static void s_request_all (int at, int name)
{
    static const uint32_t flags [] = { 0,           WIRE_WAIT,
                                       WIRE_ONEWAY, WIRE_ONEWAY | WIRE_NOACK,
                                       WIRE_STREAM, WIRE_ONEWAY | WIRE_WAIT };
    for (size_t row = 0; row < sizeof flags / sizeof flags [0]; row++)
        s_request (at, name, flags [row]);
}

//  All streams of a caller are granted more and have no more to say, those of services are answered with an item.
static void s_stream (int caller)
{
    for (int slot = 0; s_is_alive (caller) && slot < MODEL_SLOTS; slot++) {
        int call = model.peers [caller].slots [slot];
        if (call < 0 || !(model.calls [call].flags & WIRE_STREAM))
            continue;
        model_credit_up (&model, call, 2, 500);
        model_item_end (&model, call);
        s_check ();
    }
    for (int at = 0; at < model.peer_count; at++)
        for (int request = 0; s_is_alive (at) && request < model.peers [at].inbox_count; request++) {
            model_item_down (&model, at, request);
            s_check ();
        }
}

static void s_publish (int at, int name)
{
    if (s_is_alive (at))
        model_publish (&model, at, name);
    s_check ();
}

//  A method of the directory, and arguments that the text stands for.
static void s_ask (int at, const char *method, const char *body, size_t size)
{
    if (!s_is_alive (at) || !model.peers [at].link->session)
        return;
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = { 50, ++model.generation }, .remaining_ms = 1000 },
                          .name = SPAN ("hearth"),
                          .method = SPAN (method) };
    link_t *link = model.peers [at].link;
    world_send (link, &wire, body, size);
    if (link->is_kicked || !link->mails)
        cr_assert (link->is_kicked, "%s is answered", method);
    else
        cr_assert_eq (world_take (link, WIRE_REPLY)->wire.block.token.generation, model.generation);
    s_check ();
}

static void s_answer_all (void)
{
    for (bool is_busy = true; is_busy;) {
        is_busy = false;
        for (int at = 0; at < model.peer_count; at++)
            while (s_is_alive (at) && model.peers [at].inbox_count) {
                is_busy = true;
                model_answer (&model, at, 0, 0);
                s_check ();
            }
    }
}

static void s_leave (int at)
{
    if (s_is_alive (at))
        model_leave (&model, at);
    s_check ();
}

//  A registration waits for the verdict on a suspect.
static void s_suspect (int at, int other)
{
    bool is_there = s_is_alive (at);
    if (is_there)
        core_suspect (model.world.core, model.peers [at].link->session, model.world.now_ms);
    s_register (other, 0, "exclusive", false, 1, 0);
    if (is_there && s_is_alive (at))
        core_trust (model.world.core, model.peers [at].link->session, model.world.now_ms);
    s_check ();
}

static void s_look (int at)
{
    s_ask (at, "list", "\x90", 1);
    s_ask (at, "stats", "\x90", 1);
    s_ask (at, "describe", "\x91\xa2n0", 4);
    s_ask (at, "topics", "\x91\xa0", 2);
    s_ask (at, "history",
           "\x93\xac"
           "hearth/name/\x01\x7f",
           16);
}

static void s_markers (void)
{
    for (int at = 0; at < 20; at++) {
        char prefix [8];
        snprintf (prefix, sizeof prefix, "n%d/", at);
        world_subscribe (&model.world, prefix);
    }
    core_turn_end (model.world.core, model.world.now_ms);
    s_check ();
}

static void s_play (void)
{
    for (int at = 0; at < 6; at++) {
        model_peer (&model, 0, 1);
        s_check ();
    }
    s_register (0, 0, "exclusive", false, 1, ALL);
    s_register (1, 1, "replaceable", false, 2, 0);
    for (int at = 1; at < 4; at++)
        s_register (at, 2, "shared", false, 1, at == 3 ? 1 : ALL);
    s_register (2, MODEL_OWN, "exclusive", false, 1, 0);
    for (int name = 0; name < MODEL_NAMES; name++)
        s_request_all (4, name);
    s_stream (4);
    s_register (2, 1, "replaceable", true, 2, 1);
    for (int name = 0; name <= MODEL_OWN; name++)
        for (int at = 0; at < 4; at++)
            s_publish (at, name);
    s_markers ();
    s_suspect (0, 5);
    s_look (5);
    s_register (5, 3, "exclusive", false, 4, ALL);
    s_request_all (5, 0);
    s_stream (5);
    s_answer_all ();
    world_wait (&model.world, 400);
    s_check ();
    s_leave (2);
    model_peer (&model, 1, 2);
    s_check ();
}

static void s_stop (void)
{
    core_stop (model.world.core, model.world.now_ms);
    s_check ();
}

//  ---- and what must be true ----

//  Memory is there again: so is the service, for a caller who comes now.
static void s_recover (void)
{
    failing_disarm ();
    s_answer_all ();
    model.is_short = false;
    int service = model_peer (&model, 0, 1), caller = model_peer (&model, 0, 1);
    cr_assert (service >= 0 && caller >= 0);
    s_register (service, MODEL_OWN, "exclusive", false, 2, ALL);
    model_request (&model, caller, model.peers [service].unique, MODEL_OWN, 0, 0, 1000);
    s_check ();
    cr_assert_eq (model.peers [service].inbox_count, 1);
    s_answer_all ();
    s_look (caller);
    s_markers ();
    model_check_rest (&model);
}

static void s_finish (void)
{
    for (int at = 0; at < model.peer_count; at++)
        s_leave (at);
    world_wait (&model.world, 86400000);
    s_check ();
    model_check_deadlines (&model);
    model_check_empty (&model);
}

//  Plays the script with that allocation refused, and `more` behind it; false if it had no such allocation.
static bool s_run (unsigned long first, unsigned long more, void (*last) (void))
{
    long held = failing_held ();
    model_init (&model, first);
    model.world.limits.value [LIMIT_CALLS] = 60;
    model.world.limits.value [LIMIT_QUEUE] = 3;
    world_start (&model.world);
    model.is_short = true;
    failing_arm (first, more);
    s_play ();
    bool has_failed = failing_has_failed ();
    last ();
    failing_disarm ();
    if (last == s_recover)
        s_finish ();
    world_forget (&model.world);
    world_end (&model.world);
    cr_assert_eq (failing_held (), held, "%ld allocations are left when number %lu was refused",
                  failing_held () - held, first);
    return has_failed;
}

static void s_run_all (unsigned long more, void (*last) (void))
{
    unsigned long step = 1 + (unsigned long) (10 / repetitions (10)) / 10 * 9;
    unsigned long first = 1;
    while (s_run (first, more, last))
        first += step;
    cr_assert_gt (first, 100, "the script allocates");
}

Test (core_exhaustion, one_refused_allocation_hurts_one_peer_and_no_truth)
{
    s_run_all (0, s_recover);
}

Test (core_exhaustion, a_few_in_a_row_end_sessions_and_all_recovers)
{
    s_run_all (7, s_recover);
}

Test (core_exhaustion, memory_that_does_not_come_back_ends_no_call_twice)
{
    s_run_all (ULONG_MAX - 1, s_recover);
}

Test (core_exhaustion, a_broker_that_stops_needs_none)
{
    s_run_all (ULONG_MAX - 1, s_stop);
}

//  Whether a notification was published for it or not, a change takes its number.
static void s_change (unsigned long refused)
{
    model_init (&model, refused);
    world_start (&model.world);
    model.is_short = true;
    model_peer (&model, 0, 1);
    s_register (0, 0, "exclusive", false, 1, 0);
    const topic_t *topic = topics_find (&model.world.core->topics, SPAN ("hearth/name/"));
    uint64_t last = topic->last, number = model.world.core->topics.number;
    failing_arm (refused, 0);
    int call = model_unregister (&model, 0, 0);
    s_check ();
    failing_disarm ();
    bool is_changed = !model.peers [0].names [0].is_mine;
    cr_assert_not (model.calls [call].is_open);
    cr_assert_eq (topic->last, last + is_changed);
    cr_assert_eq (model.world.core->topics.number, number + is_changed);
    world_forget (&model.world);
    world_end (&model.world);
}

Test (core_exhaustion, an_event_that_could_not_be_published_is_accounted_for)
{
    unsigned long refused = 0;
    do
        s_change (++refused);
    while (failing_has_failed ());
    cr_assert_gt (refused, 2);
}

Test (core_exhaustion, a_core_that_cannot_begin_is_none)
{
    static const transport_ops_t ops;
    core_config_t config = { .epoch = 1, .version = "test" };
    long held = failing_held ();
    limits_init (&config.limits);
    core_t *core = NULL;
    unsigned long first = 0;
    while (!core) {
        failing_arm (++first, 0);
        core = core_new (&config, &ops, NULL, 0);
        cr_assert_eq (failing_disarm () == 0, core != NULL);
        cr_assert (core || failing_held () == held);
    }
    cr_assert_gt (first, 1);
    core_destroy (&core);
    cr_assert_eq (failing_held (), held);
}
