"""Drains by gravity: levels of the invert, what is dug, and where a pump is needed."""
