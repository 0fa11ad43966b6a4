from grader.hints import Misconception

MISCONCEPTIONS: list[Misconception] = []
