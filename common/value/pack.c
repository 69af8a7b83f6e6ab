/*  pack.c - packing values: scalars, heads of lists and maps, and arguments

    Owns the growing buffer and its sticky error; msgpack-c knows the format. Arguments are made in arg.c and builder.c.
*/
#include "value.h"

#define FIRST_ALLOCATION 128
#define NANOSECONDS      1000000000

//  ---- the buffer ----

static bool make_room (pack_t *self, size_t size)
{
    msgpack_sbuffer *buffer = &self->buffer;
    if (size <= buffer->alloc - buffer->size)
        return true;
    if (size > SIZE_MAX / 2 - buffer->size)
        return false;
    size_t room = buffer->alloc ? 2 * buffer->alloc : FIRST_ALLOCATION;
    if (room < buffer->size + size)
        room = buffer->size + size + FIRST_ALLOCATION;  //  one large value: no more than it needs
    char *data = realloc (buffer->data, room);
    if (!data)
        return false;
    buffer->data = data;
    buffer->alloc = room;
    return true;
}

//  What msgpack-c's packer calls. The error sticks here, so that nobody need look at what the packer returns.
static int append (void *pack, const char *data, size_t size)
{
    pack_t *self = pack;
    if (self->failed || !make_room (self, size)) {
        self->failed = true;
        return -1;
    }
    if (size)
        memcpy (self->buffer.data + self->buffer.size, data, size);
    self->buffer.size += size;
    return 0;
}

void pack_init (pack_t *self)
{
    *self = (pack_t){ .failed = false };
    msgpack_packer_init (&self->packer, self, append);
}

void pack_clear (pack_t *self)
{
    free (self->buffer.data);
    *self = (pack_t){ .failed = false };
}

//  msgpack has 32 bits for lengths and counts; msgpack-c would cut off the rest.
static bool fits (pack_t *self, size_t size)
{
    if (size > UINT32_MAX)
        self->failed = true;
    return !self->failed;
}

//  ---- values ----

void pack_nil (pack_t *self)
{
    msgpack_pack_nil (&self->packer);
}

void pack_bool (pack_t *self, bool value)
{
    if (value)
        msgpack_pack_true (&self->packer);
    else
        msgpack_pack_false (&self->packer);
}

void pack_int (pack_t *self, int64_t value)
{
    msgpack_pack_int64 (&self->packer, value);
}

void pack_uint (pack_t *self, uint64_t value)
{
    msgpack_pack_uint64 (&self->packer, value);
}

void pack_float (pack_t *self, double value)
{
    msgpack_pack_double (&self->packer, value);
}

void pack_str (pack_t *self, const char *text)
{
    pack_text (self, text, strlen (text));
}

void pack_text (pack_t *self, const char *text, size_t size)
{
    if (fits (self, size))
        msgpack_pack_str_with_body (&self->packer, text, size);
}

void pack_bin (pack_t *self, const void *data, size_t size)
{
    if (fits (self, size))
        msgpack_pack_bin_with_body (&self->packer, data, size);
}

void pack_list (pack_t *self, size_t count)
{
    if (fits (self, count))
        msgpack_pack_array (&self->packer, count);
}

void pack_map (pack_t *self, size_t count)
{
    if (fits (self, count))
        msgpack_pack_map (&self->packer, count);
}

void pack_raw (pack_t *self, const void *data, size_t size)
{
    append (self, data, size);
}

uint8_t *pack_room (pack_t *self, size_t room)
{
    if (self->failed || !make_room (self, room)) {
        self->failed = true;
        return NULL;
    }
    return (uint8_t *) self->buffer.data + self->buffer.size;
}

void pack_written (pack_t *self, size_t size)
{
    self->buffer.size += size;
}

void pack_timestamp (pack_t *self, const msgpack_timestamp *timestamp)
{
    msgpack_pack_timestamp (&self->packer, timestamp);
}

void pack_time (pack_t *self, int64_t nanoseconds)
{
    int64_t seconds = nanoseconds / NANOSECONDS;
    int64_t rest = nanoseconds % NANOSECONDS;
    if (rest < 0) {
        seconds--;
        rest += NANOSECONDS;
    }
    pack_timestamp (self, &(msgpack_timestamp){ .tv_sec = seconds, .tv_nsec = (uint32_t) rest });
}

void pack_value (pack_t *self, const hearth_value_t *value)
{
    if (value)
        msgpack_pack_object (&self->packer, *value_object (value));
    else
        pack_nil (self);
}

//  ---- arguments ----

static void pack_plain_arg (pack_t *self, const hearth_arg_t *arg)
{
    switch (arg->type) {
    case HEARTH_TYPE_NIL: pack_nil (self); break;
    case HEARTH_TYPE_BOOL: pack_bool (self, arg->as.boolean); break;
    case HEARTH_TYPE_INT:
        if (arg->is_unsigned)
            pack_uint (self, arg->as.uinteger);
        else
            pack_int (self, arg->as.integer);
        break;
    case HEARTH_TYPE_FLOAT: pack_float (self, arg->as.number); break;
    case HEARTH_TYPE_STR: pack_text (self, arg->as.data, arg->size); break;
    case HEARTH_TYPE_BIN: pack_bin (self, arg->as.data, arg->size); break;
    case HEARTH_TYPE_TIME: pack_time (self, arg->as.integer); break;
    case HEARTH_TYPE_LIST:
    case HEARTH_TYPE_MAP:
    case HEARTH_TYPE_OTHER: pack_value (self, arg->as.value); break;
    }
}

int pack_arg (pack_t *self, const hearth_arg_t *arg)
{
    if (!arg->is_packed)
        pack_plain_arg (self, arg);
    else if (!arg->as.data)
        return (int) arg->size;  //  a builder's error, see hearth_from_builder
    else
        pack_raw (self, arg->as.data, arg->size);
    return self->failed ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_OK;
}
