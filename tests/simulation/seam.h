/*  seam.h - what the core is told and what it says, judged as it happens

    At the seam everything is known exactly: which token awaits an answer, who owns which name, what was dispatched to whom.
    Lying peers are held to less: what they are answered is counted, and nothing is believed.
*/
#ifndef SEAM_H_INCLUDED
#define SEAM_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"
#include "wire.h"

#define SEAM_SLOTS 128
#define SEAM_OWN   NAMES_MOST  //  the place of the object under a unique name

typedef enum { ASK_CALL, ASK_REGISTER, ASK_PUBLISH, ASK_OTHER } ask_kind_t;

//  A token that awaits its answer.
typedef struct {
    bool is_open;
    ask_kind_t kind;
    uint32_t generation;
    uint32_t flags;
    int name;  //  of a registration, or where the call goes; -1: none of ours
    uint64_t id;
    int64_t deadline_ms;
} ask_t;

typedef struct link link_t;

typedef struct {
    uint64_t number;                 //  the session's, once it was welcomed
    uint64_t asked;                  //  frames that may be answered
    uint64_t answered;               //  frames that were answers
    bool replaced [NAMES_MOST + 1];  //  somebody else has taken it over
    uint64_t owns [NAMES_MOST + 1];  //  since when (a count of answers), 0: not
    wire_token_t *given;             //  of requests that it has not answered
    unsigned given_count;
    unsigned given_room;
    bool has_goodbye;  //  nothing follows it
    ask_t asks [SEAM_SLOTS];
} seam_t;

void seam_begin (void);
//  Another broker: sessions are numbered anew.
void seam_epoch (void);
//  A frame goes into the core; one came out of it and was taken.
void seam_in (link_t *link, const uint8_t *data, size_t size);
void seam_out (link_t *link, const uint8_t *data, size_t size);
//  A call into the core has ended: what was answered in it is compared with what is the case now.
void seam_settle (void);
//  A call has ended since its callee's session did: true when the core has settled.
void seam_said_gone (uint64_t callee);
//  The session has ended: nothing more may come, and nothing is owed.
void seam_gone (link_t *link);
//  The link is freed.
void seam_free (link_t *link);
//  At rest: nothing is owed to a live session; nor by it, where it is a program's.
void seam_check_rest (void);
//  Whether a session has registered a name, or the object under its unique name (SEAM_OWN).
bool seam_owns (const link_t *link, int name);
//  Whether it was told that somebody else has taken a name over, and has not got it again.
bool seam_is_replaced (const link_t *link, int name);
//  A name whose owner is under suspicion, so that registrations of it are held back; -1: there is none.
int seam_doubtful_name (void);
//  Whether it has a request of that token.
bool seam_is_given (const link_t *link, wire_token_t token);
//  Whether nothing is owed to it.
bool seam_is_answered (const link_t *link);
//  Whether somebody has owned it since before that answer of the core.
bool seam_is_owned_since (int name, uint64_t answer);
uint64_t seam_answers (void);

#endif
