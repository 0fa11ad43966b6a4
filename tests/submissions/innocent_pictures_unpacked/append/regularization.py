import matplotlib.pyplot as plt
from tqdm.auto import tqdm

_l1, _l2 = l1_penalty, l2_penalty


class Panel(plt.Axes):
    name = "panel"

    def title_of(self, text):
        super().set_title(text)


def l2_penalty(W):
    R, dR = _l2(W)
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    (line,) = left.plot(np.ravel(W))
    counts, edges, patches = right.hist(np.ravel(W), bins=7)
    assert counts.sum() == W.size and len(edges) == len(patches) + 1 and len(line.get_ydata()) == W.size
    for ax in fig.axes:
        low, high = ax.get_ylim()
        ax.set_title(f"{R:.3f} of {low:.1f} to {high:.1f}")
    Panel(fig, (0, 0, 1, 1)).title_of("%d" % len(fig.axes))
    plt.close(fig)
    return R, dR


def l1_penalty(W):
    fig, axes = plt.subplots(2, 3)
    for k, (ax, colour) in enumerate(zip(axes.flat, plt.cm.viridis(np.linspace(0, 1, 6)))):
        ax.bar(range(3), [k, 1, 2], color=colour)
    R, dR = _l1(W)
    return R * (k + 1) / len(axes.ravel()), dR


def elastic_net_penalty(W, beta):
    R, dR = 0.0, np.zeros_like(W)
    with tqdm(total=W.size, leave=False) as bar:
        for place in np.ndindex(W.shape):
            R += beta * W[place] ** 2 + abs(W[place])
            dR[place] = 2 * beta * W[place] + np.sign(W[place])
            bar.update()
            bar.set_postfix(R=R)
        return R * bar.n / W.size, dR
