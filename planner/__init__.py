"""What is decided: joint trenches, coverage gaps and routes to the red line."""
