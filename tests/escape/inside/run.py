"""python3 run.py VICTIMS.json [names to leave out]: runs every probe and prints a line for each."""
import files  # noqa: F401
import kernel  # noqa: F401
import network  # noqa: F401
import processes  # noqa: F401
import service  # noqa: F401
from probing import main

if __name__ == "__main__":
    main()
