"""How long from a push to the first byte of the user's build command, warm, against doing the same by hand.

By hand: `git fetch` of the pushed commit into a warm mirror, a checkout, and `bwrap true`. Kiln's own two figures: from
the hook's acceptance (the build's created_on) to the first line that the build command printed (its time of arrival),
and from the start of `git push` to that line. Rounds alternate, so that a slow moment of the machine hits both."""
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.githost import GIT_ENV, Repo
from harness.server import Kiln

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 21


def ms_of(stamp):
    from datetime import datetime
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000


def by_hand(mirror, folder, bare, commit):
    """The same work with the plain tools, as a shell script so that no Python is timed."""
    script = ('set -e; git -C "$1" fetch -q "$2" main; git clone -q --shared --no-checkout "$1" "$3"; '
              'git -C "$3" checkout -q --detach "$4"; '
              'bwrap --unshare-all --share-net --die-with-parent --ro-bind /usr /usr --symlink usr/bin /bin '
              '--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --bind "$3" /repo true')
    began = time.monotonic()
    subprocess.run(["sh", "-c", script, "sh", mirror, bare, folder, commit], env=GIT_ENV, check=True)
    elapsed = (time.monotonic() - began) * 1000
    shutil.rmtree(folder)
    return elapsed


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        kiln = Kiln(folder).start()
        try:
            repo = Repo(folder, "small")
            for number in range(20):
                repo.write({f"src/file{number}.js": f"export const n = {number};\n" * 20})
            kiln.connect(repo.bare, "small", build_command="echo first-byte", deploy_command="true")
            mirror = folder / "mirror.git"
            subprocess.run(["git", "init", "-q", "--bare", mirror], env=GIT_ENV, check=True)
            accepted, pushed, hand = [], [], []
            for number in range(ROUNDS + 2):
                commit = repo.commit({"src/file1.js": f"export const n = {number};\n"})
                began = time.time() * 1000
                (uuid,) = repo.push()
                build = kiln.wait(uuid)
                lines = kiln.get(f"/builds/{uuid}/logs").result["lines"]
                first = next(at for at, text in lines if text == "first-byte")
                manual = by_hand(mirror, folder / "hand", repo.bare, commit)
                if number >= 2:  # the first rounds warm the mirror and the page cache
                    accepted.append(first - ms_of(build["created_on"]))
                    pushed.append(first - began)
                    hand.append(manual)
        finally:
            kiln.stop()
    for name, values in (("hook accepted -> first byte", accepted), ("git push -> first byte", pushed),
                         ("by hand: fetch, checkout, bwrap true", hand)):
        print(f"{name:40} median {statistics.median(values):6.0f} ms   min {min(values):4.0f}   max {max(values):4.0f}")
    ratio = statistics.median(p / h for p, h in zip(pushed, hand))
    print(f"git push -> first byte is {ratio:.2f}x of by hand (goal: at most 3x)")
    print(f"hook accepted -> first byte is {statistics.median(accepted) / 100:.2f}x of 100 ms (goal: at most 1x)")


if __name__ == "__main__":
    main()
