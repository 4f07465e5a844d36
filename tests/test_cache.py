"""Build caches: what one build leaves for the next, who may read it, and what a purge leaves."""
import io
import os
import subprocess
import tarfile

import pytest

from harness.waiting import until

# Stands for npm: a "dependency" is a file in its cache, which takes a second build to be seen. No registry is asked.
PACKAGE = '{"name": "x", "version": "1.0.0", "dependencies": {}}\n'
LOCK = '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {}}\n'
SHOW = "cat $HOME/.npm/kept 2>/dev/null || echo nothing kept; "
KEEP = "mkdir -p $HOME/.npm; echo kept by $WORKERS_CI_BRANCH > $HOME/.npm/kept; "


@pytest.fixture
def cached(kiln, repo, name):
    """A repository with a lock file whose trigger keeps caches."""
    repo.commit({"package.json": PACKAGE, "package-lock.json": LOCK})
    return Cached(kiln, repo, name)


class Cached:
    def __init__(self, kiln, repo, name, command=SHOW + KEEP, deploy="true"):
        self.kiln, self.repo, self.name = kiln, repo, name
        answer = kiln.connect(repo.bare, name, build_command=command, deploy_command=deploy,
                              preview_deploy_command=deploy)
        self.triggers = [t["trigger_uuid"] for t in answer["triggers"]]
        for trigger in self.triggers:
            kiln.call("PATCH", f"/triggers/{trigger}", {"build_caching_enabled": True}).result

    def set(self, **fields):
        for trigger in self.triggers:
            self.kiln.call("PATCH", f"/triggers/{trigger}", fields).result

    def start(self, files=None, branch=None):
        self.repo.commit(files, branch=branch)
        return self.repo.push()[0]

    def build(self, files=None, branch=None, outcome="success"):
        uuid = self.start(files, branch)
        assert self.kiln.wait(uuid)["build_outcome"] == outcome, "\n".join(self.kiln.build_log(uuid))
        return self.kiln.build_log(uuid)

    def purge(self):
        for trigger in self.triggers:
            self.kiln.call("POST", f"/triggers/{trigger}/purge_build_cache").result

    def archives(self):
        root = self.kiln.data / "runner" / "cache"
        return sorted(p for t in self.triggers for p in root.glob(f"*/{t}-*/*/*.tar.zst"))


def test_a_successful_build_saves_and_the_next_one_restores_in_the_published_words(cached):
    first = cached.build()
    assert "nothing kept" in first and "Uploading to dependency cache" in first
    assert "Success: Dependencies uploaded to build cache." in first
    assert "Skipping build output cache as it's not supported for your project" in first
    assert "Restoring from dependencies cache" not in first
    second = cached.build()
    assert "kept by main" in second
    order = ["Cloning repository...", "Restoring from dependencies cache", "Executing user deploy command: true",
             "Success! Build completed."]
    assert [line for line in second if line in order] == order
    # The same lock file: there is nothing new to save.
    assert "Uploading to dependency cache" not in second
    assert "Dependencies cache is up to date: the lock file has not changed since it was saved" in second


def test_another_lock_file_is_saved_again_over_what_was_there(cached):
    cached.build()
    (before,) = cached.archives()
    log = cached.build({"package-lock.json": LOCK + "\n"})
    assert "kept by main" in log and "Success: Dependencies uploaded to build cache." in log
    (after,) = cached.archives()
    assert after != before


def test_without_the_triggers_word_nothing_is_kept(kiln, repo, name):
    repo.commit({"package.json": PACKAGE, "package-lock.json": LOCK})
    cached = Cached(kiln, repo, name)
    cached.set(build_caching_enabled=False)
    log = cached.build()
    assert cached.archives() == [] and not any("cache" in line.lower() for line in log)


def test_a_failing_build_saves_nothing(cached):
    cached.set(build_command=KEEP + "exit 3")
    cached.build(outcome="fail")
    assert cached.archives() == []
    cached.set(build_command=KEEP, deploy_command="exit 3")
    cached.build(outcome="fail")
    assert cached.archives() == []


def test_a_purge_empties_the_cache(cached):
    cached.build()
    assert len(cached.archives()) == 1
    cached.purge()
    assert "nothing kept" in cached.build()


def test_a_build_that_began_before_a_purge_does_not_bring_the_old_cache_back(kiln, cached):
    cached.build()
    # Its own folder of lent archives is the one that the test can reach from outside.
    cached.set(build_command=SHOW + KEEP + "echo waiting; until [ -e /opt/kiln/cache/go ]; do sleep 0.05; done")
    uuid = cached.start({"package-lock.json": LOCK + "\n\n"})
    kiln.wait_log(uuid, "waiting")
    cached.purge()
    (kiln.data / "runner" / "cache" / ".lent" / f"{uuid}-1" / "go").touch()
    assert kiln.wait(uuid)["build_outcome"] == "success"
    log = kiln.build_log(uuid)
    assert "The build cache is not saved: it was purged while this build ran." in log
    assert cached.archives() == []
    cached.set(build_command=SHOW)
    assert "nothing kept" in cached.build()


def test_other_branches_do_not_write_what_production_reads(kiln, repo, name):
    repo.commit({"package.json": PACKAGE, "package-lock.json": LOCK})
    cached = Cached(kiln, repo, name)
    # One trigger for main and all others, so that only the levels stand between them.
    main = cached.triggers[0]
    for other in cached.triggers[1:]:
        kiln.call("DELETE", f"/triggers/{other}").result
    cached.triggers = [main]
    cached.set(branch_includes=["main", "*"])
    assert "nothing kept" in cached.build(branch="feature")
    assert "kept by feature" in cached.build(branch="feature")
    assert "nothing kept" in cached.build(branch="main")
    assert "kept by main" in cached.build(branch="main")
    levels = {p.parent.name for p in cached.archives()}
    assert levels == {"branch", "production"}


def test_a_branch_without_a_cache_of_its_own_reads_productions(kiln, repo, name):
    repo.commit({"package.json": PACKAGE, "package-lock.json": LOCK})
    cached = Cached(kiln, repo, name)
    cached.set(branch_includes=["main", "*"])
    cached.build(branch="main")
    assert "kept by main" in cached.build(branch="feature")


def test_a_build_output_cache_comes_back_after_the_install(cached):
    astro = '{"name": "x", "version": "1.0.0", "devDependencies": {"astro": "*"}}\n'
    cached.set(build_command="cat node_modules/.astro/state 2>/dev/null || echo no state; "
                             "mkdir -p node_modules/.astro; echo the state > node_modules/.astro/state")
    skip = "SKIP_DEPENDENCY_INSTALL"
    for trigger in cached.triggers:
        cached.kiln.call("PATCH", f"/triggers/{trigger}/environment_variables", {skip: {"is_secret": False, "value": "1"}}).result
    first = cached.build({"package.json": astro})
    assert "no state" in first and "Success: Build output uploaded to build cache." in first
    second = cached.build()
    assert "Restoring from build output cache" in second and "the state" in second


# --- tricks ---

def test_links_in_the_cache_stay_links_and_reach_nothing(kiln, cached):
    secret = kiln.data / "kiln.db"
    cached.set(build_command=f"mkdir -p $HOME/.npm; ln -s {secret} $HOME/.npm/db; ln -s / $HOME/.npm/top; "
                             "ln -s ../../../../etc/passwd $HOME/.npm/up; mkfifo $HOME/.npm/pipe")
    cached.build()
    (archive,) = cached.archives()
    plain = subprocess.run(["zstd", "-dqc", archive], check=True, capture_output=True).stdout
    assert b"SQLite format" not in plain and b"root:" not in plain
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getmember(".npm/db").issym()
    cached.set(build_command="ls -l $HOME/.npm; cat $HOME/.npm/db; true")
    log = "\n".join(cached.build())
    assert "Restoring from dependencies cache" in log and "SQLite format" not in log


def test_a_cache_folder_that_is_a_link_is_not_followed(cached):
    cached.set(build_command="rm -rf $HOME/.npm; ln -s /usr $HOME/.npm")
    log = cached.build()
    assert cached.archives() == [] and any("the dependencies cache is not saved" in line for line in log)


def poison(archive, members):
    """Writes an archive as nobody's build can, but a bug or a burglar might."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data) if data is not None else None)
    packed = subprocess.run(["zstd", "-q"], input=raw.getvalue(), check=True, capture_output=True).stdout
    archive.write_bytes(packed)


def member(path, kind=tarfile.REGTYPE, link="", mode=0o644, data=None):
    info = tarfile.TarInfo(path)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(data or b"")
    return info, data


def test_a_poisoned_archive_reaches_nothing_outside_its_folders(kiln, cached, tmp_path):
    cached.build()
    (archive,) = cached.archives()
    mark = tmp_path / "mark"
    poison(archive, [
        member(".npm", tarfile.DIRTYPE, mode=0o755), member(".npm/fine", data=b"fine\n"),
        member("../escaped", data=b"x"), member(str(mark), data=b"x"), member(".npm/../../../escaped2", data=b"x"),
        member(".npm/out", tarfile.SYMTYPE, str(tmp_path)), member(".npm/out/mark", data=b"x"),
        member(".profile", data=b"x"), member("repo/package.json", data=b"x"),
        member(".npm/suid", mode=0o4755, data=b"x"),
    ])
    cached.set(build_command="ls -a $HOME $HOME/.npm /opt; cat package.json; find / -xdev -perm -4000 -path '*npm*' 2>/dev/null; true")
    log = "\n".join(cached.build())
    assert not mark.exists() and not (tmp_path / "mark").exists()
    assert ".profile" not in log and "escaped" not in log and '"version"' in log
    # os.walk forgives folders of builds that go away meanwhile.
    assert not [name for _, _, files in os.walk(kiln.data) for name in files if name.startswith("escaped")]


@pytest.mark.parametrize("broken", [b"this is no archive", b""])
def test_a_broken_archive_is_dropped_and_the_build_goes_on(cached, broken):
    cached.build()
    (archive,) = cached.archives()
    archive.write_bytes(broken)
    log = cached.build()
    assert "Warning: the dependencies cache could not be read and is not used" in log and "nothing kept" in log
    assert "kept by main" in cached.build()


def test_devices_in_an_archive_fail_its_restore_and_not_the_build(cached):
    cached.build()
    (archive,) = cached.archives()
    device = tarfile.TarInfo(".npm/null")
    device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 3
    poison(archive, [member(".npm", tarfile.DIRTYPE, mode=0o755), (device, None)])
    cached.set(build_command="ls $HOME/.npm/null || echo gone")
    assert "gone" in cached.build()


def test_a_build_cannot_change_an_archive_or_see_another_levels(cached):
    cached.build()
    cached.set(build_command="ls /opt/kiln/cache; touch /opt/kiln/cache/x; true > /opt/kiln/cache/dependencies-npm; "
                             "rm /opt/kiln/cache/dependencies-npm; true")
    (before,) = [p.read_bytes() for p in cached.archives()]
    log = "\n".join(cached.build())
    assert log.count("Read-only file system") == 3, log
    assert [p.read_bytes() for p in cached.archives()] == [before]


def test_archives_are_kept_from_the_machines_other_users(kiln, cached):
    cached.build()
    assert os.stat(kiln.data / "runner" / "cache").st_mode & 0o077 == 0
    until(lambda: not list((kiln.data / "runner" / "cache" / ".lent").iterdir()), "lent archives to be taken back", 10)
