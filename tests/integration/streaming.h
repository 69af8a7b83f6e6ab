/*  streaming.h - what tests of streams share: a broker, a service whose methods stream, and what a test expects of a stream

    The service's object is serial: what is called next runs when the stream's handler has returned.
*/
#ifndef STREAMING_H_INCLUDED
#define STREAMING_H_INCLUDED

#include <hearth.h>

#include "broker.h"
#include "party.h"

extern fixture_broker_t *broker;
extern hearth_t *client;
extern hearth_proxy_t *proxy;  //  the client's, of the service

//  A suite's .init and .fini.
void streaming_begin (void);
void streaming_end (void);

//  Of another service, whose method `endless` yields until it may not.
extern const hearth_method_t streaming_endless [];

//  Takes the items from, from + 1, … to - 1.
void expect_numbers (hearth_pending_t *stream, int64_t from, int64_t to);
//  Its result, with no item taken or dropped before that has come.
int64_t await_untaken (hearth_pending_t *stream);

#endif
