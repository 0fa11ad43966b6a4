"""Programs that measure what README and docs claim; python -m benchmarks.<module> runs one."""
