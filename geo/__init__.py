"""Mathematics on coordinates, lines, graphs and terrain; it has never heard of a utility."""
