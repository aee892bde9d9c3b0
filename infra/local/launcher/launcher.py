"""Starts ministack, the AWS emulator, in this process with the few changes that Heaters needs.

Each module beside this one is one change: it says why, and a test in `test_launcher.py` fails without it.
The changes reach into ministack's own functions, so they are made for one version and refuse any other.

    GATEWAY_PORT=4599 BIND_HOST=127.0.0.1 PERSIST_STATE=1 S3_PERSIST=1 STATE_DIR=... S3_DATA_DIR=... \
        python launcher.py
"""

import importlib.metadata
import os
import sys

PINNED_VERSION = "1.5.33"


def check_version() -> None:
    found = importlib.metadata.version("ministack")
    if found != PINNED_VERSION:
        sys.exit(f"The launcher is made for ministack {PINNED_VERSION}, but {found} is installed. Run `make setup`.")


def main() -> None:
    check_version()
    os.umask(0o077)

    import ministack.app

    import addresses
    import checkpoints
    import events
    import guard
    import objects
    import processes

    objects.install()
    events.install()
    processes.install()
    checkpoints.install()
    addresses.install()
    guard.install()
    ministack.app.main()


if __name__ == "__main__":
    main()
