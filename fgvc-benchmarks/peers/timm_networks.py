"""timm, also where the installed torchvision does not fit the installed torch.

timm's networks need nothing of torchvision but names that exist. A build of torchvision for CUDA beside a
CPU build of torch fails while it is imported; then empty names stand in for it, and no number changes.
"""

import importlib.abc
import importlib.machinery
import sys
import types


class Names(type):
    """A class whose every attribute is its own name, such as the members of an enumeration."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class EmptyModule(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Names(name, (), {})


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] != "torchvision":
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        module = EmptyModule(spec.name)
        module.__version__ = "0"
        return module

    def exec_module(self, module):
        pass


def usable_torchvision():
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        return False
    return True


if not usable_torchvision():
    for loaded in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, StandIn())

import timm  # noqa: E402
import timm.optim  # noqa: E402

create_model = timm.create_model
RMSpropTF = timm.optim.RMSpropTF
