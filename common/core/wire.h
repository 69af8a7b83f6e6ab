/*  wire.h - the layout of frames; the only code that knows it

    docs/protocol.md is the specification. Reading borrows from the frame; writing goes to the caller's buffer.
    Nothing here allocates, and no input makes it fail but by its return value.
*/
#ifndef WIRE_H_INCLUDED
#define WIRE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

#define WIRE_VERSION       1
#define WIRE_BLOCK_AT      4
#define WIRE_INSTANCE_SIZE 16
#define WIRE_HEADER_MAX    2048        //  room that any header of ours takes
#define WIRE_CREDIT_MOST   UINT32_MAX  //  items, or bytes, that one credit grants

typedef enum {
    WIRE_HELLO = 1,
    WIRE_WELCOME = 2,
    WIRE_GOODBYE = 3,
    WIRE_REQUEST = 4,
    WIRE_REPLY = 5,
    WIRE_CANCEL = 6,
    WIRE_PUBLISH = 7,
    WIRE_PROBE = 8,
    WIRE_ITEM = 9,
    WIRE_CREDIT = 10,
    WIRE_KINDS,
    WIRE_BUNDLE = WIRE_KINDS  //  of a message, no frame: bundle.h
} wire_kind_t;

enum {
    WIRE_ONEWAY = 0x01,
    WIRE_NOACK = 0x02,
    WIRE_WAIT = 0x04,
    WIRE_IDEMPOTENT = 0x08,
    WIRE_STREAM = 0x10,
    WIRE_END = 0x20,
    WIRE_UP = 0x40  //  of an item or credit: from the call's caller; without it: from its service
};

//  Why a cancel was sent.
enum { WIRE_CANCEL_CALLER = 0, WIRE_CANCEL_DEADLINE = 1, WIRE_CANCEL_GONE = 2 };

//  Text or bytes within a frame: not zero-terminated, borrowed.
typedef struct {
    const char *data;
    size_t size;
} span_t;

#define SPAN(text) ((span_t){ (text), strlen (text) })

static inline bool span_equals (span_t self, const char *text)
{
    size_t size = strlen (text);
    return self.size == size && (size == 0 || memcmp (self.data, text, size) == 0);
}

//  A token is a slot and a generation; on the wire slot first.
typedef struct {
    uint32_t slot;
    uint32_t generation;
} wire_token_t;

static inline bool wire_same_token (wire_token_t one, wire_token_t other)
{
    return one.slot == other.slot && one.generation == other.generation;
}

typedef struct {
    wire_token_t token;
    uint64_t session;
    uint32_t remaining_ms;
    uint32_t flags;
} wire_block_t;

//  A frame as read, or to be written. Only the members of its kind count; the others are not set.
typedef struct {
    wire_kind_t kind;
    wire_block_t block;
    uint64_t version;   //  hello, welcome
    span_t library;     //  hello
    span_t instance;    //  hello: WIRE_INSTANCE_SIZE bytes
    uint64_t sessions;  //  hello
    uint64_t epoch;     //  welcome
    span_t name;        //  welcome: the unique name; request, publish: the service
    span_t method;      //  request: the method; publish: the event
    unsigned code;      //  goodbye, reply
    unsigned mark;      //  reply
    unsigned reason;    //  cancel
    uint64_t items;     //  credit
    uint64_t bytes;     //  credit
    span_t options;     //  hello, request, publish: a msgpack map, or empty
    const uint8_t *body;
    size_t body_size;
} wire_frame_t;

typedef enum {
    WIRE_OK = 0,
    WIRE_BAD_BODY = 1,   //  only from wire_check_body: not exactly one value within the nesting
    WIRE_BAD_FRAME = 2,  //  kind and block are there, the rest is not as it should be
    WIRE_GARBAGE = 3     //  not even a block
} wire_result_t;

//  Reads a frame; the body is there, but not looked into. For WIRE_BAD_FRAME kind and block are filled in. An unknown
//  kind, or an undefined flag, is WIRE_BAD_FRAME.
wire_result_t wire_read (wire_frame_t *frame, const uint8_t *data, size_t size);

//  Whether the body is one value, nested at most `nesting` deep, and nothing follows.
wire_result_t wire_check_body (const wire_frame_t *frame, unsigned nesting);

//  Overwrites the block of a frame that wire_read accepted. In line: it is all that is written on a frame's way.
static inline void wire_patch (uint8_t *data, const wire_block_t *block)
{
    store32 (data + WIRE_BLOCK_AT, block->token.slot);
    store32 (data + WIRE_BLOCK_AT + 4, block->token.generation);
    store64 (data + WIRE_BLOCK_AT + 8, block->session);
    store32 (data + WIRE_BLOCK_AT + 16, block->remaining_ms);
    store32 (data + WIRE_BLOCK_AT + 20, block->flags);
}

//  Writes the header (body and body_size are not written); returns its size, 0 if there is no room.
size_t wire_write_header (const wire_frame_t *frame, uint8_t *out, size_t room);

//  The value of a key of an options map, as msgpack bytes; empty if it is not there.
span_t wire_option (span_t options, const char *key);
//  The same as an unsigned number; false if it is not there or no such number.
bool wire_option_uint (span_t options, const char *key, uint64_t *value);

//  The option `credit` of a stream's request, a list of items and bytes; false if it is not there or no such list.
bool wire_option_credit (span_t options, uint64_t *items, uint64_t *bytes);

//  Writes an error's body (name, message); returns its size, 0 if there is no room. The message is cut at 512 bytes.
size_t wire_write_error (span_t name, span_t message, uint8_t *out, size_t room);

//  Reads an error's body; false if it is none. details is empty if there are none.
bool wire_read_error (const uint8_t *body, size_t size, span_t *name, span_t *message, span_t *details);

#endif
