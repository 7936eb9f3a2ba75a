"""The joint design: every utility to every parcel at once, over one graph, trenches shared.

`model.Model` states the problem without knowing where it comes from, `solve.solve` answers it with
a cost and a proven lower bound, `check` judges both without the solver's code, and `exchange`
reads and writes instances of the format ``extension-1``.
"""
