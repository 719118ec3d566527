"""What training engines need of an episode. Each adapter imports its library when it is used."""
