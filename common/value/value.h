/*  value.h - what the broker and the library see of values: decoding, packing, printing

    hearth_value_t is msgpack-c's msgpack_object. Bytes from a peer go through scan.h before msgpack-c sees them.
    Knows nothing of frames or calls.
*/
#ifndef VALUE_H_INCLUDED
#define VALUE_H_INCLUDED

#include <msgpack.h>

#include "hearth.h"

//  Decodes exactly one value (nesting at most SCAN_NESTING). Every str in it is zero-terminated, without a copy:
//  *the bytes are overwritten* (a byte behind a str belongs to the next value's head, which has been read by then; a str
//  at the very end moves over its own head). The value borrows bytes and zone. Returns NULL for what is no such value
//  (or if memory is short).
const hearth_value_t *value_decode (msgpack_zone *zone, uint8_t *bytes, size_t size);

//  Packing with a sticky error. Zeroed by pack_init, which allocates nothing.
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
void pack_list (pack_t *self, size_t count);  //  followed by its elements
void pack_map (pack_t *self, size_t count);   //  followed by its keys and values
void pack_raw (pack_t *self, const void *data, size_t size);  //  bytes that are msgpack already
void pack_value (pack_t *self, const hearth_value_t *value);
//  0, or HEARTH_INVALID_ARGUMENT for a builder that is not complete, HEARTH_RESOURCE_EXHAUSTED for memory.
int pack_arg (pack_t *self, const hearth_arg_t *arg);

#endif
