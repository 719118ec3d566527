"""ALFWorld: household tasks in a text world, on TextWorld's logic and ALFWorld's grammar."""
