"""What tests and benchmarks share: made-up students, oracles, and the tools to run and watch them."""
