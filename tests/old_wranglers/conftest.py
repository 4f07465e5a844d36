"""These run when `make test-wranglers` asks for them: each release brings a workerd of its own, which is too much for every run."""
import os

collect_ignore = [] if os.environ.get("KILN_TEST_WRANGLERS") == "1" else ["test_old_wranglers.py"]
