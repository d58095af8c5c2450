"""What every test is held to: no global precision, no global seed."""

import gc
import os
import sys
import warnings

import mpmath
import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# However busy a machine is, no test fails because an example took its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# What tests and the processes that they start import is compiled once, and kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: Also of the processes that tests start. SymPy, which reads this when it is imported, then keeps
#: what derivations share.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("SYMPY_CACHE_SIZE", "20000")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Leave neighbours in one process, which derives once what they share."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


def pytest_configure():
    """Garbage is not looked for too often."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish():
    """What all tests share is not looked through for it."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    """Small matrices are faster so, and two pools of threads slow each other."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True)
def global_precision_is_left_alone():
    before = mpmath.mp.dps, mpmath.fp.dps
    yield
    assert (mpmath.mp.dps, mpmath.fp.dps) == before


@pytest.fixture
def untidy():
    """Sockets that other libraries leave open are closed here, not in a test that comes later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
