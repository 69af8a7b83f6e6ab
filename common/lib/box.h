/*  box.h - what the threads of a connection share: a lock, mail for the connection's thread, and a way to wait

    The one part of the library that threads share. Other threads than the connection's do nothing by themselves: they leave
    a letter, which the connection's thread delivers, in order, within its next turn. The box outlives its connection as
    long as anybody uses it. In a forked child nothing of it may be touched: another thread may have held the lock.
*/
#ifndef BOX_H_INCLUDED
#define BOX_H_INCLUDED

#include <pthread.h>

#include "client.h"

typedef struct box box_t;
typedef struct letter letter_t;

//  What a letter is there for, in the connection's thread. The lock is held; it may be let go of meanwhile. The letter may be
//  posted again, or freed.
typedef void letter_fn (letter_t *self, hearth_t *hearth);

//  A member of what it is about; zeroed at first, but for `deliver`.
struct letter {
    letter_t *next;
    letter_fn *deliver;
    bool is_posted;
};

//  The connection's box, made when it is first asked for, by its thread. NULL if memory is short.
box_t *box_of (hearth_t *hearth);

//  Whether this is a forked child: to be asked before the lock is taken. Any user, any thread.
bool box_is_forked (const box_t *self);
void box_lock (box_t *self);
void box_unlock (box_t *self);

//  ---- with the lock held, by any thread ----

//  One more user, who must leave.
void box_join (box_t *self);
//  One user less: box_leave lets go of the lock, and frees the box with its last user; box_drop is for who knows that there is
//  another one.
void box_leave (box_t *self);
void box_drop (box_t *self);
//  NULL once the connection is gone.
hearth_t *box_hearth (const box_t *self);
//  Whether this thread may do itself what would else be a letter: it is in the connection, or there is none any more.
bool box_is_ours (const box_t *self);
//  Has the connection's thread deliver a letter; one that is posted already stays where it is. There must be a connection.
void box_post (box_t *self, letter_t *letter);
//  Takes back a letter that was not delivered.
void box_withdraw (box_t *self, letter_t *letter);
//  Sleeps until the condition is signalled, at most until deadline_ms of clock_now_ms: false once that has passed.
//  The lock is let go of meanwhile. Spurious wake-ups count: look again at what was waited for.
bool box_wait (box_t *self, pthread_cond_t *condition, int64_t deadline_ms);
//  A condition for box_wait.
void box_condition_init (pthread_cond_t *condition);

//  ---- by the connection's thread. self may be NULL ----

//  Delivers what was posted; false if there was nothing to be done.
bool box_deliver (box_t *self);
//  Something else than a letter is to be done in the next turn: box_deliver is true once. Any thread, without the lock too;
//  wakes nobody.
void box_note_work (box_t *self);
//  Whether box_deliver would be true.
bool box_has_work (const box_t *self);
//  Sleeps until it is: for who waits for other threads alone.
void box_await_work (box_t *self);
//  Delivers the rest; the connection is gone then. True if it had a box; the lock is held.
bool box_close (box_t *self);

#endif
