"""Executors that misbehave, for the tests of sweeps."""

import os
from concurrent.futures import Executor, Future


class Reversed(Executor):
    """Runs tasks in this thread, in pairs, the later first."""

    def __init__(self):
        self.held = None

    def submit(self, call, /, *args, **kwargs):
        future = Future()
        future.set_running_or_notify_cancel()
        if self.held is None:
            self.held = (future, call, args)
        else:
            for waiting, function, values in ((future, call, args), self.held):
                waiting.set_result(function(*values))
            self.held = None
        return future


def die(*_):
    """End the worker without a word, as the kernel does when memory runs out."""
    os._exit(9)


def fail(*_):
    raise FloatingPointError("no such luck")
