/*  value.c - decoding values, and reading them

    Owns the way from a peer's bytes to a tree of msgpack_object, and the accessors of hearth.h. Knows neither
    signatures nor text.
*/
#include "value.h"
#include "scan.h"

#define NANOSECONDS 1000000000

//  ---- decoding ----

//  Ends a str with a zero byte. Its encoding is a head of 1 to 5 bytes and the text; the text moves over the last byte of
//  the head, and the zero takes the place of the text's last byte. All of that lies within the str's own encoding, so
//  neighbours do not matter, nor the order in which strs are ended. msgpack-c gives an empty str no pointer of its own
//  (it is NULL, or what stands there belongs to an earlier value), so it must not be written to.
static void end_str (msgpack_object_str *str)
{
    if (str->size == 0) {
        str->ptr = "";
        return;
    }
    char *text = (char *) str->ptr - 1;
    memmove (text, str->ptr, str->size);
    text [str->size] = '\0';
    str->ptr = text;
}

//  The scan has bounded the nesting.
static void end_strs (msgpack_object *object)
{
    if (object->type == MSGPACK_OBJECT_STR)
        end_str (&object->via.str);
    else if (object->type == MSGPACK_OBJECT_ARRAY) {
        for (uint32_t i = 0; i < object->via.array.size; i++)
            end_strs (&object->via.array.ptr [i]);
    } else if (object->type == MSGPACK_OBJECT_MAP) {
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            end_strs (&object->via.map.ptr [i].key);
            end_strs (&object->via.map.ptr [i].val);
        }
    }
}

const hearth_value_t *value_decode_scanned (msgpack_zone *zone, uint8_t *bytes, size_t size)
{
    msgpack_object *object = msgpack_zone_malloc (zone, sizeof *object);
    if (!object)
        return NULL;
    //  Texts and payloads are not copied: the objects point into bytes.
    size_t at = 0;
    if (msgpack_unpack ((const char *) bytes, size, &at, zone, object) != MSGPACK_UNPACK_SUCCESS)
        return NULL;
    end_strs (object);
    return value_from_object (object);
}

const hearth_value_t *value_decode (msgpack_zone *zone, uint8_t *bytes, size_t size)
{
    return scan_is_one (bytes, size) ? value_decode_scanned (zone, bytes, size) : NULL;
}

//  Defaults lie elsewhere, and other threads may read them: they are not even written to.
static void rebase (const char **at, const uint8_t *bytes, size_t size, const uint8_t *copy)
{
    uintptr_t offset = (uintptr_t) *at - (uintptr_t) bytes;
    if (offset < size)
        *at = (const char *) copy + offset;
}

static void rebase_object (msgpack_object *object, const uint8_t *bytes, size_t size, const uint8_t *copy)
{
    if (object->type == MSGPACK_OBJECT_STR)
        rebase (&object->via.str.ptr, bytes, size, copy);
    else if (object->type == MSGPACK_OBJECT_BIN)
        rebase (&object->via.bin.ptr, bytes, size, copy);
    else if (object->type == MSGPACK_OBJECT_EXT)
        rebase (&object->via.ext.ptr, bytes, size, copy);
    else if (object->type == MSGPACK_OBJECT_ARRAY) {
        for (uint32_t i = 0; i < object->via.array.size; i++)
            rebase_object (&object->via.array.ptr [i], bytes, size, copy);
    } else if (object->type == MSGPACK_OBJECT_MAP) {
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            rebase_object (&object->via.map.ptr [i].key, bytes, size, copy);
            rebase_object (&object->via.map.ptr [i].val, bytes, size, copy);
        }
    }
}

void value_rebase (const hearth_value_t *value, const uint8_t *bytes, size_t size, const uint8_t *copy)
{
    if (value)
        rebase_object ((msgpack_object *) value, bytes, size, copy);
}

//  ---- types ----

bool value_timestamp (const hearth_value_t *value, msgpack_timestamp *timestamp)
{
    return value && msgpack_object_to_timestamp (value_object (value), timestamp) && timestamp->tv_nsec < NANOSECONDS;
}

hearth_type_t hearth_value_type (const hearth_value_t *value)
{
    static const hearth_type_t types [] = {
        [MSGPACK_OBJECT_NIL] = HEARTH_TYPE_NIL,
        [MSGPACK_OBJECT_BOOLEAN] = HEARTH_TYPE_BOOL,
        [MSGPACK_OBJECT_POSITIVE_INTEGER] = HEARTH_TYPE_INT,
        [MSGPACK_OBJECT_NEGATIVE_INTEGER] = HEARTH_TYPE_INT,
        [MSGPACK_OBJECT_FLOAT32] = HEARTH_TYPE_FLOAT,
        [MSGPACK_OBJECT_FLOAT64] = HEARTH_TYPE_FLOAT,
        [MSGPACK_OBJECT_STR] = HEARTH_TYPE_STR,
        [MSGPACK_OBJECT_BIN] = HEARTH_TYPE_BIN,
        [MSGPACK_OBJECT_ARRAY] = HEARTH_TYPE_LIST,
        [MSGPACK_OBJECT_MAP] = HEARTH_TYPE_MAP,
        [MSGPACK_OBJECT_EXT] = HEARTH_TYPE_OTHER,
    };
    if (!value)
        return HEARTH_TYPE_NIL;
    hearth_type_t type = types [value_object (value)->type];
    msgpack_timestamp timestamp;
    if (type == HEARTH_TYPE_OTHER && value_timestamp (value, &timestamp))
        return HEARTH_TYPE_TIME;
    return type;
}

const char *value_type_name (hearth_type_t type)
{
    static const char *const names [] = {
        [HEARTH_TYPE_NIL] = "nil",         [HEARTH_TYPE_BOOL] = "bool", [HEARTH_TYPE_INT] = "int",
        [HEARTH_TYPE_FLOAT] = "float",     [HEARTH_TYPE_STR] = "str",   [HEARTH_TYPE_BIN] = "bin",
        [HEARTH_TYPE_LIST] = "list",       [HEARTH_TYPE_MAP] = "map",   [HEARTH_TYPE_TIME] = "time",
        [HEARTH_TYPE_OTHER] = "extension",
    };
    return names [type];
}

static bool has_type (const hearth_value_t *value, msgpack_object_type type)
{
    return value && value_object (value)->type == type;
}

//  ---- accessors ----

bool hearth_value_bool (const hearth_value_t *value)
{
    return has_type (value, MSGPACK_OBJECT_BOOLEAN) && value_object (value)->via.boolean;
}

int64_t hearth_value_int (const hearth_value_t *value)
{
    if (has_type (value, MSGPACK_OBJECT_NEGATIVE_INTEGER))
        return value_object (value)->via.i64;
    uint64_t number = hearth_value_uint (value);
    return number > INT64_MAX ? INT64_MAX : (int64_t) number;
}

uint64_t hearth_value_uint (const hearth_value_t *value)
{
    return has_type (value, MSGPACK_OBJECT_POSITIVE_INTEGER) ? value_object (value)->via.u64 : 0;
}

double hearth_value_float (const hearth_value_t *value)
{
    if (!value)
        return 0;
    const msgpack_object *object = value_object (value);
    switch (object->type) {
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64: return object->via.f64;
    case MSGPACK_OBJECT_POSITIVE_INTEGER: return (double) object->via.u64;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: return (double) object->via.i64;
    default: return 0;
    }
}

const char *hearth_value_str (const hearth_value_t *value)
{
    return has_type (value, MSGPACK_OBJECT_STR) ? value_object (value)->via.str.ptr : "";
}

const void *hearth_value_bin (const hearth_value_t *value)
{
    return has_type (value, MSGPACK_OBJECT_BIN) ? value_object (value)->via.bin.ptr : NULL;
}

int64_t hearth_value_time (const hearth_value_t *value)
{
    msgpack_timestamp timestamp;
    if (!value_timestamp (value, &timestamp))
        return 0;
    //  Towards zero first, so that the product does not overflow where the sum would not.
    int64_t seconds = timestamp.tv_sec;
    int64_t rest = timestamp.tv_nsec;
    if (seconds < 0) {
        seconds++;
        rest -= NANOSECONDS;
    }
    int64_t nanoseconds;
    if (__builtin_mul_overflow (seconds, NANOSECONDS, &nanoseconds)
        || __builtin_add_overflow (nanoseconds, rest, &nanoseconds))
        return timestamp.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return nanoseconds;
}

size_t hearth_value_size (const hearth_value_t *value)
{
    if (!value)
        return 0;
    const msgpack_object *object = value_object (value);
    switch (object->type) {
    case MSGPACK_OBJECT_STR: return object->via.str.size;
    case MSGPACK_OBJECT_BIN: return object->via.bin.size;
    case MSGPACK_OBJECT_ARRAY: return object->via.array.size;
    case MSGPACK_OBJECT_MAP: return object->via.map.size;
    default: return 0;
    }
}

const hearth_value_t *hearth_value_at (const hearth_value_t *value, size_t index)
{
    bool is_list = has_type (value, MSGPACK_OBJECT_ARRAY);
    if ((!is_list && !has_type (value, MSGPACK_OBJECT_MAP)) || index >= hearth_value_size (value))
        return NULL;
    const msgpack_object *object = value_object (value);
    return value_from_object (is_list ? &object->via.array.ptr [index] : &object->via.map.ptr [index].val);
}

const hearth_value_t *hearth_value_key (const hearth_value_t *value, size_t index)
{
    if (!has_type (value, MSGPACK_OBJECT_MAP) || index >= hearth_value_size (value))
        return NULL;
    return value_from_object (&value_object (value)->via.map.ptr [index].key);
}

const hearth_value_t *hearth_value_get (const hearth_value_t *value, const char *key)
{
    if (!has_type (value, MSGPACK_OBJECT_MAP) || !key)
        return NULL;
    const msgpack_object_map *map = &value_object (value)->via.map;
    size_t size = strlen (key);
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *found = &map->ptr [i].key;
        if (found->type == MSGPACK_OBJECT_STR && found->via.str.size == size
            && !memcmp (found->via.str.ptr, key, size))
            return value_from_object (&map->ptr [i].val);
    }
    return NULL;
}
