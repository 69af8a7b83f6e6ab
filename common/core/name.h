/*  name.h - the grammar of names, topics, prefixes and addresses; nothing about who owns them

    docs/protocol.md, sections 7.1 and 8.3. All take text with a length, since it comes from frames.
*/
#ifndef NAME_H_INCLUDED
#define NAME_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_MAX_SIZE    255                      //  bytes of a name, method or event
#define TOPIC_MAX_SIZE   (2 * NAME_MAX_SIZE + 2)  //  service, '/', event, '/'
#define UNIQUE_NAME_SIZE 40                       //  room for ":EPOCH.N" and its zero byte

//  A registered name, method, event or key.
bool name_is_valid (const char *text, size_t size);

//  `hearth` and whatever is below it.
bool name_is_reserved (const char *text, size_t size);

//  Whether it has the form of a unique name; fills in the epoch and the session number (each may be NULL).
bool name_is_unique (const char *text, size_t size, uint64_t *epoch, uint64_t *session);

//  Writes ":EPOCH.N" (the low 48 bits of the epoch, in 12 hexadecimal digits).
void name_write_unique (char text [UNIQUE_NAME_SIZE], uint64_t epoch, uint64_t session);

//  A subscription's prefix: empty, a topic, a service and '/', or a dotted prefix.
bool name_is_prefix (const char *text, size_t size);

//  Splits "service/event/" (valid, as topics on the wire are); returns false for anything else.
bool name_split_topic (const char *text, size_t size, size_t *service_size, size_t *event_size);

#endif
