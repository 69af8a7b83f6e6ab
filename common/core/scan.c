/*  scan.c - walks a peer's msgpack without decoding it and without allocating

    Owns the forms of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md). Knows nothing of frames and
    gives no item a meaning.
*/
#include "scan.h"

typedef enum { INVALID, SCALAR, UNSIGNED, SIGNED, STR, BIN, EXT, ARRAY, MAP } type_t;

//  What follows a lead byte: a big-endian number of `width` bytes, then `extra` bytes, then as many bytes or children
//  as the number says, by type.
typedef struct {
    uint8_t type;
    uint8_t width;
    uint8_t extra;
} form_t;

//  The lead bytes 0xc0 to 0xdf; the others hold their number in themselves.
static const form_t forms [32] = {
    { SCALAR, 0, 0 },   { INVALID, 0, 0 },  { SCALAR, 0, 0 },   { SCALAR, 0, 0 },    //  nil, never used, false, true
    { BIN, 1, 0 },      { BIN, 2, 0 },      { BIN, 4, 0 },                           //  bin 8, 16, 32
    { EXT, 1, 1 },      { EXT, 2, 1 },      { EXT, 4, 1 },                           //  ext 8, 16, 32
    { SCALAR, 0, 4 },   { SCALAR, 0, 8 },                                            //  float 32, 64
    { UNSIGNED, 1, 0 }, { UNSIGNED, 2, 0 }, { UNSIGNED, 4, 0 }, { UNSIGNED, 8, 0 },  //  uint 8, 16, 32, 64
    { SIGNED, 1, 0 },   { SIGNED, 2, 0 },   { SIGNED, 4, 0 },   { SIGNED, 8, 0 },    //  int 8, 16, 32, 64
    { SCALAR, 0, 2 },   { SCALAR, 0, 3 },   { SCALAR, 0, 5 },                        //  fixext 1, 2, 4
    { SCALAR, 0, 9 },   { SCALAR, 0, 17 },                                           //  fixext 8, 16
    { STR, 1, 0 },      { STR, 2, 0 },      { STR, 4, 0 },                           //  str 8, 16, 32
    { ARRAY, 2, 0 },    { ARRAY, 4, 0 },                                             //  array 16, 32
    { MAP, 2, 0 },      { MAP, 4, 0 },                                               //  map 16, 32
};

//  One item, without its children.
typedef struct {
    type_t type;
    uint64_t number;  //  its value, its length, or how many elements or pairs follow
    size_t head;      //  bytes up to its content
    size_t size;      //  bytes up to its first child, or the next item
} item_t;

static inline uint64_t big_endian (const uint8_t *data, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | data [i];
    return number;
}

//  An item whose lead byte tells all: fixint, fixmap, fixarray, fixstr.
static inline item_t short_item (uint8_t lead)
{
    if (lead < 0x80)
        return (item_t){ UNSIGNED, lead, 1, 1 };
    if (lead >= 0xe0)
        return (item_t){ SCALAR, 0, 1, 1 };
    if (lead >= 0xa0)
        return (item_t){ STR, lead & 0x1fu, 1, 1 + (lead & 0x1fu) };
    return (item_t){ lead < 0x90 ? MAP : ARRAY, lead & 0x0fu, 1, 1 };
}

//  An item whose lead byte is followed by a number, a value, or both.
static bool long_item (const uint8_t *data, size_t size, item_t *item)
{
    const form_t *form = &forms [data [0] - 0xc0];
    size_t head = 1u + form->width + form->extra;
    if (form->type == INVALID || head > size)
        return false;

    uint64_t number = big_endian (data + 1, form->width);
    bool has_content = form->type == STR || form->type == BIN || form->type == EXT;
    if (has_content && number > size - head)
        return false;
    *item = (item_t){ form->type, number, head, has_content ? head + (size_t) number : head };
    return true;
}

//  Reads the item at data + at, if all of it but its children is there.
static inline bool read_item (const uint8_t *data, size_t size, size_t at, item_t *item)
{
    if (at >= size)
        return false;
    if (data [at] >= 0xc0 && data [at] < 0xe0)
        return long_item (data + at, size - at, item);
    *item = short_item (data [at]);
    return item->size <= size - at;
}

//  How many values follow an item as parts of it.
static inline uint64_t children (const item_t *item)
{
    return item->type == MAP ? 2 * item->number : item->number;
}

size_t scan_value (const uint8_t *data, size_t size, unsigned nesting)
{
    uint64_t left [SCAN_NESTING + 1];  //  values that are still to come, level by level; set when it is entered
    unsigned most = nesting < SCAN_NESTING ? nesting : SCAN_NESTING;
    unsigned depth = 0;
    size_t at = 0;

    left [0] = 1;
    for (;;) {
        item_t item;
        if (!read_item (data, size, at, &item))
            return 0;
        at += item.size;
        left [depth]--;
        if (item.type == ARRAY || item.type == MAP) {
            if (depth == most || children (&item) > size - at)
                return 0;
            left [++depth] = children (&item);
        }
        while (left [depth] == 0)
            if (depth-- == 0)
                return at;
    }
}

bool scan_is_one (const uint8_t *data, size_t size)
{
    return size > 0 && scan_value (data, size, SCAN_NESTING) == size;
}

bool scan_long_uint (const uint8_t *data, size_t size, size_t *at, uint64_t *value)
{
    item_t item;
    if (!read_item (data, size, *at, &item))
        return false;
    //  Some packers write positive numbers in a signed form.
    bool is_negative = item.type == SIGNED && data [*at + 1] >= 0x80;
    if ((item.type != UNSIGNED && item.type != SIGNED) || is_negative)
        return false;
    *value = item.number;
    *at += item.size;
    return true;
}

//  Reads an item with content of that type.
static inline bool read_content (const uint8_t *data, size_t size, size_t *at, type_t type, const uint8_t **content,
                                 size_t *length)
{
    item_t item;
    if (!read_item (data, size, *at, &item) || item.type != type)
        return false;
    *content = data + *at + item.head;
    *length = (size_t) item.number;
    *at += item.size;
    return true;
}

bool scan_long_str (const uint8_t *data, size_t size, size_t *at, const char **text, size_t *length)
{
    const uint8_t *content;
    if (!read_content (data, size, at, STR, &content, length))
        return false;
    *text = (const char *) content;
    return true;
}

bool scan_bin (const uint8_t *data, size_t size, size_t *at, const uint8_t **bytes, size_t *length)
{
    return read_content (data, size, at, BIN, bytes, length);
}

//  Reads how many elements or pairs follow; each takes a byte at least.
static bool read_count (const uint8_t *data, size_t size, size_t *at, type_t type, size_t *count)
{
    item_t item;
    if (!read_item (data, size, *at, &item) || item.type != type)
        return false;
    if (children (&item) > size - *at - item.size)
        return false;
    *count = (size_t) item.number;
    *at += item.size;
    return true;
}

bool scan_array (const uint8_t *data, size_t size, size_t *at, size_t *count)
{
    return read_count (data, size, at, ARRAY, count);
}

bool scan_map (const uint8_t *data, size_t size, size_t *at, size_t *count)
{
    return read_count (data, size, at, MAP, count);
}
