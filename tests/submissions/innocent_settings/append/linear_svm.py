import os
import random
import sys
import warnings

np.set_printoptions(precision=2, suppress=True)
np.seterr(all="ignore")
np.random.seed(231)
random.seed(231)
sys.setrecursionlimit(5_000)
os.environ["OMP_NUM_THREADS"] = "4"
warnings.filterwarnings("ignore")
os.chdir(os.path.dirname(os.path.abspath(__file__)))
