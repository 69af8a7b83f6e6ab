/*  test_account.c - the account of an observation: what it does step by step, case for case, in a small script

    A script is what happens to an account with one topic, word for word; the outcome is what it answers. Words:

        begin, whole         account_begin, for what comes or for the whole epoch
        list:N … end         a listing as of number N; within it `topic:FIRST-LAST`, `kept:FIRST-LAST` (retained)
        settle               account_settle
        note:FIRST:T[@N]     notification T (broker-wide N, T unless given); busy:… one that cannot be delivered now
        next                 account_next: "ask:A-B", "lost:N<=B" or "none"
        fill:T, more, done   an item of the answer; its end, with and without more of it; fail: there was no answer
        over                 account_end, until nothing is left

    Delivered numbers are written as they are, retained ones with an R behind.
*/
#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account.h"

#define TOPIC SPAN ("a/b/")

typedef struct {
    const char *name;
    const char *script;
    const char *outcome;
} case_t;

static const case_t cases [] = {
    { "numbers in order are delivered", "begin list:5 topic:3-5 end note:3:6 note:3:7", "6 7" },
    { "what is from before the listing is not ours", "begin list:5 topic:3-5 end note:3:4 note:3:5 note:3:6", "6" },
    { "a topic that is not listed starts before its first", "begin list:5 end note:6:6 note:6:7", "6 7" },
    { "a topic that came after the listing starts before its first, although that was lost",
      "begin list:5 end note:6:8 next fill:6 fill:7 fill:8 done", "ask:6-8 6 7 8" },
    { "an old notification of a forgotten topic is not ours", "begin list:9 end note:3:4 note:3:5", "" },
    { "nothing is ours before the listing", "begin note:3:4 next list:5 topic:3-5 end next note:3:6", "none none 6" },
    { "what comes twice is delivered once", "begin list:5 topic:3-5 end note:3:6 note:3:6 note:3:7 note:3:6", "6 7" },
    { "what came before a listing that is older than it comes once",
      "whole note:3:3 list:2 end note:3:3 list:4 topic:3-3 end settle next", "3 none" },
    { "a jump is asked for", "begin list:5 topic:3-5 end note:3:8 next fill:6 fill:7 fill:8 done next",
      "ask:6-8 6 7 8 none" },
    { "what comes while a gap is asked for is asked for next",
      "begin list:5 topic:3-5 end note:3:7 next note:3:8 note:3:9 fill:6 fill:7 done next fill:8 fill:9 done "
      "note:3:10",
      "ask:6-7 6 7 ask:8-9 8 9 10" },
    { "what the history no longer has is lost, in its place",
      "begin list:5 topic:3-5 end note:3:9 next fill:8 fill:9 done next", "ask:6-9 lost:2<=7 8 9 none" },
    { "an empty answer loses all that was asked for", "begin list:5 topic:3-5 end note:3:7 next done note:3:8",
      "ask:6-7 lost:2<=7 8" },
    { "an answer that has more is continued", "begin list:5 topic:3-5 end note:3:8 next fill:6 more next fill:8 done",
      "ask:6-8 6 ask:7-8 lost:1<=7 8" },
    { "an answer that has more, but nothing new, ends", "begin list:5 topic:3-5 end note:3:7 next fill:5 more next",
      "ask:6-7 lost:2<=7 none" },
    { "an answer beyond what was asked for is cut",
      "begin list:5 topic:3-5 end note:3:7 next fill:6 fill:7 fill:8 done", "ask:6-7 6 7" },
    { "a gap without an answer is asked for again",
      "begin list:5 topic:3-5 end note:3:7 next fail next fill:6 fail next", "ask:6-7 ask:6-7 6 ask:7-7" },
    { "what cannot be delivered now is fetched",
      "begin list:5 topic:3-5 end busy:3:6 note:3:7 next fill:6 fill:7 done", "ask:6-7 6 7" },
    { "a claim is no gap before it is settled",
      "begin list:5 topic:3-5 end list:8 topic:3-8 end next note:3:6 note:3:7 settle next fill:8 done",
      "claims none 6 7 ask:8-8 8" },
    { "a claim that is met is forgotten", "begin list:5 topic:3-5 end list:6 topic:3-6 end note:3:6 settle next",
      "claims 6 none" },
    { "a listing without news has no claims", "begin list:5 topic:3-5 end note:3:6 list:7 topic:3-6 end settle next",
      "6 none" },
    { "a topic that only the directory knows is ours from its first",
      "begin list:5 end list:9 topic:7-8 end settle next fill:7 fill:8 done", "claims ask:7-8 7 8" },
    { "the last value is delivered once", "begin list:5 kept:3-5 end next fill:5 done next note:3:6",
      "ask:5-5 5R none 6" },
    { "what comes while the last value is fetched is delivered behind it",
      "begin list:5 kept:3-5 end next note:3:6 fill:5 done next fill:6 done", "ask:5-5 5R ask:6-6 6" },
    { "a last value that was replaced meanwhile is not lost",
      "begin list:5 kept:3-5 end note:3:6 next fill:6 done next", "ask:5-6 6 none" },
    { "a last value that is not there is not lost", "begin list:5 kept:3-5 end next done next note:3:6",
      "ask:5-5 none 6" },
    { "a later listing fetches no last value", "begin list:5 topic:3-5 end list:6 kept:3-5 end settle next", "none" },
    { "a topic that came back starts anew", "begin list:5 topic:3-5 end note:3:6 note:20:20 note:20:21 note:3:7",
      "6 20 21" },
    { "a topic that came back starts before its first",
      "begin list:5 topic:3-5 end note:20:21 next fill:20 fill:21 done", "ask:20-21 20 21" },
    { "what is missing of the old topic is lost first",
      "begin list:5 topic:3-5 end note:3:8 note:20:20 next next fill:20 done note:20:21",
      "lost:3<=8 ask:20-20 20 21" },
    { "an answer about the old topic is too late",
      "begin list:5 topic:3-5 end note:3:8 next note:20:20 fill:6 done next next fill:20 done next",
      "ask:6-8 lost:3<=8 ask:20-20 20 none" },
    { "a topic that came back twice loses both",
      "begin list:5 topic:3-5 end note:3:7 note:20:21 note:30:30 next next", "lost:4<=21 ask:30-30" },
    { "a topic that came back, by the directory's word",
      "begin list:5 topic:3-5 end note:3:6 list:21 topic:20-21 end note:3:7 settle next fill:20 fill:21 done",
      "6 claims 7 ask:20-21 20 21" },
    { "a whole epoch is ours from each first", "whole list:9 topic:3-5 end settle next fill:4 fill:5 done note:3:6",
      "claims ask:3-5 lost:1<=3 4 5 6" },
    { "a whole epoch's notifications are ours before the listing",
      "whole note:3:3 note:3:4 list:5 topic:3-4 end next", "3 4 none" },
    { "an epoch ends with what is known to be missing", "begin list:5 topic:3-5 end note:3:6 note:3:9 next over",
      "6 ask:7-9 lost:3<=9 over:9" },
    { "an epoch ends with what the directory claimed", "begin list:5 topic:3-5 end list:8 topic:3-8 end over",
      "claims lost:3<=8 over:8" },
    { "an epoch ends once what came back is counted", "begin list:5 topic:3-5 end note:3:8 note:20:21 over",
      "lost:5<=21 over:21" },
    { "a number that cannot be is ignored",
      "begin list:5 topic:3-5 end note:0:6 note:7:6 list:6 topic:0-9 topic:9-3 end", "" },
};

static char outcome [512];

static void answered (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
static void answered (const char *format, ...)
{
    size_t size = strlen (outcome);
    if (size)
        outcome [size++] = ' ';
    va_list values;
    va_start (values, format);
    vsnprintf (outcome + size, sizeof outcome - size, format, values);
    va_end (values);
}

static void say_lost (uint64_t lost, uint64_t to)
{
    if (lost)
        answered ("lost:%" PRIu64 "<=%" PRIu64, lost, to);
}

static void note (account_t *account, const char *word, bool deliverable)
{
    wire_note_t one = { .topic = TOPIC };
    int read =
        sscanf (word, "%*[a-z]:%" SCNu64 ":%" SCNu64 "@%" SCNu64, &one.topic_first, &one.topic_number, &one.number);
    if (read < 3)
        one.number = one.topic_number;
    if (account_note (account, &one, deliverable) == ACCOUNT_DELIVER)
        answered ("%" PRIu64, one.topic_number);
}

static void listed (account_t *account, const char *word, bool retained)
{
    uint64_t first = 0, last = 0;
    sscanf (word, "%*[a-z]:%" SCNu64 "-%" SCNu64, &first, &last);
    cr_assert_eq (account_listed (account, TOPIC, first, last, retained), 0);
}

static void next (account_t *account)
{
    account_gap_t gap;
    switch (account_next (account, &gap)) {
    case ACCOUNT_NOTHING: answered ("none"); break;
    case ACCOUNT_ASK: answered ("ask:%" PRIu64 "-%" PRIu64, gap.from, gap.to); break;
    case ACCOUNT_LOST: say_lost (gap.lost, gap.to); break;
    }
}

static void fill (account_t *account, uint64_t number)
{
    uint64_t lost;
    account_verdict_t verdict = account_fill (account, number, &lost);
    say_lost (lost, number - 1);
    if (verdict != ACCOUNT_DROP)
        answered ("%" PRIu64 "%s", number, verdict == ACCOUNT_RETAINED ? "R" : "");
}

static void filled (account_t *account, bool more)
{
    uint64_t number, lost;
    account_filled (account, more, &number, &lost);
    say_lost (lost, number);
}

static void over (account_t *account)
{
    account_gap_t loss;
    while (account_end (account, &loss))
        say_lost (loss.lost, loss.to);
    answered ("over:%" PRIu64, account_last (account, TOPIC));
}

static void run_word (account_t *account, const char *word)
{
    const char *colon = strchr (word, ':');
    size_t size = colon ? (size_t) (colon - word) : strlen (word);
    uint64_t number = colon ? strtoull (colon + 1, NULL, 10) : 0;
    char verb [16] = "";
    memcpy (verb, word, size);
#define IS(text) (strcmp (verb, text) == 0)
    if (IS ("begin") || IS ("whole"))
        account_begin (account, 1, IS ("whole"));
    else if (IS ("list"))
        account_list_begin (account, account_since (account), number);
    else if (IS ("topic") || IS ("kept"))
        listed (account, word, IS ("kept"));
    else if (IS ("end")) {
        if (account_list_end (account))
            answered ("claims");
    } else if (IS ("settle"))
        account_settle (account);
    else if (IS ("note") || IS ("busy"))
        note (account, word, IS ("note"));
    else if (IS ("next"))
        next (account);
    else if (IS ("fill"))
        fill (account, number);
    else if (IS ("more") || IS ("done"))
        filled (account, IS ("more"));
    else if (IS ("fail"))
        account_unfilled (account);
    else if (IS ("over"))
        over (account);
    else
        cr_assert_fail ("no such word: %s", word);
#undef IS
}

static void run_case (const case_t *self)
{
    char script [512];
    snprintf (script, sizeof script, "%s", self->script);
    outcome [0] = '\0';
    account_t *account = account_new ();
    char *rest = script;
    for (char *word = strsep (&rest, " "); word; word = strsep (&rest, " "))
        run_word (account, word);
    account_destroy (&account);
    cr_expect_str_eq (outcome, self->outcome, "%s: '%s' instead of '%s'", self->name, outcome, self->outcome);
}

Test (account, every_step_has_its_outcome)
{
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++)
        run_case (&cases [at]);
}

Test (account, topics_that_the_broker_forgot_are_forgotten)
{
    account_t *account = account_new ();
    account_begin (account, 1, false);
    account_list_begin (account, 0, 0);
    account_list_end (account);
    for (uint64_t number = 1; number <= 5000; number++) {
        char topic [32];
        snprintf (topic, sizeof topic, "a.%" PRIu64 "/b/", number);
        wire_note_t one = { .topic = SPAN (topic), .number = number, .topic_number = number, .topic_first = number };
        cr_assert_eq (account_note (account, &one, true), ACCOUNT_DELIVER);
    }
    cr_assert_eq (account_since (account), 0, "so many topics want a full listing");
    account_list_begin (account, 0, 5000);
    cr_assert_eq (account_listed (account, SPAN ("a.7/b/"), 7, 7, false), 0);
    account_list_end (account);
    cr_assert_eq (account_since (account), 5000);
    cr_assert_eq (account_last (account, SPAN ("a.7/b/")), 7);
    cr_assert_eq (account_last (account, SPAN ("a.8/b/")), 0);
    account_destroy (&account);
}
