"""docs/protocol.md, section 11: its bytes are decoded, and are what the peer in Python writes."""
import fixture

import exchanges
import hearth_wire as wire

BLOCKS = exchanges.blocks_of(exchanges.DOCUMENT.read_text())


class Document(fixture.TestCase):
    def frame(self, title):
        return wire.unpack_frame(exchanges.bytes_of(BLOCKS[title]))

    def note(self, title):
        return wire.unpack_note(exchanges.bytes_of(BLOCKS[title]))

    def test_blocks_are_those_that_the_peer_writes_and_in_this_order(self):
        self.assertEqual(list(BLOCKS), [title for title, _ in exchanges.EXCHANGES])
        for title, message in exchanges.EXCHANGES:
            with self.subTest(title):
                self.assertEqual(BLOCKS[title], exchanges.annotate(message))
                self.assertEqual(exchanges.bytes_of(BLOCKS[title]), message.pack())

    def test_every_byte_has_its_place_in_a_message(self):
        for title, message in exchanges.EXCHANGES:
            with self.subTest(title):
                read = self.frame if isinstance(message, wire.Frame) else self.note
                self.assertEqual(read(title), message)

    def test_a_session_begins_with_hello_and_welcome(self):
        hello, welcome = self.frame("hello: service to broker"), self.frame("welcome: broker to service")
        self.assertEqual((hello.kind, hello.elements[0], len(hello.elements[2]), hello.elements[3]), (1, 1, 16, 1))
        self.assertEqual((welcome.kind, welcome.elements[2]), (2, f":{welcome.elements[1]:012x}.{welcome.session}"))
        self.assertIn("calls", wire.unpack(welcome.body)["limits"])

    def test_a_request_and_its_reply_differ_only_in_the_block_on_both_sides(self):
        for title, sides in (("request", ("caller to broker", "broker to service")),
                             ("reply", ("service to broker", "broker to caller"))):
            one, other = (exchanges.bytes_of(BLOCKS[f"{title}: {side}"]) for side in sides)
            self.assertNotEqual(one[4:28], other[4:28])
            self.assertEqual(one[:4] + one[28:], other[:4] + other[28:])

    def test_the_error_says_that_nothing_was_executed(self):
        reply = self.frame("error: broker to caller")
        error = wire.unpack_error(*reply.elements, reply.body)
        self.assertEqual((error.code, error.name, error.mark), (12, "hearth.NoSuchMethod", wire.NOT_EXECUTED))

    def test_the_notification_carries_the_body_that_was_published(self):
        published = self.frame("publish: service to broker")
        note = self.note("notification: broker to the subscribers of echo.server/said/")
        self.assertEqual(note.topic.decode(), "/".join(published.elements) + "/")
        self.assertEqual(note.body, published.body)
        self.assertEqual(wire.unpack(self.frame("published: broker to service").body), note.topic_number)

    def test_the_marker_has_no_number_of_its_topic_and_no_body(self):
        marker = self.note("marker: broker to the subscribers of echo.server/")
        self.assertEqual((marker.topic, marker.topic_number, marker.topic_first, marker.body), (b"echo.server/", 0, 0, b""))


if __name__ == "__main__":
    fixture.main()
