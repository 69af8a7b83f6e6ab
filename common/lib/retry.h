/*  retry.h - when a call is made once more: which failures, how many, how soon; knows no calls, frames and clocks

    The budget is that of gRPC's retry throttling (https://github.com/grpc/proposal/blob/master/A6-client-retries.md): what is
    down as a whole is not asked again by all of its callers at once.
*/
#ifndef RETRY_H_INCLUDED
#define RETRY_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

//  In tenths of a token.
#define RETRY_TOKENS_MOST 10000
#define RETRY_COST        10
#define RETRY_GAIN        1

#define RETRY_PAUSE_MS      50  //  before the second retry; the first is made at once
#define RETRY_PAUSE_MOST_MS 1000

//  Of a connection.
typedef struct {
    uint32_t tokens;
    uint64_t random;
} retry_t;

//  How an attempt failed.
typedef enum {
    RETRY_NEVER = 0,     //  in a way that another attempt does not mend
    RETRY_SERVICE_GONE,  //  with the service that had it
    RETRY_BROKER_GONE,   //  with the session, or the broker is stopping
    RETRY_ABSENT,        //  nobody has the name, at present
    RETRY_FAILURES
} retry_failure_t;

//  What is known of the call.
typedef struct {
    bool is_declared;   //  the broker says that the method may be called again
    bool is_promised;   //  the caller says that this call may be made again
    bool is_attempted;  //  an attempt before may have been executed
} retry_facts_t;

void retry_init (retry_t *self, uint64_t random);

//  Whether another attempt is right, if there are tokens.
bool retry_is_right (retry_failure_t failure, retry_facts_t facts);
//  Takes a token, as long as more than half of them are there.
bool retry_take (retry_t *self);
//  How long before the retry of that number, from 1.
int64_t retry_pause_ms (retry_t *self, unsigned number);

//  An attempt ended otherwise. In line: every call comes by.
static inline void retry_give (retry_t *self)
{
    if (self->tokens < RETRY_TOKENS_MOST)
        self->tokens += RETRY_GAIN;
}

#endif
