"""Official benchmark data: where it lies and how files come there. Generated tasks need none of this.

Nothing here knows a benchmark: what a benchmark's files are and whether they are whole is in its engine's folder, in
``download`` and ``official``. In the order of reading:

* `agemem_env.data.locate`: the folders for data and for what can be made again.
* `agemem_env.data.files`: files that are there as a whole or not at all.
* `agemem_env.data.download`: downloads that are resumed and checked.
* `agemem_env.data.datasets`: which benchmarks have something to download; imported when it is asked for.

Two modules are about what else lies outside of the package:

* `agemem_env.data.loading`: what users name by ``module:Name``.
* `agemem_env.data.environment`: environment variables.
"""

from agemem_env.data.locate import data_folder, data_root

__all__ = ["data_folder", "data_root"]
