"""Official benchmark data: where it lives (`data_root`), and how it gets there (`agemem_env.data.datasets`).

Generated tasks need none of this.
"""

from agemem_env.data.locate import data_root

__all__ = ["data_root"]
