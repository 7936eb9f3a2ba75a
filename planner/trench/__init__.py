"""The joint excavation plan: which works share which opening of which segment, and when."""
