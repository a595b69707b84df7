"""A worker's job that ends the worker, in a module that is quick to import there."""

import os


def die(*_):
    os._exit(1)
