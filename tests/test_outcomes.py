"""Every way a build can end leaves the right status, outcome, timestamps and a log that a stranger understands."""
from conftest import wrangler_config
from harness.waiting import until

ORDER = ["created_on", "initializing_on", "running_on", "stopped_on"]


def check_times(build):
    times = [build[key] for key in ORDER if build[key]]
    assert times == sorted(times), times
    assert build["modified_on"] >= times[-1]


def run(kiln, repo, name, **options):
    options = {"build_command": "true", "deploy_command": "true"} | options
    kiln.connect(repo.bare, name, **options)
    (uuid,) = repo.push()
    build = kiln.wait(uuid)
    check_times(build)
    return build, kiln.build_log(uuid)


def has(log, *texts):
    for text in texts:
        assert any(text in line for line in log), f"no '{text}' in:\n" + "\n".join(log)


def test_success_uses_the_hosted_services_words(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, build_command="echo one", deploy_command="echo two")
    assert build["build_outcome"] == "success"
    assert all(build[key] for key in ORDER)
    words = ["Initializing build environment...", "Success: Finished initializing build environment",
             "Cloning repository...", "Executing user build command: echo one", "one",
             "Success: Build command completed", "Executing user deploy command: echo two", "two",
             "Success: Deploy command completed", "Success! Build completed."]
    assert [line for line in log if line in words] == words


def test_a_failing_install_says_which_command_and_its_exit_code(kiln, repo, name):
    repo.commit({"package.json": '{"dependencies": {"left-pad": "1.3.0"}}', "package-lock.json": "{ not json"})
    build, log = run(kiln, repo, name)
    assert build["build_outcome"] == "fail"
    has(log, "Installing project dependencies: npm clean-install --progress=false",
        "Failed: error occurred while installing tools or dependencies", "exit")


def test_a_failing_build_command(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, build_command="echo about to fail >&2; exit 7")
    assert build["build_outcome"] == "fail"
    has(log, "about to fail", "Failed: error occurred while running build command", "exit code 7")
    assert not any("Executing user deploy command" in line for line in log)


def test_a_build_command_killed_by_a_signal_says_which(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, build_command="kill -SEGV $$")
    assert build["build_outcome"] == "fail"
    has(log, "signal 11")


def test_a_failing_deploy_command(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, deploy_command="exit 3")
    assert build["build_outcome"] == "fail"
    has(log, "Failed: error occurred while running deploy command", "exit code 3")


def test_a_missing_root_directory_is_named(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, root_directory="apps/nowhere")
    assert build["build_outcome"] == "fail"
    has(log, "apps/nowhere")


def test_a_wrong_worker_name_deploys_under_the_connected_one(kiln, repo, name):
    # The CI variables make wrangler use the connected Worker's name whatever the file says; nothing else can be hit.
    repo.commit({"index.js": "export default {}", "wrangler.jsonc": wrangler_config("some-other-worker")})
    build, log = run(kiln, repo, name, deploy_command="npx wrangler deploy")
    assert build["build_outcome"] == "success", "\n".join(log)
    has(log, "some-other-worker")
    scripts = {s["id"] for s in kiln.get(f"//accounts/{kiln.account}/workers/scripts").result}
    assert name in scripts and "some-other-worker" not in scripts


def test_a_build_token_cannot_touch_another_worker(kiln, repo, name):
    kiln.connect(repo.bare, f"{name}-victim", build_command="true", deploy_command="true")
    script = ("curl -sS -X DELETE -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" "
              f"\"$CLOUDFLARE_API_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/workers/services/{name}-victim\"")
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command=script, deploy_command="true", no_previews=True)
    uuids = repo.push()
    mine = next(b for b in map(kiln.wait, uuids) if script in b["build_trigger_metadata"]["build_command"])
    assert any('"success":false' in line for line in kiln.build_log(mine["build_uuid"]))
    scripts = {s["id"] for s in kiln.get(f"//accounts/{kiln.account}/workers/scripts").result}
    assert f"{name}-victim" in scripts


def test_a_deleted_build_token_fails_the_build_before_any_command(kiln, repo, name):
    connected = kiln.connect(repo.bare, name, build_command="echo ran anyway", deploy_command="true")
    created = kiln.call("POST", "/tokens", {"build_token_name": "doomed", "build_token_secret": "s3cr3t-value",
                                            "cloudflare_token_id": "abc"}).result
    for trigger in connected["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}",
                  {"build_token_uuid": created["build_token_uuid"]}).result
    kiln.call("DELETE", f"/tokens/{created['build_token_uuid']}").result
    repo.commit({"a": "1"})
    (uuid,) = repo.push()
    build, log = kiln.wait(uuid), kiln.build_log(uuid)
    assert build["build_outcome"] == "fail"
    has(log, "Failed: The build token selected for this build has been deleted or rolled")
    assert "ran anyway" not in log


def test_cancel_kills_the_whole_tree_and_stops_at_once(kiln, repo, name, tmp_path):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, deploy_command="true",
                 build_command="(setsid sleep 987654 &); sh -c 'sleep 987654 & wait' & echo started; wait")
    (uuid,) = repo.push()
    kiln.wait_log(uuid, "started")
    done = kiln.call("PUT", f"/builds/{uuid}/cancel").result
    assert done["build_outcome"] == "cancelled" and done["build_uuid"] == uuid and done["stopped_on"]
    build = kiln.build(uuid)
    assert (build["status"], build["build_outcome"]) == ("stopped", "cancelled")
    check_times(build)
    has(kiln.build_log(uuid), "cancelled")
    until(lambda: not sleepers("987654"), "every process of the build to be gone", 10)
    assert kiln.call("PUT", f"/builds/{uuid}/cancel").error[:2] == (409, 12004)


def test_a_queued_build_can_be_cancelled(kiln, repo, name):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command="sleep 600", deploy_command="true")
    (first,) = repo.push()
    kiln.wait_status(first, "running")
    second = kiln.cli_json("build", name)["build_uuid"]
    kiln.cli("cancel", second)
    build = kiln.build(second)
    assert build["build_outcome"] == "cancelled" and build["initializing_on"] is None
    kiln.cli("cancel", first)


def test_the_time_limit_terminates_and_says_the_limit(fresh_kiln, repo, name):
    kiln = fresh_kiln("[builds]\ntimeout_seconds = 2\n")
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command="echo before; sleep 876543", deploy_command="true")
    (uuid,) = repo.push()
    build = kiln.wait(uuid, 30)
    assert build["build_outcome"] == "terminated"
    check_times(build)
    has(kiln.build_log(uuid), "before", "Build was timed out", "2 s")
    until(lambda: not sleepers("876543"), "every process of the build to be gone", 10)


def test_a_green_deploy_that_uploaded_nothing_is_called_out(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, deploy_command="echo deployed nothing")
    assert build["build_outcome"] == "success" and build["version_ids"] == []
    has(log, "no version was uploaded")


def test_a_green_deploy_that_uploaded_nothing_fails_where_the_trigger_says_so(kiln, repo, name):
    repo.commit({"a": "1"})
    build, log = run(kiln, repo, name, deploy_command="echo deployed nothing", require_version=True)
    assert build["build_outcome"] == "fail" and build["version_ids"] == []
    has(log, "Failed: no version was uploaded", "require_version")
    again = kiln.connect(repo.bare, name, deploy_command="echo deployed nothing")
    assert all(trigger["require_version"] for trigger in again["triggers"]), "connecting again keeps it"


def test_secrets_are_masked_in_the_log_and_absent_from_answers(kiln, repo, name):
    secret = "corr3ct-horse-battery"
    connected = kiln.connect(repo.bare, name, deploy_command="true", build_command=(
        'echo "plain $SHOWN"; echo "secret $HIDDEN"; for c in $(echo $HIDDEN | fold -w 5); do printf %s $c; done; echo; '
        'printf %s "$CLOUDFLARE_API_TOKEN"; echo'))
    for trigger in connected["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                  {"SHOWN": {"is_secret": False, "value": "visible"},
                   "HIDDEN": {"is_secret": True, "value": secret}}).result
    repo.commit({"a": "1"})
    (uuid,) = repo.push()
    build = kiln.wait(uuid)
    log = kiln.build_log(uuid)
    has(log, "plain visible", "secret ***")
    assert not any(secret in line for line in log)
    assert "***" in log, "the build's own token is masked too"
    raw = kiln.get(f"/builds/{uuid}").raw.decode()
    assert secret not in raw
    assert build["build_trigger_metadata"]["environment_variables"] == {"SHOWN": "visible", "HIDDEN": "[secret]"}
    for file in kiln.data.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), f"{file} holds a secret in clear"


def sleepers(argument):
    """Processes anywhere on this machine whose command line has this argument."""
    import pathlib
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if argument.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                    found.append(entry.name)
            except OSError:
                pass
    return found
