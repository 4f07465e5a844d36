"""What the network wall costs a sandbox at its start, against the same sandbox in the host's network."""
import subprocess
import sys

from harness.server import BUILD

subprocess.run([BUILD / "bench" / "sandbox_network", *sys.argv[1:2]], check=True)
