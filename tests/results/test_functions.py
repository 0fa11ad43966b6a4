"""A submission's functions are cut into tokens, whatever the student wrote."""

import pytest

from grader.results import functions
from grader.results.functions import MAX_BYTES, MAX_FUNCTIONS, MAX_TOKENS, find

PLAIN = '''
def loss(W, X):
    """The loss."""
    total = 0.0
    for i in range(len(X)):
        total += np.sum(X[i] * W)  # each example
    return total
'''


def tokens(source: str) -> list[tuple[str, ...]]:
    return [each.tokens for each in functions.functions("a.py", source)]


def names(source: str) -> list[str]:
    return [each.name for each in functions.functions("a.py", source)]


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("total", "t")
        .replace("X", "data")
        .replace("[i]", "[k]")
        .replace(" i ", " k "),
        PLAIN.replace("  # each example", "").replace('"""The loss."""', "# the loss"),
        PLAIN.replace("    ", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\n\n"),
        PLAIN.replace("= 0.0", "=0.").replace(" * ", "*"),
        PLAIN.replace("return total", "return (total)"),
        PLAIN.replace("np.sum(X[i] * W)", "np.sum(\n            X[i]\n            * W,\n        )"),
        PLAIN.replace("(W, X)", "(\n    W: np.ndarray, X={}, *more: int\n) -> dict[str, int]"),
        PLAIN.replace("total += np", "total = total + np"),
        PLAIN.replace("return", "'a remark'; return"),
        "import numpy as np\nclass Model:\n" + PLAIN.replace("\n", "\n    ") + "\nx = 1",
    ],
    ids=range(12),
)
def test_names_comments_and_layout_do_not_count(other):
    assert tokens(other) == tokens(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("np.sum", "np.max"),
        PLAIN.replace(" * ", " + "),
        PLAIN.replace("X[i]", "X[i][i]"),
        PLAIN.replace("len(X)", "X.shape[0]"),
    ],
)
def test_what_is_computed_counts(other):
    assert tokens(other) != tokens(PLAIN)


def test_functions_and_methods_are_cut_apart_and_inner_functions_stay_inside():
    source = (
        "@wraps\ndef a():\n    def inner():\n        return 1\n    return inner\n\n"
        "class C:\n    x = 'def no():'\n    async def b(self):\n        pass\n"
        "    def c(self): pass\n"
        "text = '''\ndef neither():\n'''\nif x:\n    def d(): return (\n1)\n"
    )
    assert names(source) == ["a", "b", "c", "d"]
    assert [each.line for each in functions.functions("a.py", source)] == [2, 9, 11, 16]


def test_a_bracket_that_was_left_open_hides_no_function():
    assert names("def a():\n    x = (1\n\ndef b():\n    return 2\n") == ["a", "b"]


def test_each_token_lies_where_its_place_says():
    (function,) = functions.functions("a.py", PLAIN)
    texts = [function.text[start:end] for start, end in function.places]
    assert texts[:6] == ["total", "=", "0.0", "for", "i", "in"]
    assert function.text.startswith("def loss") and function.text.endswith("return total")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 50_000,
        b"\xff\xfe\x00d\x00e\x00f" * 1_000,
        b"def f():\n    return '\xe4\xff'\n",
        b"(" * MAX_BYTES,
        b"def f():\n  x = " + b"[" * 100_000,
        b"def f():\n" + b"".join(b" " * k + b"if x:\n" for k in range(1, 500)),
        b"def f(): " + b"x += " * 30_000,
        b"def f(): " + b"x;" * 80_000,
        b'"""' + b"\\" * 150_000,
        b"'" * 150_001,
        b'"""a' * 40_000,
        b"rb" * 90_000,
        b"1e+" * 60_000,
        b"1" * MAX_BYTES,
        b"\\\n" * 90_000,
        b" " * MAX_BYTES,
        b"(" + b"\n" * 150_000,
        b"(" + b"\n    def" * 20_000,
        b"def " * 40_000,
        b"def f():\n" * 20_000,
        b"\ndef f(:\n x" * 10_000,
        b"#" * MAX_BYTES,
        "def \u0661\u0969\u202e\u2028():\n\u00b2".encode() * 1_000,
    ],
    ids=range(24),
)
def test_whatever_a_file_holds_is_cut_within_the_caps(content):
    found = find({"cs231n_utils/softmax.py": content})
    assert sum(len(each.tokens) for each in found.functions) <= MAX_TOKENS
    for each in found.functions:
        assert len(each.tokens) == len(each.places)
        assert all(0 <= start < end <= len(each.text) for start, end in each.places)


def test_what_is_beyond_the_caps_is_named():
    many = b"def f():\n    return 1\n" * (MAX_FUNCTIONS + 1)
    found = find({"large.py": b"#" * MAX_BYTES, "many.py": many, "notes.txt": b"def f(): pass"})
    assert found.functions == []
    assert found.left_out == [f"many.py is beyond {MAX_BYTES} bytes of Python in all"]
    found = find({"many.py": many})
    assert len(found.functions) == MAX_FUNCTIONS
    assert found.left_out == [
        f"many.py is compared up to line {2 * MAX_FUNCTIONS + 1}: what follows is beyond"
        f" {MAX_FUNCTIONS} functions or {MAX_TOKENS} tokens in all"
    ]
    (sentence,) = find({"many.py": many, "more.py": many, "most.py": many}).left_out
    assert sentence.startswith(f"many.py is compared up to line {2 * MAX_FUNCTIONS + 1}, and 2 ")


def test_the_modules_of_the_exercises_come_before_what_could_fill_the_caps():
    found = find({"a.py": b"#" * MAX_BYTES, "cs231n_utils/softmax.py": PLAIN.encode()})
    assert [each.name for each in found.functions] == ["loss"]
