/*  bytes.h - big-endian numbers in memory, at any alignment */
#ifndef BYTES_H_INCLUDED
#define BYTES_H_INCLUDED

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load16 (const uint8_t *data)
{
    uint16_t value;
    memcpy (&value, data, sizeof value);
    return be16toh (value);
}

static inline uint32_t load32 (const uint8_t *data)
{
    uint32_t value;
    memcpy (&value, data, sizeof value);
    return be32toh (value);
}

static inline uint64_t load64 (const uint8_t *data)
{
    uint64_t value;
    memcpy (&value, data, sizeof value);
    return be64toh (value);
}

static inline void store16 (uint8_t *data, uint16_t value)
{
    value = htobe16 (value);
    memcpy (data, &value, sizeof value);
}

static inline void store32 (uint8_t *data, uint32_t value)
{
    value = htobe32 (value);
    memcpy (data, &value, sizeof value);
}

static inline void store64 (uint8_t *data, uint64_t value)
{
    value = htobe64 (value);
    memcpy (data, &value, sizeof value);
}

#endif
