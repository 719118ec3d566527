"""The comparisons of the paper, made with the embedded trainer: small tables of runs beside what the paper reports."""
