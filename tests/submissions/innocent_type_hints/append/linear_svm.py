import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class _Loss:
    value: float
    gradient: "np.ndarray"


_naive = svm_loss_naive


def svm_loss_naive(W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> typing.Tuple[float, "NotDefined"]:  # noqa: F821
    loss: _Loss = _Loss(*_naive(W, X, y, reg))
    return loss.value, loss.gradient
