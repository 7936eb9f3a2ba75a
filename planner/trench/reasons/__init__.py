"""Why works could not be joined or placed, and the change of date that would help."""
