/*  test_result.c - what a reply becomes for its caller, whatever it holds
*/
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"
#include "value.h"

static zmq_msg_t message;
static pack_t body;

static void begin (void)
{
    zmq_msg_init (&message);
    pack_init (&body);
}

static void end (void)
{
    zmq_msg_close (&message);
    pack_clear (&body);
}

TestSuite (result, .init = begin, .fini = end);

//  A reply from that session with what was packed as its body.
static hearth_result_t *reply (uint64_t session, unsigned code, unsigned mark)
{
    wire_frame_t frame = { .kind = WIRE_REPLY, .block.session = session, .code = code, .mark = mark };
    zmq_msg_close (&message);
    zmq_msg_init_size (&message, body.buffer.size);
    memcpy (zmq_msg_data (&message), body.buffer.data, body.buffer.size);
    frame.body = zmq_msg_data (&message);
    frame.body_size = body.buffer.size;
    return result_from_reply (&frame, &message);
}

static void pack_error (const char *name, const char *text)
{
    pack_list (&body, 2);
    pack_str (&body, name);
    pack_str (&body, text);
}

static void expect (hearth_result_t *result, hearth_code_t code, const char *name, hearth_mark_t mark)
{
    cr_assert (hearth_failed (result));
    cr_assert_eq (hearth_error (result)->code, code);
    cr_assert_str_eq (hearth_error (result)->name, name);
    cr_assert_eq (hearth_error (result)->mark, mark);
    hearth_result_destroy (&result);
    cr_assert_null (result);
}

Test (result, a_value_is_read_however_large)
{
    static const size_t sizes [] = { 0, 1, 15, 100, 8000, 8192, 9000, 1000000 };
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        char *text = calloc (1, sizes [index] + 1);
        memset (text, 'x', sizes [index]);
        pack_clear (&body);
        pack_init (&body);
        pack_list (&body, 3);
        pack_int (&body, 5);
        pack_str (&body, text);
        pack_str (&body, text);
        hearth_result_t *result = reply (1, 0, 0);
        cr_assert_not (hearth_failed (result));
        cr_assert_null (hearth_error (result));
        const hearth_value_t *list = hearth_result_value (result);
        cr_assert_eq (hearth_value_int (hearth_value_at (list, 0)), 5);
        cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 1)), text);
        cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 2)), text);
        hearth_result_destroy (&result);
        free (text);
    }
}

Test (result, what_cannot_be_read_is_a_bad_result)
{
    pack_list (&body, 3);
    expect (reply (1, 0, 0), HEARTH_INTERNAL, "hearth.BadResult", HEARTH_EXECUTED);
}

Test (result, an_error_is_the_services_own)
{
    pack_list (&body, 3);
    pack_str (&body, "bank.Overdrawn");
    pack_str (&body, "by 7");
    pack_list (&body, 1);
    pack_int (&body, 7);
    hearth_result_t *result = reply (1, HEARTH_ABORTED, HEARTH_EXECUTED);
    cr_assert_str_eq (hearth_error (result)->message, "by 7");
    cr_assert_eq (hearth_value_int (hearth_value_at (hearth_error (result)->details, 0)), 7);
    cr_assert_null (hearth_result_value (result));
    expect (result, HEARTH_ABORTED, "bank.Overdrawn", HEARTH_EXECUTED);
}

Test (result, the_broker_speaks_for_the_system)
{
    pack_error ("hearth.NoSuchService", "nobody");
    expect (reply (0, HEARTH_NOT_FOUND, HEARTH_NOT_EXECUTED), HEARTH_NOT_FOUND, "hearth.NoSuchService",
            HEARTH_NOT_EXECUTED);
}

Test (result, a_service_does_not_but_for_what_it_alone_knows)
{
    pack_error ("hearth.NoSuchService", "nobody");
    hearth_result_t *result = reply (1, HEARTH_NOT_FOUND, HEARTH_NOT_EXECUTED);
    cr_assert (strstr (hearth_error (result)->message, "hearth.NoSuchService: nobody"));
    expect (result, HEARTH_INTERNAL, "hearth.BadResult", HEARTH_MAY_HAVE_EXECUTED);
    pack_clear (&body);
    pack_init (&body);
    pack_error ("hearth.BadArguments", "a");
    expect (reply (1, HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED), HEARTH_INVALID_ARGUMENT, "hearth.BadArguments",
            HEARTH_NOT_EXECUTED);
}

Test (result, an_error_that_is_none_is_a_bad_result)
{
    pack_int (&body, 5);
    expect (reply (1, HEARTH_ABORTED, HEARTH_EXECUTED), HEARTH_INTERNAL, "hearth.BadResult",
            HEARTH_MAY_HAVE_EXECUTED);
}

Test (result, an_error_whose_name_is_none_is_a_bad_result)
{
    static const span_t names [] = {
        { "", 0 }, { "\0bank.Overdrawn", 15 }, { "bank.\0", 6 }, { "bank Overdrawn", 14 }
    };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        pack_clear (&body);
        pack_init (&body);
        pack_list (&body, 2);
        pack_text (&body, names [index].data, names [index].size);
        pack_str (&body, "why");
        expect (reply (index % 2, HEARTH_ABORTED, HEARTH_EXECUTED), HEARTH_INTERNAL, "hearth.BadResult",
                HEARTH_MAY_HAVE_EXECUTED);
    }
}

Test (result, an_unknown_code_and_mark_are_unknown)
{
    pack_error ("bank.Overdrawn", "by 7");
    expect (reply (1, 99, 99), HEARTH_UNKNOWN, "bank.Overdrawn", HEARTH_MAY_HAVE_EXECUTED);
}

Test (result, no_result_is_a_failed_one)
{
    cr_assert (hearth_failed (NULL));
    cr_assert (hearth_error (NULL));
    cr_assert_eq (hearth_result_int (NULL), 0);
    cr_assert_str_eq (hearth_result_str (NULL), "");
    hearth_result_destroy (NULL);
}
