/*  transfer.c - files on their way: each a kept call, which goes on whenever its caller asks or sends

    Nothing waits for a peer here. Files are read and written within the connection's thread, a chunk at a time: a disk is
    taken to be quick.
*/
#include "transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE     65536
#define TRANSFERS_MOST 200

struct transfer {
    transfer_t *next;
    transfer_t **at;  //  where the list points to it
    file_server_t *server;
    hearth_call_t *call;
    int fd;
    int64_t size;  //  that the file has, or was promised to have
    int64_t done;  //  bytes that were sent or came; entries that were listed

    char upload [FOLDER_UPLOAD_SIZE];  //  "": it is none

    char **names;  //  to be listed, or NULL
    size_t at_name;

    size_t held;  //  bytes of the chunk that is to be sent next
    char chunk [];
};

/* ------------------------------------------------------------------------
    Errors
*/

//  What errno says of a file.
static const struct {
    int reason;
    hearth_code_t code;
    const char *error;
    const char *text;
} file_errors [] = {
    { ENOENT, HEARTH_NOT_FOUND, "files.NoSuchFile", "there is no such file" },
    { ELOOP, HEARTH_PERMISSION_DENIED, "files.NotAFile", "only regular files are served" },
    { EISDIR, HEARTH_PERMISSION_DENIED, "files.NotAFile", "only regular files are served" },
    { EACCES, HEARTH_PERMISSION_DENIED, "files.Denied", "the server may not do that" },
    { EPERM, HEARTH_PERMISSION_DENIED, "files.Denied", "the server may not do that" },
    { ENOSPC, HEARTH_RESOURCE_EXHAUSTED, "files.Full", "no room is left" },
    { EDQUOT, HEARTH_RESOURCE_EXHAUSTED, "files.Full", "no room is left" },
};

void transfer_fail (hearth_call_t *call, const char *name)
{
    int reason = errno;
    for (size_t index = 0; index < sizeof file_errors / sizeof *file_errors; index++)
        if (file_errors [index].reason == reason) {
            hearth_fail (call, file_errors [index].code, file_errors [index].error, "'%s': %s", name,
                         file_errors [index].text);
            return;
        }
    hearth_fail (call, HEARTH_INTERNAL, "files.Failed", "'%s': %s", name, strerror (reason));
}

const char *transfer_name (hearth_call_t *call)
{
    const char *name = hearth_arg_str (call, 0);
    const char *problem = folder_name_problem (name, hearth_value_size (hearth_arg (call, 0)));
    if (!problem)
        return name;
    hearth_fail (call, HEARTH_INVALID_ARGUMENT, "files.BadName", "'%s' is not a file's name here: %s", name, problem);
    return NULL;
}

/* ------------------------------------------------------------------------
    Beginning and ending
*/

//  Keeps the call; NULL if it cannot be, and then it has failed.
static transfer_t *transfer_new (file_server_t *server, hearth_call_t *call, size_t chunk_size)
{
    bool has_place = server->count < TRANSFERS_MOST;
    transfer_t *self = has_place ? calloc (1, sizeof *self + chunk_size) : NULL;
    if (!self || !hearth_keep (call)) {
        free (self);
        hearth_fail (call, HEARTH_RESOURCE_EXHAUSTED, "files.Busy", "the server has as many transfers as it takes");
        return NULL;
    }
    *self = (transfer_t){ .next = server->first, .at = &server->first, .server = server, .call = call, .fd = -1 };
    if (self->next)
        self->next->at = &self->next;
    server->first = self;
    server->count++;
    return self;
}

//  What was not published is gone.
static void finish (transfer_t *self)
{
    *self->at = self->next;
    if (self->next)
        self->next->at = self->at;
    self->server->count--;
    if (self->fd >= 0)
        close (self->fd);
    if (*self->upload)
        folder_drop_upload (&self->server->folder, self->upload);
    for (char **name = self->names; name && *name; name++)
        free (*name);
    free (self->names);
    hearth_call_destroy (&self->call);
    free (self);
}

static const char *name_of (const transfer_t *self)
{
    return hearth_arg_str (self->call, 0);
}

static void fail (transfer_t *self)
{
    transfer_fail (self->call, name_of (self));
    finish (self);
}

static void answer (transfer_t *self)
{
    hearth_reply (self->call, self->done);
    finish (self);
}

void transfers_destroy (file_server_t *self)
{
    while (self->first)
        finish (self->first);
}

//  Whether an item was sent. If it was not, it has to wait, or nobody wants it and the transfer is over.
static bool send_item (transfer_t *self, hearth_arg_t item)
{
    int code = hearth_yield_arg (self->call, item, 0);
    if (code == HEARTH_RESOURCE_EXHAUSTED)
        hearth_fail (self->call, HEARTH_RESOURCE_EXHAUSTED, "files.Limit", "the broker takes no items of that size");
    if (code && code != HEARTH_DEADLINE_EXCEEDED)
        finish (self);
    return !code;
}

/* ------------------------------------------------------------------------
    Down
*/

//  Has the next chunk ready. False if there is none, and then the transfer is over.
static bool hold_chunk (transfer_t *self)
{
    int64_t left = self->size - self->done;
    if (left == 0) {
        answer (self);
        return false;
    }
    ssize_t bytes = pread (self->fd, self->chunk, left < CHUNK_SIZE ? (size_t) left : CHUNK_SIZE, self->done);
    if (bytes > 0) {
        self->held = (size_t) bytes;
        return true;
    }
    if (bytes < 0)
        fail (self);
    else {
        hearth_fail (self->call, HEARTH_ABORTED, "files.Changed", "'%s' became shorter while it was read",
                     name_of (self));
        finish (self);
    }
    return false;
}

static void read_on (hearth_call_t *call, void *context)
{
    (void) call;
    transfer_t *self = context;
    while ((self->held || hold_chunk (self)) && send_item (self, hearth_bin (self->chunk, self->held))) {
        self->done += (int64_t) self->held;
        self->held = 0;
    }
}

void transfer_read (hearth_call_t *call, void *context)
{
    file_server_t *server = context;
    const char *name = transfer_name (call);
    transfer_t *self = name ? transfer_new (server, call, CHUNK_SIZE) : NULL;
    if (!self)
        return;
    self->fd = folder_open_file (&server->folder, name, &self->size);
    if (self->fd < 0)
        fail (self);
    else
        hearth_when_asked (call, read_on, self);
}

//  Whether there is another file to tell of; those that have gone meanwhile are passed over. Where there is none the
//  transfer is over.
static bool find_entry (transfer_t *self)
{
    const char *name;
    while ((name = self->names [self->at_name]) && (self->size = folder_size (&self->server->folder, name)) < 0)
        self->at_name++;
    if (!name)
        answer (self);
    return name;
}

static bool send_entry (transfer_t *self)
{
    hearth_builder_t *entry = hearth_builder_new ();
    hearth_builder_open_map (entry);
    hearth_builder_key (entry, "name");
    hearth_builder_add (entry, self->names [self->at_name]);
    hearth_builder_key (entry, "size");
    hearth_builder_add (entry, self->size);
    hearth_builder_close (entry);
    bool is_sent = send_item (self, hearth_from_builder (entry));
    hearth_builder_destroy (&entry);
    return is_sent;
}

static void list_on (hearth_call_t *call, void *context)
{
    (void) call;
    transfer_t *self = context;
    while (find_entry (self) && send_entry (self)) {
        self->at_name++;
        self->done++;
    }
}

void transfer_list (hearth_call_t *call, void *context)
{
    file_server_t *server = context;
    transfer_t *self = transfer_new (server, call, 0);
    if (!self)
        return;
    self->names = folder_list (&server->folder);
    if (self->names)
        hearth_when_asked (call, list_on, self);
    else
        fail (self);
}

/* ------------------------------------------------------------------------
    Up
*/

//  Ends a transfer whose chunks are not what was promised.
static void refuse (transfer_t *self, hearth_code_t code, const char *name, const char *what)
{
    hearth_fail (self->call, code, name, "'%s' is not stored: %s", name_of (self), what);
    finish (self);
}

//  False if it could not be written, with errno.
static bool write_chunk (transfer_t *self, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t written = write (self->fd, data + at, size - at);
        if (written < 0 && errno != EINTR)
            return false;
        at += written > 0 ? (size_t) written : 0;
    }
    self->done += (int64_t) size;
    return true;
}

//  False once the transfer is over.
static bool take_chunk (transfer_t *self, const hearth_value_t *chunk)
{
    size_t size = hearth_value_size (chunk);
    if (hearth_value_type (chunk) != HEARTH_TYPE_BIN)
        refuse (self, HEARTH_INVALID_ARGUMENT, "files.BadChunk", "an item is not of type bin");
    else if ((uint64_t) size > (uint64_t) (self->size - self->done))
        refuse (self, HEARTH_INVALID_ARGUMENT, "files.BadSize", "more bytes came than were promised");
    else if (!write_chunk (self, hearth_value_bin (chunk), size))
        fail (self);
    else
        return true;
    return false;
}

//  All that was to come has come: the file gets its name.
static void publish (transfer_t *self)
{
    int fd = self->fd;
    self->fd = -1;
    if (close (fd) != 0 || !folder_publish (&self->server->folder, self->upload, name_of (self))) {
        fail (self);
        return;
    }
    *self->upload = '\0';
    answer (self);
}

static void write_on (hearth_call_t *call, void *context)
{
    transfer_t *self = context;
    for (const hearth_value_t *chunk; (chunk = hearth_take (call, 0));)
        if (!take_chunk (self, chunk))
            return;
    if (!hearth_input_ended (call))
        return;
    if (hearth_cancelled (call))
        finish (self);
    else if (self->done == self->size)
        publish (self);
    else
        refuse (self, HEARTH_DATA_LOSS, "files.BadSize", "fewer bytes came than were promised");
}

void transfer_write (hearth_call_t *call, void *context)
{
    file_server_t *server = context;
    const char *name = transfer_name (call);
    int64_t size = hearth_arg_int (call, 1);
    bool is_good = size >= 0 && size <= server->size_most;
    if (name && !is_good)
        hearth_fail (call, HEARTH_OUT_OF_RANGE, "files.TooLarge",
                     "a file has 0 to %" PRId64 " bytes here, not %" PRId64, server->size_most, size);
    transfer_t *self = name && is_good ? transfer_new (server, call, 0) : NULL;
    if (!self)
        return;
    self->size = size;
    self->fd = folder_begin_upload (&server->folder, self->upload);
    if (self->fd >= 0)
        hearth_when_asked (call, write_on, self);
    else {
        *self->upload = '\0';
        fail (self);
    }
}
