"""The command line as somebody reads it: at so many columns, with a value on its input."""
import os
import subprocess

from .server import KILN


def wide(kiln, *words, columns=80, check=True):
    """Standard output of a command at a terminal of that width, as lines; none is wider."""
    done = kiln.cli(*words, check=check, env=os.environ | {"COLUMNS": str(columns)})
    lines = done.stdout.splitlines()
    assert all(len(line) <= columns for line in lines), "\n".join(line for line in lines if len(line) > columns)
    return lines


def typed(kiln, text, *words, check=True):
    """A command that gets `text` on its input."""
    done = subprocess.run([KILN, *map(str, words), "--data-dir", kiln.data], capture_output=True, text=True, timeout=120, input=text)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def refused(kiln, *words, code=1):
    """What a command that fails says."""
    done = kiln.cli(*words, check=False)
    assert done.returncode == code and not done.stdout, (done.returncode, done.stdout, done.stderr)
    return done.stderr
