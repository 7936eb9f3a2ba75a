"""The command line of tonggou 同沟."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
