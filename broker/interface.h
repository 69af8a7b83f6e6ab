/*  interface.h - what a registration declares: methods and events by name, and the bytes to describe them by

    Immutable. Reads the registration's `interface` (docs/protocol.md, section 7.2) without decoding the rest of it:
    signatures are the service's business.
*/
#ifndef INTERFACE_H_INCLUDED
#define INTERFACE_H_INCLUDED

#include <stdbool.h>

#include "wire.h"

typedef struct {
    span_t name;     //  within the interface's bytes
    uint32_t flags;  //  that its requests are given: WIRE_ONEWAY
    bool idempotent;
    bool retained;
} member_t;

typedef struct interface interface_t;

//  Parses a copy of the bytes (one msgpack map). NULL with a sentence in `problem` if they are no interface, and with an
//  empty one if memory is short.
interface_t *interface_new (const uint8_t *data, size_t size, char *problem, size_t room);
void interface_destroy (interface_t **self_p);

//  NULL if it is not declared.
const member_t *interface_method (const interface_t *self, span_t name);
const member_t *interface_event (const interface_t *self, span_t name);

//  Bytes of memory that it takes; NULL takes none.
size_t interface_weight (const interface_t *self);

//  The bytes as they came.
span_t interface_bytes (const interface_t *self);

#endif
