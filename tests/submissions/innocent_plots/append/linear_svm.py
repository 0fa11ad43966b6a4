import matplotlib
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib import cm
from tqdm.auto import tqdm

matplotlib.use("Agg")
plt.rcParams["figure.figsize"] = (10.0, 8.0)
_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    fig, axes = plt.subplots(1, 2)
    axes[0].plot([loss for loss in tqdm(range(3))], color=cm.viridis(0.5))
    plt.show()
    display(fig)
    return _naive(W, X, y, reg)
