/*  test_session.c - hello, welcome, loss, and the pauses between attempts
*/
#include <criterion/criterion.h>
#include <string.h>

#include "session.h"
#include "value.h"

static const uint8_t random_bytes [WIRE_INSTANCE_SIZE + 8] = "0123456789abcdef\x01\x02\x03\x04\x05\x06\x07";

static client_session_t begin (void)
{
    client_session_t self;
    session_init (&self, random_bytes, 0);
    cr_assert_eq (session_task (&self, 0), SESSION_OPEN);
    return self;
}

static wire_frame_t read_hello (client_session_t *self, uint8_t out [256], int64_t now_ms)
{
    wire_frame_t frame;
    size_t size = session_write_hello (self, out, 256, now_ms);
    cr_assert_gt (size, 0);
    cr_assert_eq (wire_read (&frame, out, size), WIRE_OK);
    cr_assert_eq (wire_check_body (&frame, 32), WIRE_OK);
    return frame;
}

static bool welcome (client_session_t *self, const pack_t *body, uint64_t version)
{
    wire_frame_t frame = { .kind = WIRE_WELCOME, .block.session = 7, .version = version, .epoch = 0xabcdef };
    frame.body = (const uint8_t *) body->buffer.data;
    frame.body_size = body->buffer.size;
    return session_welcome (self, &frame, "tcp://10.0.0.1:9797");
}

static void pack_welcome (pack_t *body)
{
    pack_init (body);
    pack_map (body, 2);
    pack_str (body, "limits");
    pack_map (body, 2);
    pack_str (body, "calls");
    pack_int (body, 17);
    pack_str (body, "message");
    pack_int (body, 4096);
    pack_str (body, "publish");
    pack_list (body, 2);
    pack_str (body, "ipc:///tmp/events");
    pack_str (body, "tcp://*:9798");
}

Test (session, a_hello_holds_the_instance_and_counts_the_sessions)
{
    uint8_t out [256];
    client_session_t self = begin ();
    for (uint64_t count = 1; count <= 3; count++) {
        session_opened (&self, 0);
        wire_frame_t hello = read_hello (&self, out, 0);
        cr_assert_eq (hello.kind, WIRE_HELLO);
        cr_assert_eq (hello.version, WIRE_VERSION);
        cr_assert_eq (hello.sessions, count);
        cr_assert_eq (memcmp (hello.instance.data, random_bytes, WIRE_INSTANCE_SIZE), 0);
        session_lost (&self, 0);
    }
}

Test (session, a_welcome_brings_it_up_with_name_limits_and_address)
{
    uint8_t out [256];
    pack_t body;
    client_session_t self = begin ();
    session_opened (&self, 0);
    session_write_hello (&self, out, sizeof out, 0);
    pack_welcome (&body);
    cr_assert (welcome (&self, &body, WIRE_VERSION));
    cr_assert_eq (self.state, CLIENT_UP);
    cr_assert_str_eq (self.unique_name, ":000000abcdef.7");
    cr_assert_eq (self.limits.calls, 17);
    cr_assert_eq (self.limits.message, 4096);
    cr_assert_str_eq (self.publish, "tcp://10.0.0.1:9798");
    cr_assert_eq (session_task (&self, INT64_MAX), SESSION_NOTHING);
    cr_assert_eq (session_deadline (&self), -1);
    pack_clear (&body);
}

Test (session, a_welcome_that_cannot_be_understood_is_none)
{
    pack_t body;
    client_session_t self = begin ();
    pack_init (&body);
    pack_str (&body, "welcome");
    cr_assert_not (welcome (&self, &body, WIRE_VERSION));
    pack_clear (&body);
    pack_welcome (&body);
    cr_assert_not (welcome (&self, &body, WIRE_VERSION + 1));
    body.buffer.size--;
    cr_assert_not (welcome (&self, &body, WIRE_VERSION));
    cr_assert_neq (self.state, CLIENT_UP);
    pack_clear (&body);
}

Test (session, pauses_double_up_to_two_seconds_with_jitter)
{
    client_session_t self = begin ();
    int64_t now_ms = 0, longest = 20;
    for (int round = 0; round < 20; round++) {
        session_opened (&self, now_ms);
        session_lost (&self, now_ms);
        int64_t pause_ms = session_deadline (&self) - now_ms;
        cr_assert_geq (pause_ms, longest / 2);
        cr_assert_leq (pause_ms, longest);
        now_ms = session_deadline (&self);
        cr_assert_eq (session_task (&self, now_ms - 1), SESSION_NOTHING);
        cr_assert_eq (session_task (&self, now_ms), SESSION_OPEN);
        longest = longest * 2 > 2000 ? 2000 : longest * 2;
    }
}

Test (session, an_attempt_that_leads_nowhere_is_given_up)
{
    uint8_t out [256];
    client_session_t self = begin ();
    session_opened (&self, 1000);
    cr_assert_eq (session_task (&self, session_deadline (&self)), SESSION_GIVE_UP);
    session_write_hello (&self, out, sizeof out, 2000);
    cr_assert_gt (session_deadline (&self), 2000);
    cr_assert_eq (session_task (&self, session_deadline (&self)), SESSION_GIVE_UP);
}

Test (session, it_is_told_once_that_nobody_answers)
{
    pack_t body;
    client_session_t self = begin ();
    cr_assert (session_lost (&self, 0));
    cr_assert_not (session_lost (&self, 0));
    pack_welcome (&body);
    cr_assert (welcome (&self, &body, WIRE_VERSION));
    cr_assert_not (session_lost (&self, 0), "a session that ended is told of otherwise");
    cr_assert (session_lost (&self, 0));
    pack_clear (&body);
}

Test (session, the_brokers_reason_is_kept)
{
    uint8_t error [128];
    client_session_t self = begin ();
    session_opened (&self, 0);
    wire_frame_t goodbye = { .kind = WIRE_GOODBYE, .code = HEARTH_FAILED_PRECONDITION, .body = error };
    goodbye.body_size = wire_write_error (SPAN ("hearth.BadVersion"), SPAN ("speak 1"), error, sizeof error);
    session_goodbye (&self, &goodbye);
    session_lost (&self, 0);
    cr_assert_eq (self.why_code, HEARTH_FAILED_PRECONDITION);
    cr_assert_str_eq (self.why_name, "hearth.BadVersion");
    cr_assert_str_eq (self.why, "speak 1");
    session_opened (&self, 100);
    session_lost (&self, 100);
    cr_assert_eq (self.why_code, HEARTH_UNAVAILABLE, "an attempt has a reason of its own");
}

Test (session, a_welcome_that_is_none_says_so)
{
    pack_t body;
    client_session_t self = begin ();
    session_opened (&self, 0);
    pack_init (&body);
    pack_str (&body, "welcome");
    cr_assert_not (welcome (&self, &body, WIRE_VERSION));
    session_lost (&self, 0);
    cr_assert_str_eq (self.why_name, "hearth.BrokerGone");
    cr_assert (strstr (self.why, "greet"), "%s", self.why);
    pack_clear (&body);
}

Test (session, what_cannot_be_sent_in_a_session_learns_that_the_connection_was_lost)
{
    pack_t body;
    client_session_t self = begin ();
    session_opened (&self, 0);
    pack_welcome (&body);
    cr_assert (welcome (&self, &body, WIRE_VERSION));
    cr_assert (strstr (self.why, "lost"), "%s", self.why);
    pack_clear (&body);
}

//  What a broker says of its limits, and what becomes of it.
static void expect_limit (int64_t said, uint64_t calls, uint64_t deadline)
{
    static const char *const keys [] = { "calls", "deadline", "message", "capacity" };
    pack_t body;
    client_session_t self = begin ();
    pack_init (&body);
    pack_map (&body, 1);
    pack_str (&body, "limits");
    pack_map (&body, 4);
    for (int index = 0; index < 4; index++) {
        pack_str (&body, keys [index]);
        pack_int (&body, said);
    }
    cr_assert (welcome (&self, &body, WIRE_VERSION));
    cr_assert_eq (self.limits.calls, calls);
    cr_assert_eq (self.limits.deadline, deadline);
    pack_clear (&body);
}

Test (session, limits_are_not_believed_beyond_what_they_can_be)
{
    expect_limit (17, 17, 17);
    expect_limit (INT64_MAX, 1000000, 86400000);
    expect_limit (-1, 0, 0);
}

//  A session of that length; the longest pause before the next attempt that may follow.
static void expect_pause (client_session_t *self, int64_t lasts_ms, int64_t most_ms)
{
    static int64_t now_ms;
    uint8_t out [256];
    pack_t body;
    pack_welcome (&body);
    session_opened (self, now_ms);
    session_write_hello (self, out, sizeof out, now_ms);
    cr_assert (welcome (self, &body, WIRE_VERSION));
    pack_clear (&body);
    now_ms += lasts_ms;
    session_lost (self, now_ms);
    cr_assert_geq (session_deadline (self) - now_ms, most_ms / 2);
    cr_assert_leq (session_deadline (self) - now_ms, most_ms);
}

Test (session, sessions_that_end_as_they_begin_are_begun_ever_more_seldom)
{
    client_session_t self = begin ();
    for (int64_t most_ms = 20; most_ms < 1280; most_ms *= 2)
        expect_pause (&self, 1, most_ms);
    expect_pause (&self, 1, 1280);
    expect_pause (&self, 1, 1280);
    expect_pause (&self, 1000, 20);
    expect_pause (&self, 1, 20);
    expect_pause (&self, 1, 40);
}
