/*  party.c - a service for a C test: a connection that serves one object from a thread of its own
*/
#include "party.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define READY_MS 20000

struct party {
    hearth_t *hearth;
    pthread_t thread;
    char *unique_name;
};

static void *run (void *hearth)
{
    return (void *) (intptr_t) hearth_run (hearth);
}

party_t *party_new_of (const char *broker, const party_object_t *objects)
{
    party_t *self = calloc (1, sizeof *self);
    cr_assert (self);
    self->hearth = hearth_connect (broker);
    cr_assert (self->hearth);
    for (const party_object_t *object = objects; object->name; object++)
        cr_assert_eq (
            hearth_serve_with (self->hearth, object->name, object->methods, object->context, &object->options), 0,
            "%s", hearth_last_error (self->hearth)->message);
    cr_assert_eq (hearth_ready (self->hearth, READY_MS), 0, "%s", hearth_last_error (self->hearth)->message);
    self->unique_name = strdup (hearth_unique_name (self->hearth));
    cr_assert_eq (pthread_create (&self->thread, NULL, run, self->hearth), 0);
    return self;
}

party_t *party_new (const char *broker, const char *name, const hearth_method_t *methods, void *context)
{
    const party_object_t objects [] = { { .name = name, .methods = methods, .context = context }, { .name = NULL } };
    return party_new_of (broker, objects);
}

hearth_t *party_connection (const party_t *self)
{
    return self->hearth;
}

int party_destroy (party_t **self_p)
{
    party_t *self = *self_p;
    void *code;
    *self_p = NULL;
    hearth_stop (self->hearth);
    cr_assert_eq (pthread_join (self->thread, &code), 0);
    hearth_destroy (&self->hearth);
    free (self->unique_name);
    free (self);
    return (int) (intptr_t) code;
}

const char *party_unique_name (const party_t *self)
{
    return self->unique_name;
}

hearth_result_t *party_good (hearth_result_t *result)
{
    cr_assert (!hearth_failed (result), "%s: %s", hearth_error (result)->name, hearth_error (result)->message);
    return result;
}

void party_expect (hearth_result_t *result, const char *name, hearth_mark_t mark)
{
    cr_assert (hearth_failed (result));
    const hearth_error_t *error = hearth_error (result);
    cr_assert_str_eq (error->name, name, "%s: %s", error->name, error->message);
    cr_assert_eq (error->mark, mark, "%s: %s", hearth_mark_name (error->mark), error->message);
    hearth_result_destroy (&result);
}

void expect_str (hearth_result_t *result, const char *text)
{
    cr_assert_str_eq (hearth_result_str (party_good (result)), text);
    hearth_result_destroy (&result);
}

void expect_int (hearth_result_t *result, int64_t value)
{
    cr_assert_eq (hearth_result_int (party_good (result)), value);
    hearth_result_destroy (&result);
}

hearth_result_t *party_await (hearth_t *service, hearth_pending_t *call)
{
    hearth_result_t *result;
    while (!(result = hearth_wait (&call, 0)))
        cr_assert_eq (hearth_process (service), 0);
    return result;
}
