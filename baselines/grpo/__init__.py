"""Step-wise GRPO (Eq. 5 and 6 of the paper): the algebra as functions of arrays, and what trains policies with it."""
