/*  one_stream.h - the world of tests of streams: a service `feed` with room for one call, a caller, and the stream between them

    A session may have granted 100 items and 1000 bytes at most.
*/
#ifndef ONE_STREAM_H_INCLUDED
#define ONE_STREAM_H_INCLUDED

#include "world_streams.h"

#define T 5000  //  how long the stream may be silent, in ms

extern world_t world;
extern link_t *service, *caller;
extern wire_token_t token;   //  the caller's
extern wire_token_t served;  //  the service's

//  A suite's .init and .fini.
void one_stream_begin (void);
void one_stream_end (void);
//  Begins with other limits.
void one_stream_begin_with (uint64_t granted, uint64_t granted_bytes);

//  Opens the stream, with a first credit.
void one_stream_open (uint64_t items, uint64_t bytes);
//  The service's answer, which ends the stream.
void one_stream_answer (void);
//  The service's answer to a call whose caller has gone on: its place is free.
void one_stream_answer_late (void);
//  The stream has ended early: both sides are told, and the service's answer goes to nobody.
void one_stream_has_ended (status_t status, unsigned reason);

//  A call that fills the service, so that what comes next waits; and its end.
const mail_t *one_stream_fill (uint32_t remaining_ms);
void one_stream_make_room (const mail_t *request);

#endif
