"""What `benchmarks.attacks_elsewhere` grades: the exam, the attacks on it, and the three tools that
grade it.
"""
