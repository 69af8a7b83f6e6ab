"""Containers that are killed, paused and cut off, and what the others see of it."""
import fixture
import stack

SERVES = "echo.server"          # in the line that echo_server prints each time it is registered
FAILED, NO_BROKER, LATE = 1, 3, 4


class Outages(stack.TestCase):
    def setUp(self):
        super().setUp()
        self.echo = self.stack.container("echo")
        self.broker_container = self.stack.container("broker")

    def follow_registrations(self):
        log = self.follow("echo")
        log.wait_for_line(SERVES)
        return log

    def assert_call_ends_as(self, code, error, *arguments):
        ended = self.stack.client("echo_client", *arguments)
        self.assertEqual((ended.returncode, ended.stdout), (code, ""), ended.stderr)
        self.assertRegex(ended.stderr, error)

    def test_a_killed_service_loses_its_name_and_comes_back_with_it(self):
        stack.docker("kill", self.echo)
        self.assert_call_ends_as(FAILED, "hearth.NoSuchService|hearth.ServiceGone")
        stack.docker("start", self.echo)
        self.follow("echo", since_start=True).wait_for_line(SERVES)
        self.assert_echo_answers()

    def test_services_and_observers_come_back_when_the_broker_was_killed(self):
        log = self.follow_registrations()
        observer = self.start_client("observer", "--count", "1", ready="^ready$")
        stack.docker("kill", self.broker_container)
        self.assert_call_ends_as(NO_BROKER, "hearth.BrokerGone")
        stack.docker("start", self.broker_container)
        log.wait_for_line(SERVES)
        observer.wait_for_line("^ready$")
        self.assert_echo_answers()
        self.assertEqual(self.stack.client("notify", "again").stdout, "1\n")
        observer.wait_for_line("^again$")
        self.assertEqual(observer.wait(), 0)

    def test_a_call_to_a_paused_service_meets_its_deadline_and_the_next_one_is_answered(self):
        stack.docker("pause", self.echo)
        try:
            self.assert_call_ends_as(LATE, "hearth.Deadline", "--timeout", "1s")
        finally:
            stack.docker("unpause", self.echo)
        self.assert_echo_answers()

    def test_a_service_that_is_paused_for_too_long_is_given_up_and_comes_back(self):
        log = self.follow_registrations()
        stack.docker("pause", self.echo)
        try:
            self.assert_call_ends_as(FAILED, "hearth.ServiceGone", "--timeout", "60s")
        finally:
            stack.docker("unpause", self.echo)
        log.wait_for_line(SERVES)
        self.assert_echo_answers()

    def test_a_call_through_a_paused_broker_ends_in_time_and_the_next_one_is_answered(self):
        stack.docker("pause", self.broker_container)
        try:
            ended = self.stack.client("echo_client", "--timeout", "1s")
            self.assertIn(ended.returncode, (NO_BROKER, LATE), ended.stderr)
        finally:
            stack.docker("unpause", self.broker_container)
        self.assert_echo_answers()

    def test_a_service_without_network_is_given_up_and_comes_back_with_it(self):
        log = self.follow_registrations()
        stack.docker("network", "disconnect", self.stack.network, self.echo)
        try:
            self.assert_call_ends_as(FAILED, "hearth.ServiceGone", "--timeout", "60s")
        finally:
            stack.docker("network", "connect", "--alias", "echo", self.stack.network, self.echo)
        log.wait_for_line(SERVES)
        self.assert_echo_answers()

    def test_services_come_back_when_the_broker_has_its_network_again(self):
        log = self.follow_registrations()
        stack.docker("network", "disconnect", self.stack.network, self.broker_container)
        try:
            log.wait_for_log("lost the broker")
            self.assert_call_ends_as(NO_BROKER, "hearth.BrokerGone")
        finally:
            stack.docker("network", "connect", "--alias", "broker", self.stack.network, self.broker_container)
        log.wait_for_line(SERVES)
        self.assert_echo_answers()


if __name__ == "__main__":
    fixture.main()
