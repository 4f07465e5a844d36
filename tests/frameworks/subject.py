"""A project of projects/: how it is built, and what its Worker must answer."""
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from test_serving import fetch, url_of

PROJECTS = Path(__file__).parent / "projects"


@dataclass
class Subject:
    title: str
    folder: str               # below projects/
    packages: list            # whose versions the table names
    answers: dict             # what is asked → the check of it, which gets the Site
    build: str = ""           # the build command
    root: str = "/"
    workers: dict = None      # Worker → its folder, where there are several; in the order in which they are deployed
    log: str = ""             # a line of each build's log
    notes: str = ""

    def versions(self):
        """As the project pins them: "name 1.2.3"."""
        texts = [file.read_text() for file in sorted((PROJECTS / self.folder).rglob("package.json"))]
        pins = {}
        for package in map(json.loads, texts):
            pins |= package.get("dependencies", {}) | package.get("devDependencies", {})
            manager = package.get("devEngines", {}).get("packageManager")
            named = package.get("packageManager") or (f"{manager['name']}@{manager['version']}" if manager else "")
            pins |= dict([named.split("+")[0].split("@")]) if named else {}
        return [f"{name} {pins[name]}" for name in self.packages]

    def row(self, outcomes):
        """Of the table in the docs. `outcomes`: of the build ("") and of each answer."""
        fails = [what for what in self.answers if outcomes[what] != "works"]
        answers = [*(what for what in self.answers if what not in fails), *(f"**fails**: {what}" for what in fails)]
        return [self.title, ", ".join(self.versions()) or "none", outcomes[""], "; ".join(answers), self.notes or "none"]


class Site:
    """Its Worker as visitors find it."""

    def __init__(self, kiln, worker, log):
        self.kiln, self.url, self.log = kiln, url_of(kiln, worker), log

    def ask(self, path="/", **headers):
        """(status, headers, body)"""
        return fetch(self.kiln, self.url + path.lstrip("/"), **headers)

    def page(self, path="/", **headers):
        """The text of a page, without the comments that frameworks put between values."""
        status, _, body = self.ask(path, **headers)
        assert status == 200, f"{path}: {status} {body[:2000]}"
        return re.sub(r"<!--.*?-->", "", body)


def push(kiln, repo, subject):
    """Pushes the project to a Kiln that knows its Workers one after another; the Site of the last."""
    shutil.copytree(PROJECTS / subject.folder, repo.work, dirs_exist_ok=True)
    repo.commit({".gitignore": "node_modules\n"})
    for worker, root in (subject.workers or {subject.folder: subject.root}).items():
        build = {"build_command": subject.build} if subject.build else {}
        kiln.connect(repo.bare, worker, root_directory=root, **build)
        repo.commit()
        for uuid in repo.push():
            done, log = kiln.wait(uuid, 2400), kiln.build_log(uuid)
            assert done["build_outcome"] == "success" and len(done["version_ids"]) == 1, "\n".join(log)
            assert subject.log in "\n".join(log), "\n".join(log)
    return Site(kiln, worker, log)
