"""What training engines need of an episode. Each adapter is one file that imports its library when it is used."""
