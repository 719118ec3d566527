"""Where episodes are played: in this process, in worker processes, on the nodes of a Ray cluster."""
