"""Plans of the generated problems, which come with the package, and how they are made."""
