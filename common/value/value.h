/*  value.h - what the broker and the library see of values: decoding, packing, printing

    hearth_value_t is msgpack-c's msgpack_object. Bytes from a peer go through scan.h before msgpack-c sees them.
    Knows nothing of frames or calls.

    Its files: value.c decodes and reads, pack.c packs, arg.c and builder.c make what is to be packed, text.c prints and
    notation.c reads that back; number.c, timestamp.c and utf8.c are formats by themselves. signature.h has the rest.
*/
#ifndef VALUE_H_INCLUDED
#define VALUE_H_INCLUDED

#include <msgpack.h>

#include "hearth.h"

//  Decodes exactly one value (nesting at most SCAN_NESTING). Every str in it is zero-terminated, without a copy:
//  *the bytes are overwritten* (each str moves by one byte, over its own head, so that its last byte is free for the
//  zero: no value's bytes ever reach into another's). The value borrows bytes and zone. Returns NULL for what is no
//  such value (or if memory is short). The zone takes up to 24 times as many bytes as the value has.
const hearth_value_t *value_decode (msgpack_zone *zone, uint8_t *bytes, size_t size);
//  The same for bytes that are known to be one value (scan_is_one).
const hearth_value_t *value_decode_scanned (msgpack_zone *zone, uint8_t *bytes, size_t size);

//  The bytes that a value was decoded from were copied to another place: points it there. What lies elsewhere stays.
void value_rebase (const hearth_value_t *value, const uint8_t *bytes, size_t size, const uint8_t *copy);

//  A value is a msgpack_object by another name; the public header does not show it.
static inline const msgpack_object *value_object (const hearth_value_t *value)
{
    return (const msgpack_object *) value;
}

static inline const hearth_value_t *value_from_object (const msgpack_object *object)
{
    return (const hearth_value_t *) object;
}

//  Reads a time exactly; false for what is none (or has a second and more of nanoseconds).
bool value_timestamp (const hearth_value_t *value, msgpack_timestamp *timestamp);

//  "int" for HEARTH_TYPE_INT, as in signatures; "extension" for HEARTH_TYPE_OTHER. Static.
const char *value_type_name (hearth_type_t type);

//  Packing with a sticky error: after the first failure nothing is added any more. Zeroed by pack_init, which allocates
//  nothing. It must not be moved while it is in use.
typedef struct {
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    bool failed;  //  memory
} pack_t;

void pack_init (pack_t *self);
void pack_clear (pack_t *self);  //  frees the buffer; may be used again after pack_init
void pack_nil (pack_t *self);
void pack_bool (pack_t *self, bool value);
void pack_int (pack_t *self, int64_t value);
void pack_uint (pack_t *self, uint64_t value);
void pack_float (pack_t *self, double value);
void pack_str (pack_t *self, const char *text);
void pack_text (pack_t *self, const char *text, size_t size);
void pack_bin (pack_t *self, const void *data, size_t size);
void pack_list (pack_t *self, size_t count);                  //  followed by its elements
void pack_map (pack_t *self, size_t count);                   //  followed by its keys and values
void pack_raw (pack_t *self, const void *data, size_t size);  //  bytes that are msgpack already
//  The same in place: room for up to so many bytes (NULL if memory is short), of which `size` were written.
uint8_t *pack_room (pack_t *self, size_t room);
void pack_written (pack_t *self, size_t size);
void pack_time (pack_t *self, int64_t nanoseconds);
void pack_timestamp (pack_t *self, const msgpack_timestamp *timestamp);
void pack_value (pack_t *self, const hearth_value_t *value);
//  Packs what the argument stands for. 0, or HEARTH_INVALID_ARGUMENT for a builder that is not complete, HEARTH_RESOURCE_EXHAUSTED for memory.
int pack_arg (pack_t *self, const hearth_arg_t *arg);

//  Adds a key that may hold zero bytes.
void builder_add_key (hearth_builder_t *self, const char *text, size_t size);

//  What went wrong with a builder so far, as pack_arg answers it; 0 if it may go on.
int builder_error (const hearth_builder_t *self);

#endif
