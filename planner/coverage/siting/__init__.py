"""Which sites to build: maximum coverage within a budget, and how far that is from the best.

`problem` says what is asked, `greedy` builds a first choice, `swap` exchanges sites, `bound` proves
how much no choice can exceed, `certificate` keeps that proof and `solve` calls them in turn.
"""
