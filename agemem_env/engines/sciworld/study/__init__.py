"""What is found out about a variation before it becomes a task, and where that is kept."""
