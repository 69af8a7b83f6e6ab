/*  registration.h - when a name is registered, and what a refusal means; no session, no clock

    A first registration that is refused as taken may have met this service's own ghost: it is tried again until a dead
    peer would have been given up, then it is refused for good. A name that was held before is tried for as long as it is
    taken. Whatever else is refused is refused for good, the first time; what was held before is tried again.
*/
#ifndef REGISTRATION_H_INCLUDED
#define REGISTRATION_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "hearth.h"

typedef enum {
    REGISTRATION_IDLE,  //  there is no session
    REGISTRATION_DUE,   //  to be sent at at_ms
    REGISTRATION_SENT,
    REGISTRATION_HELD,     //  the name is ours
    REGISTRATION_REFUSED,  //  for good
    REGISTRATION_REPLACED  //  another session took it over; it is not tried again
} registration_state_t;

typedef struct {
    registration_state_t state;
    bool fails_if_taken;
    bool was_held;
    bool told;  //  that the name is lost for now
    int64_t at_ms;
    int64_t pause_ms;
    int64_t taken_ms;    //  since when it is refused as taken; -1: it is not
    hearth_code_t code;  //  of the last refusal, its name, and its message
    char name [64];
    char why [256];
} registration_t;

//  What its user tells the program.
typedef enum { REGISTRATION_QUIET, REGISTRATION_GAINED, REGISTRATION_LOST } registration_news_t;

void registration_init (registration_t *self, bool fails_if_taken);
void registration_session_up (registration_t *self, int64_t now_ms);
void registration_session_down (registration_t *self);

bool registration_is_due (const registration_t *self, int64_t now_ms);
int64_t registration_deadline (const registration_t *self);  //  -1: none
void registration_sent (registration_t *self);
//  error is NULL if the name is ours.
registration_news_t registration_answered (registration_t *self, const hearth_error_t *error, int64_t now_ms);
//  The broker says that another session took the name over, and has answered before; its user may be told of that later.
registration_news_t registration_replaced (registration_t *self);

#endif
