"""Functions run in process groups of their own, which end as a whole, with an environment of their own.

ministack ends a function that timed out by signalling its process alone, so that an ffmpeg it started goes on
for as long as it likes. And it hands its whole environment on, where AWS gives a function only its own.
"""

import os
import signal
import subprocess
import types

# What a function gets of the emulator's environment. AWS sets these too.
PASSED_ON = ("PATH", "LANG", "TZ", "HOME")
OWN_PREFIXES = ("AWS_", "LAMBDA_", "_HANDLER", "_X_AMZN")


class GroupProcess(subprocess.Popen):
    """A process that leads its own group. Whoever ends or outlives it takes the group along."""

    def __init__(self, *args, **kwargs):
        self._group_ended = False
        super().__init__(*args, **kwargs, start_new_session=True)

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def _end_group(self) -> None:
        # Once: after the leader is collected its id may be given to somebody else.
        if not self._group_ended:
            self._group_ended = True
            self._signal_group(signal.SIGKILL)

    def poll(self):
        code = super().poll()
        if code is not None:
            self._end_group()
        return code

    def wait(self, timeout=None):
        code = super().wait(timeout)
        self._end_group()
        return code

    def terminate(self):
        self._signal_group(signal.SIGTERM)

    def kill(self):
        self._signal_group(signal.SIGKILL)


def function_environment(complete: dict, own: dict) -> dict:
    """The part of the complete environment that a function should see; `own` are its configured variables."""
    return {
        name: value
        for name, value in complete.items()
        if name in PASSED_ON or name in own or name.startswith(OWN_PREFIXES)
    }


def install() -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    # Its own view of the module, so that other users of subprocess keep the plain Popen.
    lambda_runtime.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": GroupProcess})

    worker_environment = lambda_svc._provided_worker_env

    def clean_environment(config, code_dir, port):
        complete = worker_environment(config, code_dir, port)
        return function_environment(complete, lambda_svc._runtime_env_vars(config))

    lambda_svc._provided_worker_env = clean_environment
