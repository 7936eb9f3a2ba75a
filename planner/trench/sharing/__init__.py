"""How the cost of an opening is shared among those who take part, and whether it holds."""
