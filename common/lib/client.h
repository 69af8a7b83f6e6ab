/*  client.h - what the parts of the library share with each other

    connection.c glues them together: uplink (sockets, nothing else), session (hello, welcome, reconnecting), calls (in
    flight, by token), service (objects, registrations, calls being handled), observer (subscriptions and their
    accounts), watch. Each part but uplink is protocol logic: it is told the time and has no socket.
*/
#ifndef CLIENT_H_INCLUDED
#define CLIENT_H_INCLUDED

#include "address.h"
#include "hearth.h"
#include "value.h"
#include "wire_note.h"

typedef struct observers observers_t;

//  ---- for every public function on a connection: offered by guard.c ----

//  Takes the connection for the calling thread; false (and nothing must be touched) if another thread is in it, if this
//  is a forked child, or if self is NULL. The same thread may enter again from a callback. Each enter has its leave.
bool client_enter (hearth_t *self);
void client_leave (hearth_t *self);
//  The same for the thread that was in it last: whose loop drives the connection, as far as is known. False for any other.
bool client_enter_again (hearth_t *self);

//  ---- for parts that call the broker themselves: offered by connection.c ----

//  The time of this turn.
int64_t client_now_ms (const hearth_t *self);
//  Whether there is a session, and the epoch of the present or the last one (0: there was none).
bool client_is_up (const hearth_t *self);
uint64_t client_epoch (const hearth_t *self);
observers_t *client_observers (const hearth_t *self);

//  Told once how a call ended; takes the result. Runs within hearth_process and calls that wait.
typedef hearth_done_fn client_done_fn;

//  A registered or unique name, or the one in a URI of this broker (then it lies in `address`). NULL with the error set.
const char *client_resolve (hearth_t *self, const char *name, address_t *address);

//  Starts a call. arguments is a packed list; it is copied. Always ends in `done`, later, never within this function;
//  a call made while there is no session waits for one, at most 1 s, then ends as hearth.BrokerGone. Returns 0 or a code, and then `done` is not called.
int client_call (hearth_t *self, const char *service, const char *method, const pack_t *arguments, int64_t timeout_ms,
                 client_done_fn *done, void *context);
//  Forgets all calls that were started with this context: they are cancelled, and their `done` is not called any more.
void client_forget (hearth_t *self, void *context);

//  Processes events until *done is true, or until deadline_ms of clock_now_ms. Returns 0 or HEARTH_DEADLINE_EXCEEDED.
//  The nesting of such waits is bounded: HEARTH_RESOURCE_EXHAUSTED beyond it.
int client_wait (hearth_t *self, const bool *done, int64_t deadline_ms);

//  Sets what hearth_last_error answers, and returns the code. The text is a printf format of our own.
int client_fail (hearth_t *self, hearth_code_t code, const char *name, const char *format, ...) HEARTH_PRINTF (4, 5);
//  The same from a failed result.
int client_fail_result (hearth_t *self, const hearth_result_t *result);

//  ---- for the observer: offered by connection.c ----

//  Subscribes the SUB socket to a prefix, now and whenever that socket is opened anew. Counted: as many unsubscribes.
//  False if memory is short.
bool client_subscribe (hearth_t *self, const char *prefix);
void client_unsubscribe (hearth_t *self, const char *prefix);
//  Has the broker send the marker of a prefix that is subscribed to once more.
void client_ask_marker (hearth_t *self, const char *prefix);

//  ---- offered by observer.c and watch.c, called by connection.c ----

observers_t *observers_new (hearth_t *hearth);
void observers_destroy (observers_t **self_p);  //  with all observations and watches left
//  A session is there, the SUB socket is open and subscribed again (`reopened` if it is another socket than before).
void observers_session_up (observers_t *self, uint64_t epoch, bool reopened, int64_t now_ms);
void observers_session_down (observers_t *self, int64_t now_ms);
//  A notification or marker came in on the SUB socket. Borrows; the body may be overwritten (value_decode).
void observers_note (observers_t *self, const wire_note_t *note, int64_t now_ms);
//  True while a callback of an observation runs: the connection reads the SUB socket no further meanwhile.
bool observers_busy (const observers_t *self);
void observers_tick (observers_t *self, int64_t now_ms);
int64_t observers_deadline (const observers_t *self);  //  -1: none

#endif
