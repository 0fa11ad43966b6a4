"""Stand-ins for pictures and progress bars: code that draws or counts gives the same number as with the real library."""

import subprocess
import sys
import textwrap

import pytest
from in_sandbox import LEVELS, sandbox, student

# Each is the body of a function. It runs here, with the real library, and in the sandbox, with the stand-in.
BARS = """\
from tqdm import tqdm; return sum(tqdm(range(5)))
from tqdm import tqdm; return sum(x for x in tqdm((k * k for k in range(5)), total=5, desc="squares", leave=False))
from tqdm import tqdm; g = iter(range(5)); next(g); bar = tqdm(g); return sum(bar) * 10 + len(list(g))
from tqdm import tqdm; return len(tqdm([1, 2, 3])) * 10 + len(tqdm(total=4))
from tqdm import tqdm; import numpy as np; return len(tqdm(np.zeros((3, 2)))) + bool(tqdm([])) + 10 * bool(tqdm([1]))
from tqdm import tqdm; return (2 in tqdm([1, 2])) + 10 * (3 in tqdm([1, 2]))
import tqdm, tqdm.auto; return sum(tqdm.tqdm(range(4))) + sum(tqdm.trange(3)) + sum(tqdm.auto.trange(1, 4))
import tqdm; return sum(tqdm.trange(2, 9, 3, desc="x"))
from tqdm.auto import tqdm, trange; return sum(tqdm(range(4))) + sum(trange(5))
from tqdm.std import tqdm; return sum(tqdm(range(4)))
from tqdm.autonotebook import tqdm; return sum(tqdm(range(4)))
import tqdm.asyncio; return sum(tqdm.asyncio.tqdm(range(4)))
from tqdm.contrib import tenumerate; return sum(i * x for i, x in tenumerate([3, 4, 5], start=1))
from tqdm.contrib import tenumerate; import numpy as np; return sum(i[0] * x for i, x in tenumerate(np.array([3, 4, 5])))
from tqdm.contrib import tzip, tmap; return sum(a * b for a, b in tzip([1, 2], [3, 4, 5])) + sum(tmap(abs, [-1, -2]))
from tqdm.contrib.itertools import product; return sum(a * b for a, b in product([1, 2], [3, 4]))
bar = tqdm(total=10); bar.update(3); bar.update(); bar.close(); return bar.n
bar = tqdm(total=10); bar.update(3); bar.reset(total=20); bar.update(2); return bar.n * 100 + bar.total
bar = tqdm(range(3), initial=2); sum(bar); return bar.n
bar = tqdm(range(3), disable=True); sum(bar); bar.update(5); return bar.n
with tqdm(total=6) as bar: bar.update(2); n = bar.n * 10; bar.n = 5; bar.refresh(); return n + bar.n
with tqdm(range(4)) as bar: return sum(bar)
bar = tqdm(range(3)); bar.set_description("loss"); bar.set_postfix(loss=0.123456, step=3); return len(bar.postfix) * 100 + len(bar.desc)
bar = tqdm(range(3)); bar.set_postfix({"a": 1, "b": "two"}); return len(bar.postfix)
bar = tqdm(range(3)); bar.set_postfix_str("five!"); bar.set_description_str("d"); return len(bar.postfix) * 10 + len(bar.desc)
bar = tqdm(range(3)); bar.clear(); bar.display(); bar.unpause(); bar.moveto(0); bar.refresh(); bar.leave = False; return bar.pos
bar = tqdm(range(9), desc="x"); tqdm.write("a line"); bar.write("another"); return len(bar.format_dict["prefix"]) + bar.total
bar = tqdm([1, 2, 3, 4]); s = 0
    for x in bar:
        s += x
        if x == 2: break
    return s * 10 + sum(bar)
class Loud(tqdm):
        def update(self, n=1): super().update(2 * n)
        def __iter__(self):
            for x in super().__iter__(): yield 10 * x
    bar = Loud(total=4); bar.update(2); return bar.n + sum(Loud([1, 2]))
class Named(tqdm):
        def __init__(self, *args, **kwargs): super().__init__(*args, desc="named", **kwargs)
    return sum(Named(range(4))) + isinstance(Named([]), tqdm)
with tqdm.external_write_mode(): return len(tqdm.format_interval(3723)) + len(tqdm.format_sizeof(123456)) + len(tqdm.format_num(1e-5))
tqdm.set_lock(tqdm.get_lock())
    with tqdm.get_lock(): return 3
import io
    with tqdm.wrapattr(io.BytesIO(b"12345"), "read", total=5) as stream: return len(stream.read(3)) + len(stream.read())
import warnings; from tqdm import TqdmExperimentalWarning, TqdmWarning
    warnings.simplefilter("ignore", TqdmExperimentalWarning); return issubclass(TqdmExperimentalWarning, TqdmWarning)
return sum(x * y for x in tqdm(range(3), desc="outer") for y in tqdm(range(4), leave=False, position=1))
return sum(sorted(tqdm({3: 1, 4: 2}))) + len(list(zip(tqdm("abc"), range(9))))
bar = tqdm(enumerate([5, 6])); return sum(i * x for i, x in bar)
it = iter(tqdm([4, 5, 6])); return next(it) * 10 + next(it)
return sum(reversed(tqdm([1, 2, 3]))) + max(tqdm([1, 7, 3])) + len(sorted(tqdm([3, 1])))
print(tqdm(range(3))); return len(str(tqdm(range(3)))) > 0
"""

PICTURES = """\
fig, ax = plt.subplots(); ax.plot([1, 2]); return len(fig.axes) * 10 + len(ax.lines)
fig, (a, b) = plt.subplots(1, 2, figsize=(8, 3)); a.plot([1]); b.set_title("b"); return len(a.lines) + 10 * len(b.lines)
fig, axes = plt.subplots(2, 3); axes[0, 1].imshow([[0, 1]]); return axes.size * 10 + sum(1 for ax in axes.flat)
fig, axes = plt.subplots(2, 3); return sum(len(row) for row in axes) + 10 * len(axes.ravel()) + 100 * axes.shape[1]
fig, ((a, b), (c, d)) = plt.subplots(2, 2); return len({id(x) for x in (a, b, c, d)})
fig, axes = plt.subplots(1, 1, squeeze=False); return axes.shape[0] + axes[0, 0].get_title().count("x")
fig, axes = plt.subplots(3); s = 0
    for k, ax in enumerate(axes): ax.set_ylabel(str(k)); s += len(ax.get_ylabel())
    return s
s = 0
    for ax, k in zip(plt.subplots(2, 2)[1].flat, range(9)): s += k
    return s
line, = plt.plot([1, 2, 3], [4, 5, 6], "r--", label="x"); return line.get_ydata().sum() + len(line.get_label())
(line,) = plt.plot([3, 4]); x, y = line.get_data(); return x.sum() * 10 + y.sum()
a, b = plt.gca().plot([1, 2], [3, 4], "r", [5, 6], [7, 8]); return b.get_xdata()[0]
lines = plt.gca().plot(np.ones((4, 3))); return len(lines)
line, = plt.plot([1], [2]); line.set_data([5, 6], [7, 8]); line.set_ydata([1, 2]); return sum(line.get_xdata())
n, bins, patches = plt.hist([1, 2, 2, 3], bins=4); return n.sum() * 100 + len(bins) * 10 + len(patches)
plt.gca().title.set_size(3); plt.gca().xaxis.label.set_text("x"); plt.gca().set_xlim(left=1); return len(plt.gca().get_title())
plt.gca().set(title="x", ylim=(2, 3)); line = plt.plot([1], label="a")[0]; line.set_label("bc"); return plt.gca().get_ylim()[1] + len(line.get_label())
n, bins, _ = plt.gca().hist(np.arange(12.0), 5, range=(0, 10), density=True); return (n * np.diff(bins)).sum()
return sum(bar.get_height() for bar in plt.bar([0, 1, 2], [3, 4, 5])) + len(plt.gca().patches)
wedges, texts = plt.pie([1, 2, 3]); return len(wedges) + len(texts)
h = plt.gca().scatter([1, 2], [3, 4], c=[0.1, 0.2], cmap="viridis"); fig = plt.gcf(); fig.colorbar(h, ax=plt.gca()); return 1
plt.figure(figsize=(4, 3)); plt.subplot(1, 2, 1); plt.plot([1]); plt.subplot(1, 2, 2); return len(plt.gcf().axes)
plt.figure(); plt.figure(); n = len(plt.get_fignums()); plt.close(); m = len(plt.get_fignums()); plt.close("all"); return n * 10 + m
ax = plt.figure().add_subplot(111); ax.set(xlabel="epoch", ylabel="loss", title="t"); return len(ax.get_xlabel() + ax.get_title())
plt.title("loss"); plt.xlabel("x"); plt.ylabel("yy"); return len(plt.gca().get_title()) * 10 + len(plt.gca().get_ylabel())
plt.xlim(0, 5); low, high = plt.gca().get_xlim(); return low + high
low, high = plt.subplots()[1].get_ylim(); return high - low
text = f"{plt.gca().get_position().x0:.3f}" + "%d" % plt.gcf().get_dpi() + "{:>9}".format(str(plt.gcf())); return len(text) > 5
x = float(plt.gcf().get_figwidth()) + int(plt.gcf().dpi) + round(plt.gcf().get_figheight(), 1); return x == x
w, h = plt.gcf().get_size_inches(); print(w / h, 2 * w, w ** 2, -h, abs(w - h), w < h, max(w, h)); return 1
for spine in plt.gca().spines.values(): spine.set_visible(False)
    return 2
for tick in plt.gca().get_xticklabels(): tick.set_rotation(45)
    return 2
plt.rcParams["figure.figsize"] = (10.0, 8.0); plt.rcParams.update({"font.size": 11}); return plt.rcParams["font.size"]
colours = plt.rcParams["axes.prop_cycle"].by_key()["color"]; return len(colours)
from cycler import cycler; c = cycler(color=["r", "g"]) + cycler(lw=[1, 2]); return len(c) * 10 + sum(d["lw"] for d in c)
from cycler import cycler; return len(cycler("a", [1, 2]) * cycler(b=[1, 2, 3])) + len(cycler(a=[1]).concat(cycler(a=[2, 3])))
return plt.cm.viridis(np.linspace(0, 1, 5)).shape[1] * 10 + len(plt.get_cmap("jet")(0.5))
from matplotlib import cm; return len([colour for colour in cm.tab10(np.arange(3))])
with plt.style.context("ggplot"), plt.rc_context({"font.size": 9}): plt.plot([1]); return 3
class MyAxes(plt.Axes):
        name = "mine"
        def double(self): return 2
    return MyAxes.name.count("m") + issubclass(MyAxes, plt.Axes) + MyAxes.double(None)
class Drawn(plt.Figure):
        def __init__(self, *args, **kwargs): super().__init__(*args, **kwargs); self.count = 4
        def add(self): ax = super().add_subplot(); ax.set_title("x"); return ax
    d = Drawn(); d.add(); return d.count + len(d.axes)
from abc import ABC
    class Plot(ABC): fig: plt.Figure = None
    return isinstance(plt.figure(), plt.Figure) * 10 + isinstance(plt.gca(), plt.Axes) + isinstance(Plot.fig, plt.Axes)
from matplotlib.lines import Line2D; return isinstance(plt.plot([1])[0], Line2D) + Line2D([0], [3], color="r").get_ydata()[0]
try: return 1
    except matplotlib.MatplotlibDeprecationWarning: return 2
import warnings; warnings.filterwarnings("ignore", category=matplotlib.MatplotlibDeprecationWarning); return 1
from matplotlib.ticker import FuncFormatter
    @FuncFormatter
    def shown(x, pos): return str(x)
    plt.gca().xaxis.set_major_formatter(shown); return 1
@matplotlib.rc_context({"font.size": 9})
    def double(x): return 2 * x
    return double(4)
import matplotlib.animation as animation; fig = plt.figure(); a = animation.FuncAnimation(fig, lambda k: [], frames=2); a._draw_was_started = True; return 1
axes = np.array([plt.figure().add_subplot(2, 2, k + 1) for k in range(4)]); return len(axes) + sum(1 for ax in axes.reshape(2, 2)[0])
fig = plt.figure(); return bool(fig) + (fig is not None) + (plt.gcf() is fig) + (plt.gca() == plt.gca()) + len({fig, plt.gca()})
matplotlib.use("Agg"); return matplotlib.get_backend().lower().count("a") + (int(matplotlib.__version__.split(".")[0]) >= 3)
plt.ion(); plt.ioff(); plt.draw(); plt.show(block=False); plt.pause(0.001); plt.tight_layout(); plt.close("all"); return 1
from mpl_toolkits.axes_grid1 import make_axes_locatable; cax = make_axes_locatable(plt.gca()).append_axes("right", size="5%"); return 1
import matplotlib.pyplot as p, matplotlib as mpl; return (p is mpl.pyplot) + len(mpl.colors.to_rgb("red"))
from matplotlib.pyplot import figure, plot; figure(); first, *rest = plot([1], [2], [3], [4], [5], [6]); return len(rest)
fig, named = plt.subplots()[0], plt.figure().subplot_mosaic([["a", "b"], ["c", "c"]]); return len(named)
handles, labels = plt.gca().get_legend_handles_labels(); plt.plot([1], label="a"); plt.legend(); return len(labels)
plt.hist([1, 2, 3]); plt.axhline(0.5, color="k", ls=":"); plt.grid(True); plt.savefig("x.png"); return len(plt.gca().lines) >= 0
from IPython.display import HTML, Markdown, clear_output, display; display(HTML("<b>x</b>")); clear_output(wait=True); return len(Markdown("ab").data)
from IPython.display import Image, display; display("x"); return 1
import IPython; return len(IPython.__version__.split(".")) >= 2
"""

NAMES = "import numpy as np\nimport matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nfrom tqdm import tqdm\n"


def snippets(table: str) -> list[str]:
    """The bodies of a table: those lines that are indented belong to the one before."""
    found: list[str] = []
    for line in table.splitlines():
        if line.startswith("    ") and found:
            found[-1] += f"\n{line[4:]}"
        else:
            found.append(line)
    return found


ALL = [*snippets(BARS), *snippets(PICTURES)]


def numbered(bodies: list[str]) -> str:
    """Functions f0, f1, …, each with one of the bodies."""
    return NAMES + "".join(f"\n\ndef f{k}():\n    plt.close('all')\n" + textwrap.indent(body, "    ") for k, body in enumerate(bodies))


@pytest.fixture(scope="module")
def real() -> list[float]:
    """What the bodies give with the real libraries."""
    program = f"{numbered(ALL)}\n\nimport os, sys\nout = os.fdopen(os.dup(1), 'w')\nsys.stdout = sys.stderr\nfor k in range({len(ALL)}):\n" \
              "    try:\n        print(float(globals()[f'f{k}']()), file=out)\n" \
              "    except Exception as error:\n        print('error', k, repr(error), file=out)\n"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert not [line for line in lines if line.startswith("error")]
    return list(map(float, lines))


@pytest.fixture(scope="module", params=LEVELS)
def stand_in(request) -> list[object]:
    """What they give in the sandbox, or the exception."""
    body = f"""\
from cs231n_utils import bodies
results = []
for k in range({len(ALL)}):
    try:
        results.append(float(getattr(bodies, f"f{{k}}")()))
    except Exception as error:
        results.append(repr(error))
return results
"""
    with sandbox(request.param) as zygote:
        one = student(zygote, body, bodies=numbered(ALL))
        try:
            return one.rel_error()
        finally:
            one.close()


@pytest.mark.parametrize("number", range(len(ALL)), ids=[body[:60].encode("ascii", "replace").decode() for body in ALL])
def test_code_that_draws_or_counts_gives_the_same_number(real, stand_in, number):
    assert stand_in[number] == real[number], ALL[number]
