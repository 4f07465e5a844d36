"""One browser for the whole run."""
import pytest

from harness.server import ROOT
from .browser import Browser


@pytest.fixture(scope="session")
def browser():
    assert (ROOT / "web/dist/index.html").exists(), "make page makes web/dist"
    driven = Browser()
    yield driven
    driven.stop()
