"""The one list of what grading has and has not, for the kit and for grading; and how long an import
may take.
"""

from __future__ import annotations

PYTHON = (3, 11)  # the oldest that the kit and grading run on
# Seconds of computing, and by the clock, that importing a file or calling a function may take.
CPU_SECONDS, WALL_SECONDS = 3.0, 10.0

INSTALLED = ("numpy",)  # beside Python's own modules
# Libraries of pictures and progress bars: grading has stand-ins for them that show nothing.
PICTURES = (
    "matplotlib",
    "mpl_toolkits",
    "pylab",
    "matplotlib_inline",
    "cycler",
    "IPython",
    "ipywidgets",
    "seaborn",
    "tqdm",
)
HAS = "Python's own modules and NumPy"
PROMISE = (
    f"Grading runs Python {PYTHON[0]}.{PYTHON[1]} or newer, its standard library and NumPy: an"
    " import of another library (SciPy, pandas, PyTorch, …) does no harm there, but a function that"
    " uses it fails, and `check` says so."
)
LIMITS = (
    f"Importing a file, or calling a function, may take {CPU_SECONDS:g} seconds of computing and"
    f" {WALL_SECONDS:g} seconds by the clock."
)

# Libraries that are known by name, so that none is taken for a misspelled file.
_NAMES = """
    IPython PIL Levenshtein OpenGL absl accelerate aiohttp albumentations altair apex arviz astropy
    attr attrs autograd autokeras av bokeh boto3 bottleneck bs4 caffe caffe2 catboost chainer click
    cloudpickle cobra colorama coloredlogs cupy cv2 cvxopt cvxpy cython Cython dash dask datasets
    deap diffusers dill django docopt dotenv easydict einops emcee fastai fastapi faiss fire flask
    flax fsspec gensim geopandas gluon google graphviz gym gymnasium h5py haiku holoviews
    huggingface_hub hydra hyperopt hypothesis igraph imageio imgaug imblearn imutils ipdb ipykernel
    ipympl jax jaxlib jaxtyping jinja2 joblib jsonlines jupyter kaggle keras keras_tuner kornia
    lasagne librosa lightgbm lightning line_profiler lmdb loguru lxml mahotas mediapipe
    memory_profiler mlflow mlxtend mmcv moviepy mpmath mpi4py msgpack munkres mxnet natsort nbformat
    netCDF4 networkx nevergrad nibabel nltk notebook numba numexpr nvidia ok okpy omegaconf onnx
    onnxruntime opencv openai openpyxl optax optuna orjson ortools otter paddle pandas
    pandas_profiling patsy peft pexpect pil plotly plotnine polars pprintpp prettytable progressbar
    psutil pudb pyarrow pybind11 pycuda pydantic pydot pygame pyglet pylearn2 pymc pymc3 pynvml
    pyopencl pyparsing pyqtgraph pyro pyspark pystan pytest pytorch_lightning pytz pywt pyximport
    ray regex requests rich ripser ruamel sacred safetensors scikitplot scipy seaborn
    sentencepiece setuptools shap simplejson skimage sklearn skorch sktime sonnet soundfile spacy
    sqlalchemy statsmodels streamlit sympy tables tabulate tensorboard tensorboardX tensorflow
    tensorflow_datasets tensorflow_probability termcolor theano thop threadpoolctl tifffile timm
    toolz torch torchaudio torchinfo torchmetrics torchsummary torchtext torchvision torchviz
    tornado
    tqdm traitlets transformers trax triton trimesh typeguard typing_extensions ujson umap wandb
    wordcloud xarray xgboost xlrd yacs yaml zarr zmq
    """
KNOWN = frozenset(_NAMES.split())
