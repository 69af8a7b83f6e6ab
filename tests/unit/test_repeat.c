/*  test_repeat.c - calls whose attempts fail: which are made once more, with which token, and how they end
*/
#include <criterion/criterion.h>

#include "repeat.h"
#include "result.h"

enum { DECLARED = 1, PROMISED = 2, OTHER = 0 };

static calls_t calls;
static streams_t streams;

static void begin (void)
{
    calls_init (&calls, 0);
}

static void end (void)
{
    calls_clear (&calls);
}

TestSuite (repeat, .init = begin, .fini = end);

//  A call that was sent, and keeps a request of so many bytes.
static hearth_pending_t *send_sized (bool is_promised, size_t size)
{
    zmq_msg_t message;
    hearth_pending_t *call = calls_open (&calls, NULL, 10000);
    cr_assert (call && call->slot != CALLS_NO_SLOT);
    call->is_call = true;
    call->is_promised = is_promised;
    zmq_msg_init_size (&message, size);
    memset (zmq_msg_data (&message), 'x', size);
    request_take (&call->request, &message);
    calls_sent (&calls, call);
    return call;
}

static hearth_pending_t *send_call (bool is_promised)
{
    return send_sized (is_promised, 40);
}

//  A stream whose caller allows what there is to be allowed.
static hearth_pending_t *send_stream (void)
{
    hearth_pending_t *call = send_call (true);
    call->stream = stream_new (&streams);
    cr_assert_not_null (call->stream);
    call->stream->owner = call;
    return call;
}

//  An answer to its last attempt. True if it is repeated; otherwise it has ended.
static bool answer_from (uint64_t session, hearth_pending_t *call, status_t status, hearth_mark_t mark,
                         uint32_t flags, int64_t now_ms)
{
    uint8_t body [256];
    const status_row_t *row = status_row (status);
    wire_frame_t reply = { .kind = WIRE_REPLY, .code = row->code, .mark = mark, .body = body };
    reply.block = (wire_block_t){ calls_token (&calls, call), session, 0, flags };
    reply.body_size = wire_write_error (SPAN (row->name), SPAN ("made up"), body, sizeof body);
    cr_assert_eq (calls_answered (&calls, reply.block.token), call);
    if (repeat_answered (&calls, call, &reply, NULL, now_ms))
        return true;
    calls_end (&calls, call, result_from_reply (&reply, NULL));
    return false;
}

static bool answer (hearth_pending_t *call, status_t status, hearth_mark_t mark, int64_t now_ms)
{
    return answer_from (0, call, status, mark, 0, now_ms);
}

static bool lose_service (hearth_pending_t *call, bool is_declared, int64_t now_ms)
{
    return answer_from (0, call, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED, is_declared ? WIRE_IDEMPOTENT : 0,
                        now_ms);
}

static void succeed (hearth_pending_t *call)
{
    static const uint8_t nil [] = { 0xc0 };
    zmq_msg_t message;
    zmq_msg_init (&message);
    wire_frame_t reply = { .kind = WIRE_REPLY, .body = nil, .body_size = 1 };
    cr_assert_eq (calls_answered (&calls, calls_token (&calls, call)), call);
    cr_assert_not (repeat_answered (&calls, call, &reply, &message, 0));
    calls_end (&calls, call, result_from_reply (&reply, &message));
    zmq_msg_close (&message);
}

//  The next attempt is due at that time, and is sent then.
static void expect_attempt (hearth_pending_t *call, int64_t now_ms)
{
    calls_expire (&calls, now_ms, 0, "no broker");
    cr_assert_not (call->is_ended);
    cr_assert_eq (calls_next_held (&calls), call);
    cr_assert_eq (request_data (&call->request) [0], 'x');
    calls_sent (&calls, call);
}

static void expect_ended (hearth_pending_t *call, const char *name, hearth_mark_t mark)
{
    cr_assert (call->is_ended);
    hearth_result_t *result = calls_take (&calls, call);
    const hearth_error_t *error = hearth_error (result);
    cr_assert_str_eq (error ? error->name : "", name);
    cr_assert_eq (error ? error->mark : HEARTH_NO_MARK, mark);
    hearth_result_destroy (&result);
}

Test (repeat, a_call_of_an_idempotent_method_is_sent_once_more_at_once_when_its_service_goes)
{
    hearth_pending_t *call = send_call (false);
    wire_token_t first = calls_token (&calls, call);
    cr_assert (lose_service (call, true, 100));
    expect_attempt (call, 100);
    wire_token_t second = calls_token (&calls, call);
    cr_assert_neq (first.generation, second.generation);
    cr_assert_null (calls_answered (&calls, first), "an answer to the attempt before");
    succeed (call);
    expect_ended (call, "", HEARTH_NO_MARK);
    cr_assert_eq (calls.taken, 0);
}

Test (repeat, a_call_of_any_other_method_ends_with_its_service)
{
    hearth_pending_t *call = send_call (false);
    cr_assert_not (lose_service (call, false, 100));
    expect_ended (call, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, a_call_that_its_caller_allows_is_repeated_whatever_its_method_declares)
{
    hearth_pending_t *call = send_call (true);
    cr_assert (lose_service (call, false, 100));
    expect_attempt (call, 100);
    succeed (call);
    expect_ended (call, "", HEARTH_NO_MARK);
}

Test (repeat, a_call_that_is_not_the_programs_is_left_to_whoever_made_it)
{
    hearth_pending_t *call = send_call (true);
    call->is_call = false;
    cr_assert_not (lose_service (call, true, 100));
    expect_ended (call, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, what_a_service_says_in_the_brokers_words_is_not_believed)
{
    hearth_pending_t *call = send_call (true);
    cr_assert_not (answer_from (7, call, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED, WIRE_IDEMPOTENT, 100));
    expect_ended (call, "hearth.BadResult", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, the_end_of_a_session_is_outlived_only_by_calls_whose_caller_allows_it)
{
    hearth_pending_t *allowed = send_call (true), *other = send_call (false);
    wire_token_t first = calls_token (&calls, allowed);
    calls_session_down (&calls, "lost", 100);
    expect_ended (other, "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (calls.taken, 1);
    expect_attempt (allowed, 9999);
    cr_assert_eq (calls_token (&calls, allowed).slot, first.slot);
    succeed (allowed);
    expect_ended (allowed, "", HEARTH_NO_MARK);
}

Test (repeat, a_broker_that_stops_is_one_that_has_gone)
{
    hearth_pending_t *allowed = send_call (true), *other = send_call (false), *refused = send_call (true);
    cr_assert (answer (allowed, STATUS_STOPPING, HEARTH_MAY_HAVE_EXECUTED, 100));
    cr_assert_not (answer (other, STATUS_STOPPING, HEARTH_MAY_HAVE_EXECUTED, 100));
    cr_assert_not (answer (refused, STATUS_STOPPING, HEARTH_NOT_EXECUTED, 100), "nothing was begun");
    expect_ended (other, "hearth.Stopping", HEARTH_MAY_HAVE_EXECUTED);
    expect_ended (refused, "hearth.Stopping", HEARTH_NOT_EXECUTED);
    cr_assert_not (calls_abandon (&calls, allowed));
}

Test (repeat, a_name_that_is_not_back_is_waited_for_by_calls_that_were_begun_and_no_others)
{
    hearth_pending_t *call = send_call (false), *fresh = send_call (true);
    cr_assert_not (answer (fresh, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED, 100));
    expect_ended (fresh, "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    cr_assert (lose_service (call, true, 100));
    expect_attempt (call, 100);
    cr_assert (answer (call, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED, 100));
    calls_expire (&calls, 124, 0, "");
    cr_assert_null (calls_next_held (&calls), "too soon");
    expect_attempt (call, 150);
    cr_assert (answer (call, STATUS_STARTING, HEARTH_NOT_EXECUTED, 150));
    calls_expire (&calls, 199, 0, "");
    cr_assert_null (calls_next_held (&calls), "too soon");
    expect_attempt (call, 250);
    succeed (call);
    expect_ended (call, "", HEARTH_NO_MARK);
}

Test (repeat, what_may_have_been_executed_never_ends_as_not_executed)
{
    static const status_t refusals [] = { STATUS_LIMIT,    STATUS_NO_SUCH_METHOD, STATUS_BAD_ARGUMENTS,
                                          STATUS_DEADLINE, STATUS_CANCELLED,      STATUS_MALFORMED };
    for (size_t at = 0; at < sizeof refusals / sizeof refusals [0]; at++) {
        hearth_pending_t *call = send_call (false);
        cr_assert (lose_service (call, true, 100));
        expect_attempt (call, 100);
        cr_assert_not (answer (call, refusals [at], HEARTH_NOT_EXECUTED, 100));
        expect_ended (call, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    }
}

Test (repeat, what_a_later_attempt_says_of_its_execution_counts)
{
    hearth_pending_t *executed = send_call (false), *late = send_call (false);
    cr_assert (lose_service (executed, true, 100));
    expect_attempt (executed, 100);
    cr_assert_not (answer_from (7, executed, STATUS_NO_REPLY, HEARTH_EXECUTED, 0, 100));
    expect_ended (executed, "hearth.NoReply", HEARTH_EXECUTED);
    cr_assert (lose_service (late, true, 100));
    expect_attempt (late, 100);
    cr_assert_not (answer (late, STATUS_DEADLINE, HEARTH_MAY_HAVE_EXECUTED, 100));
    expect_ended (late, "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, no_attempt_is_made_after_the_deadline)
{
    hearth_pending_t *late = send_call (true), *waiting = send_call (false);
    cr_assert_not (lose_service (late, true, 10000));
    expect_ended (late, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert (lose_service (waiting, true, 9999));
    calls_expire (&calls, 10000, 0, "");
    expect_ended (waiting, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_null (calls_next_held (&calls));
    cr_assert_eq (calls.taken, 0);
}

Test (repeat, a_call_that_finds_no_broker_for_its_next_attempt_ends_at_its_deadline_as_it_failed)
{
    hearth_pending_t *call = send_call (true);
    calls_session_down (&calls, "lost", 100);
    calls_expire (&calls, 100, 0, "");
    calls_expire (&calls, 9999, 0, "");
    cr_assert_not (call->is_ended);
    calls_expire (&calls, 10000, 12000, "no broker answers");
    expect_ended (call, "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, without_tokens_calls_end_with_what_happened)
{
    while (retry_take (&calls.retry))
        ;
    hearth_pending_t *call = send_call (true), *lost = send_call (true);
    cr_assert_not (lose_service (call, true, 100));
    expect_ended (call, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    calls_session_down (&calls, "lost", 100);
    expect_ended (lost, "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    succeed (call = send_call (false));
    expect_ended (call, "", HEARTH_NO_MARK);
    call = send_call (false);
    cr_assert (lose_service (call, true, 100), "a result has given some back");
    cr_assert_not (calls_abandon (&calls, call));
}

Test (repeat, the_name_of_a_call_that_was_begun_is_waited_for_as_long_as_there_are_tokens)
{
    hearth_pending_t *call = send_call (false);
    cr_assert (lose_service (call, true, 100));
    expect_attempt (call, 100);
    while (retry_take (&calls.retry))
        ;
    cr_assert_not (answer (call, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED, 100));
    expect_ended (call, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, a_call_that_is_given_up_while_it_waits_frees_its_slot_and_tells_nobody)
{
    hearth_pending_t *call = send_call (false);
    cr_assert (lose_service (call, true, 100));
    cr_assert_eq (calls_mark (call), HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_not (calls_abandon (&calls, call));
    cr_assert_eq (calls.taken, 0);
    calls_expire (&calls, 10000, 0, "");
    cr_assert_null (calls_next_held (&calls));
}

Test (repeat, a_connection_that_goes_ends_what_waits_as_cancelled_and_perhaps_executed)
{
    hearth_pending_t *call = send_call (false);
    cr_assert (lose_service (call, true, 100));
    calls_cancel_programs (&calls);
    expect_ended (call, "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
}

Test (repeat, a_call_whose_slot_is_beyond_the_limit_of_another_broker_ends)
{
    hearth_pending_t *first = send_call (false), *second = send_call (false);
    calls_set_limit (&calls, 1);
    cr_assert_not (lose_service (second, true, 100), "there is no slot for it");
    expect_ended (second, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert (calls_abandon (&calls, first));
}

//  Its program may have taken items, and sent some: what the first attempt has done is not undone by another one.
Test (repeat, a_stream_is_never_begun_once_more)
{
    hearth_pending_t *gone = send_stream (), *absent = send_stream (), *stopped = send_stream ();
    hearth_pending_t *lost = send_stream ();
    cr_assert_not (lose_service (gone, true, 100));
    expect_ended (gone, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_not (answer (absent, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED, 100));
    expect_ended (absent, "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    cr_assert_not (answer (stopped, STATUS_STOPPING, HEARTH_MAY_HAVE_EXECUTED, 100));
    expect_ended (stopped, "hearth.Stopping", HEARTH_MAY_HAVE_EXECUTED);
    calls_session_down (&calls, "lost", 100);
    expect_ended (lost, "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    calls_expire (&calls, 9999, 0, "no broker");
    cr_assert_null (calls_next_held (&calls));
    cr_assert_eq (calls.taken, 0);
}

//  What libzmq may still be reading must stay as it is.
Test (repeat, a_request_of_any_size_is_kept_and_written_anew_with_another_block)
{
    static const size_t sizes [] = { 28, REQUEST_SMALL - 1, REQUEST_SMALL, REQUEST_SMALL + 1, 100000 };
    for (size_t at = 0; at < sizeof sizes / sizeof sizes [0]; at++) {
        hearth_pending_t *call = send_sized (true, sizes [at]);
        zmq_msg_t again;
        const wire_block_t block = { { 1, 2 }, 0, 3, 0 };
        cr_assert (request_write (&call->request, &block, &again));
        cr_assert_eq (zmq_msg_size (&again), sizes [at]);
        const uint8_t *data = zmq_msg_data (&again), *kept = request_data (&call->request);
        cr_assert_eq (data [WIRE_BLOCK_AT + 3], 1);
        cr_assert_eq (kept [WIRE_BLOCK_AT + 3], 'x');
        cr_assert_eq (data [sizes [at] - 1], sizes [at] > 28 ? 'x' : 0);
        zmq_msg_close (&again);
        cr_assert (calls_abandon (&calls, call));
    }
}
