"""Submodules and Git LFS pointers in a build's checkout."""
import hashlib

import pytest

from harness.githost import GitHost, Repo, git

BUILD = "cat a lib/b lib/deep/c; git -C lib status --porcelain; echo end of it"


def with_submodule(host, name, address):
    """acme/NAME with acme/NAME-lib at lib/, which has acme/NAME-deep at deep/."""
    deep, lib, top = (Repo(host.folder, f"{name}{part}") for part in ("-deep", "-lib", ""))
    deep.commit({"c": "from the deep\n"})
    deep.push()
    allow = ("-c", "protocol.file.allow=always", "submodule", "add", "-q")
    git(lib.work, *allow, deep.bare, "deep")
    git(lib.work, "config", "-f", ".gitmodules", "submodule.deep.url", f"../{name}-deep.git")
    lib.commit({"b": "from the library\n"})
    lib.push()
    git(top.work, *allow, lib.bare, "lib")
    git(top.work, "config", "-f", ".gitmodules", "submodule.lib.url", address)
    top.commit({"a": "from the top\n"})
    top.push()
    return f"{host.url}/acme/{name}.git"


def run(kiln, url, name, **options):
    kiln.connect(url, name, build_command=BUILD, deploy_command="true", **options)
    number = kiln.cli_json("build", name)["build_uuid"]
    return kiln.wait(number), kiln.build_log(number)


def test_those_of_the_same_host_are_there_also_in_each_other(kiln, host, name):
    build, log = run(kiln, with_submodule(host, name, f"../{name}-lib.git"), name)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert {"Updating repository submodules: lib, lib/deep", "from the top", "from the library", "from the deep"} <= set(log)
    assert log[log.index("from the deep") + 1] == "end of it", "the work tree is clean"


def test_credentials_reach_the_same_host_alone(fresh_kiln, tmp_path, name):
    """A private host's submodule comes with its password; the same repository under another name of the host does not."""
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geheim")
    private.folder = tmp_path / "host" / "acme"
    try:
        port = private.server.server_address[1]
        kiln = fresh_kiln(f"[runner]\nforward_ports = [{port}]\n")
        own = private.url.replace("//", "//kiln:geheim@")
        with_submodule(private, name, f"../{name}-lib.git")
        build, log = run(kiln, f"{own}/acme/{name}.git", name)
        assert build["build_outcome"] == "success" and "from the deep" in log, "\n".join(log)
        other = f"{name}x"
        with_submodule(private, other, f"http://localhost:{port}/acme/{other}-lib.git")
        build, log = run(kiln, f"{own}/acme/{other}.git", other)
        assert build["build_outcome"] == "fail" and "geheim" not in "\n".join(log)
        assert "Failed: error occurred while updating repository submodules" in log
        assert any("submodule lib: fatal:" in line and "could not read" in line for line in log), "\n".join(log)
    finally:
        private.stop()


def test_one_of_another_host_is_fetched_from_inside_the_sandbox(fresh_kiln, host, name):
    port = host.server.server_address[1]
    url = with_submodule(host, name, f"http://localhost:{port}/acme/{name}-lib.git")
    reached = fresh_kiln(f"[runner]\nforward_ports = [{port}]\n")
    build, log = run(reached, url, name)
    assert "Warning: the submodules of lib, which comes from another host, are not fetched." in log
    assert "from the library" in log and "Updating repository submodules: lib" in log, "\n".join(log)
    walled = fresh_kiln()
    build, log = run(walled, url, name)
    assert build["build_outcome"] == "fail" and "Failed: error occurred while updating repository submodules" in log


@pytest.mark.parametrize("address", ["/etc", "file:///etc", "ext::touch /tmp/mark", "--upload-pack=touch /tmp/mark", "../../../x"])
def test_one_that_may_not_be_fetched_is_told_about(kiln, host, name, address):
    build, log = run(kiln, with_submodule(host, name, address), name)
    assert any(line.startswith("Warning: the submodule lib is not fetched: ") for line in log), "\n".join(log)
    assert "from the top" in log and "from the library" not in log


@pytest.mark.parametrize("opened", ["connected", "allowed", "closed"])
def test_one_beside_a_local_repository(fresh_kiln, tmp_path, name, opened):
    """Fetched when the account has connected it, too, or when its folder is open to git; else the words say what is missing."""
    lib, app = (Repo(tmp_path / "git", f"{name}{part}") for part in ("-lib", ""))
    lib.commit({"b": "from the library\n"})
    lib.push()
    git(app.work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", lib.bare, "lib")
    git(app.work, "config", "-f", ".gitmodules", "submodule.lib.url", f"../{name}-lib.git")
    app.commit({"a": "from the top\n"})
    folder = f', "{tmp_path}/git"' if opened == "allowed" else ""
    kiln = fresh_kiln(f'[git]\nallow = ["127.0.0.0/8"{folder}]\n')
    if opened == "connected":
        kiln.connect(lib.bare, f"{name}-lib", build_command="true", deploy_command="true")
    kiln.connect(app.bare, name, build_command="cat a lib/b; git -C lib status --porcelain", deploy_command="true")
    (number,) = app.push()
    build, log = kiln.wait(number), kiln.build_log(number)
    if opened == "closed":
        (line,) = [line for line in log if "the submodule lib is not fetched" in line]
        assert "is a repository of the runner's machine that is not connected here" in line and "kiln connect" in line
        assert str(tmp_path) not in line
        return
    assert build["build_outcome"] == "success" and "from the library" in log, "\n".join(log)


ATTRIBUTES = {".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n"}


def pointer(content):
    oid = hashlib.sha256(content).hexdigest()
    return oid, f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def test_pointers_of_lfs_that_nobody_has_are_told_about(kiln, repo, name):
    _, text = pointer(b"nowhere")
    repo.commit(ATTRIBUTES | {"a/x.png": text, "y.png": text, "z.png": "a real one", "like.txt": text})
    kiln.connect(repo.bare, name, build_command="head -1 y.png", deploy_command="true")
    (number,) = repo.push()
    assert kiln.wait(number)["build_outcome"] == "success"
    (line,) = [line for line in kiln.build_log(number) if "Git LFS" in line]
    assert line.startswith("Warning: 2 of the files stay pointers of Git LFS") and "does not have it" in line


def test_contents_of_lfs_come_from_a_local_repository(kiln, repo, name):
    content = bytes(range(256)) * 1000
    oid, text = pointer(content)
    odd = "a b/-$(touch x)'\"=1.png"
    repo.commit(ATTRIBUTES | {odd: text, "y.png": text, "like.txt": text})
    place = repo.bare / "lfs" / "objects" / oid[:2] / oid[2:4]
    place.mkdir(parents=True)
    (place / oid).write_bytes(content)
    kiln.connect(repo.bare, name, deploy_command="true",
                 build_command="sha256sum y.png a*/* like.txt; git status --porcelain; echo end of it; ls .git")
    (number,) = repo.push()
    build, log = kiln.wait(number), kiln.build_log(number)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert len([line for line in log if oid in line]) == 2, "\n".join(log)
    assert "Fetched the contents of 2 files of Git LFS (" in "\n".join(log)
    end = log.index("end of it")
    assert "like.txt" in log[end - 1], "the work tree is clean"
    assert not any("kiln-lfs" in line for line in log)


def test_contents_of_lfs_come_from_a_host_with_its_password(fresh_kiln, tmp_path, name):
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geheim")
    try:
        kiln = fresh_kiln()
        repo = Repo(tmp_path / "host" / "acme", name)
        content, wrong = b"the picture", b"another picture"
        oid, text = pointer(content)
        lost, lost_text = pointer(b"lost")
        false, false_text = pointer(wrong)
        private.lfs |= {oid: content, false: b"ANOTHER picture"}
        repo.commit(ATTRIBUTES | {"y.png": text, "lost.png": lost_text, "false.png": false_text})
        repo.push()
        kiln.connect(private.url.replace("//", "//kiln:geheim@") + f"/acme/{name}.git", name, deploy_command="true",
                     build_command="cat y.png; echo; head -1 lost.png false.png; ! grep -rq geheim .git /opt/kiln/mirror")
        number = kiln.cli_json("build", name)["build_uuid"]
        build, log = kiln.wait(number), kiln.build_log(number)
        assert build["build_outcome"] == "success", "\n".join(log)
        assert "the picture" in log
        assert log.count("version https://git-lfs.github.com/spec/v1") == 2, "neither what is lost nor what is false"
        assert any("the files of 2 others stay pointers of Git LFS" in line for line in log), "\n".join(log)
        assert "geheim" not in "\n".join(log)
    finally:
        private.stop()
