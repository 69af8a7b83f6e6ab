/*  acts.c - what a program does with its connection, one thing after the other */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "coverage.h"
#include "log.h"
#include "program.h"

#define GRACE_MS 250
#define SLACK_MS 10  //  the library reads its clock once in a tick

//  ---- calls and their ends ----

uint64_t program_begin_call (program_t *self, bool is_oneway, int64_t timeout_ms)
{
    return judge_call (self->peer->index, is_oneway, clock_now_ms () + timeout_ms);
}

void program_end_call (program_t *self, uint64_t id, hearth_result_t **result_p)
{
    const hearth_error_t *error = hearth_error (*result_p);
    if (self->is_dying)
        judge_forgotten (id);
    else {
        outcome_t outcome = { .value = hearth_value_uint (hearth_result_value (*result_p)) };
        if (error) {
            outcome = (outcome_t){ error->code, error->mark, error->name, strlen (error->name), 0, false };
            cover_told (error->name, strlen (error->name));
        }
        judge_ended (id, &outcome);
    }
    hearth_result_destroy (result_p);
}

//  What calls through a proxy are promised.
typedef struct {
    int64_t timeout_ms;
    bool may_again;
} terms_t;

static uint64_t s_begin (program_t *self, bool is_oneway, terms_t terms)
{
    uint64_t id = program_begin_call (self, is_oneway, terms.timeout_ms);
    if (!terms.may_again)
        return id;
    COVER (COVER_PROMISED);
    judge_promised (id);
    return id;
}

static hearth_proxy_t *s_proxy (program_t *self, terms_t *terms)
{
    dice_t *dice = &self->peer->dice;
    unsigned roll = dice_roll (dice, 100);
    const char *name = roll < 3   ? "nobody.here"
                       : roll < 5 ? ":000000000001.3"
                                  : name_texts [dice_roll (dice, plan.names)];
    hearth_proxy_t *proxy = hearth_proxy (self->hearth, name);
    *terms = (terms_t){ HEARTH_DEFAULT_TIMEOUT_MS, dice_chance (dice, 25) };
    if (dice_chance (dice, 70))
        terms->timeout_ms = 1 + dice_skewed (dice, 4000);
    hearth_proxy_set_timeout (proxy, terms->timeout_ms);
    hearth_proxy_set_idempotent (proxy, terms->may_again);
    if (dice_chance (dice, 30))
        hearth_proxy_set_wait (proxy, 1 + dice_skewed (dice, 3000));
    return proxy;
}

hearth_proxy_t *program_proxy (program_t *self, int64_t *timeout_ms)
{
    terms_t terms;
    hearth_proxy_t *proxy = s_proxy (self, &terms);
    *timeout_ms = terms.timeout_ms;
    return proxy;
}

//  How often it was held up, by itself or by others.
unsigned program_pauses (const program_t *self)
{
    return self->pauses + self->peer->pauses;
}

//  Who was not held up gets his answer in time.
static void s_check_time (const program_t *self, unsigned pauses, int64_t begun_ms, int64_t timeout_ms, uint64_t id)
{
    int64_t most_ms = timeout_ms + GRACE_MS + SLACK_MS;
    if (!self->is_dying && program_pauses (self) == pauses && clock_now_ms () - begun_ms > most_ms)
        broken ("call %u of program %u took %d ms, it had %d", (uint32_t) id, self->peer->index,
                (int) (clock_now_ms () - begun_ms), (int) timeout_ms);
}

//  A call that was sent ends with its session, unless it is made once more.
static void s_check_loss (const program_t *self, uint64_t id)
{
    int64_t sent_ms = judge_sent_ms (id);
    if (!self->is_dying && sent_ms && !judge_may_again (id) && self->lost_ms > sent_ms && !self->lost_nesting
        && self->lost_pauses == program_pauses (self) + 1 && clock_now_ms () > self->lost_ms + SLACK_MS)
        broken ("call %u of program %u outlives its session by %d ms", (uint32_t) id, self->peer->index,
                (int) (clock_now_ms () - self->lost_ms));
}

//  A call that was made without a session is sent as soon as there is one.
static void s_check_held (const program_t *self, unsigned pauses, uint64_t id, const hearth_result_t *result)
{
    const hearth_error_t *error = hearth_error (result);
    if (!self->is_dying && program_pauses (self) == pauses && error && strcmp (error->name, "hearth.BrokerGone") == 0
        && self->up_ms && clock_now_ms () > self->up_ms + SLACK_MS && !judge_sent_ms (id))
        broken ("call %u of program %u fails for want of a broker, which is there", (uint32_t) id, self->peer->index);
}

void program_call (program_t *self)
{
    terms_t terms;
    int64_t begun_ms = clock_now_ms ();
    bool is_oneway = dice_chance (&self->peer->dice, 25);
    unsigned pauses = program_pauses (self);
    hearth_proxy_t *proxy = s_proxy (self, &terms);
    const char *method = is_oneway ? "note" : program_method (self);
    uint64_t id = s_begin (self, is_oneway, terms);
    hearth_result_t *result = is_oneway ? hearth_oneway (proxy, method, id) : hearth_call (proxy, method, id);
    s_check_time (self, pauses, begun_ms, terms.timeout_ms, id);
    s_check_loss (self, id);
    s_check_held (self, pauses, id, result);
    program_end_call (self, id, &result);
    hearth_proxy_destroy (&proxy);
}

//  A bin where an int is declared: what takes any arguments may take it.
static void s_call_wrongly (hearth_proxy_t *proxy)
{
    hearth_result_t *result = hearth_call (proxy, "slow", hearth_bin ("no int", 6));
    if (hearth_error (result))
        cover_told (hearth_error (result)->name, strlen (hearth_error (result)->name));
    hearth_result_destroy (&result);
}

static void s_call_by_name (program_t *self, hearth_proxy_t *proxy, terms_t terms)
{
    hearth_builder_t *map = hearth_builder_new ();
    uint64_t id = s_begin (self, false, terms);
    hearth_builder_open_map (map);
    hearth_builder_key (map, "id");
    hearth_builder_add (map, id);
    hearth_builder_close (map);
    hearth_result_t *result = hearth_call_with (proxy, "work", map);
    program_end_call (self, id, &result);
    hearth_builder_destroy (&map);
}

static void s_call_with (program_t *self)
{
    terms_t terms;
    char text [600];
    size_t size = dice_skewed (&self->peer->dice, sizeof text);
    memset (text, 'y', sizeof text);
    hearth_proxy_t *proxy = s_proxy (self, &terms);
    if (dice_chance (&self->peer->dice, 20))
        s_call_wrongly (proxy);
    if (dice_chance (&self->peer->dice, 30))
        s_call_by_name (self, proxy, terms);
    uint64_t id = s_begin (self, false, terms);
    hearth_result_t *result = hearth_call (proxy, "work", id, hearth_bin (text, size));
    program_end_call (self, id, &result);
    hearth_proxy_destroy (&proxy);
}

static void s_start (program_t *self)
{
    kept_t *kept = self->kept;
    while (kept < self->kept + KEPT_MOST && kept->pending)
        kept++;
    if (kept == self->kept + KEPT_MOST)
        return;
    terms_t terms;
    hearth_proxy_t *proxy = s_proxy (self, &terms);
    kept->id = s_begin (self, false, terms);
    kept->pending = hearth_start (proxy, program_method (self), kept->id);
    if (!kept->pending)
        judge_forgotten (kept->id);
    else if (dice_chance (&self->peer->dice, 30)) {
        later_be_told (self, kept->pending, kept->id);
        kept->pending = NULL;
    }
    hearth_proxy_destroy (&proxy);
}

//  Sent or not, and no more is heard of it.
static void s_post (program_t *self)
{
    terms_t terms;
    hearth_proxy_t *proxy = s_proxy (self, &terms);
    uint64_t id = program_begin_call (self, true, terms.timeout_ms);
    int code = hearth_post (proxy, dice_chance (&self->peer->dice, 50) ? "note" : "work", id);
    bool is_sent = judge_sent_ms (id);
    if (!self->is_dying && is_sent != (code == 0))
        broken ("program %u: a call was %ssent, and %d returned", self->peer->index, is_sent ? "" : "not ", code);
    if (code)
        COVER (COVER_NOT_POSTED);
    else
        COVER (COVER_POSTED);
    judge_forgotten (id);
    hearth_proxy_destroy (&proxy);
}

//  False if the answer has not come.
static bool s_take (program_t *self, kept_t *kept, int64_t timeout_ms)
{
    hearth_pending_t *pending = kept->pending;
    uint64_t id = kept->id;
    kept->pending = NULL;
    int64_t begun_ms = clock_now_ms ();
    unsigned pauses = program_pauses (self);
    hearth_result_t *result = hearth_wait (&pending, timeout_ms);
    if (timeout_ms >= 0)
        s_check_time (self, pauses, begun_ms, timeout_ms, id);
    if (result)
        program_end_call (self, id, &result);
    kept->pending = pending;
    return !pending;
}

static void s_drop (kept_t *kept)
{
    COVER (COVER_PENDING_DROPPED);
    judge_forgotten (kept->id);
    hearth_pending_destroy (&kept->pending);
}

static void s_finish (program_t *self)
{
    kept_t *kept = &self->kept [dice_roll (&self->peer->dice, KEPT_MOST)];
    if (!kept->pending)
        return;
    unsigned roll = dice_roll (&self->peer->dice, 10);
    if (roll < 2)
        s_drop (kept);
    else
        s_take (self, kept, roll < 5 ? 0 : roll < 7 ? (int64_t) dice_skewed (&self->peer->dice, 500) : -1);
}

static void s_take_all (program_t *self)
{
    for (kept_t *kept = self->kept; kept < self->kept + KEPT_MOST; kept++)
        if (kept->pending && !s_take (self, kept, -1))
            s_drop (kept);
}

//  A program may keep calls longer than its connection, and is told then how they ended.
void program_let_go (program_t *self)
{
    if (self->hearth && dice_chance (&self->peer->dice, 50))
        return;
    if (self->hearth || self->is_dying) {
        for (kept_t *kept = self->kept; kept < self->kept + KEPT_MOST; kept++)
            if (kept->pending)
                s_drop (kept);
    } else
        s_take_all (self);
}

//  ---- serving ----

static void s_serve (program_t *self)
{
    unsigned roll = dice_roll (&self->peer->dice, plan.names + 1);
    object_serve (self, roll < plan.names ? name_texts [roll] : "");
}

static void s_unserve (program_t *self)
{
    object_state_t *object = object_any (self);
    if (object)
        object_unserve (object);
}

//  Taken away before it is known whether the name is its own.
static void s_serve_briefly (program_t *self)
{
    int name = seam_doubtful_name ();
    object_state_t *object = object_serve (self, name_texts [name < 0 ? 0 : name]);
    program_process (self, dice_skewed (&self->peer->dice, 20));
    if (object && object->is_served)
        object_unserve (object);
}

static void s_publish (program_t *self)
{
    dice_t *dice = &self->peer->dice;
    const object_state_t *object = object_any (self);
    const char *name = dice_chance (dice, 10) ? name_texts [dice_roll (dice, plan.names)]
                       : object               ? object->name
                                              : "";
    int code =
        hearth_publish (self->hearth, name, dice_chance (dice, 50) ? "said" : "state", dice_next (dice) | 1ull << 62);
    const hearth_error_t *error = hearth_last_error (self->hearth);
    if (code)
        cover_told (error->name, strlen (error->name));
}

static void s_ready (program_t *self)
{
    hearth_ready (self->hearth, dice_skewed (&self->peer->dice, 1000));
}

//  ---- the rest ----

static void s_look (program_t *self)
{
    const char *name = name_texts [dice_roll (&self->peer->dice, plan.names)];
    unsigned roll = dice_roll (&self->peer->dice, 3);
    hearth_result_t *result = roll == 0   ? hearth_list (self->hearth, "n", NULL)
                              : roll == 1 ? hearth_lookup (self->hearth, name)
                                          : hearth_describe (self->hearth, name);
    hearth_result_destroy (&result);
}

static void s_process (program_t *self)
{
    program_process (self, dice_skewed (&self->peer->dice, 20 * plan.pace_ms));
}

static void s_be_busy (program_t *self)
{
    program_sleep (self, dice_skewed (&self->peer->dice, 4 * plan.pace_ms));
}

static const struct {
    void (*act) (program_t *self);
    unsigned weight;
} acts [] = { { program_call, 30 }, { s_call_with, 5 },       { s_start, 15 },    { s_finish, 15 },
              { s_post, 8 },        { s_serve, 12 },          { s_unserve, 2 },   { s_serve_briefly, 12 },
              { s_publish, 10 },    { s_ready, 2 },           { s_look, 3 },      { s_process, 40 },
              { s_be_busy, 3 },     { later_answer_one, 10 }, { eye_observe, 6 }, { eye_watch, 4 },
              { eye_glance, 8 },    { eye_close_one, 2 },     { opened_act, 35 }, { yielding_move_one, 15 } };

void program_act (program_t *self)
{
    if (self->peer->is_resting) {
        later_answer_all (self);
        yielding_answer_all (self);
        opened_finish_all (self);
        s_take_all (self);
        program_process (self, 200);
        return;
    }
    unsigned sum = 0, at = 0;
    for (size_t row = 0; row < sizeof acts / sizeof acts [0]; row++)
        sum += acts [row].weight;
    unsigned chosen = dice_roll (&self->peer->dice, sum);
    while (chosen >= acts [at].weight)
        chosen -= acts [at++].weight;
    acts [at].act (self);
}

bool program_is_quiet (const program_t *self)
{
    for (const kept_t *kept = self->kept; kept < self->kept + KEPT_MOST; kept++)
        if (kept->pending)
            return false;
    return later_is_empty (self) && opened_is_empty (self) && yielding_is_empty (self) && self->is_waiting
           && !self->nesting && self->hearth && hearth_unique_name (self->hearth);
}
