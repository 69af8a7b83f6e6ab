/*  world.h - a broker's core with made-up peers, a made-up clock and no sockets

    A link is a peer: what the core sends to it is kept as mail, in order. Everything is exact: nothing is timed, nothing
    waits, and a mail that nobody took fails the test (world_end).
*/
#ifndef WORLD_H_INCLUDED
#define WORLD_H_INCLUDED

#include <criterion/criterion.h>

#include "core.h"
#include "status.h"
#include "value.h"
#include "wire_note.h"

#define WORLD_EPOCH 0xabcdef012345
#define WORLD_LINKS 1024

typedef struct mail {
    struct mail *next;
    wire_frame_t wire;
    size_t size;
    uint8_t data [];
} mail_t;

typedef struct {
    core_t *core;
    limits_t limits;
    int64_t now_ms;
    int64_t settle_ms;
    link_t *links [WORLD_LINKS];
    size_t link_count;
    mail_t *published;  //  the XPUB socket
    mail_t *last_published;
    mail_t *taken;  //  kept until the end, since tests look into them
    uint64_t instances;
    uint32_t generation;
} world_t;

struct link {
    world_t *world;
    session_t *session;  //  NULL once it was kicked or is gone
    mail_t *mails;
    mail_t *last;
    bool is_kicked;
    bool is_full;     //  sends answer SENT_FULL
    bool is_gone;     //  sends answer SENT_GONE
    bool has_missed;  //  something else than a request, which goes elsewhere
};

//  Defaults; limits and settle_ms may be changed before world_start.
void world_init (world_t *self);
void world_start (world_t *self);
//  Frees everything. Mail that was not taken fails the test, unless world_forget was called.
void world_end (world_t *self);
void world_forget (world_t *self);

link_t *world_connect (world_t *self);                 //  no hello yet
link_t *world_peer (world_t *self);                    //  with a session; its welcome is taken
const char *world_name (world_t *self, link_t *link);  //  its unique name; static
void world_leave (world_t *self, link_t *link);        //  its connection is gone
void world_wait (world_t *self, int64_t ms);

//  Sends bytes, or a frame with a body.
void world_bytes (link_t *from, const void *data, size_t size);
void world_send (link_t *from, const wire_frame_t *wire, const void *body, size_t size);
//  Sends a request with a new generation; body nil: no arguments. Returns its token.
wire_token_t world_request (link_t *from, uint32_t slot, const char *service, const char *method, uint32_t flags,
                            uint32_t remaining_ms);
wire_token_t world_ask (link_t *from, uint32_t slot, const char *method,
                        pack_t *arguments);  //  the directory; clears it
void world_reply (link_t *from, const mail_t *request, int value);
void world_reply_error (link_t *from, const mail_t *request, unsigned code, unsigned mark, const char *name);
void world_cancel (link_t *from, wire_token_t token);
void world_publish (link_t *from, uint32_t slot, const char *service, const char *event, int value);
void world_subscribe (world_t *self, const char *prefix);

//  Registers a name and takes the answer. options: NULL, or a packed map, which is cleared.
void world_register (link_t *from, const char *name, pack_t *options);
//  Options of one key; of an interface with methods "a b c" (a trailing '!' makes one idempotent, '~' one-way).
void world_option_str (pack_t *options, const char *key, const char *value);
void world_option_int (pack_t *options, const char *key, int value);
void world_option_methods (pack_t *options, const char *methods);

//  The next mail of a link, which must be there and of that kind.
const mail_t *world_take (link_t *link, wire_kind_t kind);
bool world_is_quiet (const link_t *link);
//  The next notification; NULL if there is none.
const mail_t *world_take_published (world_t *self, wire_note_t *note);

//  A reply's result as an int; the mail must be a result to that token.
int64_t mail_int (const mail_t *self, wire_token_t token);
//  A result's value; valid until the next call.
const hearth_value_t *mail_value (const mail_t *self);

//  The next mail must be a reply to that token with that error.
#define assert_error(link, awaited, status, wanted_mark)                                                             \
    do {                                                                                                             \
        wire_token_t awaited_ = (awaited);                                                                           \
        const mail_t *mail_ = world_take ((link), WIRE_REPLY);                                                       \
        span_t name_, message_, details_;                                                                            \
        cr_assert (wire_read_error (mail_->wire.body, mail_->wire.body_size, &name_, &message_, &details_));         \
        cr_assert (span_equals (name_, status_row (status)->name), "%.*s: %.*s", (int) name_.size, name_.data,       \
                   (int) message_.size, message_.data);                                                              \
        cr_assert_eq (mail_->wire.code, (unsigned) status_row (status)->code);                                       \
        cr_assert_eq (mail_->wire.mark, (unsigned) (wanted_mark), "mark %u", mail_->wire.mark);                      \
        cr_assert_eq (mail_->wire.block.token.slot, awaited_.slot);                                                  \
        cr_assert_eq (mail_->wire.block.token.generation, awaited_.generation);                                      \
        cr_assert_eq (mail_->wire.block.session, 0);                                                                 \
    } while (0)

//  The next mail must be a goodbye with that status.
#define assert_goodbye(link, status)                                                                                 \
    do {                                                                                                             \
        const mail_t *mail_ = world_take ((link), WIRE_GOODBYE);                                                     \
        span_t name_, message_, details_;                                                                            \
        cr_assert (wire_read_error (mail_->wire.body, mail_->wire.body_size, &name_, &message_, &details_));         \
        cr_assert (span_equals (name_, status_row (status)->name), "%.*s", (int) name_.size, name_.data);            \
    } while (0)

//  A number from the directory's stats: of a key, or of a key below it. Asked by the last link, which must have a session.
uint64_t world_stat (world_t *self, const char *key, const char *below);

#endif
