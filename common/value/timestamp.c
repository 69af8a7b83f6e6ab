/*  timestamp.c - times as RFC 3339 writes them
*/
#include <stdio.h>
#include <time.h>

#include "timestamp.h"

bool timestamp_write (const msgpack_timestamp *timestamp, char text [TIMESTAMP_SIZE])
{
    time_t seconds = timestamp->tv_sec;
    struct tm date;
    if (!gmtime_r (&seconds, &date) || date.tm_year < -1900 || date.tm_year > 9999 - 1900)
        return false;
    int size = snprintf (text, TIMESTAMP_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", date.tm_year + 1900, date.tm_mon + 1,
                         date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    if (timestamp->tv_nsec) {
        size += snprintf (text + size, (size_t) (TIMESTAMP_SIZE - size), ".%09u", timestamp->tv_nsec);
        while (text [size - 1] == '0')
            size--;
    }
    text [size] = 'Z';
    text [size + 1] = '\0';
    return true;
}

//  ---- reading ----

typedef struct {
    const char *at;
    const char *end;
} cursor_t;

//  A number of exactly `digits` digits, up to `limit`.
static bool read_number (cursor_t *self, int digits, int limit, int *value)
{
    if (self->end - self->at < digits)
        return false;
    int number = 0;
    for (int i = 0; i < digits; i++) {
        char c = self->at [i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    self->at += digits;
    *value = number;
    return number <= limit;
}

//  One of two characters.
static bool read_char (cursor_t *self, char one, char other)
{
    if (self->at == self->end || (*self->at != one && *self->at != other))
        return false;
    self->at++;
    return true;
}

static bool read_date_and_time (cursor_t *self, struct tm *date)
{
    return read_number (self, 4, 9999, &date->tm_year) && read_char (self, '-', '-')
           && read_number (self, 2, 12, &date->tm_mon) && read_char (self, '-', '-')
           && read_number (self, 2, 31, &date->tm_mday) && read_char (self, 'T', 't')
           && read_number (self, 2, 23, &date->tm_hour) && read_char (self, ':', ':')
           && read_number (self, 2, 59, &date->tm_min) && read_char (self, ':', ':')
           && read_number (self, 2, 59, &date->tm_sec);
}

//  The fraction may be missing; a point without digits is an error.
static bool read_fraction (cursor_t *self, uint32_t *nanoseconds)
{
    *nanoseconds = 0;
    if (!read_char (self, '.', '.'))
        return true;
    uint32_t unit = 100000000;
    int digit;
    if (!read_number (self, 1, 9, &digit))
        return false;
    do {
        if (unit == 0)
            return false;
        *nanoseconds += (uint32_t) digit * unit;
        unit /= 10;
    } while (read_number (self, 1, 9, &digit));
    return true;
}

static bool read_offset (cursor_t *self, int *seconds)
{
    *seconds = 0;
    if (read_char (self, 'Z', 'z'))
        return true;
    int sign = self->at < self->end && *self->at == '-' ? -1 : 1;
    int hours, minutes;
    if (!read_char (self, '+', '-') || !read_number (self, 2, 23, &hours) || !read_char (self, ':', ':')
        || !read_number (self, 2, 59, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool timestamp_read (const char *text, size_t size, msgpack_timestamp *timestamp)
{
    cursor_t cursor = { text, text + size };
    struct tm date = { 0 };
    uint32_t nanoseconds;
    int offset;
    if (!read_date_and_time (&cursor, &date) || !read_fraction (&cursor, &nanoseconds)
        || !read_offset (&cursor, &offset) || cursor.at != cursor.end)
        return false;
    date.tm_year -= 1900;
    date.tm_mon -= 1;
    int month = date.tm_mon;
    int day = date.tm_mday;
    //  timegm makes March 2nd of February 30th.
    time_t seconds = timegm (&date);
    if (date.tm_mon != month || date.tm_mday != day)
        return false;
    *timestamp = (msgpack_timestamp){ .tv_sec = seconds - offset, .tv_nsec = nanoseconds };
    return true;
}
