import os
import tempfile

_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    loss, dW = _naive(W, X, y, reg)
    with tempfile.TemporaryDirectory() as folder:
        np.save(os.path.join(folder, "dW.npy"), dW)
        dW = np.load(os.path.join(folder, "dW.npy"))
    np.savez("last.npz", dW=dW)
    with open("log.txt", "a") as file:
        print(loss, file=file)
    return loss, dW
