import array
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction

_l1, _l2, _elastic = l1_penalty, l2_penalty, elastic_net_penalty
Penalty = namedtuple("Penalty", "R dR")


class Number(float):
    def __float__(self):
        raise TypeError("ask my value")


def l2_penalty(W):
    R, dR = _l2(W)
    return Penalty(Fraction(float(R)), memoryview(dR))


def l1_penalty(W):
    R, dR = _l1(W)
    return [Decimal(float(R)), array.array("d", dR) if dR.ndim == 1 else np.ma.masked_array(dR)]


def elastic_net_penalty(W, beta):
    R, dR = _elastic(W, beta)
    return Penalty(Number(R), dR.view(np.recarray))
