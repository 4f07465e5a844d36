"""What a hostile build command can see and reach."""
from harness.githost import GIT_ENV


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
