/*  test_status.c - the vocabulary of outcomes is that of docs/protocol.md, section 2 */
#include "status.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

Test (status, each_row_is_found_by_its_name)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        const status_row_t *row = status_row ((status_t) i);
        cr_assert_eq (status_find (row->name, strlen (row->name)), i);
        cr_assert_eq (status_find (row->name, strlen (row->name) - 1), -1, "a name that is cut off is another");
        cr_assert (status_is_reserved (row->name, strlen (row->name)));
        cr_assert_neq (row->code, HEARTH_OK);
        cr_assert_neq (row->mark, HEARTH_NO_MARK);
    }
}

Test (status, other_names_are_not_found)
{
    static const char *const names [] = { "",      "hearth",   "hearth.", "hearth.Limits", "hearth.limit",
                                          "Limit", "app.Limit" };
    for (size_t i = 0; i < COUNT (names); i++)
        cr_assert_eq (status_find (names [i], strlen (names [i])), -1, "%s", names [i]);
    cr_assert_eq (status_find (NULL, 0), -1);
    cr_assert_eq (status_find ("hearth.Limit\0", 13), -1);
}

Test (status, code_and_mark_are_as_documented)
{
    static const struct {
        status_t status;
        const char *name;
        const char *code;
        const char *mark;
    } cases [] = {
        { STATUS_NO_SUCH_SERVICE, "hearth.NoSuchService", "NOT_FOUND", "not executed" },
        { STATUS_NO_SUCH_METHOD, "hearth.NoSuchMethod", "UNIMPLEMENTED", "not executed" },
        { STATUS_BAD_ARGUMENTS, "hearth.BadArguments", "INVALID_ARGUMENT", "not executed" },
        { STATUS_MALFORMED, "hearth.Malformed", "INVALID_ARGUMENT", "not executed" },
        { STATUS_NAME_TAKEN, "hearth.NameTaken", "ALREADY_EXISTS", "not executed" },
        { STATUS_NOT_OWNER, "hearth.NotOwner", "PERMISSION_DENIED", "not executed" },
        { STATUS_HELLO_FIRST, "hearth.HelloFirst", "FAILED_PRECONDITION", "not executed" },
        { STATUS_BAD_VERSION, "hearth.BadVersion", "FAILED_PRECONDITION", "not executed" },
        { STATUS_STALE_SESSION, "hearth.StaleSession", "ABORTED", "not executed" },
        { STATUS_WOULD_DEADLOCK, "hearth.WouldDeadlock", "FAILED_PRECONDITION", "not executed" },
        { STATUS_DEADLINE, "hearth.Deadline", "DEADLINE_EXCEEDED", "may have executed" },
        { STATUS_SERVICE_GONE, "hearth.ServiceGone", "UNAVAILABLE", "may have executed" },
        { STATUS_BROKER_GONE, "hearth.BrokerGone", "UNAVAILABLE", "may have executed" },
        { STATUS_STARTING, "hearth.Starting", "UNAVAILABLE", "not executed" },
        { STATUS_STOPPING, "hearth.Stopping", "UNAVAILABLE", "not executed" },
        { STATUS_LIMIT, "hearth.Limit", "RESOURCE_EXHAUSTED", "not executed" },
        { STATUS_CANCELLED, "hearth.Cancelled", "CANCELLED", "may have executed" },
        { STATUS_NO_REPLY, "hearth.NoReply", "INTERNAL", "executed" },
        { STATUS_BAD_RESULT, "hearth.BadResult", "INTERNAL", "executed" },
    };
    cr_assert_eq (COUNT (cases), STATUS_COUNT);
    for (size_t i = 0; i < COUNT (cases); i++) {
        const status_row_t *row = status_row (cases [i].status);
        cr_assert_str_eq (row->name, cases [i].name);
        cr_assert_str_eq (hearth_code_name (row->code), cases [i].code);
        cr_assert_str_eq (hearth_mark_name (row->mark), cases [i].mark);
    }
}

Test (status, a_service_may_say_its_own_names_and_six_of_the_systems)
{
    static const char *const allowed [] = { "hearth.BadArguments", "hearth.WouldDeadlock", "hearth.Cancelled",
                                            "hearth.Deadline",     "hearth.NoReply",       "hearth.BadResult",
                                            "app.Broken",          "hearths.Limit",        "Limit" };
    for (size_t i = 0; i < COUNT (allowed); i++)
        cr_assert (status_service_may_say (allowed [i], strlen (allowed [i])), "%s", allowed [i]);

    int reserved = 0;
    for (int i = 0; i < STATUS_COUNT; i++) {
        const char *name = status_row ((status_t) i)->name;
        reserved += status_service_may_say (name, strlen (name));
    }
    cr_assert_eq (reserved, 6);
    cr_assert_not (status_service_may_say ("hearth", 6));
    cr_assert_not (status_service_may_say ("hearth.Unheard", 14));
}

Test (status, what_is_no_code_or_mark_has_a_name_nevertheless)
{
    cr_assert_str_eq (hearth_code_name (HEARTH_OK), "OK");
    cr_assert_str_eq (hearth_code_name (HEARTH_UNAUTHENTICATED), "UNAUTHENTICATED");
    cr_assert_str_eq (hearth_code_name ((hearth_code_t) 17), "UNKNOWN");
    cr_assert_str_eq (hearth_code_name ((hearth_code_t) -1), "UNKNOWN");
    cr_assert_str_eq (hearth_mark_name (HEARTH_NO_MARK), "");
    cr_assert_str_eq (hearth_mark_name ((hearth_mark_t) 4), "");
}
