/*  flows.h - what became of each stream: what was granted, sent, passed on and taken, each way, and whether that is in order

    A stream is a call (judge.h) whose items are numbered by their sender. So it is known at every place what has to come
    next: at the core's seam, at the library's edge, and in the hands of who takes it.
*/
#ifndef FLOWS_H_INCLUDED
#define FLOWS_H_INCLUDED

#include "network.h"
#include "wire.h"

#define FLOW_ITEM_MOST 6000

typedef enum { FLOW_DOWN, FLOW_UP } way_t;

void flows_begin (void);
void flows_end (void);

//  ---- its ends: programs and raw peers ----

//  Its caller is about to open it: so long may it be silent, and so many items and bytes of them may wait for the caller at
//  most (0: the library's own measure; a raw peer has none).
void flow_open (uint64_t id, unsigned peer, uint32_t silence_ms, uint32_t items, uint32_t bytes);
bool flow_is_known (uint64_t id);
//  The next item's value, a bin with so much behind its number; its size. It counts once it is said to be sent.
size_t flow_write (uint64_t id, way_t way, uint8_t *out, size_t payload);
void flow_sent (uint64_t id, way_t way);
//  Somebody has taken the next item.
void flow_took (uint64_t id, way_t way, const void *data, size_t size);
//  The caller takes nothing more; or has said that it sends nothing more.
void flow_drops (uint64_t id);
void flow_said_end (uint64_t id);
//  The caller was told how it ended: all items were taken before, or not; the error's message; when it began to wait.
void flow_ended (uint64_t id, const char *error, const char *message, bool is_drained);
//  When something came or went last at its caller, whose library is to have ended it by then and so much.
//  How long it may be silent, which the service is told whatever it has waited; 0: it is no stream.
uint32_t flow_find_silence (uint64_t id);
int64_t flow_last_ms (uint64_t id);
//  A handler sees that it is cancelled; over that connection.
void flow_seen_cancelled (uint64_t id, const link_t *link);

//  ---- the caller's and the library's edge ----

void flow_asked (uint64_t id, const link_t *link, const wire_frame_t *request);
void flow_lib_sent (const link_t *link, const wire_frame_t *frame);
void flow_lib_received (const link_t *link, const wire_frame_t *frame, size_t size);

//  ---- the core's seam ----

void flow_arrived (uint64_t id, const wire_frame_t *request);
void flow_in (const link_t *link, const wire_frame_t *frame, size_t size);
void flow_out (const link_t *link, const wire_frame_t *frame, size_t size);
void flow_dispatched (uint64_t id, const link_t *link, const wire_frame_t *request);
void flow_answered (uint64_t id, uint64_t session);

#endif
