//  Log lines, and the sums of what comes too often. The clock that matters is the test's: log_tick is told the time.

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

typedef struct {
    log_t *log;
    int reader;
    int writer;
    char text [65536];
} scene_t;

static void open_scene (scene_t *self, log_level_t level)
{
    int ends [2];
    cr_assert_eq (pipe (ends), 0);
    self->reader = ends [0];
    self->writer = ends [1];
    self->log = log_new (self->writer, level);
    cr_assert_not_null (self->log);
}

//  Ends the log; what it wrote is in text.
static void close_scene (scene_t *self)
{
    size_t size = 0;
    ssize_t got;
    log_destroy (&self->log);
    cr_assert_null (self->log);
    close (self->writer);
    while ((got = read (self->reader, self->text + size, sizeof self->text - 1 - size)) > 0)
        size += (size_t) got;
    self->text [size] = '\0';
    close (self->reader);
}

static unsigned count_lines (const char *text)
{
    unsigned lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void pass_a_second (scene_t *self)
{
    cr_assert_geq (log_deadline (self->log), 0);
    log_tick (self->log, log_deadline (self->log) - 1);
    cr_assert_geq (log_deadline (self->log), 0, "not yet");
    log_tick (self->log, log_deadline (self->log));
    cr_assert_eq (log_deadline (self->log), -1);
}

Test (log, a_line_says_when_how_bad_who_and_what)
{
    static scene_t scene;
    open_scene (&scene, LOG_INFO);
    log_printf (scene.log, LOG_WARNING, "session", ":00000000002a.7", "does %s", "something");
    close_scene (&scene);
    cr_assert_eq (count_lines (scene.text), 1);
    cr_assert_str_eq (scene.text + strlen ("2026-01-01T00:00:00.000Z "),
                      "warning session :00000000002a.7 does something\n");
    cr_assert_eq (scene.text [10], 'T');
}

Test (log, what_is_below_the_level_is_not_written)
{
    static scene_t scene;
    open_scene (&scene, LOG_WARNING);
    log_write (scene.log, LOG_INFO, "part", "-", "quiet");
    cr_assert_eq (log_deadline (scene.log), -1);
    log_write (scene.log, LOG_ERROR, "part", "-", "loud");
    close_scene (&scene);
    cr_assert_eq (count_lines (scene.text), 1);
    cr_assert_not_null (strstr (scene.text, "error part - loud\n"));
}

Test (log, bytes_that_a_terminal_would_obey_are_escaped)
{
    static scene_t scene;
    open_scene (&scene, LOG_INFO);
    log_write (scene.log, LOG_INFO, "part", "-", "a\x1b[2Jb\nc\\\xc2\x9b");
    close_scene (&scene);
    cr_assert_eq (count_lines (scene.text), 1);
    cr_assert_not_null (strstr (scene.text, "a\\x1b[2Jb\\x0ac\\x5c\\xc2\\x9b\n"));
}

Test (log, repeats_of_a_kind_about_a_peer_are_summed_and_others_are_not)
{
    static scene_t scene;
    open_scene (&scene, LOG_INFO);
    for (int i = 0; i < 10; i++) {
        log_printf (scene.log, LOG_INFO, "part", ":1", "refused: %d", i);
        log_printf (scene.log, LOG_INFO, "part", ":2", "refused: %d", i);
    }
    log_write (scene.log, LOG_INFO, "part", ":1", "refused too");
    pass_a_second (&scene);
    log_write (scene.log, LOG_INFO, "part", ":1", "refused: again");
    close_scene (&scene);
    cr_assert_eq (count_lines (scene.text), 6);
    cr_assert_not_null (strstr (scene.text, ":1 refused: 0\n"));
    cr_assert_not_null (strstr (scene.text, ":1 refused (9 more)\n"));
    cr_assert_not_null (strstr (scene.text, ":2 refused (9 more)\n"));
    cr_assert_not_null (strstr (scene.text, ":1 refused too\n"));
    cr_assert_not_null (strstr (scene.text, ":1 refused: again\n"));
}

Test (log, more_kinds_than_are_kept_are_summed_as_one)
{
    static scene_t scene;
    open_scene (&scene, LOG_INFO);
    for (int i = 0; i < LOG_KINDS + 50; i++) {
        char peer [16];
        snprintf (peer, sizeof peer, ":%d", i);
        log_write (scene.log, LOG_INFO, "part", peer, "refused");
    }
    pass_a_second (&scene);
    close_scene (&scene);
    cr_assert_eq (count_lines (scene.text), LOG_KINDS + 1);
    cr_assert_not_null (strstr (scene.text, "50 more events of other kinds within a second\n"));
}

Test (log, a_reader_that_does_not_read_is_not_waited_for_and_told_what_it_missed)
{
    enum { LINES = 1000 };
    static scene_t scene;
    static char drained [1 << 20];
    char text [400];
    open_scene (&scene, LOG_INFO);
    memset (text, 'x', sizeof text - 1);
    text [sizeof text - 1] = '\0';
    for (int i = 0; i < LINES; i++) {
        text [0] = (char) ('a' + i % 26);
        log_write (scene.log, LOG_INFO, "part", "-", text);
        if (i % 26 == 25)
            log_tick (scene.log, log_deadline (scene.log));
    }
    cr_assert_gt (read (scene.reader, drained, sizeof drained), 0);
    close_scene (&scene);
    cr_assert_not_null (strstr (scene.text, " lines were dropped, since nobody read them\n"));
}
