"""Peak resident memory of one call, in a process of its own (Linux).

The child loads the libraries and the data, compiles, and computes a tiny problem;
then its peak is set back, and the call is made. The peak is the kernel's VmHWM:
`ru_maxrss` would say the same, but a child inherits it from its parent, whose
peak has been larger.
"""

import json
import subprocess
import sys
from pathlib import Path

from . import peers, problems

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
TINY = ([3, 2, 2], 4)  # sizes, samples


def megabytes_above_inputs(peer, problem, **settings):
    """Run a peer on a problem, given by name, in a child; None where there is no /proc."""
    if not RESET.exists():
        return None
    request = json.dumps([peer.name, problem, settings])
    command = [sys.executable, "-m", "tests.benchmarks.memory", request]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def peak():
    """The most memory, in MB, that this process has had since the last `reset`."""
    for line in STATUS.read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"{STATUS} has no VmHWM")


def reset():
    """Let the peak be what there is now; say so to the kernel."""
    RESET.write_text("5")


def _measure(name, problem, settings):
    """What the call needs, its result included, on top of what was there before it."""
    peer = next(peer for peer in peers.HESSIANS if peer.name == name)
    peer.make(problems.noise(*TINY))()
    call = peer.make(getattr(problems, problem)(**settings))
    reset()
    before = peak()
    call()
    return peak() - before


if __name__ == "__main__":
    print(_measure(*json.loads(sys.argv[1])))
