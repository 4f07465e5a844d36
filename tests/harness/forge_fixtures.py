"""Fixtures that start source hosts: see tests/forges/README.md."""
import pytest

from .forges import CONTRACTS, Checker, Forge, PREFIX
from .receivers import Receiver


@pytest.fixture
def forge(tmp_path):
    """Starts fakes of the test's own: forge("github"). Each is stopped at the end."""
    made = []

    def make(kind):
        made.append(Forge(kind, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture(scope="session")
def checked_forges(tmp_path_factory):
    """Kind → a fake behind its contract checker, started when it is first asked for."""
    made = {}
    yield made
    for one in made.values():
        one.stop()


@pytest.fixture
def checked_forge(checked_forges, tmp_path_factory):
    """Hands out fakes behind a checker, empty: checked_forge("github"). One a session and kind, so that no test may keep it. A test in which
    the contract was violated fails, unless it says forge.may_violate = True."""
    used = {}

    def take(kind):
        if kind not in checked_forges:
            folder = tmp_path_factory.mktemp(kind)
            made = Forge(kind, folder)
            checked_forges[kind] = made.behind(Checker(CONTRACTS[kind], made.own_url, folder, prefix=PREFIX[kind]))
        one = checked_forges[kind]
        one.reset()
        one.may_violate = False
        used[kind] = len(one.checker.log())
        return one

    yield take
    for kind, since in used.items():
        one = checked_forges[kind]
        wrong = one.checker.violations(since)
        assert one.may_violate or not wrong, f"not as {kind}'s contract says:\n" + "\n".join(wrong)


@pytest.fixture
def receiver():
    """Starts receivers of what Kiln and fakes send: receiver() or receiver(answer). Each is stopped at the end."""
    made = []

    def make(*answer):
        made.append(Receiver(*answer))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def hook_inbox(receiver):
    """A receiver of webhooks that is not Kiln."""
    return receiver(lambda request: 200)
