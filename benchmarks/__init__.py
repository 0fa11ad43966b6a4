"""Where the figures of the README and the docs come from: one module a table, run with python -m
benchmarks.<module>.
"""
