"""The one tree of errors, each able to speak Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from geo.messages import Language, message


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the input: what, where, how many, and the remedy.

    Parameters
    ----------
    code
        Key of the sentence in ``geo/messages.toml``; the sentence states the remedy.
    facts
        Values of the sentence's placeholders.
    file, layer, column
        Where the fault lies; empty where it does not apply.
    rows
        Record numbers or keys of the first records concerned, counted from 1.
    count
        How many records are concerned; 0 for a fault of the whole file.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    file: str = ""
    layer: str = ""
    column: str = ""
    rows: tuple[str, ...] = ()
    count: int = 0

    def text(self, language: Language = "zh") -> str:
        """Return the fault as one line: where, what, which rows, remedy."""
        places = " / ".join(part for part in (self.file, self.layer, self.column) if part)
        sentence = message(
            self.code,
            language,
            **{"file": self.file, "layer": self.layer, "column": self.column, **self.facts},
        )
        line = f"{places}: {sentence}" if places else sentence
        if not self.count:
            return line
        more = "…" if self.count > len(self.rows) else ""
        rows = ", ".join(self.rows) + more
        label = f"{self.count} 行: {rows}" if language == "zh" else f"{self.count} row(s): {rows}"
        return f"{line} [{label}]"


class TonggouError(Exception):
    """Whatever tonggou itself raises."""


class InputError(TonggouError, ValueError):
    """The input is at fault; carries every fault that was found, not only the first.

    Parameters
    ----------
    faults
        At least one fault, in the order found.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        if not self.faults:
            msg = "an InputError needs at least one fault"
            raise AssertionError(msg)
        super().__init__("\n".join(fault.text("en") for fault in self.faults))

    def text(self, language: Language = "zh") -> str:
        """Return one line a fault."""
        return "\n".join(fault.text(language) for fault in self.faults)


def fail(code: str, /, **facts: object) -> InputError:
    """Return an `InputError` of one fault; ``file``, ``layer``, ``column`` go to their places.

    Examples
    --------
    >>> str(fail("file_missing", file="roads.gpkg"))
    'roads.gpkg: file roads.gpkg does not exist; check the path in the study file'
    """
    file, layer, column = (str(facts.pop(key, "")) for key in ("file", "layer", "column"))
    fault = Fault(code, MappingProxyType(facts), file=file, layer=layer, column=column)
    return InputError([fault])
