/*  main.c - file_server: serves the files of one folder, down and up as streams

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Owns the object's interface. What a name may be is folder.c's; how files move is transfer.c's.
*/
#include <errno.h>
#include <string.h>

#include "program.h"
#include "transfer.h"

#define NAME "files"

static file_server_t server = { .folder.fd = -1, .size_most = INT64_C (1) << 30 };

static void size (hearth_call_t *call, void *self)
{
    (void) self;
    const char *name = transfer_name (call);
    int64_t bytes = name ? folder_size (&server.folder, name) : 0;
    if (bytes < 0)
        transfer_fail (call, name);
    else if (name)
        hearth_reply (call, bytes);
}

static const hearth_method_t methods [] = {
    { "list", "", "int", transfer_list, "Streams a map {name, size} for each file; answers how many.",
      HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { "size", "name: str", "int", size, "The bytes that a file has.", HEARTH_IDEMPOTENT },
    { "read", "name: str", "int", transfer_read, "Streams a file's bytes in chunks of type bin; answers how many.",
      HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { "write", "name: str, size: int", "int", transfer_write,
      "Takes chunks of type bin, `size` bytes in all. The file is there, or replaced, when all have come; answers "
      "how\n"
      "many.",
      HEARTH_STREAMING },
    { 0 },
};

static const program_option_t options [] = {
    { "--max-size", "BYTES", PROGRAM_COUNT, &server.size_most, "the largest file that it takes (1073741824)" },
    { 0 },
};

static const program_about_t about = {
    .name = "file_server",
    .summary = "Serves " NAME ": the files of FOLDER, to be read and written.",
    .operands = "FOLDER",
    .least = 1,
    .most = 1,
    .options = options,
    .serves = true,
};

int main (int argc, char **argv)
{
    static const hearth_service_options_t service = { .doc = "The files of one folder." };
    program_start (&about, argc, argv);
    const char *path = program_operand (0, "");
    if (!folder_open (&server.folder, path)) {
        program_note ("'%s': %s", path, errno == EWOULDBLOCK ? "another server serves it" : strerror (errno));
        return PROGRAM_FAILED;
    }
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve_with (hearth, NAME, methods, &server, &service))
        program_complain (NAME, hearth_last_error (hearth));
    int status = program_serve ();
    transfers_destroy (&server);
    folder_close (&server.folder);
    return status;
}
