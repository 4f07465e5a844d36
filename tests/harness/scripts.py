"""Node scripts of tests/, each a program of its own: words in, JSON out."""
import json
import os
import subprocess

from .server import NODE


def run_script(script, *words, **env):
    """What it prints. Words that are no text are given as JSON; of this process's variables it has PATH alone."""
    words = [word if isinstance(word, str) else json.dumps(word) for word in words]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | {name: str(value) for name, value in env.items()}
    done = subprocess.run([NODE, "--no-warnings", script, *words], env=env, capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{script.name} {' '.join(words)[:500]}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)
