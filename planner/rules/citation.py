"""Where a rule stands, word for word."""

from __future__ import annotations

from dataclasses import dataclass

from geo.messages import Language, message


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages; empty where there is nothing to say."""

    zh: str = ""
    en: str = ""

    def text(self, language: Language = "zh") -> str:
        """Return the text in one language."""
        return self.zh if language == "zh" else self.en

    def __bool__(self) -> bool:
        return bool(self.zh)


NOTHING = Words()


def said(code: str, /, **facts: object) -> Words:
    """Return a sentence of the catalogue in both languages."""
    return Words(message(code, "zh", **facts), message(code, "en", **facts))


def joined(*parts: Words) -> Words:
    """Return several texts as one, empty ones left out."""
    filled = [part for part in parts if part]
    return Words("；".join(part.zh for part in filled), "; ".join(part.en for part in filled))


@dataclass(frozen=True, slots=True)
class Citation:
    """Document, number, place and the very words of a rule.

    Parameters
    ----------
    document
        Title.
    number
        Number of the document (文号).
    place
        Chapter, article or annex.
    quote
        The source's words, unchanged, slips included; empty where only the place is known.
    """

    document: str
    number: str
    place: str
    quote: str

    def text(self, language: Language = "zh") -> str:
        """Return the citation as one line."""
        code = "citation" if self.quote else "citation_without_quote"
        return message(
            code,
            language,
            document=self.document,
            number=self.number,
            place=self.place,
            quote=self.quote,
        )
