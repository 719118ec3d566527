"""Our engines beside the packages that they stand for: `side_by_side` is the method; one file per benchmark."""
