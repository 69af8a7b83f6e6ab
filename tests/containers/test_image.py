"""What the image holds, and how its programs behave as a container's first process."""
import fixture
import stack


class Image(stack.TestCase):
    def test_no_program_runs_as_root(self):
        self.assertNotEqual(self.stack.client("id", "-u").stdout.strip(), "0")

    def test_there_is_no_compiler_in_it(self):
        for name in ("cc", "gcc", "cmake", "ninja", "pkg-config"):
            self.assertNotEqual(self.stack.client("sh", "-c", f"command -v {name}").returncode, 0, name)

    def test_a_container_has_a_memory_limit_and_is_restarted(self):
        for service in ("broker", "echo", "observable", "remote-object"):
            answer = stack.docker("inspect", "--format", "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}",
                                  self.stack.container(service)).stdout.split()
            self.assertGreater(int(answer[0]), 0)
            self.assertEqual(answer[1], "unless-stopped")

    def test_ports_are_published_on_the_loopback_only(self):
        ports = stack.docker("port", self.stack.container("broker")).stdout.splitlines()
        self.assertEqual(len(ports), 2)
        for line in ports:
            self.assertIn("-> 127.0.0.1:", line)

    def test_servers_end_with_0_when_they_are_stopped(self):
        for service in ("echo", "observable", "remote-object", "broker"):
            container = self.stack.container(service)
            stack.docker("stop", "--time", "20", container)
            code = stack.docker("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip()
            stack.docker("start", container)
            self.assertEqual(code, "0", service)


if __name__ == "__main__":
    fixture.main()
