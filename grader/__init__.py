"""The grader: hidden checks, references, the sandbox and the gradebook. Nothing in here ever goes to a student."""
