"""Kernels that start at once: forked from a process that has loaded what notebooks import.

`kernels.py serve ADDRESS` is that process. `kernels.py start ADDRESS WORDS` is what Jupyter starts
in place of a kernel: it asks for a fork, hands on signals, and lives as long as the kernel does.
"""

import json
import os
import signal
import socket
import sys
import warnings

#: Seconds after which it is looked whether the tests are still there.
PATIENCE = 5


def serve(address):
    """Load, then fork a kernel for everyone who calls, for as long as the tests live."""
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        load()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        door.settimeout(PATIENCE)
        while True:
            try:
                line, _ = door.accept()
            except TimeoutError:
                if os.getppid() != parent:  # tests that are killed cannot end this process
                    return
                continue
            with line:
                asked = json.loads(line.makefile().readline())
                pid = os.fork()
                if not pid:
                    end = line.dup()
                    break
                line.sendall(b"%d\n" % pid)
    become_kernel(**asked)
    end.close()


def load():
    """Import what every notebook does; here, too, a warning is a defect."""
    from ipykernel import kernelapp  # noqa: F401

    # Read when Matplotlib is imported; a kernel sets it too late here.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        import matplotlib.figure  # noqa: F401

        import bbpsym.figures
        import bbpsym.records.registry  # noqa: F401


def become_kernel(words, folder, environment):
    """Run as the kernel that a command line describes."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A kernel ends with its parent, which is none of Jupyter's here.
    environment.pop("JPY_PARENT_PID", None)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *words]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def start(address, *words):
    """Ask for a kernel, and stay until it ends."""
    asked = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        line.sendall(json.dumps(asked).encode() + b"\n")
        pid = int(line.makefile().readline())
        for blow in (signal.SIGINT, signal.SIGTERM):
            signal.signal(blow, lambda number, _: os.kill(pid, number))
        line.recv(1)


if __name__ == "__main__":
    {"serve": serve, "start": start}[sys.argv[1]](*sys.argv[2:])
