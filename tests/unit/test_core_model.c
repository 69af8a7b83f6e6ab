/*  test_core_model.c - random peers against a core, judged by a model of what it owes them (model.h)

    Each seed has limits of its own, mostly small ones, and peers that call, serve, answer late, twice or never, take
    names over, do not read, vanish and come back. A seed that fails is told, and fails again by itself.
*/

#include "model.h"
#include "repetitions.h"

#define SEEDS   300
#define STEPS   2000
#define AT_ONCE 7  //  peers

static model_t model;

static void s_start (uint64_t seed)
{
    static const uint64_t nothing_or [] = { 0, 0, 3000, 6000, 20000 };
    model_init (&model, seed);
    uint64_t *limits = model.world.limits.value;
    limits [LIMIT_CALLS] = 9 + model_random (&model, 4);
    limits [LIMIT_QUEUE] = model_random (&model, 8);
    limits [LIMIT_QUEUE_BYTES] = 100 + model_random (&model, 600);
    limits [LIMIT_PARKED] = model_random (&model, 4);
    limits [LIMIT_DISPATCHED] = 1 + model_random (&model, 8);
    limits [LIMIT_DISPATCHED_BYTES] = 60 + model_random (&model, 800);
    limits [LIMIT_GRANTED] = 4 + model_random (&model, 20);
    limits [LIMIT_GRANTED_BYTES] = 200 + model_random (&model, 1500);
    limits [LIMIT_NAMES] = 2 + model_random (&model, 4);
    limits [LIMIT_CAPACITY] = 1 + model_random (&model, 6);
    limits [LIMIT_TOPICS] = 8 + model_random (&model, 16);
    limits [LIMIT_HISTORY] = model_random (&model, 6);
    limits [LIMIT_HISTORY_BYTES] = model_random (&model, 400);
    limits [LIMIT_MEMORY] = nothing_or [model_random (&model, 5)];
    model.world.settle_ms = model_random (&model, 2) * 500;
    world_start (&model.world);
}

static model_peer_t *s_peer (int at)
{
    return &model.peers [at];
}

static int s_count_alive (void)
{
    int alive = 0;
    for (int at = 0; at < model.peer_count; at++)
        alive += s_peer (at)->is_alive;
    return alive;
}

//  ---- steps ----

static void s_connect (int at)
{
    (void) at;
    if (model.peer_count < MODEL_PEERS - 1 && s_count_alive () < AT_ONCE)
        model_peer (&model, 0, 1);
}

//  Another session of the same instance: a newer one ends the older, a stale one is refused.
static void s_connect_again (int at)
{
    if (model.peer_count == MODEL_PEERS - 1)
        return;
    bool is_newer = model_chance (&model, 80);
    s_peer (at)->may_end |= is_newer;
    model_peer (&model, s_peer (at)->instance, s_peer (at)->sessions + is_newer);
}

//  In every third seed all names are pools whose instances declare different methods.
static void s_register (int at)
{
    static const char *const modes [] = { "shared", "shared", "exclusive", "replaceable" };
    bool is_pool = model.seed % 3 == 0;
    int name = (int) model_random (&model, is_pool ? 2 : MODEL_NAMES + 1);
    unsigned methods = is_pool ? 1 + model_random (&model, 7) : model_random (&model, 2) * model_random (&model, 8);
    model_register (&model, at, name, modes [model_random (&model, is_pool ? 2 : 4)], model_chance (&model, 50),
                    1 + model_random (&model, 4), methods);
}

static void s_unregister (int at)
{
    model_unregister (&model, at, (int) model_random (&model, MODEL_NAMES + 1));
}

static void s_request (int at)
{
    static const uint32_t flags [] = { 0,
                                       0,
                                       0,
                                       WIRE_WAIT,
                                       WIRE_WAIT,
                                       WIRE_ONEWAY,
                                       WIRE_ONEWAY | WIRE_WAIT,
                                       WIRE_ONEWAY | WIRE_NOACK,
                                       WIRE_ONEWAY | WIRE_NOACK | WIRE_WAIT,
                                       WIRE_STREAM,
                                       WIRE_STREAM,
                                       WIRE_STREAM,
                                       WIRE_STREAM | WIRE_WAIT };
    static const uint32_t deadlines [] = { 0, 1, 20, 100, 100, 1000, 1000, 5000, 86400000, 86400001 };
    uint32_t flag = flags [model_random (&model, 13)], remaining_ms = deadlines [model_random (&model, 10)];
    unsigned method = model_random (&model, MODEL_METHODS);
    int other = (int) model_random (&model, (unsigned) model.peer_count);
    if (model_chance (&model, 85))
        model_request (&model, at, NULL, (int) model_random (&model, model.seed % 3 ? MODEL_NAMES : 2), method, flag,
                       remaining_ms);
    else if (s_peer (other)->unique [0])
        model_request (&model, at, s_peer (other)->unique, MODEL_OWN, method, flag, remaining_ms);
}

static void s_cancel (int at)
{
    int call = s_peer (at)->slots [model_random (&model, MODEL_SLOTS)];
    if (call >= 0)
        world_cancel (s_peer (at)->link, model.calls [call].token);
    else
        world_cancel (s_peer (at)->link, (wire_token_t){ model_random (&model, 40), model_random (&model, 40) });
}

static void s_answer (int at)
{
    for (int tries = 0; tries < 3 && !s_peer (at)->inbox_count; tries++)
        at = model_any_peer (&model);
    if (s_peer (at)->inbox_count)
        model_answer (&model, at, (int) model_random (&model, (unsigned) s_peer (at)->inbox_count),
                      model_random (&model, 4));
}

//  An answer to nothing: a token that somebody else was given, or nobody.
static void s_answer_wrongly (int at)
{
    int other = model_any_peer (&model);
    wire_token_t token = { model_random (&model, 300), model_random (&model, 5) };
    if (other != at && s_peer (other)->inbox_count)
        token = s_peer (other)->inbox [0].token;
    for (int mine = 0; mine < s_peer (at)->inbox_count; mine++)
        if (s_peer (at)->inbox [mine].token.slot == token.slot)
            return;
    wire_frame_t wire = { .kind = WIRE_REPLY, .block = { .token = token } };
    world_send (s_peer (at)->link, &wire, "\xc0", 1);
}

//  A call of a peer that is open; -1: it has none.
static int s_open_call (int at)
{
    return s_peer (at)->slots [model_random (&model, MODEL_SLOTS)];
}

//  Of any call that is open: most are streams, and what is said in others is dropped.
static void s_say_up (int at)
{
    int call = s_open_call (at);
    if (call < 0)
        return;
    if (model_chance (&model, 20))
        model_item_end (&model, call);
    else if (model.calls [call].up.items > 0 || model_chance (&model, 10))
        model_item_up (&model, call);
}

static void s_grant_up (int at)
{
    int call = s_open_call (at);
    if (call >= 0)
        model_credit_up (&model, call, model_random (&model, 6), model_random (&model, 400));
}

static void s_say_down (int at)
{
    for (int tries = 0; tries < 5 && !s_peer (at)->inbox_count; tries++)
        at = model_any_peer (&model);
    if (!s_peer (at)->inbox_count)
        return;
    int place = (int) model_random (&model, (unsigned) s_peer (at)->inbox_count);
    if (model.calls [s_peer (at)->inbox [place].call].down.items > 0 || model_chance (&model, 10))
        model_item_down (&model, at, place);
}

static void s_grant_down (int at)
{
    for (int tries = 0; tries < 5 && !s_peer (at)->inbox_count; tries++)
        at = model_any_peer (&model);
    if (s_peer (at)->inbox_count)
        model_credit_down (&model, at, (int) model_random (&model, (unsigned) s_peer (at)->inbox_count),
                           model_random (&model, 6), model_random (&model, 400));
}

//  In streams of others, or of nobody.
static void s_say_wrongly (int at)
{
    int other = model_any_peer (&model), call = s_open_call (other);
    uint32_t flags = model_chance (&model, 50) ? WIRE_UP : 0;
    wire_token_t token = { model_random (&model, 300), UINT32_MAX };
    if (other != at && flags && call >= 0)
        token = model.calls [call].token;
    else if (other != at && !flags && s_peer (other)->inbox_count)
        token = s_peer (other)->inbox [0].token;
    for (int mine = 0; !flags && mine < s_peer (at)->inbox_count; mine++)
        if (s_peer (at)->inbox [mine].token.slot == token.slot)
            return;
    wire_frame_t wire = { .kind = model_chance (&model, 50) ? WIRE_ITEM : WIRE_CREDIT,
                          .block = { .token = token, .flags = flags },
                          .items = 1,
                          .bytes = 1 };
    world_send (s_peer (at)->link, &wire, "\xc0", 1);
}

static void s_publish (int at)
{
    model_publish (&model, at, (int) model_random (&model, MODEL_NAMES + 1));
}

static void s_suspect (int at)
{
    s_peer (at)->is_suspect = true;
    core_suspect (model.world.core, s_peer (at)->link->session, model.world.now_ms);
}

//  Frames to it fail, before anybody has told the broker that it may be gone.
static void s_lose (int at)
{
    s_peer (at)->link->is_gone = true;
}

static void s_settle (int at)
{
    if ((!s_peer (at)->is_suspect && !s_peer (at)->link->is_gone) || model_chance (&model, 60))
        return;
    s_peer (at)->is_suspect = false;
    if (s_peer (at)->link->has_missed || model_chance (&model, 50)) {
        model_leave (&model, at);
        return;
    }
    s_peer (at)->link->is_gone = false;
    core_trust (model.world.core, s_peer (at)->link->session, model.world.now_ms);
}

static void s_leave (int at)
{
    model_leave (&model, at);
}

static void s_goodbye (int at)
{
    wire_frame_t wire = { .kind = WIRE_GOODBYE };
    s_peer (at)->may_end = true;
    world_send (s_peer (at)->link, &wire, "\xc0", 1);
}

static void s_stop_reading (int at)
{
    s_peer (at)->link->is_full = true;
}

//  A slot twice, a second hello.
static void s_misbehave (int at)
{
    wire_frame_t wire = { .kind = WIRE_HELLO, .version = 1, .instance = { "0123456789abcdef", 16 }, .sessions = 1 };
    for (int slot = 0; slot < MODEL_SLOTS && wire.kind == WIRE_HELLO; slot++)
        if (s_peer (at)->slots [slot] >= 0 && !s_peer (at)->link->has_missed)
            wire = (wire_frame_t){ .kind = WIRE_REQUEST,
                                   .block = { .token = { (uint32_t) slot, 0 }, .remaining_ms = 1000 },
                                   .name = SPAN ("n0"),
                                   .method = SPAN ("a") };
    s_peer (at)->may_end = true;
    world_send (s_peer (at)->link, &wire, "\x90", 1);
}

static void s_ping (int at)
{
    model_request (&model, at, "hearth", -1, 0, 0, 1000);
}

static void s_wait (int at)
{
    (void) at;
    world_wait (&model.world, 1 + model_random (&model, model_chance (&model, 10) ? 2000 : 60));
    model_check (&model);
    model_check_deadlines (&model);
}

//  Time passes and nobody has told the core yet.
static void s_lag (int at)
{
    (void) at;
    model.world.now_ms += model_random (&model, 60);
}

static void s_end_turn (int at)
{
    (void) at;
    world_subscribe (&model.world, "n0/");
    core_turn_end (model.world.core, model.world.now_ms);
}

static const struct {
    void (*step) (int peer);
    unsigned weight;
} steps [] = { { s_connect, 30 },     { s_connect_again, 4 }, { s_register, 60 },    { s_unregister, 15 },
               { s_request, 300 },    { s_cancel, 30 },       { s_answer, 250 },     { s_answer_wrongly, 10 },
               { s_publish, 30 },     { s_suspect, 12 },      { s_lose, 8 },         { s_settle, 30 },
               { s_leave, 6 },        { s_goodbye, 3 },       { s_stop_reading, 3 }, { s_misbehave, 3 },
               { s_say_up, 120 },     { s_grant_up, 60 },     { s_say_down, 160 },   { s_grant_down, 60 },
               { s_say_wrongly, 10 }, { s_ping, 10 },         { s_wait, 60 },        { s_lag, 20 },
               { s_end_turn, 10 } };

static void s_step (void)
{
    unsigned sum = 0, at = 0;
    for (size_t row = 0; row < sizeof steps / sizeof steps [0]; row++)
        sum += steps [row].weight;
    unsigned chosen = model_random (&model, sum);
    while (chosen >= steps [at].weight)
        chosen -= steps [at++].weight;
    int peer = model_any_peer (&model);
    bool is_lost = peer >= 0 && s_peer (peer)->link->is_gone;
    (peer < 0 ? s_connect : is_lost ? s_settle : steps [at].step) (peer);
    model_check (&model);
}

//  Suspicions are settled and everything is answered, until nobody has anything to answer.
static void s_rest (void)
{
    for (int at = 0; at < model.peer_count; at++)
        while (s_peer (at)->is_alive && (s_peer (at)->is_suspect || s_peer (at)->link->is_gone)) {
            s_settle (at);
            model_check (&model);
        }
    for (bool is_busy = true; is_busy;) {
        is_busy = false;
        for (int at = 0; at < model.peer_count; at++)
            while (s_peer (at)->is_alive && s_peer (at)->inbox_count) {
                is_busy = true;
                model_answer (&model, at, 0, 0);
                model_check (&model);
            }
    }
    model_check_rest (&model);
}

//  Everybody leaves, and nothing is left.
static void s_finish (void)
{
    for (int at = 0; at < model.peer_count; at++)
        if (s_peer (at)->is_alive) {
            model_leave (&model, at);
            model_check (&model);
        }
    world_wait (&model.world, 86400000);
    model_check (&model);
    model_check_empty (&model);
}

//  Whatever is open ends, and whatever comes later is answered or dropped.
static void s_stop (void)
{
    for (int at = 0; at < model.peer_count; at++)
        s_peer (at)->may_end = true;
    core_stop (model.world.core, model.world.now_ms);
    model_check (&model);
    model.world.now_ms += 86400001;
    model_check_deadlines (&model);
    for (int step = 0; step < 50; step++) {
        int peer = model_any_peer (&model);
        if (peer >= 0)
            (model_chance (&model, 70) ? s_answer : s_leave) (peer);
        model_check (&model);
    }
}

static void s_run (uint64_t seed)
{
    s_start (seed);
    for (model.step = 1; model.step <= STEPS; model.step++) {
        s_step ();
        if (model.step % 400 == 0)
            s_rest ();
    }
    if (model_chance (&model, 50))
        s_finish ();
    else
        s_stop ();
    world_forget (&model.world);
    world_end (&model.world);
}

Test (core_model, whatever_peers_do_each_call_ends_once_with_a_true_mark)
{
    for (int seed = 1; seed <= repetitions (SEEDS); seed++)
        s_run ((uint64_t) seed);
}
