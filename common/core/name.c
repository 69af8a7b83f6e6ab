/*  name.c - the grammar of names, topics, prefixes and addresses; nothing about who owns them */
#include "name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EPOCH_DIGITS 12
#define EPOCH_MASK   ((UINT64_C (1) << 4 * EPOCH_DIGITS) - 1)

static bool is_word (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool name_is_valid (const char *text, size_t size)
{
    if (size == 0 || size > NAME_MAX_SIZE)
        return false;
    char before = '.';
    for (size_t i = 0; i < size; before = text [i++])
        if (!is_word (text [i]) && (text [i] != '.' || before == '.'))
            return false;
    return before != '.';
}

bool name_is_reserved (const char *text, size_t size)
{
    static const char reserved [] = "hearth";
    const size_t length = sizeof reserved - 1;
    return size >= length && memcmp (text, reserved, length) == 0 && (size == length || text [length] == '.');
}

//  Reads the epoch's digits, which are lower case.
static bool read_epoch (const char *text, uint64_t *epoch)
{
    *epoch = 0;
    for (size_t i = 0; i < EPOCH_DIGITS; i++) {
        char c = text [i];
        if (c >= '0' && c <= '9')
            *epoch = *epoch << 4 | (uint64_t) (c - '0');
        else if (c >= 'a' && c <= 'f')
            *epoch = *epoch << 4 | (uint64_t) (c - 'a' + 10);
        else
            return false;
    }
    return true;
}

//  Reads a session's number, from 1 and without leading zeros, so that each has one name only.
static bool read_session (const char *text, size_t size, uint64_t *session)
{
    if (size == 0 || text [0] == '0')
        return false;
    *session = 0;
    for (size_t i = 0; i < size; i++) {
        if (text [i] < '0' || text [i] > '9')
            return false;
        uint64_t digit = (uint64_t) (text [i] - '0');
        if (*session > (UINT64_MAX - digit) / 10)
            return false;
        *session = *session * 10 + digit;
    }
    return true;
}

bool name_is_unique (const char *text, size_t size, uint64_t *epoch, uint64_t *session)
{
    const size_t head = 1 + EPOCH_DIGITS + 1;
    uint64_t its_epoch, its_session;
    if (size <= head || text [0] != ':' || text [head - 1] != '.')
        return false;
    if (!read_epoch (text + 1, &its_epoch) || !read_session (text + head, size - head, &its_session))
        return false;
    if (epoch)
        *epoch = its_epoch;
    if (session)
        *session = its_session;
    return true;
}

void name_write_unique (char text [UNIQUE_NAME_SIZE], uint64_t epoch, uint64_t session)
{
    snprintf (text, UNIQUE_NAME_SIZE, ":%0*" PRIx64 ".%" PRIu64, EPOCH_DIGITS, epoch & EPOCH_MASK, session);
}

//  What may stand before a topic's first slash.
static bool is_service (const char *text, size_t size)
{
    return name_is_valid (text, size) || name_is_unique (text, size, NULL, NULL);
}

bool name_is_prefix (const char *text, size_t size)
{
    size_t service_size, event_size;
    if (size == 0)
        return true;
    if (text [size - 1] == '.')
        return name_is_valid (text, size - 1);
    if (text [size - 1] == '/' && is_service (text, size - 1))
        return true;
    return name_split_topic (text, size, &service_size, &event_size);
}

bool name_split_topic (const char *text, size_t size, size_t *service_size, size_t *event_size)
{
    const char *slash = size > 0 ? memchr (text, '/', size) : NULL;
    if (!slash || text [size - 1] != '/' || slash == text + size - 1)
        return false;
    size_t service = (size_t) (slash - text);
    size_t event = size - service - 2;
    if (!is_service (text, service) || !name_is_valid (slash + 1, event))
        return false;
    *service_size = service;
    *event_size = event;
    return true;
}
