/*  party.h - a service for a C test: a connection that serves one object from a thread of its own

    Every failure here fails the calling Criterion test.
*/
#ifndef PARTY_H_INCLUDED
#define PARTY_H_INCLUDED

#include <hearth.h>

typedef struct party party_t;

//  Connects, serves, and returns when the name is registered.
party_t *party_new (const char *broker, const char *name, const hearth_method_t *methods, void *context);

typedef struct {
    const char *name;
    const hearth_method_t *methods;
    void *context;
    hearth_service_options_t options;
} party_object_t;

//  The same with several objects; ends with a row of zeros.
party_t *party_new_of (const char *broker, const party_object_t *objects);
//  Its connection, which its thread uses.
hearth_t *party_connection (const party_t *self);
//  Stops it and returns what its hearth_run returned.
int party_destroy (party_t **self_p);
//  Its unique name when it was registered.
const char *party_unique_name (const party_t *self);

//  The result of a call that must not fail.
hearth_result_t *party_good (hearth_result_t *result);
//  Fails unless the result is that error with that mark; destroys it.
void party_expect (hearth_result_t *result, const char *name, hearth_mark_t mark);
//  The same of a result that must be that value.
void expect_str (hearth_result_t *result, const char *text);
void expect_int (hearth_result_t *result, int64_t value);
//  The result of a call that a connection of this thread answers: lets that go on until it is there.
hearth_result_t *party_await (hearth_t *service, hearth_pending_t *call);

#endif
