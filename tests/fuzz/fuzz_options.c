/*  fuzz_options.c - the broker's command line and its configuration file

    The first byte decides: the rest is a file that --config names, or the words of a command line, one a line.
*/
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "options.h"

#define WORDS_MOST 64

static void s_read (int argc, char **argv)
{
    char problem [OPTIONS_PROBLEM] = "";
    options_t options;
    if (options_read (&options, argc, argv, problem) != 0)
        REQUIRE (*problem && strlen (problem) < sizeof problem);
    else if (!options.help && !options.version) {
        REQUIRE (options.bind.count > 0 && options.publish.count > 0);
        for (int limit = 0; limit < LIMIT_COUNT; limit++)
            REQUIRE (options.limits.value [limit] >= limit_rows [limit].least
                     && options.limits.value [limit] <= limit_rows [limit].most);
    }
    options_clear (&options);
}

static void s_read_file (const uint8_t *data, size_t size)
{
    static int file = -1;
    char path [64], program [] = "hearth-broker", option [] = "--config";
    if (file < 0)
        file = memfd_create ("fuzz", 0);
    REQUIRE (file >= 0 && ftruncate (file, 0) == 0 && pwrite (file, data, size, 0) == (ssize_t) size);
    snprintf (path, sizeof path, "/proc/self/fd/%d", file);
    s_read (3, (char *[]){ program, option, path, NULL });
}

//  Files are not for a fuzzer to choose.
static void s_read_words (char *text)
{
    char program [] = "hearth-broker", *argv [WORDS_MOST + 2] = { program };
    int argc = 1;
    for (char *rest = text, *word; argc <= WORDS_MOST && (word = strsep (&rest, "\n"));)
        if (strncmp (word, "--config", 8) != 0)
            argv [argc++] = word;
    s_read (argc, argv);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data [0] & 1) {
        s_read_file (data + 1, size - 1);
        return 0;
    }
    char *text = fuzz_text (data + 1, size - 1);
    s_read_words (text);
    free (text);
    return 0;
}
