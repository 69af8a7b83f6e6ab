/*  by_hand.h - one service of the test's own and its broker, which is the test: it says what the test has it say

    Owns the ROUTER, and the service's connection, which the test drives. Every failure here fails the calling Criterion
    test.
*/
#ifndef BY_HAND_H_INCLUDED
#define BY_HAND_H_INCLUDED

#include "hearth.h"
#include "wire.h"

extern hearth_t *service;

//  A suite's .init and .fini.
void by_hand_begin (void);
void by_hand_end (void);

//  Drives the service until it has sent something, which is valid until the next one.
wire_frame_t next_frame (void);
//  The same in its two steps: a message is a frame, or a bundle of them.
span_t next_message (void);
wire_frame_t read_frame (span_t message);
//  Takes the service's hello, and welcomes it, with a body that says nothing more, or with that one.
void welcome (void);
void welcome_with (span_t body);
//  Says a frame to whom the last one was from. The body is one byte of msgpack.
void say (const wire_frame_t *frame, uint8_t body);
//  The same with a body of more.
void say_body (const wire_frame_t *frame, span_t body);
//  The bytes of a message to the same.
void say_message (span_t message);

#endif
