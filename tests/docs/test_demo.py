"""scripts/demo leaves nothing behind when it is interrupted: no process, no file. (That it works is seen where README's commands are run.)"""
import os
import pathlib
import select
import signal

import fixture

MOMENTS = ("The broker serves", "echo_server serves", "remote_object_server serves", "HOLA", "ready", "Hello, Observers!")


def members(group):
    """The processes of a group, but for its leader and those that have ended."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z" and int(path.parent.name) != group:
            yield int(path.parent.name)


def ends(pid):
    """Whether the process, which may have been asked to, ends."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(process) as file:
        return bool(select.select([file], [], [], fixture.PATIENCE)[0])


class Interrupted(fixture.TestCase):
    def interrupt(self, moment, number, kill):
        folder = self.folder()
        demo = self.program(fixture.ROOT / "scripts" / "demo", env={"HEARTH_BUILD_DIR": str(fixture.BUILD), "TMPDIR": folder})
        demo.wait_for_line(moment, 4 * fixture.PATIENCE)  # it may have something to build
        kill(demo.pid, number)
        os.waitid(os.P_PID, demo.pid, os.WEXITED | os.WNOWAIT)
        for pid in members(demo.pid):
            self.assertTrue(ends(pid), f"{pid} is left")
        self.assertNotEqual(demo.wait(), 0, demo.transcript())
        self.assertEqual(os.listdir(folder), [])

    def test_by_the_terminal(self):
        for moment in MOMENTS:
            with self.subTest(moment=moment):
                self.interrupt(moment, signal.SIGINT, os.killpg)

    def test_by_a_signal_to_the_script_alone(self):
        for moment, number in zip(MOMENTS, 2 * (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)):
            with self.subTest(moment=moment, number=number):
                self.interrupt(moment, number, os.kill)


if __name__ == "__main__":
    fixture.main()
