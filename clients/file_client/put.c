/*  put.c - a file goes up, in chunks, as fast as the server asks for them
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define CHUNK_SIZE 65536

typedef struct {
    const char *path;
    int fd;
    int64_t size;
    int64_t sent;
    char chunk [CHUNK_SIZE];
    size_t held;  //  bytes of the chunk that goes next
} upload_t;

static bool open_file (upload_t *self)
{
    struct stat about;
    self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (self->fd < 0 || fstat (self->fd, &about) != 0) {
        program_fail ("'%s' cannot be read: %s", self->path, strerror (errno));
        return false;
    }
    self->size = about.st_size;
    if (!S_ISREG (about.st_mode))
        program_fail ("'%s' is not a regular file", self->path);
    return S_ISREG (about.st_mode);
}

//  Has the next chunk ready. False if the file is not what it was when its size was told.
static bool hold_chunk (upload_t *self)
{
    int64_t left = self->size - self->sent;
    ssize_t bytes = read (self->fd, self->chunk, left < CHUNK_SIZE ? (size_t) left : CHUNK_SIZE);
    if (bytes > 0) {
        self->held = (size_t) bytes;
        return true;
    }
    progress_end ();
    if (bytes < 0)
        program_fail ("'%s' cannot be read: %s", self->path, strerror (errno));
    else
        program_fail ("'%s' became shorter while it was copied", self->path);
    return false;
}

//  Sends what the server has asked for. False if it cannot go on; why is said.
static bool send_chunks (upload_t *self, hearth_pending_t *stream)
{
    while (self->sent < self->size) {
        if (!self->held && !hold_chunk (self))
            return false;
        int code = hearth_put_arg (stream, hearth_bin (self->chunk, self->held), 0);
        if (code == HEARTH_RESOURCE_EXHAUSTED)
            program_complain (FILES, hearth_last_error (program_connect (NULL)));
        if (code)
            return code != HEARTH_RESOURCE_EXHAUSTED;  //  any other is that of a stream that waits, or has ended
        self->sent += (int64_t) self->held;
        self->held = 0;
        progress_show (self->sent, self->size);
    }
    hearth_put_end (stream);
    return true;
}

static const char *name_of (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash ? slash + 1 : path;
}

static int put (void)
{
    static upload_t self;
    self.path = program_operand (0, "");
    hearth_proxy_t *files = program_proxy (FILES);
    bool is_good = open_file (&self);
    program_catch_signals ();
    const char *name = program_operand (1, name_of (self.path));
    hearth_pending_t *stream = is_good ? files_opened (hearth_open (files, "write", name, self.size)) : NULL;
    while (is_good && (is_good = send_chunks (&self, stream)) && files_turn (stream))
        continue;
    if (!is_good)
        hearth_pending_destroy (&stream);
    files_end (&stream, self.size);
    if (self.fd >= 0)
        close (self.fd);
    return program_end ();
}

const program_verb_t verb_put = {
    "put",
    { .name = "file_client put",
      .summary = "Copies FILE to the server's folder as NAME (FILE's own).",
      .operands = "FILE [NAME]",
      .least = 1,
      .most = 2 },
    put,
};
