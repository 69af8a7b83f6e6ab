/*  timestamp.h - times as RFC 3339 writes them
*/
#ifndef TIMESTAMP_H_INCLUDED
#define TIMESTAMP_H_INCLUDED

#include <msgpack.h>

#define TIMESTAMP_SIZE 40  //  room for any time that is written here

//  Writes "2026-11-22T10:58:09.5Z", with as many of 9 fractional digits as are needed. False outside of the years 0 to 9999.
bool timestamp_write (const msgpack_timestamp *timestamp, char text [TIMESTAMP_SIZE]);

//  Reads a time with Z or an offset, and with at most 9 fractional digits. There are no leap seconds.
bool timestamp_read (const char *text, size_t size, msgpack_timestamp *timestamp);

#endif
