"""A warm rebuild of the Vite + React project, install step included, against the same commands by hand.

By hand: `npm clean-install && npm run build` in a folder where both have run before, with a filled ~/.npm and the same
Node. Kiln: from the build's created_on to its stopped_on with a warm dependencies cache, sandbox, checkout, restore and
log included. Rounds alternate, so that a slow moment of the machine hits both."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from harness.githost import Repo
from harness.server import NODE, ROOT, Kiln

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
PROJECT = ROOT / "tests" / "projects" / "vite-react"
STEPS = ("Cloning repository...", "Restoring from dependencies cache", "Detected the following tools", "Installing project",
         "Executing user build command", "Executing user deploy command", "Success! Build completed.")


def ms_of(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000


def by_hand(folder, home):
    env = {"PATH": f"{NODE.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "CI": "true", "LANG": "C.UTF-8",
           "npm_config_update_notifier": "false"}
    # Where a registry has a certificate of the operator's own.
    env |= {name: os.environ[name] for name in ("NODE_EXTRA_CA_CERTS",) if name in os.environ}
    began = time.monotonic()
    done = subprocess.run(["sh", "-c", "npm clean-install --progress=false && npm run build"], cwd=folder, env=env,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return (time.monotonic() - began) * 1000


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hand_folder, home = folder / "hand", folder / "home"
        shutil.copytree(PROJECT, hand_folder)
        home.mkdir()
        kiln = Kiln(folder).start()
        try:
            repo = Repo(folder, "vite")
            shutil.copytree(PROJECT, repo.work, dirs_exist_ok=True)
            answer = kiln.connect(repo.bare, "vite", build_command="npm run build", deploy_command="true")
            trigger = answer["triggers"][0]["trigger_uuid"]
            kiln.call("PATCH", f"/triggers/{trigger}", {"build_caching_enabled": True}).result
            kilns, hands, steps = [], [], {}
            for number in range(ROUNDS + 2):
                repo.commit({"round.txt": str(number)})
                (uuid,) = repo.push()
                build = kiln.wait(uuid)
                assert build["build_outcome"] == "success", kiln.build_log(uuid)
                lines = kiln.get(f"/builds/{uuid}/logs").result["lines"]
                manual = by_hand(hand_folder, home)
                if number < 2:  # the first rounds warm everything
                    continue
                kilns.append(ms_of(build["stopped_on"]) - ms_of(build["created_on"]))
                hands.append(manual)
                for step in STEPS:
                    at = next((at for at, text in lines if text.startswith(step)), None)
                    if at is not None:
                        steps.setdefault(step, []).append(at - ms_of(build["created_on"]))
        finally:
            kiln.stop()
    for step, times in steps.items():
        print(f"  {step:40} at {statistics.median(times):6.0f} ms")
    for name, values in (("Kiln, warm: created -> stopped", kilns), ("by hand in a warm folder", hands)):
        print(f"{name:42} median {statistics.median(values):6.0f} ms   min {min(values):5.0f}   max {max(values):5.0f}")
    ratio = statistics.median(k / h for k, h in zip(kilns, hands))
    print(f"a warm rebuild is {ratio:.2f}x of by hand (goal: at most 1.15x)")


if __name__ == "__main__":
    main()
