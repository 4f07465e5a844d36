"""These run when `make test-projects` asks for them: each project brings its framework, which is too much for every run."""
import os

import pytest

from harness.server import Kiln

collect_ignore = [] if os.environ.get("KILN_TEST_PROJECTS") == "1" else ["test_frameworks.py"]

# Nobody but the registry hears of these builds.
CONFIG = """
[builds]
concurrency = 1
timeout_seconds = 2400
[runner.environment]
ASTRO_TELEMETRY_DISABLED = "1"
CLOUDFLARE_CF_FETCH_ENABLED = "false"
DO_NOT_TRACK = "1"
NEXT_TELEMETRY_DISABLED = "1"
NUXT_TELEMETRY_DISABLED = "1"
TURBO_TELEMETRY_DISABLED = "1"
YARN_ENABLE_TELEMETRY = "0"
"""


@pytest.fixture(scope="session")
def kiln(tmp_path_factory):
    server = Kiln(tmp_path_factory.mktemp("kiln"), CONFIG).start()
    yield server
    server.stop()
