"""A build that prints 200 MB, against `sh build > file`, and what server and runner hold in memory meanwhile."""
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.githost import Repo
from harness.server import Kiln
from idle_memory import processes, resident_mb
from push_to_first_byte import ms_of

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 200
LINE = "a line of a build's output, as long as such lines are at the average 70"


def main():
    command = f"yes \"{LINE}\" | head -c {MEGABYTES}M"
    with tempfile.TemporaryDirectory() as temporary:
        kiln = Kiln(temporary).start()
        try:
            repo = Repo(temporary, "loud")
            kiln.connect(repo.bare, "loud", build_command=command, deploy_command="true")
            most, done = [0.0], threading.Event()

            def watch():
                pids = processes(kiln.process.pid).values()
                while not done.wait(0.02):
                    most[0] = max(most[0], sum(resident_mb(pid) for pid in pids))

            watcher = threading.Thread(target=watch)
            ratios = []
            watcher.start()
            for number in range(3):
                repo.commit({"a": str(number)})
                build = kiln.wait(repo.push()[0], 300)
                assert build["build_outcome"] == "success"
                lines = kiln.get(f"/builds/{build['build_uuid']}/logs").result["lines"]
                begin = next(at for at, text in lines if text.startswith("Executing user build command"))
                took = (ms_of(build["stopped_on"]) - begin) / 1000
                began = time.monotonic()
                subprocess.run(["sh", "-c", f"{command} > {Path(temporary) / 'out'}"], check=True)
                ratios.append(took / (time.monotonic() - began))
                print(f"build {took:.2f} s, {ratios[-1]:.2f}x of sh build > file")
            done.set()
            watcher.join()
        finally:
            done.set()
            kiln.stop()
    print(f"median {sorted(ratios)[1]:.2f}x of sh build > file (goal: at most 2x)")
    print(f"server and runner held {most[0]:.0f} MB at most, {most[0] / 80:.2f}x of 80 MB (goal: at most 1x)")


if __name__ == "__main__":
    main()
