"""What a hostile build command can see and reach."""
import os
import signal
import socket
import socketserver
import threading
from pathlib import Path

import pytest

from harness.githost import GIT_ENV
from harness.waiting import until


def lines_of(kiln, repo, name, command, **files):
    repo.commit({"a": "1"} | files)
    kiln.connect(repo.bare, name, build_command=command, deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    return "\n".join(kiln.build_log(uuid))


def test_the_data_directory_and_other_folders_of_the_host_are_not_there(kiln, repo, name):
    log = lines_of(kiln, repo, name, f"ls {kiln.data} 2>&1; ls /root /home 2>&1; ls /proc | grep -c '^[0-9]'; echo done")
    assert log.count("No such file or directory") >= 3 and "kiln.db" not in log and "done" in log


def test_no_capability_no_new_privilege_a_filter_and_an_unprivileged_user(kiln, repo, name):
    log = lines_of(kiln, repo, name, "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; id -u; "
                                     "touch /usr/x /etc/x /x 2>&1; unshare -Ur true 2>&1; mount -t tmpfs x /tmp 2>&1")
    for name_ in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name_}:\t0000000000000000" in log, log
    assert "NoNewPrivs:\t1" in log and "Seccomp:\t2" in log and "\n1000\n" in log
    assert log.count("Read-only file system") + log.count("Permission denied") >= 3
    assert "unshare" in log and "mount" in log


def test_nothing_of_the_servers_environment_leaks_in(kiln, repo, name):
    log = lines_of(kiln, repo, name, "env | sort; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'")
    names = {line.split("=")[0] for line in log.splitlines() if "=" in line and line.split("=")[0].isupper()}
    expected = {"CI", "WORKERS_CI", "WORKERS_CI_BUILD_UUID", "WORKERS_CI_COMMIT_SHA", "WORKERS_CI_BRANCH",
                "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_BASE_URL", "WRANGLER_CI_MATCH_TAG",
                "WRANGLER_CI_OVERRIDE_NAME", "WRANGLER_CI_GENERATE_PREVIEW_ALIAS", "WRANGLER_OUTPUT_FILE_PATH", "HOME",
                "PATH", "LANG", "FORCE_COLOR"}
    assert expected <= names, expected - names
    assert not names & {"SSH_AUTH_SOCK", "SUDO_USER", "KILN_DATA_DIR", "OLDPWD_HOST"} and "pytest" not in log.lower()


def test_hooks_and_filters_of_the_repository_do_not_run(kiln, repo, name):
    log = lines_of(kiln, repo, name, "git log --oneline | head -1; git status --short | head; git rev-parse HEAD",
                   **{".gitattributes": "* filter=evil\n"})
    assert repo.head() in log, log
    assert GIT_ENV["GIT_AUTHOR_NAME"] not in log


def test_two_builds_do_not_see_each_others_files(kiln, repo, name):
    lines_of(kiln, repo, name, "echo left-behind > /tmp/mark; echo left-behind > $HOME/mark")
    repo.commit({"a": "2"})
    kiln.connect(repo.bare, name, build_command="ls /tmp $HOME; echo looked", deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    log = "\n".join(kiln.build_log(uuid))
    assert "looked" in log and "\nmark" not in log


class Greeter(socketserver.ThreadingTCPServer):
    """A service of the host that no build may reach: says a word to everybody."""
    allow_reuse_address = True
    daemon_threads = True

    class handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(b"host-service")

    def __init__(self, address):
        super().__init__((address, 0), self.handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def greeters():
    made = [Greeter("127.0.0.1"), Greeter("0.0.0.0")]
    yield made
    for greeter in made:
        greeter.shutdown()
        greeter.server_close()


def own_address():
    """The address with which this host would go outside; none of the outside is asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:
            pytest.skip("this machine has no route to the outside, and so no address of its own to try")
        return probe.getsockname()[0]


def ask(address, port):
    return f"echo asked {address}:{port}; timeout 5 bash -c 'cat < /dev/tcp/{address}/{port}' 2>&1; echo"


def stacks():
    """The slirp4netns processes of this machine that are alive, by the process that started each."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if fields["Name"] == "slirp4netns" and not fields["State"].startswith("Z"):
            found.setdefault(int(fields["PPid"]), []).append(int(fields["Pid"]))
    return found


def test_the_hosts_services_and_the_metadata_address_are_out_of_reach(kiln, repo, name, greeters):
    on_loopback, everywhere = greeters
    own = own_address()
    asked = [("127.0.0.1", on_loopback.port), ("127.0.0.1", everywhere.port), (own, everywhere.port),
             ("10.0.2.2", everywhere.port), ("10.0.2.3", everywhere.port), ("169.254.169.254", 80)]
    api = kiln.url.removeprefix("http://").replace(":", "/")
    log = lines_of(kiln, repo, name, "; ".join([ask(*one) for one in asked]) + f"; bash -c ': < /dev/tcp/{api}' && echo api-open")
    assert "host-service" not in log, log
    assert log.count("asked") >= len(asked) and log.count("refused") >= 2 and log.count("Permission denied") >= 4, log
    assert "\napi-open" in log, log
    with socket.create_connection((own, everywhere.port)) as probe:
        assert probe.recv(100) == b"host-service", "the service does answer the host"


def test_a_build_cannot_change_its_routes(kiln, repo, name):
    log = lines_of(kiln, repo, name, "for w in 'rule flush' 'rule del pref 200' 'link set tap0 down'; do "
                                     "/usr/sbin/ip $w && echo undone; done; /usr/sbin/ip route show table 1000")
    assert "\nundone" not in log and "prohibit 169.254.0.0/16" in log, log


def test_wrangler_deploys_without_any_network_but_the_servers_port(fresh_kiln, worker_repo, name, greeters):
    closed = fresh_kiln(f'[runner]\nnetwork = "none"\nforward_ports = [{greeters[0].port}]\n')
    closed.connect(worker_repo.bare, name, build_command="; ".join([
        ask("127.0.0.1", greeters[0].port), ask("127.0.0.1", greeters[1].port), ask("203.0.113.1", 80), "ip -o link | wc -l"]))
    (uuid,) = worker_repo.push()
    build = closed.wait(uuid)
    log = "\n".join(closed.build_log(uuid))
    assert build["build_outcome"] == "success" and len(build["version_ids"]) == 1, log
    assert log.count("host-service") == 1 and "refused" in log and "unreachable" in log, log


def test_the_hosts_network_is_a_setting(fresh_kiln, repo, name, greeters):
    shared = fresh_kiln('[runner]\nnetwork = "host"\n')
    assert "host-service" in lines_of(shared, repo, name, ask("127.0.0.1", greeters[0].port))


def test_a_killed_runner_leaves_no_network_stack_behind(fresh_kiln, repo, name):
    own = fresh_kiln()
    repo.commit({"a": "1"})
    own.connect(repo.bare, name, build_command="echo begun; sleep 600", deploy_command="true")
    (uuid,) = repo.push()
    until(lambda: "begun" in own.build_log(uuid), "the build to begin", 60)
    runner = own.cli_json("status")["runner_pid"]
    its = stacks()[runner]  # the build's, and perhaps that of the sandbox prepared for the next
    os.kill(runner, signal.SIGKILL)
    until(lambda: not set(its) & set(sum(stacks().values(), [])), "slirp4netns to end with its runner", 10)
