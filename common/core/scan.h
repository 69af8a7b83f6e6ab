/*  scan.h - walks a peer's msgpack without decoding it and without allocating

    Counts and lengths are charged against the bytes that are there, nesting against a limit, so that a decoder which
    trusts them may be let loose afterwards. (msgpack-c reserves gigabytes for `dd 04 00 00 00`.)
*/
#ifndef SCAN_H_INCLUDED
#define SCAN_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_NESTING 32

//  Bytes of the one value at the start of data, or 0 if it is cut off, no msgpack, or nested deeper than `nesting`
//  (a scalar has depth 0, [] has depth 1).
size_t scan_value (const uint8_t *data, size_t size, unsigned nesting);

//  Whether data is exactly one value within SCAN_NESTING.
bool scan_is_one (const uint8_t *data, size_t size);

//  Reading one item at *at, within size. Each returns false, and leaves *at alone, if something else stands there.
bool scan_bin (const uint8_t *data, size_t size, size_t *at, const uint8_t **bytes, size_t *length);
bool scan_array (const uint8_t *data, size_t size, size_t *at, size_t *count);
bool scan_map (const uint8_t *data, size_t size, size_t *at, size_t *count);

//  The same in any form; the two below take the short one, which nearly every number and text of a header has, in line.
bool scan_long_uint (const uint8_t *data, size_t size, size_t *at, uint64_t *value);
bool scan_long_str (const uint8_t *data, size_t size, size_t *at, const char **text, size_t *length);

static inline bool scan_uint (const uint8_t *data, size_t size, size_t *at, uint64_t *value)
{
    if (*at >= size || data [*at] >= 0x80)
        return scan_long_uint (data, size, at, value);
    *value = data [(*at)++];
    return true;
}

static inline bool scan_str (const uint8_t *data, size_t size, size_t *at, const char **text, size_t *length)
{
    if (*at >= size || (data [*at] & 0xe0) != 0xa0)
        return scan_long_str (data, size, at, text, length);
    size_t short_length = data [*at] & 0x1fu;
    if (short_length >= size - *at)
        return false;
    *text = (const char *) data + *at + 1;
    *length = short_length;
    *at += 1 + short_length;
    return true;
}

#endif
