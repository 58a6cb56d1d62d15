"""How fast this machine is now: tests share it with each other, and with who knows what."""

import time

_COMPUTED_S = 0.1


def slowness() -> float:
    """How much longer than alone a computation takes now; 1.0 on a quiet machine. A bound in seconds times this holds
    on a busy one too, and is no weaker on a quiet one."""
    began, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < _COMPUTED_S:
        pass
    return max(1.0, (time.monotonic() - began) / _COMPUTED_S)
