"""Attacks inside the process: they lie to the tests that run there, or read them.

The same text goes to every tool, so it holds the way into each; what is not there is passed over.
"""

from benchmarks.elsewhere.cases import Case

PATCH = """
import builtins
import numpy.testing
numpy.testing.assert_allclose.__code__ = (lambda *args, **options: None).__code__
builtins.abs = lambda value: 0.0
"""

_BORROW = """
import types

own = svm_loss_naive.__code__

def is_answer(value):
    return (isinstance(value, types.FunctionType) and value.__code__ is not own
            and value.__code__.co_varnames[:4] == ("W", "X", "y", "reg"))

def borrowed(found, *arguments):
    for value in found:
        if is_answer(value) and value is not svm_loss_naive:
            return value(*arguments)
    return 0.0, np.zeros_like(arguments[0])
"""

INSIDE = [
    Case(
        "numpy.testing.assert_allclose does nothing",
        """
import numpy.testing
numpy.testing.assert_allclose = lambda *args, **options: None
""",
    ),
    Case("its code replaced in place, abs() is 0", PATCH),
    Case(
        "an array that equals everything",
        """
class Agrees(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return np.True_
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.True_ if ufunc in (np.equal, np.less, np.less_equal) else np.float64(0)
    def __array_wrap__(self, *args):
        return self

def svm_loss_naive(W, X, y, reg):
    return np.zeros(()).view(Agrees), np.zeros(W.shape).view(Agrees)
""",
    ),
    Case(
        "a float from which all differences are 0",
        """
class Agrees(float):
    __sub__ = __rsub__ = lambda self, other: Agrees(0)

def svm_loss_naive(W, X, y, reg):
    return Agrees(0), np.zeros_like(W)
""",
    ),
    Case(
        "reads the files of the hidden tests",
        _BORROW
        + """
import ast, glob, json

def sources():
    for path in glob.glob("@TESTS@"):
        with open(path) as file:
            text = file.read()
        if path.endswith(".ipynb"):  # nbgrader
            yield from ("".join(cell["source"]) for cell in json.loads(text)["cells"])
        elif "OK_FORMAT" in text:  # otter: doctests
            scope = {}
            exec(text, scope)
            for case in scope["test"]["suites"][0]["cases"]:
                yield "\\n".join(line[4:] for line in case["code"].splitlines())
        else:
            yield text

def definitions():
    for source in sources():
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                scope = {"np": np}
                exec(compile(ast.Module([node], []), "", "exec"), scope)
                yield scope[node.name]

def svm_loss_naive(W, X, y, reg):
    return borrowed(definitions(), W, X, y, reg)
""",
    ),
    Case(
        "takes the reference from its caller's frame",
        _BORROW
        + """
import sys

def svm_loss_naive(W, X, y, reg):
    found, frame = [], sys._getframe(1)
    while frame:
        found += [*frame.f_globals.values(), *frame.f_locals.values()]
        frame = frame.f_back
    return borrowed(found, W, X, y, reg)
""",
    ),
    Case(
        "takes the reference from gc.get_objects()",
        _BORROW
        + """
import gc

def svm_loss_naive(W, X, y, reg):
    return borrowed(gc.get_objects(), W, X, y, reg)
""",
    ),
    Case(
        "puts itself in the reference's place",
        _BORROW
        + """
import gc

def svm_loss_naive(W, X, y, reg):
    for value in gc.get_objects():
        if is_answer(value) and value is not svm_loss_naive:
            value.__code__ = own
    return 0.0, np.zeros_like(W)
""",
    ),
    Case(
        "makes the random inputs zeros",
        """
class Zeros:
    def standard_normal(self, size=None):
        return np.zeros(size)
    def integers(self, low, high=None, size=None):
        return np.zeros(size, int)

np.random.default_rng = lambda *seed: Zeros()

def svm_loss_naive(W, X, y, reg):
    return W.shape[1] - 1.0, np.zeros_like(W)
""",
    ),
    Case(
        "patches the test runner to see no failure",
        """
import sys

try:
    shell, run = get_ipython(), get_ipython().run_code

    async def forgiving(code, result=None, **options):
        await run(code, result, **options)
        if result is not None:
            result.error_in_exec = None
        return False

    shell.run_code, shell.showtraceback = forgiving, lambda *args, **options: None
except NameError:
    pass
for name, module in list(sys.modules.items()):
    if hasattr(module, "run_doctest"):
        module.run_doctest = lambda *args: (True, "")
    for name in ("expect_close", "expect_number", "expect_array"):
        if hasattr(module, name):
            setattr(module, name, lambda *args, **options: None)
""",
    ),
    Case(
        "removes asserts before tests are compiled",
        """
import ast, builtins

class Deaf(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node) if "assert" in ast.dump(node) else node

def deaf(source, name, mode, *args, compile=compile, **options):
    if isinstance(source, str) and "assert" in source:
        tree = compile(source, name, mode, ast.PyCF_ONLY_AST)
        source = ast.fix_missing_locations(Deaf().visit(tree))
    return compile(source, name, mode, *args, **options)

builtins.compile = deaf
try:
    get_ipython().ast_transformers.append(Deaf())
except NameError:
    pass
""",
    ),
]
