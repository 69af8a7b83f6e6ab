/*  proxy.h - a name to call, with what its calls are told
*/
#ifndef PROXY_H_INCLUDED
#define PROXY_H_INCLUDED

#include "connection.h"
#include "name.h"

struct hearth_proxy_t {
    hearth_t *hearth;
    hearth_call_t *call;  //  made on behalf of this call; NULL: of nobody
    hearth_proxy_t *next;
    hearth_proxy_t **at;  //  where the list points to it
    int64_t timeout_ms;
    int64_t wait_ms;
    bool is_idempotent;
    bool is_detached;       //  from the deadline of the call that its calls are made on behalf of
    uint32_t window_items;  //  of streams; 0: the usual one
    uint32_t window_bytes;
    char name [NAME_MAX_SIZE + 1];
};

#endif
