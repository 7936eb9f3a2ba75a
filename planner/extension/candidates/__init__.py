"""Other entries of a connection: the two next-best, with what they cost more than the plan's."""
