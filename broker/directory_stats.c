/*  directory_stats.c - ping, and what the broker tells of itself */

#include "directory.h"

void directory_ping (query_t *self)
{
    pack_value (&self->result, self->arguments [0]);
}

static void s_pack_count (query_t *self, const char *key, uint64_t count)
{
    query_key (self, key);
    pack_uint (&self->result, count);
}

static void s_pack_outcomes (query_t *self)
{
    query_key (self, "outcomes");
    pack_map (&self->result, CODE_COUNT);
    for (int code = 0; code < CODE_COUNT; code++)
        s_pack_count (self, hearth_code_name ((hearth_code_t) code), self->core->counters.outcomes [code]);
}

static void s_pack_limits (query_t *self)
{
    size_t options = 0;
    for (int limit = 0; limit < LIMIT_COUNT; limit++)
        options += limit_rows [limit].kind != LIMIT_KIND_LIBRARY;
    query_key (self, "limits_hit");
    pack_map (&self->result, options);
    for (int limit = 0; limit < LIMIT_COUNT; limit++)
        if (limit_rows [limit].kind != LIMIT_KIND_LIBRARY)
            s_pack_count (self, limit_rows [limit].option, self->core->counters.limits [limit]);
}

static void s_pack_drops (query_t *self)
{
#define X(id, name) name,
    static const char *const names [DROP_COUNT] = { DROPS_TABLE (X) };
#undef X
    query_key (self, "dropped");
    pack_map (&self->result, DROP_COUNT);
    for (int drop = 0; drop < DROP_COUNT; drop++)
        s_pack_count (self, names [drop], self->core->counters.drops [drop]);
}

void directory_stats (query_t *self)
{
    const core_t *core = self->core;
    pack_map (&self->result, 16);
    query_key (self, "version");
    pack_str (&self->result, core->config.version);
    s_pack_count (self, "epoch", core->config.epoch);
    s_pack_count (self, "uptime_ms", (uint64_t) (core->now_ms - core->started_ms));
    s_pack_count (self, "sessions", core->peers.count);
    s_pack_count (self, "sessions_ever", core->counters.sessions);
    s_pack_count (self, "names", core->registry.registered);
    s_pack_count (self, "calls", core->pending.count);
    s_pack_count (self, "requests", core->counters.requests);
    s_pack_count (self, "items", core->counters.items);
    s_pack_outcomes (self);
    s_pack_count (self, "notifications", core->topics.number);
    s_pack_count (self, "topics", index_count (&core->topics.names));
    s_pack_count (self, "history_bytes", core->topics.bytes);
    s_pack_count (self, "held_bytes", core_held (core));
    s_pack_limits (self);
    s_pack_drops (self);
}
