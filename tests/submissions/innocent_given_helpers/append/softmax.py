from cs231n_utils.check import check
from cs231n_utils.linear_svm import svm_loss_naive as _svm  # noqa: F401

if __name__ == "__main__":
    check("softmax_loss_naive")
