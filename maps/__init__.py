"""What is shown: the offline report and its three views."""
