"""python3 bombs.py: uses up everything a build may have, one thing after the other, and tells how far it came."""
import os
import signal
import subprocess
import time

MANY = 400  # more processes than the limit


def tell(name, is_held, words):
    print("PROBE", name, "contained" if is_held else "ESCAPED", words, flush=True)


def fork_bomb():
    children, refused = [], 0
    for _ in range(MANY):
        try:
            child = os.fork()
        except OSError:
            refused += 1
            continue
        if child == 0:
            signal.pause()
        children.append(child)
    tell("fork-bomb", refused > 0, f"{len(children)} started")
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def zombies():
    """Children that end and that nobody asks for."""
    made, refused = [], 0
    for _ in range(MANY):
        try:
            child = os.fork()
        except OSError:
            refused += 1
            break
        if child == 0:
            os._exit(0)
        made.append(child)
    tell("zombie-flood", refused > 0, f"{len(made)} made")
    for child in made:
        os.waitpid(child, 0)


def fill(name, folder, most):
    """One file, until there is no room; `most` MiB are more than there may be."""
    path, written = f"{folder}/filler", 0
    try:
        with open(path, "wb", buffering=0) as file:
            while written < most:
                written += file.write(bytes(1 << 20)) / (1 << 20)
        full = False
    except OSError:
        full = True
    os.unlink(path)
    tell(name, full, f"{written:.0f} MiB")


def inodes():
    os.mkdir("many")
    made = 0
    try:
        while made < 60_000:
            os.close(os.open(f"many/{made}", os.O_CREAT | os.O_WRONLY, 0o600))
            made += 1
        full = False
    except OSError:
        full = True
    subprocess.run(["rm", "-rf", "many"], check=True)
    tell("inode-filling", full, f"{made} files")


REFUSED = 75


def memory():
    child = os.fork()
    if child == 0:
        kept = []
        try:
            while len(kept) < 100:  # 1 GB, over three times the limit
                kept.append(bytearray(os.urandom(1) * (10 << 20)))
        except MemoryError:
            os._exit(REFUSED)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    # With cgroups the kernel ends the process; without, the limit of each process refuses it more.
    refused = os.WIFEXITED(status) and os.WEXITSTATUS(status) == REFUSED
    tell("memory-hog", os.WIFSIGNALED(status) or refused, "refused" if refused else f"status {status}")


def long_line():
    """100 MB without an end of line: the log must neither grow with it nor stop."""
    subprocess.run("head -c 100000000 /dev/zero | tr '\\0' a", shell=True, check=True)
    print(flush=True)


if __name__ == "__main__":
    started = time.monotonic()
    fork_bomb()
    zombies()
    fill("disk-filling", ".", 200)
    fill("tmp-filling", "/tmp", 200)
    inodes()
    fill("run-filling", "/run", 200)
    memory()
    print(f"PROBE-TIME {time.monotonic() - started:.1f}")
    long_line()
