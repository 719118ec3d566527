"""The Java below ScienceWorld's simulator.

`jvm` is the virtual machine, one per process for all its simulators; `gateway` is the connection to it, which is
imported when a machine is started.
"""
