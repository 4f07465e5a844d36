"""Each probe of inside/ as a real build: it must be contained, and the same probe without a sandbox must not be."""
import pytest
from .names import PROBES, WITHOUT_CONTROL


@pytest.mark.parametrize("name", PROBES)
def test_contained(inside, outside, name):
    verdict = inside.get(name, "broken it said nothing")
    if verdict.startswith("skipped"):
        pytest.skip(verdict)
    assert verdict == "contained"
    if name in WITHOUT_CONTROL:
        return
    controls = [found.get(name, "broken it said nothing") for found in outside]
    if not any(control.startswith("ESCAPED") for control in controls):
        pytest.skip(f"shows nothing on this machine: without a sandbox it is {' and '.join(controls)}")
