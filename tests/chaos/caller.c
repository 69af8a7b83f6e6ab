/*  caller.c - calls the chaos pool in every way, and journals each call before it is made and when it has ended

    usage: chaos_caller FOLDER ROLE SEED. Goes on until there is a file `stop` in the folder, and then ends what is in flight.
*/
#include "chaos.h"
#include "hearth.h"

#define FLIGHTS_MAX 24
#define LOOK_MS     5
#define PAUSE_MS    300

typedef struct {
    const char *method;
    unsigned weight;
    bool bad;  //  the arguments do not fit
} way_t;

static const way_t ways [] = {
    { "work", 80, false }, { "fail", 8, false }, { "silent", 4, false }, { "work", 4, true }, { "nothing", 4, false }
};

//  Long ones, since the default would hide a network that is cut; short ones meet their deadlines. Half of them wait for the name.
static const int64_t timeouts_ms [] = { 60000, 60000, 60000, 10000, 500, 30 };

#define LENGTH(array) (sizeof (array) / sizeof *(array))

typedef struct {
    char id [CHAOS_NAME_MAX + 16];
    hearth_pending_t *pending;
} flight_t;

typedef struct {
    chaos_t chaos;
    hearth_t *hearth;
    hearth_proxy_t *proxies [LENGTH (timeouts_ms)][2];
    flight_t flights [FLIGHTS_MAX];
    uint64_t calls;
} caller_t;

static const way_t *s_roll_way (caller_t *self)
{
    unsigned rolled = chaos_roll (&self->chaos, 100), at = 0;
    while (rolled >= ways [at].weight)
        rolled -= ways [at++].weight;
    return &ways [at];
}

static void s_begin (caller_t *self, char *id, size_t size, const char *method, int64_t timeout_ms)
{
    snprintf (id, size, "%s/%" PRIu64, self->chaos.name, ++self->calls);
    chaos_write (&self->chaos, "CALL %s %s %" PRId64 " %" PRId64, id, method, timeout_ms, chaos_now_ns ());
}

static void s_end (caller_t *self, const char *id, const char *name, int mark)
{
    chaos_write (&self->chaos, "END %s %s %d %" PRId64, id, name, mark, chaos_now_ns ());
}

static void s_end_result (caller_t *self, const char *id, hearth_result_t **result, bool oneway)
{
    if (hearth_failed (*result))
        s_end (self, id, hearth_error (*result)->name, (int) hearth_error (*result)->mark);
    else if (oneway)
        s_end (self, id, "acknowledged", HEARTH_NO_MARK);
    else
        s_end (self, id, strcmp (hearth_result_str (*result), id) == 0 ? "result" : "wrong", HEARTH_NO_MARK);
    hearth_result_destroy (result);
}

static hearth_proxy_t *s_roll_proxy (caller_t *self, int64_t *timeout_ms)
{
    unsigned at = chaos_roll (&self->chaos, LENGTH (timeouts_ms));
    *timeout_ms = timeouts_ms [at];
    return self->proxies [at][chaos_roll (&self->chaos, 2)];
}

static int64_t s_roll_work_ms (caller_t *self)
{
    return chaos_roll (&self->chaos, 40) == 0 ? chaos_roll (&self->chaos, 200) : 0;
}

static void s_call_once (caller_t *self)
{
    char id [CHAOS_NAME_MAX + 16];
    int64_t timeout_ms, work_ms = s_roll_work_ms (self);
    hearth_proxy_t *proxy = s_roll_proxy (self, &timeout_ms);
    bool oneway = chaos_roll (&self->chaos, 2);
    s_begin (self, id, sizeof id, oneway ? "note" : "work", timeout_ms);
    hearth_result_t *result =
        oneway ? hearth_oneway (proxy, "note", id, work_ms) : hearth_call (proxy, "work", id, work_ms);
    s_end_result (self, id, &result, oneway);
}

static void s_start (caller_t *self, flight_t *flight)
{
    int64_t timeout_ms;
    const way_t *way = s_roll_way (self);
    hearth_proxy_t *proxy = s_roll_proxy (self, &timeout_ms);
    hearth_arg_t second = way->bad ? hearth_str ("bad") : hearth_int (s_roll_work_ms (self));
    s_begin (self, flight->id, sizeof flight->id, way->bad ? "bad" : way->method, timeout_ms);
    flight->pending = hearth_start (proxy, way->method, flight->id, second);
    if (!flight->pending)
        s_end (self, flight->id, "unsent", HEARTH_NOT_EXECUTED);
    else if (chaos_roll (&self->chaos, 40) == 0) {
        hearth_pending_destroy (&flight->pending);
        s_end (self, flight->id, "dropped", HEARTH_MAY_HAVE_EXECUTED);
    }
}

//  Takes the answers that are there; returns a call that has none yet.
static flight_t *s_collect (caller_t *self, size_t count)
{
    flight_t *waiting = NULL;
    for (size_t at = 0; at < count; at++) {
        flight_t *flight = &self->flights [at];
        hearth_result_t *result = flight->pending ? hearth_wait (&flight->pending, 0) : NULL;
        if (result)
            s_end_result (self, flight->id, &result, false);
        else if (flight->pending)
            waiting = flight;
    }
    return waiting;
}

static void s_call_many (caller_t *self)
{
    size_t count = 1 + chaos_roll (&self->chaos, FLIGHTS_MAX);
    for (size_t at = 0; at < count; at++)
        s_start (self, &self->flights [at]);
    flight_t *waiting;
    while ((waiting = s_collect (self, count))) {
        hearth_result_t *result = hearth_wait (&waiting->pending, LOOK_MS);
        if (result)
            s_end_result (self, waiting->id, &result, false);
    }
}

static void s_make_proxies (caller_t *self)
{
    for (size_t at = 0; at < LENGTH (timeouts_ms); at++)
        for (int waits = 0; waits < 2; waits++) {
            hearth_proxy_t *proxy = hearth_proxy (self->hearth, "chaos.pool");
            chaos_check (proxy != NULL, "no proxy");
            hearth_proxy_set_timeout (proxy, timeouts_ms [at]);
            hearth_proxy_set_wait (proxy, waits ? timeouts_ms [at] : 0);
            self->proxies [at][waits] = proxy;
        }
}

int main (int argc, char **argv)
{
    static caller_t self;
    chaos_check (argc == 4, "usage: chaos_caller FOLDER ROLE SEED");
    chaos_open (&self.chaos, argv [1], argv [2], argv [3]);
    self.hearth = hearth_connect (NULL);
    chaos_check (self.hearth != NULL, "bad address");
    s_make_proxies (&self);
    while (!chaos_told (&self.chaos, "stop")) {
        if (chaos_roll (&self.chaos, 3) == 0)
            s_call_once (&self);
        else
            s_call_many (&self);
        chaos_pause (chaos_roll (&self.chaos, PAUSE_MS));
    }
    hearth_destroy (&self.hearth);
    chaos_close (&self.chaos);
    return 0;
}
