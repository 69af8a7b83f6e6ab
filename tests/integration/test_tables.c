/*  test_tables.c - what is wrong with a table is told when the object is served
*/
#include <criterion/criterion.h>
#include <string.h>

#include <hearth.h>

static void handler (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply_nil (call);
}

static hearth_t *hearth;

//  Serving needs no broker.
static void begin (void)
{
    hearth = hearth_connect ("ipc:///nowhere/at/all");
    cr_assert (hearth);
}

static void end (void)
{
    hearth_destroy (&hearth);
}

TestSuite (tables, .init = begin, .fini = end);

static void expect_refused (const char *name, const hearth_method_t *methods, const hearth_service_options_t *options,
                            const char *why)
{
    cr_assert_eq (hearth_serve_with (hearth, name, methods, NULL, options), HEARTH_INVALID_ARGUMENT);
    const hearth_error_t *error = hearth_last_error (hearth);
    cr_assert_eq (error->code, HEARTH_INVALID_ARGUMENT);
    cr_assert (strstr (error->message, why), "%s", error->message);
}

static void expect_bad_row (hearth_method_t row, const char *why)
{
    const hearth_method_t methods [] = { row, { .name = NULL } };
    expect_refused ("test.service", methods, NULL, why);
}

Test (tables, names_are_checked)
{
    expect_refused ("not a name", NULL, NULL, "\"not a name\"");
    expect_refused ("hearth.mine", NULL, NULL, "reserved");
    expect_refused (NULL, NULL, NULL, "NULL");
}

Test (tables, rows_are_checked)
{
    expect_bad_row ((hearth_method_t){ "a b", "", NULL, handler, NULL, 0 }, "\"a b\"");
    expect_bad_row ((hearth_method_t){ "a", "", NULL, NULL, NULL, 0 }, "handler");
    expect_bad_row ((hearth_method_t){ "a", "b: nothing", NULL, handler, NULL, 0 }, "parameters of method a");
    expect_bad_row ((hearth_method_t){ "a", "", "list<", handler, NULL, 0 }, "result of method a");
    expect_bad_row ((hearth_method_t){ "a", "", NULL, handler, NULL, 64 }, "flags");
}

Test (tables, a_method_is_there_once)
{
    const hearth_method_t methods [] = { { "a", "", NULL, handler, NULL, 0 },
                                         { "a", "", NULL, handler, NULL, 0 },
                                         { .name = NULL } };
    expect_refused ("test.service", methods, NULL, "twice");
}

Test (tables, options_are_checked)
{
    static const hearth_event_t bad_name [] = { { "a b", NULL, NULL, 0 }, { .name = NULL } };
    static const hearth_event_t bad_type [] = { { "a", "lost", NULL, 0 }, { .name = NULL } };
    static const char *const bad_key [][2] = { { "a b", "c" }, { NULL, NULL } };
    expect_refused ("test.service", NULL, &(hearth_service_options_t){ .events = bad_name }, "\"a b\"");
    expect_refused ("test.service", NULL, &(hearth_service_options_t){ .events = bad_type }, "type of event a");
    expect_refused ("test.service", NULL, &(hearth_service_options_t){ .metadata = bad_key }, "\"a b\"");
    expect_refused ("test.service", NULL, &(hearth_service_options_t){ .mode = (hearth_mode_t) 7 }, "mode");
}

Test (tables, an_object_without_methods_may_publish)
{
    cr_assert_eq (hearth_serve (hearth, "test.service", NULL, NULL), 0);
    cr_assert_eq (hearth_unserve (hearth, "test.service"), 0);
}
