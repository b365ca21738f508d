"""Runs kzsim and returns its results as data frames.

    import kzsim

    result = kzsim.run("scenarios/base.toml", set={"actors.knb.loyalty.tokayev": 0.6})
    result.outcomes

The numbers are shares of simulated rounds under the written assumptions of a scenario. They are
not forecasts, and they say nothing about the guilt of any person.
"""

from .binary import find, version
from .errors import (
    BinaryNotFound,
    CheckFailed,
    Error,
    Fault,
    InputOutputError,
    InternalError,
    Interrupted,
    KzsimError,
    ResultError,
    ScenarioError,
    VersionMismatch,
)
from .model import Model
from .results import Result, load
from .run import (
    Range,
    check,
    command,
    compare,
    discover,
    run,
    sensitivity,
    signposts,
    sweep,
    weigh,
)

__version__ = "0.2.0.dev1"

__all__ = [
    "BinaryNotFound",
    "CheckFailed",
    "Error",
    "Fault",
    "InputOutputError",
    "InternalError",
    "Interrupted",
    "KzsimError",
    "Model",
    "Range",
    "Result",
    "ResultError",
    "ScenarioError",
    "VersionMismatch",
    "check",
    "command",
    "compare",
    "discover",
    "find",
    "load",
    "run",
    "sensitivity",
    "signposts",
    "sweep",
    "version",
    "weigh",
]
