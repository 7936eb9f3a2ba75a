"""The cross-section of the lines in one opening: order, spacing, width and volume."""
