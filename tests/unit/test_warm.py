"""What is compiled ahead is what answers need: the first one waits for no kernel."""

import subprocess
import sys

# In a process of its own: what other tests have asked of the kernels would hide what is missing.
PROGRAM = """
import sys
from numba.core.registry import CPUDispatcher
from app.desk import draws_of
from app.recipe import TODAY, example_records
from model import priors
from model.judgement import judge
from model.warm import warm_up

def compiled():
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("model.")]
    kernels = [kernel for module in modules for kernel in vars(module).values() if isinstance(kernel, CPUDispatcher)]
    return {f"{kernel.py_func.__module__}.{kernel.__name__}": len(kernel.signatures) for kernel in kernels}

warm_up()
before, records = compiled(), example_records()
judge(records, draws_of(priors.of(records.settings), n_samples=128, seed=1), today=TODAY)
print(*(name for name, kinds in compiled().items() if kinds > before.get(name, 0)))
"""


def test_the_example_needs_no_kernel_that_was_not_compiled_ahead():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
