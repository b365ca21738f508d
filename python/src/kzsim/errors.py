"""What goes wrong, as exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Error(Exception):
    """Anything that this package raises on its own account."""


class BinaryNotFound(Error):
    """There is no kzsim program where it was looked for."""


class VersionMismatch(Error):
    """The program, or the one that wrote a folder, is not of a version this package knows."""


class ResultError(Error):
    """A folder is no result of kzsim, or a file in it is not what the manifest says."""


@dataclass(frozen=True)
class Fault:
    """A fault of a scenario, where it stands."""

    message: str
    """What was found."""
    allowed: str
    """What would be right."""
    file: str | None = None
    """The file, or the setting."""
    line: int | None = None
    """Its line, from 1."""
    column: int | None = None
    """Its column, from 1."""
    help: str | None = None
    """The nearest valid name."""

    @classmethod
    def read(cls, told: dict[str, Any]) -> Fault:
        """A fault as the program tells it."""
        return cls(
            message=str(told.get("message", "")),
            allowed=str(told.get("allowed", "")),
            file=told.get("file"),
            line=told.get("line"),
            column=told.get("column"),
            help=told.get("help"),
        )


class KzsimError(Error):
    """The program ended with a fault: its message, its exit code, and faults one by one."""

    def __init__(self, message: str, exit_code: int, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.faults = faults or []

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers of a pool hand exceptions back pickled.
        return type(self), (self.message, self.exit_code, self.faults)


class InternalError(KzsimError):
    """Exit code 1: a mistake in kzsim itself."""


class ScenarioError(KzsimError):
    """Exit code 2: a faulty scenario, or a faulty call."""


class InputOutputError(KzsimError):
    """Exit code 3: something could not be read or written."""


class CheckFailed(KzsimError):
    """Exit code 4: a check did not hold."""


class Interrupted(KzsimError):
    """Exit code 130: stopped from outside."""


BY_CODE: dict[int, type[KzsimError]] = {
    1: InternalError,
    2: ScenarioError,
    3: InputOutputError,
    4: CheckFailed,
    130: Interrupted,
}
