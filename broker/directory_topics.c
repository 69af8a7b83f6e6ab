/*  directory_topics.c - topics and history: what an observer's account is filled from */

#include <string.h>

#include "directory.h"

//  Walks the topics of a page: packs them, or counts them first.
static size_t s_walk (query_t *self, size_t *at, size_t most, size_t room, bool pack)
{
    const topics_t *topics = &self->core->topics;
    span_t prefix = query_str (self, 0);
    uint64_t since = hearth_value_uint (self->arguments [1]);
    size_t count = 0, last = *at + DIRECTORY_PAGE_LOOKS;
    for (; *at < index_count (&topics->names) && *at < last; ++*at) {
        const keyed_t *keyed = index_at (&topics->names, *at);
        if (!keyed_has_prefix (keyed, prefix.data, prefix.size))
            break;
        const topic_t *topic = CONTAINER_OF (keyed, topic_t, keyed);
        if (topic->last_number <= since)
            continue;
        if (count == most || keyed->size + 32 > room)
            break;
        room -= keyed->size + 32;
        count++;
        if (!pack)
            continue;
        pack_list (&self->result, 4);
        pack_text (&self->result, keyed->key, keyed->size);
        pack_uint (&self->result, topic->first);
        pack_uint (&self->result, topic->last);
        pack_bool (&self->result, topic->retained != NULL);
    }
    return count;
}

void directory_topics (query_t *self)
{
    const topics_t *topics = &self->core->topics;
    span_t prefix = query_str (self, 0), after = query_str (self, 2);
    size_t start = index_page (&topics->names, prefix.data, prefix.size, after.data, after.size);
    size_t at = start, end = start, room = query_room (self);
    size_t count = s_walk (self, &end, SIZE_MAX, room, false);
    pack_map (&self->result, 4);
    query_key (self, "epoch");
    pack_uint (&self->result, topics->epoch);
    query_key (self, "number");
    pack_uint (&self->result, topics->number);
    query_key (self, "topics");
    pack_list (&self->result, count);
    s_walk (self, &at, count, room, true);
    query_next (self, &topics->names, start, end);
}

static size_t s_item_size (const blob_t *blob)
{
    return blob_size (blob) + 32;
}

//  How many notifications from `from` on are there without a hole and fit a message.
static size_t s_count (const query_t *self, const topic_t *topic, uint64_t from, uint64_t to)
{
    size_t room = query_room (self), count = 0;
    for (uint64_t number = from; number <= to; number++, count++) {
        const blob_t *blob = topic_note (topic, number);
        if (!blob || s_item_size (blob) > room)
            break;
        room -= s_item_size (blob);
    }
    return count;
}

//  The first number from `from` on whose notification fits an answer: those that cannot are lost, but not what follows.
static uint64_t s_first_to_fit (const query_t *self, const topic_t *topic, uint64_t from, uint64_t to)
{
    size_t room = query_room (self);
    while (from <= to && topic_note (topic, from) && s_item_size (topic_note (topic, from)) > room)
        from++;
    return from;
}

static void s_pack_note (query_t *self, blob_t *blob)
{
    wire_note_t note;
    wire_read_note (&note, blob_data (blob), blob_size (blob));
    pack_list (&self->result, 4);
    pack_uint (&self->result, note.topic_number);
    pack_uint (&self->result, note.number);
    pack_int (&self->result, note.time_ms);
    pack_bin (&self->result, note.body, note.body_size);
}

static void s_pack_items (query_t *self, const topic_t *topic, uint64_t from, uint64_t to)
{
    from = s_first_to_fit (self, topic, from, to);
    size_t count = s_count (self, topic, from, to);
    query_key (self, "items");
    pack_list (&self->result, count);
    for (size_t at = 0; at < count; at++)
        s_pack_note (self, topic_note (topic, from + at));
    query_key (self, "more");
    pack_bool (&self->result, count && from + count <= to);
}

//  What is asked for, cut to what there is: from the oldest that is remembered, or just the last value.
void directory_history (query_t *self)
{
    span_t name = query_str (self, 0);
    uint64_t from = hearth_value_uint (self->arguments [1]), to = hearth_value_uint (self->arguments [2]);
    const topic_t *topic = topics_find (&self->core->topics, name);
    uint64_t last = topic ? topic->last : 0;
    to = to < last ? to : last;
    uint64_t oldest = topic ? topic_oldest (topic) : 1;
    if (topic && oldest > last && topic->retained)
        oldest = last;
    from = from > oldest ? from : oldest;
    pack_map (&self->result, 4);
    query_key (self, "first");
    pack_uint (&self->result, topic ? topic->first : 0);
    query_key (self, "last");
    pack_uint (&self->result, last);
    if (topic)
        s_pack_items (self, topic, from, to);
    else {
        query_key (self, "items");
        pack_list (&self->result, 0);
        query_key (self, "more");
        pack_bool (&self->result, false);
    }
}
