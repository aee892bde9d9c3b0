"""The emulator's state is saved every few seconds, not only on an orderly stop.

ministack writes its state on SIGTERM alone: after `kill -9` or a power cut all but the S3 objects is gone,
stack, functions, queues and executions included. Here each service's state is written when it changed.
"""

import functools
import hashlib
import json
import logging
import os
import threading
import time

INTERVAL_SECONDS = 2.0
# Saving may take at most this share of the time, however large the state grows.
MAX_SHARE = 0.05

logger = logging.getLogger("launcher")


class Checkpoints:
    """Saves what changed since the last time."""

    def __init__(self, states, save, encode):
        self._states, self._save, self._encode = states, save, encode
        self._saved: dict[str, bytes] = {}

    def save_changes(self) -> list[str]:
        changed = []
        for name, state_of in self._states().items():
            try:
                state = state_of()
                text = json.dumps(state, default=self._encode)
            except Exception as error:  # noqa: BLE001 - a dictionary may change while it is copied
                logger.debug("%s is being changed, its turn comes again: %s", name, error)
                continue
            digest = hashlib.blake2b(text.encode()).digest()
            if state is not None and self._saved.get(name) != digest:
                self._save(name, state)
                self._saved[name] = digest
                changed.append(name)
        return changed

    def run_forever(self) -> None:
        while True:
            started = time.monotonic()
            self.save_changes()
            time.sleep(max(INTERVAL_SECONDS, (time.monotonic() - started) / MAX_SHARE))


def _remember_code_digests() -> None:
    """Lambda hashes every code archive whenever its state is asked for; their bytes never change."""
    from ministack.services import lambda_svc

    write = lambda_svc._write_code_blob
    digest = functools.lru_cache(maxsize=64)(lambda code: hashlib.sha256(code).hexdigest())

    def write_once(code):
        if os.path.exists(os.path.join(lambda_svc.CODE_BLOB_DIR, f"{digest(code)}.zip")):
            return digest(code)
        return write(code)

    lambda_svc._write_code_blob = write_once


def install() -> None:
    from ministack import app
    from ministack.core import persistence

    if not persistence.PERSIST_STATE:
        return
    _remember_code_digests()
    load = app._load_persisted_state

    def load_then_save():
        # A checkpoint before the state is loaded would replace it by an empty one.
        load()
        checkpoints = Checkpoints(app._build_persistence_save_dict, persistence.save_state, persistence._json_default)
        threading.Thread(target=checkpoints.run_forever, name="checkpoints", daemon=True).start()

    app._load_persisted_state = load_then_save
