/*  session.h - when there is a session: hello, welcome, loss, and when to try again; no socket, no clock

    Its user opens a socket when it is told to, reports what became of it, and asks again at session_deadline.
*/
#ifndef SESSION_H_INCLUDED
#define SESSION_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "hearth.h"
#include "name.h"
#include "wire.h"

typedef enum {
    CLIENT_DOWN,      //  no socket; waits until it is time to try
    CLIENT_OPENING,   //  a socket that is not connected yet
    CLIENT_GREETING,  //  the hello was sent
    CLIENT_UP
} client_state_t;

//  What the broker said that we must keep within.
typedef struct {
    uint64_t message;
    uint64_t calls;
    uint64_t deadline;
    uint64_t capacity;
    uint64_t granted;
    uint64_t granted_bytes;
} client_limits_t;

typedef struct {
    client_state_t state;
    uint8_t instance [WIRE_INSTANCE_SIZE];
    uint64_t count;    //  sessions begun, this one included
    uint64_t random;   //  for jitter
    int64_t at_ms;     //  DOWN: when to try again; OPENING, GREETING: when to give up
    int64_t pause_ms;  //  before the next attempt but one
    int64_t begun_ms;  //  when the hello was sent
    unsigned brief;    //  sessions in a row that ended as soon as they had begun
    bool told;         //  that nobody answers

    uint64_t epoch;
    uint64_t number;
    char unique_name [UNIQUE_NAME_SIZE];
    char publish [ADDRESS_MAX];  //  where notifications come from; "" if nowhere
    client_limits_t limits;
    bool bundles;  //  the broker understands them

    hearth_code_t why_code;  //  why this session or attempt ends; 0: it goes on
    char why_name [64];
    char why [256];  //  why this one or the one before ended; "": there was none
} client_session_t;

//  What its user has to do.
typedef enum { SESSION_NOTHING, SESSION_OPEN, SESSION_GIVE_UP } session_task_t;

//  random: WIRE_INSTANCE_SIZE + 8 bytes that nobody can guess.
void session_init (client_session_t *self, const uint8_t random [WIRE_INSTANCE_SIZE + 8], int64_t now_ms);

session_task_t session_task (const client_session_t *self, int64_t now_ms);
int64_t session_deadline (const client_session_t *self);  //  -1: none

//  Until when an attempt is under way; 0: none is.
int64_t session_attempt (const client_session_t *self);

//  A socket was opened. It can be written to: writes the hello and returns its size.
void session_opened (client_session_t *self, int64_t now_ms);
size_t session_write_hello (client_session_t *self, uint8_t *out, size_t room, int64_t now_ms);

//  A welcome came. False if it is none that can be understood: the session is to be given up, and says why.
bool session_welcome (client_session_t *self, const wire_frame_t *frame, const char *endpoint);

//  The broker says why it ends the session; what is said later does not replace it.
void session_goodbye (client_session_t *self, const wire_frame_t *frame);

//  It is to end because memory is short for what the broker waits for.
void session_broken (client_session_t *self);

//  The socket is lost, could not be opened, or was given up. True if its user is to be told, once, that nobody answers.
bool session_lost (client_session_t *self, int64_t now_ms);

#endif
