/*  directory.h - the built-in service `hearth`, between its parts

    directory.c           the table of methods, and a request's way to its handler
    directory_register.c  register, unregister
    directory_names.c     list, lookup, describe
    directory_topics.c    topics, history
    directory_stats.c     ping, stats

    A handler gets checked arguments in order and packs its result; a refusal answers the request, and then the result is
    not sent.
*/
#ifndef DIRECTORY_H_INCLUDED
#define DIRECTORY_H_INCLUDED

#include "signature.h"
#include "state.h"

#define DIRECTORY_MAX_ARGUMENTS 8
#define DIRECTORY_PAGE_LOOKS    4096  //  entries that are looked at for a page, whether they belong there or not

typedef struct {
    core_t *core;
    request_t *request;
    const hearth_value_t *arguments [DIRECTORY_MAX_ARGUMENTS];
    pack_t result;
    bool answered;       //  refused, or held back
    service_t *touched;  //  registered: those who wait for it try again once the answer is on its way
} query_t;

typedef void query_fn (query_t *self);

typedef struct {
    const char *name;
    const char *parameters;
    const char *result;
    query_fn *handle;
    const char *doc;
    bool idempotent;
} directory_method_t;

extern const directory_method_t directory_methods [];

query_fn directory_register, directory_unregister_name, directory_list, directory_lookup, directory_describe;
query_fn directory_topics, directory_history, directory_ping, directory_stats;

span_t query_str (const query_t *self, size_t index);
void query_refuse (query_t *self, status_t status, const char *format, ...) HEARTH_PRINTF (3, 4);
void query_refuse_limit (query_t *self, limit_id_t limit, uint64_t use);
//  Bytes that are left of a message for the result, so that a page ends in time.
size_t query_room (const query_t *self);
//  Packs a key and leaves its value to the caller.
void query_key (query_t *self, const char *key);

//  Packs `next`: where a page of the positions from `start` to before `end` is to be continued, or nil. The first
//  argument of the query is the prefix.
void query_next (query_t *self, const index_t *index, size_t start, size_t end);

#endif
