/*  conversation.c - the calls that an observation makes to the directory, and what it makes of the answers

    A listing (`topics`), page by page, or a gap of one topic (`history`); one call at a time. An answer that comes while a
    callback runs is put off, unless there is nothing to tell before it has begun.
*/
#include <stdlib.h>
#include <string.h>

#include "observer.h"

#define REST_MS 100  //  after the first call that failed, doubling
#define CALL_MS 5000

static void s_listed (hearth_observation_t *self, const hearth_value_t *answer);
static void s_filled (hearth_observation_t *self, const hearth_value_t *answer);

void conversation_drop_page (hearth_observation_t *self)
{
    free (self->after);
    self->after = NULL;
}

static void s_rest (hearth_observation_t *self)
{
    self->pause_ms = self->pause_ms ? self->pause_ms * 2 : REST_MS;
    if (self->pause_ms > OBSERVATION_LONGEST_MS)
        self->pause_ms = OBSERVATION_LONGEST_MS;
    self->state = OBSERVATION_RESTING;
    self->due_ms = self->observers->now_ms + self->pause_ms;
}

//  ---- calls ----

//  What cannot begin for a reason that will not pass is given up; everything else is tried again.
static void s_failed (hearth_observation_t *self, hearth_result_t **result)
{
    hearth_code_t code = hearth_error (*result)->code;
    bool may_pass =
        code == HEARTH_UNAVAILABLE || code == HEARTH_DEADLINE_EXCEEDED || code == HEARTH_RESOURCE_EXHAUSTED;
    if (self->state == OBSERVATION_ASKING)
        account_unfilled (self->account);
    conversation_drop_page (self);
    if (!may_pass && !self->is_ready) {
        self->failure = *result;
        *result = NULL;
        self->is_ready = true;
    }
    s_rest (self);
}

//  The answer belongs to another session than the question, perhaps to another epoch.
static void s_outdated (hearth_observation_t *self)
{
    if (self->state == OBSERVATION_ASKING)
        account_unfilled (self->account);
    conversation_drop_page (self);
    self->state = OBSERVATION_IDLE;
}

void conversation_take (hearth_observation_t *self, hearth_result_t *result)
{
    if (self->session != self->observers->session)
        s_outdated (self);
    else if (hearth_failed (result))
        s_failed (self, &result);
    else if (self->state == OBSERVATION_LISTING)
        s_listed (self, hearth_result_value (result));
    else
        s_filled (self, hearth_result_value (result));
    hearth_result_destroy (&result);
    observation_proceed (self);
}

static void s_done (hearth_t *hearth, hearth_result_t *result, void *context)
{
    hearth_observation_t *self = context;
    observers_t *observers = self->observers;
    observers->now_ms = client_now_ms (hearth);
    if (observation_must_wait (self)) {
        self->answer = result;
        observers->is_put_off = true;
        return;
    }
    conversation_take (self, result);
    observers_settle (observers);
}

static void s_call (hearth_observation_t *self, observation_state_t state, const char *method, pack_t *arguments)
{
    hearth_t *hearth = self->observers->hearth;
    self->state = state;
    int code = arguments->failed ? HEARTH_RESOURCE_EXHAUSTED
                                 : client_call (hearth, "hearth", method, arguments, CALL_MS, s_done, self);
    pack_clear (arguments);
    if (!code)
        return;
    if (state == OBSERVATION_ASKING)
        account_unfilled (self->account);
    conversation_drop_page (self);
    s_rest (self);
}

//  ---- listings ----

void conversation_list (hearth_observation_t *self)
{
    if (!self->after)
        self->since = account_since (self->account);
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 3);
    pack_text (&arguments, self->prefix->node.text.data, self->prefix->node.text.size);
    pack_uint (&arguments, self->since);
    pack_str (&arguments, self->after ? self->after : "");
    s_call (self, OBSERVATION_LISTING, "topics", &arguments);
}

static bool s_read_page (hearth_observation_t *self, const hearth_value_t *topics)
{
    for (size_t at = 0; at < hearth_value_size (topics); at++) {
        const hearth_value_t *row = hearth_value_at (topics, at), *name = hearth_value_at (row, 0);
        span_t topic = { hearth_value_str (name), hearth_value_size (name) };
        size_t service_size, event_size;
        if (!name_split_topic (topic.data, topic.size, &service_size, &event_size))
            continue;
        if (account_listed (self->account, topic, hearth_value_uint (hearth_value_at (row, 1)),
                            hearth_value_uint (hearth_value_at (row, 2)),
                            hearth_value_bool (hearth_value_at (row, 3)))
            != 0)
            return false;
    }
    return true;
}

//  A claim waits for a marker that is not older: all that came before it, if it came at all, has come by then.
static void s_end_listing (hearth_observation_t *self)
{
    int64_t now_ms = self->observers->now_ms;
    bool has_claims = account_list_end (self->account);
    self->interval_ms = has_claims ? OBSERVATION_QUIET_MS : self->interval_ms * 2;
    if (self->interval_ms > OBSERVATION_LONGEST_MS)
        self->interval_ms = OBSERVATION_LONGEST_MS;
    self->check_ms = now_ms + self->interval_ms;
    self->latest_ms = now_ms + OBSERVATION_LONGEST_MS;
    self->is_listing_due = false;
    self->is_ready = true;
    self->observers->is_put_off |= self->internal != NULL;  //  a watch may have waited for it
    if (!has_claims)
        return;
    self->claimed = self->listed;
    if (self->prefix->is_live && self->prefix->marked >= self->claimed) {
        observation_confirm (self);
        return;
    }
    client_ask_marker (self->observers->hearth, self->prefix->text);
}

static void s_listed (hearth_observation_t *self, const hearth_value_t *answer)
{
    account_t *account = self->account;
    self->state = OBSERVATION_IDLE;
    self->pause_ms = 0;
    if (!self->after) {
        if (!account_is_open (account))
            account_begin (account, self->observers->epoch, false);
        self->listed = hearth_value_uint (hearth_value_get (answer, "number"));
        account_list_begin (account, self->since, self->listed);
    }
    conversation_drop_page (self);
    const hearth_value_t *next = hearth_value_get (answer, "next");
    bool has_next = hearth_value_type (next) == HEARTH_TYPE_STR;
    if (has_next)
        self->after = strdup (hearth_value_str (next));
    if (!s_read_page (self, hearth_value_get (answer, "topics")) || (has_next && !self->after)) {
        conversation_drop_page (self);
        s_rest (self);
    } else if (!has_next)
        s_end_listing (self);
}

//  ---- gaps ----

void conversation_ask (hearth_observation_t *self)
{
    account_need_t need;
    while ((need = account_next (self->account, &self->gap)) == ACCOUNT_LOST) {
        tell_lost (self, self->gap.topic, self->gap.to, self->gap.lost);
        if (self->is_dead)
            return;
    }
    if (need == ACCOUNT_NOTHING)
        return;
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 3);
    pack_text (&arguments, self->gap.topic.data, self->gap.topic.size);
    pack_uint (&arguments, self->gap.from);
    pack_uint (&arguments, self->gap.to);
    s_call (self, OBSERVATION_ASKING, "history", &arguments);
}

//  An item is topic number, number, time, body. The body lies in the answer, which is ours to overwrite.
static void s_fill (hearth_observation_t *self, const hearth_value_t *item)
{
    uint64_t topic_number = hearth_value_uint (hearth_value_at (item, 0)), lost;
    account_verdict_t verdict = account_fill (self->account, topic_number, &lost);
    if (verdict == ACCOUNT_DROP)
        return;
    tell_lost (self, self->gap.topic, topic_number - 1, lost);
    if (self->is_dead)
        return;
    msgpack_zone *zone = &self->observers->zone;
    const hearth_value_t *body = hearth_value_at (item, 3);
    uint8_t *bytes = (uint8_t *) hearth_value_bin (body);  //  NULL: no bin, so it holds no value
    const hearth_value_t *value = bytes ? value_decode (zone, bytes, hearth_value_size (body)) : NULL;
    tell_message (self, self->gap.topic, topic_number, hearth_value_uint (hearth_value_at (item, 1)),
                  hearth_value_int (hearth_value_at (item, 2)), verdict == ACCOUNT_RETAINED, value);
    msgpack_zone_clear (zone);
}

static void s_filled (hearth_observation_t *self, const hearth_value_t *answer)
{
    const hearth_value_t *items = hearth_value_get (answer, "items");
    self->pause_ms = 0;
    for (size_t at = 0; at < hearth_value_size (items) && !self->is_dead; at++)
        s_fill (self, hearth_value_at (items, at));
    uint64_t number, lost;
    account_filled (self->account, hearth_value_bool (hearth_value_get (answer, "more")), &number, &lost);
    tell_lost (self, self->gap.topic, number, lost);
    self->state = OBSERVATION_IDLE;
}
