"""BabyAI: instructions in a grid world of rooms, played with text and macro actions, on minigrid's levels."""
