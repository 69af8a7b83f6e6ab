"""Where a page is followed as a reader would: an installed copy, a folder, one shell from the first command to the last, a broker.

The reader's machine is one of their own, this one is not. So 127.0.0.1 is another address of the loopback network here, one for each sandbox, on
which the default ports are free; what programs print of it is turned back. `hearth-broker` without --bind serves there.

It knows shells and where things are found; nothing of pages.
"""
import os
import pathlib
import re
import shutil

import fixture
import installed

HOST = "127.0.0.1"
MARK = "@end of block"
PATIENCE = 6 * fixture.PATIENCE    #  a block may build everything
#  What the shell itself says of a program that was killed.
_OBITUARY = re.compile(r"\S+: line \d+: +\d+ (Killed|Terminated) ")
#  The reader's own broker, whatever PATH becomes: its log is kept apart, names that are not there are none at once, the address is the sandbox's.
#  In the background it takes the place of its subshell, so that $! is the broker.
_SHELL = r"""
trap 'echo "$mark $? ended"' EXIT
unset "${!HEARTH_@}" PYTHONPATH
export HEARTH_BROKER=$own_broker
exec 2>&1
hearth-broker ()
{
    local run=command
    [ "$BASHPID" = $$ ] || run=exec
    case " $* " in
        *" --help"* | *" --version"*) $run hearth-broker "$@" ;;
        *" --bind"* | *" --config"*) $run hearth-broker --settle 0 "$@" ;;
        *) $run hearth-broker --settle 0 --bind "$HEARTH_BROKER" "$@" 2>>"$broker_log" ;;
    esac
}
while read -r block; do
    source "$block"
    echo "$mark 0 $block"
done
"""


def own_host():
    """An address of this process's own: 127.64.0.0 and up hold every process id."""
    pid = os.getpid()
    return f"127.{64 + (pid >> 16)}.{pid >> 8 & 255}.{pid & 255}"


class Sandbox:
    """A shell in a fresh folder (with a copy of the sources, if the page is about them)."""

    def __init__(self, test, copy, with_sources):
        self._test = test
        self.host = own_host()
        self.folder = pathlib.Path(test.folder())
        self.home = self.folder / "home"
        self.work = self.home / "work"
        if with_sources:
            _copy_sources(self.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.environment = self._environment(copy)
        self._shell = self._start()
        self._blocks = 0
        self._at = 0    #  how many lines of the shell's output were given to blocks

    def _environment(self, copy):
        return {**copy.environment(), "HOME": str(self.home), "mark": MARK,
                "own_broker": f"tcp://{self.host}:9797", "broker_log": str(self.folder / "broker.log")}

    def _start(self):
        """bash, which is given the blocks' files line by line."""
        reader, self._writer = os.pipe()
        self._test.addCleanup(os.close, self._writer)
        try:
            script = f"exec <&{reader} {reader}<&-\n{_SHELL}"
            return self._test.program("/bin/bash", "-e", "-o", "pipefail", "-c", script, env=self.environment,
                                      directory=self.work, pass_fds=(reader,))
        finally:
            os.close(reader)

    def start_broker(self):
        """For a page that takes one for granted."""
        self._test.broker(bind=f"tcp://{self.host}:9797", publish=f"tcp://{self.host}:9798")

    def write(self, name, text):
        path = self.work / name
        path.write_text(self._here(text))
        return path

    def run(self, text):
        """Runs commands in the shell; returns whether all went well, and what was printed until then."""
        self._blocks += 1
        block = self.folder / f"block-{self._blocks}.sh"
        block.write_text(self._here(text))
        os.write(self._writer, f"{block}\n".encode())
        match = self._shell.wait_for_line(rf"^(.*){MARK} (\d+) ", timeout=PATIENCE)
        lines = list(iter(self._take, match.string))
        lines += [match.group(1)] if match.group(1) else []
        return match.group(2) == "0", [self._there(line) for line in lines if not _OBITUARY.match(line)]

    def next_line(self):
        """The next line that something beside the shell printed; Timeout."""
        while True:
            self._shell.wait_for_line(r"", timeout=fixture.PATIENCE)
            line = self._take()
            if not _OBITUARY.match(line):
                return self._there(line)

    def _take(self):
        """The shell's next line of output, which has come."""
        line = self._shell.stdout.splitlines()[self._at]
        self._at += 1
        return line

    def _here(self, text):
        return text.replace(HOST, self.host)

    def _there(self, text):
        return text.replace(self.host, HOST)


def _copy_sources(folder):
    """Without what was built of them."""
    def unwanted(inside, names):
        return [name for name in names if name in (".git", "__pycache__") or os.path.exists(f"{inside}/{name}/CMakeCache.txt")]
    shutil.copytree(fixture.ROOT, folder, ignore=unwanted, symlinks=True)
