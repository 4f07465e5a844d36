"""The ground of these tests: a server without a runner of its own, and those who use it by right."""
import pytest

from .people import QUIET, People


@pytest.fixture
def people(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln(QUIET)
    made = kiln.connect(worker_repo.bare, name)
    worker_repo.push()
    found = People(kiln, made["triggers"][0]["trigger_uuid"], made["worker"]["tag"])
    # The push's own build.
    _, claimed = found._post("claim", '{"runner_id": "people", "wait_ms": 0}')
    found._post(f"builds/{claimed['job']['build_uuid']}/finish",
                '{"lease_id": "%s", "outcome": "success", "reason": ""}' % claimed["job"]["lease_id"])
    return found
