"""GET /metrics with 1,000 Workers as labels, against the goal of 20 ms."""
import subprocess

from harness.server import BUILD

subprocess.run([BUILD / "bench" / "metrics_scrape"], check=True)
