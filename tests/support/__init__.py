"""What tests and benchmarks share: made-up students, oracles, and tools to run and watch them."""
