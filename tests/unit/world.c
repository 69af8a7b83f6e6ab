/*  world.c - made-up peers around a core */

#include "world.h"

#include <stdlib.h>
#include <string.h>

static mail_t *s_mail (const uint8_t *data, size_t size)
{
    mail_t *mail = malloc (sizeof *mail + size);
    cr_assert (mail);
    memcpy (mail->data, data, size);
    mail->next = NULL;
    mail->size = size;
    return mail;
}

static void s_append (mail_t **first, mail_t **last, mail_t *mail)
{
    if (*first)
        (*last)->next = mail;
    else
        *first = mail;
    *last = mail;
}

static sent_t s_send (void *self, link_t *link, frame_t *frame)
{
    (void) self;
    cr_assert (!link->is_kicked, "nothing is sent to a link that was kicked");
    if (link->is_full)
        return SENT_FULL;
    if (link->is_gone) {
        link->has_missed |= frame->data [1] != WIRE_REQUEST;
        return SENT_GONE;
    }
    mail_t *mail = s_mail (frame->data, frame->size);
    cr_assert_eq (wire_read (&mail->wire, mail->data, mail->size), WIRE_OK, "the core sends well-formed frames");
    bool is_forwarded = mail->wire.block.session != 0;
    cr_assert (is_forwarded || wire_check_body (&mail->wire, 32) == WIRE_OK, "and well-formed bodies of its own");
    s_append (&link->mails, &link->last, mail);
    frame_release (frame);
    return SENT_OK;
}

static void s_publish (void *self, blob_t *blob)
{
    world_t *world = self;
    s_append (&world->published, &world->last_published, s_mail (blob_data (blob), blob_size (blob)));
}

static void s_kick (void *self, link_t *link)
{
    (void) self;
    cr_assert (!link->is_kicked);
    link->is_kicked = true;
    link->session = NULL;
}

static const transport_ops_t ops = { s_send, s_publish, s_kick };

void world_init (world_t *self)
{
    memset (self, 0, sizeof *self);
    limits_init (&self->limits);
    self->now_ms = 1000000;
}

void world_start (world_t *self)
{
    static const char *const publish [] = { "tcp://127.0.0.1:9798", NULL };
    core_config_t config = { .limits = self->limits,
                             .epoch = WORLD_EPOCH,
                             .settle_ms = self->settle_ms,
                             .publish = publish,
                             .version = "hearth/test",
                             .hash_key = { 1, 2, 3 } };
    self->core = core_new (&config, &ops, self, self->now_ms);
    cr_assert (self->core);
}

static void s_free (mail_t **mails)
{
    while (*mails) {
        mail_t *mail = *mails;
        *mails = mail->next;
        free (mail);
    }
}

void world_forget (world_t *self)
{
    for (size_t at = 0; at < self->link_count; at++)
        s_free (&self->links [at]->mails);
}

void world_end (world_t *self)
{
    for (size_t at = 0; at < self->link_count; at++)
        cr_assert (world_is_quiet (self->links [at]), "link %zu has mail of kind %d that nobody expected", at,
                   self->links [at]->mails->wire.kind);
    core_destroy (&self->core);
    for (size_t at = 0; at < self->link_count; at++)
        free (self->links [at]);
    s_free (&self->published);
    s_free (&self->taken);
}

link_t *world_connect (world_t *self)
{
    cr_assert_lt (self->link_count, WORLD_LINKS);
    link_t *link = calloc (1, sizeof *link);
    cr_assert (link);
    link->world = self;
    link->session = core_opened (self->core, link, self->now_ms);
    self->links [self->link_count++] = link;
    return link;
}

link_t *world_peer (world_t *self)
{
    link_t *link = world_connect (self);
    uint64_t id [2] = { ++self->instances, 77 };
    wire_frame_t hello = { .kind = WIRE_HELLO,
                           .version = 1,
                           .library = SPAN ("test"),
                           .instance = { (const char *) id, sizeof id },
                           .sessions = 1 };
    world_send (link, &hello, "\xc0", 1);
    world_take (link, WIRE_WELCOME);
    return link;
}

const char *world_name (world_t *self, link_t *link)
{
    static char names [4][64];
    static int turn;
    char *name = names [turn++ % 4];
    for (size_t at = 0; at < self->link_count; at++)
        if (self->links [at] == link)
            snprintf (name, sizeof names [0], ":abcdef012345.%zu", at + 1);
    return name;
}

void world_leave (world_t *self, link_t *link)
{
    session_t *session = link->session;
    link->session = NULL;
    core_gone (self->core, session, self->now_ms);
}

void world_wait (world_t *self, int64_t ms)
{
    self->now_ms += ms;
    core_tick (self->core, self->now_ms);
}

void world_bytes (link_t *from, const void *data, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1);
    cr_assert (copy);
    memcpy (copy, data, size);
    frame_t frame = { .data = copy, .size = size };
    if (from->session)
        core_frame (from->world->core, from->session, &frame, from->world->now_ms);
    free (copy);
}

void world_send (link_t *from, const wire_frame_t *wire, const void *body, size_t size)
{
    uint8_t *bytes = malloc (WIRE_HEADER_MAX + size);
    cr_assert (bytes);
    size_t header = wire_write_header (wire, bytes, WIRE_HEADER_MAX);
    cr_assert (header);
    memcpy (bytes + header, body, size);
    world_bytes (from, bytes, header + size);
    free (bytes);
}

static wire_token_t s_token (link_t *from, uint32_t slot)
{
    return (wire_token_t){ slot, ++from->world->generation };
}

wire_token_t world_request (link_t *from, uint32_t slot, const char *service, const char *method, uint32_t flags,
                            uint32_t remaining_ms)
{
    wire_token_t token = s_token (from, slot);
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = token, .remaining_ms = remaining_ms, .flags = flags },
                          .name = SPAN (service),
                          .method = SPAN (method) };
    if (flags & WIRE_WAIT)
        wire.options = (span_t){ "\x81\xa4wait\xcd\x03\xe8", 9 };  //  { "wait": 1000 }
    world_send (from, &wire, "\x90", 1);
    return token;
}

wire_token_t world_ask (link_t *from, uint32_t slot, const char *method, pack_t *arguments)
{
    wire_token_t token = s_token (from, slot);
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = token, .remaining_ms = 10000 },
                          .name = SPAN ("hearth"),
                          .method = SPAN (method) };
    world_send (from, &wire, arguments->buffer.data, arguments->buffer.size);
    pack_clear (arguments);
    return token;
}

void world_reply (link_t *from, const mail_t *request, int value)
{
    wire_frame_t wire = { .kind = WIRE_REPLY, .block = { .token = request->wire.block.token } };
    pack_t body;
    pack_init (&body);
    pack_int (&body, value);
    world_send (from, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

void world_reply_error (link_t *from, const mail_t *request, unsigned code, unsigned mark, const char *name)
{
    wire_frame_t wire = {
        .kind = WIRE_REPLY, .block = { .token = request->wire.block.token }, .code = code, .mark = mark
    };
    uint8_t body [128];
    size_t size = wire_write_error (SPAN (name), SPAN ("it failed"), body, sizeof body);
    world_send (from, &wire, body, size);
}

void world_cancel (link_t *from, wire_token_t token)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL, .block = { .token = token } };
    world_send (from, &wire, "\xc0", 1);
}

void world_publish (link_t *from, uint32_t slot, const char *service, const char *event, int value)
{
    wire_frame_t wire = { .kind = WIRE_PUBLISH,
                          .block = { .token = s_token (from, slot) },
                          .name = SPAN (service),
                          .method = SPAN (event) };
    pack_t body;
    pack_init (&body);
    pack_int (&body, value);
    world_send (from, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

void world_subscribe (world_t *self, const char *prefix)
{
    core_subscribed (self->core, (const uint8_t *) prefix, strlen (prefix), self->now_ms);
}

void world_register (link_t *from, const char *name, pack_t *options)
{
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, options ? 2 : 1);
    pack_str (&arguments, name);
    if (options) {
        pack_raw (&arguments, options->buffer.data, options->buffer.size);
        pack_clear (options);
    }
    world_ask (from, 999, "register", &arguments);
    const mail_t *mail = world_take (from, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0, "register %s: code %u", name, mail->wire.code);
}

void world_option_str (pack_t *options, const char *key, const char *value)
{
    pack_init (options);
    pack_map (options, 1);
    pack_str (options, key);
    pack_str (options, value);
}

void world_option_int (pack_t *options, const char *key, int value)
{
    pack_init (options);
    pack_map (options, 1);
    pack_str (options, key);
    pack_int (options, value);
}

void world_option_methods (pack_t *options, const char *methods)
{
    char text [256], *rest, *name;
    size_t count = 0;
    for (const char *at = methods; *at; at += strcspn (at, " "), at += strspn (at, " "))
        count++;
    pack_init (options);
    pack_map (options, 1);
    pack_str (options, "interface");
    pack_map (options, 1);
    pack_str (options, "methods");
    pack_list (options, count);
    snprintf (text, sizeof text, "%s", methods);
    for (name = strtok_r (text, " ", &rest); name; name = strtok_r (NULL, " ", &rest)) {
        char last = name [strlen (name) - 1];
        bool has_flag = last == '!' || last == '~';
        pack_map (options, 2);
        pack_str (options, "name");
        pack_text (options, name, strlen (name) - has_flag);
        pack_str (options, "flags");
        pack_list (options, has_flag);
        if (has_flag)
            pack_str (options, last == '!' ? "idempotent" : "oneway");
    }
}

bool world_is_quiet (const link_t *link)
{
    return !link->mails;
}

const mail_t *world_take (link_t *link, wire_kind_t kind)
{
    mail_t *mail = link->mails;
    cr_assert (mail, "a frame of kind %d was expected, and none came", kind);
    cr_assert_eq (mail->wire.kind, kind, "kind %d came instead of %d", mail->wire.kind, kind);
    link->mails = mail->next;
    mail->next = link->world->taken;
    link->world->taken = mail;
    return mail;
}

const mail_t *world_take_published (world_t *self, wire_note_t *note)
{
    mail_t *mail = self->published;
    if (!mail)
        return NULL;
    self->published = mail->next;
    mail->next = self->taken;
    self->taken = mail;
    cr_assert (wire_read_note (note, mail->data, mail->size));
    return mail;
}

const hearth_value_t *mail_value (const mail_t *self)
{
    static msgpack_zone *zone;
    static uint8_t *bytes;
    if (zone)
        msgpack_zone_free (zone);
    free (bytes);
    zone = msgpack_zone_new (1024);
    bytes = malloc (self->wire.body_size);
    cr_assert (zone && bytes);
    memcpy (bytes, self->wire.body, self->wire.body_size);
    const hearth_value_t *value = value_decode (zone, bytes, self->wire.body_size);
    cr_assert (value);
    return value;
}

int64_t mail_int (const mail_t *self, wire_token_t token)
{
    cr_assert_eq (self->wire.code, 0);
    cr_assert_eq (self->wire.mark, 0);
    cr_assert_eq (self->wire.block.token.slot, token.slot);
    cr_assert_eq (self->wire.block.token.generation, token.generation);
    return hearth_value_int (mail_value (self));
}

uint64_t world_stat (world_t *self, const char *key, const char *below)
{
    link_t *asker = self->links [self->link_count - 1];
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 0);
    world_ask (asker, 998, "stats", &arguments);
    const hearth_value_t *value = hearth_value_get (mail_value (world_take (asker, WIRE_REPLY)), key);
    return hearth_value_uint (below ? hearth_value_get (value, below) : value);
}
