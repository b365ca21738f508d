"""Exceptions raised by this package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Error(Exception):
    """Base class of all exceptions of this package."""


class BinaryNotFound(Error):
    """No kzsim program was found."""


class VersionMismatch(Error):
    """The program, or the program that wrote a result, has an unsupported version."""


class ResultError(Error):
    """A folder is not a result of kzsim, or a file in it does not match the manifest."""


@dataclass(frozen=True)
class Fault:
    """A fault in a scenario, with its location."""

    message: str
    """What was found."""
    allowed: str
    """What would be accepted."""
    file: str | None = None
    """The file or the setting it is in."""
    line: int | None = None
    """Line number, from 1."""
    column: int | None = None
    """Column number, from 1."""
    help: str | None = None
    """A suggestion: the nearest valid name."""

    @classmethod
    def read(cls, fault: dict[str, Any]) -> Fault:
        """Creates a fault from the program's JSON."""
        return cls(
            message=str(fault.get("message", "")),
            allowed=str(fault.get("allowed", "")),
            file=fault.get("file"),
            line=fault.get("line"),
            column=fault.get("column"),
            help=fault.get("help"),
        )


class KzsimError(Error):
    """The program failed; carries its message, its exit code and the individual faults."""

    def __init__(self, message: str, exit_code: int, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.faults = faults or []

    def __reduce__(self) -> tuple[Any, ...]:
        # Process pools pickle exceptions.
        return type(self), (self.message, self.exit_code, self.faults)


class InternalError(KzsimError):
    """Exit code 1: a bug in kzsim itself."""


class ScenarioError(KzsimError):
    """Exit code 2: an invalid scenario or a usage error."""


class InputOutputError(KzsimError):
    """Exit code 3: something could not be read or written."""


class CheckFailed(KzsimError):
    """Exit code 4: a check failed."""


class Interrupted(KzsimError):
    """Exit code 130: interrupted by a signal."""


BY_CODE: dict[int, type[KzsimError]] = {
    1: InternalError,
    2: ScenarioError,
    3: InputOutputError,
    4: CheckFailed,
    130: Interrupted,
}
