"""What is found out about a world before it becomes a task: its solution, and what of it is hidden."""
