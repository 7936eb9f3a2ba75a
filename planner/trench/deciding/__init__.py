"""What a plan leaves to people to decide: encounters, works that look split, robustness."""
