/*  get.c - a file comes down: into a file beside the target, which takes the target's place when all of it is there
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

typedef struct {
    const char *target;
    char *part;  //  the file beside it
    int fd;
    int64_t received;
    int64_t size;  //  for the bar; 0: unknown
} download_t;

static mode_t usual_mode (void)
{
    mode_t mask = umask (0);
    umask (mask);
    return 0666 & ~mask;
}

//  What would be lost, or would be written to, if it were replaced like a file. Says so.
static bool is_no_file (const char *path)
{
    struct stat about;
    if (lstat (path, &about) != 0 || S_ISREG (about.st_mode))
        return false;
    program_fail ("'%s' is there and is not a regular file; remove it, or give another name", path);
    return true;
}

//  Beside the target, under a short name: the target's may be as long as a name can be.
static bool open_part (download_t *self)
{
    const char *slash = strrchr (self->target, '/');
    int folder = slash ? (int) (slash + 1 - self->target) : 0;
    if (is_no_file (self->target))
        return false;
    if (asprintf (&self->part, "%.*s.file_client-XXXXXX", folder, self->target) < 0)
        self->part = NULL;
    self->fd = self->part ? mkstemp (self->part) : -1;
    if (self->fd >= 0 && fchmod (self->fd, usual_mode ()) == 0)
        return true;
    program_fail ("'%s' cannot be written: %s", self->target, strerror (errno));
    return false;
}

//  Gives the part the target's name if the download went well; leaves nothing behind if it did not.
static void close_part (download_t *self, bool is_complete)
{
    bool is_written = self->fd >= 0 && close (self->fd) == 0;
    if (is_complete && (!is_written || rename (self->part, self->target) != 0)) {
        program_fail ("'%s' cannot be written: %s", self->target, strerror (errno));
        is_complete = false;
    }
    if (self->fd >= 0 && !is_complete)
        unlink (self->part);
    free (self->part);
}

static bool write_chunk (download_t *self, const hearth_value_t *chunk)
{
    const char *data = hearth_value_bin (chunk);
    size_t size = data ? hearth_value_size (chunk) : 0;
    for (size_t at = 0; at < size;) {
        ssize_t written = write (self->fd, data + at, size - at);
        if (written < 0 && errno != EINTR) {
            progress_end ();
            program_fail ("'%s' cannot be written: %s", self->target, strerror (errno));
            return false;
        }
        at += written > 0 ? (size_t) written : 0;
    }
    self->received += (int64_t) size;
    progress_show (self->received, self->size);
    return true;
}

//  Writes what has come. False if it cannot be written.
static bool take_chunks (download_t *self, hearth_pending_t *stream)
{
    for (const hearth_value_t *chunk; (chunk = hearth_next (stream, 0));)
        if (!write_chunk (self, chunk))
            return false;
    return true;
}

//  Only for the bar: whatever is wrong with the file is said when it is read.
static int64_t ask_size (hearth_proxy_t *files, const char *name)
{
    hearth_result_t *answer = progress_is_shown () ? hearth_call (files, "size", name) : NULL;
    int64_t size = answer ? hearth_result_int (answer) : 0;
    hearth_result_destroy (&answer);
    return size;
}

static int get (void)
{
    const char *name = program_operand (0, "");
    download_t self = { .target = program_operand (1, name), .fd = -1 };
    hearth_proxy_t *files = program_proxy (FILES);
    self.size = ask_size (files, name);
    program_catch_signals ();
    bool is_good = open_part (&self);
    hearth_pending_t *stream = is_good ? files_opened (hearth_open (files, "read", name)) : NULL;
    while (is_good && (is_good = take_chunks (&self, stream)) && files_turn (stream))
        continue;
    if (!is_good)
        hearth_pending_destroy (&stream);
    bool is_complete = files_end (&stream, self.received) && is_good;
    close_part (&self, is_complete);
    return program_end ();
}

const program_verb_t verb_get = {
    "get",
    { .name = "file_client get",
      .summary = "Copies the file NAME of the server's folder to FILE (NAME).",
      .operands = "NAME [FILE]",
      .least = 1,
      .most = 2 },
    get,
};
