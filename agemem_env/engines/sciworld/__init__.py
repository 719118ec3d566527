"""AgeMem-SciWorld: thirty families of elementary science experiments in ScienceWorld's simulator."""
