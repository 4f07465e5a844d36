"""The probes' names, for the tests; the probes themselves run elsewhere."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "inside"))
sys.dont_write_bytecode = True

import run  # noqa: E402,F401
from probing import PROBES, WITHOUT_CONTROL  # noqa: E402,F401
