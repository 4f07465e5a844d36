"""A build's sandbox, set up and torn down, against bare bubblewrap running `true` in the same namespaces."""
import subprocess
import sys

from harness.server import BUILD

subprocess.run([BUILD / "bench" / "sandbox_setup", *sys.argv[1:2]], check=True)
