"""What real projects bring: pushed, built by their own tools, deployed, and their pages fetched; docs/compatibility.md says so."""
import pytest

from harness import compatibility

from .subject import push
from .subjects import ALL

HEAD = ["project", "versions", "builds", "answers", "what to know"]


@pytest.fixture(scope="module")
def outcomes():
    return {}


@pytest.mark.parametrize("subject", ALL, ids=lambda subject: subject.folder)
def test_a_project_is_built_and_answers(kiln, repo, outcomes, subject):
    mine = outcomes[subject.folder] = {"": "fails"} | dict.fromkeys(subject.answers, "fails")
    site = push(kiln, repo, subject)
    mine[""] = "works"
    for what, answers in subject.answers.items():
        answers(site)
        mine[what] = "works"


def test_the_table_in_the_docs_says_so(outcomes):
    """Rows of projects that this run left out stay as they are."""
    stands = {row[0]: row for row in compatibility.rows_of("frameworks")}
    rows = [subject.row(outcomes[subject.folder]) if subject.folder in outcomes else stands[subject.title]
            for subject in ALL if subject.folder in outcomes or subject.title in stands]
    compatibility.hold("frameworks", compatibility.table(HEAD, rows), "make test-projects")
